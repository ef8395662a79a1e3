"""Where people are, for those who keep it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from markupsafe import Markup

from bot.callbacks import (
    AskToUndo,
    ChangePerson,
    OpenFacilities,
    OpenPeople,
    OpenPerson,
    PickPlace,
    PickSince,
    PickStatus,
    PickTongue,
    SavePerson,
)
from bot.i18n import _, language_name, pick
from bot.keyboards import Button, Row, back_to, button, columns, keyboard, pager
from bot.screen import Screen
from bot.services import custody
from bot.services.campaign_file import CampaignFileError, Difference
from bot.services.letters import FREE, HELD, HOME, Address, full_name, mailing
from bot.services.pages import Page
from bot.views import campaign_file as words_of_file
from bot.views import desk, words
from bot.views.desk import to_desk
from bot.views.dossier import whereabouts
from bot.views.letters import address_lines, letters_line, lines_of
from bot.views.parts import blocks, bold, capital, lines, person, quote
from models import Custody, Defendant, Facility, Source, Status

CHANGES = (
    "confirm",
    "moved",
    "transfer",
    "home",
    "addressee",
    "wrong",
    "forbidden",
    "allowed",
)
"""What may be done with where somebody is."""
WITH_WORD = ("confirm", "moved", "addressee")
"""Somebody says so: who?"""
WORDS = (Source.LAWYER, Source.RELATIVE, Source.FACILITY, Source.COORDINATOR)
"""Who may have said so."""
AT_HOME = (
    Status.RELEASED,
    Status.AT_LIBERTY,
    Status.RESTRICTED,
    Status.HOUSE_ARREST,
    Status.ABROAD,
)


def people(page: Page[Defendant], now: datetime, why: str | None = None) -> Screen:
    signs = {sign(one, now) for one in page.items}
    asked = _("⚠️ the address is to be confirmed") if "⚠️" in signs else None
    hint = _("Open somebody, or type a name.")
    rows = [[to_person(one, now, page.number)] for one in page.items]
    before, after = OpenPeople(page=max(page.number - 1, 0)), OpenPeople(page=page.number + 1)
    turn = pager(page.number, page.pages, before, after)
    text = blocks([why, bold(_("Where people are")), lines([hint, asked])])
    return Screen(text, keyboard(*rows, turn, to_desk()))


def found(those: Sequence[Defendant], now: datetime) -> Screen:
    rows = [[to_person(one, now, 0)] for one in those]
    return Screen(blocks([bold(_("Whom do you mean?"))]), keyboard(*rows, to_people(0)))


def nobody(typed: str) -> str:
    return _("I find nobody called “{name}”.").format(name=typed[:40])


def to_person(one: Defendant, now: datetime, page: int) -> Button:
    return button(f"{sign(one, now)} {person(one)}", OpenPerson(id=one.id, page=page))


def sign(one: Defendant, now: datetime) -> str:
    if one.status in HOME:
        return "🕊" if one.status in FREE else "🏠"
    if one.status not in HELD:
        return "🚚" if one.status == Status.TRANSFER else "❔"
    mail = mailing(one, now)
    if one.letters_allowed is False:
        return "🚫"
    return "✉️" if isinstance(mail, Address) and mail.is_fresh else "⚠️"


def to_people(page: int) -> Row:
    return back_to(_("Where people are"), OpenPeople(page=page))


def one_person(
    one: Defendant,
    here: OpenPerson,
    now: datetime,
    *,
    why: str | None = None,
    toast: str | None = None,
) -> Screen:
    known = {what: button(label, change(one, here, what)) for what, label in labels().items()}
    rows = [[known[what]] for what in fitting(one)]
    text = blocks(
        [
            why,
            bold(person(one)),
            lines([capital(whereabouts(one)), letters_line(mailing(one, now), now)]),
            known_place(one),
        ]
    )
    return Screen(text, keyboard(*rows, to_people(here.page)), toast=toast)


def known_place(one: Defendant) -> Markup | None:
    """As it stands on an envelope, be it confirmed or not."""
    last = custody.last_place(one)
    return quote(lines(envelope(last, one))) if last else None


def envelope(stay: Custody, one: Defendant) -> list[str]:
    if stay.addressee:
        return address_lines(stay)
    return lines_of(stay.facility, full_name(one.name))


def addressed_to(stay: Custody, typed: Mapping[str, str]) -> list[list[str]]:
    """In each language that was typed."""
    return [lines_of(stay.facility, {tongue: typed[tongue]}, tongue) for tongue in typed]


def labels() -> dict[str, str]:
    return {
        "confirm": _("✅ Address confirmed today"),
        "moved": _("📦 Moved to another place"),
        "transfer": _("🚚 Being transferred"),
        "home": _("🕊 Free, or at home"),
        "addressee": _("✏️ To whom letters are addressed"),
        "wrong": _("⚠️ The address is wrong"),
        "forbidden": _("🚫 Letters are forbidden"),
        "allowed": _("✉️ Letters are allowed again"),
    }


def fitting(one: Defendant) -> list[str]:
    last = custody.last_place(one)
    letters = [] if one.status in HOME else ["forbidden"]
    return [
        *(["confirm"] if last else []),
        "moved",
        *(["transfer"] if one.status != Status.TRANSFER else []),
        "home",
        *(["addressee"] if last else []),
        *(["wrong"] if last and last.confirmed_at else []),
        *(["allowed"] if one.letters_allowed is False else letters),
    ]


def change(one: Defendant, here: OpenPerson, what: str) -> ChangePerson:
    return ChangePerson(id=one.id, page=here.page, seen=one.version, what=what)


# What is asked.


def ask_status(here: ChangePerson | PickPlace, statuses: Sequence[Status]) -> Screen:
    known = here.model_dump(include={"id", "page", "seen"})
    rows = [
        [button(capital(words.status(each)), PickStatus(**known, status=each))] for each in statuses
    ]
    text = blocks([bold(_("What do you know?"))])
    return Screen(text, keyboard(*rows, cancel(here)))


def ask_place(
    here: OpenFacilities,
    page: Page[Facility] | None,
    named: Sequence[Facility],
    why: str | None = None,
) -> Screen:
    """A page of all, or those that were typed."""
    known = here.model_dump(include={"id", "page", "seen"})
    shown = page.items if page else named
    rows = [[button(label(one), PickPlace(**known, place=one.id))] for one in shown]
    turn = places_pager(here, page) if page else []
    text = blocks([why, bold(_("Where to?")), _("Choose, or type a part of its name.")])
    return Screen(text, keyboard(*rows, turn, cancel(here)))


def places_pager(here: OpenFacilities, page: Page[Facility]) -> Row:
    before = here.model_copy(update={"list": max(page.number - 1, 0)})
    after = here.model_copy(update={"list": page.number + 1})
    return pager(page.number, page.pages, before, after)


def label(one: Facility) -> str:
    return pick(one.name)


def no_such_place(typed: str) -> str:
    return _("I know no place called “{name}”.").format(name=typed[:40])


def ask_since(here: PickPlace, to: Facility, today: date, why: str | None = None) -> Screen:
    known = here.model_dump(include={"id", "page", "seen", "place"})
    asked = bold(_("Since when? Type the day, if you know it."))
    quick = [
        button(_("Since today"), PickSince(**known, day=today.isoformat())),
        button(_("Not known"), PickSince(**known, day="")),
    ]
    return Screen(blocks([why, label(to), asked]), keyboard(quick, cancel(here)))


def not_a_day() -> str:
    return _("I need a day that has been: “20 November”.")


def ask_tongue(one: Defendant, here: ChangePerson, stay: Custody) -> Screen:
    """Each as it is now."""
    known, tongues = here.model_dump(include={"id", "page", "seen"}), custody.tongues(stay)
    present = [f"{capital(language_name(each))}: {addressed(one, stay, each)}" for each in tongues]
    rows = [
        [button(capital(language_name(each)), PickTongue(**known, language=each))]
        for each in tongues
    ]
    head = bold(_("To whom letters are addressed"))
    text = blocks([head, lines(present), _("In which language?")])
    return Screen(text, keyboard(*rows, cancel(here)))


def addressed(one: Defendant, stay: Custody, tongue: str) -> str:
    return custody.whom(one, stay).get(tongue) or "—"


def ask_addressee(
    one: Defendant, here: PickTongue, stay: Custody, why: str | None = None
) -> Screen:
    """The whole line, as the post and the place want it."""
    asked = bold(_("Type the line with the name as it is to stand on an envelope."))
    hint = _("With the year of birth or a number, where the place wants it.")
    text = blocks([why, asked, addressed(one, stay, here.language), hint])
    return Screen(text, keyboard(cancel(here)))


def ask_reason(here: ChangePerson, why: str | None = None) -> Screen:
    asked = bold(_("Why, or who forbids it? Type a sentence for those who would write."))
    without = [button(_("Without a reason"), here.model_copy(update={"what": "forbid"}))]
    return Screen(blocks([why, asked]), keyboard(without, cancel(here)))


def cancel(here: OpenPerson) -> Row:
    return back_to(_("Cancel"), OpenPerson(id=here.id, page=here.page))


# What would change, and what did.


def proposal(
    one: Defendant,
    found: Sequence[Difference],
    here: SavePerson,
    people: int,
    what: str,
    to: Sequence[Sequence[str]],
    why: str | None = None,
    others: Sequence[tuple[str, Button]] = (),
    *,
    still: bool,
) -> Screen:
    """`to`: what letters would be addressed to; `why` it was not saved; `others`: what stays in
    other languages, and how to change that, too."""
    asked = what in WITH_WORD
    text = blocks(
        [
            why,
            bold(_("This would change") if found else _("It is as it is known.")),
            lines([person(one), *what_changes(found), *(hidden(what) if found else [])]),
            *(quote(lines(block)) for block in to),
            lines(stays for stays, _change in others) or None,
            desk.are_told(people, still=still) if found else None,
            bold(_("Is it all right so, letter by letter? Who says so?")) if asked else None,
        ]
    )
    each = [button(capital(words.source(who)), saying(here, who)) for who in WORDS]
    rows = columns(each, 2) if asked else [[button(_("✅ Save"), here)]]
    nobody = [button(_("Not confirmed yet"), here)] if what != "confirm" and asked else []
    more = [[also] for _stays, also in others]
    return Screen(text, keyboard(*rows, nobody, *more, cancel(here)))


def in_other_tongues(
    one: Defendant, here: SavePerson, typed: Mapping[str, str]
) -> list[tuple[str, Button]]:
    """An old line beside a new one would be confirmed with it."""
    stay, known = custody.last_place(one), here.model_dump(include={"id", "page", "seen"})
    if stay is None:
        return []
    told = _("⚠️ In this language it stays: {language}: “{line}”. Is that right, too?")
    return [
        (
            told.format(language=capital(language_name(each)), line=addressed(one, stay, each)),
            button(f"✏️ {capital(language_name(each))}", PickTongue(**known, language=each)),
        )
        for each in custody.tongues(stay)
        if each not in typed
    ]


def saying(here: SavePerson, source: Source) -> SavePerson:
    return here.model_copy(update={"source": source})


def what_changes(found: Sequence[Difference]) -> list[str]:
    """But for the stays, of which the new one is seen as letters are addressed to it."""
    return [
        capital(words_of_file.change(each.kind, one))
        for each in found
        for one in each.changes
        if one.key != "custody"
    ]


def hidden(what: str) -> list[str]:
    if what in WITH_WORD or what == "allowed":
        return []
    return [_("No address is shown any more.")]


def refused(error: CampaignFileError) -> str:
    return words_of_file.reasons(error)


def saved(one: Defendant, here: OpenPerson, version: int, *, still: bool) -> Screen:
    undo = button(_("↩️ Undo"), AskToUndo(version=version))
    again = button(person(one), OpenPerson(id=here.id, page=here.page))
    return Screen(desk.saved(still=still), keyboard([undo, again], to_people(here.page)))
