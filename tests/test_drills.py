"""The drills hold, with few people; `make drills` has more of them, and says how long it takes."""

import signal
from typing import Any
from uuid import uuid4

import pytest

from benchmarks.server import tell_server, url_of
from drills import crowd, grow, kill, outlast, seize, soak
from drills.places import place
from drills.story import Story


async def test_the_machine_is_seized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seize, "PEOPLE", 3)
    story = Story()
    await seize.play(story)
    assert story.failures == []


async def test_it_grows(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    monkeypatch.setattr(grow, "PEOPLE", 5)
    monkeypatch.setattr(grow, "REDIS", redis_url)
    story, name = Story(), f"grow_{uuid4().hex}"
    await tell_server(f"CREATE DATABASE {name}")
    try:
        async with place() as here:
            people = await grow.small(here, story)
            await grow.moved(here, story, url_of(name))
            await grow.served(here, story, people)
    finally:
        await tell_server(f"DROP DATABASE {name} WITH (FORCE)")
    assert story.failures == []


async def test_whoever_sends_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kill, "PEOPLE", 400)
    seconds, outcome = await kill.struck(kill.killed)
    assert outcome.lost == 0
    assert outcome.doubled <= outcome.window
    assert seconds > 0


async def test_a_short_soak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of memory it says nothing: what is remembered has not filled yet."""
    monkeypatch.setattr(soak, "MOVES", 2)
    monkeypatch.setattr(soak, "FEW", 0.5)  # one that waits is many of so few
    done, followers = await soak.soaked(updates=300, deliveries=100)
    assert done.asked.total() > 100
    assert soak.unanswered(done) == 0
    assert followers == 50
    assert soak.untold(done, followers) == 0


async def test_a_soak_that_is_cut_short_looks_at_what_was_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = soak.update

    def cutting(one: soak.Soak) -> dict[str, Any]:
        if one.moves == 2:
            signal.raise_signal(signal.SIGTERM)
        return made(one)

    monkeypatch.setattr(soak, "update", cutting)
    monkeypatch.setattr(soak, "MOVES", 10_000)
    monkeypatch.setattr(soak, "FEW", 0.5)
    done, followers = await soak.soaked(updates=1_000_000, deliveries=300_000)
    assert 100 < done.updates == done.put < 10_000
    assert done.moves == 2
    assert soak.unanswered(done) == soak.untold(done, followers) == 0


async def test_a_crowd_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether any of them waits yet when the last follower is told, so few do not show."""
    monkeypatch.setattr(crowd, "CROWD", 120)
    monkeypatch.setattr(crowd, "FOLLOWERS", 10)
    came = await crowd.came()
    assert came.answered.total() == 120
    assert came.told.total() == 10
    assert came.megabytes < crowd.MEMORY


async def test_some_press_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "PRESSING", 30)
    monkeypatch.setattr(crowd, "LASTS", 4)
    visitors = await crowd.pressed_on()
    assert len(visitors.waited) == len(visitors.came) == 4


@pytest.fixture
def soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the bot looks at itself."""
    monkeypatch.setattr(outlast, "FOLLOWERS", 150)
    monkeypatch.setattr(outlast, "WRITERS", 5)
    monkeypatch.setattr(outlast, "LASTS", 3.0)


@pytest.mark.usefixtures("soon_over")
@pytest.mark.parametrize("drill", outlast.DRILLS)
async def test_it_outlasts(drill: outlast.Drill) -> None:
    story = Story()
    await drill(story)
    assert story.failures == []


def test_it_outlasts_a_full_disk() -> None:
    assert outlast.on_a_small_disk(150, 3.0) == 0
