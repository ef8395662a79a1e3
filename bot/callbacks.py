"""What each button carries: 64 bytes that anybody may forge, so every value has its bounds."""

import json
from datetime import date
from hashlib import sha256
from typing import Annotated, Literal, Self, TypeVar, cast

from aiogram.filters.callback_data import CallbackData
from pydantic import AfterValidator, Field

from models import Figures, Role, Source, Stage, Status, To, Trouble

LAST_ID = 2**31 - 1
RowId = Annotated[int, Field(ge=1, le=LAST_ID)]
AnyRow = Annotated[int, Field(ge=0, le=LAST_ID)]
"""0: of all."""
PageNumber = Annotated[int, Field(ge=0, le=99_999)]
Minutes = Annotated[int, Field(ge=1, le=99_999)]
Hour = Annotated[int, Field(ge=0, le=23)]
Days = Annotated[int, Field(ge=0, le=99)]
Choice = Annotated[str, Field(max_length=32)]
OfStage = Stage | Literal[""]
""""": of all."""
OfRole = Role | Literal[""]
OfSource = Source | Literal[""]
ToWhom = To | Literal[""]
Mark = Annotated[str, Field(max_length=3)]
ShortChoice = Annotated[str, Field(max_length=12)]
PlaceName = Annotated[str, Field(max_length=9)]
"""Where somebody pays from."""


def iso_day(text: str) -> str:
    """As buttons write it: Python reads "20261201" as well."""
    if text and date.fromisoformat(text).isoformat() != text:
        raise ValueError
    return text


Day = Annotated[str, Field(max_length=10), AfterValidator(iso_day)]
"""Of an event that repeats; "": the next one."""


def day_or_month(text: str) -> str:
    """No farther than calendars go."""
    day = iso_day(text if len(text) > len("2026-12") else f"{text}-01")
    if not "2000" <= day < "2200":
        raise ValueError
    return text


DayOrMonth = Annotated[str, Field(max_length=10), AfterValidator(day_or_month)]


def maybe_day_or_month(text: str) -> str:
    return day_or_month(text) if text else ""


MaybeDayOrMonth = Annotated[str, Field(max_length=10), AfterValidator(maybe_day_or_month)]

BELOW = "+"
"""Before what a button carries: its screen comes as a message of its own, and the news that it is
under stays, in a group for everybody."""


class Lasting:
    """Buttons that were sent before they carried all they carry now still do what they did."""

    @classmethod
    def unpack(cls, value: str) -> Self:
        carried = cls.model_fields  # type: ignore[attr-defined]
        missing = max(len(carried) - value.count(":"), 0)
        return cast(Self, super().unpack(value + ":" * missing))  # type: ignore[misc]


Place = TypeVar("Place", bound=CallbackData)


def place_of(kind: type[Place], pressed: CallbackData) -> Place:
    """The screen that a button stood on, without what else the button carried."""
    return kind(**pressed.model_dump(include={*kind.model_fields}))


class OpenMenu(CallbackData, prefix="menu"):
    pass


class OpenHelp(CallbackData, prefix="help"):
    pass


class OpenAbout(CallbackData, prefix="about"):
    pass


class OpenCases(CallbackData, prefix="cases"):
    stage: OfStage = ""
    page: PageNumber = 0


class OpenStages(CallbackData, prefix="stages"):
    pass


class OpenCase(Lasting, CallbackData, prefix="case"):
    id: RowId
    page: PageNumber = 0
    """Of its people."""
    stage: OfStage = ""
    listed: PageNumber = 0
    """The list it was chosen from, to go back there."""


class OpenDefendant(CallbackData, prefix="who"):
    id: RowId


class OpenHearings(Lasting, CallbackData, prefix="hearings"):
    past: bool = False
    case: AnyRow = 0
    city: AnyRow = 0
    """A court in that city."""
    page: PageNumber = 0
    defendant: AnyRow = 0
    """Whose card one came from."""


class OpenCities(CallbackData, prefix="cities"):
    page: PageNumber = 0


