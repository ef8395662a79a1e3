"""What is kept about somebody besides their choices."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import calendar, members, seats
from bot.services.alerts import Switch, alert, lead
from bot.services.follows import Target, Thing, of_follower, thing_of
from models import ALERTS, LEADS, Attendance, Delivery, Follow, Hearing, Subject, Subscriber


@dataclass(frozen=True, slots=True)
class Kept:
    person: Subscriber
    follows: list[tuple[Follow, Thing | None]]
    """With what is followed; nothing: everything."""
    hearings: list[str]
    """To which they said they come, by slug."""
    messages: int
    """That were sent to them, or will be."""
    events: Sequence[str] = ()
    """To which they come, or wait for a seat, by slug and day."""
    calendar_since: date | None = None
    """The day on which a private address for their calendar was made."""
    role: str | None = None
    """Of those who keep the facts."""


async def kept(session: AsyncSession, person: Subscriber, now: datetime) -> Kept:
    if person.id is None:
        return Kept(person, [], [], 0)
    follows = [
        (follow, await thing_of(session, Target(Subject(follow.subject), follow.thing_id)))
        for follow in (await session.scalars(of_follower(person))).all()
    ]
    coming = (
        select(Hearing.slug)
        .join(Attendance, Attendance.hearing_id == Hearing.id)
        .where(Attendance.subscriber_id == person.id)
        .order_by(Hearing.starts_at, Hearing.id)
    )
    sent = select(func.count()).where(Delivery.subscriber_id == person.id)
    hearings = list(await session.scalars(coming))
    messages, since = await session.scalar(sent) or 0, await calendar.since(session, person)
    role = await members.role_of(session, person, now)
    events = await events_of(session, person)
    return Kept(person, follows, hearings, messages, events, since, role)


async def events_of(session: AsyncSession, person: Subscriber) -> list[str]:
    those = await seats.occurrences(session, (await seats.promised(session, person)).keys())
    return [f"{one.event.slug} {one.local_start.date()}" for one in those]


def copy(kept: Kept) -> bytes:
    """For the person themselves: all of it but the chat's number, which they know."""
    person = kept.person
    until, since = person.silent_until, kept.calendar_since
    facts: dict[str, Any] = {
        "language": person.language,
        "time_zone": person.timezone,
        "pays_from": person.pay_from,
        "told_of": [kind for kind in ALERTS if is_on(person, alert(kind))],
        "reminded_minutes_before": [one for one in LEADS if is_on(person, lead(one))],
        "quiet_hours": [person.quiet_from, person.quiet_until],
        "silent_until": until.isoformat() if until else None,
        "known_since": person.created_at.date().isoformat(),
        "last_day_here": person.seen_on.date().isoformat(),
        "follows": [followed(follow, thing) for follow, thing in kept.follows],
        "comes_to": [*kept.hearings, *kept.events],
        "messages": kept.messages,
        "role": kept.role,
        "calendar_address_since": since.isoformat() if since else None,
    }
    return json.dumps(facts, ensure_ascii=False, indent=1).encode()


def is_on(person: Subscriber, switch: Switch) -> bool:
    return bool(getattr(person, switch.column) & switch.bit)


def followed(follow: Follow, thing: Thing | None) -> dict[str, Any]:
    since = follow.created_at.date().isoformat()
    what = {"what": follow.subject, "slug": thing.slug if thing else None}
    return {**what, "muted": follow.muted, "since": since}
