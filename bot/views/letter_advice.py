"""How to write a first letter, and safely: the one place that says so, on screens and on paper."""

from bot.callbacks import OpenAddress
from bot.i18n import _
from bot.keyboards import back_to, keyboard
from bot.screen import Screen
from bot.views.parts import blocks, bold, lines


def advice(came_from: OpenAddress) -> Screen:
    text = blocks(
        [
            bold(_("💡 A first letter")),
            lines(f"• {line}" for line in how_to_begin()),
            bold(_("🛡 Safely")),
            lines(f"• {line}" for line in how_to_be_safe()),
        ]
    )
    return Screen(text, keyboard(back_to(_("Address"), came_from)))


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
