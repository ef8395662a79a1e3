"""What a campaign file changes, in words: plain text, for chat and terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from babel.dates import format_date, format_datetime

from bot.i18n import _, language, ngettext
from bot.services.campaign_file import Change, Difference
from bot.services.campaign_file.called import Names, reference
from bot.services.campaign_file.merge import changes
from bot.services.campaign_file.schema import Thing
from bot.services.history import Counts
from bot.views.campaign_file import terms

COUNTED = 2
"""Of more entries that go or come the number is told."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How much is told."""

    value: int = 80
    """Characters of each."""
    named: int = 5
    """So many added things of a kind, so many new items of a list."""
    lines: int = 25
    """So many changed things of a kind are told one by one."""
    names: Names | None = None
    """What things are called; nothing: by their slugs, as a file calls them."""


BRIEF = Manner()
WHOLE = Manner(value=10**6, named=10**6, lines=10**6)
"""For whoever answers for it: what is cut off could be anything."""


def differences(
    found: Sequence[Difference], counts: Counts | None = None, how: Manner = BRIEF
) -> str:
    """How much of what changes, then what exactly; first what harms when it is wrong.

    `counts`: these are but the first of so many.
    """
    if not found:
        return _("Nothing changes.")
    ranked = sorted(found, key=_rank)
    lines = [counted(counts), "", _("The first of them:")] if counts else [summary(ranked), ""]
    for _rank_of_group, group in groupby(ranked, key=_rank):
        lines += _group(list(group), how)
    return "\n".join(lines)


def summary(found: Iterable[Difference]) -> str:
    """ "2 hearings added, 1 address changed"."""
    return counted(Counter((each.subject, each.how) for each in found))


def counted(counts: Counts) -> str:
    return ", ".join(_count(subject, how, n) for (subject, how), n in counts.items())


def called(names: Names) -> Manner:
    """In a chat, where nobody knows the slugs."""
    return Manner(names=names)


def briefly(found: Sequence[Difference], names: Names) -> str:
    """In a list: "➕ Strike in the port and 2 more", "Ivan Lodkin: where held → free"."""
    first, how = min(found, key=_rank), Manner(value=SHORT, names=names)
    if len(found) > 1:
        return _("{name} and {n} more").format(name=_marked(first, how), n=len(found) - 1)
    if first.how != "changed":
        return _marked(first, how)
    name = _marked(first, how)
    told = [one for one in first.changes if one.key.partition(".")[0] not in UNTOLD]
    if not told or len(told) > FEW or any(one.key == "custody" for one in told):
        return f"{name}: {_keys(told or first.changes)}"
    return f"{name}: " + "; ".join(change(first.kind, one, how) for one in told)


def _keys(found: Iterable[Change]) -> str:
    roots = dict.fromkeys(one.key.partition(".")[0] for one in found)
    return ", ".join(terms.keys().get(root, root) for root in roots)


FEW, SHORT = 2, 24
"""So many changes are told with their values, of so many characters each."""
UNTOLD = ("confirmed_at", "checked_at", "source", "timezone")
"""Beside what else changes."""
MARKS = {"added": "➕ ", "changed": "", "removed": "➖ "}


def _marked(one: Difference, how: Manner) -> str:
    """A long title leaves room for what tells two hearings apart."""
    name = named(one, how)
    head, comma, moment = name.rpartition(", ") if one.kind == "hearing" else (name, "", "")
    head = head if len(head) <= HEAD else f"{head[: HEAD - 1]}…"
    return f"{MARKS[one.how]}{head}{comma}{moment}"


HEAD = 40
"""Characters of a name in a list."""


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


def _group(group: list[Difference], how: Manner) -> list[str]:
    kind, done = group[0].kind, group[0].how
    if done != "changed":
        names = _folded([named(each, how) + _when_and_where(each, how) for each in group], how)
        return [f"{_count(kind, done, len(group))}: {names}"]
    lines = [_change_of(each, how) for each in group[: how.lines]]
    more = len(group) - how.lines
    return [*lines, _("… and {n} more").format(n=more)] if more > 0 else lines


def _change_of(difference: Difference, how: Manner) -> str:
    label = f"{terms.kinds()[difference.kind]} {named(difference, how)}"
    told = (change(difference.kind, each, how) for each in difference.changes)
    return f"{label}: " + "; ".join(told)


def named(difference: Difference, how: Manner) -> str:
    name, slug = text_of(difference.name), difference.slug
    if how.names is None:
        return f"{slug} ({name})" if name else slug
    its = how.names.get((difference.kind, slug))
    if difference.kind == "hearing" and its is not None:
        return _hearing(its, how)
    return name or text_of(its) or slug


def _hearing(facts: Thing, how: Manner) -> str:
    """ "Strike in the port, 1 Dec 2026 10:00"."""
    case = _words("", "case", facts.get("case"), how)
    return f"{case}, {_time(str(facts.get('starts_at') or ''))}"


