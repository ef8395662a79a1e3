"""Whom a notice concerns: who follows what it is about, in any way, and who will come.

SQL as text, for it is run for every few thousand of them anew. One person may be concerned in
several ways; the most particular of them is the one that is named to them.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Integer, Select, TextClause, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.event_news import which
from models import (
    ALERTS,
    ASKED,
    LEADS,
    MENDING,
    OF_BROADCASTS,
    OF_EVENTS,
    Defendant,
    Kind,
    Notice,
    Role,
    State,
    Subject,
    Subscriber,
    To,
)
from models.base import Moment

Reached = Select[int, int | None]
Things = dict[Subject, list[int]]
"""Numbers of what may be followed; the most particular first."""
EVERYBODY = 2**31 - 1
"""The number of a subscriber that none comes after."""
LEGS = 400
"""Of one statement: SQLite takes 500 SELECTs in a row."""
PROMISED = (Kind.SET, Kind.MOVED, Kind.CANCELLED, Kind.OUTCOME)
"""Whoever said "I will come" is told of these whatever is switched off, and in silence: they would
go there in vain."""
CASES = {
    "hearing": "SELECT case_id AS id FROM hearings WHERE id = :thing UNION SELECT :case",
    "defendant": "SELECT case_id AS id FROM defendants WHERE id = :thing UNION SELECT :case",
    "case": "SELECT CAST(:thing AS INTEGER) AS id",
    "removed": "SELECT CAST(:thing AS INTEGER) AS id",
    "fundraiser": """SELECT coalesce(f.case_id, d.case_id) AS id FROM fundraisers f
      LEFT JOIN defendants d ON d.id = f.defendant_id
      WHERE f.id = :thing AND coalesce(f.case_id, d.case_id) IS NOT NULL""",
}
"""Of what a notice is about, and the one in which people knew it; it may be gone."""
PEOPLE = {
    **dict.fromkeys(CASES, "SELECT id FROM defendants WHERE case_id IN ({cases})"),
    "defendant": "SELECT CAST(:thing AS INTEGER) AS id",
    "fundraiser": """SELECT d.id FROM defendants d JOIN fundraisers f
      ON d.id = f.defendant_id OR d.case_id = f.case_id WHERE f.id = :thing""",
}
CITY = """SELECT id FROM courts WHERE city_key = :city
  OR city_key IN (SELECT city_key FROM courts WHERE id IN ({court})) UNION {court}"""
CITIES = {
    "hearing": CITY.format(
        court="SELECT court_id FROM hearings WHERE id = :thing UNION SELECT :court"
    ),
    "removed": CITY.format(court="SELECT CAST(:court AS INTEGER)"),
}
"""Where it was to be, as people know it, counts as well: they would wait there."""
FOLLOWING = """
SELECT f.subscriber_id, f.id AS follow_id, {place} AS place FROM follows f
WHERE f.subject = '{subject}' AND f.thing_id IN :{subject} AND NOT f.muted
  AND f.subscriber_id > :after AND f.subscriber_id <= :until
  AND (SELECT {listens} FROM subscribers s WHERE s.id = f.subscriber_id)
"""
"""No join, and the numbers of the things themselves: then nobody but these is looked at. Of numbers
that it does not know yet a database takes any to be followed by as many as the others are."""
COMING = """
SELECT a.subscriber_id, CAST(NULL AS INTEGER) AS follow_id, {place} AS place FROM attendances a
WHERE a.hearing_id = :hearing AND a.subscriber_id > :after AND a.subscriber_id <= :until
  AND (SELECT {listens} FROM subscribers s WHERE s.id = a.subscriber_id)
