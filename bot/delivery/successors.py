"""What was entered anew: a thing is removed, and another stands for it.

A case or a person under another slug, a hearing that stood there twice. Whoever follows the one, or
comes to it, goes on with the other, and hears nothing of that: to them it is the same thing. But
who heard that a hearing is off the list hears that it takes place after all.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.db import insert_new, writing
from bot.delivery.inheritance import (
    hand_on_attendance,
    hand_on_notices,
    hand_on_occasions,
    hand_on_seats,
    know_as,
    know_as_off,
    renumber,
)
from bot.services.event_news import EventFacts
from bot.services.events import first_day
from bot.services.follows import share_out
from bot.services.notices import marked
from bot.services.seats import keep_days
from models import (
    Court,
    Defendant,
    EventStatus,
    Follow,
    Hearing,
    HearingStatus,
    Kind,
    Notice,
    Removal,
    Subject,
    Told,
)

Heirs = dict[int, set[int]]
"""Cases by the one that they stand for."""


async def succeed(session: AsyncSession, after: int, until: int, now: datetime) -> None:
    """For all that was removed in these versions, and is not told of yet, or that came again in
    them. Courts first, then cases: people and hearings are known by them."""
    gone = await gone_in(session, after, until)
    for one in gone["court"]:
        async with writing(session):
            await court(session, one)
    await cities(session)
    heirs = Heirs()
    for one in gone["case"]:
        async with writing(session):
            heirs[one.thing_id] = await case(session, one)
    for one in gone["defendant"]:
        async with writing(session):
            await defendant(session, one, heirs)
    if gone["hearing"]:
        async with writing(session):
            await hearings(session, [one.thing_id for one in gone["hearing"]], heirs)
    for one in gone["event"]:
        async with writing(session):
            await event(session, one)
    await set_again(session, heirs, now)


async def gone_in(session: AsyncSession, after: int, until: int) -> dict[str, list[Removal]]:
    """By kind."""
    again = and_(Removal.heir_since > after, Removal.heir_since <= until)
    removed = and_(Removal.version > after, Removal.version <= until)
    found = defaultdict[str, list[Removal]](list)
    for one in await session.scalars(
        select(Removal).where(or_(removed, again)).order_by(Removal.id)
    ):
        found[one.kind].append(one)
    return found


# An event: under its slug again.


async def event(session: AsyncSession, one: Removal) -> None:
    """Who has heard that it is off hears that it takes place after all."""
    gone, heir = one.thing_id, one.heir_id
    if heir is None:
        return
    if known := await session.get(Told, ("event", gone)):
        await know_as(session, known, heir)
    elif facts := await told_off(session, gone):
        row = {"subject": "event", "thing_id": heir, "version": 0, "facts": facts}
        await session.execute(insert_new(session, Told).values(row))
    await hand_on_notices(session, "event", gone, heir)
    await hand_on_seats(session, gone, heir)
    if known := await session.get(Told, ("event", heir)):
        before = EventFacts(**known.facts)
        await keep_days(session, {heir: (before.repeats is not None, first_day(before.event))})


async def told_off(session: AsyncSession, gone: int) -> dict[str, Any] | None:
    """As people know it since then."""
    its = Notice.subject == "event", Notice.thing_id == gone, Notice.kind == Kind.EVENT_OFF
    last = await session.scalar(select(Notice).where(*its).order_by(Notice.id.desc()).limit(1))
    return (last.before or {}) | {"status": EventStatus.CANCELLED} if last else None


# A court: under its slug again, or under another one.


async def court(session: AsyncSession, gone: Removal) -> None:
    if gone.heir_id:
        await share_out(session, Subject.CITY, gone.thing_id, [gone.heir_id])
        await renumber(session, "court", gone.thing_id, gone.heir_id)
        await hand_on_occasions(session, gone.thing_id, gone.heir_id)


async def cities(session: AsyncSession) -> None:
    """Whose last court was removed, and where there is another one now."""
    followed = select(Follow.thing_id).where(Follow.subject == Subject.CITY).distinct()
    gone = followed.where(Follow.thing_id.not_in(select(Court.id)))
    for number in list(await session.scalars(gone)):
        beside = Court.city_key == await city_of(session, number)
        if heir := await session.scalar(select(func.min(Court.id)).where(beside)):
            async with writing(session):
                await share_out(session, Subject.CITY, number, [heir])


async def city_of(session: AsyncSession, court: int) -> str:
    """Of one that is gone, as people know it from its hearings; nothing: they know of none."""
    known = [
        select(facts["city"].as_string()).where(facts["court"].as_integer() == court)
        for facts in (Told.facts, Notice.before)
    ]
    return await session.scalar(union_all(*known).limit(1)) or ""


# A case: under its slug again, or others have what was in it. Of one alone it is no news, but to
# who followed that already.


async def case(session: AsyncSession, gone: Removal) -> set[int]:
    known = await known_of(session, gone.thing_id)
    heirs = {gone.heir_id} if gone.heir_id else set[int]()
    heirs |= await cases_now(session, known)
    heirs = heirs or await cases_alike(session, known)
    if heirs:
        await share_out(session, Subject.CASE, gone.thing_id, heirs)
    if len(heirs) == 1 and await session.get(Told, ("case", min(heirs))) is None:
        await rename(session, gone.thing_id, min(heirs))
    return heirs


async def rename(session: AsyncSession, gone: int, heir: int) -> None:
    """It has got another slug, and that is all."""
    await renumber(session, "case", gone, heir)
    await hand_on_notices(session, "case", gone, heir)
    if known := await session.get(Told, ("case", gone)):
        await know_as(session, known, heir)


async def known_of(session: AsyncSession, case: int) -> list[Told]:
    """The hearings and people that people know to be of it."""
    known = select(Told).where(Told.facts["case"].as_integer() == case)
    return list(await session.scalars(known.order_by(Told.subject, Told.thing_id)))


async def cases_now(session: AsyncSession, known: Iterable[Told]) -> set[int]:
    """Of what people knew to be of one case."""
    numbers: dict[str, list[int]] = {"hearing": [], "defendant": []}
    for row in known:
        numbers[row.subject].append(row.thing_id)
    hearings = select(Hearing.case_id).where(Hearing.id.in_(numbers["hearing"]))
    people = select(Defendant.case_id).where(Defendant.id.in_(numbers["defendant"]))
    return {*await session.scalars(hearings), *await session.scalars(people)}


async def cases_alike(session: AsyncSession, known: Iterable[Told]) -> set[int]:
    """Where the same people were entered anew; of a case without people, the same hearings."""
    of: dict[str, list[dict[str, Any]]] = {"hearing": [], "defendant": []}
    for row in known:
        of[row.subject].append(row.facts)
    names = {facts.get("name") for facts in of["defendant"]}
    moments = {(facts["court"], facts["starts_at"]) for facts in of["hearing"]}
    if names:
        people = await session.scalars(select(Defendant).where(is_new("defendant", Defendant.id)))
        return {one.case_id for one in people if marked(one.name) in names}
    new = await session.scalars(select(Hearing).where(is_new("hearing", Hearing.id)))
    return {one.case_id for one in new if (one.court_id, one.starts_at.isoformat()) in moments}


def is_new(subject: str, number: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Nobody knows of it yet."""
    return ~exists().where(Told.subject == subject, Told.thing_id == number)


