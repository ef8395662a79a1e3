"""What is wrong with an address: one question."""

from markupsafe import Markup

from bot.callbacks import OpenAddress, ReportAddress
from bot.i18n import _
from bot.keyboards import back_to, button, keyboard
from bot.screen import Screen
from bot.views.parts import bold, person
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


def enough() -> str:
    return _("So many in one day, thank you! The organisers check them. Tell of more tomorrow.")
