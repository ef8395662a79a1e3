"""Advice to whoever writes for the first time."""

from bot.callbacks import OpenAddress
from bot.i18n import _
from bot.keyboards import back_to, keyboard
from bot.screen import Screen
from bot.views.parts import blocks, bold, lines


def first_letter(came_from: OpenAddress) -> Screen:
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
        _("Put in paper, an envelope and stamps, where the rules allow it."),
        _("Date and number your letters: so it shows if one is lost."),
        _("Answers take weeks, and some never arrive. Write again all the same."),
    ]


def how_to_be_safe() -> list[str]:
    return [
        _("The censor reads all of it: nothing about the case, the investigation, or other cases."),
        _("No names of others who help, no plans, no cipher or hints."),
        _(
            "A return address is needed for an answer, and the prison sees it. A post-office box "
            "or an electronic service shows less of you."
        ),
    ]
