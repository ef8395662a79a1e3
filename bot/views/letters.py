"""Letters: where one can be sent today, or why none can."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.callbacks import OpenAddress, OpenDefendant, OpenEvent, OpenLetters
from bot.i18n import (
    _,
    ago,
    country_name,
    language,
    language_name,
    listed,
    ngettext,
    pick,
    speaking,
)
from bot.keyboards import Row, back_to, button, copy, keyboard, link, pager, to_letter_kit, to_menu
from bot.markup import utf16
from bot.screen import Screen
from bot.services.letters import Address, CannotWrite, Mailing, Reason, mailing
from bot.services.pages import Page
from bot.views import words
from bot.views.parts import aged, blocks, bold, clipped, lines, person, quote, tell
from models import Custody, Defendant, Facility

UNKNOWN = (Reason.TRANSFER, Reason.WHEREABOUTS, Reason.NO_ADDRESS, Reason.STALE)
"""Whoever knows more can help."""
ABROAD = "en"
"""Who copies an address in it writes from another country."""
COPIED = 256
"""The longest text a copy button takes (Bot API, CopyTextButton)."""


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
    zone = mail.custody.facility.timezone
    return ago(mail.confirmed_at, now.astimezone(ZoneInfo(zone)) if zone else now)


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
    page: Page[Defendant], day_of: date | None, now: datetime, is_private: bool = True
) -> Screen:
    if not page.items:
        return Screen(
            Markup(_("There is nobody to write to in this campaign now.")), keyboard(to_menu())
        )
    text = blocks(
        [
            bold(_("Whom to write to")),
            aged(day_of, now),
            Markup(how_to_choose(page.items, now, is_private)),
            lines(whom_line(defendant, now) for defendant in page.items),
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


def whom_line(defendant: Defendant, now: datetime) -> Markup:
    can = isinstance(mailing(defendant, now), Address)
    who = clipped(pick(defendant.who), 100)
    return Markup("{} {} — {}").format("✉️" if can else "📭", bold(person(defendant)), who)


def details(
    defendant: Defendant, now: datetime, came_from: OpenAddress, contact: str | None
) -> Screen:
    """The address with its age, or the reason why nobody can write."""
    mail = mailing(defendant, now)
    if isinstance(mail, CannotWrite):
        return cannot(defendant, mail, came_from, contact)
    address = address_lines(mail.custody)
    text = blocks(
        [
            Markup(_("✉️ A letter to {name}")).format(name=bold(person(defendant))),
            Markup("<code>{}</code>").format("\n".join(address)),
            confirmation(mail, now),
            rules(mail.custody.facility, defendant),
            write_about(defendant),
            advice(),
        ]
    )
    services = [[link(s["name"], s["url"])] for s in mail.custody.facility.letter_services or ()]
    return Screen(text, keyboard(copying(address), *services[:5], *back(defendant, came_from)))


def cannot(
    defendant: Defendant, mail: CannotWrite, came_from: OpenAddress, contact: str | None
) -> Screen:
    text = blocks(
        [
            Markup(_("✉️ A letter to {name}")).format(name=bold(person(defendant))),
            Markup(_("Nobody can write now: {reason}.")).format(reason=because(mail).rstrip(".")),
            tell(contact) if mail.reason in UNKNOWN else None,
        ]
    )
    others = [] if came_from.listed else [button(_("Write to somebody else"), OpenLetters())]
    return Screen(text, keyboard(others, *back(defendant, came_from)))


def back(defendant: Defendant, came_from: OpenAddress) -> list[Row]:
    """Whence one came; the card is there all the same."""
    card = OpenDefendant(id=defendant.id)
    to_card = [button(f"👤 {person(defendant)}", card)]
    if came_from.event:
        return [to_card, back_to(_("Back"), OpenEvent(id=came_from.event))]
    if came_from.listed:
        return [to_card, back_to(_("Whom to write to"), OpenLetters(page=came_from.listed - 1))]
    return [back_to(_("Card"), card)]


def address_lines(custody: Custody) -> list[str]:
    """As the post wants it, in one language: the facility's own where the post needs it."""
    facility, tongue = custody.facility, address_language(custody)
    code, address = facility.postal_code or "", said(facility.address, tongue)
    name, addressee = said(facility.name, tongue), said(custody.addressee, tongue)
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
    needed = [custody.facility.address, custody.facility.name, custody.addressee]
    given = [texts for texts in needed if texts]
    if all(language() in texts for texts in given):
        return language()
    return next(iter(custody.facility.address or {}), language())


def said(texts: dict[str, str] | None, tongue: str) -> str:
    if not texts:
        return ""
    return texts.get(tongue) or pick(texts)


def copying(address: list[str]) -> Row:
    """What does not fit is not cut: half an address leads nowhere."""
    whole = "\n".join(address)
    if utf16(whole) <= COPIED:
        return [copy(_("📋 Copy the address"), whole)]
    return [
        copy(_("📋 Line {n}").format(n=n), line)
        for n, line in enumerate(address, 1)
        if utf16(line) <= COPIED
    ]


def confirmation(mail: Address, now: datetime) -> Markup:
    by = words.confirmed_by(mail.custody.source)
    told = Markup(_("✅ Confirmed {when} {by}")).format(when=confirmed(mail, now), by=by)
    if mail.is_fresh:
        return Markup(told.strip())
    warning = _("⚠️ That was over a month ago: the person may have been moved.")
    return lines([Markup(told.strip()), Markup(warning)])


def rules(facility: Facility, defendant: Defendant) -> Markup | None:
    accepted = facility.letter_languages or defendant.languages
    names = listed([language_name(code) for code in accepted]) if accepted else ""
    house_rules = clipped(pick(facility.letter_rules), 500)
    told = [
        Markup(
            ngettext("Language: {languages}", "Languages: {languages}", len(accepted or ()))
        ).format(languages=names)
        if names
        else None,
        Markup(_("Rules: {rules}")).format(rules=house_rules) if house_rules else None,
    ]
    return lines(told) or None


def write_about(defendant: Defendant) -> Markup | None:
    about = clipped(pick(defendant.write_about), 300)
    return Markup(_("Likes to read about: {about}")).format(about=about) if about else None


def advice() -> Markup:
    return quote(
        Markup(
            _(
                "A censor reads every letter. Write nothing about the case or other people's "
                "cases. Your return address is seen by the prison: give it only if you want an "
                "answer."
            )
        )
    )
