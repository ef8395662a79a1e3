"""Hearings: lists, the card, the words of a calendar entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup

from bot.callbacks import (
    AskToFollowAll,
    Attend,
    FollowCaseOf,
    FollowCity,
    OpenCase,
    OpenCases,
    OpenCities,
    OpenDefendant,
    OpenHearing,
    OpenHearings,
    SendCalendar,
    SendPlace,
)
from bot.i18n import _, ago, date_time, day, ngettext, pick, time, zone_and_offset
from bot.keyboards import Button, Row, back_to, button, keyboard, pager, to_menu
from bot.markup import shortened
from bot.screen import Screen
from bot.services.attendance import Answered, Attending, mark
from bot.services.follows import Following
from bot.services.hearings import Agenda, City
from bot.services.pages import Page, sliced
from bot.views import words
from bot.views.dossier import entry_lines
from bot.views.parts import (
    aged,
    ask,
    blocks,
    bold,
    capital,
    clipped,
    day_of_week,
    followed_within,
    hour,
    is_other_year,
    lines,
    local_moment,
    muted_label,
    person,
    tell,
    title,
    your_time,
)
from models import Case, Court, Hearing, HearingStatus, Stage

DOUBTFUL = timedelta(days=7)
"""A date that nobody confirmed for longer than this is shown with a warning."""
CITIES = 12
TOAST = 200
"""UTF-16 units of an answer to a press (Bot API, answerCallbackQuery)."""
SOON = timedelta(days=7)
"""Before that it says little that nobody is coming yet."""
SIGNS: dict[str, str] = {HearingStatus.CANCELLED: "❌", HearingStatus.ADJOURNED: "⏸"}
"""Of what is off."""
FINISHED = (Stage.SENTENCED, Stage.SERVED)
"""Nobody waits for a date of such a case."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Of a hearing's card; in a group nobody in particular."""

    zone: str | None
    is_private: bool
    following: Following
    """The case."""
    attending: Attending


def next_line(
    hearing: Hearing | None, case: Case, now: datetime, timezone: str | None, followed: bool
) -> Markup:
    """A case's next hearing in one line, or that there is no date."""
    if hearing is None and case.stage in FINISHED:
        return Markup(_("📅 No hearing is set."))
    if hearing is None:
        unknown = Markup(_("📅 Next hearing: no date is known yet."))
        return lines([unknown, _("You will be told as soon as one is.") if followed else None])
    moment = local_moment(hearing.local_start, now)
    return lines(
        [
            Markup(_("📅 Next hearing: {moment}")).format(moment=moment),
            your_time(hearing.local_start, timezone),
            Markup("{}, {}").format(pick(hearing.court.name), pick(hearing.court.city)),
        ]
    )


def agenda(
    agenda: Agenda,
    defendant: int,
    day_of: date | None,
    now: datetime,
    timezone: str | None,
    following: Following,
) -> Screen:
    """`defendant`: whose card one came from; `following`: the city, or everything."""
    hearings, here = agenda.page.items, place(agenda, defendant)
    earlier = from_timeline(agenda)
    text = blocks(
        [
            bold(heading(agenda)),
            None if agenda.past else aged(day_of, now),
            *days(agenda, now, timezone),
            earlier,
            nothing(agenda, following) if not hearings and earlier is None else None,
        ]
    )
    rows = [
        [button(label, OpenHearing(id=hearing.id, **here.model_dump()))]
        for hearing, label in zip(hearings, labels(hearings, now), strict=True)
    ]
    follow = follow_row(agenda, here, following)
    others = other_lists(agenda, here)
    return Screen(text, keyboard(*rows, turn(agenda.page, here), follow, *others))


def follow_row(agenda: Agenda, here: OpenHearings, following: Following) -> Row:
    """A city where one can go, or everything; a case is followed on its own card."""
    if agenda.past or agenda.case or (agenda.court is None and following.is_on):
        return []
    if agenda.court is None:
        return [button(_("🌍 Follow everything"), AskToFollowAll())]
    label = _("✓ Following the city") if following.itself else _("🔔 Follow the city")
    target = FollowCity(**here.model_dump(), on=not following.is_on)
    return [button(muted_label() if following.muted else label, target)]


def place(agenda: Agenda, defendant: int) -> OpenHearings:
    """What shows this very list again."""
    return OpenHearings(
        past=agenda.past,
        case=agenda.case.id if agenda.case else 0,
        city=agenda.court.id if agenda.court else 0,
        page=agenda.page.number,
        defendant=defendant,
    )


