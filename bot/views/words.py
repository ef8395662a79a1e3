"""The field's terms in people's languages."""

from decimal import Decimal

from bot.i18n import _, ngettext, number
from models import (
    DetailKind,
    EventKind,
    EventStatus,
    FacilityKind,
    FundraiserStatus,
    HearingKind,
    HearingStatus,
    Kind,
    PayFrom,
    Purpose,
    Role,
    Source,
    Stage,
    Status,
)


def stage(value: str) -> str:
    return {
        Stage.INVESTIGATION: _("under investigation"),
        Stage.READING_THE_FILE: _("reading of the case file"),
        Stage.TRIAL: _("on trial"),
        Stage.APPEAL: _("appeal"),
        Stage.CASSATION: _("cassation"),
        Stage.SENTENCED: _("sentenced"),
        Stage.SERVED: _("sentence served"),
        Stage.EXTRADITION: _("extradition"),
        Stage.UNKNOWN: _("stage not known"),
    }[Stage(value)]


def status(value: str) -> str:
    """Where a person is, without gender."""
    return {
        Status.AT_LIBERTY: _("at liberty"),
        Status.RESTRICTED: _("at home under a ban on certain actions"),
        Status.HOUSE_ARREST: _("under house arrest"),
        Status.PRE_TRIAL_DETENTION: _("in pre-trial detention"),
        Status.TRANSFER: _("being transferred"),
        Status.COLONY: _("in a penal colony"),
        Status.SETTLEMENT_COLONY: _("in a settlement colony"),
        Status.PRISON: _("in prison"),
        Status.FORCED_LABOUR: _("at forced labour"),
        Status.MEDICAL: _("in a medical facility"),
        Status.RELEASED: _("free"),
        Status.ABROAD: _("free, abroad"),
        Status.UNKNOWN: _("whereabouts not known"),
    }[Status(value)]


def hearing(value: str) -> str:
    return {
        HearingKind.CUSTODY: _("custody hearing"),
        HearingKind.PRELIMINARY: _("preliminary hearing"),
        HearingKind.MERITS: _("hearing on the merits"),
        HearingKind.VERDICT: _("verdict"),
        HearingKind.APPEAL: _("appeal hearing"),
        HearingKind.CASSATION: _("cassation hearing"),
        HearingKind.OTHER: _("hearing"),
    }[HearingKind(value)]


def hearing_status(value: str) -> str:
    return {
        HearingStatus.SCHEDULED: _("scheduled"),
        HearingStatus.CANCELLED: _("cancelled"),
        HearingStatus.HELD: _("held"),
        HearingStatus.ADJOURNED: _("adjourned"),
        HearingStatus.DECIDED: _("decided"),
    }[HearingStatus(value)]


def event(value: str) -> str:
    return {
        EventKind.EVENING_OF_LETTERS: _("evening of letters"),
        EventKind.TALK: _("talk"),
        EventKind.PICKET: _("picket"),
        EventKind.COURT_SUPPORT: _("court support"),
        EventKind.OTHER: _("event"),
    }[EventKind(value)]


def event_status(value: str) -> str:
    return {
        EventStatus.SCHEDULED: _("takes place"),
        EventStatus.CANCELLED: _("does not take place"),
    }[EventStatus(value)]


def every(value: str) -> str:
    """How often something repeats."""
    return {
        "week": _("every week"),
        "2 weeks": _("every 2 weeks"),
        "3 weeks": _("every 3 weeks"),
        "4 weeks": _("every 4 weeks"),
        "month": _("every month"),
    }[value]


def purpose(value: str) -> str:
    return {
        Purpose.LAWYER: _("lawyer"),
        Purpose.PARCELS: _("parcels"),
        Purpose.FINE: _("fine"),
        Purpose.MEDICAL: _("medical care"),
        Purpose.FAMILY: _("help for the family"),
        Purpose.COMMON: _("common fund"),
    }[Purpose(value)]


def fundraiser_status(value: str) -> str:
    return {
        FundraiserStatus.OPEN: _("open"),
        FundraiserStatus.CANCELLED: _("cancelled"),
    }[FundraiserStatus(value)]


def role(value: str) -> str:
    """Of those who keep the facts."""
    return {
        Role.EDITOR: _("editor"),
        Role.COORDINATOR: _("coordinator"),
        Role.OWNER: _("owner"),
    }[Role(value)]


def detail(value: str) -> str:
    """What is to be copied."""
    return {
        DetailKind.RECIPIENT: _("Recipient"),
        DetailKind.CARD: _("Card number"),
        DetailKind.PHONE: _("Telephone"),
        DetailKind.BANK: _("Bank"),
        DetailKind.BIK: _("BIK"),
        DetailKind.ACCOUNT: _("Account"),
        DetailKind.CORRESPONDENT: _("Correspondent account"),
        DetailKind.INN: _("INN"),
        DetailKind.IBAN: "IBAN",
        DetailKind.BIC: "BIC (SWIFT)",
        DetailKind.BITCOIN: "Bitcoin",
        DetailKind.ETHEREUM: "Ethereum",
        DetailKind.TRON: "Tron",
        DetailKind.COMMENT: _("Comment"),
    }[DetailKind(value)]


