"""Small pieces that several screens are made of."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.i18n import (
    _,
    date_time,
    day,
    language,
    ngettext,
    number,
    offset,
    pick,
    span,
    time,
    weekday,
    zone_and_offset,
)
from bot.markup import clean, cut
from bot.services.follows import Following
from models import Case, Defendant, Subject

HOUR = timedelta(hours=1)
OLD = timedelta(days=90)
"""Facts older than that are shown with a warning, where it is seen first."""


def bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def italic(text: str) -> Markup:
    return Markup("<i>{}</i>").format(text)


def quote(text: Markup, *, folded: bool = False) -> Markup:
    tag = Markup("<blockquote expandable>") if folded else Markup("<blockquote>")
    return tag + text + Markup("</blockquote>")


def lines(parts: Iterable[str | None]) -> Markup:
    """One under the other; what is empty is left out."""
    return Markup("\n").join(part for part in parts if part)


def blocks(parts: Iterable[str | None]) -> Markup:
    """With an empty line between; what is empty is left out."""
    return Markup("\n\n").join(part for part in parts if part)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def clock_time(moment: datetime, shown: str) -> Markup:
    """A moment that Telegram's clients can also tell in the reader's own zone."""
    return Markup('<tg-time unix="{}">{}</tg-time>').format(int(moment.timestamp()), shown)


def day_of_week(local: datetime, now: datetime) -> str:
    """ "Thursday, 3 December", with the year when it is not this one."""
    return weekday(local, with_year=is_other_year(local, now))


def is_other_year(local: datetime, now: datetime) -> bool:
    return local.year != now.astimezone(local.tzinfo).year


def local_moment(local: datetime, now: datetime) -> Markup:
    """ "Thursday, 3 December, 10:00 (Yekaterinburg Time, UTC+5)"."""
    shown = f"{day_of_week(local, now)}, {time(local)}"
    return Markup("{} ({})").format(clock_time(local, shown), zone_and_offset(local))


def your_time(local: datetime, zone_name: str | None) -> Markup | None:
    """The same moment where the reader is, if the clock shows another time there."""
    own = elsewhere(local, zone_name)
    if own is None:
        return None
    same_day = own.date() == local.date()
    moment = date_time(own) if same_day else f"{weekday(own, with_year=True)}, {time(own)}"
    return Markup(_("Your time: {moment}")).format(moment=moment)


def hour(local: datetime, zone_name: str | None) -> Markup:
    """ "10:00", for whom it is another hour "10:00 UTC+5 (08:00 for you)"."""
    shown, own = clock_time(local, time(local)), elsewhere(local, zone_name)
    if own is None:
        return shown
    same_day = own.date() == local.date()
    yours = time(own) if same_day else f"{weekday(own)}, {time(own)}"
    return Markup(_("{time} {zone} ({own} for you)")).format(
        time=shown, zone=offset(local), own=yours
    )


def how_long(left: timedelta) -> str:
    """ "1 hour 30 minutes": the nearer it is, the finer."""
    step = 5 if left < 0.9 * HOUR else 15 if left < 6 * HOUR else 60
    rounded = max(1, round(left / timedelta(minutes=step))) * timedelta(minutes=step)
    hours = rounded // HOUR * HOUR
    return " ".join(span(part) for part in (hours, rounded - hours) if part)


def until(local: datetime, zone_name: str | None, now: datetime) -> str:
    """Hours on the day itself, else days of the calendar, if it is the same where one reads it."""
    left, own, days = local - now, elsewhere(local, zone_name) or local, days_until(local, now)
    if left < 6 * HOUR or days_until(own, now) != days:
        return _("In {span}").format(span=how_long(left))
    if days < 2:
        return _("Tomorrow") if days else _("Today")
    return ngettext("In {n} day", "In {n} days", days).format(n=days)


def days_until(local: datetime, now: datetime) -> int:
    """Midnights between, by the clock of that zone."""
    return (local.date() - now.astimezone(local.tzinfo).date()).days


BAR = 12
"""Squares: a telephone shows them in one line."""


def bar(done: Decimal | int, whole: Decimal | int) -> str:
    full = min(BAR, int(done * BAR // whole))
    return "▓" * full + "░" * (BAR - full)


def crossed_out(parts: Sequence[str]) -> Markup | None:
    """How it was; nothing, if that is no other."""
    if not parts:
        return None
    said = Markup("<s>{}</s>").format(clipped(" · ".join(parts), 300))
    return Markup(_("Was: {what}")).format(what=said)


def elsewhere(local: datetime, zone_name: str | None) -> datetime | None:
    """The moment in the reader's zone, if the clock shows another time there."""
    own = local.astimezone(ZoneInfo(zone_name)) if zone_name else local
    return None if own.utcoffset() == local.utcoffset() else own


def person(defendant: Defendant) -> str:
    return pick(shown_names(defendant))


def where_to_write(defendant: Defendant) -> str:
    """What somebody follows who asked for it."""
    return _("{name}: where to write").format(name=person(defendant))


def follow_label(following: Following) -> str:
    if following.muted:
        return muted_label()
    return _("✓ Following") if following.itself else _("🔔 Follow")


def muted_label() -> str:
    """A press unmutes it."""
    return _("🔕 Following, muted")


def followed_within(following: Following) -> str | None:
    """What the button does not tell: whoever follows more hears of this, too."""
    if following.is_on or following.within is None:
        return None
    if following.within == Subject.CASE:
        return _("✓ Followed already, with the whole case")
    return _("✓ Followed already, with everything")


def shown_names(defendant: Defendant) -> dict[str, str]:
    return {code: name for code, name in defendant.name.items() if not code.endswith("_full")}


def title(case: Case) -> str:
    return pick(case.title)


def as_of(day_of: date | None, now: datetime) -> Markup | None:
    """How old all of it is, where the campaign says so; quietly while that is not long."""
    if day_of is None or is_old(day_of, now):
        return None
    return italic(_("Facts as of {date}").format(date=day(day_of)))


def aged(day_of: date | None, now: datetime) -> Markup | None:
    """Nobody must take for the present what was so long ago."""
    if day_of is None or not is_old(day_of, now):
        return None
    told = _("⚠️ Facts as of {date}: much may have changed")
    return bold(told.format(date=day(day_of)))


def is_old(day_of: date, now: datetime) -> bool:
    return now.date() - day_of > OLD


def ask(contact: str | None) -> Markup | None:
    """Where to ask; Telegram makes a link of it by itself."""
    if contact is None:
        return None
    return Markup(_("💬 Ask the organisers: {contact}")).format(contact=address(contact))


def tell(contact: str | None) -> Markup | None:
    if contact is None:
        return None
    told = _("💬 Do you know more? Tell the organisers: {contact}")
    return Markup(told).format(contact=address(contact))


def address(contact: str) -> str:
    return contact.removeprefix("mailto:").removeprefix("https://")


def clipped(text: str, limit: int = 600) -> str:
    """A campaign's text, cut so that the screen's other parts keep their place."""
    return clean(text, limit)


LONGEST = 3000
"""Characters of a long text on one screen, among other words."""


def beginning(text: str) -> Markup:
    """With its lines."""
    return cut(Markup("{}").format(text), LONGEST)


def people(many: int) -> str:
    return ngettext("{n} person", "{n} people", many).format(n=number(many))


# Tables.

SEPARATORS = {"ru": ";"}
"""What a spreadsheet expects between two cells where people write so; elsewhere a comma."""


def separator() -> str:
    """Of the columns of a table, as a spreadsheet in the language spoken wants it."""
    return SEPARATORS.get(language(), ",")
