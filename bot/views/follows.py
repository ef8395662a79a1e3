"""What somebody follows, and what is said when they begin or end it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup

from bot.callbacks import (
    AskToFollowAll,
    FollowAll,
    LeaveAll,
    Mute,
    OpenAddress,
    OpenAlerts,
    OpenCalendar,
    OpenCase,
    OpenCases,
    OpenCities,
    OpenDefendant,
    OpenFollow,
    OpenFollows,
    OpenHearing,
    OpenHearings,
    Unfollow,
)
from bot.i18n import _, day, ngettext, number, pick
from bot.keyboards import Button, Row, back_to, button, keyboard, pager, to_menu
from bot.screen import Screen
from bot.services.alerts import Hears, News
from bot.services.follows import Followed, Outlook, Thing
from bot.services.pages import Page
from bot.views.alerts import silence_line
from bot.views.hearings import FINISHED, labels
from bot.views.parts import (
    blocks,
    bold,
    capital,
    day_of_week,
    hour,
    how_long,
    lines,
    local_moment,
    person,
    title,
    where_to_write,
    your_time,
)
from models import ASKED, Case, Defendant, Follow, Hearing, Subject

COMING = 3


@dataclass(frozen=True, slots=True)
class Reader:
    """Of the list of follows: a person, or a group."""

    silent_until: datetime | None
    follows_all: bool
    zone: str | None
    """Their own."""
    counted_in: str
    """Their own zone or, where it is not known, the organisers'."""
    is_private: bool
    coming: Sequence[Hearing] = ()
    """To which they have said that they come."""


def listed(page: Page[Followed], reader: Reader, now: datetime) -> Screen:
    if not page.items:
        return nothing(reader, now)
    until = reader.silent_until
    heading = _("My follows") if reader.is_private else _("This group follows")
    text = blocks(
        [
            comes_to(reader, now),
            Markup("{} · {}").format(bold(heading), page.total),
            silence_line(until, reader.counted_in) if until else None,
            *(line(one, now, reader.zone) for one in page.items),
        ]
    )
    rows = [
        [button(label(one), OpenFollow(id=one.follow.id, page=page.number))] for one in page.items
    ]
    before, after = OpenFollows(page=max(page.number - 1, 0)), OpenFollows(page=page.number + 1)
    turn = pager(page.number, page.pages, before, after)
    ways = to_follow(), *more(reader.follows_all), to_menu()
    return Screen(text, keyboard(*to_hearings(reader, now), *rows, turn, *ways))


def comes_to(reader: Reader, now: datetime) -> Markup | None:
    """What they promised stands together nowhere else."""
    if not reader.coming:
        return None
    left = len(reader.coming) - COMING
    others = ngettext("and {n} more", "and {n} more", left).format(n=left) if left > 0 else None
    where = [promised(hearing, reader, now) for hearing in reader.coming[:COMING]]
    return lines([bold(_("🙋 You are coming:")), *where, others])


def promised(hearing: Hearing, reader: Reader, now: datetime) -> Markup:
    return Markup("{}, {} · {}, {}").format(
        capital(day_of_week(hearing.local_start, now)),
        hour(hearing.local_start, reader.zone),
        title(hearing.case),
        pick(hearing.court.name),
    )


def to_hearings(reader: Reader, now: datetime) -> list[Row]:
    shown = reader.coming[:COMING]
    return [
        [button(f"🙋 {label}", OpenHearing(id=hearing.id))]
        for hearing, label in zip(shown, labels(shown, now), strict=True)
    ]


def to_follow() -> Row:
    return [button(_("⚖️ Cases"), OpenCases()), button(_("🏙 Cities"), OpenCities())]


def more(all_too: bool) -> list[Row]:
    everything: Row = [] if all_too else [button(_("🌍 Follow everything"), AskToFollowAll())]
    calendar = button(_("🗓 Calendar"), OpenCalendar())
    return [[button(_("⚙️ What is told, and when"), OpenAlerts())], [calendar], everything]


def nothing(reader: Reader, now: datetime) -> Screen:
    """And how to begin."""
    whose = (
        _("You follow nobody yet.")
        if reader.is_private
        else _("This group follows nobody yet. Its admins can change that.")
    )
    how = _(
        "Open a person or a case and press “Follow”: word comes as soon as a hearing is set, "
        "moved or cancelled, and a reminder before it. A whole city can be followed, too."
    )
    rows = [*to_hearings(reader, now), to_follow(), *reversed(more(False)), to_menu()]
    return Screen(blocks([comes_to(reader, now), whose, how]), keyboard(*rows))


