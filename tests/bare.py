"""A bare machine on which somebody types what the documents say, line by line.

What only root may do to a machine is not done to this one: such a line is looked at by its rule in
`DEEDS`, and what it would start is started. A line without a rule fails.
"""

import asyncio
import os
import re
import shlex
import shutil
import subprocess
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from bot.db import dispose, make_engine
from sandbox import Sandbox
from tests.composed import composed, copies, services, settings_of
from tests.images import DEBIANS_PYTHON, ROOT, of_dockerfile, of_project
from tests.town import free_port

UNIT = ROOT / "deploy" / "solidarity-bot.service"
PACKAGES = {"git": "git ", "make": "make ", "python3-venv": "python3 -m venv|make setup"}
"""Of Debian, that may be asked for; and what is not to be typed without."""
NOBODY = ("nobody", "nogroup")
PASSPHRASE = "seven dockers carry crates"
HARDENED = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)  # MemoryDenyWriteExecute=
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Block:
    kind: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Without what is said beside them."""
        whole = self.text.replace("\\\n", " ").splitlines()
        return [line for line in (re.sub(r"(^|\s+)#.*", "", one).strip() for one in whole) if line]

    @property
    def is_dockers(self) -> bool:
        return bool(re.search("^docker ", self.text, re.MULTILINE))


def blocks(page: str) -> list[Block]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [Block(kind, text) for kind, text in found]


def unit(name: str) -> str:
    [found] = re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)
    return str(found)


@dataclass
class Machine:
    """`values`: what a reader puts in the place of the documents' own values, by variable."""

    root: Path
    telegram: Sandbox
    values: dict[str, str]
    python: str = ""
    """Of an environment that is there already; none: it is made as the documents say."""
    environment: dict[str, str] = field(default_factory=dict)
    file: str = ""
    """What is to stand in .env."""
    key: str = ""
    cwd: Path = Path()
    cloned: str = ""
    """Where to, as it was typed."""
    installed: set[str] = field(default_factory=set)
    running: list[Process] = field(default_factory=list)
    started: list[tuple[tuple[str, ...], dict[str, str]]] = field(default_factory=list)
    """What runs, by which words and settings."""

    def __post_init__(self) -> None:
        self.root.chmod(0o755)
        self.cwd = self.home
        if self.python:
            self.bring()
            (self.home / ".venv").symlink_to(Path(self.python).parent.parent)

    @property
    def home(self) -> Path:
        return self.root / unit("WorkingDirectory").removeprefix("/")

    @property
    def log(self) -> Path:
        return self.root / "log"

    def told(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def bring(self) -> None:
        for path in of_project():
            (self.home / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, self.home / path)

    async def follow(self, block: Block) -> None:
        if block.kind == "ini":
            self.file = block.text
            self.save()
        elif block.kind == "sh":
            for line in block.lines:
                await self.do(line)

    def with_values(self, text: str) -> str:
        pairs = [line.split("=", 1) for line in text.splitlines()]
        own = self.values | ({"DATA_KEY": self.key} if self.key else {})
        filled = [f"{name}={own.get(name, said)}" for name, said in pairs]
        more = {"TELEGRAM_API_URL": self.telegram.url, "LISTEN": "127.0.0.1:0"} | self.extra()
        return "\n".join([*filled, *(f"{name}={value}" for name, value in more.items()), ""])

    def extra(self) -> dict[str, str]:
        return {name: self.values[name] for name in ("LISTEN",) if name in self.values}

    def save(self) -> None:
        if self.home.is_dir():
            (self.home / ".env").write_text(self.with_values(self.file))

    async def do(self, line: str) -> None:
        for pattern, deed in DEEDS:
            if found := re.fullmatch(pattern, line):
                await deed(self, found)
                return
        raise AssertionError(f"a command that nobody has tried: {line}")

    async def shell(self, line: str, *before: str) -> str:
        clean = {name: value for name, value in os.environ.items() if is_not_ours(name)}
        process = await asyncio.create_subprocess_exec(
            *(*before, "bash", "-ec", line),
            **{"cwd": self.cwd, "env": clean | self.environment},
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE},
        )
        out, errors = await asyncio.wait_for(process.communicate(), 600)
        assert process.returncode == 0, f"{line}\n{out.decode()}{errors.decode()}"
        return out.decode()

    async def start(self, *words: str, **settings: str) -> None:
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *words,
                **{"cwd": self.home, "stdout": log, "stderr": log},
                env={"PATH": os.environ["PATH"]} | self.environment | settings,
            )
        self.running.append(process)
        self.started.append((words, settings))

    async def halt(self) -> None:
        self.started = []
        while self.running:
            process = self.running.pop()
            if process.returncode is None:
                process.terminate()
            assert await asyncio.wait_for(process.wait(), 60) == 0, self.told()


