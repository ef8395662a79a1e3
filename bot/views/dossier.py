"""What the cards of a case and of a person share: who and where, charges, timeline."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from bot.i18n import _, country_name, partial_date, pick
from bot.services.letters import mailing
from bot.views import words
from bot.views.letters import letters_line
from bot.views.parts import bold, capital, clipped, lines, person, quote
from models import Case, Court, Defendant, TimelineEntry

FOLD = 3
"""A timeline longer than this is folded …"""
ENTRIES = 30
"""… and what is older than so many entries is left out."""
ARTICLES = 12


def who(defendant: Defendant) -> Markup:
    aliases = ", ".join(readable(defendant.aliases or (), person(defendant)))
    return lines(
        [
            bold(person(defendant)),
            Markup(_("also: {name}")).format(name=clipped(aliases, 200)) if aliases else None,
            clipped(pick(defendant.who)),
        ]
    )


def readable(aliases: Sequence[str], name: str) -> list[str]:
    """Those in the alphabet that the name is read in; the search knows them all."""
    return [alias for alias in aliases if is_cyrillic(alias) == is_cyrillic(name)]


def is_cyrillic(text: str) -> bool:
    return any("\u0400" <= letter <= "\u04ff" for letter in text)


def standing(defendant: Defendant, now: datetime) -> Markup:
    """Where the person is, and how a letter can come there."""
    lawyer = pick(defendant.lawyer)
    return lines(
        [
            Markup("📍 {}").format(whereabouts(defendant)),
            sentence(defendant),
            Markup(_("👔 Lawyer: {name}")).format(name=clipped(lawyer, 100)) if lawyer else None,
            letters_line(mailing(defendant, now), now),
            campaigns(defendant),
        ]
    )


def whereabouts(defendant: Defendant) -> str:
    place = capital(words.status(defendant.status))
    return f"{place} ({country_name(defendant.country)})" if defendant.country else place


def sentence(defendant: Defendant) -> Markup | None:
    """Such as "Sentence: 5 years (general regime), since 13 February 2024"."""
    if not defendant.sentence:
        return None
    return Markup(_("⚖️ Sentence: {sentence}")).format(sentence=term_and_start(defendant.sentence))


def term_and_start(given: dict[str, Any]) -> str:
    term = words.term(given["years"]) if given.get("years") else ""
    regime = pick(given.get("regime"))
    served = f"{term} ({regime})" if term and regime else term or regime
    since = given.get("since")
    begun = since_when(since) if since else ""
    return ", ".join(part for part in (served, begun) if part)


def since_when(value: str) -> str:
    return _("since {date}").format(date=partial_date(value, genitive=True))


def campaigns(defendant: Defendant) -> Markup | None:
    named = ", ".join(pick(campaign) for campaign in defendant.campaigns or ())
    return Markup(_("📣 Campaigns: {names}")).format(names=clipped(named, 300)) if named else None


def charges(case: Case) -> Markup | None:
    if not case.articles:
        return None
    listed = (charge(article) for article in case.articles[:ARTICLES])
    return lines([bold(_("Charges")), *listed])


def charge(article: dict[str, str]) -> Markup:
    """An article's languages stand beside its own keys."""
    meaning = pick({key: text for key, text in article.items() if len(key) in (2, 3)})
    said = Markup("• {}").format(words.article(article))
    if meaning:
        said += Markup(": {}").format(clipped(meaning, 200))
    if since := article.get("since"):
        said += Markup(" ({})").format(since_when(since))
    return said


def timeline(entries: Sequence[TimelineEntry], people: Sequence[Defendant] = ()) -> Markup | None:
    """Newest first. `people`: of a case of several, to say whom an entry is about."""
    return under(_("Timeline"), entries, people)


def timeline_of_case(entries: Sequence[TimelineEntry]) -> Markup | None:
    """On the card of one of several, what concerns all of them."""
    return under(_("Timeline of the whole case"), entries)


def under(
    heading: str, entries: Sequence[TimelineEntry], people: Sequence[Defendant] = ()
) -> Markup | None:
    if not entries:
        return None
    told = lines(entry_lines(entries, people))
    return lines([bold(heading), quote(told, folded=len(entries) > FOLD)])


def entry_lines(entries: Sequence[TimelineEntry], people: Sequence[Defendant] = ()) -> list[Markup]:
    names = {defendant.id: person(defendant) for defendant in people} if len(people) > 1 else {}
    return [
        entry_line(entry, names.get(entry.defendant_id or 0, ""))
        for entry in newest_first(entries)[:ENTRIES]
    ]


def newest_first(entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """By date; one that is vague or absent stays behind the one it follows in the file."""
    dated: list[tuple[str, TimelineEntry]] = []
    latest = ""
    for entry in entries:
        vague = entry.date is None or latest.startswith(entry.date)
        latest = latest if vague else entry.date or ""
        dated.append((latest, entry))
    ordered = sorted(reversed(dated), key=lambda pair: pair[0], reverse=True)
    return [entry for _date, entry in ordered]


def entry_line(entry: TimelineEntry, about: str) -> Markup:
    """ "• 13 December 2023 — Lev Skoryakin: a fine (Moscow City Court)"."""
    subject, court = f"{about}: " if about else "", before_whom(entry)
    told = Markup("{}{}{}").format(
        subject, clipped(pick(entry.text), 300), f" ({court})" if court else ""
    )
    return Markup("• {} — {}").format(when(entry), told)


def before_whom(entry: TimelineEntry) -> str:
    """ "Cassation Military Court, Novosibirsk; judge E. Egorov"."""
    judge = pick(entry.judge)
    parts = [
        court_and_city(entry.court) if entry.court else "",
        _("judge {name}").format(name=clipped(judge, 100)) if judge else "",
    ]
    return "; ".join(part for part in parts if part)


def court_and_city(court: Court) -> str:
    """The city where the name does not tell it; endings differ: Чебоксары, в Чебоксарах."""
    name, city = pick(court.name), pick(court.city)
    told = re.search(rf"\b{re.escape(city[: max(len(city) - 2, 2)])}", name)
    return name if told else f"{name}, {city}"


def when(entry: TimelineEntry) -> str:
    if entry.date:
        return partial_date(entry.date)
    return _("expected") if entry.kind == "hearing_expected" else _("date not known")