"""
THERE = "s.blocked_on IS NULL"
ASKING = f"{THERE} AND f.created_at > :asked"
"""Whoever asked where to write is told in any case: their letter would go in vain."""
WANTS = f"""{THERE} AND (s.silent_until IS NULL OR s.silent_until <= :now)
  AND (s.{{column}} & :bit) <> 0"""
NOT_LATER = """ AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.subscriber_id = s.id
    AND d.notice_id IN (SELECT id FROM notices WHERE subject = 'hearing' AND thing_id = :thing
      AND (lead < :lead AND substr(key, 1, :long) = :same
        OR kind <> 'reminder' AND due_at >= :since))
    AND (d.state IN (1, 2) OR d.notice_id IN (SELECT id FROM notices
      WHERE subject = 'hearing' AND thing_id = :thing AND kind = 'reminder')))"""
"""Of this state of the hearing a reminder of a shorter lead is there: this one would be late. Or
they were told of a change since its time: whoever switched such changes off is reminded. A change
that is still to be sent may come to nothing: it goes with the reminder, which is left out then."""
FOREMOST = """
SELECT subscriber_id, follow_id FROM (
  SELECT subscriber_id, follow_id,
    row_number() OVER (PARTITION BY subscriber_id ORDER BY place, follow_id) AS number
  FROM ({ways}) AS ways
) AS numbered WHERE number = 1
"""
FURTHEST = """
SELECT (SELECT subscriber_id FROM follows
  WHERE subject = '{subject}' AND thing_id = :thing AND subscriber_id > :after
  ORDER BY subscriber_id LIMIT 1 OFFSET :size) AS reached
"""
MEMBERS = f"""
SELECT a.subscriber_id, CAST(NULL AS INTEGER) AS follow_id, 0 AS place FROM members a
WHERE a.subscriber_id > :after AND a.subscriber_id <= :until AND {{whom}}
  AND (SELECT {THERE} FROM subscribers s WHERE s.id = a.subscriber_id)
"""
"""Who keeps the facts: few."""
TRUSTED = f"a.role <> '{Role.EDITOR}'"
AUTHOR = "a.subscriber_id = (SELECT author_id FROM proposals WHERE id = :thing)"
WROTE = f"""{TRUSTED} AND a.subscriber_id = coalesce((SELECT author_id FROM broadcasts
  JOIN members m ON m.subscriber_id = author_id WHERE id = :thing), a.subscriber_id)"""
"""Who planned a broadcast; who has gone since stands for nobody, and the others hear of it."""
ASKED_BY = f"""
SELECT a.subscriber_id, CAST(NULL AS INTEGER) AS follow_id, 0 AS place FROM questions a
WHERE a.id = :thing AND a.subscriber_id > :after AND a.subscriber_id <= :until
  AND (SELECT {THERE} FROM subscribers s WHERE s.id = a.subscriber_id)
"""
BESIDES = {
    Kind.ROUTES: MEMBERS.format(whom=TRUSTED),
    Kind.PROPOSED: MEMBERS.format(whom=f"{TRUSTED} AND NOT {AUTHOR}"),
    Kind.SETTLED: MEMBERS.format(whom=AUTHOR),
    Kind.REPORTED: MEMBERS.format(whom=TRUSTED),
    Kind.JOINED: MEMBERS.format(whom=f"a.role = '{Role.OWNER}' AND a.subscriber_id <> :thing"),
    Kind.SUMMARY: MEMBERS.format(whom=f"a.summary AND (a.role = '{Role.EDITOR}') = (:thing = 1)"),
    Kind.QUESTIONS: MEMBERS.format(whom=f"{TRUSTED} AND a.hears_of_questions"),
    Kind.UNSENT: MEMBERS.format(whom=WROTE),
    Kind.ANSWER: ASKED_BY,
}
"""Whom nobody need follow anything to be."""
SEATED = f"""
SELECT a.subscriber_id, CAST(NULL AS INTEGER) AS follow_id, 0 AS place FROM seats a
WHERE a.event_id = :event AND a.day = :day AND {{whom}}
  AND a.subscriber_id > :after AND a.subscriber_id <= :until
  AND (SELECT {THERE}{{listens}} FROM subscribers s WHERE s.id = a.subscriber_id)
