from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, Id, Word


class Proposed(StrEnum):
    """What it is."""

    FACTS = "facts"
    COORDINATOR = "coordinator"
    """A new one."""
    BROADCAST = "broadcast"
    """To everybody."""


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Proposal(Base):
    """What takes effect when somebody else than its author accepts it. It goes with its author."""

    __tablename__ = "proposals"
    __table_args__ = ONCE

    id: Mapped[Id]
    what: Mapped[Word]
    author_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    role: Mapped[Word]
    """The author's, then."""
    via: Mapped[Word]
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[Word] = mapped_column(index=True)
    told: Mapped[Word | None]
    """The last state that those were told whom it concerns."""
    patch: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of facts: a campaign file, packed by zlib."""
    counts: Mapped[list[list[Any]]] = mapped_column(JSON)
    """[subject, "added" | "changed" | "removed", how many]: what it is about, in short."""
    things: Mapped[dict[str, Any] | None]
    """Of facts: what it would have changed when it was proposed, and what that is called; to be
    read when it is settled, too."""
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE")
    )
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.subscriber_id", ondelete="CASCADE")
    )
    """Who is to be a coordinator."""
    broadcast_id: Mapped[int | None]
    terms: Mapped[dict[str, Any] | None]
    """Of a broadcast: what is to be done with it as it was then (`broadcasts.accepted`)."""
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What its author says to it."""
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Why it was refused."""
    second_role: Mapped[Word | None]
    settled_at: Mapped[datetime | None]