class OpenHearing(Lasting, CallbackData, prefix="hearing"):
    """With the list that it was chosen from."""

    id: RowId
    past: bool = False
    case: AnyRow = 0
    city: AnyRow = 0
    page: PageNumber = 0
    defendant: AnyRow = 0


class Attend(OpenHearing, prefix="come"):
    comes: bool = True
    notice: bool = False
    """Under a notice, whose text stays."""
    of: Mark = ""
    """Of the day and court that it says; "": a button from before there were marks."""


class FollowDefendant(CallbackData, prefix="fwho"):
    id: RowId
    on: bool = True


class FollowCase(OpenCase, prefix="fcase"):
    """From its card, which is shown again."""

    on: bool = True


class FollowCaseOf(OpenHearing, prefix="fhear"):
    """From a hearing's card, which is shown again."""

    on: bool = True


class FollowCity(OpenHearings, prefix="fcity"):
    """From the list of its hearings, which is shown again."""

    on: bool = True


class AskToFollowAll(CallbackData, prefix="askall"):
    pass


class FollowAll(CallbackData, prefix="fall"):
    pass


class OpenFollows(CallbackData, prefix="follows"):
    page: PageNumber = 0


class OpenFollow(CallbackData, prefix="follow"):
    id: RowId
    page: PageNumber = 0
    """Of the list one came from."""


class Mute(Lasting, CallbackData, prefix="mute"):
    id: RowId
    page: PageNumber = 0
    muted: bool = True
    notice: bool = False
    """Under a notice, whose text stays."""


class Unfollow(Lasting, CallbackData, prefix="unfollow"):
    id: RowId
    page: PageNumber = 0
    notice: bool = False


class OpenAlerts(CallbackData, prefix="alerts"):
    pass


class SwitchAlert(CallbackData, prefix="alert"):
    kind: ShortChoice
    on: bool


class SwitchLead(CallbackData, prefix="lead"):
    minutes: Minutes
    on: bool


class OpenQuietHours(CallbackData, prefix="quiet"):
    pass


class SetQuietHours(CallbackData, prefix="setquiet"):
    since: Hour
    until: Hour
    """The same as `since`: off."""


class OpenSilence(CallbackData, prefix="silence"):
    pass


class SetSilence(CallbackData, prefix="setsilence"):
    days: Days
    """0: off."""


class AskToLeaveAll(CallbackData, prefix="askstop"):
    """In a group: everything that is kept for it goes."""


class LeaveAll(CallbackData, prefix="stopall"):
    pass


class SendPlace(CallbackData, prefix="place"):
    id: RowId


class SendCalendar(CallbackData, prefix="ics"):
    id: RowId


class SendEventCalendar(Lasting, CallbackData, prefix="icsevent"):
    id: RowId
    day: Day = ""


class OpenCalendar(CallbackData, prefix="calendar"):
    """Of all that one follows."""


class SendFollowed(CallbackData, prefix="icsall"):
    pass


class AskForAddress(CallbackData, prefix="askfeed"):
    """Private, for calendar programs."""


class MakeAddress(CallbackData, prefix="makefeed"):
    pass


class AskToEndAddress(CallbackData, prefix="askfeedoff"):
    pass


class EndAddress(CallbackData, prefix="feedoff"):
    pass


class OpenLetters(CallbackData, prefix="letters"):
    page: PageNumber = 0


class OpenAddress(Lasting, CallbackData, prefix="write"):
    id: RowId
    event: AnyRow = 0
    """The evening one came from."""
    listed: PageNumber = 0
    """The page, from 1, of the list one came from."""


class FollowAddress(OpenAddress, prefix="faddr"):
    """From where it is shown, which is shown again."""

    on: bool = True


class OpenOtherForm(OpenAddress, prefix="writeabc"):
    """The address in the other alphabet."""


class OpenAdvice(OpenAddress, prefix="advice"):
    """For a first letter, and a safe one."""


class SendAddress(OpenAddress, prefix="addrtxt"):
    """As a file, to print."""


class AskHowSent(OpenAddress, prefix="asksent"):
    pass


class CountLetter(OpenAddress, prefix="sent"):
    electronic: bool = False


