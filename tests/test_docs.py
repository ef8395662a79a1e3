"""What the documents say to type is typed, and what they point to is there."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import pyrage
import pytest
from aiohttp import ClientSession

from bot.command_line import cli
from bot.health import READYZ
from sandbox import Limits, Sandbox
from tests import IN_CI
from tests.bare import DEBIANS_PYTHON, DEEDS, PACKAGES, PASSPHRASE, Block, Machine, answers, blocks
from tests.composed import grown
from tests.test_away import answers as told
from tests.town import KEY, OWNER, TOKEN, free_port

ROOT = Path(__file__).parent.parent
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
SMALL, RUSSIAN, GROWING = "docs/small-server.md", "docs/ru/small-server.md", "docs/growing.md"
BY_HAND = "\n## By hand\n"
PLACES = "bot|deploy|docs|examples|handlers|locales|migrations|models|sandbox|tests|tools"
TYPED = ("make ", ".venv/bin/", "docker ", "systemctl ", "journalctl ")


def page(name: str) -> str:
    return (ROOT / name).read_text()


def prose(name: str) -> str:
    return re.sub(r"^```.*?^```$", "", page(name), flags=re.MULTILINE | re.DOTALL)


def codes(name: str) -> Iterator[str]:
    """What stands in the text as code."""
    yield from re.findall(r"`([^`\n]+)`", prose(name))


def headings(name: str) -> set[str]:
    """As GitHub makes addresses of them."""
    found = re.findall(r"^#+ (.+)$", prose(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in found}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_pointed_to_is_there(name: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", page(name))
    for link in filter(None, chain.from_iterable(links)):
        file, _, heading = link.partition("#")
        if "://" in link:
            continue
        target = (ROOT / name).parent / file if file else ROOT / name
        assert target.exists(), link
        assert not heading or heading in headings(str(target.resolve().relative_to(ROOT))), link


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_are_there(name: str) -> None:
    for code in codes(name):
        if re.fullmatch(rf"(?:{PLACES})/[\w./-]+", code):
            assert (ROOT / code).exists(), code


@pytest.mark.parametrize("name", NAMES)
def test_commands_within_a_sentence_are_known(name: str) -> None:
    commands = {
        command.name or str(command.callback.__name__) for command in cli.registered_commands
    }
    for code in codes(name):
        if found := re.match(r"\.venv/bin/python -m bot ([\w-]+)", code):
            assert found[1] in commands, code
        elif found := re.match(r"\.venv/bin/python -m (\S+)", code):
            assert list(ROOT.glob(found[1].replace(".", "/") + "*")), code
        elif code.startswith(TYPED):
            line = re.sub(r" [A-Z]+=.*", "", code) if code.startswith("make") else code
            assert any(re.fullmatch(pattern, line) for pattern, _deed in DEEDS), code


def test_what_the_bot_says_when_it_does_not_answer_is_what_it_says() -> None:
    files = ("bot/views/console.py", "bot/polling.py", "bot/away.py")
    source = re.sub(r'"\n\s+"', "", "".join(map(page, files)))
    assert '"the database"' in source
    source = source.replace("waiting for {self.name}", "waiting for the database")
    for name in (SMALL, RUSSIAN):
        cells = re.findall(r"^\| `(.+?)` \|", page(name), re.MULTILINE)
        assert len(cells) == 6
        assert all(cell in source for cell in cells)


@pytest.mark.parametrize("room", ["bot", "bot/delivery", "bot/keeping"])
def test_the_map_of_the_house_names_every_module(room: str) -> None:
    known = page("ARCHITECTURE.md")
    modules = {file.name for file in (ROOT / room).glob("*.py")} - {"__init__.py"}
    assert not {one for one in modules if not re.search(rf"\b{one}\b", known)}


def test_every_command_is_in_a_page_that_is_followed() -> None:
    typed = {name for name in NAMES if any(one.kind == "sh" for one in blocks(page(name)))}
    assert typed == {*FOLLOWED, SMALL, RUSSIAN, GROWING}


def test_in_russian_the_same_is_typed() -> None:
    there, here = ([(b.kind, b.lines) for b in blocks(page(name))] for name in (SMALL, RUSSIAN))
    assert here == there


@pytest.mark.parametrize("name", ["README.md", SMALL])
def test_what_a_bare_debian_lacks_is_asked_for_before_it_is_typed(name: str) -> None:
    lines = [line for one in blocks(page(name)) if not one.is_dockers for line in one.lines]
    [asked] = [n for n, line in enumerate(lines) if line.startswith("apt-get install")]
    for package, typed in PACKAGES.items():
        uses = [n for n, line in enumerate(lines) if re.match(typed, line)]
        assert not uses or (package in lines[asked].split() and asked < min(uses)), package


# Followed to the letter.


@asynccontextmanager
async def machine(python: str = "", **values: str) -> AsyncIterator[Machine]:
    own = {"BOT_TOKEN": TOKEN, "OWNERS": str(OWNER), **values}
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        with TemporaryDirectory(prefix="bare-") as folder:
            here = Machine(Path(folder), telegram, own, python)
            try:
                yield here
                await here.halt()
            except BaseException:
                print(here.told())
                raise
            finally:
                for process in here.running:
                    if process.returncode is None:
                        process.kill()
                    await process.wait()


async def first_follower(here: Machine) -> None:
    anna = here.telegram.person("Anna", language="ru")
    await anna.send("/start")
    await anna.send("rfufhkbwrbq")
    anna.sees("Кагарлицкий")
    await anna.press("🔔")
    assert "Есть подписка" in str(anna.messages[-1])


async def owner_is_known(here: Machine) -> None:
    owner = here.telegram.person("Olga", language="en", id=OWNER)
    await owner.send("/desk")
    owner.sees("desk")


async def somebody_sends(port: int) -> None:
    """As whoever answers there says."""
    async with asyncio.timeout(60), ClientSession() as client:
        while True:
            async with client.get(f"http://127.0.0.1:{port}{READYZ}") as answer:
                if (await answer.json())["parts"]["sender"]["good"]:
                    return
            await asyncio.sleep(0.1)


def of(name: str, *, dockers: bool) -> list[Block]:
    return [one for one in blocks(page(name)) if one.kind == "ini" or one.is_dockers == dockers]


@pytest.mark.timeout(900)  # all packages are installed on the way
async def test_a_newcomers_way_with_debian_alone() -> None:
    """On a machine of Debian, with what the index of packages has; the bot is nobody there."""
    if which(DEBIANS_PYTHON) is None:
        (pytest.fail if IN_CI else pytest.skip)("no Python of Debian 12 here")
    *first, new_version = of(SMALL, dockers=False)
    async with machine() as here:
        for block in first:
            await here.follow(block)
        await first_follower(here)
        await owner_is_known(here)
        (here.home / "data").chmod(0o700)
        assert {one.name for one in (here.home / "data").iterdir()} >= {"bot.db"}
        await here.follow(new_version)
        await follows_still(here)


async def follows_still(here: Machine) -> None:
    here.log.write_bytes(b"")
    boris = here.telegram.person("Boris", language="ru")
    await boris.send("/start")
    assert told(boris)


async def test_a_newcomers_way_with_docker() -> None:
    settings, made, *rest = of(SMALL, dockers=True)
    async with machine(sys.executable) as here:
        for block in (made, settings, *rest):  # "as above" says the page
            await here.follow(block)
        await first_follower(here)
        await owner_is_known(here)


async def test_growing_with_docker(bare_postgres: str, redis_url: str) -> None:
    port = free_port()
    values = {"DATABASE_URL": bare_postgres, "REDIS_URL": redis_url, "DATA_KEY": KEY}
    values |= {"WEBHOOK_URL": f"http://127.0.0.1:{port}", "LISTEN": f"127.0.0.1:{port}"}
    lines, typed, *later = blocks(page(GROWING).partition(BY_HAND)[0])
    assert dict(line.split("=", 1) for line in lines.text.splitlines()) == grown()
    whole = Block("ini", f"BOT_TOKEN=1:x\nOWNERS=1\n{lines.text}")
    async with machine(sys.executable, **values) as here:
        for block in (whole, typed):
            await here.follow(block)
        await all_five_work(here, port)
        for block in later:
            await here.follow(block)
        await all_five_work(here, port)
        assert pyrage.passphrase.decrypt((here.home / "bot.age").read_bytes(), PASSPHRASE)


async def all_five_work(here: Machine, port: int) -> None:
    assert len(here.running) == 5
    await first_follower(here)
    await owner_is_known(here)
    await somebody_sends(port)


async def test_growing_by_hand(bare_postgres: str, redis_url: str) -> None:
    port = free_port()
    values = {"DATABASE_URL": bare_postgres, "REDIS_URL": redis_url, "DATA_KEY": KEY}
    values |= {"WEBHOOK_URL": f"http://127.0.0.1:{port}", "LISTEN": f"127.0.0.1:{port}"}
    async with machine(sys.executable, **values) as here:
        for block in blocks(page(GROWING).partition(BY_HAND)[2]):
            await here.follow(block)
        assert len(here.running) == 2
        await first_follower(here)
        await owner_is_known(here)
        await somebody_sends(port)


FOLLOWED = ["CONTRIBUTING.md", "README.md", "docs/facts.md"]


@pytest.mark.parametrize("name", FOLLOWED)
async def test_what_else_is_said_to_type_works(name: str) -> None:
    async with machine(sys.executable) as here:
        (here.home / "campaign.yaml").write_text(page("examples/format.yaml"))
        for block in blocks(page(name)):
            await here.follow(block)
        if here.running:
            await answers(here)
            await first_follower(here)


async def test_a_command_that_nobody_has_tried_is_none_to_document() -> None:
    async with machine(sys.executable) as here:
        with pytest.raises(AssertionError, match="nobody has tried"):
            await here.follow(Block("sh", "rm -r data\n"))
        with pytest.raises(AssertionError, match="no-such"):
            await here.follow(Block("sh", ".venv/bin/python -m bot no-such\n"))
