"""One piece of news: of a hearing, a person or a case, as its followers read it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from bot.callbacks import (
    Attend,
    OpenBroadcast,
    OpenCase,
    OpenDefendant,
    OpenFundraisers,
    OpenHearing,
    OpenMember,
    SendCalendar,
)
from bot.i18n import _, offset, pick, time, zone_and_offset
from bot.keyboards import Button, Row, below, button
from bot.services.address_reports import Reported
from bot.services.attendance import mark
from bot.services.attention import Attention
from bot.services.event_news import EventNow
from bot.services.letters import CannotWrite, mailing
from bot.services.notices import (
    AnyFacts,
    CaseFacts,
    DefendantFacts,
    Gone,
    HearingFacts,
    HearingNow,
    News,
    Reader,
    ToCheck,
    becomes_verdict,
    is_another_admission,
    is_another_room,
    is_moved,
    is_severed,
    news_entries,
    of_defendant,
    of_hearing,
)
from bot.services.slips import is_another
from bot.views import address_reports, attention, donations, proposals, words
from bot.views.dossier import entry_lines
from bot.views.event_news import about_event
from bot.views.hearings import (
    admission,
    advice,
    both_answers,
    calendar_label,
    come_button,
    confirmation,
    how_many_come,
    not_on_the_list,
    people,
    said_yes_to_another,
    where,
    you_and_others,
)
from bot.views.letters import UNKNOWN, letters_line, write_button
from bot.views.parts import (
    blocks,
    bold,
    capital,
    clipped,
    clock_time,
    crossed_out,
    day_of_week,
    hour,
    lines,
    person,
    title,
    until,
    your_time,
)
from models import (
    Broadcast,
    Case,
    Defendant,
    Fundraiser,
    Hearing,
    HearingStatus,
    Kind,
    Member,
    Proposal,
)

FOREWARNED = 24 * 60
"""Minutes: a reminder that comes so near says what to take along."""
ENTRIES = 5
OVER = (HearingStatus.HELD, HearingStatus.DECIDED)


@dataclass(frozen=True, slots=True)
class Body:
    """All that is the same for everybody who reads in this language and zone."""

    text: Markup
    rows: tuple[Row, ...]


def about(one: News, reader: Reader, now: datetime) -> Body:
    """`now`: the organisers', as letters need it."""
    match one.now:
        case HearingNow():
            return about_hearing(one, one.now, reader, now)
        case Defendant():
            return about_defendant(one, one.now, now)
        case Case():
            return about_case(one, one.now, now)
        case EventNow():
            text, rows = about_event(one, one.now, reader, now)
            return Body(text, tuple(rows))
        case Fundraiser():
            return about_fundraiser(one.now, now)
        case ToCheck():
            return Body(donations.to_check(one.now.routes, now), ())
        case Proposal():
            return Body(*proposals.news(one.now, now))
        case Reported():
            return Body(*address_reports.news(one.now))
        case Member():
            return about_joined(one.now)
        case Attention():
            return Body(*attention.summary(one.now, now))
        case Broadcast():
            return about_unsent(one.now, has_left=one.notice.subject == "unplanned")
        case Gone():
            return Body(taken_off(one, now), ())


def about_joined(member: Member) -> Body:
    """Without a name: that stands at the desk, and it is that of whoever was invited."""
    head = Markup(_("👤 Somebody joined by your invitation, as: {role}."))
    told = _(
        "The bot cannot tell who opened the link: ask them in person. If it was not them, end it."
    )
    text = lines([bold(head.format(role=words.role(member.role))), told])
    return Body(text, ([below(button(_("Open and decide"), OpenMember(id=member.subscriber_id)))],))


def about_unsent(broadcast: Broadcast, *, has_left: bool) -> Body:
    head = bold(_("⏰ A broadcast was not sent"))
    why = _("The bot was away for too long after its hour. It is a draft again.")
    if has_left:
        head = bold(_("📝 A broadcast will not go out by itself"))
        why = _("Whoever planned it has left. All that they had planned is a draft again.")
    look = below(button(_("Look at it"), OpenBroadcast(id=broadcast.id)))
    return Body(lines([head, why]), ([look],))


def about_fundraiser(fundraiser: Fundraiser, now: datetime) -> Body:
    why = fundraiser.closing(now.date())
    assert why is not None
    text = lines([bold(f"❤️ {pick(fundraiser.title)}"), *donations.ended(fundraiser, why)])
    others = below(button(_("❤️ Other fundraisers"), OpenFundraisers()))
    return Body(text, ([others],))


# A hearing.


