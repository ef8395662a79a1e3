"""What needs a hand at the desk."""

from datetime import datetime

from markupsafe import Markup

from bot.callbacks import (
    OpenAttention,
    OpenDocket,
    OpenPeople,
    OpenProposals,
    OpenReported,
    SetSummary,
)
from bot.i18n import _, ngettext, weekday
from bot.keyboards import Button, Row, below, button, columns, keyboard
from bot.screen import Screen
from bot.services.attention import Attention
from bot.services.rights import Action, may
from bot.views.desk import to_desk
from bot.views.parts import blocks, bold, lines
from models import Role

HOUR = 9
Line = tuple[str, int, Action]


def told(found: Attention) -> list[Line]:
    """What harms most comes first: words, how many, and who may do something about it."""
    return [
        (wrong(found.wrong), found.wrong, Action.CUSTODY),
        (addresses(found.addresses), found.addresses, Action.CUSTODY),
        (soon(found.soon), found.soon, Action.HEARINGS),
        (unknown(found.unknown), found.unknown, Action.HEARINGS),
        (put_off(found.put_off), found.put_off, Action.HEARINGS),
        (routes(found.routes), found.routes, Action.ROUTES),
        (proposals(found.proposals), found.proposals, Action.SECOND),
    ]


def doors(found: Attention, role: Role) -> list[Button]:
    """To where it is done."""
    hearings = found.soon + found.unknown + found.put_off
    each = [
        (_("⚠️ Wrong addresses"), found.wrong, Action.CUSTODY, OpenReported()),
        (_("📍 Where people are"), found.addresses, Action.CUSTODY, OpenPeople()),
        (_("🗓 Hearings"), hearings, Action.HEARINGS, OpenDocket()),
        (_("👀 Proposals"), found.proposals, Action.SECOND, OpenProposals()),
    ]
    return [button(label, to) for label, number, who, to in each if number and may(role, who)]


def number_for(role: Role, found: Attention) -> int:
    return sum(number for _words, number, who in told(found) if may(role, who))


def attention(found: Attention, role: Role, summary: bool) -> Screen:
    mine = [words for words, number, who in told(found) if number and may(role, who)]
    nothing = None if mine else _("Nothing: all is as it should be.")
    label = _("🔔 Each day at {hour}: on") if summary else _("🔕 Each day at {hour}: off")
    switch = button(label.format(hour=f"{HOUR}:00"), SetSummary(on=not summary))
    text = blocks([bold(_("What needs a hand")), nothing, lines(mine)])
    rows = columns(doors(found, role), 2)
    return Screen(text, keyboard(*rows, [switch], to_desk()))


def summary(found: Attention, now: datetime) -> tuple[Markup, tuple[Row, ...]]:
    """The message of a day."""
    head = bold(_("☀️ What needs a hand, {day}").format(day=weekday(now.date())))
    all_of_it = [f"• {words}" for words, number, _who in told(found) if number]
    row: Row = [below(button(_("🔔 Open the list"), OpenAttention()))]
    return lines([head, *all_of_it]), (row,)


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
