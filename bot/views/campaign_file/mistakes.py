"""What is wrong with a campaign file, in words: plain text, for chat and terminal."""

import re
from collections.abc import Mapping
from typing import Any

from bot.i18n import _, ngettext
from bot.services.campaign_file import CampaignFileError, Problem, What
from models import DetailKind

NO_SPACE = re.compile(r"[a-z_]+:(?!//)\S|-\w")
"""slug:orlov, -slug"""


def problems(error: CampaignFileError) -> str:
    """All that is wrong with the file, a line each."""
    lines = [problem(each) for each in error.problems]
    if error.more:
        more = ngettext("… and {n} more problem.", "… and {n} more problems.", error.more)
        lines.append(more.format(n=error.more))
    return "\n".join(lines)


def reasons(error: CampaignFileError, otherwise: Mapping[What, str] | None = None) -> str:
    """Without where they stand, for whoever sent no file; and in other words, where some speak of
    one."""
    told = (_what_is_wrong(each, otherwise or {}) for each in error.problems)
    return "\n".join(dict.fromkeys(told))


def problem(problem: Problem) -> str:
    """ "x.yaml:12: cases[orlov].stage: “trail” is not allowed here. Allowed: …"."""
    where = f"{problem.file}:{problem.line}" if problem.line else problem.file
    parts = [where, problem.path, _what_is_wrong(problem, {})]
    return ": ".join(part for part in parts if part)


def _what_is_wrong(problem: Problem, otherwise: Mapping[What, str]) -> str:
    facts = {key: _fact(key, value) for key, value in problem.facts.items()}
    sentence = otherwise.get(problem.what) or _sentence(problem)
    sentences = [sentence.format(found=problem.found or "", **facts)]
    if problem.what is What.IN_USE and problem.facts["more"] > 0:
        more = problem.facts["more"]
        others = ngettext("There is {n} more.", "There are {n} more.", more)
        sentences.append(others.format(n=more))
    if NO_SPACE.match(problem.found or "") and problem.what in (What.WRONG_TYPE, What.BARE_TEXT):
        sentences.append(_("Is a space missing after a colon or hyphen?"))
    if problem.facts.get("allowed"):
        sentences.append(_("Allowed: {allowed}.").format(allowed=facts["allowed"]))
    if problem.nearest:
        sentences.append(_("Did you mean “{nearest}”?").format(nearest=problem.nearest))
    return " ".join(sentences)


def _fact(key: str, value: Any) -> str:
    if key == "limit" and isinstance(value, int) and value >= 1024 * 1024:
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
        case What.DETAIL:
            return _detail()[DetailKind(problem.facts["of"])]
        case What.WRONG_TYPE:
            return _wrong_type()[problem.facts["expected"]]
        case What.UNKNOWN_SLUG:
            return _unknown_slug()[problem.facts["of"]]
        case What.POSTAL_CODE if problem.facts["country"] == "RU":
            return _("“{found}” is not a Russian postal code: it has six digits.")
    return _sentences()[problem.what]


