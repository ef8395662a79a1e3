"""compose.yaml: what it starts, what it lets be, and its commands one by one."""

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from sqlalchemy import func, select

from bot.clock import Clock
from bot.config import Settings
from bot.db import dispose, make_engine, make_sessions
from bot.site import DRAIN
from models import Told
from sandbox import Limits, Sandbox
from tests import IN_CI
from tests.composed import ROOT, VARIABLE, composed, copies, grown, services, text
from tests.images import of_dockerfile
from tests.processes import BotProcess
from tests.test_away import answers, until
from tests.town import EXAMPLES, KEY, TOKEN, free_port

GROWN = grown()
OURS = {"bot", "migrate", "web", "sender"}
SECRET = re.compile("PASSWORD|SECRET|TOKEN|KEY")
UNTIL_IT_IS_UP = Retry(ConstantBackoff(0.05), 400)
KEYS = {  # of a service, in the Compose specification
    *("build", "cap_add", "cap_drop", "command", "depends_on", "deploy", "env_file"),
    *("environment", "healthcheck", "image", "init", "logging", "mem_limit", "networks"),
    *("pids_limit", "ports", "profiles", "read_only", "restart", "security_opt", "shm_size"),
    *("stop_grace_period", "tmpfs", "user", "volumes"),
}


def command(service: dict[str, Any]) -> list[str]:
    """After `python -m bot`; the image says what else."""
    return [str(word) for word in service.get("command", ["run"])]


def test_one_small_server_is_one_service_that_needs_no_other_variable() -> None:
    [(name, bot)] = services({}).items()
    assert (name, copies(bot), command(bot)) == ("bot", 1, ["run"])
    assert bot["env_file"] == ".env"
    assert "environment" not in bot
    assert bot["volumes"] == ["data:/data"]
    assert not re.findall(r"\$\{[A-Z_]+(?![A-Z_]|:-)", text())


def test_grown_it_is_three_that_answer_two_that_send_and_no_bot_on_sqlite() -> None:
    here = services(GROWN)
    assert set(here) == {"migrate", "web", "sender", "caddy", "postgres", "redis"}
    assert {name: copies(here[name]) for name in ("web", "sender")} == {"web": 3, "sender": 2}
    assert command(here["web"]) == ["run", "--only", "web"]
    assert command(here["sender"]) == ["run", "--only", "sender"]


@pytest.mark.parametrize("variables", [{}, GROWN], ids=["small", "grown"])
def test_nobody_may_more_than_needed(variables: dict[str, str]) -> None:
    for name, service in services(variables).items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "caddy" else [])
        assert name in OURS or name == "caddy" or service["user"] == name
        assert not {"privileged", "network_mode", "pid", "devices"} & set(service)
        assert "docker.sock" not in str(service)
        if name in OURS:
            assert service["mem_limit"] == "512m"
            assert service["init"]  # or nobody hears SIGTERM before the bot does
            assert int(service["stop_grace_period"].removesuffix("s")) > DRAIN
            assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")


def test_nothing_is_open_but_https_and_the_database_leads_nowhere() -> None:
    whole = composed(GROWN)
    ports = {name: service.get("ports") for name, service in whole["services"].items()}
    assert {name: port for name, port in ports.items() if port} == {"caddy": ["443:443"]}
    assert whole["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis", "migrate"):
        assert whole["services"][name]["networks"] == ["inside"]


def test_what_they_wait_for_stands_and_the_tables_come_first() -> None:
    here = services(GROWN)
    done, healthy = "service_completed_successfully", "service_healthy"
    for name in ("web", "sender"):
        assert here[name]["depends_on"]["migrate"] == {"condition": done}
        assert here[name]["depends_on"]["redis"] == {"condition": healthy}
    assert here["migrate"]["depends_on"] == {"postgres": {"condition": healthy}}
    for service in here.values():
        for other, how in service.get("depends_on", {}).items():
            assert other in here
            assert how["condition"] != healthy or "healthcheck" in here[other]


