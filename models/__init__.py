"""Tables. Every fact of a campaign file has its place here."""

from models.base import Base, Texts
from models.broadcast import Broadcast, To
from models.calendar import CalendarFeed
from models.case import Case, Stage, TimelineEntry
from models.court import Court
from models.defendant import Custody, Defendant, Source, Status
from models.dialog import Dialog
from models.event import Event, EventKind, EventStatus, event_addressees
from models.facility import Facility, FacilityKind
from models.figure import Figures, FollowerFigure
from models.follow import ASKED, Attendance, Follow, Subject
from models.fundraiser import (
    Closing,
    DetailKind,
    DonationRoute,
    Fundraiser,
    FundraiserFigure,
    FundraiserStatus,
    PayFrom,
    Purpose,
)
from models.hearing import Hearing, HearingKind, HearingStatus
from models.history import HistoryEntry, Via
from models.key import OldKey
from models.letter import AddressReport, Letter, LetterGoal, Trouble
from models.member import Invitation, Member, Role
from models.notice import (
    ALERTS,
    LEADS,
    MENDING,
    OF_BROADCASTS,
    OF_EVENTS,
    OF_MEMBERS,
    OF_QUESTIONS,
    PACES,
    USUAL_LEADS,
    Delivery,
    Hold,
    Kind,
    Notice,
    Priority,
    State,
    Told,
)
from models.organisation import CampaignVersion, Organisation
from models.panic import Standstill
from models.proposal import Proposal, ProposalState, Proposed
from models.question import Question, QuestionState
from models.removal import Removal
from models.seat import Seat
from models.subscriber import HandledUpdate, Subscriber

__all__ = [
    "ALERTS",
    "ASKED",
    "LEADS",
    "MENDING",
    "OF_BROADCASTS",
    "OF_EVENTS",
    "OF_MEMBERS",
    "OF_QUESTIONS",
    "PACES",
    "USUAL_LEADS",
    "AddressReport",
    "Attendance",
    "Base",
    "Broadcast",
    "CalendarFeed",
    "CampaignVersion",
    "Case",
    "Closing",
    "Court",
    "Custody",
    "Defendant",
    "Delivery",
    "DetailKind",
    "Dialog",
    "DonationRoute",
    "Event",
    "EventKind",
    "EventStatus",
    "Facility",
    "FacilityKind",
    "Figures",
    "Follow",
    "FollowerFigure",
    "Fundraiser",
    "FundraiserFigure",
    "FundraiserStatus",
    "HandledUpdate",
    "Hearing",
    "HearingKind",
    "HearingStatus",
    "HistoryEntry",
    "Hold",
    "Invitation",
    "Kind",
    "Letter",
    "LetterGoal",
    "Member",
    "Notice",
    "OldKey",
    "Organisation",
    "PayFrom",
    "Priority",
    "Proposal",
    "ProposalState",
    "Proposed",
    "Purpose",
    "Question",
    "QuestionState",
    "Removal",
    "Role",
    "Seat",
    "Source",
    "Stage",
    "Standstill",
    "State",
    "Status",
    "Subject",
    "Subscriber",
    "Texts",
    "TimelineEntry",
    "To",
    "Told",
    "Trouble",
    "Via",
    "event_addressees",
]
