"""The desk of those who keep the facts."""

from datetime import datetime

from markupsafe import Markup

from bot.callbacks import (
    OpenAllFigures,
    OpenAttention,
    OpenBroadcasts,
    OpenCampaignFile,
    OpenDesk,
    OpenDocket,
    OpenFacts,
    OpenHistory,
    OpenMembers,
    OpenPanic,
    OpenPeople,
    OpenProposals,
    OpenQuestions,
)
from bot.i18n import _, date_time, ngettext
from bot.keyboards import Row, button, columns, keyboard, to_menu
from bot.screen import Screen
from bot.services.rights import Action, may
from bot.views import words
from bot.views.parts import blocks, bold, lines
from models import Role


def desk(
    role: Role,
    *,
    attention: int | None,
    proposed: int,
    unanswered: int,
    still: str | None,
) -> Screen:
    """How much needs a hand, waits for them to look at it; questions without an answer. `still`:
    that nothing is sent."""
    told = _("You are: {role}. What you change here is told at once to those whom it concerns.")
    alone = _("You are: {role}.")
    said = (alone if still else told).format(role=words.role(role))
    text = blocks([bold(_("The desk")), still, said])
    first = [button(to_attention(attention), OpenAttention())]
    rooms = [
        (Action.HEARINGS, button(_("🗓 Hearings"), OpenDocket())),
        (Action.CUSTODY, button(_("📍 Where people are"), OpenPeople())),
        (Action.TEXTS, button(_("✍️ Facts"), OpenFacts())),
        (Action.BROADCAST, button(_("📣 Broadcasts"), OpenBroadcasts())),
        (Action.SECOND, button(to_second(proposed), OpenProposals())),
        (Action.QUESTIONS, button(questions_label(unanswered), OpenQuestions())),
        (Action.FILE, button(_("📄 Campaign file"), OpenCampaignFile())),
        (Action.DESK, button(_("📊 Figures"), OpenAllFigures())),
        (Action.DESK, button(_("🕘 What was changed"), OpenHistory())),
        (Action.MEMBERS, button(_("👥 Who keeps the facts"), OpenMembers())),
    ]
    mine = columns([one for action, one in rooms if may(role, action)], 2)
    panic = [button(_("🚨 Emergency"), OpenPanic())] if may(role, Action.PANIC) else []
    return Screen(text, keyboard(first, *mine, panic, to_menu()))


def to_attention(number: int | None) -> str:
    """Nothing: nobody has looked how much it is."""
    if number is None:
        return _("🔔 What needs a hand")
    return _("🔔 Needs a hand: {n}").format(n=number) if number else _("🔔 Nothing needs a hand")


def to_second(proposed: int) -> str:
    return _("👀 To accept: {n}").format(n=proposed) if proposed else _("👀 Proposals")


def questions_label(unanswered: int) -> str:
    return _("💬 Questions") + (f" · {unanswered}" if unanswered else "")


def stands_still(since: datetime, now: datetime) -> str:
    told = _("✋ Nothing is sent since {moment}: an owner stopped it.")
    return told.format(moment=date_time(since.astimezone(now.tzinfo)))


def is_stopped() -> str:
    return _("✋ An owner stopped all sending.")


def to_desk() -> Row:
    return [button(_("‹ The desk"), OpenDesk()), *to_menu()]


# What its rooms say alike.


def changed_meanwhile() -> str:
    return _("It was changed meanwhile. This is how it is now.")


def way_to_pay(found: str) -> str:
    told = _(
        "“{found}” is a way to pay: it would stay in people's chats after it has lapsed. Please "
        "take it out and point to /donate instead: there everybody sees what is safe for them."
    )
    return told.format(found=found)


def no_second_owner() -> str:
    """Where a new coordinator waits for somebody who is not there."""
    return _(
        "⚠️ Nobody else is here to accept it. Whoever runs the bot can name a second owner in "
        "OWNERS, or switch this off with FOUR_EYES=off."
    )


def too_long(most: int) -> str:
    return _("That is too long: at most {n} characters.").format(n=most)


def wait_for_owner() -> str:
    """What is done is told later."""
    return _("✋ Sending is stopped: they are told when an owner lets it go on.")


def are_told(people: int, *, still: bool) -> Markup:
    """Before it is saved. `still`: nothing is sent."""
    if not people:
        return Markup(_("Nobody follows this yet: nobody is told."))
    told = ngettext("{n} person is told.", "{n} people are told.", people).format(n=people)
    return lines([told, wait_for_owner() if still else None])


def saved(*, still: bool) -> Markup:
    told = _("Saved. Followers are told within minutes; until then a slip can be undone unseen.")
    return done(_("Saved."), told, still=still)


def done(alone: str | Markup, told: str | Markup, *, still: bool) -> Markup:
    """`told`: with the promise that it is told by itself, which holds unless nothing is sent."""
    return blocks([bold(alone), wait_for_owner()]) if still else bold(told)