"""
"""Who comes to an event, on that day."""
AWAKE = " AND (s.silent_until IS NULL OR s.silent_until <= :now)"
HEARD_AT_EVENTS = {
    Kind.SEAT: ("a.id = :seat AND NOT a.is_waiting", ""),
    Kind.EVENT_MOVED: ("a.version < :version", ""),
    Kind.EVENT_OFF: ("a.version < :version", ""),
    Kind.EVENT_SOON: ("NOT a.is_waiting AND a.taken_at < :passed", AWAKE),
    Kind.WRITTEN: ("NOT a.is_waiting", AWAKE),
}
"""By whom, and whether in silence: they would go there in vain, or lose their seat. Whoever took a
seat after the time of a reminder has seen it all on the card."""
THEIR_LANGUAGE = " AND (:language = '' OR coalesce(s.language, 'en') = :language)"
"""Of whom a broadcast is for; who never chose one reads English (`sender.reader_of`)."""
EVERYONE = """
SELECT s.id AS subscriber_id, CAST(NULL AS INTEGER) AS follow_id, 0 AS place FROM subscribers s
WHERE s.id > :after AND s.id <= :until AND {listens}
  AND (NOT EXISTS (SELECT 1 FROM follows f WHERE f.subscriber_id = s.id AND f.subject <> 'address')
    OR EXISTS (SELECT 1 FROM follows f
      WHERE f.subscriber_id = s.id AND f.subject <> 'address' AND NOT f.muted))
"""
"""But for those who have muted all that they follow."""
COME = """
SELECT a.subscriber_id, CAST(NULL AS INTEGER) AS follow_id, 0 AS place FROM seats a
WHERE a.event_id = :event AND a.day = :day AND NOT a.is_waiting
  AND a.subscriber_id > :after AND a.subscriber_id <= :until
  AND (SELECT {listens} FROM subscribers s WHERE s.id = a.subscriber_id)
"""
HAVE_A_COPY = f"""
SELECT a.subscriber_id, a.follow_id, 0 AS place FROM subscribers s
JOIN deliveries a ON a.subscriber_id = s.id AND a.notice_id = :of
WHERE s.id > :after AND s.id <= :until AND {THERE} AND (a.state = {int(State.SENT)}
  AND a.message_id IS NOT NULL AND a.sent_at >= :since AND a.sent_at <= :before{{or_half}})
"""
HALF = f" OR a.album IS NOT NULL AND a.state <> {int(State.SENT)}"
"""An album whose text did not come any more is recalled, too."""
"""Each is found by an index of both numbers."""
RECALLED_WITHIN = timedelta(hours=48)
"""Telegram deletes nothing that is older (Bot API, deleteMessages)."""
ON_ITS_WAY = timedelta(seconds=40)
"""What was claimed before a correction has come to an end by then; what was claimed later is
corrected already."""
FURTHEST_EVERYONE = """
SELECT (SELECT id FROM subscribers WHERE id > :after AND :thing = 0
  ORDER BY id LIMIT 1 OFFSET :size) AS reached
"""
FURTHEST_SEATED = """
SELECT (SELECT subscriber_id FROM seats WHERE event_id = :thing AND subscriber_id > :after
  ORDER BY subscriber_id LIMIT 1 OFFSET :size) AS reached
"""
FURTHEST_COMING = """
SELECT (SELECT subscriber_id FROM attendances WHERE hearing_id = :thing AND subscriber_id > :after
  ORDER BY subscriber_id LIMIT 1 OFFSET :size) AS reached
