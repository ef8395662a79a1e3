"""Letters: where one can be sent today, or why none can."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from bot.callbacks import (
    AskHowSent,
    AskWhatIsWrong,
    CountLetter,
    FollowAddress,
    OpenAddress,
    OpenAdvice,
    OpenDefendant,
    OpenEvent,
    OpenLetters,
    OpenOtherForm,
)
from bot.i18n import (
    _,
    ago,
    country_name,
    day,
    day_and_month,
    language,
    language_name,
    listed,
    ngettext,
    number,
    pick,
    script,
    speaking,
)
from bot.keyboards import (
    Button,
    Row,
    back_to,
    button,
    columns,
    copy,
    keyboard,
    link,
    pager,
    to_letter_kit,
    to_menu,
)
from bot.markup import plain, utf16
from bot.screen import Screen
from bot.services.letters import (
    Address,
    CannotWrite,
    Mailing,
    Reason,
    clock_there,
    has_birthday_soon,
    mailing,
)
from bot.services.pages import Page
from bot.services.sent_letters import Progress
from bot.views import words
from bot.views.letter_advice import how_to_be_safe, how_to_begin
from bot.views.parts import (
    aged,
    blocks,
    bold,
    capital,
    clipped,
    italic,
    lines,
    person,
    quote,
    tell,
)
from bot.views.sent_letters import goal_line
from models import Custody, Defendant, Facility, Texts

UNKNOWN = (Reason.TRANSFER, Reason.WHEREABOUTS, Reason.NO_ADDRESS, Reason.STALE)
"""Whoever knows more can help."""
TO_WAIT_FOR = frozenset(Reason) - {Reason.FREE, Reason.AT_HOME, Reason.STALE}
"""Some day one may write, and is told so. What was confirmed long ago may be the same again."""
ABROAD = "en"
"""Who copies an address in it writes from another country."""
COPIED = 256
"""The longest text a copy button takes (Bot API, CopyTextButton)."""
MOST_SERVICES = 6


def letters_line(mail: Mailing, now: datetime) -> Markup:
    """Where the letters stand, in one line of a card."""
    if isinstance(mail, CannotWrite):
        free = mail.reason == Reason.FREE
        told = (
            _("✉️ No need to write to a prison: {reason}")
            if free
            else _("✉️ Cannot write now: {reason}")
        )
        return Markup(told).format(reason=because(mail))
    when = confirmed(mail, now)
    if mail.is_fresh:
        return Markup(_("✉️ You can write: address confirmed {when}")).format(when=when)
    return Markup(_("✉️ You can write, but the address is old: confirmed {when}")).format(when=when)


def confirmed(mail: Address, now: datetime) -> str:
    """Days are those of the place, where its zone is known."""
    return ago(mail.confirmed_at, clock_there(mail.custody, now))


def write_button(defendant: Defendant, now: datetime) -> Row:
    """On a card: to the address, or to the reason; to somebody free there is nothing to say."""
    mail = mailing(defendant, now)
    if isinstance(mail, Address):
        return [button(_("✉️ Write"), OpenAddress(id=defendant.id))]
    if mail.reason == Reason.FREE:
        return []
    return [button(_("✉️ About letters"), OpenAddress(id=defendant.id))]


def because(mail: CannotWrite) -> str:
    if mail.words:
        return clipped(pick(mail.words), 300)
    return {
        Reason.TOLD: _("letters are not allowed"),
        Reason.FORBIDDEN: _("letters are not allowed"),
        Reason.TRANSFER: _("a transfer is under way, and the new address is not known yet"),
        Reason.FREE: _("already free"),
        Reason.AT_HOME: _("lives at home, and we give out no home addresses"),
        Reason.WHEREABOUTS: _("it is not known where they are"),
        Reason.NO_ADDRESS: _("we have no confirmed address"),
        Reason.STALE: _("the address was confirmed too long ago and is being checked"),
    }[mail.reason]


def whom(
    page: Page[Defendant],
    lately: Mapping[int, int],
    goals: Sequence[Progress],
    day_of: date | None,
    now: datetime,
    is_private: bool = True,
) -> Screen:
    """`lately`: letters, by person."""
    if not page.items:
        return Screen(
            Markup(_("There is nobody to write to in this campaign now.")), keyboard(to_menu())
        )
    text = blocks(
        [
            bold(_("Whom to write to")),
            aged(day_of, now),
            Markup(how_to_choose(page.items, now, is_private)),
            lines(goal_line(one) for one in goals) or None,
            lines(whom_line(one, lately.get(one.id, 0), now) for one in page.items),
        ]
    )
    rows = [
        [button(person(one), OpenAddress(id=one.id, listed=page.number + 1))] for one in page.items
    ]
    turn = pager(
        page.number,
        page.pages,
        OpenLetters(page=max(page.number - 1, 0)),
        OpenLetters(page=page.number + 1),
    )
    can = any(isinstance(mailing(one, now), Address) for one in page.items)
    return Screen(text, keyboard(*rows, turn, [to_letter_kit()] if can else [], to_menu()))


def how_to_choose(people: list[Defendant], now: datetime, is_private: bool) -> str:
    if any(isinstance(mailing(one, now), Address) for one in people):
        return _("Choose a person, or just type a name.") if is_private else _("Choose a person:")
    return _("Nobody here has a confirmed address now. Choose a person to see why.")


def whom_line(defendant: Defendant, letters: int, now: datetime) -> Markup:
    can = isinstance(mailing(defendant, now), Address)
    who = clipped(pick(defendant.who), 100)
    line = Markup("{} {} — {}").format("✉️" if can else "📭", bold(person(defendant)), who)
    closed = italic(_("nobody can write there now"))
    return lines([line, why_now(defendant, letters, now) if can else closed])


def why_now(defendant: Defendant, letters: int, now: datetime) -> Markup:
    """Who needs a letter most comes first: this is why."""
    soon = has_birthday_soon(defendant, now.date())
    parts = [birthday(defendant) if soon else None, written_lately(letters)]
    return italic(" · ".join(part for part in parts if part))


def birthday(defendant: Defendant) -> str:
    return f"🎂 {day_and_month(defendant.birthday or '')}"


def written_lately(letters: int) -> str:
    if not letters:
        return _("nobody has said lately that they wrote")
    return ngettext(
        "{n} letter in the last 30 days", "{n} letters in the last 30 days", letters
    ).format(n=number(letters))


def details(
    defendant: Defendant,
    now: datetime,
    came_from: OpenAddress,
    contact: str | None,
    letters: int,
    is_asked: bool,
    is_other: bool = False,
) -> Screen:
    """The address with its age, or the reason why nobody can write.

    `letters`: of late; `is_asked`: whether the reader is told when the address changes;
    `is_other`: in the other alphabet, where there is one.
    """
    mail, ask = mailing(defendant, now), ask_button(came_from, is_asked)
    if isinstance(mail, CannotWrite):
        waits = [ask] if mail.reason in TO_WAIT_FOR else []
        return cannot(defendant, mail, came_from, contact, waits)
    forms = addresses(mail.custody)
    form, *others = reversed(forms) if is_other else forms
    text = blocks(
        [
            Markup(_("✉️ A letter to {name}")).format(name=bold(person(defendant))),
            lines([shown(form), confirmation(mail, now), at_a_glance(defendant, mail, letters)]),
        ]
    )
    turn = [to_form(one, form, came_from, is_other=not is_other) for one in others]
    ways = columns([*services(mail.custody.facility), *turn], 2)
    rows = *copies(form), *ways, *doings(mail, came_from, ask)
    return Screen(text, keyboard(*rows, back(defendant, came_from)))


def at_a_glance(defendant: Defendant, mail: Address, letters: int) -> Markup:
    """Folded, for it must not push the address out of sight: what harms comes first."""
    facility = mail.custody.facility
    told = [
        spoken(facility, defendant),
        f"🛡 {how_to_be_safe()[0]}",
        rules(facility),
        on_the_way(facility),
        write_about(defendant),
        birthday_line(defendant),
        capital(written_lately(letters)),
    ]
    return quote(lines(told), folded=True)


def services(facility: Facility) -> list[Button]:
    known = [link(one["name"], one["url"]) for one in facility.letter_services or ()]
    return known[:MOST_SERVICES]


def birthday_line(defendant: Defendant) -> str | None:
    return birthday(defendant) if defendant.birthday else None


def on_the_way(facility: Facility) -> str | None:
    days = facility.letter_days
    if not days:
        return None
    return ngettext("A letter takes about {n} day", "A letter takes about {n} days", days).format(
        n=days
    )


def doings(mail: Address, here: OpenAddress, ask: Button) -> list[Row]:
    """How a letter went is asked where there are two ways."""
    place = here.model_dump()
    electronic = mail.custody.facility.letter_services
    sent = AskHowSent(**place) if electronic else CountLetter(**place)
    wrong = button(_("⚠️ It is wrong"), AskWhatIsWrong(**place))
    advice = button(_("💡 Advice, print"), OpenAdvice(**place))
    return [[advice, ask], [button(_("💌 I sent one"), sent), wrong]]


def to_form(form: "Block", shown: "Block", here: OpenAddress, *, is_other: bool) -> Button:
    """By its alphabet, where that is another one."""
    label, letters = _("🔤 As it is written there"), script(form.language)
    if letters != script(shown.language):
        known = {"Latn": _("🔤 In Latin letters"), "Cyrl": _("🔤 In Cyrillic")}
        label = known.get(letters, label)
    return button(label, OpenOtherForm(**here.model_dump()) if is_other else here)


def ask_button(came_from: OpenAddress, is_asked: bool) -> Button:
    label = _("✓ You are told") if is_asked else _("🔔 Tell of changes")
    return button(label, FollowAddress(**came_from.model_dump(), on=not is_asked))


def cannot(
    defendant: Defendant,
    mail: CannotWrite,
    came_from: OpenAddress,
    contact: str | None,
    ask: Row,
) -> Screen:
    text = blocks(
        [
            Markup(_("✉️ A letter to {name}")).format(name=bold(person(defendant))),
            Markup(_("Nobody can write now: {reason}.")).format(reason=because(mail).rstrip(".")),
            tell(contact) if mail.reason in UNKNOWN else None,
        ]
    )
    others = [] if came_from.listed else [button(_("Write to somebody else"), OpenLetters())]
    return Screen(text, keyboard(ask, others, back(defendant, came_from)))


def back(defendant: Defendant, came_from: OpenAddress) -> Row:
    """Whence one came; the card is there all the same."""
    card = OpenDefendant(id=defendant.id)
    if not came_from.event and not came_from.listed:
        return back_to(_("Card"), card)
    to_list = OpenLetters(page=max(came_from.listed - 1, 0))
    there = OpenEvent(id=came_from.event) if came_from.event else to_list
    home, menu = back_to(_("Back"), there)
    return [home, button(_("Card"), card), menu]


@dataclass(frozen=True, slots=True)
class Block:
    """An address in one language, line by line."""

    language: str
    lines: list[str]


def addresses(custody: Custody) -> list[Block]:
    """In the reader's language first, then in the others that all of it is given in: the post here
    reads the one alphabet, the post abroad the other."""
    first = address_language(custody)
    others = [tongue for tongue in custody.facility.address or {} if tongue != first]
    whole = [tongue for tongue in others if is_whole(custody, tongue)]
    return [Block(tongue, address_lines(custody, tongue)) for tongue in (first, *whole)][:2]


def shown(block: Block) -> Markup:
    address = Markup("<code>{}</code>").format("\n".join(block.lines))
    if block.language != ABROAD or block.language == language():
        return address
    return lines([italic(_("For the post from abroad:")), address])


def address_lines(custody: Custody, tongue: str | None = None) -> list[str]:
    """As the post wants it, in one language: the facility's own where the post needs it."""
    return lines_of(custody.facility, custody.addressee, tongue or address_language(custody))


