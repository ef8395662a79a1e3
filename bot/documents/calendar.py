"""A hearing as a calendar file (RFC 5545), to be taken into any calendar."""

from bisect import bisect_left
from collections.abc import Iterator
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
    vGeo,
)

from bot.markup import clean, shortened
from models import Court, Hearing

LENGTH = timedelta(hours=1)
"""Nobody knows how long a hearing takes; an entry without an end is shown badly."""
ALARMS = (timedelta(days=1), timedelta(hours=3))
# UTF-16 units, so that a file stays below 10 KB: at most 3 bytes each.
TITLE, DESCRIPTION, LOCATION = 200, 1500, 300


def hearing_calendar(
    hearing: Hearing,
    *,
    organisation_slug: str,
    now: datetime,
    title: str,
    description: str,
    location: str,
) -> bytes:
    """At most 10 KB. The hearing's court is loaded, and `now` is aware."""
    start, end = written(hearing.starts_at, ZoneInfo(hearing.court.timezone))
    event = Event.new(
        uid=f"hearing-{hearing.slug}@{organisation_slug}",
        sequence=hearing.revision,
        stamp=now,
        start=start,
        end=end,
        status=STATUS.CANCELLED if hearing.is_off else STATUS.CONFIRMED,
        summary=clean(title, TITLE),
        description=paragraphs(description),
        location=clean(location, LOCATION),
        subcomponents=[] if hearing.is_off else list(alarms(clean(title, TITLE))),
    )
    add_place(event, hearing.court)
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//solidarity-bot//hearings//EN")
    calendar.add("METHOD", "CANCEL" if hearing.is_off else "PUBLISH")
    calendar.subcomponents.extend([*timezones(start), event])
    return bytes(calendar.to_ical())


def written(starts_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and end in the court's time; in UTC when its clock shows one of them a second time.

    A local time that comes twice means the first one (RFC 5545, 3.3.5).
    """
    moments = starts_at.astimezone(UTC), starts_at.astimezone(UTC) + LENGTH
    start, end = (moment.astimezone(zone) for moment in moments)
    return moments if start.fold or end.fold else (start, end)


def timezones(start: datetime) -> list[Timezone]:
    """The VTIMEZONE of a local start, with the changes of a year before and after; none for UTC."""
    # icalendar's own says that clocks go forward at 03:00; an onset is said in the time before.
    zone = start.tzinfo
    if not isinstance(zone, ZoneInfo):
        return []
    noon = start.astimezone(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    days = [noon + timedelta(days=day) for day in range(-366, 367)]
    timezone = Timezone()
    timezone.add("TZID", zone.key)
    timezone.add_component(observance(zone, days[0]))
    for before, after in pairwise(days):
        if offset(zone, before) != offset(zone, after):
            timezone.add_component(observance(zone, change(zone, before)))
    return [timezone]


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


def alarms(title: str) -> Iterator[Alarm]:
    for before in ALARMS:
        alarm = Alarm.new(description=title)
        alarm.add("ACTION", "DISPLAY")
        alarm.TRIGGER = -before
        yield alarm


def add_place(event: Event, court: Court) -> None:
    if court.latitude is not None and court.longitude is not None:
        event.add("GEO", vGeo((court.latitude, court.longitude)))


def paragraphs(text: str) -> str:
    """The lines of a text, each made harmless: control characters are not allowed in the file."""
    return shortened("\n".join(clean(line, DESCRIPTION) for line in text.splitlines()), DESCRIPTION)