class TakeLetterBack(OpenAddress, prefix="unsent"):
    number: Annotated[int, Field(ge=1, le=2**62)]


class AskWhatIsWrong(OpenAddress, prefix="askwrong"):
    pass


class ReportAddress(OpenAddress, prefix="wrong"):
    trouble: Trouble


FundraiserPage = Annotated[int, Field(ge=0, le=9_999)]
"""Short: beside it stand three numbers."""


class OpenFundraisers(CallbackData, prefix="donate"):
    case: AnyRow = 0
    defendant: AnyRow = 0
    page: FundraiserPage = 0


class OpenFundraiser(Lasting, CallbackData, prefix="fund"):
    """With the list that it was chosen from."""

    id: RowId
    case: AnyRow = 0
    defendant: AnyRow = 0
    page: FundraiserPage = 0


class OpenRoutes(Lasting, CallbackData, prefix="pay"):
    id: RowId
    pay_from: PlaceName
    case: AnyRow = 0
    defendant: AnyRow = 0
    page: FundraiserPage = 0


class OpenRoute(Lasting, CallbackData, prefix="route"):
    """Of a fundraiser, for whoever pays from there."""

    id: RowId
    pay_from: PlaceName
    route: RowId
    case: AnyRow = 0
    defendant: AnyRow = 0
    page: FundraiserPage = 0


class SendRouteCode(OpenRoute, prefix="qr"):
    pass


class AskPlace(OpenFundraiser, prefix="payfrom"):
    """Though one is remembered."""


class SendFigures(CallbackData, prefix="figures"):
    id: RowId


class AskRemembered(CallbackData, prefix="askpay"):
    """Where somebody pays from, to be remembered."""


class SetRemembered(CallbackData, prefix="setpay"):
    pay_from: ShortChoice = ""
    """"": nothing."""


class OpenEvents(Lasting, CallbackData, prefix="evenings"):
    page: PageNumber = 0
    city: AnyRow = 0
    """An event in that city."""
    online: bool = False


class OpenPlaces(Lasting, CallbackData, prefix="places"):
    """Where events are."""

    page: PageNumber = 0


class OpenEvent(Lasting, CallbackData, prefix="event"):
    id: RowId
    day: Day = ""


class TakeSeat(OpenEvent, prefix="seat"):
    people: Annotated[int, Field(ge=0, le=2)] = 0
    """0: as many as they are already, at first one."""


class LeaveSeat(OpenEvent, prefix="noseat"):
    notice: bool = False
    """Under a notice, whose text stays."""


class CountWritten(OpenEvent, prefix="wrote"):
    """So many letters at that evening."""

    letters: Annotated[int, Field(ge=0, le=20)]


class TakeWrittenBack(OpenEvent, prefix="unwrote"):
    letters: Annotated[int, Field(ge=1, le=20)]
    number: Annotated[int, Field(ge=1, le=2**62)]
    """Of the first of them."""


class OpenLetterKit(Lasting, CallbackData, prefix="kit"):
    event: AnyRow = 0
    """The evening that it is for; 0: none."""


class OpenKitPeople(CallbackData, prefix="kitwho"):
    event: AnyRow = 0
    page: PageNumber = 0


class SwitchKitPerson(OpenKitPeople, prefix="kitone"):
    id: RowId
    on: bool


class SwitchKitPeople(OpenKitPeople, prefix="kitall"):
    """Everybody or nobody."""

    on: bool


class OpenKitLabels(CallbackData, prefix="kitlabels"):
    event: AnyRow = 0


class PrintKit(CallbackData, prefix="print"):
    event: AnyRow
    what: ShortChoice
    seen: ShortChoice
    """The mark of those whom its screen was for."""


class OpenSettings(CallbackData, prefix="settings"):
    pass


class SetLanguage(CallbackData, prefix="lang"):
    code: Choice


class AskCity(Lasting, CallbackData, prefix="askcity"):
    night: bool = False
    """From quiet hours, to which one comes back."""


