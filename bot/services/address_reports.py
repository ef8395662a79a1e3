"""What people say is wrong with an address, for the coordinators. Never who said so."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.db import writing
from bot.services.letters import Address
from models import AddressReport, Custody, Defendant, Trouble

MOST = 10
"""That one person may send on one day: nobody alone makes addresses look wrong."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Of the address as it is confirmed now."""

    defendant: Defendant
    trouble: Trouble
    times: int
    last: date


async def report(
    session: AsyncSession, defendant: int, mail: Address, trouble: Trouble, today: date
) -> None:
    """The delivery tells those who keep the facts, once of an address."""
    about = {"defendant_id": defendant, "trouble": trouble, "confirmed_at": mail.confirmed_at}
    async with writing(session):
        session.add(AddressReport(day=today, **about))


async def unsettled(session: AsyncSession) -> list[Reported]:
    """What nobody has looked at: a later confirmation of the address settles it."""
    its = AddressReport.defendant_id, AddressReport.trouble
    confirmed = select(func.max(Custody.confirmed_at)).where(
        Custody.defendant_id == AddressReport.defendant_id
    )
    still = AddressReport.confirmed_at >= confirmed.scalar_subquery()
    query = select(*its, func.count(), func.max(AddressReport.day)).where(still).group_by(*its)
    rows = (await session.execute(query.order_by(func.count().desc(), *its))).all()
    people = await people_of(session, [row[0] for row in rows])
    return [Reported(people[row[0]], Trouble(row[1]), row[2], row[3]) for row in rows]


async def still(session: AsyncSession, defendant: int, trouble: str) -> Reported | None:
    """Nothing: somebody has confirmed the address since."""
    for one in await unsettled(session):
        if (one.defendant.id, one.trouble) == (defendant, trouble):
            return one
    return None


async def people_of(session: AsyncSession, ids: list[int]) -> dict[int, Defendant]:
    query = select(Defendant).where(Defendant.id.in_(ids)).options(joinedload(Defendant.case))
    return {one.id: one for one in await session.scalars(query)}
