"""What is kept about somebody besides their choices."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.services import calendar, members, questions, seats
from bot.services.alerts import Switch, alert, lead
from bot.services.follows import Target, Thing, of_follower, thing_of
from bot.services.questions import Opened
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
    questions: Sequence[Opened] = ()
    """That they asked."""
    unheard_until: datetime | None = None
    """Nothing is taken from them before."""


async def kept(session: AsyncSession, vault: Vault, person: Subscriber, now: datetime) -> Kept:
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
    asked = await questions.of_person(session, vault, person)
    until = await questions.blocked_until(session, person, now)
    return Kept(person, follows, hearings, messages, events, since, role, asked, until)


async def events_of(session: AsyncSession, person: Subscriber) -> list[str]:
    those = await seats.occurrences(session, (await seats.promised(session, person)).keys())
    return [f"{one.event.slug} {one.local_start.date()}" for one in those]


def copy(kept: Kept) -> bytes:
    """For the person themselves: all of it but the chat's number, which they know."""
    person = kept.person
    until, since = person.silent_until, kept.calendar_since
    unheard = kept.unheard_until
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
        "questions": [asked(one) for one in kept.questions],
        "no_questions_taken_until": unheard.isoformat() if unheard else None,
    }
    return json.dumps(facts, ensure_ascii=False, indent=1).encode()


def asked(one: Opened) -> dict[str, Any]:
    about = {"what": one.question.subject, "slug": one.thing.slug if one.thing else None}
    words = {"question": one.text, "answer": one.answer, "state": one.question.state}
    return {"asked_at": one.question.asked_at.isoformat(), **about, **words}


def is_on(person: Subscriber, switch: Switch) -> bool:
    return bool(getattr(person, switch.column) & switch.bit)


def followed(follow: Follow, thing: Thing | None) -> dict[str, Any]:
    since = follow.created_at.date().isoformat()
    what = {"what": follow.subject, "slug": thing.slug if thing else None}
    return {**what, "muted": follow.muted, "since": since}