class SetTimezone(Lasting, CallbackData, prefix="zone"):
    name: Choice
    """An IANA zone; "-": none."""
    night: bool = False


class OpenPrivacy(CallbackData, prefix="privacy"):
    pass


class SendCopy(CallbackData, prefix="mydata"):
    pass


class AskToForget(CallbackData, prefix="forget"):
    pass


class Forget(CallbackData, prefix="forgetall"):
    pass


class AskQuestion(Lasting, CallbackData, prefix="ask"):
    """Of the organisers: about a defendant, a case, or neither."""

    defendant: AnyRow = 0
    case: AnyRow = 0


class LeaveQuestion(AskQuestion, prefix="noask"):
    """Back to where it was to be about."""


class SendQuestion(AskQuestion, prefix="sendask"):
    """That stands in the message above this button."""


# The desk.


Digest = Annotated[str, Field(max_length=8)]
"""Of what a screen proposes: the dialog may hold something else by now."""


def digest(proposed: object) -> str:
    return sha256(json.dumps(proposed).encode()).hexdigest()[:8]


class OpenDesk(CallbackData, prefix="desk"):
    pass


class OpenPanic(CallbackData, prefix="panic"):
    pass


class StopSending(CallbackData, prefix="halt"):
    sure: bool = False
    """Asked already."""


class SendAgain(CallbackData, prefix="goon"):
    sure: bool = False


class EndRoles(CallbackData, prefix="endroles"):
    sure: bool = False


class Wipe(CallbackData, prefix="wipe"):
    asked: Annotated[int, Field(ge=0, le=3)] = 0
    """So many times already …"""
    since: Annotated[int, Field(ge=0, le=2**33)] = 0
    """… and since when (Unix)."""


class OpenAttention(CallbackData, prefix="attention"):
    """What needs a hand at the desk."""


class SetSummary(CallbackData, prefix="summary"):
    on: bool


class OpenReported(CallbackData, prefix="reported"):
    """Addresses that are said to be wrong."""


class OpenAllFigures(CallbackData, prefix="allfig"):
    """Of the desk."""


class OpenFigures(CallbackData, prefix="figof"):
    of: Figures
    page: PageNumber = 0
    past: bool = False
    """Of hearings."""


class SendFigurePicture(OpenFigures, prefix="figpic"):
    pass


class OpenProposals(CallbackData, prefix="proposals"):
    """What waits for a second person."""


class OpenProposal(CallbackData, prefix="proposal"):
    id: RowId
    page: PageNumber = 0


class AcceptProposal(CallbackData, prefix="accept"):
    id: RowId
    version: AnyRow
    """Of the facts when it was shown."""


class RefuseProposal(CallbackData, prefix="refuse"):
    id: RowId
    without: bool = False
    """Saying why."""


class WithdrawProposal(CallbackData, prefix="unpropose"):
    id: RowId


class AnnotateProposal(CallbackData, prefix="note"):
    id: RowId


class OpenMembers(CallbackData, prefix="members"):
    """Those who keep the facts."""


class OpenMember(CallbackData, prefix="member"):
    id: RowId


class SetRole(OpenMember, prefix="setrole"):
    role: Role


class AskToEndMember(OpenMember, prefix="askend"):
    pass


class EndMember(OpenMember, prefix="endmember"):
    pass


class Invite(CallbackData, prefix="invite"):
    """What is not chosen yet is asked."""

    role: OfRole = ""
    days: Annotated[int, Field(ge=-1, le=180)] = -1


class WithdrawInvitation(CallbackData, prefix="uninvite"):
    id: RowId


class Join(CallbackData, prefix="join"):
    secret: Annotated[str, Field(min_length=22, max_length=22, pattern=r"^[A-Za-z0-9_-]*$")]


class OpenHistory(CallbackData, prefix="history"):
    page: PageNumber = 0


class SendHistory(CallbackData, prefix="histfile"):
    """All of it, as a table."""


class OpenChangeSet(CallbackData, prefix="change"):
    """All that changed together."""

    version: RowId
    page: PageNumber = 0


class AskToUndo(OpenChangeSet, prefix="askundo"):
    pass


