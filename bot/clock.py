"""The only source of "now"."""

from datetime import UTC, datetime


class Clock:
    """Real time, in UTC. Tests and the demo give a clock of their own."""

    def now(self) -> datetime:
        return datetime.now(UTC)