"""


async def audience(
    session: AsyncSession, notice: Notice, now: datetime, after: int = 0, until: int = EVERYBODY
) -> Reached:
    """(subscriber id, follow id), once a subscriber: the most particular of their follows.

    Of subscribers with numbers above `after` and up to `until`. NULL is the follow of whoever said
    "I will come" and follows nothing of it.
    """
    things = await things_of(session, notice)
    ways = ways_of(notice, things)
    foremost = bound(FOREMOST.format(ways=ways), notice, things, now, after, until)
    found = foremost.columns(subscriber_id=Integer, follow_id=Integer).subquery("audience")
    return select(found.c.subscriber_id, found.c.follow_id)


async def how_many(session: AsyncSession, notice: Notice, now: datetime) -> int:
    reached = (await audience(session, notice, now)).subquery()
    return await session.scalar(select(func.count()).select_from(reached)) or 0


EACH_CASE = """
WITH of_all AS ({all}) SELECT case_id, count(DISTINCT subscriber_id) AS people FROM (
  SELECT subscriber_id, place AS case_id FROM ({case}) AS of_cases UNION ALL
  SELECT subscriber_id, d.case_id FROM ({defendant}) AS of_people
    JOIN defendants d ON d.id = of_people.place
) AS ways WHERE subscriber_id NOT IN (SELECT subscriber_id FROM of_all)
GROUP BY case_id UNION ALL SELECT 0, count(*) FROM of_all"""
"""Who follows everything is counted once, not with each case: they may be most."""
WINDOW = 20_000
"""Subscribers: of more of them at a time each would take three times as long."""


async def followers(session: AsyncSession, cases: Sequence[int], now: datetime) -> dict[int, int]:
    """By case, who would be told of a hearing of it that is set now, each of them once: as
    `how_many` has it, but all of the cases together, and some people at a time."""
    listens = WANTS.format(column="alerts")
    ways = {
        of: FOLLOWING.format(subject=of, listens=listens, place="f.thing_id")
        for of in (Subject.CASE, Subject.DEFENDANT, Subject.ALL)
    }
    people = await session.scalars(select(Defendant.id).where(Defendant.case_id.in_(cases)))
    things = {Subject.CASE: list(cases), Subject.DEFENDANT: people.all(), Subject.ALL: [0]}
    numbers = (bindparam(of, some, Integer, expanding=True) for of, some in things.items())
    query = text(EACH_CASE.format(**ways)).bindparams(
        bindparam("now", now, Moment()), *numbers, bit=ALERTS[Kind.SET]
    )
    last = (await session.scalar(select(func.max(Subscriber.id))) or 0) if cases else 0
    found = Counter[int]()
    for after in range(0, last, WINDOW):
        window = query.bindparams(after=after, until=after + WINDOW)
        found.update({case: people for case, people in await session.execute(window)})
    return {case: found[0] + found[case] for case in cases}


async def things_of(session: AsyncSession, notice: Notice) -> Things:
    """What is to be followed to be told."""
    if notice.kind in (*OF_EVENTS, *MENDING, *BESIDES):
        return {of: [] for of in Subject}
    if notice.kind == Kind.BROADCAST:
        return await things_meant(session, notice)
    subject = subject_of(notice)
    cases = CASES[subject]
    queries = {Subject.DEFENDANT: PEOPLE[subject].format(cases=cases), Subject.CASE: cases}
    if subject in CITIES:
        queries[Subject.CITY] = CITIES[subject]
    every = [f"SELECT '{of}', id FROM ({query}) AS any_of_it" for of, query in queries.items()]
    things: Things = {of: [] for of in Subject}
    things[Subject.ADDRESS] = [notice.thing_id] if notice.kind == Kind.ADDRESS else []
    found = text(" UNION ALL ".join(every)).bindparams(**about(notice))
    for of, number in await session.execute(found):
        things[Subject(of)].append(number)
    knew = (notice.before or {}).get("people", [])
    things[Subject.DEFENDANT] = list(dict.fromkeys([*things[Subject.DEFENDANT], *knew]))
    return things | {Subject.ALL: [0]}


SAME_CITY = """SELECT id FROM courts
  WHERE city_key = (SELECT city_key FROM courts WHERE id = :thing) UNION SELECT :thing"""


async def things_meant(session: AsyncSession, notice: Notice) -> Things:
    """Of a broadcast: who follows the case hears of its people, and the other way round, as of any
    news; who follows everything hears of all."""
    of, number = meant(notice)
    if of in (To.CASE, To.DEFENDANT):
        as_news = Notice(key="", kind=Kind.NEWS, subject=str(of), thing_id=number, before=None)
        return await things_of(session, as_news)
    things: Things = {each: [] for each in Subject}
    if of == To.CITY:
        courts = text(SAME_CITY).bindparams(thing=number)
        things[Subject.CITY] = list(await session.scalars(courts))
        things[Subject.ALL] = [0]
    return things


def meant(notice: Notice) -> tuple[To, int]:
    """Whom a broadcast is for."""
    told = notice.before or {}
    return To(told["to"]), int(told["thing"])


def ways_of(notice: Notice, things: Things) -> str:
    """Rows of (subscriber id, follow id, place); of somebody's several the foremost counts."""
    if notice.kind in MENDING:
        return HAVE_A_COPY.format(or_half=HALF if notice.kind == Kind.RECALL else "")
    if notice.kind == Kind.BROADCAST and not things[Subject.ALL]:
        ways = COME if meant(notice)[0] == To.EVENT else EVERYONE
        return ways.format(listens=WANTS.format(column="alerts") + THEIR_LANGUAGE)
    if notice.kind in OF_EVENTS:
        whom, listens = HEARD_AT_EVENTS[Kind(notice.kind)]
        return SEATED.format(whom=whom, listens=listens)
    if notice.kind in BESIDES:
        return BESIDES[Kind(notice.kind)]
    is_reminder = notice.kind == Kind.REMINDER
    listens = WANTS.format(column="leads" if is_reminder else "alerts")
    listens += NOT_LATER if is_reminder else ""
    listens += THEIR_LANGUAGE if notice.kind == Kind.BROADCAST else ""
    parts = [
        FOLLOWING.format(
            subject=of, listens=ASKING if of == Subject.ADDRESS else listens, place=place
        )
        for place, of in enumerate(things)
        if things[of]
    ]
    if subject_of(notice) in CITIES:
        promised = THERE if notice.kind in PROMISED else listens
        parts.append(COMING.format(listens=promised, place=len(things)))
    return "UNION ALL".join(parts)