class Undo(Lasting, OpenChangeSet, prefix="undo"):
    slip: bool = False
    """What was confirmed before would be so again."""


class OpenCampaignFile(CallbackData, prefix="file"):
    pass


class OpenFilePage(CallbackData, prefix="filepage"):
    """Of what the file in the dialog would change."""

    page: PageNumber = 0


class ApplyFile(CallbackData, prefix="apply"):
    version: AnyRow
    """Of the facts when the differences were shown."""
    file: Digest


class SendExport(CallbackData, prefix="export"):
    pass


class OpenPeople(CallbackData, prefix="people"):
    """Where they are, for those who keep it."""

    page: PageNumber = 0


class OpenPerson(CallbackData, prefix="person"):
    id: RowId
    page: PageNumber = 0
    """Of the list one came from."""


class ChangePerson(OpenPerson, prefix="chpers"):
    seen: AnyRow
    """The defendant's version when it was shown."""
    what: ShortChoice


class OpenFacilities(OpenPerson, prefix="facils"):
    """To which they may have been moved."""

    seen: AnyRow
    list: PageNumber = 0


class PickPlace(OpenPerson, prefix="chplace"):
    seen: AnyRow
    place: RowId


class PickSince(PickPlace, prefix="chsince"):
    day: Day
    """"": not known."""


class PickStatus(OpenPerson, prefix="chstat"):
    seen: AnyRow
    status: Status


class PickTongue(OpenPerson, prefix="chtongue"):
    """In which somebody is addressed otherwise."""

    seen: AnyRow
    language: ShortChoice


class SavePerson(OpenPerson, prefix="savepers"):
    """What is in the dialog."""

    seen: AnyRow
    proposed: Digest
    source: OfSource = ""


class OpenBroadcasts(CallbackData, prefix="bcasts"):
    page: PageNumber = 0


class OpenBroadcast(CallbackData, prefix="bcast"):
    id: RowId


class AskAudience(CallbackData, prefix="bcto"):
    """Whom it is for: of which kind, then which one."""

    id: AnyRow = 0
    """0: one that is still to begin."""
    seen: AnyRow = 0
    """Its edition when it was shown."""
    to: ToWhom = ""
    page: PageNumber = 0


class SetAudience(CallbackData, prefix="bcset"):
    id: AnyRow
    seen: AnyRow
    to: To
    thing: AnyRow = 0
    day: Day = ""


class AskReaders(OpenBroadcast, prefix="bcask"):
    seen: AnyRow


class SetReaders(AskReaders, prefix="bclang"):
    code: ShortChoice
    """A language; "-": all."""


class WriteVersion(AskReaders, prefix="bcwrite"):
    code: ShortChoice


class DropVersion(WriteVersion, prefix="bcdrop"):
    pass


class Preview(AskReaders, prefix="bclook"):
    proposal: AnyRow = 0
    """Of it, by whoever is asked to accept it."""


class AskToSend(AskReaders, prefix="bcasksend"):
    urgent: Annotated[int, Field(ge=0, le=2)] = 0
    """How often it was said that it is."""


class AskWhen(AskReaders, prefix="bcwhen"):
    pass


class SendBroadcast(AskReaders, prefix="bcsend"):
    at: AnyRow = 0
    """Minutes of Unix time; 0: now."""
    urgent: bool = False


class Unplan(AskReaders, prefix="bcunplan"):
    pass


class AskToDropDraft(AskReaders, prefix="bcaskdrop"):
    pass


class DropDraft(AskReaders, prefix="bcdropall"):
    pass


class PauseBroadcast(OpenBroadcast, prefix="bcpause"):
    on: bool


class AskPace(OpenBroadcast, prefix="bcaskpace"):
    pass


class SetPace(AskReaders, prefix="bcpace"):
    """Paid, or free."""

    stars: AnyRow = 0
    """At most, as it was shown; 0: free."""


class AskToStop(OpenBroadcast, prefix="bcaskstop"):
    pass


class StopBroadcast(OpenBroadcast, prefix="bcstop"):
    pass


