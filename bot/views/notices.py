"""What followers are told: reminders and changes, one by one or several in one message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup

from bot.callbacks import (
    Attend,
    Mute,
    OpenCase,
    OpenDefendant,
    OpenHearing,
    OpenHearings,
    SendCalendar,
    Unfollow,
)
from bot.i18n import _, ngettext, offset, pick, time, zone_and_offset
from bot.keyboards import Button, Row, Swaps, below, button, keyboard, to_follows
from bot.markup import visible_length
from bot.services.letters import CannotWrite, mailing
from bot.services.notices import (
    AnyFacts,
    CaseFacts,
    Cause,
    DefendantFacts,
    Gone,
    HearingFacts,
    HearingNow,
    News,
    Reader,
    is_another,
    is_another_admission,
    is_another_room,
    is_moved,
    is_severed,
    news_entries,
    of_defendant,
    of_hearing,
)
from bot.views import words
from bot.views.dossier import entry_lines
from bot.views.hearings import (
    admission,
    advice,
    both_answers,
    come_button,
    confirmation,
    date_and_hour,
    how_many_come,
    people,
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
    day_of_week,
    hour,
    italic,
    lines,
    person,
    title,
    your_time,
)
from models import Case, Court, Defendant, Hearing, HearingStatus, Kind, Subject

HOUR = timedelta(hours=1)
FOREWARNED = 24 * 60
"""Minutes: a reminder that comes so near says what to take along."""
ENTRIES = 5
ITEMS = 20
"""Of one message; each has up to four of the hundred entities that Telegram allows."""
ROOM = 3500
"""UTF-16 units for the items; the rest is for the heading, what to take along and the causes."""
BUTTONS = 6
CAUSES = 3
OVER = (HearingStatus.HELD, HearingStatus.DECIDED)


@dataclass(frozen=True, slots=True)
class Body:
    """All that is the same for everybody who reads in this language and zone."""

    text: Markup
    rows: tuple[Row, ...]


def body(news: Sequence[News], reader: Reader, now: datetime) -> Body:
    """`now`: the organisers', as letters need it."""
    if len(news) > 1:
        return digest(news, reader, now)
    [one] = news
    match one.now:
        case HearingNow():
            return about_hearing(one, one.now, reader, now)
        case Defendant():
            return about_defendant(one, one.now, now)
        case Case():
            return about_case(one, one.now, now)
        case Gone():
            return Body(taken_off(one, now), ())


def signed(
    body: Body, news: Sequence[News], causes: Sequence[Cause | None], reader: Reader
) -> Markup:
    """With the reason why it came."""
    return blocks([body.text, lines([because(news, causes, reader), farewell(news, causes)])])


def buttons(body: Body, causes: Sequence[Cause | None], reader: Reader) -> InlineKeyboardMarkup:
    """With the ways to have no more of it."""
    return keyboard(*body.rows, *ways_out(causes, reader))


# Why it came.


def because(news: Sequence[News], causes: Sequence[Cause | None], reader: Reader) -> Markup | None:
    """Nothing that is followed: only who said “I will come” is told all the same."""
    names = list(dict.fromkeys(clipped(name_of(cause), 100) for cause in causes if cause))
    if not names:
        return italic(only_coming()) if causes else None
    more = len(names) - CAUSES
    others = ngettext("and {n} more", "and {n} more", more).format(n=more) if more > 0 else ""
    told = _("This group follows: {what}") if reader.is_group else _("Because you follow: {what}")
    what = f"{', '.join(names[:CAUSES])} {others}".strip()
    if len(news) == 1 and is_of_others(news[0], causes[0]):
        what = _("{name} (the same case)").format(name=what)
    return italic(told.format(what=what))


def is_of_others(one: News, cause: Cause | None) -> bool:
    """News of a case that concern other people of it, not the one who is followed."""
    if cause is None or not isinstance(cause.thing, Defendant) or not isinstance(one.now, Case):
        return False
    whom = {entry.defendant_id for entry in news_entries(one)}
    concerned = other_stage(one, one.now) is not None or bool(whom & {None, cause.thing.id})
    return bool(whom) and not concerned


def only_coming() -> str:
    """Of this hearing they are told whatever they switched off, and of no other one."""
    return _("You said that you will come.")


def farewell(news: Sequence[News], causes: Sequence[Cause | None]) -> Markup | None:
    """They learn where it went, and no more."""
    if not any(is_left(one, cause) for one, cause in zip(news, causes, strict=True)):
        return None
    if len(news) > 1:
        return italic(_("What went to another city or case is no longer part of that."))
    return italic(_("This hearing is no longer part of that: to hear more of it, follow the case."))


def is_left(one: News, cause: Cause | None) -> bool:
    """The hearing is no more where somebody follows it."""
    if cause is None or not isinstance(one.now, HearingNow):
        return False
    hearing = one.now.hearing
    match cause.thing:
        case Defendant(case_id=case) | Case(id=case):
            return case != hearing.case_id
        case Court(city_key=city):
            return city != hearing.court.city_key
    return False