def cases_of(facts: dict[str, Any], heirs: Heirs) -> set[int]:
    return heirs.get(facts["case"]) or {facts["case"]}


# A person: under their slug again, or of the same case, by the same name.


async def defendant(session: AsyncSession, gone: Removal, heirs: Heirs) -> None:
    known = await session.get(Told, ("defendant", gone.thing_id))
    heir = gone.heir_id or (await namesake(session, known.facts, heirs) if known else None)
    if heir is None:
        return
    for subject in (Subject.DEFENDANT, Subject.ADDRESS):
        await share_out(session, subject, gone.thing_id, [heir])
    await hand_on_notices(session, "defendant", gone.thing_id, heir)
    if known:
        await know_as(session, known, heir)


async def namesake(session: AsyncSession, facts: dict[str, Any], heirs: Heirs) -> int | None:
    query = select(Defendant).where(Defendant.case_id.in_(cases_of(facts, heirs)))
    people = await session.scalars(query)
    same = [one.id for one in people if marked(one.name) == facts.get("name")]
    return same[0] if len(same) == 1 else None


# A hearing: of the same case, at the same moment, in the same court.


async def hearings(session: AsyncSession, numbers: list[int], heirs: Heirs) -> None:
    removed = select(Told).where(Told.subject == "hearing", Told.thing_id.in_(numbers))
    known = {row.thing_id: row for row in await session.scalars(removed)}
    found = await twins(session, {number: row.facts for number, row in known.items()}, heirs)
    for gone, row in known.items():
        if heir := found.get(gone):
            await hand_on_attendance(session, gone, heir)
            await hand_on_notices(session, "hearing", gone, heir)
            await know_as(session, row, heir)
        else:
            row.facts = row.facts | {"case": min(cases_of(row.facts, heirs))}


