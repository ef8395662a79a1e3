"""By no path does one person alone change where letters or money go."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bot.db import dispose, make_engine, make_sessions
from bot.services import campaign_file, members, proposals
from bot.services.campaign_file import CampaignFileError
from bot.services.letters import Address, mailing, with_place
from bot.services.members import Actor
from models import Defendant, DonationRoute, Fundraiser, Role, Via
from tests import IN_CI
from tests.databases import Databases
from tests.town import NOW, OWNER, VAULT

LATER = "@"
"""In a patch: a moment later than all that was said before."""
TEXTS = st.sampled_from([{"en": "One", "ru": "Один"}, {"en": "Two", "ru": "Два"}])
MORE_TEXTS = TEXTS | st.just({"kk": "Bir"})
SAID = {"confirmed_at": LATER, "source": "lawyer"}
CHECKED = {"checked_at": LATER}
HELD = ["pre_trial_detention", "colony", "transfer", "released"]


def some(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A few of these keys."""
    return st.fixed_dictionaries({}, optional=parts)


def one(slug: str, facts: st.SearchStrategy[Any], **always: Any) -> st.SearchStrategy[Any]:
    return facts.map(lambda some_of_it: {"slug": slug, **always, **some_of_it})


def within(people: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return people.map(lambda each: {"cases": [{"slug": "port-strike", "defendants": [each]}]})


STAY = st.builds(
    lambda place, more, word: {"facility": place, "since": "2025-11-03", **more, **word},
    st.sampled_from(["kamensk-sizo-1", "elsewhere"]),
    some(until=st.sampled_from(["2026-01-01", None]), addressee=MORE_TEXTS),
    st.sampled_from([SAID, SAID, {}, {"confirmed_at": None}]),
)
PERSON = some(
    status=st.sampled_from(HELD),
    custody=st.lists(STAY, min_size=1, max_size=1),
    letters=some(allowed=st.sampled_from([True, False, None])),
    name=MORE_TEXTS,
)
NEW = one("new", PERSON, name={"en": "New"}, status="pre_trial_detention")
FACILITY = some(
    address=MORE_TEXTS,
    name=MORE_TEXTS,
    postal_code=st.sampled_from(["620999", "620998"]),
    kind=st.sampled_from(["pre_trial_detention", "colony", "other"]),
)
ROUTE = some(
    url=st.sampled_from(["https://donate.example.org/a", "https://donate.example.org/b"]),
    fundraiser=st.sampled_from(["lodkin-lawyer", "common"]),
    pay_from=st.sampled_from(["russia", "elsewhere", "anywhere"]),
    method=MORE_TEXTS,
    legal_status=MORE_TEXTS,
    valid_days=st.sampled_from([14, 60]),
)
NEW_ROUTE = one(
    "new",
    ROUTE,
    **CHECKED,
    fundraiser="common",
    pay_from="anywhere",
    method={"en": "Card"},
    legal_status={"en": "Fine"},
    valid_days=14,
    url="https://donate.example.org/c",
)
BOTH_CHECKED = [{"slug": slug, **CHECKED} for slug in ("lodkin-card-ru", "lodkin-abroad")]
FUND = some(title=MORE_TEXTS, purpose=st.sampled_from(["lawyer", "common"]))
PATCHES = st.one_of(
    within(one("ivan-lodkin", PERSON)),
    within(one("marta-vetrova", PERSON)),
    within(NEW),
    within(st.just({"slug": "new", "remove": True})),
    one("kamensk-sizo-1", FACILITY).map(lambda each: {"facilities": [each]}),
    one("elsewhere", FACILITY).map(lambda each: {"facilities": [each]}),
    one("lodkin-abroad", ROUTE, **CHECKED).map(lambda each: {"donation_routes": [each]}),
    NEW_ROUTE.map(lambda each: {"donation_routes": [each]}),
    st.just({"donation_routes": [{"slug": "lodkin-abroad", "remove": True}]}),
    one("lodkin-lawyer", FUND).map(lambda each: {"fundraisers": [each]}),
    st.sampled_from(["marta-vetrova", None]).map(
        lambda whom: {
            "fundraisers": [{"slug": "lodkin-lawyer", "for": whom}],
            "donation_routes": BOTH_CHECKED,
        }
    ),
)
ELSEWHERE = """
facilities:
- {slug: elsewhere, country: RU, kind: colony, postal_code: "620997",
   name: {en: Colony 2, ru: Колония 2}, address: {en: Elsewhere 2, ru: "Другая, 2"}}
fundraisers:
- {slug: common, title: {en: Common, ru: Общий}, purpose: common}
"""


async def people_see(session: AsyncSession, now: datetime) -> set[str]:
    """Where letters go, and money."""
    local = now.astimezone(ZoneInfo("Europe/Moscow"))
    people = await session.scalars(select(Defendant).options(*with_place()))
    seen = {address(each, local) for each in people}
    funds = await session.scalars(select(Fundraiser).options(selectinload(Fundraiser.routes)))
    ways = {way(fund, one) for fund in funds for one in fund.routes}
    return {one for one in seen if one} | ways


def address(one: Defendant, now: datetime) -> str | None:
    found = mailing(one, now)
    if not isinstance(found, Address):
        return None
    place = found.custody.facility
    written = [place.name, place.postal_code, place.address, found.custody.addressee]
    return json.dumps([one.slug, *written], sort_keys=True)


def way(fund: Fundraiser, one: DonationRoute) -> str:
    what = [fund.title, fund.purpose, fund.defendant_id, fund.case_id]
    how = [one.url, one.details, one.pay_from, one.method, one.legal_status, one.valid_days]
    return json.dumps([one.slug, *what, *how], sort_keys=True)


async def alone(session: AsyncSession, thief: Actor, patch: Any, now: datetime) -> bool:
    """Whether it took effect."""
    said = json.dumps(patch).replace(f'"{LATER}"', f'"{now:%Y-%m-%d %H:%M}+00:00"')
    try:
        plan = await campaign_file.plan(
            session, said.encode(), name="x", now=now, mark=VAULT.mark_of
        )
    except CampaignFileError:
        return False
    event("understood")
    made = await proposals.carry_out(session, plan, thief, Via.DESK, now, by_two=True)
    return made is None and bool(plan.differences)


async def tried(url: str, patches: list[Any]) -> None:
    engine = make_engine(url)
    sessions = make_sessions(engine)
    async with sessions() as session:
        await members.keep_owners(session, VAULT, [OWNER], NOW)
        await campaign_file.import_file(
            session, ELSEWHERE.encode(), name="x", now=NOW, mark=VAULT.mark_of
        )
        known = await people_see(session, NOW)
    for number, patch in enumerate(patches):
        now = NOW + timedelta(minutes=number + 1)
        async with sessions() as session:
            if await alone(session, Actor(1, Role.OWNER), patch, now):
                event("took effect")
        async with sessions() as session:
            assert await people_see(session, now) <= known, patch
    await dispose(engine)


def test_nobody_changes_alone_where_letters_and_money_go(
    databases: Databases, tmp_path: Path
) -> None:
    number = iter(range(10**6))

    @settings(
        max_examples=300 if IN_CI else 60,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(PATCHES, min_size=3, max_size=8))
    def nobody_does(patches: list[Any]) -> None:
        url = databases.fresh("sqlite", tmp_path / f"{next(number)}.db", "format.yaml")
        asyncio.run(tried(url, patches))

    nobody_does()