def lines_of(facility: Facility, whom: Texts | None, tongue: str | None = None) -> list[str]:
    tongue = tongue or next(iter(facility.address or {}), language())
    code, address = facility.postal_code or "", said(facility.address, tongue)
    name, addressee = said(facility.name, tongue), said(whom, tongue)
    if tongue == ABROAD:
        return from_abroad([addressee, name], address, code, facility.country)
    return [line for line in (f"{code} {address}".strip(), name, addressee) if line]


def from_abroad(whom: list[str], address: str, code: str, land: str) -> list[str]:
    """As the Universal Postal Union has it: addressee first, country last and in capitals."""
    with speaking(ABROAD):
        country = country_name(land)
    streets = re.sub(rf"\s*,\s*{re.escape(country)}\.?$", "", address, flags=re.IGNORECASE)
    return [line for line in (*whom, streets, code, country.upper()) if line]


def address_language(custody: Custody) -> str:
    """The language spoken if the whole block is there in it, else the address's first one."""
    if is_whole(custody, language()):
        return language()
    return next(iter(custody.facility.address or {}), language())


def is_whole(custody: Custody, tongue: str) -> bool:
    needed = [custody.facility.address, custody.facility.name, custody.addressee]
    return all(tongue in texts for texts in needed if texts)


def said(texts: dict[str, str] | None, tongue: str) -> str:
    if not texts:
        return ""
    return texts.get(tongue) or pick(texts)