async def set_again(session: AsyncSession, heirs: Heirs, now: datetime) -> None:
    """People have heard that they are off the list: they take place after all."""
    heard = {notice.hearing_id: notice.before or {} for notice in await removals(session, now)}
    for gone, heir in (await twins(session, heard, heirs)).items():
        if await session.get(Told, ("hearing", heir)) is None:
            async with writing(session):
                await hand_on_attendance(session, gone, heir)
                await hand_on_notices(session, "hearing", gone, heir)
                await know_as_off(session, heard[gone], heir)


async def removals(session: AsyncSession, now: datetime) -> list[Notice]:
    """That are fresh, and of what has no heir yet."""
    told = select(Notice).where(Notice.kind == Kind.CANCELLED, Notice.subject == "case")
    fresh = await session.scalars(told.where(Notice.expires_at > now).order_by(Notice.id))
    found = {notice.hearing_id: notice for notice in fresh}
    there = set(await session.scalars(select(Hearing.id).where(Hearing.id.in_(found))))
    return [notice for number, notice in found.items() if number not in there]


async def twins(
    session: AsyncSession, known: dict[int, dict[str, Any]], heirs: Heirs
) -> dict[int, int]:
    """By what is gone. Who is most alike comes first, and only what is all alike shares an heir."""
    alike = [
        (likeness, gone, heir.id)
        for gone, facts in known.items()
        for heir in await beside(session, facts, heirs)
        if (likeness := await likeness_of(session, facts, heir)) is not None
    ]
    found = dict[int, int]()
    for likeness, gone, heir in sorted(alike):
        if gone not in found and (likeness == 0 or heir not in found.values()):
            found[gone] = heir
    return found


async def beside(session: AsyncSession, facts: dict[str, Any], heirs: Heirs) -> list[Hearing]:
    query = select(Hearing).where(
        Hearing.case_id.in_(cases_of(facts, heirs)),
        Hearing.court_id == facts["court"],
        Hearing.starts_at == datetime.fromisoformat(facts["starts_at"]),
        Hearing.status == HearingStatus.SCHEDULED,
    )
    is_on = facts["status"] == HearingStatus.SCHEDULED
    return list(await session.scalars(query)) if is_on else []


async def likeness_of(session: AsyncSession, facts: dict[str, Any], heir: Hearing) -> int | None:
    """The smaller, the more alike. Two kinds are two hearings; two rooms are, of two that stood
    there side by side."""
    rooms = {facts["room"], heir.room}
    kinds = {kind for kind in (facts.get("kind"), heir.kind) if kind}
    if len(kinds) > 1:
        return None
    if len(rooms) == 1:
        return 0
    if None in rooms:
        return 1
    return 2 if await session.get(Told, ("hearing", heir.id)) is None else None
