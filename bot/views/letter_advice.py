"""How to write a first letter, and safely: the one place that says so, on screens and on paper."""

from markupsafe import Markup

from bot.callbacks import OpenAddress, SendAddress
from bot.i18n import _
from bot.keyboards import back_to, button, keyboard
from bot.screen import Screen
from bot.views.parts import blocks, bold, lines


def advice(came_from: OpenAddress) -> Screen:
    text = blocks(
        [
            listed(_("💡 A first letter"), how_to_begin()),
            listed(_("🛡 Safely"), how_to_be_safe()),
        ]
    )
    print_it = button(_("🖨 Print with the address"), SendAddress(**came_from.model_dump()))
    return Screen(text, keyboard([print_it], back_to(_("Address"), came_from)))


def listed(heading: str, advice: list[str]) -> Markup:
    return lines([bold(heading), *(f"• {line}" for line in advice)])


def how_to_begin() -> list[str]:
    return [
        _("Say who you are and how you heard of them. You need not know each other."),
        _("Write of ordinary things: your day, the weather, a book. That is what is missed there."),
        _("Ask a question or two: then it is easy to answer."),
        _("For an answer put in an envelope and stamps, where the rules allow it."),
        _("Date and number your letters: so it shows if one is lost."),
        _("Answers take weeks, and some never arrive. Write again all the same."),
    ]


def how_to_be_safe() -> list[str]:
    """The first of them stands beside every address."""
    return [
        _("A censor reads every letter: nothing about this case or others."),
        _("No cipher, no hints, no plans: what the censor dislikes is cut out."),
        _("Name nobody who could be harmed by it, such as others who help."),
        _(
            "The prison sees your return address: give it only if you want an answer. A "
            "post-office box or an electronic service shows less of you."
        ),
        _("Put in nothing but paper, unless the rules there allow more."),
    ]