def copies(form: Block) -> list[Row]:
    """What does not fit is not cut: half an address leads nowhere."""
    whole = "\n".join(form.lines)
    if utf16(whole) <= COPIED:
        return [[copy(_("📋 Copy the address"), whole)]]
    each = [
        copy(_("📋 Line {n}").format(n=n), line)
        for n, line in enumerate(form.lines, 1)
        if utf16(line) <= COPIED
    ]
    return columns(each, 3)


def confirmation(mail: Address, now: datetime) -> Markup:
    by = words.confirmed_by(mail.custody.source)
    told = _("✅ Confirmed {when} {by}") if mail.is_fresh else _("⚠️ Confirmed {when} {by}")
    said = told.format(when=confirmed(mail, now), by=by).strip()
    if mail.is_fresh:
        return Markup.escape(said)
    return Markup(_("{confirmed}: they may have been moved since.")).format(confirmed=said)


def spoken(facility: Facility, defendant: Defendant) -> Markup | None:
    """The first that somebody has to know who writes in another one."""
    names, n = accepted(facility, defendant)
    told = ngettext("Language: {languages}", "Languages: {languages}", n)
    return Markup(told).format(languages=names) if names else None


def rules(facility: Facility) -> Markup | None:
    house_rules = clipped(pick(facility.letter_rules), 500)
    return Markup(_("Rules: {rules}")).format(rules=house_rules) if house_rules else None


