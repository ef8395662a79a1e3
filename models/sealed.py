"""Every column that DATA_KEY seals or makes blind: what a new key has to go through."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.base import Base
from models.broadcast import Broadcast
from models.calendar import CalendarFeed
from models.dialog import Dialog
from models.member import Invitation, Member
from models.proposal import Proposal
from models.question import Question
from models.removal import Removal
from models.subscriber import Subscriber


@dataclass(frozen=True, slots=True)
class Secret:
    """Of one table."""

    table: type[Base]
    sealed: Mapping[str, str] = field(default_factory=dict)
    """Column -> the name that what is in it is bound to."""
    index: str = ""
    """The column of what is only found again; none: nothing is."""


FEW = (
    Secret(Removal, index="mark"),
    Secret(Invitation, {"called_sealed": "members.called_sealed"}, "secret_index"),
    Secret(Dialog, {"sealed": "dialogs.sealed"}, "key"),
)
"""Done at once when a new key begins."""
MANY = (
    Secret(Member, {"called_sealed": "members.called_sealed"}),
    Secret(
        Proposal,
        {"note_sealed": "proposals.note_sealed", "answer_sealed": "proposals.answer_sealed"},
    ),
    Secret(Broadcast, {"watched_sealed": "broadcasts.watched_sealed"}),
    Secret(
        Question,
        {"text_sealed": "questions.text_sealed", "answer_sealed": "questions.answer_sealed"},
    ),
    Secret(CalendarFeed, index="address_index"),
    Secret(Subscriber, {"chat_sealed": "subscribers.chat_sealed"}, "chat_index"),
)
"""Done a few at a time, while the bot serves."""
SECRETS = (*FEW, *MANY)
IN_DIALOGS = {"answer": "questions.answer_sealed"}
"""What lies sealed (as hexadecimal digits) in what a dialog remembers."""
LOOKUP = "old_keys.lookup_sealed"
"""Sealed anew when a new key begins (bot/services/keys.py)."""
IN_CLEAR = frozenset({"proposals.patch", "campaign_versions.key_mark"})
"""Bytes that hide nothing."""
