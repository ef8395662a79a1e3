"""A campaign file's problems and differences in words: plain text, for chat and terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from babel.dates import format_date, format_datetime

from bot.i18n import _, language, ngettext
from bot.services.campaign_file import CampaignFileError, Change, Difference, Problem, What

VALUE_LENGTH = 80
NAMED = 5
"""So many added things of a kind are named, so many new items of a list."""
LINES = 25
"""So many changed things of a kind are told one by one."""


# Problems


def problems(error: CampaignFileError) -> str:
    """All that is wrong with the file, a line each."""
    lines = [problem(each) for each in error.problems]
    if error.more:
        more = ngettext("… and {n} more problem.", "… and {n} more problems.", error.more)
        lines.append(more.format(n=error.more))
    return "\n".join(lines)


def problem(problem: Problem) -> str:
    """ "x.yaml:12: cases[orlov].stage: “trail” is not allowed here. Allowed: …"."""
    where = f"{problem.file}:{problem.line}" if problem.line else problem.file
    parts = [where, problem.path, _what_is_wrong(problem)]
    return ": ".join(part for part in parts if part)


def _what_is_wrong(problem: Problem) -> str:
    facts = {key: _fact(key, value) for key, value in problem.facts.items()}
    sentences = [_sentence(problem).format(found=problem.found or "", **facts)]
    if problem.facts.get("allowed"):
        sentences.append(_("Allowed: {allowed}.").format(allowed=facts["allowed"]))
    if problem.nearest:
        sentences.append(_("Did you mean “{nearest}”?").format(nearest=problem.nearest))
    return " ".join(sentences)


def _fact(key: str, value: Any) -> str:
    if key in ("size", "limit") and isinstance(value, int) and value >= 1024 * 1024:
        return f"{value / 1024 / 1024:.1f}".removesuffix(".0")
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)


def _sentence(problem: Problem) -> str:
    match problem.what:
        case What.NOT_YAML:
            return _not_yaml().get(problem.facts["reason"], _("This is not YAML."))
        case What.URL:
            return _url()[problem.facts["reason"]]
        case What.WRONG_TYPE:
            return _wrong_type()[problem.facts["expected"]]
        case What.UNKNOWN_SLUG:
            return _unknown_slug()[problem.facts["of"]]
        case What.POSTAL_CODE if problem.facts["country"] == "RU":
            return _("“{found}” is not a Russian postal code: it has six digits.")
    return _sentences()[problem.what]


def _sentences() -> dict[What, str]:
    return {
        What.TOO_BIG: _("The file has {size} MB; at most {limit} MB can be read."),
        What.EMPTY: _("The file is empty."),
        What.NOT_UTF8: _("The text is not UTF-8 (at byte {byte}). Save it as UTF-8."),
        What.BINARY: _(
            "Character {code} may not stand in a campaign file. Is it a text? Save it as UTF-8."
        ),
        What.SEVERAL_DOCUMENTS: _("A second document begins here (“---”); there may be one only."),
        What.TOO_DEEP: _("More than {limit} levels inside each other."),
        What.TOO_MANY_VALUES: _("More values than can be read at once. Split the file."),
        What.ANCHOR: _("Anchors and references (&, *) are not read. Write the value out."),
        What.TAG: _("Tags (!…) are not read. Remove it."),
        What.BAD_KEY: _("A key must be a text."),
        What.BARE_TEXT: _("“{found}” has no value. A text with a comma in it needs quotes."),
        What.DUPLICATE_KEY: _("“{found}” stands here a second time; the first is in line {first}."),
        What.UNKNOWN_KEY: _("There is no such key."),
        What.MISSING: _("This must be given and is missing."),
        What.TOO_MANY_ITEMS: _("More than {limit} items."),
        What.NOT_ALLOWED: _("“{found}” is not one of the words allowed here."),
        What.FORMAT: _("Files of format “{found}” cannot be read."),
        What.EMPTY_TEXT: _("The text is empty. To remove it, write null."),
        What.TOO_LONG: _("The text has {length} characters; at most {limit} fit."),
        What.CHARACTER: _("An invisible or control character is in the text: {code}."),
        What.LINE_BREAK: _("This must fit on one line."),
        What.LANGUAGE: _(
            "“{found}” is not a language: two or three small Latin letters, such as en. "
            "A text with a comma in it needs quotes."
        ),
        What.NO_LANGUAGE: _("A text in at least one language is needed, such as en: …"),
        What.SLUG: _(
            "“{found}” is not a short name: small Latin letters, digits and single hyphens, "
            "{limit} at most."
        ),
        What.DUPLICATE_SLUG: _("“{found}” is taken already, in line {first}."),
        What.NUMBER: _("“{found}” is not a number (such as 150000 or 6.25)."),
        What.WHOLE_NUMBER: _("“{found}” is not a whole number."),
        What.RANGE: _("“{found}” is out of range: from {low} to {high}."),
        What.YES_OR_NO: _("“{found}” is neither true nor false."),
        What.DATE: _("“{found}” is not a date. Write it as 2026-12-01 or, from today, +30d."),
        What.PARTIAL_DATE: _("“{found}” is not a date. Write 2026-12-01, 2026-12 or 2026."),
        What.MOMENT: _(
            "“{found}” is not a time. Write it as 2026-12-01 10:00 or, from now, +3d 10:00 or +2h."
        ),
        What.TIME_MISSING: _("“{found}” has no hour. Write it as 2026-12-01 10:00."),
        What.NO_SUCH_DAY: _("There is no such day: “{found}”."),
        What.NO_SUCH_TIME: _("There is no such time of day: “{found}”."),
        What.SKIPPED_TIME: _("Clocks skip that hour in {zone}: “{found}” does not exist."),
        What.FUTURE: _("“{found}” has not come yet; nobody can have checked then."),
        What.BIRTHDAY: _("“{found}” is not a birthday. Write month and day: 03-14."),
        What.TIMEZONE: _("“{found}” is not a time zone (such as Europe/Moscow)."),
        What.COUNTRY: _("“{found}” is not a country's code of two capitals (such as RU)."),
        What.CURRENCY: _("“{found}” is not a currency's code of three capitals (such as RUB)."),
        What.POSTAL_CODE: _("“{found}” is not a postal code."),
        What.WORD: _("“{found}” is not one word of small Latin letters and _."),
        What.PLACE_SHOWN: _(
            "“{found}” does not say who sees the place: public, attendees, or hours before the "
            "start (up to 720)."
        ),
        What.ENDS_BEFORE: _("The stay ends before it begins ({since})."),
        What.TWO_OPEN_STAYS: _(
            "Two stays have no end: nobody can be in two places. Give the earlier one `until`."
        ),
        What.OPEN_STAY_NOT_LAST: _("The stay without an end must be the last one."),
        What.NO_ORGANISATION: _("organisation: is missing, and the bot has none yet."),
    }


def _not_yaml() -> dict[str, str]:
    return {
        "colon": _("A colon stands where none can. Put quotes around a text with a colon in it."),
        "no_colon": _("A colon after the key is missing."),
        "unclosed": _("A quote or bracket is opened here and not closed rightly."),
        "indent": _("The line is not in line with those before: mind the spaces at its beginning."),
        "start": _(
            "A text cannot begin so: use spaces, no tabs, and quotes around a text that begins "
            "with a sign."
        ),
        "escape": _("A backslash in double quotes means something else. Use single quotes."),
    }


def _url() -> dict[str, str]:
    return {
        "https": _("The link must begin with https://"),
        "host": _("The link's site is not a real one (such as example.org)."),
        "credentials": _("The link may hold no name or password (@)."),
        "characters": _(
            "The link may hold Latin letters, digits and the usual signs only; "
            "write others in their encoded form."
        ),
        "look_alike": _("The link's site uses letters that look like others; it could deceive."),
    }


def _wrong_type() -> dict[str, str]:
    return {
        "text": _("A single value is wanted here."),
        "mapping": _("Keys with values are wanted here (key: value)."),
        "list": _("A list is wanted here (each item after a hyphen)."),
    }


def _unknown_slug() -> dict[str, str]:
    return {
        "court": _("There is no court “{found}”, neither in the file nor in the bot."),
        "facility": _("There is no facility “{found}”, neither in the file nor in the bot."),
        "case": _("There is no case “{found}”, neither in the file nor in the bot."),
        "defendant": _("There is no defendant “{found}”, neither in the file nor in the bot."),
        "fundraiser": _("There is no fundraiser “{found}”, neither in the file nor in the bot."),
        "cause": _("There is no defendant or case “{found}”, neither in the file nor in the bot."),
    }


# Differences


def differences(found: Sequence[Difference]) -> str:
    """How much of what changes, then what exactly; first what harms when it is wrong."""
    if not found:
        return _("Nothing changes.")
    ranked = sorted(found, key=_rank)
    lines = [summary(ranked), ""]
    for _rank_of_group, group in groupby(ranked, key=lambda each: (_rank(each), each.added)):
        lines += _group(list(group))
    return "\n".join(lines)


def summary(found: Iterable[Difference]) -> str:
    """ "2 hearings added, 1 address changed"."""
    counts = Counter((_subject(each), each.added) for each in found)
    parts = [_count(subject, added, n) for (subject, added), n in counts.items()]
    return ", ".join(parts)


ADDRESSES = {
    "defendant": {"custody", "letters", "status"},
    "facility": {"address", "postal_code", "region", "name", "country"},
}
ORDER = (
    "address",
    "donation_route",
    "hearing",
    "event",
    "fundraiser",
    "defendant",
    "case",
    "facility",
    "court",
    "organisation",
)


def _subject(difference: Difference) -> str:
    roots = {change.key.split(".")[0] for change in difference.changes}
    return "address" if roots & ADDRESSES.get(difference.kind, set()) else difference.kind


def _rank(difference: Difference) -> tuple[int, bool]:
    return ORDER.index(_subject(difference)), difference.added


def _count(subject: str, added: bool, n: int) -> str:
    say = _added if added else _changed
    return say(subject, n).format(n=n)


def _added(subject: str, n: int) -> str:
    return {
        "donation_route": ngettext("{n} donation route added", "{n} donation routes added", n),
        "hearing": ngettext("{n} hearing added", "{n} hearings added", n),
        "event": ngettext("{n} event added", "{n} events added", n),
        "fundraiser": ngettext("{n} fundraiser added", "{n} fundraisers added", n),
        "defendant": ngettext("{n} defendant added", "{n} defendants added", n),
        "case": ngettext("{n} case added", "{n} cases added", n),
        "facility": ngettext("{n} facility added", "{n} facilities added", n),
        "court": ngettext("{n} court added", "{n} courts added", n),
        "organisation": ngettext("{n} organisation added", "{n} organisations added", n),
    }[subject]


def _changed(subject: str, n: int) -> str:
    return {
        "address": ngettext("{n} address changed", "{n} addresses changed", n),
        "donation_route": ngettext("{n} donation route changed", "{n} donation routes changed", n),
        "hearing": ngettext("{n} hearing changed", "{n} hearings changed", n),
        "event": ngettext("{n} event changed", "{n} events changed", n),
        "fundraiser": ngettext("{n} fundraiser changed", "{n} fundraisers changed", n),
        "defendant": ngettext("{n} defendant changed", "{n} defendants changed", n),
        "case": ngettext("{n} case changed", "{n} cases changed", n),
        "facility": ngettext("{n} facility changed", "{n} facilities changed", n),
        "court": ngettext("{n} court changed", "{n} courts changed", n),
        "organisation": ngettext("{n} organisation changed", "{n} organisations changed", n),
    }[subject]


def _group(group: list[Difference]) -> list[str]:
    first = group[0]
    if first.added:
        names = _folded([_named(each) for each in group])
        return [f"{_count(first.kind, True, len(group))}: {names}"]
    lines = [_change_of(each) for each in group[:LINES]]
    if more := len(group) - LINES:
        lines += [_("… and {n} more").format(n=more)] if more > 0 else []
    return lines


def _change_of(difference: Difference) -> str:
    label = f"{_kinds()[difference.kind]} {_named(difference)}"
    return f"{label}: " + "; ".join(_change(change) for change in difference.changes)


def _named(difference: Difference) -> str:
    name = _said(difference.name)
    return f"{difference.slug} ({name})" if name else difference.slug


def _change(change: Change) -> str:
    root, _dot, rest = change.key.partition(".")
    label = _keys().get(root, root) + (f" ({rest.replace('.', ' ')})" if rest else "")
    if isinstance(change.before, list) or isinstance(change.after, list):
        return f"{label} {_list_change(change.before or [], change.after or [])}"
    return f"{label} {_value(change.before)} → {_value(change.after)}"


def _list_change(before: Sequence[Any], after: Sequence[Any]) -> str:
    gone = [_value(item) for item in before if item not in after]
    new = [_value(item) for item in after if item not in before]
    if not gone and not new:
        return _("in another order")
    return f"{_folded(gone) or '—'} → {_folded(new) or '—'}"


def _folded(items: Sequence[str]) -> str:
    shown = ", ".join(items[:NAMED])
    more = len(items) - NAMED
    return f"{shown} {_('and {n} more').format(n=more)}" if more > 0 else shown


def _value(value: Any) -> str:
    text = _words(value)
    return text if len(text) <= VALUE_LENGTH else f"{text[: VALUE_LENGTH - 1]}…"


def _words(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return ", ".join(_words(part) for part in value.values())
    if isinstance(value, list):
        return ", ".join(_words(part) for part in value)
    return _time(value) if isinstance(value, str) else str(value)


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


def _kinds() -> dict[str, str]:
    return {
        "organisation": _("Organisation"),
        "court": _("Court"),
        "facility": _("Facility"),
        "case": _("Case"),
        "defendant": _("Defendant"),
        "hearing": _("Hearing"),
        "event": _("Event"),
        "fundraiser": _("Fundraiser"),
        "donation_route": _("Donation route"),
    }


def _keys() -> dict[str, str]:
    """What the file's keys are called; a key that is missing here is called by itself."""
    return {
        "about": _("description"),
        "address": _("address"),
        "aliases": _("other names"),
        "also": _("also called"),
        "articles": _("articles"),
        "as_of": _("facts as of"),
        "birth_year": _("year of birth"),
        "birthday": _("birthday"),
        "campaigns": _("campaigns"),
        "capacity": _("seats"),
        "case": _("case"),
        "checked_at": _("checked"),
        "city": _("city"),
        "closes": _("closes"),
        "confirmed_at": _("confirmed"),
        "country": _("country"),
        "court": _("court"),
        "custody": _("place of custody"),
        "for": _("for"),
        "fundraiser": _("fundraiser"),
        "goal": _("goal"),
        "help_it_gives": _("help it gives"),
        "judge": _("judge"),
        "kind": _("kind"),
        "languages": _("languages"),
        "lawyer": _("lawyer"),
        "legal_status": _("legal status"),
        "letters": _("letters"),
        "location": _("location"),
        "method": _("method"),
        "minutes": _("minutes"),
        "name": _("name"),
        "not_for": _("not for"),
        "number": _("number"),
        "online_url": _("online at"),
        "outcome": _("outcome"),
        "pay_from": _("pay from"),
        "people_in_case": _("people in the case"),
        "place": _("place"),
        "place_shown": _("place shown to"),
        "postal_code": _("postal code"),
        "public": _("open to the public"),
        "purpose": _("purpose"),
        "raised": _("raised"),
        "raised_in_a_year": _("raised in a year"),
        "region": _("region"),
        "room": _("room"),
        "sentence": _("sentence"),
        "short": _("short name"),
        "source": _("source"),
        "stage": _("stage"),
        "starts_at": _("starts"),
        "status": _("status"),
        "summary": _("summary"),
        "timeline": _("timeline"),
        "timezone": _("time zone"),
        "title": _("title"),
        "url": _("link"),
        "valid_days": _("days valid"),
        "volumes": _("volumes"),
        "warning": _("warning"),
        "who": _("who"),
        "write_about": _("write about"),
        "write_to": _("write to"),
    }
