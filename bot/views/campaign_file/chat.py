"""A campaign file sent to the desk: what it would change, page by page."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from bot.callbacks import ApplyFile, OpenCampaignFile, OpenFilePage, OpenHistory, SendExport
from bot.i18n import _
from bot.keyboards import Row, back_to, button, keyboard, pager
from bot.markup import clean, cutting_place, utf16
from bot.screen import Screen
from bot.services.campaign_file import CampaignFileError, Difference
from bot.views.campaign_file.changed import differences
from bot.views.campaign_file.mistakes import problems
from bot.views.desk import done, to_desk
from bot.views.parts import LONGEST, beginning, blocks, bold


def ask_for_file(why: str | None = None) -> Screen:
    text = blocks(
        [
            why,
            bold(_("Send the campaign file as a document.")),
            _("You see what it changes before anything does."),
        ]
    )
    export = [button(_("📤 The file as it is now"), SendExport())]
    return Screen(text, keyboard(export, to_desk()))


def no_document() -> str:
    return _("This is no document: attach the file with 📎.")


def too_large(most: int) -> Screen:
    """In bytes."""
    told = _("The file is too large: at most {n} MB. A larger one is imported on the server.")
    return Screen(Markup("{}").format(told.format(n=most // 2**20)), keyboard(cancel()))


def not_to_be_had() -> Screen:
    told = _("Telegram does not give me this file. Please send it again.")
    return Screen(Markup("{}").format(told), keyboard(cancel()))


def busy() -> Screen:
    told = _("Other large files are being read. Please try again in a minute.")
    return Screen(Markup("{}").format(told), keyboard(cancel()))


def what_is_wrong(error: CampaignFileError) -> Screen:
    told = _("Nothing was changed. Correct the file and send it again:")
    return Screen(blocks([bold(told), beginning(problems(error))]), keyboard(cancel()))


def what_changes(
    found: Sequence[Difference], page: int, here: ApplyFile, toast: str | None
) -> Screen:
    """`here`: the file, and of what facts these are the differences."""
    pages = parted(differences(found))
    page = min(page, len(pages) - 1)
    apply = [button(_("✅ Apply all of it"), here)] if found else []
    turn = pager(page, len(pages), OpenFilePage(page=max(page - 1, 0)), OpenFilePage(page=page + 1))
    text = blocks([bold(_("This would change")), pages[page]])
    return Screen(text, keyboard(turn, apply, cancel()), toast=toast)


def parted(text: str) -> list[str]:
    """Pages of whole lines; a line that is longer than a page goes on on the next one."""
    pages = [""]
    for line in (part for each in text.split("\n") for part in wrapped(clean(each, len(text) * 2))):
        if utf16(pages[-1]) + utf16(line) > LONGEST:
            pages.append("")
        pages[-1] += f"{line}\n"
    return pages


def wrapped(line: str) -> Iterator[str]:
    while utf16(line) > LONGEST:
        place = cutting_place(line, LONGEST)
        yield line[:place]
        line = line[place:].lstrip()
    yield line


def applied(found: Sequence[Difference], *, still: bool) -> Screen:
    told = _("Done. Those whom it concerns are told by themselves.")
    text = blocks([done(_("Done."), told, still=still), beginning(differences(found))])
    return Screen(text, keyboard([button(_("🕘 What was changed"), OpenHistory())], to_desk()))


def changed_meanwhile() -> str:
    return _("The file or the facts have changed meanwhile: look again.")


def cancel() -> Row:
    return back_to(_("Another file"), OpenCampaignFile())


def export_caption() -> Markup:
    return Markup(_("Every fact that the bot knows. Change it, and send it back."))
