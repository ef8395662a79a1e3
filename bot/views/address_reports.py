"""What is wrong with an address: one question."""

from markupsafe import Markup

from bot.callbacks import OpenAddress, ReportAddress
from bot.i18n import _
from bot.keyboards import back_to, button, keyboard
from bot.screen import Screen
from bot.views.parts import blocks, bold, lines, person
from models import Defendant, Trouble


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


def to_owners(defendant: Defendant, said: Trouble) -> Screen:
    """Once of each address and trouble."""
    text = blocks(
        [
            bold(_("⚠️ Somebody says that an address is wrong")),
            lines([person(defendant), trouble(said)]),
            _("Please check it and confirm it anew: until then everybody is given this address."),
        ]
    )
    return Screen(text, keyboard([button(_("✉️ The address"), OpenAddress(id=defendant.id))]))


def enough() -> str:
    return _("So many in one day, thank you! The organisers check them. Tell of more tomorrow.")
