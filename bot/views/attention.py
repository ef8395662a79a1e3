"""What needs a hand at the desk."""

from datetime import datetime

from markupsafe import Markup

from bot.callbacks import (
    OpenAttention,
    OpenDocket,
    OpenPanic,
    OpenPeople,
    OpenProposals,
    OpenQuestions,
    OpenReported,
    SetSummary,
)
from bot.i18n import _, ngettext, weekday
from bot.keyboards import Button, Row, below, button, columns, keyboard
from bot.screen import Screen
from bot.services.attention import Attention, theirs
from bot.services.rights import Action, may
from bot.views.desk import is_stopped, to_desk
from bot.views.parts import blocks, bold, lines
from models import Role

HOUR = 9
Line = tuple[str, int]


def told(found: Attention) -> list[str]:
    """What harms most comes first."""
    each: list[Line] = [
        (is_stopped(), found.stopped),
        (wrong(found.wrong), found.wrong),
        (addresses(found.addresses), found.addresses),
        (soon(found.soon), found.soon),
        (unknown(found.unknown), found.unknown),
        (put_off(found.put_off), found.put_off),
        (routes(found.routes), found.routes),
        (proposals(found.proposals), found.proposals),
        (questions(found.questions), found.questions),
    ]
    return [words for words, number in each if number]


def doors(found: Attention) -> list[Button]:
    """To where it is done."""
    hearings = found.soon + found.unknown + found.put_off
    each = [
        (_("⚠️ Wrong addresses"), found.wrong, OpenReported()),
        (_("📍 Where people are"), found.addresses, OpenPeople()),
        (_("🗓 Hearings"), hearings, OpenDocket()),
        (_("👀 Proposals"), found.proposals, OpenProposals()),
        (_("💬 Questions"), found.questions, OpenQuestions()),
    ]
    return [button(label, to) for label, number, to in each if number]


def number_for(role: Role, found: Attention) -> int:
    return theirs(found, role).total


def attention(found: Attention, role: Role, summary: bool) -> Screen:
    mine = theirs(found, role)
    nothing = None if mine.total else _("Nothing: all is as it should be.")
    label = _("🔔 Each day at {hour}: on") if summary else _("🔕 Each day at {hour}: off")
    rights = found.stopped and may(role, Action.PANIC)
    panic = [button(_("🚨 Emergency"), OpenPanic())] if rights else []
    switch = button(label.format(hour=f"{HOUR}:00"), SetSummary(on=not summary))
    text = blocks([bold(_("What needs a hand")), nothing, lines(told(mine))])
    return Screen(text, keyboard(panic, *columns(doors(mine), 2), [switch], to_desk()))


def summary(found: Attention, now: datetime) -> tuple[Markup, tuple[Row, ...]]:
    """The message of a day."""
    head = bold(_("☀️ What needs a hand, {day}").format(day=weekday(now.date())))
    row: Row = [below(button(_("🔔 Open the list"), OpenAttention()))]
    return lines([head, *(f"• {words}" for words in told(found))]), (row,)


def wrong(n: int) -> str:
    said = ngettext("⚠️ {n} address is said to be wrong", "⚠️ {n} addresses are said to be wrong", n)
    return said.format(n=n)


def addresses(n: int) -> str:
    return ngettext("✉️ {n} address to confirm", "✉️ {n} addresses to confirm", n).format(n=n)


def soon(n: int) -> str:
    said = ngettext(
        "⏰ {n} hearing within 3 days, not confirmed",
        "⏰ {n} hearings within 3 days, not confirmed",
        n,
    )
    return said.format(n=n)


def unknown(n: int) -> str:
    said = ngettext("❓ {n} hearing: what came of it?", "❓ {n} hearings: what came of them?", n)
    return said.format(n=n)


def put_off(n: int) -> str:
    said = ngettext("⏸ {n} put off without a next date", "⏸ {n} put off without a next date", n)
    return said.format(n=n)


def routes(n: int) -> str:
    return ngettext("❤️ {n} way to pay to check", "❤️ {n} ways to pay to check", n).format(n=n)


def proposals(n: int) -> str:
    return ngettext("👀 {n} proposal to look at", "👀 {n} proposals to look at", n).format(n=n)


def questions(n: int) -> str:
    return ngettext("💬 {n} question to answer", "💬 {n} questions to answer", n).format(n=n)
