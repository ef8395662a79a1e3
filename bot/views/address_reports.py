"""What is wrong with an address: one question."""

from collections.abc import Sequence

from markupsafe import Markup

from bot.callbacks import OpenAddress, OpenPerson, ReportAddress
from bot.i18n import _
from bot.keyboards import Row, back_to, below, button, keyboard
from bot.screen import Screen
from bot.services.address_reports import Reported
from bot.views.desk import to_desk
from bot.views.parts import blocks, bold, lines, person
from models import Defendant, Trouble

MOST = 20
"""On one screen."""


def ask(defendant: Defendant, came_from: OpenAddress) -> Screen:
    question = _("What is wrong with the address of {name}? The organisers will check it.")
    text = Markup(question).format(name=bold(person(defendant)))
    rows = [
        [button(trouble(one), ReportAddress(**came_from.model_dump(), trouble=one))]
        for one in Trouble
    ]
    return Screen(text, keyboard(*rows, back_to(_("Address"), came_from)))


def trouble(one: Trouble) -> str:
    return {
        Trouble.CAME_BACK: _("↩️ My letter came back"),
        Trouble.MOVED: _("🚚 The person is elsewhere now"),
        Trouble.MISTAKE: _("✏️ There is a mistake in it"),
    }[one]


def noted() -> str:
    return _("Thank you! The organisers are told, but not who said so.")


def news(one: Reported) -> tuple[Markup, tuple[Row, ...]]:
    """Once of each address and trouble, to those who keep the facts."""
    text = blocks(
        [
            bold(_("⚠️ Somebody says that an address is wrong")),
            lines([person(one.defendant), trouble(one.trouble)]),
            _("Please check it and confirm it anew: until then everybody is given this address."),
        ]
    )
    row: Row = [below(button(_("✉️ The address"), OpenPerson(id=one.defendant.id)))]
    return text, (row,)


def unsettled(found: Sequence[Reported]) -> Screen:
    """At the desk; the most often said first."""
    found = found[:MOST]
    told = None if found else _("Nobody says so now.")
    each = lines(f"{person(one.defendant)}: {trouble(one.trouble)} × {one.times}" for one in found)
    those = list({one.defendant.id: one.defendant for one in found}.values())
    rows = [[button(person(one), OpenPerson(id=one.id))] for one in those]
    hint = _("To confirm the address anew settles it.") if found else None
    text = blocks([bold(_("Addresses that are said to be wrong")), told, each, hint])
    return Screen(text, keyboard(*rows, to_desk()))


def enough() -> str:
    return _("So many in one day, thank you! The organisers check them. Tell of more tomorrow.")
