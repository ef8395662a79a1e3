"""All words of what a letter kit prints: cover, cards, labels, envelopes, and the table."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bot.documents.letter_kit import (
    ENVELOPES,
    SHEETS,
    Card,
    Cover,
    Envelope,
    Section,
)
from bot.documents.letter_kit import Kit as Pages
from bot.i18n import _, day, day_and_month, language, pick, time, weekday
from bot.markup import clean, plain
from bot.services.events import shown
from bot.services.letter_kit import Addressee, Kit
from bot.services.letters import clock_there
from bot.views import words
from bot.views.dossier import charge, since_when, term_and_start
from bot.views.events import calendar_place
from bot.views.letter_advice import how_to_be_safe
from bot.views.letters import accepted, address_lines, because
from bot.views.parts import capital, clipped, person, title
from bot.views.share import deep_link
from models import Defendant, Event

ARTICLES = 4
LONGEST_LINE = 2000
"""Of an address: half a line leads nowhere, so this is for what is no address."""
# Telephones show them in colour; the letters that are printed have none of them.
PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0e\ufe0f\u200d\u20e3]+")


def cards(kit: Kit, username: str, organisers: str, now: datetime) -> Pages:
    return Pages(
        language=language(),
        title=kit_title(kit),
        footer=_("Printed on {date}. People are moved: print anew for another evening.").format(
            date=day(now)
        ),
        cover=cover(kit, organisers, now),
        cards=tuple(card(one, username, now) for one in kit.people),
    )


def labels(kit: Kit, sheet: str) -> Pages:
    return Pages(
        language=language(),
        title=kit_title(kit),
        labels=tuple(address(one) for one in kit.people),
        sheet=SHEETS[sheet],
    )


def envelopes(kit: Kit, size: str) -> Pages:
    return Pages(
        language=language(),
        title=kit_title(kit),
        sender=_("From"),
        envelopes=tuple(Envelope(address(one), boxed_code(one)) for one in kit.people),
        envelope=ENVELOPES[size],
    )


def kit_title(kit: Kit) -> str:
    return printable(pick(kit.event.title), 150) if kit.event else _("Letters")


def printable(text: str, limit: int) -> str:
    return clean(PICTURES.sub("", text), limit)


def some(lines: Iterable[str | None], limit: int = 400) -> tuple[str, ...]:
    return tuple(said for line in lines if line and (said := printable(line, limit)))


def sections(*told: tuple[str, Iterable[str | None]]) -> tuple[Section, ...]:
    """Those that have something to say."""
    made = (Section(heading, some(lines)) for heading, lines in told)
    return tuple(one for one in made if one.lines)


def cover(kit: Kit, organisers: str, now: datetime) -> Cover:
    about = [pick(kit.event.about)] if kit.event else []
    return Cover(
        heading=printable(organisers, 150) or _("Letter kit"),
        title=kit_title(kit),
        facts=some(when_and_where(kit.event, now)) if kit.event else (day(now),),
        sections=sections(
            (_("Programme"), [*about, *programme()]),
            (_("What keeps everybody safe"), how_to_be_safe()),
        ),
        people=Section(_("We write to"), tuple(printable(name(one), 100) for one in kit.people)),
        left_out=Section(_("Nobody can write to them now"), some(left_out(kit))),
    )


def when_and_where(event: Event, now: datetime) -> list[str]:
    """Of one that repeats the next day. The place only as far as anybody may be told."""
    one = shown(event, now)
    start = one.local_start
    hours = time(start)
    if event.minutes:
        hours += f"–{time(start + timedelta(minutes=event.minutes))}"
    when = f"{capital(weekday(start, with_year=True))}, {hours}"
    return [when, calendar_place(one, is_seated=False, now=now)]


def programme() -> list[str]:
    return [
        _("Choose a card. It says who this is and what a letter may be about."),
        _("Write in a language that is on the card, legibly, and begin with who you are."),
        _("Copy the address onto the envelope line by line, with the year of birth."),
        _("No idea how to begin? Tell of your day, of a book, of your town. Any letter helps."),
    ]


def left_out(kit: Kit) -> list[str]:
    return [
        _("{name}: {reason}").format(name=person(one.defendant), reason=because(one.mail))
        for one in kit.left_out
    ]


def name(one: Addressee) -> str:
    return person(one.defendant)


def address(one: Addressee) -> tuple[str, ...]:
    return some(address_lines(one.mail.custody), LONGEST_LINE)


def boxed_code(one: Addressee) -> str:
    """The Russian post reads a code in boxes."""
    facility = one.mail.custody.facility
    code = facility.postal_code or ""
    is_read = facility.country == "RU" and re.fullmatch("[0-9]{6}", code)
    return code if is_read else ""


def card(one: Addressee, username: str, now: datetime) -> Card:
    defendant = one.defendant
    return Card(
        name=printable(name(one), 120),
        who=printable(pick(defendant.who), 200),
        sections=sections(
            (_("The case"), [title(defendant.case), clipped(pick(defendant.case.summary), 350)]),
            (_("Charges"), charged_with(defendant)),
            (_("Where"), whereabouts(one)),
            (_("Likes to read about"), [clipped(pick(defendant.write_about), 350)]),
            (_("The letter"), rules(one)),
        ),
        address_heading=_("Address"),
        address=address(one),
        notes=notes(one, now),
        link=deep_link(username, defendant),
        caption=_("Point a telephone here: whether the address is still right, news, hearings."),
    )


def charged_with(defendant: Defendant) -> list[str]:
    articles = defendant.case.articles or []
    return [plain(charge(one)).removeprefix("• ") for one in articles[:ARTICLES]]


def whereabouts(one: Addressee) -> list[str]:
    status = capital(words.status(one.defendant.status))
    if since := one.mail.custody.since:
        status = f"{status}, {since_when(since.isoformat())}"
    given = one.defendant.sentence
    if not given:
        return [status]
    return [status, _("Sentence: {sentence}").format(sentence=term_and_start(given))]


def rules(one: Addressee) -> list[str]:
    facility, defendant = one.mail.custody.facility, one.defendant
    spoken, _number = accepted(facility, defendant)
    birthday = day_and_month(defendant.birthday) if defendant.birthday else ""
    return [
        _("In: {languages}").format(languages=spoken) if spoken else "",
        clipped(pick(facility.letter_rules), 350),
        _("Birthday: {day}").format(day=birthday) if birthday else "",
    ]


def notes(one: Addressee, now: datetime) -> tuple[str, ...]:
    by = words.confirmed_by(one.mail.custody.source)
    told = _("Confirmed on {date} {by}").format(date=day(confirmed_on(one, now)), by=by)
    old = _("They may have been moved since: ask before you post it.")
    return some([told, None if one.mail.is_fresh else old])


def confirmed_on(one: Addressee, now: datetime) -> date:
    """By the days of the place, where its zone is known; else of the organisers, as `now` is."""
    there = clock_there(one.mail.custody, now).tzinfo
    return one.mail.confirmed_at.astimezone(there).date()


def rows(kit: Kit, username: str, now: datetime) -> list[list[str]]:
    """Who is left out comes last, without an address."""
    missing = [
        [person(one.defendant), "", "", "", "", "", because(one.mail), ""] for one in kit.left_out
    ]
    return [columns(), *(row(one, username, now) for one in kit.people), *missing]


def columns() -> list[str]:
    return [
        _("Name"),
        _("Who"),
        _("Address"),
        _("Postal code"),
        _("Confirmed"),
        _("Likes to read about"),
        _("Nobody can write, for"),
        _("Card"),
    ]


def row(one: Addressee, username: str, now: datetime) -> list[str]:
    told, facility = one.defendant, one.mail.custody.facility
    return [
        name(one),
        clipped(pick(told.who), 300),
        "\n".join(address(one)),
        facility.postal_code or "",
        confirmed_on(one, now).isoformat(),
        clipped(pick(told.write_about), 300),
        "",
        deep_link(username, told),
    ]
