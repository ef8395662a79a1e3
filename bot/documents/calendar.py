"""Hearings and events as calendar files (RFC 5545, RFC 7986), to be taken into any calendar."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from icalendar import (
    STATUS,
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vDuration,
    vGeo,
)

from bot.markup import clean, shortened
from bot.services.calendar import Dates
from bot.views.calendar import Entry, name, of_event, of_hearing
from models import Organisation

REFRESH = timedelta(hours=1)
"""How often a program should look again; those that know neither property choose for themselves."""
# UTF-16 units, so that the file of one stays below 10 KB: at most 3 bytes each.
TITLE, DESCRIPTION, LOCATION = 200, 1500, 300
YEAR = 366
"""Days."""


def file_of_one(entry: Entry, now: datetime) -> bytes:
    """At most 10 KB. Opened again, it changes the entry that it made, or takes it out."""
    calendar = empty()
    calendar.add("METHOD", "CANCEL" if entry.is_off else "PUBLISH")
    fill(calendar, [entry], now)
    return bytes(calendar.to_ical())


def calendar_of(
    dates: Dates, organisation: Organisation | None, zone: str | None, now: datetime
) -> bytes:
    """In the language spoken; `zone`: the reader's own. Of many it takes long: for a thread."""
    hearings = [of_hearing(one, organisation, zone) for one in dates.hearings]
    events = [of_event(one, organisation, zone, now, is_seated=True) for one in dates.events]
    return file_of_many([*hearings, *events], name(organisation), now)


def file_of_many(entries: Sequence[Entry], title: str, now: datetime) -> bytes:
    """All of a calendar. Without METHOD it is what it is now (3.7.2), not a list of changes."""
    calendar = empty()
    for key in ("NAME", "X-WR-CALNAME"):
        calendar.add(key, clean(title, TITLE))
    calendar.add("REFRESH-INTERVAL", REFRESH, {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    fill(calendar, entries, now)
    return bytes(calendar.to_ical())


def empty() -> Calendar:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//solidarity-bot//hearings//EN")
    return calendar


def fill(calendar: Calendar, entries: Sequence[Entry], now: datetime) -> None:
    """With the zones that the entries need, once each, before them."""
    starts = [written(entry.starts_at, entry.length)[0] for entry in entries]
    events = [written_out(entry, now) for entry in entries]
    calendar.subcomponents.extend([*timezones(starts), *events])


def written_out(entry: Entry, now: datetime) -> Event:
    title = clean(entry.title, TITLE)
    start, end = written(entry.starts_at, entry.length)
    event = Event.new(
        uid=entry.uid,
        sequence=entry.sequence,
        stamp=now,
        start=start,
        end=end,
        status=STATUS.CANCELLED if entry.is_off else STATUS.CONFIRMED,
        summary=title,
        description=paragraphs(entry.text),
        location=clean(entry.place, LOCATION),
        subcomponents=[] if entry.is_off else list(alarms(entry, title)),
    )
    if entry.point:
        event.add("GEO", vGeo(entry.point))
    return event


def written(starts_at: datetime, length: timedelta) -> tuple[datetime, datetime]:
    """Start and end in the local time of the start; in UTC when its clock shows one of them a
    second time.

    A local time that comes twice means the first one (RFC 5545, 3.3.5).
    """
    moments = starts_at.astimezone(UTC), starts_at.astimezone(UTC) + length
    start, end = (moment.astimezone(starts_at.tzinfo) for moment in moments)
    return moments if start.fold or end.fold else (start, end)


def timezones(starts: Sequence[datetime]) -> Iterator[Timezone]:
    """The VTIMEZONE of each zone of local starts; none for UTC."""
    zones = {
        start.tzinfo.key: start.tzinfo for start in starts if isinstance(start.tzinfo, ZoneInfo)
    }
    for _key, zone in sorted(zones.items()):
        yield timezone([start for start in starts if start.tzinfo is zone], zone)


def timezone(starts: Sequence[datetime], zone: ZoneInfo) -> Timezone:
    """With the changes from a year before the first of them to a year after the last."""
    # icalendar's own says that clocks go forward at 03:00; an onset is said in the time before.
    noon = min(starts).astimezone(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    last = (max(starts) - noon).days + YEAR
    days = [noon + timedelta(days=day) for day in range(-YEAR, last + 2)]
    rules = Timezone()
    rules.add("TZID", zone.key)
    rules.add_component(observance(zone, days[0]))
    for before, after in pairwise(days):
        if offset(zone, before) != offset(zone, after):
            rules.add_component(observance(zone, change(zone, before)))
    return rules


def change(zone: ZoneInfo, before: datetime) -> datetime:
    """The first second of the zone's next offset, within a day."""
    seconds = bisect_left(
        range(24 * 3600),
        True,
        key=lambda second: offset(zone, before + timedelta(seconds=second)) != offset(zone, before),
    )
    return before + timedelta(seconds=seconds)


def observance(zone: ZoneInfo, moment: datetime) -> TimezoneDaylight | TimezoneStandard:
    """The offset from that moment on; its onset is written in the time before (3.6.5)."""
    local = moment.astimezone(zone)
    was = offset(zone, moment - timedelta(seconds=1))
    rule = TimezoneDaylight() if local.dst() else TimezoneStandard()
    rule.DTSTART = (moment + was).replace(tzinfo=None)
    rule.TZOFFSETFROM, rule.TZOFFSETTO = was, offset(zone, moment)
    rule.add("TZNAME", local.tzname())
    return rule


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def alarms(entry: Entry, title: str) -> Iterator[Alarm]:
    for before in entry.alarms:
        alarm = Alarm.new(description=title)
        alarm.add("ACTION", "DISPLAY")
        alarm.TRIGGER = -before
        yield alarm


def paragraphs(text: str) -> str:
    """The lines of a text, each made harmless: control characters are not allowed in the file."""
    return shortened("\n".join(clean(line, DESCRIPTION) for line in text.splitlines()), DESCRIPTION)