def about_hearing(one: News, about: HearingNow, reader: Reader, now: datetime) -> Body:
    hearing, kind = about.hearing, one.notice.kind
    what = lines([headline(one, hearing, reader, now), *changed(one, hearing, reader, now)])
    card = below(button(_("📄 Open the card"), OpenHearing(id=hearing.id)))
    if kind in (Kind.CANCELLED, Kind.OUTCOME):
        text = blocks([what, which(hearing), next_date(about, now, reader)])
        return Body(text, ([*out_of_calendar(one, hearing, reader), card],))
    certain = lines([confirmation(hearing, now), company(about, reader)])
    take_along = advice(hearing.public) if is_near(one, hearing, now) else None
    text = blocks([what, which(hearing), place(hearing, reader), certain, take_along])
    return Body(text, going(hearing, card, reader))


def headline(one: News, hearing: Hearing, reader: Reader, now: datetime) -> Markup:
    """What happened and when it is, to be seen without opening the message."""
    local = known_start(one, hearing)
    shown = clock_time(local, f"{day_of_week(local, now)}, {time(local)}")
    return bold(Markup(happened(one, hearing, reader, now)).format(moment=shown))


def known_start(one: News, hearing: Hearing) -> datetime:
    """What is off or over is known by the date that it had."""
    over = one.notice.kind in (Kind.CANCELLED, Kind.OUTCOME)
    before = one.before
    return before.local_start if over and isinstance(before, HearingFacts) else hearing.local_start


def happened(one: News, hearing: Hearing, reader: Reader, now: datetime) -> str:
    before = one.before
    assert before is None or isinstance(before, HearingFacts)
    match one.notice.kind:
        case Kind.SET:
            return set_anew(before, hearing)
        case Kind.MOVED if before:
            return moved(before, of_hearing(hearing))
        case Kind.CANCELLED if hearing.status == HearingStatus.CANCELLED:
            return _("❌ Cancelled: {moment}")
        case Kind.REMINDER:
            return f"⏰ {until(hearing.local_start, own_zone(reader), now)}: {{moment}}"
    if hearing.status == HearingStatus.ADJOURNED:
        return _("⏸ Adjourned: {moment}")
    if before and before.outcome and before.status in OVER:
        return _("⚖️ Outcome corrected: {moment}")
    return _("⚖️ Outcome of the hearing: {moment}")


def set_anew(before: HearingFacts | None, hearing: Hearing) -> str:
    if before is None:
        return _("📅 Hearing set: {moment}")
    if before.local_start == hearing.local_start:
        return _("📅 It takes place after all: {moment}")
    return _("📅 Next date: {moment}")


def moved(before: HearingFacts, after: HearingFacts) -> str:
    """What leads people furthest astray comes first."""
    if before.court != after.court:
        return _("🏛 Another court: {moment}")
    if is_moved(before, after):
        old, new = on_the_wall(before), on_the_wall(after)
        earlier = (after.start, new) < (before.start, old)
        return _("⏪ Moved earlier: {moment}") if earlier else _("⏩ Moved later: {moment}")
    if becomes_verdict(before, after):
        return _("⚖️ It is the verdict now: {moment}")
    if is_another_admission(before, after):
        is_open = after.public
        return (
            _("🔓 Open to the public now: {moment}")
            if is_open
            else _("🔒 Behind closed doors now: {moment}")
        )
    if is_another(before.address, after.address):
        return _("📍 Another address: {moment}")
    if is_another_room(before, after):
        return _("🚪 Another room: {moment}")
    return _("📁 Another case: {moment}")


def on_the_wall(facts: HearingFacts) -> datetime:
    """What the court's clock shows."""
    return facts.local_start.replace(tzinfo=None)


def is_near(one: News, hearing: Hearing, now: datetime) -> bool:
    """No reminder of a day ahead follows: this is the one."""
    if one.notice.kind == Kind.REMINDER:
        return (one.notice.lead or 0) <= FOREWARNED
    return now < hearing.starts_at <= now + timedelta(minutes=FOREWARNED)


def how_soon(one: News, hearing: Hearing, reader: Reader, now: datetime) -> Markup | None:
    if not is_near(one, hearing, now):
        return None
    return Markup("⏰ {}").format(until(hearing.local_start, own_zone(reader), now))


def changed(one: News, hearing: Hearing, reader: Reader, now: datetime) -> list[Markup | None]:
    """What it was before, or what came of it."""
    match one.notice.kind:
        case Kind.SET | Kind.MOVED:
            return [how_soon(one, hearing, reader, now), was(one, hearing, now)]
        case Kind.CANCELLED:
            return [Markup(_("No need to go.")), result(one, hearing)]
        case Kind.OUTCOME:
            return [result(one, hearing) or Markup(unknown_result(hearing))]
    return []