class AskCorrection(WriteVersion, prefix="bcfix"):
    """Of that version; "": which one?"""


class Correct(AskReaders, prefix="bccorr"):
    proposed: Digest


class AskToRecall(AskReaders, prefix="bcaskback"):
    pass


class Recall(AskReaders, prefix="bcback"):
    pass


class OpenDocket(CallbackData, prefix="docket"):
    """Hearings, for those who keep them."""

    page: PageNumber = 0


class OpenDocketHearing(CallbackData, prefix="dhear"):
    id: RowId
    page: PageNumber = 0
    """Of the docket one came from."""


class ChangeHearing(OpenDocketHearing, prefix="chhear"):
    seen: AnyRow
    """The hearing's version when it was shown."""
    what: ShortChoice


class PickDay(ChangeHearing, prefix="chday"):
    day: DayOrMonth
    """A day, or a month to choose from."""


class SayIn(ChangeHearing, prefix="chin"):
    language: ShortChoice


class SaveHearing(OpenDocketHearing, prefix="savehear"):
    """What is in the dialog."""

    seen: AnyRow
    proposed: Digest
    source: OfSource = ""


class NewHearing(CallbackData, prefix="newhear"):
    """What was answered until now; 0 and "": nothing yet."""

    case: AnyRow = 0
    court: AnyRow = 0
    kind: ShortChoice = ""
    page: PageNumber = 0
    """Of the list one is at."""
    day: MaybeDayOrMonth = ""


class SaveNewHearing(CallbackData, prefix="savenew"):
    """What is in the dialog."""

    proposed: Digest
    source: OfSource = ""


class OpenQuestions(CallbackData, prefix="questions"):
    page: PageNumber = 0
    settled: bool = False


class OpenQuestion(OpenQuestions, prefix="question"):
    """With the list one came from."""

    id: RowId


class ChangeQuestion(OpenQuestion, prefix="chask"):
    seen: AnyRow
    """The question's version when it was shown."""
    what: ShortChoice


class SendAnswer(OpenQuestion, prefix="answer"):
    """That is in the dialog."""

    seen: AnyRow
    proposed: Digest


class SwitchQuestions(CallbackData, prefix="hearask"):
    """Whether one is told of new ones."""

    on: bool


FormCode = Annotated[str, Field(max_length=5)]
"""Of a kind of thing, short: beside it stand a number, a field and a value."""
ListPage = Annotated[int, Field(ge=0, le=999)]
Item = Annotated[int, Field(ge=0, le=999)]
"""Of a list in a thing, from 1; 0: none of them; `NEW_ITEM`: one that is being added."""
NEW_ITEM = 999


class OpenFacts(CallbackData, prefix="facts"):
    """Kinds of things that somebody may keep."""


class OpenThings(CallbackData, prefix="things"):
    form: FormCode
    of: AnyRow = 0
    """People of that case, ways to pay of that fundraiser."""
    page: PageNumber = 0


class OpenThing(CallbackData, prefix="thing"):
    form: FormCode
    id: AnyRow


class StartThing(CallbackData, prefix="newthing"):
    form: FormCode
    of: AnyRow = 0


class AskToRemoveThing(OpenThing, prefix="askgone"):
    sure: bool = False
    """Asked once already."""


class RemoveThing(OpenThing, prefix="gone"):
    proposed: Digest


class OpenField(OpenThing, prefix="field"):
    """0 as the number: of what is being entered anew, and stands in the dialog."""

    field: ShortChoice
    item: Item = 0
    language: Annotated[str, Field(max_length=8)] = ""
    page: ListPage = 0


class ClearField(OpenField, prefix="clear"):
    pass


class PickValue(OpenThing, prefix="pick"):
    field: ShortChoice
    item: Item = 0
    value: Annotated[str, Field(max_length=24)]


class ReviewThing(OpenThing, prefix="review"):
    """All that was answered: of a new thing, or of a new item of that field."""

    field: ShortChoice = ""
    item: Item = 0


class SaveThing(ReviewThing, prefix="savething"):
    """What is in the dialog."""

    proposed: Digest
