"""Several pieces of news in one message."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from aiogram.filters.callback_data import CallbackData
from markupsafe import Markup

from bot.callbacks import (
    OpenAttention,
    OpenBroadcast,
    OpenCase,
    OpenDefendant,
    OpenEvent,
    OpenFundraisers,
    OpenHearing,
    OpenHearings,
    OpenMember,
    OpenPerson,
    OpenProposal,
)
from bot.i18n import _, ngettext, pick
from bot.keyboards import Row, below, button
from bot.markup import visible_length
from bot.services.address_reports import Reported
from bot.services.attention import Attention
from bot.services.event_news import EventNow
from bot.services.notices import (
    Gone,
    HearingFacts,
    HearingNow,
    News,
    Reader,
    ToCheck,
    news_entries,
    of_hearing,
)
from bot.services.slips import is_another
from bot.views import event_news, proposals, words
from bot.views.dossier import entry_lines
from bot.views.hearings import admission, advice, in_doubt, labels, where
from bot.views.news import (
    Body,
    about,
    asked_anew,
    became,
    case_of,
    happened,
    is_near,
    known_start,
    moment,
    other_stage,
    result,
    taken_off,
    unknown_result,
    was,
    was_held,
    writing_to,
)
from bot.views.parts import blocks, bold, clipped, lines, person, title
from models import Broadcast, Case, Defendant, Fundraiser, Hearing, Kind, Member, Proposal

ITEMS = 20
"""Of one message; each has up to four of the hundred entities that Telegram allows."""
ROOM = 3500
"""UTF-16 units for the items; the rest is for the heading, what to take along and the causes."""
BUTTONS = 6


def digest(news: Sequence[News], reader: Reader, now: datetime) -> Body:
    """The most urgent first; what finds no room is told of by its number."""
    ordered = sorted(news, key=urgency)
    items: list[Markup] = []
    for one in ordered[:ITEMS]:
        item = in_brief(one, reader, now)
        if sum(map(visible_length, items)) + visible_length(item) > ROOM:
            break
        items.append(item)
    left = len(ordered) - len(items)
    more = _("… and {n} more").format(n=left) if left else None
    text = blocks([bold(how_many(news)), *items, more, to_take_along(ordered, now)])
    return Body(text, tuple(cards(ordered, now)))


def to_take_along(news: Sequence[News], now: datetime) -> Markup | None:
    """Once for all hearings that are near; only where all are closed nobody is let in."""
    admitted = {
        one.now.hearing.public
        for one in news
        if isinstance(one.now, HearingNow) and is_to_come(one)
        if is_near(one, one.now.hearing, now)
    }
    if not admitted:
        return None
    return advice(False if admitted == {False} else None)


def urgency(one: News) -> tuple[int, int, float]:
    """What would be waited for in vain, then people, then cases: of a date reminders follow."""
    return one.notice.priority, rank(one), start(one)


def rank(one: News) -> int:
    if one.notice.kind in (Kind.CANCELLED, Kind.MOVED):
        return 0
    match one.now:
        case Defendant():
            return 1
        case Case():
            return 2
    return 3


def start(one: News) -> float:
    """A removed hearing is known by the date that it had."""
    if isinstance(one.now, HearingNow):
        return one.now.hearing.starts_at.timestamp()
    return one.before.start.timestamp() if isinstance(one.before, HearingFacts) else 0


def how_many(news: Sequence[News]) -> str:
    n = len(news)
    if all(one.notice.kind == Kind.REMINDER for one in news):
        said = ngettext("⏰ {n} hearing is coming", "⏰ {n} hearings are coming", n)
    else:
        said = ngettext("🔔 {n} piece of news", "🔔 {n} pieces of news", n)
    return said.format(n=n)


def in_brief(one: News, reader: Reader, now: datetime) -> Markup:
    match one.now:
        case HearingNow(hearing=hearing):
            return hearing_in_brief(one, hearing, reader, now)
        case Defendant():
            return defendant_in_brief(one, one.now, now)
        case Case() if one.notice.kind == Kind.CANCELLED:
            return lines([taken_off(one, now), clipped(title(one.now), 150)])
        case Case():
            return case_in_brief(one, one.now)
        case EventNow():
            return event_news.headline(one, reader, now)
        case Fundraiser() | ToCheck() | Proposal() | Reported():
            return about(one, reader, now).text
        case Attention() | Broadcast() | Member():
            return about(one, reader, now).text
        case Gone():
            return taken_off(one, now)


def defendant_in_brief(one: News, defendant: Defendant, now: datetime) -> Markup:
    became_so = [bold(became(one, defendant, now)), was_held(one, defendant)]
    return lines([*became_so, *writing_to(one, defendant, now), case_of(one, defendant)])


def hearing_in_brief(one: News, hearing: Hearing, reader: Reader, now: datetime) -> Markup:
    shown = moment(known_start(one, hearing), reader, now)
    what = Markup(happened(one, hearing, reader, now)).format(moment=shown)
    doubt = in_doubt(hearing, now) if is_to_come(one) and not hearing.is_off else None
    before = was(one, hearing, now) if one.notice.kind in (Kind.SET, Kind.MOVED) else None
    comes = is_to_come(one) and reader.comes_to(hearing)
    going_there = _("🙋 You are coming") if comes else None
    asked = asked_anew(hearing, reader) if is_to_come(one) else None
    case = f"{clipped(title(hearing.case), 150)} · {words.hearing(hearing.kind)}"
    return lines([bold(what), before, *way_there(one, hearing), case, doubt, going_there, asked])


def way_there(one: News, hearing: Hearing) -> list[Markup | str | None]:
    """Where to go now, or that there is no need to; never only where it was to be."""
    if not is_to_come(one):
        known = result(one, hearing, 150)
        if one.notice.kind == Kind.CANCELLED:
            return [Markup(_("No need to go.")), known]
        return [known or Markup(unknown_result(hearing))]
    room = _("Room {room}").format(room=hearing.room) if hearing.room else ""
    address = clipped(pick(hearing.court.address), 150) if has_new_address(one, hearing) else ""
    inside = " · ".join(part for part in (address, room) if part)
    closed = admission(hearing.public) if hearing.public is False else None
    return [Markup("🏛 {}").format(where(hearing.court)), inside or None, closed]


def has_new_address(one: News, hearing: Hearing) -> bool:
    before, after = one.before, of_hearing(hearing)
    if one.notice.kind != Kind.MOVED or not isinstance(before, HearingFacts):
        return False
    return before.court != after.court or is_another(before.address, after.address)


def is_to_come(one: News) -> bool:
    return one.notice.kind in (Kind.SET, Kind.MOVED, Kind.REMINDER)


def case_in_brief(one: News, case: Case) -> Markup:
    heading = bold(_("📰 News: {case}").format(case=clipped(title(case), 150)))
    entries = entry_lines(news_entries(one), case.defendants)
    return lines([heading, other_stage(one, case), *entries[:1]])


def cards(news: Sequence[News], now: datetime) -> list[Row]:
    """To each thing once, as many as a telephone shows: first people, who are in no other list."""
    things: dict[str, News] = {}
    for one in news:
        things.setdefault(card(one).pack(), one)
    kept = sorted(things.values(), key=lambda one: not isinstance(one.now, Defendant))[:BUTTONS]
    named = names_of_hearings(things.values(), now)
    shown = [one for one in things.values() if one in kept]
    rows: list[Row] = [[below(button(name_of(one, named), card(one)))] for one in shown]
    all_of_them = [below(button(_("🗓 All hearings"), OpenHearings()))]
    return rows if len(things) <= BUTTONS else [*rows, all_of_them]


def names_of_hearings(news: Iterable[News], now: datetime) -> dict[int, str]:
    """By number: of one hour and case they are told apart only beside each other."""
    hearings = [one.now.hearing for one in news if isinstance(one.now, HearingNow)]
    return dict(zip([one.id for one in hearings], labels(hearings, now), strict=True))


def name_of(one: News, named: Mapping[int, str]) -> str:
    match one.now:
        case HearingNow(hearing=hearing):
            return named[hearing.id]
        case Defendant():
            return f"👤 {person(one.now)}"
        case Case():
            return f"⚖️ {title(one.now)}"
        case EventNow():
            return pick(event_news.known(one).event.title)
        case Fundraiser():
            return pick(one.now.title)
        case ToCheck():
            return _("Donate")
        case Proposal():
            return proposals.subject(one.now)
        case Reported():
            return person(one.now.defendant)
        case Attention():
            return _("🔔 Open the list")
        case Member():
            return _("Open and decide")
        case Broadcast():
            return _("Look at it")
        case Gone():
            return _("🗓 All hearings")


def card(one: News) -> CallbackData:
    match one.now:
        case HearingNow(hearing=hearing):
            return OpenHearing(id=hearing.id)
        case Defendant():
            return OpenDefendant(id=one.now.id)
        case Case():
            return OpenCase(id=one.now.id)
        case EventNow():
            return OpenEvent(id=one.notice.thing_id, day=one.now.day)
        case Fundraiser() | ToCheck():
            return OpenFundraisers()
        case Proposal():
            return OpenProposal(id=one.now.id)
        case Reported():
            return OpenPerson(id=one.now.defendant.id)
        case Attention():
            return OpenAttention()
        case Member():
            return OpenMember(id=one.now.subscriber_id)
        case Broadcast():
            return OpenBroadcast(id=one.now.id)
        case Gone():
            return OpenHearings()
