"""Word of new questions, for those who keep the facts, and of answers, for whoever asked."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import writing
from bot.delivery.donation_notices import State, read_told, timed, write_told
from bot.delivery.notice_rows import Row, add_each
from bot.i18n import speaking
from bot.screen import Screen
from bot.services import questions
from bot.services.errors import NotFound
from bot.views import questions as views
from models import Kind, Notice, Question, QuestionState

TOLD = "questions"
"""The row of `told` that says up to which one those who keep the facts were told, and when."""
PAUSE = timedelta(minutes=30)
"""What comes within it is told together."""
STILL_NEWS = timedelta(days=7)


async def due(session: AsyncSession, now: datetime) -> list[Notice]:
    """Of new questions that nobody has taken yet. Looked at once a minute: nobody waits for it."""
    before: State = (await read_told(session, TOLD)).get(0, {"last": 0, "at": None})
    last = await newest(session, before["last"])
    if last is None or is_too_soon(before, now):
        return []
    async with writing(session):
        await write_told(session, TOLD, {0: {"last": last, "at": now.isoformat()}})
        return await add_each(session, [of_new(last, now)])


async def newest(session: AsyncSession, told: int) -> int | None:
    new = Question.state == QuestionState.OPEN, Question.taken_by.is_(None), Question.id > told
    return await session.scalar(select(func.max(Question.id)).where(*new))


def is_too_soon(before: State, now: datetime) -> bool:
    """A clock that was set back delays nothing."""
    at = before["at"] and datetime.fromisoformat(before["at"])
    return at is not None and at <= now < at + PAUSE


def of_new(last: int, now: datetime) -> Row:
    about = {"kind": Kind.QUESTIONS, "subject": "questions", "thing_id": 0}
    key = f"{Kind.QUESTIONS}:questions:0:{last}"
    return {"key": key, **about, **timed(now, now + STILL_NEWS)}


async def message(
    session: AsyncSession, vault: Vault, notice: Notice, language: str
) -> Screen | None:
    """As it is at this moment; None: there is nothing to tell any more."""
    with speaking(language):
        if notice.kind == Kind.QUESTIONS:
            return await of_questions(session)
        return await of_answer(session, vault, notice)


async def of_questions(session: AsyncSession) -> Screen | None:
    new = await questions.untaken(session)
    return ready(views.new_ones(new), silent=True) if new else None


async def of_answer(session: AsyncSession, vault: Vault, notice: Notice) -> Screen | None:
    """Not of one that was taken back: the question is open again, or has another answer."""
    try:
        found = await questions.opened(session, vault, notice.thing_id)
    except NotFound:
        return None
    return ready(views.answer(found)) if questions.stands(found.question, notice) else None


def ready(screen: Screen, *, silent: bool = False) -> Screen:
    assert screen.keyboard is not None
    buttons = screen.keyboard.model_dump_json(exclude_none=True)
    return Screen(screen.text, ready=buttons, silent=silent)
