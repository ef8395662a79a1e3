"""What was changed is written down, is read by whoever may, and is undone."""

from typing import Any

import pytest
from sqlalchemy import func, select

from benchmarks.crowd import people
from bot.db import Sessions
from bot.services import campaign_file, history
from bot.services.campaign_file import COMMAND_LINE, CampaignFileError, exporting
from bot.services.campaign_file.merge import shown
from bot.services.four_eyes import Lately
from models import HistoryEntry, Subscriber
from tests.town import NOW, VAULT, Town

pytestmark = pytest.mark.either_database

HEARING = "hearings: [{slug: port-strike-1, **}]"
PERSON = "cases: [{slug: port-strike, defendants: [{**}]}]"
NEW = "title: {en: New}, defendants: [{slug: x, name: {en: X}}, {slug: y, name: {en: Y}}]"
CHANGES = [
    HEARING.replace("**", "starts_at: '2026-11-27 09:30', room: '4'"),
    HEARING.replace("**", "status: cancelled, outcome: {en: A judge is ill, ru: Судья болен}"),
    HEARING.replace("**", "confirmed_at: 2026-11-22, source: lawyer"),
    HEARING.replace("**", "remove: true"),
    "hearings: [{slug: z, case: port-strike, court: kamensk-city, starts_at: 2026-12-27 09:30}]",
    "cases: [{slug: port-strike, title: {en: Another title}}]",
    "cases: [{slug: port-strike, title: {kk: Басқа}, stage: appeal}]",
    PERSON.replace("**", "slug: ivan-lodkin, status: released, custody: []"),
    PERSON.replace("**", "slug: new, name: {en: New}, status: unknown"),
    f"cases: [{{slug: new, {NEW}}}]",
    "organisation: {slug: harbour, name: {en: Other}, contact: null}",
    "events: [{slug: letters-in-may, remove: true}]",
    "fundraisers: [{slug: lodkin-lawyer, raised: 64000, closes: 2026-12-30}]",
    "donation_routes: [{slug: lodkin-card-ru, remove: true}]",
    "courts: [{slug: kamensk-city, address: {en: Elsewhere 1, ru: Другая 1}}]",
]


async def state(here: Town) -> dict[str, dict[str, Any]]:
    async with here.app.sessions() as session:
        things, _setting = await exporting.read_all(session)
    return {
        kind: {slug: shown(thing) for slug, thing in some.items()} for kind, some in things.items()
    }


async def replayed(here: Town) -> dict[str, dict[str, Any]]:
    """All entries, one after the other, over nothing."""
    things: dict[str, dict[str, Any]] = {kind: {} for kind in campaign_file.exporting.KINDS}
    async with here.app.sessions() as session:
        for one in await session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)):
            if one.after is None:
                del things[one.kind][one.slug]
                continue
            thing = things[one.kind].setdefault(one.slug, {})
            for key in one.before or {}:
                thing.pop(key)
            thing.update(one.after)
    return things


async def takes(here: Town, *files: str) -> None:
    for file in files:
        here.clock.forward(minutes=1)
        await here.take_in(file.encode())


async def undo(here: Town, version: int | None = None) -> None:
    async with here.app.sessions() as session:
        latest = await session.scalar(select(func.max(HistoryEntry.version)))
        found = await history.change_set(session, VAULT, version or latest or 0)
        plan = await history.plan_undo(session, VAULT, found, here.clock.now())
        await campaign_file.carry_out(session, plan, COMMAND_LINE)


async def test_the_history_is_how_things_are(harbour: Town) -> None:
    for change in CHANGES:
        try:
            await takes(harbour, change)
        except CampaignFileError as error:
            raise AssertionError(change, error.problems) from error
        assert await replayed(harbour) == await state(harbour), change


WITHOUT_CHECK = "donation_routes"
"""A way to pay comes back by a new check alone."""


@pytest.mark.parametrize("change", [one for one in CHANGES if WITHOUT_CHECK not in one])
async def test_a_change_is_undone(harbour: Town, change: str) -> None:
    before = await state(harbour)
    await takes(harbour, change)
    assert await state(harbour) != before
    await undo(harbour)
    assert without_words(await state(harbour)) == without_words(before)
    assert await replayed(harbour) == await state(harbour)


def without_words(thing: Any) -> Any:
    """What was confirmed is not, once it has changed and changed back."""
    return history.without_words(thing)


