"""Writing to the database what a plan changes, in few statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    Table,
    Update,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import follows, seats
from bot.services.campaign_file.reading import Progress
from bot.services.campaign_file.rows import Links, Translator
from bot.services.campaign_file.schema import KINDS, Thing
from bot.services.campaign_file.setting import Setting
from bot.services.campaign_file.store import PARTS, TABLES, Gone, Index, Parts, batches, table_of
from models import CampaignVersion, Court, FundraiserFigure, Removal, event_addressees

INNER = {
    "case": ((PARTS["case"].table, "case_id"),),
    "defendant": ((PARTS["defendant"].table, "defendant_id"),),
    "event": ((event_addressees, "event_id"),),
}
"""Rows that go together with a thing."""
VERSIONED = ("case", "defendant", "hearing", "event")
"""Kinds that somebody may follow, a court as its city, or come to."""
PLACE_OF_EVENT = ("city", "place", "place_shown", "online_url")
# When one of these changes, so does an entry in people's calendars: a hearing's, found by which
# column; or an event's.
REVISED = {
    "hearing": (frozenset({"starts_at", "court", "room", "status", "timezone"}), "id"),
    "court": (frozenset({"name", "city", "address", "location", "timezone"}), "court_id"),
}
REVISED_EVENT = frozenset(
    {"title", "starts_at", "timezone", "minutes", "status", "repeats", *PLACE_OF_EVENT}
)


@dataclass(frozen=True, slots=True)
class Write:
    """A thing as it shall be."""

    kind: str
    slug: str
    after: Thing
    is_new: bool
    changed: frozenset[str]
    """Its keys that change; none: only the order of its languages."""
    before: Thing
    """Of those keys what there was."""


async def lock(session: AsyncSession) -> None:
    """Until the transaction ends nobody else imports (SQLite: nobody else writes anyway)."""
    await session.execute(select(CampaignVersion.id).with_for_update())


async def take_version(session: AsyncSession, known: int) -> bool:
    """The next version is ours, unless somebody took it since `known` was read."""
    table = table_of(CampaignVersion)
    if await session.scalar(select(table.c.id)) is None:
        await session.execute(insert(table).values(id=1, version=0, tokens=""))
    tokens = func.substr(token_hex(8) + " " + table.c.tokens, 1, 170)
    step = update(table).where(table.c.version == known)
    step = step.values(version=known + 1, tokens=tokens)
    return (await session.execute(step.returning(table.c.id))).first() is not None


async def save(
    session: AsyncSession,
    writes: dict[str, list[Write]],
    index: Index,
    setting: Setting,
    progress: Progress,
) -> None:
    """Things first, then the lists inside them, which may refer to any thing."""
    writer = _Writer(session, index, setting)
    total, done = sum(len(some) for some in writes.values()), 0
    for kind, all_of_kind in writes.items():
        for some in batches(all_of_kind):
            await writer.add(kind, [write for write in some if write.is_new])
            await writer.change(kind, [write for write in some if not write.is_new])
            done += len(some)
            progress(done, total)
    for kind, parts in PARTS.items():
        for some in batches(_with(writes[kind], parts.key)):
            await writer.save_parts(kind, parts, some)
    for some in batches(_with(writes["event"], "write_to")):
        await writer.save_addressees(some)


async def name_heirs(session: AsyncSession, again: dict[str, dict[str, str]], index: Index) -> None:
    """Of all that ever was removed under these slugs."""
    for kind, marks in again.items():
        for slug, mark in marks.items():
            its = Removal.kind == kind, Removal.mark == mark
            heir = {"heir_id": index.ids[kind][slug], "heir_since": index.version}
            await session.execute(update(Removal).where(*its).values(heir))


async def remove(session: AsyncSession, removed: dict[str, dict[str, Gone]], index: Index) -> None:
    """What refers to others goes before them: a case's entries before its people."""
    for kind, inner in INNER.items():
        for slugs in batches(removed.get(kind, {})):
            ids = [index.ids[kind][slug] for slug in slugs]
            for table, owner in inner:
                await session.execute(delete(table).where(table.c[owner].in_(ids)))
    for kind in reversed(KINDS):
        gone = removed.get(kind, {})
        for slugs in batches(gone):
            ids = [index.ids[kind][slug] for slug in slugs]
            heirs = dict[int, int]()
            if kind == "court":
                heirs = await same_courts(session, ids)
                await follows.leave_courts(session, ids)
            await session.execute(delete(TABLES[kind]).where(TABLES[kind].c.id.in_(ids)))
            session.add_all(_removal(kind, slug, gone[slug], index, heirs) for slug in slugs)


