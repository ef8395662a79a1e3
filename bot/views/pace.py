"""The paid pace of a broadcast: what it costs, and what it saves (Bot API, sendMessage,
allow_paid_broadcast)."""

from datetime import timedelta
from math import ceil

from bot.callbacks import AskPace, OpenBroadcast, SetPace
from bot.i18n import _, ngettext, number, span
from bot.keyboards import Row, back_to, button, keyboard
from bot.screen import Screen
from bot.services.broadcasts import Card
from bot.views.parts import HOUR, blocks, bold, how_long, lines, people

FREE, PAID = 30, 1000
"""Messages a second that Telegram takes (core.telegram.org/bots/faq#broadcasting-to-users)."""
A_STAR = 10
"""Messages are sent for it."""
MANY = 2000
"""People below whom it saves but a minute."""


def to_pace(card: Card) -> Row:
    """Where it would save minutes, or is switched on."""
    if not card.to_go or (card.to_go < MANY and not card.one.is_paid):
        return []
    label = _("🚀 Faster: switched on") if card.one.is_paid else _("🚀 Faster, for Stars")
    return [button(label, AskPace(id=card.one.id))]


def ask_pace(card: Card, *, may_pay: bool, always: bool) -> Screen:
    """`always`: the bot's settings say so of every message."""
    free, paid = (about(card.to_go / rate) for rate in (FREE, PAID))
    told = [
        _("For nothing: to {people} in about {time}.").format(people=people(card.to_go), time=free),
        _("Faster: in about {time}, for {price}.").format(time=paid, price=price(card)),
    ]
    wanted = _(
        "Telegram takes the Stars from the bot's balance. It wants 10,000 of them there, and "
        "100,000 people a month who use the bot; where it refuses, all goes on as before."
    )
    choice, why = pace_choice(card, may_pay=may_pay, always=always)
    text = blocks([bold(_("How fast?")), lines(told), wanted, why])
    return Screen(text, keyboard(choice, back_to(_("Back"), OpenBroadcast(id=card.one.id))))


def pace_choice(card: Card, *, may_pay: bool, always: bool) -> tuple[Row, str | None]:
    """Or why there is none."""
    if always:
        return [], _("The bot's settings pay for every message already (PAID_BROADCAST).")
    if not may_pay:
        return [], _("An owner decides that, for it costs Stars.")
    if card.one.is_paid:
        free = SetPace(id=card.one.id, paid=False)
        return [button(_("🐢 Back to the free pace"), free)], None
    pay = _("🚀 Pay {price}").format(price=price(card))
    return [button(pay, SetPace(id=card.one.id, paid=True))], None


def price(card: Card) -> str:
    most = ceil(card.to_go / A_STAR)
    return ngettext("at most {n} Star", "at most {n} Stars", most).format(n=number(most))


def about(seconds: float) -> str:
    minutes = timedelta(minutes=ceil(seconds / 60))
    return span(minutes) if minutes < HOUR else how_long(minutes)


def pace(card: Card) -> str | None:
    if not card.one.is_paid or not card.to_go:
        return None
    if not card.is_paid:
        return _("🐢 Telegram does not take it faster: it goes on at the free pace.")
    return _("🚀 Faster, for {price}.").format(price=price(card))