def _sentences() -> dict[What, str]:
    return {
        What.TOO_BIG: _("The file is too big: at most {limit} MB can be read."),
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
        What.INSIDE_CASE: _("“{found}” stands inside a case, under “cases”."),
        What.MISSING: _("This must be given and is missing."),
        What.TOO_MANY_ITEMS: _("More than {limit} items."),
        What.NULL_LIST: _(
            "Nothing stands here, and that removes nothing: what the file does not name stays. "
            "To remove one thing, write {{slug: …, remove: true}} in the list; else leave the "
            "key out."
        ),
        What.NOT_ALLOWED: _("“{found}” is not one of the words allowed here."),
        What.FORMAT: _("Files of format “{found}” cannot be read."),
        What.EMPTY_TEXT: _("The text is empty. To remove it, write null."),
        What.SHOWS_NOTHING: _("The text shows nothing: all of its characters are invisible."),
        What.TOO_LONG: _("The text has {length} characters; at most {limit} fit."),
        What.CHARACTER: _("An invisible or control character is in the text: {code}."),
        What.LINE_BREAK: _("This must fit on one line."),
        What.LANGUAGE: _(
            "“{found}” is not a language: two or three small Latin letters, such as en. "
            "A text with a comma in it needs quotes."
        ),
        What.LANGUAGE_CODE: _("“{found}” is written “{meant}” here (ISO 639-1)."),
        What.UNKNOWN_LANGUAGE: _(
            "“{found}” is not the code of a language (ISO 639, such as en, ru, kk, ba, sah)."
        ),
        What.NO_LANGUAGE: _("A text in at least one language is needed, such as en: …"),
        What.SLUG: _(
            "“{found}” is not a short name: small Latin letters, digits and single hyphens, "
            "{limit} at most."
        ),
        What.DUPLICATE_SLUG: _("“{found}” is taken already, in line {first}."),
        What.REMOVED_WITH_KEYS: _("What is removed has a slug and “remove: true”, nothing else."),
        What.IN_USE: _(
            "It cannot be removed, because others refer to it: {by}. Change or remove those in "
            "the same file."
        ),
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
        What.FUTURE: _(
            "“{found}” has not come yet; nobody can have checked then. If it is that day already "
            "where you are, write the hour and the zone, too: 2026-12-01 01:00+12:00."
        ),
        What.FUTURE_DAY: _("“{found}” has not come yet; no facts can be of that day."),
        What.BIRTHDAY: _("“{found}” is not a birthday. Write month and day: 03-14."),
        What.TIMEZONE: _(
            "“{found}” is not a time zone: a continent and a city of the IANA's list, such as "
            "Europe/Moscow (en.wikipedia.org/wiki/List_of_tz_database_time_zones), or UTC."
        ),
        What.OFFSET_ZONE: _(
            "“{found}” is an offset, no time zone: name a city whose clocks go so all the year, "
            "such as {zones}. Every zone that there is: "
            "en.wikipedia.org/wiki/List_of_tz_database_time_zones."
        ),
        What.COUNTRY: _("“{found}” is not a country's code of two capitals (such as RU)."),
        What.CURRENCY: _("“{found}” is not a currency's code of three capitals (such as RUB)."),
        What.POSTAL_CODE: _("“{found}” is not a postal code."),
        What.WORD: _("“{found}” is not one word of small Latin letters and _."),
        What.CONTACT: _("“{found}” is not @name, mailto:… or https://…"),
        What.PLACE_SHOWN: _(
            "“{found}” does not say who sees the place: public, attendees, or hours before the "
            "start (up to 720)."
        ),
        What.OTHER_KIND: _(
            "The status is {status}, and this place is of another kind ({kind}): its address "
            "would not be shown. Correct the status or the place, or end the stay with `until`."
        ),
        What.KIND_OF_HELD: _(
            "The address of “{found}”, who is held there, would not be shown any more: the status "
            "is {status}. Correct the status in the same file, and the address stays confirmed."
        ),
        What.ENDS_BEFORE: _("The stay ends before it begins ({since})."),
        What.TWO_OPEN_STAYS: _(
            "Two stays have no end: nobody can be in two places. Give the earlier one `until`."
        ),
        What.OPEN_STAY_NOT_LAST: _("The stay without an end must be the last one."),
        What.STAYS_CROSS: _(
            "This stay begins before the earlier one in “{other}” is over ({day}). Write "
            "stays in their order; one may begin on the day that the last one ends."
        ),
        What.NO_ORGANISATION: _("organisation: is missing, and the bot has none yet."),
        What.OTHER_ORGANISATION: _(
            "The bot speaks for one organisation, and that is “{own}”, not “{found}”. For "
            "another one use a database of its own."
        ),
        What.CHECK_AGAIN: _(
            "What people rely on when they pay changes here (the link, the way, who may pay, the "
            "legal status, the warning, the days it is valid). Look at it anew, and write in "
            "checked_at when that was, later than before (with the hour, if on the same day)."
        ),
        What.CHECK_ROUTE: _(
            "Whom the money is for changes here, and the donation route “{found}” was checked for "
            "somebody else. Look at it anew, and write in its checked_at when that was, in the "
            "same file."
        ),
        What.NO_WAY_TO_PAY: _(
            "There is nothing to pay by: write a `url`, or `details` such as a card or an IBAN."
        ),
        What.DETAIL_TWICE: _("“{found}” stands twice: a second one is a route of its own."),
        What.LINK_IN_WORDS: _(
            "“{found}” looks like a link or a number to pay to, and among words it would never "
            "lapse. Ways to pay belong under `url` and `details` of a donation route; anything "
            "else can be written otherwise, or left out."
        ),
        What.CURRENCY_MISSING: _(
            "Nobody can tell in which currency: write a goal, or the currency alone: "
            "goal: {{currency: EUR}}."
        ),
        What.BIC_COUNTRY: _(
            "The IBAN and the BIC are of different countries: one of them is wrong."
        ),
        What.BIK_MISSING: _("An account in Russia needs the bank's BIK beside it: kind: bik."),
        What.ACCOUNT_KEY: _(
            "The account and the BIK do not belong together: a digit of one of them is wrong."
        ),
        What.LEFT_BEHIND: _(
            "This changes in one language ({changed}) and stays in another ({stays}): whoever "
            "reads that would be led to the old place. Change it there, too, or remove it there "
            "(null) and add it again with a later file."
        ),
        What.LAST_TOO_EARLY: _("The last day, {found}, is before the first one, {first}."),
        What.LAST_TOO_LATE: _(
            "“{found}” is more than {limit} days ahead. Is the year right? What repeats without an "
            "end has no `until`."
        ),
        What.NONE_OF_ITS_DAYS: _(
            "“{found}” is none of the days on which it takes place; the nearest one is {meant}."
        ),
        What.EXCEPT_ANEW: _(
            "The days are others now, and these were left out: {days}. Write all of `except` anew "
            "(the nearest days now: {meant}), or `except: null` to leave none out."
        ),
        What.NO_DAY_LEFT: _(
            "No day is left on which it takes place. Is it off? `status: cancelled`"
        ),
        What.PAST: _(
            "“{found}” ({zone}) is past, and the hearing is said to be still to come. Is the year "
            "right? If it has been, say what became of it: `status` or `outcome`."
        ),
        What.CONFIRMED_LATE: _(
            "“{found}” is after the hearing begins; until then only can it be confirmed."
        ),
        What.OLD_WORD: _(
            "That is the old confirmation, and what it confirmed changes here. Write when the "
            "new one was confirmed (with the hour, if on the same day), or leave it out."
        ),
    }


