"""deploy/solidarity-bot.service: systemd reads it, and lets the bot do little."""

import re
import subprocess
from pathlib import Path
from shutil import which

import pytest

from bot.app import HIDING
from bot.site import DRAIN
from tests import IN_CI

UNIT = Path(__file__).parent.parent / "deploy" / "solidarity-bot.service"
EXPOSED = 2.0
"""Of ten, as systemd counts it; most services have more than nine."""


def value(name: str) -> str:
    [found] = re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)
    return str(found)


def systemd(*words: str) -> str:
    if which("systemd-analyze") is None:
        (pytest.fail if IN_CI else pytest.skip)("no systemd-analyze")
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def test_systemd_knows_every_word_of_it(tmp_path: Path) -> None:
    """But for the program, which is not installed here."""
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace(value("ExecStart"), "/bin/true"))
    assert systemd("verify", "--man=no", str(copy)) == ""


def test_what_the_bot_does_not_need_it_may_not() -> None:
    found = re.search(r"exposure level for \S+: ([0-9.]+)", security())
    assert found
    assert float(found[1]) < EXPOSED


def security() -> str:
    return systemd("security", "--offline=true", "--no-pager", str(UNIT))


def test_it_is_nobody_with_so_much_memory_and_time_to_end() -> None:
    assert value("User") == value("Group") == "solidarity-bot"
    assert value("MemoryMax") == "512M"
    assert int(value("TimeoutStopSec")) > DRAIN + HIDING
    assert value("Restart") == "on-failure"
    assert value("RestartPreventExitStatus") == "2"  # a wrong call (command_line)


def test_it_writes_beside_nothing_but_its_data() -> None:
    folder = value("WorkingDirectory")
    assert value("ReadWritePaths") == f"{folder}/data"
    assert value("ExecStart") == f"{folder}/.venv/bin/python -m bot run"