def bound(
    statement: str, notice: Notice, things: Things, now: datetime, after: int, until: int
) -> TextClause:
    """With all that the ways ask for."""
    if notice.kind in OF_EVENTS:
        return bound_at_event(statement, notice, now, after, until)
    if notice.kind in BESIDES:
        is_of_one = ":thing" in BESIDES[Kind(notice.kind)]
        thing = {"thing": notice.thing_id} if is_of_one else {}
        return text(statement).bindparams(after=after, until=until, **thing)
    if notice.kind in OF_BROADCASTS:
        return bound_of_broadcast(statement, notice, things, now, after, until)
    values: dict[str, object] = {"bit": bit_of(notice), "after": after, "until": until}
    moments = {"now": now}
    if things[Subject.ADDRESS]:
        moments["asked"] = now - ASKED
    if subject_of(notice) in CITIES:
        values["hearing"] = notice.hearing_id
    if notice.kind == Kind.REMINDER:
        same = notice.key.rpartition(":")[0] + ":"
        values |= {"thing": notice.thing_id, "lead": notice.lead}
        values |= {"same": same, "long": len(same)}
        moments["since"] = (notice.expires_at or now) - timedelta(minutes=notice.lead or 0)
    followed = {of: some for of, some in things.items() if some}
    numbers = (bindparam(of, some, Integer, expanding=True) for of, some in followed.items())
    times = (bindparam(name, at, Moment()) for name, at in moments.items())
    return text(statement).bindparams(*times, *numbers, **values)


def bound_of_broadcast(
    statement: str, notice: Notice, things: Things, now: datetime, after: int, until: int
) -> TextClause:
    told, values = notice.before or {}, dict[str, object](after=after, until=until)
    if notice.kind in MENDING:
        is_recall = notice.kind == Kind.RECALL
        since = now - RECALLED_WITHIN if is_recall else notice.due_at - timedelta(days=31)
        moments = {"since": since, "before": notice.due_at + ON_ITS_WAY}
        values["of"] = told["notice"]
    else:
        moments = {"now": now}
        values |= {"bit": bit_of(notice), "language": told["language"]}
    if told.get("to") == To.EVENT:
        values |= {"event": told["thing"], "day": told["day"]}
    followed = {of: some for of, some in things.items() if some}
    numbers = (bindparam(of, some, Integer, expanding=True) for of, some in followed.items())
    times = (bindparam(name, at, Moment()) for name, at in moments.items())
    return text(statement).bindparams(*times, *numbers, **values)