def pay_from(value: str) -> str:
    return {
        PayFrom.RUSSIA: _("from Russia"),
        PayFrom.ELSEWHERE: _("from another country"),
        PayFrom.ANYWHERE: _("from anywhere"),
    }[PayFrom(value)]


def on_weekdays() -> list[str]:
    """From Monday on."""
    return [
        _("on Mondays"),
        _("on Tuesdays"),
        _("on Wednesdays"),
        _("on Thursdays"),
        _("on Fridays"),
        _("on Saturdays"),
        _("on Sundays"),
    ]


def of_month(weekday: int, nth: int) -> str:
    """ "the 2nd Thursday of each month"; a negative one is the last."""
    last = [
        _("the last Monday of each month"),
        _("the last Tuesday of each month"),
        _("the last Wednesday of each month"),
        _("the last Thursday of each month"),
        _("the last Friday of each month"),
        _("the last Saturday of each month"),
        _("the last Sunday of each month"),
    ]
    numbered = [
        _("the {nth} Monday of each month"),
        _("the {nth} Tuesday of each month"),
        _("the {nth} Wednesday of each month"),
        _("the {nth} Thursday of each month"),
        _("the {nth} Friday of each month"),
        _("the {nth} Saturday of each month"),
        _("the {nth} Sunday of each month"),
    ]
    ordinals = [_("1st"), _("2nd"), _("3rd"), _("4th")]
    return last[weekday] if nth < 0 else numbered[weekday].format(nth=ordinals[nth - 1])


def facility(value: str) -> str:
    return {
        FacilityKind.PRE_TRIAL_DETENTION: _("remand prison"),
        FacilityKind.COLONY: _("penal colony"),
        FacilityKind.SETTLEMENT_COLONY: _("settlement colony"),
        FacilityKind.PRISON: _("prison"),
        FacilityKind.FORCED_LABOUR: _("centre of forced labour"),
        FacilityKind.MEDICAL: _("medical facility"),
        FacilityKind.OTHER: _("another facility"),
    }[FacilityKind(value)]


def alert(value: str) -> str:
    """A kind of news, short enough for a button."""
    return {
        Kind.SET: _("new hearing"),
        Kind.MOVED: _("moved, another room"),
        Kind.CANCELLED: _("hearing cancelled"),
        Kind.OUTCOME: _("outcome"),
        Kind.STATUS: _("where a person is"),
        Kind.NEWS: _("news of a case"),
        Kind.CLOSED: _("fundraiser ended"),
        Kind.BROADCAST: _("from the organisers"),
    }[Kind(value)]


def lead(minutes: int) -> str:
    """So long before a hearing, as short as can be."""
    if minutes % (24 * 60) == 0:
        return _("{n} d").format(n=minutes // (24 * 60))
    return _("{n} h").format(n=minutes // 60)


def source(value: str) -> str:
    """Who vouches for a fact, by itself."""
    return {
        Source.LAWYER: _("lawyer"),
        Source.RELATIVE: _("relatives"),
        Source.COURT: _("court"),
        Source.FACILITY: _("facility"),
        Source.COORDINATOR: _("coordinator"),
        Source.SUPPORTER: _("supporter"),
        Source.MEDIA: _("press"),
        Source.OTHER: _("somebody else"),
    }[Source(value)]


def confirmed_by(value: str | None) -> str:
    """Who vouches for a fact; whom it does not name stays unnamed."""
    known = {
        Source.LAWYER: _("by the lawyer"),
        Source.RELATIVE: _("by relatives"),
        Source.COURT: _("by the court"),
        Source.FACILITY: _("by the facility"),
        Source.COORDINATOR: _("by a coordinator"),
        Source.SUPPORTER: _("by a supporter"),
        Source.MEDIA: _("by the press"),
    }
    return known.get(Source(value), "") if value else ""


def term(years: float | str) -> str:
    """6.25 years are "6 years 3 months"."""
    months = round(Decimal(str(years)) * 12)
    whole, rest = divmod(months, 12)
    said = []
    if whole:
        said.append(ngettext("{n} year", "{n} years", whole).format(n=number(whole)))
    if rest:
        said.append(ngettext("{n} month", "{n} months", rest).format(n=number(rest)))
    return " ".join(said)


def code(value: str) -> str:
    """A code of laws."""
    return {
        "UK RF": _("Criminal Code of Russia"),
        "UPK RF": _("Code of Criminal Procedure of Russia"),
        "KoAP RF": _("Code of Administrative Offences of Russia"),
    }.get(value, value)


def article(item: dict[str, str]) -> str:
    """ "Article 205.2 part 2, Criminal Code of Russia"."""
    if part := item.get("part"):
        return _("Article {article} part {part}, {code}").format(
            article=item["article"], part=part, code=code(item["code"])
        )
    return _("Article {article}, {code}").format(article=item["article"], code=code(item["code"]))