def is_not_ours(name: str) -> bool:
    return not re.match("BOT_|OWNERS|DATABASE_|DATA_|REDIS_|WEBHOOK_|LISTEN|TELEGRAM_|PYTHON", name)


def is_root() -> bool:
    return os.geteuid() == 0


def as_nobody() -> list[str]:
    """For who is root; others are nobody already."""
    ids = [f"--reuid={NOBODY[0]}", f"--regid={NOBODY[1]}", "--clear-groups"]
    return ["setpriv", *ids, "--no-new-privs"] if is_root() else []


# What the lines do.


async def nothing(_here: Machine, _said: re.Match[str]) -> None:
    """Changes the machine itself, or shows what a reader looks at."""


async def packages(_here: Machine, said: re.Match[str]) -> None:
    assert set(said[1].split()) <= PACKAGES.keys()


async def user(_here: Machine, said: re.Match[str]) -> None:
    assert said[1] == unit("User")


async def clone(here: Machine, said: re.Match[str]) -> None:
    """To where the unit looks for it; or to anywhere, for whoever needs no unit."""
    assert said[1] == unit("WorkingDirectory") or "/" not in said[1]
    here.cloned = said[1]
    here.bring()


async def go(here: Machine, said: re.Match[str]) -> None:
    is_clone = said[1] == here.cloned
    here.cwd = here.home if is_clone else here.root / said[1].removeprefix("/")
    assert here.cwd.is_dir()


async def export(here: Machine, said: re.Match[str]) -> None:
    here.environment[said[1]] = here.values.get(said[1], said[2])
    here.environment |= {"TELEGRAM_API_URL": here.telegram.url, "LISTEN": "127.0.0.1:0"}


async def environment(here: Machine, said: re.Match[str]) -> None:
    await here.shell(said[0].replace("python3", DEBIANS_PYTHON, 1))


async def usual(here: Machine, said: re.Match[str]) -> None:
    told = await here.shell(said[0])
    if said[0].endswith("keygen"):
        here.key = told.strip()


async def owned(here: Machine, said: re.Match[str]) -> None:
    """`install`, `chown`: the bot's user is nobody here, and nobody gives who is not root."""
    line = re.sub(r"(-g |:)solidarity-bot", rf"\1{NOBODY[1]}", said[0])
    line = line.replace("solidarity-bot", NOBODY[0])
    if is_root() or not line.startswith("chown"):
        await here.shell(line if is_root() else re.sub(r" -[og] \S+", "", line))


async def brought(here: Machine, said: re.Match[str]) -> None:
    """The last backup, to another server: the bot has never been there."""
    await answers(here)  # nobody stops what has hardly begun
    await here.halt()
    (here.home / said[2]).replace(here.home / said[1])
    forgotten(here.home / "data")
    await owned(here, said)


def forgotten(folder: Path) -> None:
    for file in filter(Path.is_file, folder.iterdir()):
        file.unlink()


async def as_bot(here: Machine, said: re.Match[str]) -> None:
    assert said[1] == unit("User")
    await here.shell(said[2], *as_nobody())


async def goals(_here: Machine, said: re.Match[str]) -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(said[1].split()) <= known


async def serve(here: Machine, said: re.Match[str]) -> None:
    """Goes on; of two on this machine one has another address."""
    own = {"LISTEN": "127.0.0.1:0"} if "sender" in said[0] else {}
    await here.start(*shlex.split(said[0]), **own)


async def install_unit(here: Machine, said: re.Match[str]) -> None:
    assert (here.home / "deploy" / said[1]).is_file()
    here.installed.add(said[1].removesuffix(".service"))


