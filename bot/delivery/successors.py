"""What was entered anew: a thing is removed, and another stands for it.

A case or a person under another slug, a hearing that stood there twice. Whoever follows the one, or
comes to it, goes on with the other, and hears nothing of that: to them it is the same thing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.delivery.inheritance import hand_on_attendance, hand_on_notices, know_as, renumber
from bot.services.follows import share_out
from bot.services.notices import marked
from models import Defendant, Hearing, HearingStatus, Removal, Subject, Told


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
    known = await known_of(session, gone)
    heirs = await cases_now(session, known)
    if heirs:
        await share_out(session, Subject.CASE, gone, heirs)
    if len(heirs) != 1:
        return
    [heir] = heirs
    if await session.get(Told, ("case", heir)) is None:
        await rename(session, gone, heir)
        return
    left = set(await session.scalars(select(Hearing.id).where(Hearing.case_id == heir)))
    for row in known:
        if row.subject == "hearing" and row.thing_id not in left:
            row.facts = row.facts | {"case": heir}


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
        await hand_on_notices(session, "defendant", gone, same[0].id)
        await know_as(session, known, same[0].id)


# A hearing: of the same case, at the same moment, in the same court.


async def hearing(session: AsyncSession, gone: int) -> None:
    known = await session.get(Told, ("hearing", gone))
    if known and (heir := await twin(session, known.facts)):
        await hand_on_attendance(session, gone, heir)
        await hand_on_notices(session, "hearing", gone, heir)
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
