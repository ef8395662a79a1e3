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

Heirs = dict[int, set[int]]
"""Cases by the one that they stand for."""


async def succeed(session: AsyncSession, after: int, until: int) -> None:
    """For all that was removed in these versions, and is not told of yet. Cases first: their people
    and hearings are known by them."""
    gone = select(Removal.kind, Removal.thing_id).where(
        Removal.version > after, Removal.version <= until
    )
    removed: dict[str, list[int]] = {"case": [], "defendant": [], "hearing": []}
    for kind, number in await session.execute(gone.order_by(Removal.id)):
        removed.setdefault(kind, []).append(number)
    heirs = Heirs()
    for number in removed["case"]:
        async with writing(session):
            heirs[number] = await case(session, number)
    for number in removed["defendant"]:
        async with writing(session):
            await defendant(session, number, heirs)
    if removed["hearing"]:
        async with writing(session):
            await hearings(session, removed["hearing"], heirs)


# A case: others have what was in it. Of one alone it is no news, but to who followed that already.


async def case(session: AsyncSession, gone: int) -> set[int]:
    heirs = await cases_now(session, await known_of(session, gone))
    if heirs:
        await share_out(session, Subject.CASE, gone, heirs)
    if len(heirs) == 1 and await session.get(Told, ("case", min(heirs))) is None:
        await rename(session, gone, min(heirs))
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


def cases_of(facts: dict[str, Any], heirs: Heirs) -> set[int]:
    return heirs.get(facts["case"]) or {facts["case"]}


# A person: of the same case, by the same name.


async def defendant(session: AsyncSession, gone: int, heirs: Heirs) -> None:
    known = await session.get(Told, ("defendant", gone))
    if known and (heir := await namesake(session, known.facts, heirs)):
        await share_out(session, Subject.DEFENDANT, gone, [heir])
        await hand_on_notices(session, "defendant", gone, heir)
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