def name(subject: str, thing: Thing | None) -> str:
    if thing is None:
        return _("Everything")
    if isinstance(thing, Defendant) and subject == Subject.ADDRESS:
        return where_to_write(thing)
    if isinstance(thing, Defendant):
        return person(thing)
    return title(thing) if isinstance(thing, Case) else pick(thing.city)


SIGNS: dict[str, str] = {
    Subject.DEFENDANT: "👤",
    Subject.CASE: "⚖️",
    Subject.CITY: "🏙",
    Subject.ALL: "🌍",
    Subject.ADDRESS: "✉️",
}


def label(one: Followed) -> str:
    mark = "🔕" if one.follow.muted else SIGNS[one.follow.subject]
    return f"{mark} {name(one.follow.subject, one.thing)}"


def named(one: Followed) -> Markup:
    subject = one.follow.subject
    return Markup("{} {}").format(SIGNS[subject], bold(name(subject, one.thing)))


def line(one: Followed, now: datetime, timezone: str | None) -> Markup:
    muted = _("muted") if one.follow.muted else ""
    heading = Markup("{} · 🔕 {}").format(named(one), muted) if muted else named(one)
    return lines([heading, next_line(one, now, timezone)])


def next_line(one: Followed, now: datetime, timezone: str | None) -> Markup:
    hearing = one.next_hearing
    if one.follow.subject == Subject.ADDRESS:
        return Markup(until_when(one.follow))
    if hearing is None:
        return Markup(no_date(one.thing))
    moment = hour(hearing.local_start, timezone)
    told = Markup("📅 {}, {}").format(capital(day_of_week(hearing.local_start, now)), moment)
    others = and_more(one.hearings - 1)
    return Markup("{} · {}").format(told, others) if others else told


def until_when(asked: Follow) -> str:
    until = (asked.created_at + ASKED).date()
    return _("If it changes, word comes. Until {day}.").format(day=day(until))


def no_date(thing: Thing | None) -> str:
    is_over = isinstance(thing, Case) and thing.stage in FINISHED
    return _("📅 No hearing is set.") if is_over else _("📅 No date is known yet.")


def and_more(hearings: int) -> str:
    if not hearings:
        return ""
    return ngettext("and {n} more hearing", "and {n} more hearings", hearings).format(
        n=number(hearings)
    )


def one(found: Followed, page: int, now: datetime, timezone: str | None, hears: Hears) -> Screen:
    if found.follow.subject == Subject.ADDRESS:
        asked = lines([named(found), until_when(found.follow)])
        return Screen(asked, asked_keyboard(found, page))
    text = blocks(
        [
            named(found),
            where_and_when(found.next_hearing, now, timezone) or no_date(found.thing),
            capital(and_more(found.hearings - 1)) if found.hearings else None,
            state(found, hears),
        ]
    )
    return Screen(text, one_keyboard(found, page))


def where_and_when(hearing: Hearing | None, now: datetime, timezone: str | None) -> Markup | None:
    if hearing is None:
        return None
    moment = local_moment(hearing.local_start, now)
    return lines(
        [
            Markup(_("📅 Next hearing: {moment}")).format(moment=moment),
            your_time(hearing.local_start, timezone),
            Markup("{} · {}, {}").format(
                title(hearing.case), pick(hearing.court.name), pick(hearing.court.city)
            ),
        ]
    )


def state(found: Followed, hears: Hears) -> str:
    if found.follow.muted:
        return _("🔕 Muted: nothing comes because of it until you unmute it.")
    if hears.silence:
        return _("🤫 Silence is on: until it ends, nothing comes.")
    if limits := switched_off(hears):
        return f"{'🔕' if hears.nothing else '🔔'} {limits}"
    if found.next_hearing is None:
        return _("🔔 As soon as there is something new, word comes.")
    return _("🔔 Reminders come before each hearing, and changes at once.")


def one_keyboard(found: Followed, page: int) -> InlineKeyboardMarkup:
    follow = found.follow
    sound = _("🔔 Unmute") if follow.muted else _("🔕 Mute")
    return keyboard(
        [card_button(found.thing)],
        [
            button(sound, Mute(id=follow.id, page=page, muted=not follow.muted)),
            button(_("✖️ Unfollow"), Unfollow(id=follow.id, page=page)),
        ],
        back_to(_("Follows"), OpenFollows(page=page)),
    )