async def test_what_was_undone_is_done_again(harbour: Town) -> None:
    before = await state(harbour)
    await takes(harbour, CHANGES[0])
    after = await state(harbour)
    await undo(harbour)
    await undo(harbour)
    assert without_words(await state(harbour)) == without_words(after)
    await undo(harbour)
    assert without_words(await state(harbour)) == without_words(before)


async def test_what_was_changed_again_is_not_undone(harbour: Town) -> None:
    await takes(harbour, CHANGES[0])
    first = await version(harbour)
    await takes(harbour, CHANGES[5])
    await takes(harbour, "hearings: [{slug: port-strike-1, room: '5'}]")
    with pytest.raises(history.ChangedSince) as refused:
        await undo(harbour, first)
    assert refused.value.version == await version(harbour)
    await undo(harbour)
    await undo(harbour, first)


async def version(here: Town) -> int:
    async with here.app.sessions() as session:
        return await session.scalar(select(func.max(HistoryEntry.version))) or 0


async def test_an_outcome_outlasts_an_undo(harbour: Town) -> None:
    harbour.clock.forward(days=4)
    await takes(harbour, HEARING.replace("**", "outcome: {en: Held, ru: Состоялось}"))
    before = await state(harbour)
    await takes(harbour, HEARING.replace("**", "status: adjourned"))
    await undo(harbour)
    assert without_words(await state(harbour)) == without_words(before)


LONG_AGO = {
    "an outcome": "status: decided, outcome: {en: Six years, ru: Шесть лет}",
    "another outcome": "outcome: {en: Five years, ru: Пять лет}",
    "put off": "status: adjourned",
}


@pytest.mark.parametrize("what", LONG_AGO)
async def test_what_lay_in_the_past_already_is_undone(harbour: Town, what: str) -> None:
    harbour.clock.forward(days=4)
    if what != "an outcome":
        await takes(harbour, HEARING.replace("**", LONG_AGO["an outcome"]))
    before = await state(harbour)
    await takes(harbour, HEARING.replace("**", LONG_AGO[what]))
    await undo(harbour)
    assert without_words(await state(harbour)) == without_words(before)


ADDED = {
    "a lawyer": "lawyer: {en: A. Belova, ru: А. Белова}",
    "a birthday": "birthday: 12-03",
}


@pytest.mark.parametrize("what", ADDED)
async def test_what_was_only_added_is_undone(harbour: Town, what: str) -> None:
    before = await state(harbour)
    await takes(harbour, PERSON.replace("**", f"slug: marta-vetrova, {ADDED[what]}"))
    assert await state(harbour) != before
    await undo(harbour)
    assert await state(harbour) == before


async def test_a_court_gets_its_pin_back(harbour: Town) -> None:
    before = await state(harbour)
    there = "address: {en: Elsewhere, ru: Там}, location: {latitude: 56, longitude: 60}"
    await takes(harbour, f"courts: [{{slug: kamensk-city, {there}}}]")
    await undo(harbour)
    assert (await state(harbour))["court"] == before["court"]


async def test_nothing_is_written_down_of_what_changes_nothing(harbour: Town) -> None:
    await takes(harbour, CHANGES[0])
    async with harbour.app.sessions() as session:
        before = await session.scalar(select(func.count()).select_from(HistoryEntry))
    await takes(harbour, CHANGES[0])
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(HistoryEntry)) == before


async def test_a_way_to_pay_comes_back_by_a_new_check_alone(harbour: Town) -> None:
    link = "url: https://x.example.org, checked_at: 2026-11-22"
    await takes(harbour, f"donation_routes: [{{slug: lodkin-card-ru, {link}}}]")
    with pytest.raises(CampaignFileError):
        await undo(harbour)


async def test_a_thing_that_gets_a_new_key_is_no_new_thing(sessions: Sessions) -> None:
    """To what was changed by one person in a day it counts as changed."""
    await people(sessions, VAULT, [1], NOW)
    told = {"version": 1, "at": NOW, "via": "desk", "kind": "case"}
    async with sessions() as session:
        author = (await session.scalars(select(Subscriber.id))).one()
        for slug, before in (("old", {}), ("new", None)):
            one = HistoryEntry(**told, slug=slug, author_id=author, before=before, after={"a": 1})
            session.add(one)
        await session.commit()
        lately = await history.changed_alone(session, author, NOW)
    assert lately == Lately(frozenset({("case", "new")}), frozenset({("case", "old")}))
