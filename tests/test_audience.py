"""Whom a notice concerns, against a model in plain Python."""

import asyncio
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Sessions, make_engine, make_sessions
from bot.services import audience as audiences
from bot.services import follows
from bot.services.audience import EVERYBODY, Things, audience, things_of, window
from models import (
    ALERTS,
    ASKED,
    LEADS,
    Attendance,
    Case,
    Court,
    Defendant,
    Delivery,
    Follow,
    Hearing,
    Kind,
    Notice,
    Priority,
    State,
    Subject,
    Subscriber,
)
from tests.databases import Databases
from tests.town import NOW

pytestmark = pytest.mark.either_database


@dataclass
class World:
    """One campaign: cases with people, courts with cities, hearings."""

    courts: dict[int, str] = field(default_factory=lambda: {1: "x", 2: "x", 3: "y"})
    people: dict[int, int] = field(default_factory=lambda: {1: 1, 2: 1, 3: 2})
    hearings: dict[int, tuple[int, int]] = field(
        default_factory=lambda: {1: (1, 1), 2: (2, 2), 3: (1, 3)}
    )
    """Case and court."""


@dataclass(frozen=True)
class One:
    """Somebody, as the model knows them."""

    alerts: int
    leads: int
    silent: int | None
    """Hours from now."""
    follows: tuple[tuple[Subject, int, bool], ...]
    comes: frozenset[int]
    reminded: tuple[tuple[int, int, int], ...]
    """Hearing, revision, lead."""


SUBJECTS = st.one_of(
    st.tuples(st.just(Subject.DEFENDANT), st.sampled_from((1, 2, 3))),
    st.tuples(st.just(Subject.CASE), st.sampled_from((1, 2))),
    st.tuples(st.just(Subject.CITY), st.sampled_from((1, 2, 3))),
    st.just((Subject.ALL, 0)),
    st.tuples(st.just(Subject.ADDRESS), st.sampled_from((1, 2, 3))),
)
LONG_AGO = 3
"""Whose address was asked for as long ago as it counts no more."""
FOLLOWS = st.dictionaries(SUBJECTS, st.booleans(), max_size=5).map(
    lambda chosen: tuple((*what, muted) for what, muted in chosen.items())
)
PEOPLE = st.lists(
    st.builds(
        One,
        alerts=st.one_of(st.just(63), st.integers(0, 63)),
        leads=st.one_of(st.just(14), st.integers(0, 31)),
        silent=st.sampled_from((None, None, -1, 0, 1)),
        follows=FOLLOWS,
        comes=st.frozensets(st.sampled_from((1, 2, 3)), max_size=2),
        reminded=st.lists(
            st.tuples(
                st.sampled_from((1, 2)), st.sampled_from((3, 33)), st.sampled_from(tuple(LEADS))
            ),
            max_size=2,
            unique=True,
        ).map(tuple),
    ),
    max_size=6,
)
OF_HEARINGS = tuple(kind for kind in ALERTS if kind != Kind.BROADCAST)
NOTICES = st.one_of(
    st.tuples(st.just("hearing"), st.sampled_from((1, 2, 3)), st.sampled_from(OF_HEARINGS)),
    st.tuples(st.just("hearing"), st.sampled_from((1, 2, 3)), st.sampled_from(tuple(LEADS))),
    st.tuples(
        st.just("defendant"),
        st.sampled_from((1, 2, 3)),
        st.sampled_from((Kind.STATUS, Kind.ADDRESS)),
    ),
    st.tuples(st.just("case"), st.sampled_from((1, 2)), st.just(Kind.NEWS)),
)
REVISION = 3
OF_HEARINGS = (Kind.SET, Kind.MOVED, Kind.CANCELLED, Kind.OUTCOME)


def concerned(world: World, subject: str, thing: int) -> list[set[tuple[Subject, int]]]:
    """The most particular first."""
    case = thing
    if subject != "case":
        case = world.hearings[thing][0] if subject == "hearing" else world.people[thing]
    of_case = {person for person, their_case in world.people.items() if their_case == case}
    people = {thing} if subject == "defendant" else of_case
    found = [{(Subject.DEFENDANT, one) for one in people}, {(Subject.CASE, case)}]
    if subject == "hearing":
        city = world.courts[world.hearings[thing][1]]
        found.append({(Subject.CITY, c) for c, name in world.courts.items() if name == city})
    return [*found, {(Subject.ALL, 0)}]


