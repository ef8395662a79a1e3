"""The paid pace of a broadcast: what it costs, and what it saves (Bot API, sendMessage,
allow_paid_broadcast)."""

from datetime import timedelta
from math import ceil

from bot.callbacks import AskPace, AskToSend, OpenBroadcast, SetPace
from bot.config import FREE_RATE, PAID_RATE
from bot.i18n import _, ngettext, number, span
from bot.keyboards import Row, back_to, button, keyboard
from bot.screen import Screen
from bot.services.broadcasts import Card, Standing
from bot.views.parts import HOUR, blocks, bold, how_long, lines, people

MANY = 9300
"""Messages below which it saves less than five minutes."""


def to_pace(card: Card) -> Row:
    """Where it would save minutes, or is switched on."""
    is_offered = card.is_known and card.messages >= MANY
    if not card.to_go or not (is_offered or card.one.is_paid):
        return []
    label = _("🚀 Faster: switched on") if card.one.is_paid else _("🚀 Faster, for Stars")
    return [button(label, AskPace(id=card.one.id))]


def ask_pace(card: Card, toast: str | None = None, *, may_pay: bool, always: bool) -> Screen:
    """`always`: the bot's settings say so of every message."""
    wanted = _(
        "Telegram takes the Stars from the bot's balance. It wants 10,000 of them there, and "
        "100,000 people a month who use the bot; where it refuses, all goes on as before."
    )
    choice, why = pace_choice(card, may_pay=may_pay, always=always)
    text = blocks([bold(_("How fast?")), lines(compared(card)), wanted, why])
    return Screen(text, keyboard(choice, back(card)), toast=toast)


def compared(card: Card) -> list[str]:
    if not card.is_known:
        return [_("It is still being counted how many it reaches: look again in a minute.")]
    free, paid = (about(card.messages / rate) for rate in (FREE_RATE, PAID_RATE))
    is_to_come = card.one.notice_id is None
    return [
        _("For nothing: to {people}, time: about {time}.").format(
            people=people(card.to_go), time=free
        ),
        _("Faster: {price}, time: about {time}.").format(price=price(card), time=paid),
        *([_("That is for those whom it would reach now.")] if is_to_come else []),
        _("Answers, reminders and urgent messages that go out meanwhile cost as much."),
    ]


def back(card: Card) -> Row:
    """Where one came from."""
    if card.standing is Standing.DRAFT:
        return back_to(_("Back"), AskToSend(id=card.one.id, seen=card.one.edition))
    return back_to(_("Back"), OpenBroadcast(id=card.one.id))


def pace_choice(card: Card, *, may_pay: bool, always: bool) -> tuple[Row, str | None]:
    """Or why there is none."""
    here = {"id": card.one.id, "seen": card.one.edition}
    if always:
        return [], _("The bot's settings pay for every message already (PAID_BROADCAST).")
    if not may_pay:
        return [], _("An owner decides that, for it costs Stars.")
    if card.one.is_paid:
        return [button(_("🐢 Back to the free pace"), SetPace(**here))], None
    if not card.is_known:
        return [], None
    pay = _("🚀 Faster, {price}").format(price=price(card))
    return [button(pay, SetPace(**here, stars=card.stars))], None


def price(card: Card) -> str:
    most = card.stars
    return ngettext("at most {n} Star", "at most {n} Stars", most).format(n=number(most))


def about(seconds: float) -> str:
    minutes = timedelta(minutes=ceil(seconds / 60))
    return span(minutes) if minutes < HOUR else how_long(minutes)


def pace(card: Card) -> str | None:
    if not card.one.is_paid or not card.to_go:
        return None
    if not card.is_paid:
        return _("🐢 Telegram does not take it faster: it goes on at the free pace.")
    if not card.is_known:
        return _("🚀 Faster, for Stars.")
    return _("🚀 Faster, for {price}.").format(price=price(card))


def is_set(*, paid: bool) -> str:
    return _("🚀 It will go faster.") if paid else _("🐢 It will go at the free pace.")