def was(one: News, hearing: Hearing, now: datetime) -> Markup | None:
    """Only what is another now."""
    before, after = one.before, of_hearing(hearing)
    if not isinstance(before, HearingFacts):
        return None
    other_court = before.court != after.court
    parts = [
        old_time(before, after, now),
        where(one.old_court) if other_court and one.old_court else "",
        pick(before.address) if is_another(before.address, after.address) else "",
        _("room {room}").format(room=before.room) if is_another_room(before, after) else "",
        words.hearing(before.kind) if becomes_verdict(before, after) else "",
        title(one.old_case) if one.old_case and before.case != after.case else "",
    ]
    return crossed_out([part for part in parts if part])


def old_time(before: HearingFacts, after: HearingFacts, now: datetime) -> str:
    """Of the same hour in another zone only the zone is another, and that goes with the court."""
    old = before.local_start
    shown = f"{day_of_week(old, now)}, {time(old)}"
    if on_the_wall(before) != on_the_wall(after):
        return shown
    is_other_zone = before.court == after.court and is_moved(before, after)
    return f"{shown} {offset(old)}" if is_other_zone else ""


def result(one: News, hearing: Hearing, limit: int = 600) -> Markup | None:
    if not hearing.outcome or is_of_earlier_date(one.before, hearing):
        return None
    return Markup("{}").format(clipped(pick(hearing.outcome), limit))


def is_of_earlier_date(before: AnyFacts | None, hearing: Hearing) -> bool:
    """What was known before it was over tells why it was adjourned, not what was decided."""
    if not isinstance(before, HearingFacts) or before.status in OVER:
        return False
    return before.outcome is not None and not is_another(before.outcome, hearing.outcome)


def unknown_result(hearing: Hearing) -> str:
    if hearing.status == HearingStatus.DECIDED:
        return _("The court has decided. What it decided, we will tell you when we know.")
    if hearing.status == HearingStatus.HELD:
        return _("It has taken place already.")
    return _("It was not finished that day.")


def which(hearing: Hearing) -> Markup:
    return lines([bold(title(hearing.case)), people(hearing.case), kind(hearing)])


def kind(hearing: Hearing) -> str:
    return capital(words.hearing(hearing.kind))


def place(hearing: Hearing, reader: Reader) -> Markup:
    court, local = hearing.court, hearing.local_start
    zone = Markup("🕐 {} ({})").format(time(local), zone_and_offset(local))
    return lines(
        [
            zone,
            your_time(local, own_zone(reader)),
            Markup("🏛 {}").format(where(court)),
            clipped(pick(court.address), 200),
            Markup(_("Room {room}")).format(room=hearing.room) if hearing.room else None,
            admission(hearing.public),
        ]
    )


def own_zone(reader: Reader) -> str | None:
    """In a group "you" is nobody."""
    return None if reader.is_group else reader.timezone


def company(about: HearingNow, reader: Reader) -> Markup | str | None:
    """The number may be a little older than the reader's own answer."""
    if reader.comes_to(about.hearing):
        return you_and_others(max(about.coming - 1, 0))
    others = how_many_come(about.coming) if about.coming else None
    return lines([others, asked_anew(about.hearing, reader)]) or None


def asked_anew(hearing: Hearing, reader: Reader) -> str | None:
    return said_yes_to_another() if reader.meant_to_come(hearing) else None


def next_date(about: HearingNow, now: datetime, reader: Reader) -> Markup | None:
    """Whoever was going asks for it; after a verdict nobody waits for one."""
    following = about.next_hearing
    if following is None or following.starts_at <= now:
        waits = about.hearing.status == HearingStatus.ADJOURNED
        return Markup(_("📅 The next date is not known yet.")) if waits else None
    shown = moment(following.local_start, reader, now)
    return Markup(_("📅 Nearest hearing of the case: {moment}")).format(moment=shown)


def moment(local: datetime, reader: Reader, now: datetime) -> Markup:
    """In one line, with the reader's time; who chose no zone is told the court's."""
    own = own_zone(reader)
    at = (
        hour(local, own)
        if own
        else Markup("{} {}").format(clock_time(local, time(local)), offset(local))
    )
    return Markup("{}, {}").format(day_of_week(local, now), at)


def out_of_calendar(one: News, hearing: Hearing, reader: Reader) -> Row:
    """What is over stands there rightly; a group has no calendar."""
    if reader.is_group or one.notice.kind != Kind.CANCELLED:
        return []
    return [below(button(calendar_label(hearing), SendCalendar(id=hearing.id)))]


def going(hearing: Hearing, card: Button, reader: Reader) -> tuple[Row, ...]:
    calendar = below(button(_("🗓 Calendar"), SendCalendar(id=hearing.id)))
    yes = Attend(id=hearing.id, notice=True, of=mark(hearing))
    if reader.is_group:
        return both_answers(yes), [calendar, card]
    if reader.meant_to_come(hearing):
        return both_answers(yes), [calendar, card]
    return [come_button(reader.comes_to(hearing), yes), calendar], [card]


