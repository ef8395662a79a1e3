"""What was changed, when and by whom."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from bot.callbacks import AskToUndo, OpenChangeSet, OpenHistory, Undo
from bot.i18n import _, date_time, time, zone_and_offset
from bot.keyboards import back_to, button, keyboard, pager
from bot.screen import Screen
from bot.services.campaign_file import CampaignFileError, Difference
from bot.services.history import ChangeSet
from bot.services.pages import Page
from bot.views import campaign_file as words_of_file
from bot.views import words
from bot.views.desk import to_desk
from bot.views.parts import beginning, blocks, bold, lines
from models import HistoryEntry, Via


def history(found: Page[ChangeSet], now: datetime, toast: str | None = None) -> Screen:
    told = None if found.items else _("Nothing was changed yet.")
    page = found.number
    rows = [
        [button(label(one, now), OpenChangeSet(version=one.version, page=page))]
        for one in found.items
    ]
    turn = pager(page, found.pages, OpenHistory(page=max(page - 1, 0)), OpenHistory(page=page + 1))
    text = blocks([bold(_("What was changed")), told])
    return Screen(text, keyboard(*rows, turn, to_desk()), toast=toast)


def label(one: ChangeSet, now: datetime) -> str:
    local = one.first.at.astimezone(now.tzinfo)
    return f"{local:%d.%m} {time(local)} · {briefly(one)}"


def briefly(one: ChangeSet) -> str:
    if one.counts:
        return words_of_file.counted(one.counts)
    return words_of_file.briefly(one.differences)


def change_set(
    one: ChangeSet, page: int, now: datetime, sees_names: bool, may_undo: bool
) -> Screen:
    local = one.first.at.astimezone(now.tzinfo)
    moment = f"{date_time(local)} ({zone_and_offset(local)})"
    told = beginning(words_of_file.differences(one.differences, one.counts))
    text = blocks([bold(moment), lines([who(one, sees_names)]), told])
    undo = [button(_("↩️ Undo"), AskToUndo(version=one.version, page=page))] if may_undo else []
    return Screen(text, keyboard(undo, back_to(_("All changes"), OpenHistory(page=page))))


def who(one: ChangeSet, sees_names: bool) -> str:
    """To others than owners a role, not a name."""
    role = words.role(one.first.role) if one.first.role else None
    called = one.called if sees_names else None
    how = {
        Via.COMMAND_LINE: _("by a file, on the server"),
        Via.FILE: _("by a file"),
        Via.DESK: _("at the desk"),
        Via.UNDO: _("undone"),
    }[Via(one.first.via)]
    return ", ".join(part for part in (called, role, how, seconded(one.first)) if part)


def seconded(one: HistoryEntry) -> str | None:
    if one.second_role:
        return _("accepted by: {role}").format(role=words.role(one.second_role))
    return _("by one alone, four eyes are off") if one.alone else None


def ask_to_undo(one: ChangeSet, back: Sequence[Difference], page: int) -> Screen:
    asked = _("Undo it? Then this changes back, and those whom it concerns are told:")
    told = beginning(words_of_file.differences(back))
    unconfirmed = _("What changes back is not confirmed until somebody confirms it anew.")
    yes = button(_("Yes, undo"), Undo(version=one.version, page=page))
    no = button(_("No"), OpenChangeSet(version=one.version, page=page))
    return Screen(blocks([bold(asked), told, unconfirmed]), keyboard([yes, no]))


def changed_since(one: ChangeSet, later: int, page: int) -> Screen:
    told = _("Something of it was changed again since: undo that first.")
    rows = [
        [button(_("The later change"), OpenChangeSet(version=later, page=page))],
        back_to(_("All changes"), OpenHistory(page=page)),
    ]
    return Screen(Markup(told), keyboard(*rows))


def not_allowed(one: ChangeSet, error: CampaignFileError, page: int) -> Screen:
    told = _("It cannot be undone as it was:")
    text = blocks([bold(told), beginning(words_of_file.reasons(error))])
    back = back_to(_("The change"), OpenChangeSet(version=one.version, page=page))
    return Screen(text, keyboard(back))


def undone() -> str:
    return _("Undone")