def bound_at_event(
    statement: str, notice: Notice, now: datetime, after: int, until: int
) -> TextClause:
    event, day = which(notice)
    values: dict[str, object] = {"event": event, "day": day, "after": after, "until": until}
    last = notice.key.rpartition(":")[2]
    if notice.kind in (Kind.EVENT_MOVED, Kind.EVENT_OFF):
        values["version"] = int(last)
    if notice.kind == Kind.SEAT:
        values["seat"] = int(last.partition("-")[0])
    moments = {"now": now} if HEARD_AT_EVENTS[Kind(notice.kind)][1] else {}
    if notice.kind == Kind.EVENT_SOON:
        moments["passed"] = (notice.expires_at or now) - timedelta(minutes=notice.lead or 0)
    times = (bindparam(name, at, Moment()) for name, at in moments.items())
    return text(statement).bindparams(*times, **values)


async def window(
    session: AsyncSession, notice: Notice, things: Things, after: int, size: int
) -> int:
    """Up to which subscriber about `size` of the audience are; EVERYBODY: those are the last.

    Found by steps along indexes: what is behind costs nothing, and neither does what is ahead.
    """
    legs = [(FURTHEST.format(subject=of), id) for of, some in things.items() for id in some]
    if subject_of(notice) in CITIES:
        legs.append((FURTHEST_COMING, notice.hearing_id))
    if notice.kind in OF_EVENTS:
        legs.append((FURTHEST_SEATED, notice.thing_id))
    if notice.kind in OF_BROADCASTS and not things[Subject.ALL]:
        of, number = (To.ALL, 0) if notice.kind in MENDING else meant(notice)
        legs.append((FURTHEST_SEATED if of == To.EVENT else FURTHEST_EVERYONE, number))
    found = [
        await furthest(session, legs[start : start + LEGS], after, size)
        for start in range(0, len(legs), LEGS)
    ]
    return min(found, default=EVERYBODY)


async def furthest(
    session: AsyncSession, legs: Sequence[tuple[str, int]], after: int, size: int
) -> int:
    parts = [leg.replace(":thing", f":thing{place}") for place, (leg, _) in enumerate(legs)]
    things = {f"thing{place}": number for place, (_, number) in enumerate(legs)}
    every = text(f"SELECT min(reached) FROM ({'UNION ALL'.join(parts)}) AS every")
    values = {"after": after, "size": size - 1} | things
    return await session.scalar(every.bindparams(**values)) or EVERYBODY


def subject_of(notice: Notice) -> str:
    """A hearing that was removed stands under its case, and concerns the same people as before."""
    return "removed" if notice.is_removal else notice.subject


def about(notice: Notice) -> dict[str, object]:
    """What the statements ask for."""
    thing: dict[str, object] = {"thing": notice.thing_id}
    before = notice.before or {}
    if subject_of(notice) in CITIES:
        thing |= {"court": before.get("court", 0), "city": before.get("city") or None}
    if subject_of(notice) in ("hearing", "defendant"):
        thing["case"] = before.get("case", 0)
    return thing


def bit_of(notice: Notice) -> int:
    """Any of these will do: that a hearing is on after all is for whoever heard that it is off."""
    if notice.kind == Kind.REMINDER:
        return LEADS[notice.lead or 0]
    if notice.kind == Kind.ADDRESS:
        return ALERTS[Kind.STATUS]
    is_on_after_all = notice.kind == Kind.SET and notice.before is not None
    return ALERTS[Kind(notice.kind)] | (ALERTS[Kind.CANCELLED] if is_on_after_all else 0)