def heading(agenda: Agenda) -> str:
    heading = _("Past hearings") if agenda.past else _("Coming hearings")
    if agenda.case:
        return f"{heading}: {title(agenda.case)}"
    if agenda.court:
        return f"{heading}: {pick(agenda.court.city)}"
    return heading


def from_timeline(agenda: Agenda) -> Markup | None:
    """After the last of the hearings, those days in court that are no hearings of their own."""
    if agenda.page.number + 1 < agenda.page.pages:
        return None
    listed = {hearing.local_start.date().isoformat() for hearing in agenda.page.items}
    entries = [entry for entry in agenda.timeline if entry.date not in listed]
    told = lines(entry_lines(entries, agenda.people))
    return lines([bold(_("From the timeline")), told]) if told else None


def nothing(agenda: Agenda, following: Following) -> Markup:
    if agenda.past and agenda.case:
        return Markup(_("No past hearing of this case is known to us."))
    if agenda.past:
        return Markup(_("No past hearings are listed here. Each case's card tells what has been."))
    if agenda.case and agenda.case.stage in FINISHED:
        return Markup(_("No hearing is set."))
    unknown = Markup(_("No date is known yet. Courts often set one only days before."))
    return lines([unknown, None if agenda.case else word_will_come(agenda, following)])


def word_will_come(agenda: Agenda, following: Following) -> str | None:
    if following.is_on or following.within:
        return _("You will be told as soon as one is.") if following.will_be_told else None
    if agenda.court:
        return _("Follow the city, and word comes as soon as one is.")
    return _("Follow a case, a city or everything, and word comes as soon as one is.")


def days(agenda: Agenda, now: datetime, timezone: str | None) -> list[Markup]:
    by_day = groupby(agenda.page.items, key=lambda hearing: day_of_week(hearing.local_start, now))
    return [
        lines([bold(capital(day)), *(line(hearing, agenda, now, timezone) for hearing in of_day)])
        for day, of_day in by_day
    ]


def line(hearing: Hearing, agenda: Agenda, now: datetime, timezone: str | None) -> Markup:
    told = Markup("{} {} · {}, {}{}").format(
        off_hour(hearing) if hearing.is_off else hour(hearing.local_start, timezone),
        title(hearing.case),
        pick(hearing.court.name),
        pick(hearing.court.city),
        over_mark(hearing),
    )
    return lines([told, company(hearing, agenda.coming.get(hearing.id, 0), now)])


def company(hearing: Hearing, people: int, now: datetime) -> str | None:
    """So that 200 are not at one door and nobody at the next."""
    if not hearing.takes_place(now):
        return None
    if people:
        return how_many_come(people)
    return _("🙋 Nobody has said yes yet") if hearing.starts_at - now < SOON else None


def how_many_come(people: int) -> str:
    return ngettext("🙋 {n} person is coming", "🙋 {n} people are coming", people).format(n=people)


def off_hour(hearing: Hearing) -> Markup:
    """Seen before the hour is: among those that come it must send nobody there."""
    return Markup("{}: <s>{}</s>").format(state(hearing), time(hearing.local_start))


def over_mark(hearing: Hearing) -> str:
    if hearing.is_off or hearing.status == HearingStatus.SCHEDULED:
        return ""
    return f" · {words.hearing_status(hearing.status)}"


def labels(hearings: Sequence[Hearing], now: datetime) -> list[str]:
    """What tells two of one hour and case apart comes before what they share."""
    moments = [f"{SIGNS.get(one.status, '')} {date_and_hour(one, now)}".strip() for one in hearings]
    plain = [f"{moment} · {title(one.case)}" for moment, one in zip(moments, hearings, strict=True)]
    apart = [
        f"{moment} · {words.hearing(one.kind)}, {pick(one.court.name)}"
        for moment, one in zip(moments, hearings, strict=True)
    ]
    return [
        other if plain.count(label) > 1 else label
        for label, other in zip(plain, apart, strict=True)
    ]


def date_and_hour(hearing: Hearing, now: datetime) -> str:
    local = hearing.local_start
    day = f"{local:%d.%m.%Y}" if is_other_year(local, now) else f"{local:%d.%m}"
    return f"{day} {time(local)}"


def turn(page: Page[Hearing], here: OpenHearings) -> Row:
    before = here.model_copy(update={"page": max(page.number - 1, 0)})
    after = here.model_copy(update={"page": page.number + 1})
    return pager(page.number, page.pages, before, after)