async def service(here: Machine, said: re.Match[str]) -> None:
    assert said[2] in here.installed
    if said[1] == "status":
        return
    await here.halt()
    here.log.write_bytes(b"")
    program, *words = shlex.split(unit("ExecStart"))
    inside = str(here.root / program.removeprefix("/"))
    name, _, value = unit("Environment").partition("=")
    await here.start(*(*as_nobody(), inside, "-c", HARDENED, inside, *words), **{name: value})


async def journal(here: Machine, said: re.Match[str]) -> None:
    assert said[1] in here.installed
    await answers(here)


async def logs(here: Machine, _said: re.Match[str]) -> None:
    await answers(here)


async def answers(here: Machine) -> None:
    """The line that the documents promise."""
    async with asyncio.timeout(60):
        while "answers in Telegram" not in here.told():
            assert all(one.returncode is None for one in here.running), here.told()
            await asyncio.sleep(0.05)


# With Docker: what its image would run is run here, by the same words.


def settings_in(here: Machine, name: str) -> dict[str, str]:
    """Of a service of compose.yaml, with servers that are on this machine."""
    assert here.file, "compose starts nothing without its .env"
    here.save()
    variables = settings_of(here.home / ".env")
    own = composed(variables)["services"][name].get("environment", {})
    image = {"DATABASE_URL": f"sqlite+aiosqlite:///{here.root}/volume.db"}
    if "BACKUP_DIR" in variables:  # "but with /data/backups", says the page
        variables |= {"BACKUP_DIR": f"{here.root}/backups"}
    given = {"TMPDIR": str(here.root)} | here.values
    return image | variables | {key: given[key] for key in own}


def words_of(here: Machine, name: str, words: str = "") -> list[str]:
    final = of_dockerfile()[1]
    service = composed({})["services"][name]
    entry = final.only("ENTRYPOINT")
    assert entry == '["python", "-m", "bot"]'
    given = shlex.split(words) or [str(word) for word in service.get("command", ["run"])]
    return [here.python or "python", "-m", "bot", *given]


async def image(_here: Machine, said: re.Match[str]) -> None:
    """Its steps are tried in test_image.py."""
    assert {said[1]} == {
        one["image"] for one in composed({})["services"].values() if one.get("build")
    }


async def in_image(here: Machine, said: re.Match[str]) -> None:
    assert said[1] == composed({})["services"]["bot"]["image"]
    here.key = (await here.shell(shlex.join(words_of(here, "bot", said[2])))).strip()


async def in_container(here: Machine, said: re.Match[str]) -> None:
    here.environment = {"BACKUP_PASSPHRASE": PASSPHRASE} | settings_in(here, said[1])
    words, _, target = (said[2] or "").replace("/data/", f"{here.root}/").partition(" > ")
    words, _, source = words.partition(" < ")
    words += " --yes" if words.startswith("restore") else ""
    line = shlex.join(words_of(here, said[1], words))
    line = f"cat {source} | {line}" if source else line  # Docker's -T is a pipe
    await here.shell(f"{line} | cat > {target}" if target else line)


async def put_into_container(here: Machine, said: re.Match[str]) -> None:
    """The last backup, on another server: its volume is empty."""
    await answers(here)
    await here.halt()
    forgotten(here.root)
    await in_container(here, said)
    assert (here.root / "volume.db").is_file()


async def moved_in(here: Machine, said: re.Match[str]) -> None:
    """Into the database from the volume, in which a small bot of the same key has left its own."""
    small = {"DATABASE_URL": f"sqlite+aiosqlite:///{here.root}/bot.db"}
    here.environment = settings_in(here, said[1]) | small
    await here.shell(shlex.join(words_of(here, "bot", "import examples/sac-2024.yaml")))
    await empty(here.values["DATABASE_URL"])
    await in_container(here, said)
    (here.root / "bot.db").unlink()


async def taken_out(here: Machine, said: re.Match[str]) -> None:
    shutil.copy2(here.root / said[1].removeprefix("/data/"), here.home)


async def up(here: Machine, said: re.Match[str]) -> None:
    if here.running:  # nobody stops what has hardly begun
        await answers(here)
    await here.halt()
    here.log.write_bytes(b"")
    here.save()
    first = here.values.get("LISTEN", "127.0.0.1:0")
    for name, service in services(settings_of(here.home / ".env")).items():
        if service["image"] != "solidarity-bot" or service["restart"] == "no":
            continue
        own = settings_in(here, name)
        for number in range(copies(service)):
            listen = first if name == "web" and number == 0 else f"127.0.0.1:{free_port()}"
            await here.start(*words_of(here, name), **{**own, "LISTEN": listen})


