"""A broadcast that was sent is corrected, or recalled: what is asked."""

from collections.abc import Sequence

from markupsafe import Markup

from bot.callbacks import AskCorrection, Correct, OpenBroadcast, Recall
from bot.i18n import _, native_name, ngettext
from bot.keyboards import Button, Row, back_to, button, columns, keyboard
from bot.screen import Screen
from bot.services.broadcasts import Card, Standing, Version
from bot.views.broadcasts import by_two_first, known, room
from bot.views.parts import blocks, bold, people


def ask_which(card: Card) -> Screen:
    each: Sequence[Button] = [
        button(native_name(code), AskCorrection(**known(card), code=code))
        for code in card.one.versions
    ]
    return Screen(bold(_("Which version is wrong?")), keyboard(*columns(each, 2), cancel(card)))


def cancel(card: Card) -> Row:
    return back_to(_("Cancel"), OpenBroadcast(id=card.one.id))


def ask_correction(card: Card, code: str, why: str | None = None) -> Screen:
    version = Version.of_json(card.one.versions[code])
    asked = _("Send me how it should read in {language}.")
    kept = _("The picture or document stays, unless you send another one.")
    album = _("The pictures or documents of an album stay; only the text changes.")
    hints = {0: None, 1: kept}.get(len(version.media), album)
    text = blocks(
        [
            why,
            bold(asked.format(language=native_name(code))),
            hints,
            at_most(room(version.has_caption)),
        ]
    )
    return Screen(text, keyboard(cancel(card)))


def at_most(n: int) -> str:
    return ngettext("At most {n} character.", "At most {n} characters.", n).format(n=n)


def only_text() -> str:
    return _("Only its text can be changed: send me a text.")


def text_or_same() -> str:
    return _("Send me the text, or another picture or document with it.")


def ask_to_correct(card: Card, copies: int, proposed: str, *, by_two: bool) -> Screen:
    asked = _("Edit it for {people}? Above it stands as they will see it.")
    nobody = _("Nobody has it yet: those to come get it as above.")
    told = asked.format(people=people(copies)) if copies else nobody
    rest = card.counted.left if card.standing in (Standing.GOING, Standing.PAUSED) else 0
    more = _("Who is still to get it gets it corrected.") if rest and copies else None
    yes = button(_("✅ Yes, correct it"), Correct(**known(card), proposed=proposed))
    text = blocks([bold(told), more, by_two_first(card) if by_two else None])
    return Screen(text, keyboard([yes], cancel(card)))


def ask_to_recall(card: Card, copies: int) -> Screen:
    if not copies:
        told = _("It is too late: Telegram deletes nothing that is older than 48 hours.")
        return Screen(Markup(told), keyboard(cancel(card)))
    asked = _("Delete it in the chats of {people}?").format(people=people(copies))
    late = card.counted.sent - copies
    old = _("{people} keep it: Telegram deletes nothing older than 48 hours.")
    is_going = card.standing in (Standing.GOING, Standing.PAUSED)
    stops = _("It stops, and nobody else gets it.") if is_going else None
    text = blocks([bold(asked), stops, old.format(people=people(late)) if late > 0 else None])
    yes = button(_("🗑 Yes, recall it"), Recall(**known(card)))
    return Screen(text, keyboard([yes], cancel(card)))


def no_correction_now() -> str:
    return _("An owner stopped all sending: correct it when messages go out again, or recall it.")


def too_late_to_mend() -> str:
    return _("It is too long ago: it cannot be changed any more.")