def asked_keyboard(found: Followed, page: int) -> InlineKeyboardMarkup:
    """Muted it would be good for nothing."""
    follow = found.follow
    return keyboard(
        [button(_("✉️ Write"), OpenAddress(id=follow.thing_id))],
        [button(_("✖️ Unfollow"), Unfollow(id=follow.id, page=page))],
        back_to(_("Follows"), OpenFollows(page=page)),
    )


def card_button(thing: Thing | None) -> Button:
    if thing is None:
        return button(_("🗓 All hearings"), OpenHearings())
    if isinstance(thing, Defendant):
        return button(_("👤 The card"), OpenDefendant(id=thing.id))
    if isinstance(thing, Case):
        return button(_("⚖️ The case"), OpenCase(id=thing.id))
    return button(_("🗓 Hearings there"), OpenHearings(city=thing.id))


def ask_to_follow_all(cases: int) -> Screen:
    many = ngettext(
        "Follow all hearings and news? It is {n} case.",
        "Follow all hearings and news? There are {n} cases.",
        cases,
    ).format(n=number(cases))
    text = lines([many, _("That can be several messages a day.")])
    yes = [button(_("Yes, everything"), FollowAll()), button(_("No"), OpenFollows())]
    return Screen(text, keyboard(yes, to_menu()))


def followed(outlook: Outlook, hears: Hears) -> str:
    if hears.silence:
        return _("Done. But silence is on: until it ends, nothing comes.")
    if hears.nothing:
        return _("Done. But all alerts are off: switch on in /follows what you want to be told.")
    if hears.reminders and outlook.too_soon:
        return no_reminder(outlook.too_soon, hears.news)
    if limits := switched_off(hears):
        return _("Done. {what}").format(what=limits)
    if outlook.hearings:
        return _("Done. Reminders come before each hearing, and changes at once.")
    if outlook.stage in FINISHED:
        return _("Done. If anything changes, you will be told.")
    return _("No date is known yet. You will be told as soon as one is.")


def no_reminder(left: timedelta, news: News) -> str:
    told = {
        News.ALL: _(
            "Done. The next hearing is in {span}: no reminder of it will come, changes will at "
            "once."
        ),
        News.SOME: _(
            "Done. The next hearing is in {span}: no reminder of it will come, of news only what "
            "you chose."
        ),
        News.NONE: _(
            "Done. The next hearing is in {span}: no reminder of it will come. News is off."
        ),
    }[news]
    return told.format(span=how_long(left))


def switched_off(hears: Hears) -> str | None:
    """What alone comes, where somebody has not left all of it on."""
    if not hears.reminders:
        return {
            News.ALL: _("News comes at once. Reminders are off."),
            News.SOME: _("Of news only what you chose comes. Reminders are off."),
            News.NONE: _("All alerts are off: switch on in /follows what you want to be told."),
        }[hears.news]
    return {
        News.ALL: None,
        News.SOME: _("Reminders come before each hearing, of news only what you chose."),
        News.NONE: _("Only reminders come before each hearing. News is off."),
    }[hears.news]


def asked(now: datetime) -> str:
    until = day((now + ASKED).date())
    return _("Until {day} you will be told when the address changes.").format(day=until)


def asked_no_more() -> str:
    return _("You will not be told when the address changes.")


def unfollowed() -> str:
    return _("You do not follow this any more.")


def ended_before() -> str:
    """They may have followed it anew, which this button knows nothing of."""
    return _("That had ended already. What you follow now: /follows")


def muted(is_muted: bool) -> str:
    """Telegram's own muting only takes the sound away."""
    if is_muted:
        return _("Muted: nothing comes because of this follow. Unmute it in /follows.")
    return _("No longer muted")


def only_admins() -> str:
    return _("Only this group's admins decide that. To follow for yourself, write to me alone.")


def ask_to_leave_all() -> Screen:
    text = Markup(_("End all follows of this group and delete what is kept about it?"))
    yes = [button(_("Yes, end them"), LeaveAll()), button(_("No"), OpenFollows())]
    return Screen(text, keyboard(yes, to_menu()))


def left_all() -> Screen:
    done = Markup(_("Done: this group follows nothing, and nothing is kept about it."))
    return Screen(done, keyboard(to_menu()), toast=_("Deleted"))