def expected(
    world: World, people: list[One], subject: str, thing: int, kind: Kind | int
) -> dict[int, set[tuple[Subject, int]]]:
    """For each who is told, the follows any of which may be the cause; none: they come."""
    told = {}
    for number, one in enumerate(people):
        asked = {(Subject.ADDRESS, thing)} if has_asked(one, thing, kind) else None
        alert = Kind.STATUS if kind == Kind.ADDRESS else kind
        bit = ALERTS[alert] & one.alerts if isinstance(alert, Kind) else LEADS[alert] & one.leads
        later = any((h, r) == (thing, REVISION) and lead < kind for h, r, lead in one.reminded
                    if not isinstance(kind, Kind))  # fmt: skip
        if not bit or later or (one.silent is not None and one.silent > 0):
            if subject == "hearing" and thing in one.comes and kind in OF_HEARINGS:
                told[number] = set()
            if asked:
                told[number] = asked
            continue
        heard = {(what, which) for what, which, muted in one.follows if not muted}
        ranks = [heard & group for group in concerned(world, subject, thing)]
        if best := next((rank for rank in ranks if rank), None):
            told[number] = best
        elif asked:
            told[number] = asked
        elif subject == "hearing" and thing in one.comes:
            told[number] = set()
    return told


def has_asked(one: One, person: int, kind: Kind | int) -> bool:
    return (
        kind == Kind.ADDRESS
        and person != LONG_AGO
        and ((Subject.ADDRESS, person, False) in one.follows)
    )


async def build(session: AsyncSession, world: World) -> None:
    texts = {"en": "x"}
    cases = {*world.people.values(), *(case for case, _ in world.hearings.values())}
    session.add_all(
        Case(id=case, slug=f"c{case}", title=texts, stage="trial", version=1) for case in cases
    )
    session.add_all(
        Court(id=n, slug=f"k{n}", name=texts, city=texts, city_key=key, timezone="UTC")
        for n, key in world.courts.items()
    )
    await session.flush()
    session.add_all(
        Defendant(
            id=n, slug=f"d{n}", case_id=case, position=n, name=texts, status="unknown", version=1
        )
        for n, case in world.people.items()
    )
    session.add_all(
        Hearing(id=n, slug=f"h{n}", case_id=case, court_id=court, starts_at=NOW, kind="merits",
                status="scheduled", revision=REVISION)
        for n, (case, court) in world.hearings.items() if court in world.courts
    )  # fmt: skip
    await session.flush()


async def somebody(session: AsyncSession, name: str, **more: Any) -> int:
    person = Subscriber(
        chat_index=name.encode().ljust(32), chat_sealed=b"x", created_at=NOW, seen_on=NOW, **more
    )
    session.add(person)
    await session.flush()
    return person.id


async def add(
    session: AsyncSession, person: int, subject: Subject, thing: int, muted: bool = False
) -> None:
    is_old = subject == Subject.ADDRESS and thing == LONG_AGO
    since = NOW - ASKED if is_old else NOW
    new = {"subject": subject, "thing_id": thing, "muted": muted, "created_at": since}
    row = Follow(subscriber_id=person, **new)
    session.add(row)
    await session.flush()


def reminder(hearing: int, revision: int, lead: int) -> Notice:
    key = f"reminder:{hearing}:{revision}:{lead}"
    return notice(key, Kind.REMINDER, "hearing", hearing, lead)


def notice(key: str, kind: Kind, subject: str, thing: int, lead: int | None = None) -> Notice:
    return Notice(key=key, kind=kind, subject=subject, thing_id=thing, lead=lead,
                  priority=Priority.REMINDER, due_at=NOW)  # fmt: skip