async def same_courts(session: AsyncSession, going: list[int]) -> dict[int, int]:
    """Under another slug, by those that are to be removed."""
    courts = list(await session.scalars(select(Court).order_by(Court.id)))
    stay = {_likeness(court): court.id for court in courts if court.id not in going}
    of_going = {court.id: _likeness(court) for court in courts if court.id in going}
    return {number: stay[which] for number, which in of_going.items() if which in stay}


def _likeness(court: Court) -> tuple[str, ...]:
    return next(iter(court.name.values()), ""), court.city_key, court.timezone


def _removal(kind: str, slug: str, gone: Gone, index: Index, heirs: dict[int, int]) -> Removal:
    number = index.ids[kind][slug]
    return Removal(
        kind=kind,
        thing_id=number,
        mark=gone.mark,
        withdrawn_at=gone.withdrawn_at,
        version=index.version,
        heir_id=heirs.get(number),
        heir_since=index.version if number in heirs else None,
    )


def _with(writes: Iterable[Write], key: str) -> list[Write]:
    """Those whose list under this key has to be written."""
    return [
        write
        for write in writes
        if key in write.changed or (key in write.after and (write.is_new or not write.changed))
    ]


class _Writer:
    def __init__(self, session: AsyncSession, index: Index, setting: Setting) -> None:
        self._session = session
        self._ids = index.ids
        self._version = index.version
        self._today = date.fromisoformat(setting.today)
        self._translator = Translator(setting, Links(index.ids))
        self._positions: dict[int, int] | None = None

    async def add(self, kind: str, writes: list[Write]) -> None:
        if not writes:
            return
        table = TABLES[kind]
        rows = [await self._row(write) for write in writes]
        await self._number(kind, rows)
        await self._session.execute(insert(table), rows)
        slugs = [write.slug for write in writes]
        query = select(table.c.slug, table.c.id).where(table.c.slug.in_(slugs))
        self._ids[kind].update(
            {slug: number for slug, number in await self._session.execute(query)}
        )
        if kind == "fundraiser":
            await self._keep_figures(writes)

    async def _number(self, kind: str, rows: list[dict[str, Any]]) -> None:
        """SQLite would give the number of what was removed last to the next one: to somebody else.

        Old buttons carry it.
        """
        of_kind = select(func.max(Removal.thing_id)).where(Removal.kind == kind)
        removed = await self._session.scalar(of_kind)
        if removed is None or self._session.get_bind().dialect.name != "sqlite":
            return
        last = await self._session.scalar(select(func.max(TABLES[kind].c.id))) or 0
        for number, row in enumerate(rows, max(last, removed) + 1):
            row["id"] = number

    async def change(self, kind: str, writes: list[Write]) -> None:
        rows = [{**await self._row(write), "id": self._id(write)} for write in writes]
        turned = [self._id(write) for write in writes if "repeats" in write.changed]
        rhythms = await seats.rhythms(self._session, turned) if kind == "event" else {}
        if kind == "fundraiser":
            await self._drop_figures(rows)
        await self._update(TABLES[kind], rows)
        if kind in REVISED:
            await self._revise(writes, *REVISED[kind])
        if kind == "event":
            await self._revise_events(writes)
            await seats.keep_days(self._session, rhythms)
        if kind == "fundraiser":
            await self._keep_figures(writes)

    async def _revise(self, writes: list[Write], keys: frozenset[str], column: str) -> None:
        """The campaign's version only grows, also for what is removed and added again."""
        ids = [self._id(write) for write in writes if write.changed & keys]
        if ids:
            hearings = TABLES["hearing"]
            step = update(hearings).where(hearings.c[column].in_(ids))
            await self._session.execute(step.values(self._revision() | self._versions()))

    async def _revise_events(self, writes: list[Write]) -> None:
        ids = [self._id(write) for write in writes if write.changed & REVISED_EVENT]
        if ids:
            step = update(TABLES["event"]).where(TABLES["event"].c.id.in_(ids))
            await self._session.execute(step.values(self._revision()))

    async def _drop_figures(self, rows: list[dict[str, Any]]) -> None:
        """Those of another currency, those that are taken back, and, as no fundraiser has less
        than before, whatever was mistyped: what is above the figure that is written now."""
        figures, fundraisers = FundraiserFigure, TABLES["fundraiser"].c
        for row in rows:
            is_other = fundraisers.currency.is_distinct_from(row["currency"])
            counted_in_other = exists().where(fundraisers.id == row["id"], is_other)
            above = figures.raised > row["raised"] if row["raised"] is not None else true()
            of_it = delete(figures).where(figures.fundraiser_id == row["id"])
            await self._session.execute(of_it.where(or_(counted_in_other, above)))

    async def _keep_figures(self, writes: list[Write]) -> None:
        """The last one of a day stays."""
        said = [one for one in writes if "raised" in one.after]
        told = [one for one in said if one.is_new or one.changed & {"raised", "goal"}]
        raised = {self._id(one): Decimal(str(one.after["raised"])) for one in told}
        today = FundraiserFigure.day == self._today
        old = delete(FundraiserFigure).where(FundraiserFigure.fundraiser_id.in_(raised), today)
        await self._session.execute(old)
        self._session.add_all(
            FundraiserFigure(fundraiser_id=number, day=self._today, raised=amount)
            for number, amount in raised.items()
        )
        await self._session.flush()

    async def save_parts(self, kind: str, parts: Parts, writes: list[Write]) -> None:
        """Rows are matched by position, so that they keep their ids where they can."""
        present = await self._present(parts, [self._id(write) for write in writes])
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for write in writes:
            owner = self._id(write)
            ids = present.pop(owner, [])
            for position, item in enumerate(write.after.get(parts.key, ())):
                row = parts.row(self._translator, item)
                row |= {parts.owner: owner, "position": position}
                if ids:
                    changed.append(row | {"id": ids.pop(0)})
                else:
                    added.append(row)
            await self._delete(parts.table, ids)
        await self._update(parts.table, changed)
        if added:
            await self._session.execute(insert(parts.table), added)

    async def save_addressees(self, writes: list[Write]) -> None:
        table = event_addressees
        events = [self._id(write) for write in writes]
        await self._session.execute(delete(table).where(table.c.event_id.in_(events)))
        rows = [
            {"event_id": self._id(write), "defendant_id": self._ids["defendant"][slug]}
            for write in writes
            for slug in write.after.get("write_to", ())
        ]
        if rows:
            await self._session.execute(insert(table), rows)

    async def _row(self, write: Write) -> dict[str, Any]:
        row = self._translator.row(write.kind, write.after)
        if write.kind in VERSIONED:
            row |= self._versions()
        if write.kind in ("hearing", "event") and write.is_new:
            row |= self._revision()
        if write.kind == "defendant" and (write.is_new or "case" in write.changed):
            row["position"] = await self._next_position(row["case_id"])
        return row

    def _versions(self) -> dict[str, Any]:
        return {"version": self._version}

    def _revision(self) -> dict[str, Any]:
        return {"revision": self._version}

    def _id(self, write: Write) -> int:
        return self._ids[write.kind][write.slug]

    async def _next_position(self, case: int) -> int:
        """Who is new to a case comes last in it."""
        if self._positions is None:
            people = TABLES["defendant"]
            last = select(people.c.case_id, func.max(people.c.position))
            rows = await self._session.execute(last.group_by(people.c.case_id))
            self._positions = {case_id: position for case_id, position in rows}
        self._positions[case] = self._positions.get(case, -1) + 1
        return self._positions[case]

    async def _present(self, parts: Parts, owners: list[int]) -> dict[int, list[int]]:
        table, owner = parts.table, parts.table.c[parts.owner]
        query = select(owner, table.c.id).where(owner.in_(owners))
        present: dict[int, list[int]] = {}
        for number, row_id in await self._session.execute(query.order_by(table.c.position)):
            present.setdefault(number, []).append(row_id)
        return present

    async def _delete(self, table: Table, ids: list[int]) -> None:
        if ids:
            await self._session.execute(delete(table).where(table.c.id.in_(ids)))

    async def _update(self, table: Table, rows: list[dict[str, Any]]) -> None:
        for _, alike in groupby(sorted(rows, key=len), key=len):
            some = [{f"new_{key}": value for key, value in row.items()} for row in alike]
            await self._session.execute(_update(table, some[0]), some)


def _update(table: Table, row: dict[str, Any]) -> Update:
    keys = [key.removeprefix("new_") for key in row]
    values: dict[str, Any] = {key: bindparam(f"new_{key}") for key in keys if key != "id"}
    return update(table).where(table.c.id == bindparam("new_id")).values(values)
