"""Tables. Every fact of a campaign file has its place here."""

from models.base import Base, Texts
from models.case import Case, Stage, TimelineEntry
from models.court import Court
from models.defendant import Custody, Defendant, Source, Status
from models.event import Event, EventKind, event_addressees
from models.facility import Facility, FacilityKind
from models.fundraiser import DonationRoute, Fundraiser, PayFrom, Purpose
from models.hearing import Hearing, HearingKind, HearingStatus
from models.organisation import CampaignVersion, Organisation
from models.removal import Removal
from models.subscriber import HandledUpdate, Subscriber

__all__ = [
    "Base",
    "CampaignVersion",
    "Case",
    "Court",
    "Custody",
    "Defendant",
    "DonationRoute",
    "Event",
    "EventKind",
    "Facility",
    "FacilityKind",
    "Fundraiser",
    "HandledUpdate",
    "Hearing",
    "HearingKind",
    "HearingStatus",
    "Organisation",
    "PayFrom",
    "Purpose",
    "Removal",
    "Source",
    "Stage",
    "Status",
    "Subscriber",
    "Texts",
    "TimelineEntry",
    "event_addressees",
]