def name_of(cause: Cause) -> str:
    match cause.thing:
        case Defendant():
            return person(cause.thing)
        case Case():
            return title(cause.thing)
        case Court():
            return _("courts in {city}").format(city=pick(cause.thing.city))
    return _("everything") if cause.subject == Subject.ALL else _("(no longer on our list)")


def ways_out(causes: Sequence[Cause | None], reader: Reader) -> list[Row]:
    """Of several follows one is muted from the list of them."""
    known = list({cause.follow_id: cause for cause in causes if cause}.values())
    if len(known) == 1:
        unfollow = button(_("✖️ Unfollow"), ending(known[0].follow_id))
        return [[sound(Mute(id=known[0].follow_id, notice=True)), unfollow]]
    named = [(_("✖️ Unfollow: {name}").format(name=name_of(one)), one) for one in known[:CAUSES]]
    every = [below(to_follows(not reader.is_group))]
    return [
        *([button(label, ending(one.follow_id))] for label, one in named),
        *([every] if named else []),
    ]


def sound(target: Mute) -> Button:
    return button(_("🔕 Mute") if target.muted else _("🔔 Unmute"), target)


def ending(follow: int) -> Unfollow:
    return Unfollow(id=follow, notice=True)


# What a press changes: the buttons, for the text goes on telling the news.


def after_muting(pressed: Mute) -> Swaps:
    return {pressed.pack(): sound(pressed.model_copy(update={"muted": not pressed.muted}))}


def after_unfollowing(follow: int) -> Swaps:
    mutes = [Mute(id=follow, muted=muted, notice=True).pack() for muted in (True, False)]
    return dict.fromkeys([*mutes, ending(follow).pack()])


def after_answer(pressed: Attend, noted: bool, is_private: bool) -> Swaps:
    """In a group the buttons are everybody's; of a hearing that is off nobody has any use."""
    both = [pressed.model_copy(update={"comes": comes}).pack() for comes in (True, False)]
    gone: Swaps = dict.fromkeys(both)
    if not noted:
        return gone
    return {**gone, pressed.pack(): come_button(pressed.comes, pressed)} if is_private else {}


# A hearing.


def about_hearing(one: News, about: HearingNow, reader: Reader, now: datetime) -> Body:
    hearing, kind = about.hearing, one.notice.kind
    what = lines([headline(one, hearing, now), *changed(one, hearing, now)])
    card = below(button(_("📄 Open the card"), OpenHearing(id=hearing.id)))
    if kind in (Kind.CANCELLED, Kind.OUTCOME):
        text = blocks([what, which(hearing), next_date(about, now, reader)])
        return Body(text, ([card],))
    certain = lines([confirmation(hearing, now), company(about, reader)])
    take_along = advice(hearing.public) if is_near(one, hearing, now) else None
    text = blocks([what, which(hearing), place(hearing, reader), certain, take_along])
    return Body(text, going(hearing, card, reader))


def headline(one: News, hearing: Hearing, now: datetime) -> Markup:
    """What happened and when it is, to be seen without opening the message."""
    local = known_start(one, hearing)
    shown = clock_time(local, f"{day_of_week(local, now)}, {time(local)}")
    return bold(Markup(happened(one, hearing, now)).format(moment=shown))


def known_start(one: News, hearing: Hearing) -> datetime:
    """What is off or over is known by the date that it had."""
    over = one.notice.kind in (Kind.CANCELLED, Kind.OUTCOME)
    before = one.before
    return before.local_start if over and isinstance(before, HearingFacts) else hearing.local_start


def happened(one: News, hearing: Hearing, now: datetime) -> str:
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
            return f"⏰ {until(hearing, now)}: {{moment}}"
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


def until(hearing: Hearing, now: datetime) -> str:
    """Hours on the day itself, else days of the court's calendar."""
    left, local = hearing.starts_at - now, hearing.local_start
    days = (local.date() - now.astimezone(local.tzinfo).date()).days
    if left < 0.9 * HOUR:
        n = max(5, round(left / timedelta(minutes=5)) * 5)
        return ngettext("In {n} minute", "In {n} minutes", n).format(n=n)
    if left < 6 * HOUR:
        n = round(left / HOUR)
        return ngettext("In {n} hour", "In {n} hours", n).format(n=n)
    if days < 2:
        return _("Tomorrow") if days else _("Today")
    return ngettext("In {n} day", "In {n} days", days).format(n=days)


def is_near(one: News, hearing: Hearing, now: datetime) -> bool:
    """No reminder of a day ahead follows: this is the one."""
    if one.notice.kind == Kind.REMINDER:
        return (one.notice.lead or 0) <= FOREWARNED
    return now < hearing.starts_at <= now + timedelta(minutes=FOREWARNED)


def how_soon(one: News, hearing: Hearing, now: datetime) -> Markup | None:
    return Markup("⏰ {}").format(until(hearing, now)) if is_near(one, hearing, now) else None


