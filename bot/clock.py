"""The only source of "now"."""

import os
from datetime import UTC, datetime, timedelta
from mmap import mmap
from pathlib import Path
from struct import Struct

SECONDS = Struct("<d")


class Clock:
    """Real time, in UTC. Tests and the demo give a clock of their own."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SharedClock(Clock):
    """Real time and as many seconds more as a file of 8 bytes says, for all who look at that file.

    Whoever moves it is seen at once in every process: they share the memory.
    """

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(SECONDS.pack(0))
        with file.open("r+b") as opened:
            self.shared = mmap(opened.fileno(), SECONDS.size)

    @property
    def ahead(self) -> float:
        """Seconds."""
        return float(SECONDS.unpack(self.shared[:])[0])

    @ahead.setter
    def ahead(self, seconds: float) -> None:
        self.shared[:] = SECONDS.pack(seconds)

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead)


def clock_of_this_process() -> Clock:
    """The demo gives the bot it starts the file of its own clock."""
    file = os.environ.get("CLOCK_FILE")
    return SharedClock(Path(file)) if file else Clock()
