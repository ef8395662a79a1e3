"""What is forgotten by itself, and when. What was sent comes to it in bot/delivery/retention.py."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import (
    attendance,
    figures,
    follows,
    members,
    proposals,
    questions,
    seats,
    subscribers,
    updates,
)
from models import ASKED


class What(StrEnum):
    """In the order of README's table."""

    IDLE = "idle"
    BLOCKED = "blocked"
    QUESTIONS = "questions"
    ATTENDANCES = "attendances"
    SEATS = "seats"
    ASKED = "asked"
    MESSAGES = "messages"
    PROPOSALS = "proposals"
    ROLES = "roles"
    INVITATIONS = "invitations"
    TYPED = "typed"
    UPDATES = "updates"
    FIGURES = "figures"


Counts = Counter[What]


@dataclass(frozen=True, slots=True)
class Rule:
    """A few rows at a time, where there may be many: how many went."""

    after: timedelta
    forget: Callable[[AsyncSession, datetime], Awaitable[int]]


RULES: Mapping[What, Rule] = {
    What.BLOCKED: Rule(subscribers.KEPT_FOR, subscribers.drop_blocked),
    What.QUESTIONS: Rule(questions.KEPT, questions.forget_old),
    What.ATTENDANCES: Rule(attendance.KEPT, attendance.forget_past),
    What.SEATS: Rule(seats.KEPT, seats.forget_past),
    What.ASKED: Rule(ASKED, follows.forget_asked),
    What.PROPOSALS: Rule(proposals.KEPT, proposals.forget_settled),
    What.ROLES: Rule(timedelta(0), members.forget_ended),
    What.INVITATIONS: Rule(timedelta(0), members.forget_invitations),
    What.TYPED: Rule(members.TYPING, members.forget_typed),
    What.UPDATES: Rule(updates.KEPT, updates.drop_old),
    What.FIGURES: Rule(figures.KEPT, figures.forget_old),
}
"""Roles and invitations have an end of their own."""