def changed(one: News, hearing: Hearing, now: datetime) -> list[Markup | None]:
    """What it was before, or what came of it."""
    match one.notice.kind:
        case Kind.SET | Kind.MOVED:
            return [how_soon(one, hearing, now), was(one, hearing, now)]
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
        title(one.old_case) if one.old_case and before.case != after.case else "",
    ]
    shown = [part for part in parts if part]
    return crossed_out(shown) if shown else None


def old_time(before: HearingFacts, after: HearingFacts, now: datetime) -> str:
    """Of the same hour in another zone only the zone is another, and that goes with the court."""
    old = before.local_start
    shown = f"{day_of_week(old, now)}, {time(old)}"
    if on_the_wall(before) != on_the_wall(after):
        return shown
    is_other_zone = before.court == after.court and is_moved(before, after)
    return f"{shown} {offset(old)}" if is_other_zone else ""


def crossed_out(parts: Sequence[str]) -> Markup:
    said = Markup("<s>{}</s>").format(clipped(" · ".join(parts), 300))
    return Markup(_("Was: {what}")).format(what=said)


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
    """The others count on it."""
    if not reader.meant_to_come(hearing):
        return None
    return _("🙋 You said yes to another day or court. Will you come to this one?")


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


def going(hearing: Hearing, card: Button, reader: Reader) -> tuple[Row, ...]:
    calendar = below(button(_("🗓 Calendar"), SendCalendar(id=hearing.id)))
    yes = Attend(id=hearing.id, notice=True)
    if reader.is_group:
        return both_answers(yes), [calendar, card]
    if reader.meant_to_come(hearing):
        return both_answers(yes), [calendar, card]
    return [come_button(reader.comes_to(hearing), yes), calendar], [card]


# A person.


def about_defendant(one: News, defendant: Defendant, now: datetime) -> Body:
    text = blocks(
        [
            lines([bold(became(one, defendant)), was_held(one, defendant)]),
            lines([held_at(defendant), *writing_to(one, defendant, now)]),
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
    return isinstance(before, DefendantFacts) and is_severed(before, of_defendant(defendant))


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
    return isinstance(one.before, DefendantFacts) and one.before.place is not None


def became(one: News, defendant: Defendant) -> str:
    """Without gender."""
    before, after, name = one.before, of_defendant(defendant), person(defendant)
    if isinstance(before, DefendantFacts) and before.status == after.status:
        if before.place == after.place:
            return _("📁 {name}: another case").format(name=name)
        if after.place is None:
            return _("📍 {name}: the place is being checked").format(name=name)
        return _("📍 {name}: another place").format(name=name)
    return f"🔔 {name}: {words.status(defendant.status)}"


def was_held(one: News, defendant: Defendant) -> Markup | None:
    before = one.before
    if not isinstance(before, DefendantFacts) or before.status == defendant.status:
        return None
    return crossed_out([words.status(before.status)])


def held_at(defendant: Defendant) -> Markup | None:
    """Only where somebody vouches for it."""
    if of_defendant(defendant).place is None:
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
            Markup(_("This hearing is not on our list any more. Do not go by the old date.")),
        ]
    )


def other_stage(one: News, case: Case) -> Markup | None:
    before = one.before
    if not isinstance(before, CaseFacts) or before.stage == case.stage:
        return None
    told = Markup(_("Stage: {stage}")).format(stage=words.stage(case.stage))
    return lines([told, crossed_out([words.stage(before.stage)])])


# Several at once.


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
        case Gone():
            return taken_off(one, now)


def defendant_in_brief(one: News, defendant: Defendant, now: datetime) -> Markup:
    became_so = [bold(became(one, defendant)), was_held(one, defendant)]
    return lines([*became_so, *writing_to(one, defendant, now), case_of(one, defendant)])


def hearing_in_brief(one: News, hearing: Hearing, reader: Reader, now: datetime) -> Markup:
    shown = moment(known_start(one, hearing), reader, now)
    what = Markup(happened(one, hearing, now)).format(moment=shown)
    unsure = hearing.confirmed_at is None and not hearing.is_off
    doubt = Markup(_("⚠️ Not confirmed yet")) if unsure and is_to_come(one) else None
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
        _label, target = card(one, now)
        things.setdefault(target.pack(), one)
    kept = sorted(things.values(), key=lambda one: not isinstance(one.now, Defendant))[:BUTTONS]
    rows: list[Row] = [[below(button(*card(one, now)))] for one in things.values() if one in kept]
    all_of_them = [below(button(_("🗓 All hearings"), OpenHearings()))]
    return rows if len(things) <= BUTTONS else [*rows, all_of_them]


def card(one: News, now: datetime) -> tuple[str, CallbackData]:
    match one.now:
        case HearingNow(hearing=hearing):
            label = f"{date_and_hour(hearing, now)} · {title(hearing.case)}"
            return label, OpenHearing(id=hearing.id)
        case Defendant():
            return f"👤 {person(one.now)}", OpenDefendant(id=one.now.id)
        case Case():
            return f"⚖️ {title(one.now)}", OpenCase(id=one.now.id)
        case Gone():
            return _("🗓 All hearings"), OpenHearings()
