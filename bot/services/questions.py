"""What people ask the organisers, and the answers. Nobody at the desk learns who asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, exists, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import dropped, writing
from bot.i18n import language
from bot.services.errors import NotFound
from bot.services.members import is_on
from bot.services.pages import Page, page_of
from bot.services.subscribers import enrolled
from models import (
    Case,
    Defendant,
    Kind,
    Member,
    Notice,
    Priority,
    Question,
    QuestionState,
    Role,
    Subject,
    Subscriber,
)

TEXT, ANSWER = "questions.text_sealed", "questions.answer_sealed"
LONGEST, LONGEST_ANSWER = 1000, 2000
"""UTF-16 units: one message shows both."""
A_DAY = 5
"""That one person may ask."""
AT_ONCE = 3
"""Of one person that wait for an answer."""
BLOCKED_FOR = timedelta(days=30)
KEPT = timedelta(days=90)
"""Since it was answered or closed."""
TOLD_FOR = timedelta(days=30)
"""After which an answer goes to nobody any more: so long who blocked the bot may come back."""
PAGE = 7
SETTLED = (QuestionState.ANSWERED, QuestionState.CLOSED)
Thing = Defendant | Case


class Refused(StrEnum):
    NOBODY = "nobody"
    """Is there to answer."""
    BLOCKED = "blocked"
    TOO_MANY = "too_many"
    """Wait for an answer."""


class NotTaken(Exception):
    def __init__(self, why: Refused, until: datetime | None = None) -> None:
        super().__init__(why)
        self.why, self.until = why, until


@dataclass(frozen=True, slots=True)
class About:
    """What a question is about: a person, a case, or nothing of the kind."""

    subject: Subject | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """A question as the desk reads it."""

    question: Question
    thing: Thing | None
    """Nothing: it is about none, or about what is gone."""
    text: str
    answer: str | None

    @property
    def is_open(self) -> bool:
        return self.question.state == QuestionState.OPEN


# Asking.


async def thing_of(session: AsyncSession, about: About) -> Thing | None:
    match about.subject:
        case Subject.DEFENDANT:
            return await session.get(Defendant, about.id)
        case Subject.CASE:
            return await session.get(Case, about.id)
    return None


async def asked_of(session: AsyncSession, about: About) -> Thing | None:
    """What somebody wants to ask about is there."""
    thing = await thing_of(session, about)
    if thing is None and about.subject is not None:
        raise NotFound
    return thing


async def look(session: AsyncSession, person: Subscriber, now: datetime) -> None:
    """Raises NotTaken: nothing more is taken from them now."""
    if not await session.scalar(select(exists().where(is_on(now)))):
        raise NotTaken(Refused.NOBODY)
    if person.id is None:
        return
    if until := await blocked_until(session, person, now):
        raise NotTaken(Refused.BLOCKED, until)
    if len(await waiting_of(session, person)) >= AT_ONCE:
        raise NotTaken(Refused.TOO_MANY)


async def blocked_until(
    session: AsyncSession, person: Subscriber, now: datetime
) -> datetime | None:
    theirs = Question.subscriber_id == person.id, Question.blocked_until > now
    last = select(Question.blocked_until).where(*theirs).order_by(Question.blocked_until.desc())
    return await session.scalar(last.limit(1))


async def waiting_of(session: AsyncSession, person: Subscriber) -> Sequence[Question]:
    theirs = Question.subscriber_id == person.id, is_open()
    return (await session.scalars(select(Question).where(*theirs))).all()


async def ask(
    session: AsyncSession,
    vault: Vault,
    person: Subscriber,
    chat: int,
    about: About,
    text: str,
    now: datetime,
) -> bool:
    """Whether it is new: the second tap of two asks nothing. Raises NotTaken."""
    waiting = [] if person.id is None else await waiting_of(session, person)
    if any(is_same(vault, one, about, text) for one in waiting):
        return False
    await look(session, person, now)
    async with writing(session):
        kept = await enrolled(session, vault, person, chat)
        sealed = {"text_sealed": vault.seal_text(text, TEXT), "language": language()}
        what = {"subject": about.subject, "thing_id": about.id}
        session.add(Question(subscriber_id=kept.id, asked_at=now, **what, **sealed))
    return True


def is_same(vault: Vault, one: Question, about: About, text: str) -> bool:
    return about_of(one) == about and vault.open_text(one.text_sealed, TEXT) == text


def about_of(one: Question) -> About:
    return About(Subject(one.subject) if one.subject else None, one.thing_id)


# What the desk sees.


def is_open() -> ColumnElement[bool]:
    return Question.state == QuestionState.OPEN


async def unanswered(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).where(is_open())) or 0


async def untaken(session: AsyncSession) -> int:
    """New ones."""
    new = is_open(), Question.taken_by.is_(None)
    return await session.scalar(select(func.count()).where(*new)) or 0


async def listed(session: AsyncSession, vault: Vault, page: int, settled: bool) -> Page[Opened]:
    """Those that nobody has taken, then the others; of each the new ones first."""
    which = ~is_open() if settled else is_open()
    order = [Question.settled_at.desc()] if settled else [taken_last()]
    query = select(Question).where(which).order_by(*order, Question.id.desc())
    found = await page_of(session, query, page, PAGE)
    shown = [await as_opened(session, vault, one) for one in found.items]
    return Page(shown, found.number, found.total, found.size)


def taken_last() -> ColumnElement[int]:
    return case((Question.taken_by.is_(None), 0), else_=1)


async def opened(session: AsyncSession, vault: Vault, number: int) -> Opened:
    fresh = select(Question).where(Question.id == number)
    one = await session.scalar(fresh.execution_options(populate_existing=True))
    if one is None:
        raise NotFound
    return await as_opened(session, vault, one)


async def as_opened(session: AsyncSession, vault: Vault, one: Question) -> Opened:
    answer = vault.open_text(one.answer_sealed, ANSWER) if one.answer_sealed else None
    text = vault.open_text(one.text_sealed, TEXT)
    return Opened(one, await thing_of(session, about_of(one)), text, answer)


# What the desk does. Each of these says whether it was done: the question was still as seen.


async def step(
    session: AsyncSession, number: int, seen: int, *states: QuestionState, **values: object
) -> bool:
    """Inside of `writing`."""
    as_seen = Question.id == number, Question.version == seen, Question.state.in_(states)
    changed = update(Question).where(*as_seen).values({"version": seen + 1} | values)
    done = await session.execute(changed.returning(Question.id))
    return done.scalar() is not None


async def take(session: AsyncSession, number: int, seen: int, member: int) -> bool:
    async with writing(session):
        return await step(session, number, seen, QuestionState.OPEN, taken_by=member)


async def take_if_free(session: AsyncSession, number: int, seen: int, member: int) -> None:
    """Nobody takes it from another one without saying so."""
    as_seen = Question.id == number, Question.version == seen, is_open()
    free = update(Question).where(*as_seen, Question.taken_by.is_(None))
    async with writing(session):
        await session.execute(free.values(version=seen + 1, taken_by=member))


async def answer(
    session: AsyncSession,
    vault: Vault,
    number: int,
    seen: int,
    member: int,
    text: str,
    now: datetime,
) -> bool:
    """The word of it is written in the same transaction: no kill loses it."""
    settled = {"state": QuestionState.ANSWERED, "settled_at": now, "taken_by": member}
    async with writing(session):
        sealed = vault.seal_text(text, ANSWER)
        is_done = await step(
            session, number, seen, QuestionState.OPEN, **settled, answer_sealed=sealed
        )
        if is_done:
            session.add(word_of_answer(number, seen + 1, now))
    return is_done


def answer_key(number: int, version: int) -> str:
    return f"{Kind.ANSWER}:question:{number}:{version}"


def stands(one: Question, notice: Notice) -> bool:
    """The answer that this notice tells of: the question was not opened again since."""
    is_answered = one.state == QuestionState.ANSWERED
    return is_answered and notice.key == answer_key(one.id, one.version)


def word_of_answer(number: int, version: int, now: datetime) -> Notice:
    return Notice(
        key=answer_key(number, version),
        kind=Kind.ANSWER,
        subject="question",
        thing_id=number,
        priority=Priority.REPLY,
        due_at=now,
        expires_at=now + TOLD_FOR,
    )


async def close(session: AsyncSession, number: int, seen: int, now: datetime) -> bool:
    settled = {"state": QuestionState.CLOSED, "settled_at": now}
    async with writing(session):
        return await step(session, number, seen, QuestionState.OPEN, **settled)


async def reopen(session: AsyncSession, number: int, seen: int, member: int) -> bool:
    """An answer that has not gone yet stays here."""
    again = {"state": QuestionState.OPEN, "settled_at": None, "taken_by": member}
    async with writing(session):
        return await step(session, number, seen, *SETTLED, **again)


async def block(session: AsyncSession, number: int, seen: int, now: datetime) -> bool:
    """Whoever asked it. With that it is closed, unless it is settled: then all else stands."""
    until = {"blocked_until": now + BLOCKED_FOR}
    closed = {"state": QuestionState.CLOSED, "settled_at": now}
    async with writing(session):
        return await step(session, number, seen, QuestionState.OPEN, **until, **closed) or (
            await step(session, number, seen, *SETTLED, version=seen, **until)
        )


async def lift(session: AsyncSession, number: int, seen: int) -> bool:
    async with writing(session):
        return await step(session, number, seen, *QuestionState, version=seen, blocked_until=None)


# Whether a member hears of new ones.


async def hears(session: AsyncSession, member: int) -> bool | None:
    """Nothing: an editor, who is told of none."""
    own = Member.subscriber_id == member, Member.role != Role.EDITOR
    return await session.scalar(select(Member.hears_of_questions).where(*own))


async def switch(session: AsyncSession, member: int, on: bool) -> None:
    own = update(Member).where(Member.subscriber_id == member)
    async with writing(session):
        await session.execute(own.values(hears_of_questions=on))


# What is kept.


async def of_person(session: AsyncSession, vault: Vault, person: Subscriber) -> list[Opened]:
    """All that somebody asked, for themselves."""
    theirs = select(Question.id).where(Question.subscriber_id == person.id).order_by(Question.id)
    return [await opened(session, vault, one) for one in await session.scalars(theirs)]


async def forget_old(session: AsyncSession, now: datetime) -> int:
    """But for those by which nothing is taken from somebody: they say so until it ends."""
    speaks = func.coalesce(Question.blocked_until > now, false())
    is_old = and_(Question.settled_at <= now - KEPT, ~speaks)
    return await dropped(session, Question, is_old)
