"""`python -m bot demo` as people start it: the command, a process, the address it prints."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import psutil

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[str]
    url: str
    taken: int
    folder: Path

    @property
    def errors(self) -> str:
        return (self.folder / "stderr").read_text()


@contextmanager
def started(folder: Path) -> Iterator[Running]:
    """A demo whose port is taken, among settings of another bot, which are none of its business."""
    (folder / "temporary").mkdir()
    (folder / ".env").write_text("BOT_TOKEN=7:REAL\nWEBHOOK_URL=https://example.org\nLISTEN=x\n")
    own = {
        "BOT_TOKEN": "7:REAL",
        "OWNERS": "x",
        "DATA_KEY": "x",
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    own |= {"TMPDIR": str(folder / "temporary"), "PYTHONPATH": str(ROOT), "LANG": "en_GB.UTF-8"}
    with socket() as busy, (folder / "stderr").open("w") as errors:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "demo", "--port", str(taken)],
            **{"cwd": folder, "env": {**os.environ, **own, "LC_ALL": ""}, "text": True},
            **{"stdout": subprocess.PIPE, "stderr": errors, "start_new_session": True},
        )
        try:
            assert process.stdout
            line = process.stdout.readline()
            found = re.search(r"http://\S+", line)
            assert found, line + (folder / "stderr").read_text()
            yield Running(process, found[0], taken, folder)
        finally:
            if process.poll() is None:
                for one in [*psutil.Process(process.pid).children(recursive=True), process]:
                    one.kill()
                process.wait()
            process.stdout.close()
