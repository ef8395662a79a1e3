"""Days and moments as a campaign file writes them.

Days: "2026-12-01", "+30d" (from today). Moments: "2026-12-01 10:00", "2026-12-01T10:00:30",
"2026-12-01 10:00+03:00", a day (its beginning), "+3d 10:00", "-1d", "+2h", "+90m".
"""

import re
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.services.campaign_file.problems import What, wrong

YEARS = range(1900, 2101)

DAY = re.compile(r"([0-9]{4})-([0-9][0-9])-([0-9][0-9])")
DAYS_ON = re.compile(r"([+-][0-9]{1,5})d")
CLOCK = re.compile(r"([0-9][0-9]?):([0-9][0-9])(?::([0-9][0-9]))?")
OFFSET = re.compile(r"Z|([+-])([0-9][0-9]):?([0-9][0-9])")
WRITTEN_OFFSET = re.compile(r"[+-][0-9][0-9]:[0-9][0-9]$")
MOMENT = re.compile(
    r"(?P<day>[0-9-]{10}|[+-][0-9]{1,5}d)(?:[ T]+(?P<clock>[0-9:]{4,8}) ?(?P<offset>\S*))?"
)
SPAN_ON = re.compile(r"([+-][0-9]{1,6})([hm])")
AHEAD = re.compile(r"\+0*[1-9]")
PARTIAL = re.compile(r"[0-9]{4}(-[0-9][0-9](-[0-9][0-9])?)?")


def day(text: str, now: datetime, zone: ZoneInfo) -> date:
    """A whole day; relative ones are counted from today in `zone`."""
    if match := DAYS_ON.fullmatch(text):
        return _sane(now.astimezone(zone).date(), timedelta(days=int(match[1])))
    if match := DAY.fullmatch(text):
        return _day(*(int(part) for part in match.groups()))
    raise wrong(What.DATE)


def moment(text: str, now: datetime, zone: ZoneInfo, *, clock: bool = False) -> datetime:
    """An aware moment in `zone`; with `clock` an absolute day must say its hour."""
    if match := SPAN_ON.fullmatch(text):
        return _later(now.astimezone(zone), int(match[1]), match[2])
    match = MOMENT.fullmatch(text)
    if match is None:
        raise wrong(What.MOMENT)
    if clock and match["clock"] is None and DAY.fullmatch(text):
        raise wrong(What.TIME_MISSING)
    whole_day = day(match["day"], now, zone)
    if match["clock"] is None:
        return _beginning(whole_day, zone)
    local = datetime.combine(whole_day, _time(match["clock"]))
    return _fixed(local, match["offset"], zone) if match["offset"] else _existing(local, zone)


def is_relative(text: object) -> bool:
    return isinstance(text, str) and text[:1] in ("+", "-")


def is_ahead(text: object) -> bool:
    return isinstance(text, str) and bool(AHEAD.match(text))


def is_day(text: str) -> bool:
    return bool(DAY.fullmatch(text) or DAYS_ON.fullmatch(text))


def without_offset(written: str) -> str:
    """The local time alone, of a moment as the file writes it."""
    return WRITTEN_OFFSET.sub("", written)


def partial(text: str) -> str:
    """ "2018", "2024-04" or "2024-04-30", checked."""
    if not PARTIAL.fullmatch(text):
        raise wrong(What.PARTIAL_DATE)
    _day(*(int(part) for part in [*text.split("-"), "1", "1"][:3]))
    return text


def birthday(text: str) -> str:
    if not re.fullmatch(r"[0-9][0-9]-[0-9][0-9]", text):
        raise wrong(What.BIRTHDAY)
    month, day_of_month = text.split("-")
    _day(2000, int(month), int(day_of_month))
    return text


def written(at: datetime, zone: ZoneInfo, *, clock: bool = False) -> str:
    """The one way a moment is written: local time, no more precise than it is known.

    The second of two equal local times, when clocks go back, is told by its offset.
    """
    local = at.astimezone(zone)
    if not clock and at == _beginning(local.date(), zone).astimezone(UTC):
        return f"{local:%Y-%m-%d}"
    text = f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
    return f"{text}{str(local)[-6:]}" if local.fold else text


def _day(year: int, month: int, day_of_month: int) -> date:
    try:
        found = date(year, month, day_of_month)
    except ValueError:
        raise wrong(What.NO_SUCH_DAY) from None
    return _sane(found, timedelta())


def _sane(start: date, span: timedelta) -> date:
    try:
        found = start + span
    except OverflowError:
        raise wrong(What.RANGE, low=YEARS[0], high=YEARS[-1]) from None
    if found.year not in YEARS:
        raise wrong(What.RANGE, low=YEARS[0], high=YEARS[-1])
    return found


def _time(text: str) -> time:
    match = CLOCK.fullmatch(text)
    if match is None:
        raise wrong(What.MOMENT)
    try:
        hour, minute, second = (int(part or 0) for part in match.groups())
        return time(hour, minute, second)
    except ValueError:
        raise wrong(What.NO_SUCH_TIME) from None


def _later(local: datetime, number: int, unit: str) -> datetime:
    """Whole minutes, so that a file imported twice at once means the same."""
    start = local.astimezone(UTC).replace(second=0, microsecond=0)
    span = timedelta(hours=number) if unit == "h" else timedelta(minutes=number)
    _sane(start.date(), span)
    return (start + span).astimezone(local.tzinfo)


def _beginning(whole_day: date, zone: ZoneInfo) -> datetime:
    """Its first moment: where clocks go forward at midnight, there is no midnight."""
    midnight = datetime.combine(whole_day, time(), zone)
    if _exists(midnight):
        return midnight
    start = midnight.astimezone(UTC) - timedelta(days=1)
    minutes = [start + timedelta(minutes=minute) for minute in range(2 * 24 * 60)]
    first = bisect_left(minutes, whole_day, key=lambda at: at.astimezone(zone).date())
    return minutes[first].astimezone(zone)


def _exists(at: datetime) -> bool:
    """Local times that clocks skip in spring do not."""
    return at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) == at.replace(tzinfo=None)


def _existing(local: datetime, zone: ZoneInfo) -> datetime:
    at = local.replace(tzinfo=zone)
    if not _exists(at):
        raise wrong(What.SKIPPED_TIME, zone=zone.key)
    return at


def _fixed(local: datetime, offset: str, zone: ZoneInfo) -> datetime:
    match = OFFSET.fullmatch(offset)
    if match is None or int(match[3] or 0) > 59 or int(match[2] or 0) > 14:
        raise wrong(What.MOMENT)
    east = timedelta(hours=int(match[2] or 0), minutes=int(match[3] or 0))
    utc = local + east if match[1] == "-" else local - east
    return utc.replace(tzinfo=UTC).astimezone(zone)
