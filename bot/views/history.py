"""What was changed, when and by whom."""

import json
from datetime import datetime, tzinfo
from typing import Any

from markupsafe import Markup

from bot.callbacks import AskToUndo, OpenChangeSet, OpenFacts, OpenHistory, SendHistory, Undo
from bot.i18n import _, date_time, time, zone_and_offset
from bot.keyboards import back_to, button, keyboard, pager
from bot.screen import Screen
from bot.services.campaign_file import CampaignFileError, Names, Plan
from bot.services.campaign_file.merge import changes
from bot.services.history import ChangeSet
from bot.services.pages import Page
from bot.views import campaign_file as words_of_file
from bot.views import words
from bot.views.campaign_file import terms
from bot.views.desk import to_desk
from bot.views.parts import beginning, blocks, bold, clipped, is_other_year, lines
from models import HistoryEntry, Via

BRIEFLY = 130
"""Characters of a change in the list."""


def history(
    found: Page[ChangeSet], now: datetime, may_export: bool, toast: str | None = None
) -> Screen:
    """A number a change: its words would not fit on a button."""
    nothing = _("Nothing was changed yet.")
    page = found.number
    told = lines(f"{n}. {line(one, now)}" for n, one in enumerate(found.items, 1)) or nothing
    each = [
        button(str(n), OpenChangeSet(version=one.version, page=page))
        for n, one in enumerate(found.items, 1)
    ]
    turn = pager(page, found.pages, OpenHistory(page=max(page - 1, 0)), OpenHistory(page=page + 1))
    export = (
        [button(_("📥 All of it as a table"), SendHistory())] if may_export and found.items else []
    )
    text = blocks([bold(_("What was changed")), told])
    return Screen(text, keyboard(each, turn, export, to_desk()), toast=toast)


def table_caption() -> Markup:
    return Markup(_("Every change since the beginning. Keep it like the campaign file: safe."))


def columns() -> list[str]:
    return [
        _("When"),
        _("By whom"),
        _("What"),
        _("Slug"),
        _("Name"),
        _("Key"),
        _("Before"),
        _("Afterwards"),
    ]


def table_rows(one: HistoryEntry, called: str | None, zone: tzinfo | None) -> list[list[str]]:
    """A row for each key that changed, with what a campaign file says of it."""
    at = one.at.astimezone(zone).isoformat(" ", "seconds")
    about = [
        at,
        by_whom(one, called),
        terms.kinds()[one.kind],
        one.slug,
        words_of_file.text_of(one.name),
    ]
    return [
        [*about, each.key, as_written(each.before), as_written(each.after)]
        for each in changes(one.before or {}, one.after or {})
    ]


def as_written(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def line(one: ChangeSet, now: datetime) -> str:
    local = one.first.at.astimezone(now.tzinfo)
    return f"{day_of(local, now)} {time(local)} · {clipped(briefly(one), BRIEFLY)}"


def day_of(local: datetime, now: datetime) -> str:
    return f"{local:%d.%m.%Y}" if is_other_year(local, now) else f"{local:%d.%m}"


def briefly(one: ChangeSet) -> str:
    back = "↩️ " if one.first.via == Via.UNDO else ""
    if one.counts:
        return back + words_of_file.counted(one.counts)
    return back + words_of_file.briefly(one.differences, one.names)


def change_set(
    one: ChangeSet, page: int, now: datetime, sees_names: bool, may_undo: bool
) -> Screen:
    """`sees_names`: an owner does."""
    local = one.first.at.astimezone(now.tzinfo)
    moment = f"{date_time(local)} ({zone_and_offset(local)})"
    how = words_of_file.called(one.names)
    told = beginning(words_of_file.differences(one.differences, one.counts, how))
    text = blocks([bold(moment), by_whom(one.first, one.called if sees_names else None), told])
    undo = [button(_("↩️ Undo"), AskToUndo(version=one.version, page=page))] if may_undo else []
    return Screen(text, keyboard(undo, back_to(_("All changes"), OpenHistory(page=page))))


def by_whom(one: HistoryEntry, called: str | None) -> str:
    """`called`: to others than owners a role says it, and no name."""
    role = words.role(one.role) if one.role else None
    how = {
        Via.COMMAND_LINE: _("by a file, on the server"),
        Via.FILE: _("by a file"),
        Via.DESK: _("at the desk"),
        Via.UNDO: _("undone"),
    }[Via(one.via)]
    return ", ".join(part for part in (called, role, how, seconded(one)) if part)


def seconded(one: HistoryEntry) -> str | None:
    if one.second_role:
        return _("accepted by: {role}").format(role=words.role(one.second_role))
    return _("by one alone, four eyes are off") if one.alone else None


def ask_to_undo(one: ChangeSet, back: Plan, names: Names, page: int) -> Screen:
    how = words_of_file.called(names)
    told = [
        bold(_("Put it back as it was?")),
        beginning(words_of_file.differences(back.differences, how=how)),
        _("Whoever was told of it is told of this, too."),
        None if back.is_slip else unconfirmed(one),
    ]
    yes = button(_("Yes, undo"), Undo(version=one.version, page=page, slip=back.is_slip))
    no = button(_("No"), OpenChangeSet(version=one.version, page=page))
    return Screen(blocks(told), keyboard([yes, no]))


def unconfirmed(one: ChangeSet) -> str | None:
    """What only comes with it goes, and nothing of it comes back."""
    if all(each.before is None for each in one.entries):
        return None
    return _("⚠️ What changes back is not confirmed until somebody confirms it: do so at once.")


def not_as_a_whole(one: ChangeSet, page: int) -> Screen:
    """All that there is refers to the organisation, which stays."""
    told = _("The first file cannot be undone as a whole: take things out one by one.")
    rows = [
        [button(_("✍️ Facts"), OpenFacts())],
        back_to(_("The change"), OpenChangeSet(version=one.version, page=page)),
    ]
    return Screen(Markup("{}").format(told), keyboard(*rows))


def nothing_to_undo(one: ChangeSet, page: int) -> Screen:
    """A word that was withdrawn: what it was about stayed as it was."""
    told = _("Only a confirmation went with it. It comes back when somebody confirms it anew.")
    back = back_to(_("The change"), OpenChangeSet(version=one.version, page=page))
    return Screen(Markup("{}").format(told), keyboard(back))


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