def accepted(facility: Facility, defendant: Defendant) -> tuple[str, int]:
    """In which languages one may write, and how many they are."""
    codes = facility.letter_languages or defendant.languages or []
    return listed([language_name(code) for code in codes]), len(codes)


def write_about(defendant: Defendant) -> Markup | None:
    about = clipped(pick(defendant.write_about), 300)
    return Markup(_("Likes to read about: {about}")).format(about=about) if about else None


def printed(defendant: Defendant, mail: Address, now: datetime) -> str:
    """To print: the address as it goes on the envelope, then the rest, without any marks."""
    facility = mail.custody.facility
    ways = [f"{one['name']}: {one['url']}" for one in facility.letter_services or ()]
    told = [spoken(facility, defendant), rules(facility), on_the_way(facility)]
    parts = [
        *("\n".join(block.lines) for block in addresses(mail.custody)),
        "\n".join([dated(mail, now), printed_on(now)]),
        plain(lines([*told, write_about(defendant), *ways])),
        "\n".join(f"- {line}" for line in (*how_to_begin(), *how_to_be_safe())),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def dated(mail: Address, now: datetime) -> str:
    """For paper, on which "3 days ago" would be true for ever."""
    by = words.confirmed_by(mail.custody.source)
    there = mail.confirmed_at.astimezone(clock_there(mail.custody, now).tzinfo)
    return _("Confirmed on {date} {by}").format(date=day(there), by=by).strip()


def printed_on(now: datetime) -> str:
    told = _("Printed on {date}. People are moved: ask anew before another letter.")
    return told.format(date=day(now))


def printed_caption(defendant: Defendant) -> Markup:
    return Markup(_("To print: {name}. Tomorrow it may be another address.")).format(
        name=person(defendant)
    )
