"""Hours in which nobody wants to be woken."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def quiet_until(
    now: datetime, zone: ZoneInfo, begin: int | None, end: int | None
) -> datetime | None:
    """When the quiet hours end, if it is quiet now. Hours are those of the clock on the wall."""
    if begin is None or end is None or begin == end:
        return None
    local = now.astimezone(zone)
    over_midnight = begin > end
    late = local.hour >= begin
    if not (late or local.hour < end if over_midnight else late and local.hour < end):
        return None
    day = local.date() + timedelta(days=1 if over_midnight and late else 0)
    return datetime(day.year, day.month, day.day, end % 24, tzinfo=zone).astimezone(UTC)