def other_lists(agenda: Agenda, here: OpenHearings) -> list[Row]:
    other = here.model_copy(update={"past": not agenda.past, "page": 0})
    swap = button(_("Coming hearings") if agenda.past else _("Past hearings"), other)
    if here.defendant:
        return [[swap], back_to(_("Card"), OpenDefendant(id=here.defendant))]
    if agenda.case:
        return [[swap], back_to(_("The case"), OpenCase(id=here.case))]
    if agenda.court:
        return [[swap], back_to(_("By city"), OpenCities())]
    by_city = button(_("By city"), OpenCities())
    if not agenda.past and not agenda.page.items:
        return [[button(_("⚖️ Cases"), OpenCases()), swap], to_menu()]
    if agenda.past and not agenda.page.items:
        return [[swap], [by_city], back_to(_("Cases"), OpenCases())]
    return [[swap], [by_city], to_menu()]


def cities(found: Sequence[City], number: int) -> Screen:
    """Also where nothing comes yet: each leads to where it is followed."""
    page = sliced(list(found), number, CITIES)
    rows = [[button(city_label(city), OpenHearings(city=city.court.id))] for city in page.items]
    before, after = OpenCities(page=max(page.number - 1, 0)), OpenCities(page=page.number + 1)
    turn = pager(page.number, page.pages, before, after)
    back = back_to(_("All hearings"), OpenHearings())
    if any(city.hearings for city in found):
        return Screen(bold(_("Hearings by city")), keyboard(*rows, turn, back))
    none = blocks([bold(_("Hearings by city")), _("No hearing is coming in any city yet.")])
    return Screen(none, keyboard(*rows, turn, [button(_("⚖️ Cases"), OpenCases())], back))


def city_label(city: City) -> str:
    name = pick(city.court.city)
    return f"{name} · {city.hearings}" if city.hearings else name


def card(
    hearing: Hearing,
    reader: Reader,
    now: datetime,
    came_from: OpenHearing,
    contact: str | None,
) -> Screen:
    coming = not hearing.is_past(now)
    on = hearing.takes_place(now)
    text = blocks(
        [
            lines([state(hearing), bold(capital(words.hearing(hearing.kind)))]),
            lines([title(hearing.case), people(hearing.case)]),
            when_and_where(hearing, now, reader.zone),
            certainty(hearing, coming, now, contact),
            who_comes(reader) if on else None,
            advice(hearing.public) if on else None,
            followed_within(reader.following),
        ]
    )
    return Screen(text, card_keyboard(hearing, reader, now, came_from))


def removed() -> Screen:
    """Some may have noted its date."""
    back = back_to(_("All hearings"), OpenHearings())
    return Screen(Markup(not_on_the_list()), keyboard(back))


def not_on_the_list() -> str:
    return _("This hearing is not on our list any more. Do not go by the old date.")


def who_comes(reader: Reader) -> Markup:
    """Only ever a number. A group is not told who of it is meant."""
    people, is_one = reader.attending.people, reader.attending.is_one
    asked = said_yes_to_another() if reader.attending.meant_to and reader.is_private else None
    if people:
        you = is_one and reader.is_private
        return lines([you_and_others(people - 1) if you else how_many_come(people), asked])
    first = _("🙋 Nobody has said yet that they will come. Somebody has to be the first.")
    return lines([asked or first])


def said_yes_to_another() -> str:
    """The others count on it."""
    return _("🙋 You said yes to another day or court. Will you come to this one?")


def you_and_others(others: int) -> str:
    if not others:
        return _("🙋 You are coming, the first one to say so.")
    said = ngettext("🙋 You and {n} other are coming", "🙋 You and {n} others are coming", others)
    return said.format(n=others)


def state(hearing: Hearing) -> Markup | None:
    """What must be seen first: that one need not go."""
    match hearing.status:
        case HearingStatus.CANCELLED:
            return bold(_("❌ Cancelled"))
        case HearingStatus.ADJOURNED:
            return bold(_("⏸ Adjourned"))
        case HearingStatus.SCHEDULED:
            return None
        case _:
            return bold(capital(words.hearing_status(hearing.status)))


def people(case: Case) -> Markup | None:
    if not case.defendants:
        return None
    names = [person(defendant) for defendant in case.defendants[:6]]
    more = len(case.defendants) - len(names)
    others = ngettext("and {n} more", "and {n} more", more).format(n=more) if more else ""
    return Markup("👤 {}").format(" ".join([", ".join(names), others]).strip())