async def settle(session: AsyncSession, people: list[One]) -> dict[int, int]:
    """Their rows; which of them has which number."""
    numbers = {}
    notices: dict[tuple[int, int, int], Notice] = {}
    for number, one in enumerate(people):
        until = None if one.silent is None else NOW + timedelta(hours=one.silent)
        options = {"alerts": one.alerts, "leads": one.leads, "silent_until": until}
        person = await somebody(session, f"{number}", **options)
        numbers[person] = number
        for subject, thing, muted in one.follows:
            await add(session, person, subject, thing, muted)
        session.add_all(Attendance(hearing_id=h, subscriber_id=person) for h in one.comes)
        for told in one.reminded:
            if told not in notices:
                notices[told] = reminder(*told)
                session.add(notices[told])
                await session.flush()
            session.add(Delivery(notice_id=notices[told].id, subscriber_id=person,
                                 priority=2, state=State.SENT))  # fmt: skip
    await session.flush()
    return numbers


@asynccontextmanager
async def laboratory(url: str) -> AsyncIterator[AsyncSession]:
    engine = make_engine(url)
    try:
        async with make_sessions(engine)() as session:
            await session.connection(execution_options={"write": True})
            yield session
            await session.rollback()
    finally:
        await engine.dispose()


async def compared(
    session: AsyncSession, people: list[One], about: tuple[str, int, Kind | int]
) -> None:
    world, (subject, thing, kind) = World(), about
    await build(session, world)
    numbers = await settle(session, people)
    if isinstance(kind, Kind):
        told = notice(f"{kind}:{thing}", kind, subject, thing)
    else:
        told = reminder(thing, REVISION, kind)
    query = await audience(session, told, NOW)
    who = query.selected_columns[0]
    whole = query.order_by(who)
    reached = [(numbers[person], follow) for person, follow in await session.execute(whole)]
    rows = await session.scalars(select(Follow))
    causes = {row.id: (Subject(row.subject), row.thing_id) for row in rows}
    wanted = expected(world, people, subject, thing, kind)
    assert [number for number, _ in reached] == sorted(wanted)
    for number, follow in reached:
        assert (causes[follow] in wanted[number]) if follow else (wanted[number] == set())
    assert await by_windows(session, told) == [tuple(row) for row in await session.execute(whole)]


async def by_windows(session: AsyncSession, told: Notice) -> list[tuple[int, int | None]]:
    """Of two at a time, as the outbox goes through a million."""
    things, after, found = await things_of(session, told), 0, list[tuple[int, int | None]]()
    while after < EVERYBODY:
        until = await window(session, told, things, after, 2)
        assert until == await second(session, told, things, after)
        rows = await session.execute(await audience(session, told, NOW, after, until))
        found += sorted((person, follow) for person, follow in rows)
        after = until
    return found


async def second(session: AsyncSession, told: Notice, things: Things, after: int) -> int:
    """The nearest one who is second of those that follow one thing, or come."""
    ways = defaultdict[tuple[str, int], list[int]](list)
    for follow in await session.scalars(select(Follow)):
        ways[follow.subject, follow.thing_id].append(follow.subscriber_id)
    for one in await session.scalars(select(Attendance)):
        ways["coming", one.hearing_id].append(one.subscriber_id)
    of_it = [(str(of), number) for of, some in things.items() for number in some]
    of_it += [("coming", told.hearing_id)] if told.subject == "hearing" else []
    further = [sorted(one for one in ways[way] if one > after) for way in of_it]
    return min((way[1] for way in further if len(way) > 1), default=EVERYBODY)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_audience_is_whom_the_model_names(
    kind: str, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audiences, "LEGS", 2)
    if kind == "sqlite":
        url = f"sqlite+aiosqlite:///{shutil.copy(databases.sqlite(), tmp_path / 'bot.db')}"
    else:
        url = databases.postgres()

    async def one(people: list[One], about: tuple[str, int, Kind | int]) -> None:
        async with laboratory(url) as session:
            await compared(session, people, about)

    @given(PEOPLE, NOTICES)
    def holds(people: list[One], about: tuple[str, int, Kind | int]) -> None:
        asyncio.run(one(people, about))

    holds()


async def test_a_city_followed_twice_over_becomes_one(sessions: Sessions) -> None:
    """Its courts may have been of two cities once."""
    async with sessions() as session:
        await build(session, World(courts={1: "x", 2: "x"}))
        person = await somebody(session, "one")
        for court in (1, 2):
            await add(session, person, Subject.CITY, court)
        await session.commit()
        await follows.leave_courts(session, [1])
        assert list(await session.scalars(select(Follow.thing_id))) == [2]
