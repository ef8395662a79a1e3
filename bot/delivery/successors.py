"""What was entered anew: a thing is removed, and another stands for it.

A case or a person under another slug, a hearing that stood there twice. Whoever follows the one, or
comes to it, goes on with the other, and hears nothing of that: to them it is the same thing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import insert_new, writing
from bot.services.follows import share_out
from bot.services.notices import marked
from models import (
    Attendance,
    Defendant,
    Hearing,
    HearingStatus,
    Kind,
    Notice,
    Removal,
    Subject,
    Told,
)


async def succeed(session: AsyncSession, after: int, until: int) -> None:
    """For all that was removed in these versions, and is not told of yet. Cases first: their people
    and hearings are known by them."""
    gone = select(Removal.kind, Removal.thing_id).where(
        Removal.version > after, Removal.version <= until
    )
    removed = [(kind, number) for kind, number in await session.execute(gone)]
    for kind, succeeds in (("case", case), ("defendant", defendant), ("hearing", hearing)):
        for number in [number for of, number in removed if of == kind]:
            async with writing(session):
                await succeeds(session, number)


# A case: others have what was in it. Of one alone it is no news, but to who followed that already.


async def case(session: AsyncSession, gone: int) -> None:
    known = [row for row in await told_of(session) if row.facts.get("case") == gone]
    heirs = await cases_now(session, known)
    if heirs:
        await share_out(session, Subject.CASE, gone, heirs)
    if len(heirs) != 1:
        return
    [heir] = heirs
    is_new = await session.get(Told, ("case", heir)) is None
    left = set(await session.scalars(select(Hearing.id).where(Hearing.case_id == heir)))
    for row in known:
        if is_new or (row.subject == "hearing" and row.thing_id not in left):
            row.facts = row.facts | {"case": heir}


async def told_of(session: AsyncSession) -> list[Told]:
    of_cases = Told.subject.in_(("hearing", "defendant"))
    return list(await session.scalars(select(Told).where(of_cases)))


async def cases_now(session: AsyncSession, known: Iterable[Told]) -> set[int]:
    """Of what people knew to be of one case."""
    numbers: dict[str, list[int]] = {"hearing": [], "defendant": []}
    for row in known:
        numbers[row.subject].append(row.thing_id)
    hearings = select(Hearing.case_id).where(Hearing.id.in_(numbers["hearing"]))
    people = select(Defendant.case_id).where(Defendant.id.in_(numbers["defendant"]))
    return {*await session.scalars(hearings), *await session.scalars(people)}


# A person: of the same case, by the same name.


async def defendant(session: AsyncSession, gone: int) -> None:
    known = await session.get(Told, ("defendant", gone))
    if known is None or not known.facts.get("name"):
        return
    query = select(Defendant).where(Defendant.case_id == known.facts["case"])
    same = [
        one
        for one in await session.scalars(query.order_by(Defendant.id))
        if marked(one.name) == known.facts["name"]
    ]
    if len(same) == 1:
        await share_out(session, Subject.DEFENDANT, gone, [same[0].id])
        await know_as(session, known, same[0].id)


# A hearing: of the same case, at the same moment, in the same court.


async def hearing(session: AsyncSession, gone: int) -> None:
    known = await session.get(Told, ("hearing", gone))
    if known and (heir := await twin(session, known.facts)):
        await hand_on_attendance(session, gone, heir)
        await hand_on_notices(session, gone, heir)
        await know_as(session, known, heir)


async def twin(session: AsyncSession, facts: dict[str, Any]) -> int | None:
    if facts["status"] != HearingStatus.SCHEDULED:
        return None
    query = select(Hearing).where(
        Hearing.case_id == facts["case"],
        Hearing.court_id == facts["court"],
        Hearing.starts_at == datetime.fromisoformat(facts["starts_at"]),
        Hearing.status == HearingStatus.SCHEDULED,
    )
    for heir in await session.scalars(query.order_by(Hearing.id)):
        if await session.get(Told, ("hearing", heir.id)) is None or is_the_same(facts, heir):
            return heir.id
    return None


def is_the_same(facts: dict[str, Any], heir: Hearing) -> bool:
    """Of two that stood there side by side: two rooms, or two kinds, are two hearings."""
    rooms = {room for room in (facts["room"], heir.room) if room}
    kinds = {kind for kind in (facts.get("kind"), heir.kind) if kind}
    return len(rooms) < 2 and len(kinds) < 2


async def hand_on_attendance(session: AsyncSession, gone: int, heir: int) -> None:
    theirs = select(Attendance.subscriber_id).where(Attendance.hearing_id == heir)
    movable = Attendance.hearing_id == gone, Attendance.subscriber_id.not_in(theirs)
    await session.execute(update(Attendance).where(*movable).values(hearing_id=heir))
    await session.execute(delete(Attendance).where(Attendance.hearing_id == gone))


async def hand_on_notices(session: AsyncSession, gone: int, heir: int) -> None:
    """What is on its way tells of the heir, and what was told once is not told again. A key that is
    there already is that of the same news, of both."""
    of_hearing = select(Notice).where(Notice.subject == "hearing")
    keys = set(
        await session.scalars(
            of_hearing.where(Notice.thing_id == heir).with_only_columns(Notice.key)
        )
    )
    for notice in await session.scalars(of_hearing.where(Notice.thing_id == gone)):
        key = key_of(notice, heir)
        if key not in keys:
            notice.key, notice.thing_id = key, heir


def key_of(notice: Notice, hearing: int) -> str:
    if notice.kind == Kind.REMINDER:
        kind, _number, *rest = notice.key.split(":")
        return ":".join([kind, str(hearing), *rest])
    kind, subject, _number, version = notice.key.split(":")
    return f"{kind}:{subject}:{hearing}:{version}"


# People and hearings.


async def know_as(session: AsyncSession, known: Told, heir: int) -> None:
    """What people know of the one they know of the other, unless they know that one, too."""
    row = {
        "subject": known.subject,
        "thing_id": heir,
        "version": known.version,
        "facts": known.facts,
    }
    await session.execute(insert_new(session, Told).values(row))
    await session.delete(known)
