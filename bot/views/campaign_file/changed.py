"""What a campaign file changes, in words: plain text, for chat and terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from babel.dates import format_date, format_datetime

from bot.i18n import _, language, ngettext
from bot.services.campaign_file import Change, Difference
from bot.services.campaign_file.merge import changes
from bot.services.history import Counts
from bot.views.campaign_file import terms

VALUE_LENGTH = 80
NAMED = 5
"""So many added things of a kind are named, so many new items of a list."""
COUNTED = 2
"""Of more entries that go or come the number is told."""
LINES = 25
"""So many changed things of a kind are told one by one."""


def differences(found: Sequence[Difference], counts: Counts | None = None) -> str:
    """How much of what changes, then what exactly; first what harms when it is wrong.

    `counts`: these are but the first of so many.
    """
    if not found:
        return _("Nothing changes.")
    ranked = sorted(found, key=_rank)
    lines = [counted(counts), "", _("The first of them:")] if counts else [summary(ranked), ""]
    for _rank_of_group, group in groupby(ranked, key=_rank):
        lines += _group(list(group))
    return "\n".join(lines)


def summary(found: Iterable[Difference]) -> str:
    """ "2 hearings added, 1 address changed"."""
    return counted(Counter((each.subject, each.how) for each in found))


def counted(counts: Counts) -> str:
    return ", ".join(_count(subject, how, n) for (subject, how), n in counts.items())


def briefly(found: Sequence[Difference]) -> str:
    """As the label of a button: of a single thing its name."""
    if len(found) > 1:
        return summary(found)
    [one] = found
    return f"{terms.kinds()[one.kind]} {_said(one.name) or one.slug}"


ORDER = (
    "address",
    "donation_route",
    "hearing",
    "event",
    "fundraiser",
    "letter_goal",
    "defendant",
    "case",
    "facility",
    "court",
    "organisation",
)


def _rank(difference: Difference) -> tuple[int, int]:
    how = ("changed", "removed", "added").index(difference.how)
    return ORDER.index(difference.subject), how


def _count(subject: str, how: str, n: int) -> str:
    say = {"added": terms.added, "changed": terms.changed, "removed": terms.removed}[how]
    return say(subject, n).format(n=n)


def _group(group: list[Difference]) -> list[str]:
    kind, how = group[0].kind, group[0].how
    if how != "changed":
        names = _folded([_named(each) + _when_and_where(each) for each in group])
        return [f"{_count(kind, how, len(group))}: {names}"]
    lines = [_change_of(each) for each in group[:LINES]]
    more = len(group) - LINES
    return [*lines, _("… and {n} more").format(n=more)] if more > 0 else lines


def _change_of(difference: Difference) -> str:
    label = f"{terms.kinds()[difference.kind]} {_named(difference)}"
    return f"{label}: " + "; ".join(change(difference.kind, each) for each in difference.changes)


def _named(difference: Difference) -> str:
    name = _said(difference.name)
    return f"{difference.slug} ({name})" if name else difference.slug


def _when_and_where(difference: Difference) -> str:
    """Of a new hearing: by the court's clock. Of what repeats, also how often."""
    facts = {change.key: change.after for change in difference.changes}
    if not facts or not difference.added:
        return ""
    at = _value(difference.kind, "starts_at", facts["starts_at"])
    rest = facts["court"] if difference.kind == "hearing" else _rhythm(facts["repeats"])
    return f" ({at} {facts['timezone']}, {rest})"


def change(kind: str, one: Change) -> str:
    """ "room 12 → 4"."""
    if (kind, one.key) == ("defendant", "case"):
        moved = _("moves from case {before} to case {after}")
        return moved.format(before=one.before, after=one.after)
    root, _dot, rest = one.key.partition(".")
    label = terms.keys().get(root, root) + (f" ({_part(rest)})" if rest else "")
    if isinstance(one.before, list) or isinstance(one.after, list):
        return f"{label} {_list_change(kind, root, one.before or [], one.after or [])}"
    key = one.key.rpartition(".")[2]
    return f"{label} {_value(kind, key, one.before)} → {_value(kind, key, one.after)}"


def _part(rest: str) -> str:
    return " ".join(terms.keys().get(key, key) for key in rest.split("."))


def _list_change(kind: str, key: str, before: Sequence[Any], after: Sequence[Any]) -> str:
    gone = [item for item in before if item not in after]
    new = [item for item in after if item not in before]
    if not gone and not new:
        return _("in another order")
    if len(gone) == len(new) == 1 and (head := _common(gone[0], new[0])):
        told = (change(kind, each) for each in changes(gone[0], new[0]))
        return f"{_value(kind, key, head)}: {', '.join(told)}"
    old, now = ([_value(kind, key, item) for item in some] for some in (gone, new))
    lists = f"{_folded(old) or '—'} → {_folded(now) or '—'}"
    if len(gone) + len(new) <= COUNTED:
        return lists
    return f"({_counted(len(gone), len(new))}) {lists}"


def _counted(gone: int, new: int) -> str:
    """ "5 entries go, 1 is new"."""
    parts = []
    if gone:
        parts.append(ngettext("{n} entry goes", "{n} entries go", gone).format(n=gone))
    if new:
        parts.append(ngettext("{n} is new", "{n} are new", new).format(n=new))
    return ", ".join(parts)


def _common(old: Any, new: Any) -> Any:
    """What two items begin with: then they are one, of which some parts change."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return None
    first, other = next(iter(old.items())), next(iter(new.items()))
    return first[1] if first == other else None


def _folded(items: Sequence[str]) -> str:
    shown = ", ".join(items[:NAMED])
    more = len(items) - NAMED
    return f"{shown} {_('and {n} more').format(n=more)}" if more > 0 else shown


def _value(kind: str, key: str, value: Any) -> str:
    text = _words(kind, key, value)
    return text if len(text) <= VALUE_LENGTH else f"{text[: VALUE_LENGTH - 1]}…"


def _words(kind: str, key: str, value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict) and key == "repeats":
        return _rhythm(value)
    if isinstance(value, dict):
        return ", ".join(_words("", part, value[part]) for part in value)
    if isinstance(value, list):
        return ", ".join(_words(kind, key, part) for part in value)
    if not isinstance(value, str):
        return str(value)
    return terms.value(kind, key, value) or _time(value)


def _rhythm(rule: dict[str, Any]) -> str:
    """ "every 2 weeks, until 30 Jun 2027, except on 7 Jan 2027"."""
    parts = [terms.value("event", "every", rule["every"]) or ""]
    if "until" in rule:
        parts.append(_("until {day}").format(day=_time(rule["until"])))
    if "except" in rule:
        days = _folded([_time(day) for day in rule["except"]])
        parts.append(_("except on {days}").format(days=days))
    return ", ".join(parts)


def _time(text: str) -> str:
    """Days and times in words; other texts as they are."""
    try:
        if len(text) == len("2026-12-03"):
            return str(format_date(date.fromisoformat(text), "d MMM y", locale=language()))
        at = datetime.fromisoformat(text) if text[10:11] == " " else None
    except ValueError:
        return " ".join(text.split())
    if at is None:
        return " ".join(text.split())
    return str(format_datetime(at, "d MMM y HH:mm", locale=language()))


def _said(texts: Any) -> str:
    """In the language spoken, else in the first one."""
    if isinstance(texts, dict):
        return str(texts.get(language()) or next(iter(texts.values()), ""))
    return str(texts or "")