async def backed_up(here: Machine, said: re.Match[str]) -> None:
    """Who asks for a passphrase gets one."""
    own, before = here.environment, as_nobody() if said[1] else []
    here.environment = own | {"BACKUP_PASSPHRASE": PASSPHRASE}
    await here.shell(said[2], *before)
    here.environment = own


async def put_back(here: Machine, said: re.Match[str]) -> None:
    """Whoever is asked says yes. What ran until then runs again."""
    own, before = here.environment, as_nobody() if said[1] else []
    here.environment = own | {"BACKUP_PASSPHRASE": PASSPHRASE}
    again = here.started if here.running else []
    await here.halt()
    await here.shell(f"{said[2]} --yes", *before)
    here.environment = own
    for words, settings in again:
        await here.start(*words, **settings)


async def moved(here: Machine, said: re.Match[str]) -> None:
    """A small bot of the same key was there, and what it had is in the other database then."""
    small = {"DATABASE_URL": f"sqlite+aiosqlite:///{here.home}/{said[1]}"}
    own, here.environment = here.environment, here.environment | small
    await here.shell(".venv/bin/python -m bot import examples/sac-2024.yaml")
    here.environment = own
    await empty(here.values["DATABASE_URL"])
    await here.shell(said[0])


async def empty(url: str) -> None:
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await dispose(engine)


async def stopped(here: Machine, _said: re.Match[str]) -> None:
    await here.halt()


async def scale(_here: Machine, said: re.Match[str]) -> None:
    assert said[1] in composed({})["services"]


Deed = Callable[[Machine, re.Match[str]], Awaitable[None]]
DEEDS: list[tuple[str, Deed]] = [
    (r"apt-get update", nothing),
    (r"apt-get install -y ([a-z0-9 -]+)", packages),
    (r"adduser --system --group (\S+)", user),
    (r"git clone ADDRESS (\S+)", clone),
    (r"git pull", nothing),
    (r"cd (\S+)", go),
    (r"export (\w+)=(\S+)", export),
    (r"python3 -m venv \.venv", environment),
    (r"\.venv/bin/pip install --require-hashes -r requirements\.lock", usual),
    (r"(runuser -u \S+ -- )?(\.venv/bin/python -m bot backup .*)", backed_up),
    (r"(runuser -u \S+ -- )?(\.venv/bin/python -m bot restore .*)", put_back),
    (r"\.venv/bin/python -m bot move (\S+)", moved),
    (r"runuser -u (\S+) -- (\.venv/bin/python -m bot (?!run).*)", as_bot),
    (r"(?:install -d|chown|chmod) .*", owned),
    (r"install -o solidarity-bot -m 600 (\S+) (\S+)", brought),
    (r"docker compose (?:stop bot|down)|systemctl stop solidarity-bot", stopped),
    (r"docker compose cp bot:(/data/\S+) \.", taken_out),
    (r"make ([a-z ]+)", goals),
    (r"\.venv/bin/python -m bot run(?: --only (?:web|sender))?", serve),
    (r"(?:DATABASE_URL=\S+ )?\.venv/bin/(?:python -m bot|alembic) .*", usual),
    (r"cp deploy/(\S+) /etc/systemd/system/", install_unit),
    (r"systemctl daemon-reload", nothing),
    (r"systemctl (enable --now|restart|status) (\S+)", service),
    (r"journalctl -u (\S+) -n \d+", journal),
    (r"docker build -t (\S+) \.", image),
    (r"docker run --rm (\S+) (keygen)", in_image),
    (r"docker compose ps", nothing),
    (r"docker compose logs --tail \d+", logs),
    (r"docker compose run --rm -T (bot) (restore /dev/stdin < \S+)", put_into_container),
    (r"docker compose run --rm (sender) (move /data/\S+)", moved_in),
    (r"docker compose run --rm (?:-T )?(\w+)(?: (.*))?", in_container),
    (r"docker compose up -d(?: --build)?", up),
    (r"docker compose up -d --scale (\w+)=\d+", scale),
]