def _not_yaml() -> dict[str, str]:
    return {
        "tab": _("A tab stands at the beginning of the line. Put spaces there instead."),
        "no_space": _("After the colon a space is missing (key: value)."),
        "hyphen": _("After the hyphen a space is missing (- item)."),
        "colon": _("A colon stands where none can. Put quotes around a text with a colon in it."),
        "no_colon": _("A colon after the key is missing."),
        "unclosed": _("A quote or bracket is opened here and not closed rightly."),
        "after_quote": _(
            "Something stands after the closing quote or bracket. Put single quotes around the "
            "whole text, and write an apostrophe in it twice."
        ),
        "indent": _("The line is not in line with those before: mind the spaces at its beginning."),
        "start": _("A text cannot begin so: put quotes around a text that begins with a sign."),
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
        "port": _("A way to pay has no port (the number after the colon)."),
        "shortener": _("Nobody sees where a shortened link leads: write the whole one."),
        "redirect": _("The link leads on to another one: write that one itself."),
    }


def _detail() -> dict[DetailKind, str]:
    return {
        DetailKind.CARD: _("This is not the number of a card: a digit is wrong or missing."),
        DetailKind.PHONE: _(
            "This is no telephone number: it is written whole, with its country (+7 …, +995 …); or "
            "a digit is wrong, missing or one too many."
        ),
        DetailKind.BIK: _("A BIK has nine digits, and begins with 04."),
        DetailKind.ACCOUNT: _(
            "This is not somebody's account in Russia: it has twenty digits, begins with 40, 42, "
            "03 or the like, and its sixth to eighth digits are the currency (810: roubles). "
            "Compare it with the bank's paper."
        ),
        DetailKind.CORRESPONDENT: _(
            "A correspondent account has twenty digits, and begins with 301."
        ),
        DetailKind.INN: _("This is not an INN: a digit is wrong or missing."),
        DetailKind.IBAN: _("This is not an IBAN: a letter or digit is wrong or missing."),
        DetailKind.BIC: _("This is not a BIC (SWIFT code)."),
        DetailKind.BITCOIN: _(
            "This is not somebody's Bitcoin address: a sign is wrong or missing, or what is sent "
            "there is lost. Copy it from the recipient's wallet."
        ),
        DetailKind.ETHEREUM: _(
            "This is not somebody's Ethereum address: a sign is wrong, or it is not in the capital "
            "and small letters that tell a mistake, or it is a coin's own contract. Copy it from "
            "the recipient's wallet."
        ),
        DetailKind.TRON: _(
            "This is not somebody's Tron address: a sign is wrong or missing, or it is a coin's "
            "own contract. Copy it from the recipient's wallet."
        ),
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
        "hearing": _("There is no hearing “{found}” in the bot."),
        "letter_goal": _("There is no goal of letters “{found}” in the bot."),
        "event": _("There is no event “{found}” in the bot."),
        "donation_route": _("There is no donation route “{found}” in the bot."),
        "cause": _("There is no defendant or case “{found}”, neither in the file nor in the bot."),
    }
