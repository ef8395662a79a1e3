"""Whose bot this is."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.facts import Facts, Version
from bot.services.pages import count
from models import CampaignVersion, Case, Defendant, Organisation, Source, Subscriber


@dataclass(frozen=True, slots=True)
class Campaign:
    organisation: Organisation | None
    cases: int
    people: int

    @property
    def language(self) -> str:
        """The organisers' first one; "": it does not say."""
        return ((self.organisation and self.organisation.languages) or [""])[0]


async def campaign(facts: Facts) -> Campaign:
    return await facts.read("campaign", load)


async def as_of(facts: Facts) -> date | None:
    """The day that the campaign's facts are of, where it says so."""
    found = (await campaign(facts)).organisation
    return found.as_of if found else None


async def contact(facts: Facts) -> str | None:
    """Where people ask the organisers, where the campaign says so."""
    found = (await campaign(facts)).organisation
    return found.contact if found else None


async def zone_of(facts: Facts, person: Subscriber) -> str:
    """By which their hours are counted: their own, else the organisers'."""
    found = (await campaign(facts)).organisation
    return person.timezone or (found.timezone if found else "UTC")


async def local(facts: Facts, now: datetime) -> datetime:
    """Now on the organisers' clock: their days are counted by it."""
    return on_clock_of((await campaign(facts)).organisation, now)


async def local_now(session: AsyncSession, now: datetime) -> datetime:
    """The same where nothing is remembered."""
    return on_clock_of(await organisation(session), now)


def on_clock_of(found: Organisation | None, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(found.timezone)) if found else now


async def load(session: AsyncSession) -> Campaign:
    return Campaign(
        await organisation(session), await count(session, Case), await count(session, Defendant)
    )


async def organisation(session: AsyncSession) -> Organisation | None:
    first = select(Organisation).order_by(Organisation.id).limit(1)
    found: Organisation | None = await session.scalar(first)
    return found


async def confirmed(session: AsyncSession, source: Source, now: datetime) -> dict[str, str]:
    """The word that something is so, given now, as a campaign file has it. With the offset: in
    autumn an hour comes twice."""
    local = await local_now(session, now)
    return {"confirmed_at": f"{local:%Y-%m-%d %H:%M:%S%z}", "source": source}


async def languages(session: AsyncSession) -> list[str]:
    """Of its texts; the first one is what the others fall back to."""
    found = await organisation(session)
    return found.languages if found else []


async def version(session: AsyncSession) -> Version:
    """Another one after every change of the campaign's facts."""
    query = select(CampaignVersion.version, CampaignVersion.tokens)
    return Version(*(await session.execute(query)).one())
