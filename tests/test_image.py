"""The image: small, nobody's to write to, and the bot in it answers."""

import asyncio
import re
import subprocess
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import psutil
import pytest

from bot import config
from bot.i18n import languages
from sandbox import Limits, Sandbox
from tests import IN_CI, pages
from tests.images import DEBIANS_PYTHON, ROOT, Image, in_context, of_dockerfile, stages
from tests.town import free_port

MOST = 250_000_000
"""Bytes."""
MEMORY = 512 * 1024
"""Kilobytes of a small server's."""
EVENING = "events: [{slug: letters-in-may, write_to: [ivan-lodkin, marta-vetrova]}]"
COMPILED = """
import importlib, pathlib, sys
[packages] = [pathlib.Path(one) for one in sys.path if one.endswith("site-packages")]
for file in packages.rglob("*.cpython-*.so"):
    importlib.import_module(".".join(file.relative_to(packages).parts).split(".cpython-")[0])
import typst, pyrage, pydantic_core, cryptography.hazmat.bindings._rust
from Crypto.Hash import keccak
keccak.new(digest_bits=256).update(b"x").hexdigest()
"""


def can_be_made() -> bool:
    return Path(DEBIANS_PYTHON).exists() and which("strip") is not None


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    if not can_be_made():
        (pytest.fail if IN_CI else pytest.skip)("no Debian with Python 3.11 and binutils")
    with TemporaryDirectory(prefix="image-") as folder:
        Path(folder).chmod(0o755)
        made = Image(Path(folder), of_dockerfile())
        made.build()
        yield made


def beats(image: Image, listen: str) -> bool:
    return subprocess.run(image.command(*image.health, LISTEN=listen), timeout=30).returncode == 0


def peak(process: Process) -> int:
    """Kilobytes; of all that this process has become."""
    every = psutil.Process(process.pid).children(recursive=True)
    status = Path(f"/proc/{every[-1].pid if every else process.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0])


def said(image: Image, *words: str, **settings: str) -> str:
    done = subprocess.run(
        image.command(*words, **settings), capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@asynccontextmanager
async def started(image: Image, telegram: Sandbox, listen: str) -> AsyncIterator[Process]:
    """As `docker run` starts it."""
    own = {"BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url, "LISTEN": listen}
    process = await asyncio.create_subprocess_exec(*image.command(*image.bot, *image.usual, **own))
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


# One test, for the image is made in half a minute.


@pytest.mark.timeout(900)
async def test_the_bot_in_the_image_answers_prints_and_ends(image: Image) -> None:
    assert image.bytes < MOST
    said(image, "python", "-c", COMPILED)
    assert not [path for path in image.files() if path.suffix in (".db", ".key")]
    (image.at / "tmp" / "evening.yaml").write_text(EVENING)
    before = image.state()
    said(image, *image.bot, "import", "/srv/bot/examples/format.yaml")
    said(image, *image.bot, "import", "/tmp/evening.yaml")
    listen = f"127.0.0.1:{free_port()}"
    async with Sandbox(limits=Limits.off()) as telegram:
        async with started(image, telegram, listen) as process:
            anna = telegram.person("Анна", language="ru")
            await anna.send("/start e-1")
            await anna.press("🖨")
            await anna.press("Обложка")
            [file] = [one.document for one in anna.messages if one.document]
            assert "Иван Лодкин" in pages.text(file.content)
            assert beats(image, listen)
            assert peak(process) < MEMORY / 2
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 30) == 0
        assert not beats(image, listen)
    assert image.state() == before
    nothing_to_work_with(image)


def nothing_to_work_with(image: Image) -> None:
    """For who has come in."""
    names = {path.name for path in image.files()}
    assert not names & {"sh", "bash", "dash", "busybox", "gcc", "cc", "strip", "dpkg", "apt", "pip"}
    assert not {path.name for path in image.at.rglob("*") if path.is_dir()} & {"pip", "setuptools"}
    spoken = {path.stem.split("_")[0] for path in image.at.rglob("locale-data/*.dat")}
    assert spoken == {"root", *languages()}


def test_the_image_is_run_as_nobody_and_asked_how_it_is() -> None:
    [built, final] = of_dockerfile()
    assert final.base == "scratch"
    assert built.base.split(":")[0] == "debian"
    assert built.base.split(":")[1][0].isdigit()
    assert final.only("USER").split(":")[0] != "0"
    assert final.only("VOLUME") == "/data"
    assert "--timeout=5s" in final.only("HEALTHCHECK")


def test_the_settings_of_the_image_are_settings() -> None:
    known = {name.upper() for name in config.Settings.model_fields}
    own = Image(Path("/"), of_dockerfile()).settings
    assert {name for name in own if not name.startswith("PYTHON")} - {"PATH"} <= known


@pytest.mark.parametrize(
    ("path", "is_in"),
    [
        ("bot/app.py", True),
        ("bot/documents/fonts/x.ttf", True),
        ("deploy/slim.py", True),
        ("deploy/Caddyfile", False),
        ("data/bot.db", False),
        (".env", False),
        ("tests/town.py", False),
        ("bot/__pycache__/app.pyc", False),
    ],
)
def test_only_what_runs_is_given_to_docker(path: str, is_in: bool) -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] != "#"]
    assert in_context(rules, path) is is_in


def test_a_dockerfile_is_read_line_by_line() -> None:
    [one, two] = stages('FROM a AS x\n# no\nRUN b \\\n && c\n\nFROM scratch\nCMD ["d"]\n')
    assert (one.base, one.steps) == ("a AS x", [("RUN", "b && c")])
    assert two.only("CMD") == '["d"]'