def when_and_where(hearing: Hearing, now: datetime, timezone: str | None) -> Markup:
    court, judge = hearing.court, pick(hearing.judge)
    return lines(
        [
            Markup("🕐 {}").format(local_moment(hearing.local_start, now)),
            your_time(hearing.local_start, timezone),
            Markup("🏛 {}").format(where(court)),
            clipped(pick(court.address), 200),
            Markup(_("Room {room}")).format(room=hearing.room) if hearing.room else None,
            Markup(_("Judge: {name}")).format(name=judge) if judge else None,
            None if hearing.is_off else admission(hearing.public),
        ]
    )


def local_moment_of(hearing: Hearing) -> Markup:
    """As it was said until now."""
    return Markup("🕐 {}").format(date_time(hearing.local_start))


def where(court: Court) -> str:
    """An address mostly begins or ends with the city: said once is enough."""
    name, city = pick(court.name), pick(court.city)
    return name if city in pick(court.address) else f"{name}, {city}"


def admission(public: bool | None) -> str:
    if public is None:
        return _("🚪 Whether the public is let in is not known")
    if public:
        return _("🚪 Open to the public")
    return _("🚪 Behind closed doors; people wait outside the room")


def certainty(hearing: Hearing, coming: bool, now: datetime, contact: str | None) -> Markup | None:
    if coming and not hearing.is_off:
        asking = ask(contact) if is_doubtful(hearing, now) else None
        return lines([confirmation(hearing, now), asking])
    unknown = hearing.status == HearingStatus.SCHEDULED and not hearing.outcome
    return lines([outcome(hearing), tell(contact) if unknown else None]) or None


def is_doubtful(hearing: Hearing, now: datetime) -> bool:
    return hearing.confirmed_at is None or now - hearing.confirmed_at > DOUBTFUL


def confirmation(hearing: Hearing, now: datetime) -> Markup:
    if hearing.confirmed_at is None:
        return Markup(unconfirmed())
    by, when = words.confirmed_by(hearing.source), confirmed(hearing.confirmed_at, hearing, now)
    told = Markup(_("✅ Confirmed {when} {by}")).format(when=when, by=by)
    told = Markup(told.strip())
    if is_doubtful(hearing, now):
        return lines([told, Markup(_("⚠️ That was a while ago. Check before you go."))])
    return told


def in_doubt(hearing: Hearing, now: datetime) -> str | None:
    """In a digest: nothing where it was confirmed not long ago."""
    if hearing.confirmed_at is None:
        return _("⚠️ Not confirmed yet")
    if not is_doubtful(hearing, now):
        return None
    when = confirmed(hearing.confirmed_at, hearing, now)
    return _("⚠️ Last confirmed {when}").format(when=when)


def confirmed(at: datetime, hearing: Hearing, now: datetime) -> str:
    """In days of the court's calendar."""
    return ago(at, now.astimezone(ZoneInfo(hearing.court.timezone)))


def unconfirmed() -> str:
    """Whether it is new, or was confirmed before something changed."""
    return _("⚠️ Not confirmed yet. Check before you go.")


def outcome(hearing: Hearing) -> Markup | None:
    told = pick(hearing.outcome)
    if told:
        return Markup(_("Outcome: {outcome}")).format(outcome=clipped(told))
    if hearing.status == HearingStatus.SCHEDULED:
        return Markup(_("This hearing is past. The outcome is not known to us yet."))
    return None


def advice(public: bool | None) -> Markup:
    """Into a closed hearing nobody is let, but the person is led past those who wait."""
    inside = _("Leave knives and sprays at home. Keep quiet and switch off the sound.")
    outside = _("Leave knives and sprays at home. Wait at the doors of the room: that helps, too.")
    return lines(
        [
            bold(_("If you go")),
            Markup(
                _("Take your passport: it is asked for at the entrance. Come 30 minutes early.")
            ),
            Markup(outside if public is False else inside),
        ]
    )


def card_keyboard(
    hearing: Hearing, reader: Reader, now: datetime, came_from: OpenHearing
) -> InlineKeyboardMarkup:
    coming = not hearing.is_past(now)
    come = answers(hearing, reader, came_from) if hearing.takes_place(now) else []
    has_place = hearing.court.latitude is not None
    pin = [button(_("📍 On the map"), SendPlace(id=hearing.id))] if has_place else []
    calendar = [button(calendar_label(hearing), SendCalendar(id=hearing.id))] if coming else []
    case = button(_("⚖️ The case"), OpenCase(id=hearing.case_id))
    follow = follow_button(reader.following, came_from)
    back = back_to(
        list_name(hearing, came_from), OpenHearings(**came_from.model_dump(exclude={"id"}))
    )
    return keyboard(come, [*pin, *calendar], [case, follow], back)