def _when_and_where(difference: Difference, how: Manner) -> str:
    """Of a new hearing: by the court's clock. Of what repeats, also how often."""
    facts = {change.key: change.after for change in difference.changes}
    if not facts or not difference.added:
        return ""
    at = _value(difference.kind, "starts_at", facts["starts_at"], how)
    is_hearing = difference.kind == "hearing"
    rest = _words("", "court", facts["court"], how) if is_hearing else _rhythm(facts["repeats"])
    return f" ({at} {facts['timezone']}, {rest})"


def change(kind: str, one: Change, how: Manner = BRIEF) -> str:
    """ "room 12 → 4"."""
    if (kind, one.key) == ("defendant", "case"):
        moved = _("moves from case {before} to case {after}")
        before, after = (_words("", "case", each, how) for each in (one.before, one.after))
        return moved.format(before=before, after=after)
    root, _dot, rest = one.key.partition(".")
    label = terms.keys().get(root, root) + (f" ({_part(rest)})" if rest else "")
    if isinstance(one.before, list) or isinstance(one.after, list):
        return f"{label} {_list_change(kind, root, one.before or [], one.after or [], how)}"
    key = one.key.rpartition(".")[2]
    return f"{label} {_value(kind, key, one.before, how)} → {_value(kind, key, one.after, how)}"


def _part(rest: str) -> str:
    return " ".join(terms.keys().get(key) or terms.language_words(key) for key in rest.split("."))


def _list_change(
    kind: str, key: str, before: Sequence[Any], after: Sequence[Any], how: Manner
) -> str:
    gone = [item for item in before if item not in after]
    new = [item for item in after if item not in before]
    if not gone and not new:
        return _("in another order")
    told = [_item_change(kind, key, *pair, how) for pair in _taken_pairs(gone, new)]
    if told and not gone and not new:
        return "; ".join(told)
    old, now = ([_value(kind, key, item, how) for item in some] for some in (gone, new))
    lists = f"{_folded(old, how) or '—'} → {_folded(now, how) or '—'}"
    if len(gone) + len(new) > COUNTED:
        lists = f"({_counted(len(gone), len(new))}) {lists}"
    return "; ".join([*told, lists])


def _item_change(kind: str, key: str, old: Any, new: Any, how: Manner) -> str:
    told = (change(kind, each, how) for each in changes(old, new))
    head = "facility" if "facility" in new else key
    return f"{_value(kind, head, _head(new), how)}: {', '.join(told)}"


def _taken_pairs(gone: list[Any], new: list[Any]) -> list[tuple[Any, Any]]:
    """Items that are one, of which some parts change; they are taken out of both."""
    heads = [_head(one) for one in gone], [_head(one) for one in new]
    once = [head for head in heads[0] if all(some.count(head) == 1 for some in heads)]
    pairs = [(heads[0].index(head), heads[1].index(head)) for head in once if head is not None]
    found = [(gone[old], new[now]) for old, now in pairs]
    for old, now in found:
        gone.remove(old)
        new.remove(now)
    return found


def _counted(gone: int, new: int) -> str:
    """ "5 entries go, 1 is new"."""
    parts = []
    if gone:
        parts.append(ngettext("{n} entry goes", "{n} entries go", gone).format(n=gone))
    if new:
        parts.append(ngettext("{n} is new", "{n} are new", new).format(n=new))
    return ", ".join(parts)


def _head(item: Any) -> Any:
    """What an item begins with: that is how people know it."""
    return next(iter(item.values()), None) if isinstance(item, dict) else None


def _folded(items: Sequence[str], how: Manner = BRIEF) -> str:
    shown = ", ".join(items[: how.named])
    more = len(items) - how.named
    return f"{shown} {_('and {n} more').format(n=more)}" if more > 0 else shown


def _value(kind: str, key: str, value: Any, how: Manner = BRIEF) -> str:
    text = _words(kind, key, value, how)
    return text if len(text) <= how.value else f"{text[: how.value - 1]}…"


def _words(kind: str, key: str, value: Any, how: Manner) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict) and key == "repeats":
        return _rhythm(value)
    if isinstance(value, dict) and "facility" in value:
        return _stay(value, how)
    if isinstance(value, dict):
        return ", ".join(_words("", part, value[part], how) for part in value)
    if isinstance(value, list):
        return ", ".join(_words(kind, key, part, how) for part in value)
    if not isinstance(value, str):
        return str(value)
    return _name_of(key, value, how) or terms.value(kind, key, value) or _time(value)


def _name_of(key: str, value: str, how: Manner) -> str:
    """Of what a slug stands for."""
    meant = reference(key, value)
    return text_of(how.names.get(meant)) if meant and how.names else ""


def _stay(stay: Thing, how: Manner) -> str:
    """ "kamensk-sizo-1 (since 3 Nov 2025)"."""
    told = [
        f"{terms.keys().get(key, key)} {_words('', key, stay[key], how)}"
        for key in stay
        if key != "facility"
    ]
    place = _words("", "facility", stay["facility"], how)
    return f"{place} ({', '.join(told)})" if told else place


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


def text_of(texts: Any) -> str:
    """In the language spoken, else in the first one."""
    if isinstance(texts, dict):
        return str(texts.get(language()) or next(iter(texts.values()), ""))
    return str(texts or "")