def test_every_word_of_the_file_is_one_that_compose_knows() -> None:
    whole = composed(GROWN)
    for name, service in whole["services"].items():
        assert set(service) <= KEYS, name
        assert set(service["networks"]) <= set(whole["networks"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in whole["volumes"] or (ROOT / source).is_file(), volume
    used = {
        volume.split(":")[0]
        for one in whole["services"].values()
        for volume in one.get("volumes", [])
    }
    assert set(whole["volumes"]) <= used


def test_no_secret_stands_in_the_file_and_every_variable_is_documented() -> None:
    for line in yaml.safe_dump(yaml.safe_load(text())).splitlines():
        name, _, value = line.partition(": ")
        assert not SECRET.search(name) or value.startswith("${"), line
    used = {found[1] for found in VARIABLE.finditer(text())}
    assert used | {"COMPOSE_PROFILES"} <= set(GROWN)
    assert set(GROWN) <= used | {"COMPOSE_PROFILES"} | {
        one.upper() for one in Settings.model_fields
    }
    assert "@" in composed(GROWN)["x-shared"]["DATABASE_URL"]


def test_versions_of_others_are_said() -> None:
    for service in composed(GROWN)["services"].values():
        image, _, tag = service["image"].partition(":")
        assert image == "solidarity-bot" or re.match(r"\d", tag)


def test_the_volume_of_the_database_is_that_of_the_image() -> None:
    [_built, final] = of_dockerfile()
    assert services({})["bot"]["volumes"][0].split(":")[1] == final.only("VOLUME")


def test_who_sends_has_what_a_small_bot_has_left_and_room_to_try_backups() -> None:
    sender = services(GROWN)["sender"]
    assert sender["volumes"] == services({})["bot"]["volumes"]
    assert sender["environment"]["TMPDIR"] == sender["volumes"][0].split(":")[1]


# What they run.


@asynccontextmanager
async def redis(words: list[str], folder: Path) -> AsyncIterator[str]:
    """As the file starts it, at a port of its own."""
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        *words, "--port", str(port), "--dir", str(folder), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        await server.wait()
        assert "dump.rdb" not in os.listdir(folder)


def test_the_servers_are_asked_how_they_are_as_the_file_says() -> None:
    here = services(GROWN)
    for name in ("postgres", "redis"):
        kind, *words = here[name]["healthcheck"]["test"]
        assert kind == "CMD"
        if which(words[0]) is None:
            (pytest.fail if IN_CI else pytest.skip)(f"{words[0]} is not here")
        assert subprocess.run(words, stdout=subprocess.DEVNULL, timeout=30).returncode == 0


async def test_a_crowd_fills_no_more_of_redis_than_it_may_have(tmp_path: Path) -> None:
    """Nobody is refused, and it is not killed with all dialogs in it."""
    if which("redis-server") is None:
        (pytest.fail if IN_CI else pytest.skip)("no redis-server")
    whole = services(GROWN)["redis"]
    words = [str(word) for word in whole["command"]]
    async with redis(words, tmp_path) as url, Redis.from_url(url, retry=UNTIL_IT_IS_UP) as client:
        for number in range(150):
            await client.set(f"dialog {number}", b"x" * 10**6, ex=3600)
        used = (await client.info("memory"))["used_memory"]
        assert await client.exists("dialog 149")
    assert used < 0.9 * int(whole["mem_limit"].removesuffix("m")) * 2**20


async def has_looked(url: str) -> None:
    """Whoever sends knows how things are, so that what changes now is news."""
    engine = make_engine(url)
    async with asyncio.timeout(60), make_sessions(engine)() as session:
        while not await session.scalar(select(func.count()).select_from(Told)):
            await session.rollback()
            await asyncio.sleep(0.05)
    await dispose(engine)


async def test_its_commands_make_a_bot_that_answers_and_tells(
    bare_postgres: str, tmp_path: Path
) -> None:
    """Each `command:` of ours, in the order in which they wait for each other."""
    if which("redis-server") is None:
        (pytest.fail if IN_CI else pytest.skip)("no redis-server")
    here = services(GROWN)
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(Sandbox(token=TOKEN, limits=Limits.off()))
        words = [str(word) for word in here["redis"]["command"]]
        cache = await stack.enter_async_context(redis(words, tmp_path))
        address = f"127.0.0.1:{free_port()}"
        told = {
            "DATABASE_URL": bare_postgres,
            "REDIS_URL": cache,
            "WEBHOOK_URL": f"http://{address}",
        }
        for name in ("migrate", "web", "sender"):
            assert set(here[name]["environment"]) - {"TMPDIR"} == set(told)
        own = {"BOT_TOKEN": TOKEN, "DATA_KEY": KEY, "TELEGRAM_API_URL": telegram.url}
        shared = {**os.environ, **told, **own, "WEBHOOK_SECRET": GROWN["WEBHOOK_SECRET"]}

        def start(*words: str, listen: str = "127.0.0.1:0") -> BotProcess:
            process = BotProcess(*words, environment=shared | {"LISTEN": listen})
            stack.push_async_callback(process.end)
            return process

        assert await start(*command(here["migrate"])).wait() == 0
        assert await start("import", str(EXAMPLES / "format.yaml")).wait() == 0
        for number in range(copies(here["web"])):
            start(*command(here["web"]), listen="127.0.0.1:0" if number else address)
        for _ in range(copies(here["sender"])):
            start(*command(here["sender"]))
        anna = telegram.person("Anna", language="en")
        await anna.send("/start d-ivan-lodkin")
        await anna.press("🔔 Follow")
        await has_looked(bare_postgres)
        (tmp_path / "moved.yaml").write_text(moved())
        assert await start("import", str(tmp_path / "moved.yaml")).wait() == 0
        await until(lambda: len(answers(anna)) == 2)
        assert "Moved earlier" in answers(anna)[1]


def moved() -> str:
    """To less than a day from now: that is told at once."""
    now = Clock().now().replace(microsecond=0)
    soon, word = (now + timedelta(hours=20)).isoformat(), now.isoformat()
    what = f"slug: port-strike-1, starts_at: '{soon}', confirmed_at: '{word}', source: lawyer"
    return f"hearings: [{{{what}}}]"