def answers(hearing: Hearing, reader: Reader, here: OpenHearing) -> Row:
    """In a group the button is everybody's, so it cannot show what one of them has answered."""
    yes = Attend(**here.model_dump(), of=mark(hearing))
    if not reader.is_private or reader.attending.meant_to:
        return both_answers(yes)
    return [come_button(reader.attending.is_one, yes)]


def both_answers(yes: Attend) -> Row:
    no = yes.model_copy(update={"comes": False})
    return [button(_("🙋 I will come"), yes), button(_("I cannot come"), no)]


def come_button(is_one: bool, target: Attend) -> Button:
    """Says the opposite of what was answered; `target`: either answer."""
    label = _("✓ I will come") if is_one else _("🙋 I will come")
    return button(label, target.model_copy(update={"comes": not is_one}))


def answered(pressed: Attend, found: Answered | None, is_private: bool, now: datetime) -> str:
    """The bot can write to nobody who has not opened a chat with it."""
    if found is None:
        return _("This message is out of date. What is coming: /hearings")
    if not found.is_on:
        return _("This hearing does not take place any more.")
    if not found.is_meant:
        return another_occasion(pressed, found.hearing, now)
    if not pressed.comes:
        return _("Noted: you are not coming.")
    if is_private:
        return _("Good! If anything changes, you will be told.")
    return _("Good! Changes are told in your chat with me: open it if you have not yet.")


def another_occasion(pressed: Attend, hearing: Hearing, now: datetime) -> str:
    """To be answered where the new one stands."""
    local = hearing.local_start
    moment = f"{day_of_week(local, now)}, {time(local)}, {pick(hearing.court.name)}"
    if pressed.notice:
        told = _("That has changed. It is now: {moment}. If you come then, say so on the card.")
    else:
        told = _("That has changed. It is now: {moment}. If you come then, press once more.")
    return shortened(told.format(moment=moment), TOAST)


def follow_button(following: Following, here: OpenHearing) -> Button:
    label = _("✓ Following the case") if following.itself else _("🔔 Follow the case")
    target = FollowCaseOf(**here.model_dump(), on=not following.is_on)
    return button(muted_label() if following.muted else label, target)


def list_name(hearing: Hearing, came_from: OpenHearing) -> str:
    if came_from.past:
        return _("Past hearings")
    if came_from.case:
        return _("Hearings of the case")
    return pick(hearing.court.city) if came_from.city else _("All hearings")


def calendar_title(hearing: Hearing) -> str:
    """A calendar's list shows little of a title: what is off says so first."""
    name = f"{title(hearing.case)}: {words.hearing(hearing.kind)}"
    if hearing.is_off:
        return f"{words.hearing_status(hearing.status).upper()} · {name}"
    return name


def calendar_text(hearing: Hearing, timezone: str | None) -> str:
    """Plain lines: calendars know no markup."""
    local = hearing.local_start
    own = your_time(local, timezone)
    court_time = f"{day(local.date())}, {time(local)} ({zone_and_offset(local)})"
    judge = pick(hearing.judge)
    parts = [
        court_time,
        own.striptags() if own else "",
        _("Room {room}").format(room=hearing.room) if hearing.room else "",
        _("Judge: {name}").format(name=judge) if judge else "",
        admission(hearing.public),
        dated_confirmation(hearing),
    ]
    return "\n".join(part for part in parts if part)


def dated_confirmation(hearing: Hearing) -> str:
    """A file stays on a telephone for weeks: "yesterday" would soon be wrong there."""
    if hearing.confirmed_at is None:
        return unconfirmed()
    date = day(hearing.confirmed_at.astimezone(ZoneInfo(hearing.court.timezone)).date())
    by = words.confirmed_by(hearing.source)
    return _("✅ Confirmed on {date} {by}").format(date=date, by=by).strip()


def calendar_place(hearing: Hearing) -> str:
    court = hearing.court
    return ", ".join(filter(None, [pick(court.name), pick(court.address) or pick(court.city)]))


def calendar_label(hearing: Hearing) -> str:
    return _("🗓 Out of the calendar") if hearing.is_off else _("🗓 To my calendar")


def calendar_caption(hearing: Hearing) -> Markup:
    if hearing.is_off:
        return Markup(_("Open the file, and your calendar marks it as cancelled."))
    return Markup(_("Open the file to put the hearing into your calendar. Times may still change."))


def pin_title(court: Court) -> tuple[str, str]:
    """Name and address for a map pin."""
    return pick(court.name), pick(court.address) or pick(court.city)