# A person.


def about_defendant(one: News, defendant: Defendant, now: datetime) -> Body:
    text = blocks(
        [
            lines([bold(became(one, defendant, now)), was_held(one, defendant)]),
            lines([held_at(defendant, now), *writing_to(one, defendant, now)]),
            case_of(one, defendant),
        ]
    )
    card = button(_("👤 Open the card"), OpenDefendant(id=defendant.id))
    rows = [[below(one) for one in (*write_button(defendant, now), card)]]
    if is_in_another_case(one, defendant):
        rows.append([below(button(_("⚖️ Open the case"), OpenCase(id=defendant.case_id)))])
    return Body(text, tuple(rows))


def is_in_another_case(one: News, defendant: Defendant) -> bool:
    before = one.before
    return isinstance(before, DefendantFacts) and is_severed(before, defendant.case_id)


def case_of(one: News, defendant: Defendant) -> str:
    """Its hearings are theirs from now on."""
    case = clipped(title(defendant.case), 150)
    if not is_in_another_case(one, defendant):
        return case
    return _("📁 Now in another case, with its own hearings: {case}").format(case=case)


def writing_to(one: News, defendant: Defendant, now: datetime) -> list[Markup | None]:
    mail = mailing(defendant, now)
    lost = isinstance(mail, CannotWrite) and mail.reason in UNKNOWN and had_place(one)
    return [letters_line(mail, now), do_not_write() if lost else None]


def had_place(one: News) -> bool:
    return isinstance(one.before, DefendantFacts) and bool(one.before.place or one.before.post)


def became(one: News, defendant: Defendant, now: datetime) -> str:
    """Without gender; the greatest change of several."""
    before, after, name = one.before, of_defendant(defendant, now), person(defendant)
    if not isinstance(before, DefendantFacts) or before.status != after.status:
        return f"🔔 {name}: {words.status(defendant.status)}"
    if before.place != after.place and after.place is None:
        return _("📍 {name}: the place is being checked").format(name=name)
    if before.place != after.place:
        return _("📍 {name}: another place").format(name=name)
    if is_severed(before, after.case):
        return _("📁 {name}: another case").format(name=name)
    return another_post(before, after).format(name=name)


def another_post(before: DefendantFacts, after: DefendantFacts) -> str:
    """In the same place."""
    if not after.post:
        return _("📭 {name}: no letters now")
    return _("✉️ {name}: another address") if before.post else _("✉️ {name}: letters arrive again")


def was_held(one: News, defendant: Defendant) -> Markup | None:
    before = one.before
    if not isinstance(before, DefendantFacts) or before.status == defendant.status:
        return None
    return crossed_out([words.status(before.status)])


def held_at(defendant: Defendant, now: datetime) -> Markup | None:
    """Only where somebody vouches for it."""
    if of_defendant(defendant, now).place is None:
        return None
    return Markup("🏢 {}").format(clipped(pick(defendant.custody[-1].facility.name), 200))


def do_not_write() -> Markup:
    return Markup(_("Do not write to the old address. We will tell you when there is a new one."))


# A case.


def about_case(one: News, case: Case, now: datetime) -> Body:
    card = [below(button(_("⚖️ Open the case"), OpenCase(id=case.id)))]
    if one.notice.kind == Kind.CANCELLED:
        return Body(blocks([taken_off(one, now), bold(title(case))]), (card,))
    entries = entry_lines(news_entries(one), case.defendants)
    older = len(entries) - ENTRIES
    more = _("… and {n} more").format(n=older) if older > 0 else ""
    heading = bold(_("📰 News: {case}").format(case=title(case)))
    text = blocks([heading, other_stage(one, case), lines([*entries[:ENTRIES], more])])
    return Body(text, (card,))


def taken_off(one: News, now: datetime) -> Markup:
    before = one.before
    assert isinstance(before, HearingFacts)
    local, court = before.local_start, one.old_court
    shown = clock_time(local, f"{day_of_week(local, now)}, {time(local)}")
    return lines(
        [
            bold(Markup(_("❌ Off the list: {moment}")).format(moment=shown)),
            Markup("🏛 {}").format(where(court)) if court else None,
            Markup(not_on_the_list()),
        ]
    )


def other_stage(one: News, case: Case) -> Markup | None:
    before = one.before
    if not isinstance(before, CaseFacts) or before.stage == case.stage:
        return None
    told = Markup(_("Stage: {stage}")).format(stage=words.stage(case.stage))
    return lines([told, crossed_out([words.stage(before.stage)])])
