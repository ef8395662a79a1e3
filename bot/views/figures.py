"""Figures of the desk: numbers first, and a picture for whoever wants one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from bot.callbacks import OpenAllFigures, OpenDesk, OpenFigures, SendFigurePicture
from bot.documents.chart import Bar, Bars, Line, Lines
from bot.i18n import _, date_time, day, ngettext, number, short_span
from bot.keyboards import Row, back_to, button, columns, keyboard, pager, to_menu
from bot.screen import Screen
from bot.services.figures import (
    Attended,
    Delivered,
    Followed,
    Lane,
    Large,
    Letters,
    Points,
    Told,
    Waiting,
    Written,
)
from bot.services.pages import Page
from bot.views import words
from bot.views.hearings import labels
from bot.views.parts import blocks, bold, capital, clipped, italic, lines, person, title
from bot.views.sent_letters import goal_line
from models import ALERTS, PACES, Case, Figures, Kind

Picture = Bars | Lines
NAME = 100
HALF, NEARLY_ALL = 50, 95
"""Of a hundred messages."""
MINUTE, HOUR = 60, 3600
"""Of PACES, those of the picture."""


def figures() -> Screen:
    told = _("Numbers only: who they are is shown to nobody.")
    doors = [button(label(of), OpenFigures(of=of)) for of in Figures]
    back = [button(_("‹ The desk"), OpenDesk()), *to_menu()]
    text = blocks([bold(_("Figures")), told])
    return Screen(text, keyboard(*columns(doors, 2), back))


def label(of: Figures) -> str:
    return {
        Figures.FOLLOWERS: _("🔔 Followers"),
        Figures.LETTERS: _("✉️ Letters"),
        Figures.ATTENDANCE: _("🙋 Who comes"),
        Figures.DELIVERY: _("📨 Delivery"),
    }[of]


def under(here: OpenFigures, has_picture: bool, page: Page[Any] | None = None) -> list[Row]:
    """The buttons that all of them have."""
    picture = button(_("🖼 As a picture"), SendFigurePicture(**here.model_dump()))
    turn: Row = []
    if page:
        here = here.model_copy(update={"page": page.number})
        before = here.model_copy(update={"page": max(page.number - 1, 0)})
        after = here.model_copy(update={"page": page.number + 1})
        turn = pager(page.number, page.pages, before, after)
    return [[picture] if has_picture else [], turn, back_to(_("Figures"), OpenAllFigures())]


def caption(picture: Picture, now: datetime) -> Markup:
    """Pictures are sent on: it says of when they are."""
    return lines([bold(picture.title), date_time(now)])


# Followers.


def followers(page: Page[Followed]) -> Screen:
    nothing = None if page.items else _("No cases are known.")
    is_new = page.items and all(one.week is None for one in page.items)
    text = blocks(
        [
            bold(_("Followers of each case")),
            _("Who would be told of a hearing: they follow the case, its people or everything."),
            nothing,
            *map(followed_line, page.items),
            italic(_("How that changes is seen after a week.")) if is_new else None,
        ]
    )
    here = OpenFigures(of=Figures.FOLLOWERS, page=page.number)
    return Screen(text, keyboard(*under(here, bool(page.items), page)))


def followed_line(one: Followed) -> Markup:
    changes = [
        (one.week, _("{change} in a week")),
        (one.month, _("{change} in a month")),
    ]
    known = [said.format(change=signed(n)) for n, said in changes if n is not None]
    name = clipped(title(one.case), NAME)
    return lines([name, Markup(", ").join([bold(number(one.people)), *known])])


def signed(change: int) -> str:
    """ "+12", "−3", "±0"."""
    sign = "±" if change == 0 else "+" if change > 0 else "−"
    return sign + number(abs(change))


def of_page(name: str, page: Page[Any]) -> str:
    """Where a picture is not all of it, which part it is."""
    return f"{name}, {page.number + 1}/{page.pages}" if page.pages > 1 else name


def compared(name: str, bars: Sequence[Bar]) -> Bars | None:
    """With the longest of them."""
    return Bars(name, bars, max(one.number for one in bars)) if bars else None


def followers_chart(series: Sequence[tuple[Case, Points]], page: Page[Followed]) -> Picture | None:
    """Of one day there is nothing to go up or down."""
    if not series:
        return None
    name = of_page(_("Followers of each case"), page)
    if all(len(points) < 2 for _case, points in series):
        bars = [Bar(title(one), points[-1][1], number(points[-1][1])) for one, points in series]
        return compared(name, bars)
    each = [Line(title(one), points) for one, points in series]
    return Lines(name, each, number, day)


# Letters.


def letters(found: Letters) -> Screen:
    head = bold(_("Letters that were sent"))
    page = found.page
    here = OpenFigures(of=Figures.LETTERS, page=page.number)
    if not found.ever:
        text = blocks([head, _("No letters were counted yet."), *map(goal_line, found.goals)])
        return Screen(text, keyboard(*under(here, False)))
    together = _("In 30 days: {lately}. In all: {ever}.")
    text = blocks(
        [
            head,
            Markup(together).format(lately=bold(number(found.lately)), ever=number(found.ever)),
            *map(goal_line, found.goals),
            _("To whom the fewest come, first:") if page.items else None,
            *map(written_line, page.items),
        ]
    )
    return Screen(text, keyboard(*under(here, bool(page.items), page)))


def written_line(one: Written) -> Markup:
    sign = "" if one.lately else "⚠️ "
    name = clipped(person(one.person), NAME)
    if one.last is None:
        return lines([sign + name, bold(_("no letter yet"))])
    told = Markup(_("{lately} in 30 days, {ever} in all, the last one {day}"))
    numbers = {"lately": bold(number(one.lately)), "ever": number(one.ever)}
    return lines([sign + name, told.format(**numbers, day=day(one.last))])


def letters_chart(found: Letters) -> Bars | None:
    bars = [Bar(person(one.person), one.lately, number(one.lately)) for one in found.page.items]
    name = of_page(_("Letters in the last 30 days"), found.page)
    return compared(name, bars) if found.ever else None


# Who comes.


def attendance(page: Page[Attended], now: datetime, past: bool) -> Screen:
    none = _("No hearings of the last 30 days.") if past else _("No hearings are known.")
    marks = labels([one.hearing for one in page.items], now)
    text = blocks(
        [
            bold(heading(past)),
            beside(past) if page.items else none,
            *(attended_line(*one) for one in zip(marks, page.items, strict=True)),
        ]
    )
    here = OpenFigures(of=Figures.ATTENDANCE, page=page.number, past=past)
    other = OpenFigures(of=Figures.ATTENDANCE, past=not past)
    switch = [button(_("🗓 Coming") if past else _("🕘 Past 30 days"), other)]
    return Screen(text, keyboard(switch, *under(here, bool(page.items), page)))


def heading(past: bool) -> str:
    return _("Who said they would come") if past else _("Who comes to hearings")


def beside(past: bool) -> str:
    """Who came in the end nobody knows."""
    if past:
        return _(
            "“I will come” beside the followers of the case. Hearings to which nobody meant to "
            "come are first."
        )
    return _(
        "“I will come” beside the followers of the case. Hearings to which nobody means to come "
        "are first."
    )


def attended_line(mark: str, one: Attended) -> Markup:
    comes = _("🙋 {n}").format(n=number(one.people)) if one.people else _("⚠️ nobody")
    followed = _("followers: {n}").format(n=number(one.followers))
    return lines([clipped(mark, NAME), Markup("{} · {}").format(bold(comes), followed)])


def attendance_chart(page: Page[Attended], now: datetime, past: bool) -> Bars | None:
    marks = labels([one.hearing for one in page.items], now)
    bars = [
        Bar(mark, one.people, f"{number(one.people)} / {number(one.followers)}")
        for mark, one in zip(marks, page.items, strict=True)
    ]
    name = _("{heading}: “I will come” / followers").format(heading=heading(past))
    return compared(of_page(name, page), bars)


# Delivery.


def delivery(found: Delivered, now: datetime) -> Screen:
    whole = found.whole
    nothing = _("Nothing was sent in the last 30 days.")
    paces = [pace_line(lane, found.lanes[lane]) for lane in Lane if has_pace(found, lane)]
    text = blocks(
        [
            bold(_("Messages in the last 30 days")),
            nothing if whole == Told() else lines(came(whole)),
            lines(waits(found.waiting)),
            lines([bold(_("How soon")), *paces]) if paces else None,
            italic(_("Nearly all: 95 of 100. Quiet hours count, too.")) if paces else None,
            lines(largest(found.largest, now)),
        ]
    )
    here = OpenFigures(of=Figures.DELIVERY)
    return Screen(text, keyboard(*under(here, bool(whole.sent))))


def came(whole: Told) -> list[Markup | None]:
    each = [
        (whole.sent, _("✅ Arrived: {n}"), True),
        (whole.failed, _("❌ Failed: {n}"), True),
        (whole.blocked, _("🚫 The bot is blocked: {n}"), False),
        (whole.dropped, _("🗑 No longer wanted, or too late: {n}"), False),
    ]
    return [Markup(said).format(n=bold(number(n))) for n, said, is_always in each if n or is_always]


def waits(now: Waiting) -> list[str]:
    each = [
        (now.going, _("📤 Going out now: {n}")),
        (now.quiet, _("🌙 Waiting for their hour: {n}")),
        (now.paused, _("⏸ Paused: {n}")),
    ]
    told = [said.format(n=number(n)) for n, said in each if n]
    return told or [_("Nothing is waiting now.")]


def has_pace(found: Delivered, lane: Lane) -> bool:
    return lane in found.lanes and found.lanes[lane].sent > 0


def pace_line(lane: Lane, told: Told) -> Markup:
    name = {
        Lane.URGENT: _("🔴 Urgent"),
        Lane.NEWS: _("🔔 News and reminders"),
        Lane.MANY: _("📣 Broadcasts"),
    }[lane]
    half, nearly_all = pace(told, HALF), pace(told, NEARLY_ALL)
    each = [_("nearly all {pace}").format(pace=nearly_all)]
    if half != nearly_all:
        each.insert(0, _("half {pace}").format(pace=half))
    return Markup("{}: {}").format(name, bold(", ".join(each)))


def pace(told: Told, percent: int) -> str:
    """As it is said in a sentence."""
    seconds = told.pace(percent)
    said = _("within {span}") if seconds else _("in more than {span}")
    return said.format(span=span(seconds or PACES[-1]).replace(" ", "\u00a0"))


def span(seconds: int) -> str:
    return short_span(timedelta(seconds=seconds))


def largest(found: Sequence[Large], now: datetime) -> list[str | Markup]:
    if not found:
        return []
    return [bold(_("The largest")), *(large_line(one, now) for one in found)]


def large_line(one: Large, now: datetime) -> Markup:
    when = date_time(one.due_at.astimezone(now.tzinfo))
    count = ngettext("{n} message", "{n} messages", one.told.sent).format(n=number(one.told.sent))
    told = Markup(_("{what}, {when}: {count}, nearly all {pace}"))
    return Markup("• {}").format(
        told.format(what=kind(one.kind), when=when, count=count, pace=pace(one.told, NEARLY_ALL))
    )


def kind(of: Kind) -> str:
    if of == Kind.BROADCAST:
        return _("Broadcast")
    if of in (Kind.REMINDER, Kind.EVENT_SOON):
        return _("Reminder")
    return capital(words.alert(of)) if of in ALERTS else _("Other")


def delivery_chart(found: Delivered) -> Bars | None:
    """Of a hundred messages, how many came within a minute and an hour, and how many never."""
    names = {
        Lane.URGENT: _("Urgent within {span}"),
        Lane.NEWS: _("News within {span}"),
        Lane.MANY: _("Broadcasts within {span}"),
    }
    bars = [
        share(names[lane].format(span=span(pace)), told.within[PACES.index(pace)], told.sent)
        for lane, told in sorted(found.lanes.items(), key=lambda one: [*Lane].index(one[0]))
        for pace in (MINUTE, HOUR)
        if told.sent
    ]
    whole = found.whole
    if not whole.sent:
        return None
    lost = whole.failed + whole.blocked
    return Bars(
        _("How soon messages came, 30 days"),
        [*bars, share(_("Lost, or the bot blocked"), lost, lost + whole.sent)],
        1,
    )


def share(name: str, part: int, whole: int) -> Bar:
    """Of all; what is nearly all is not called all, nor is what is hardly any called none."""
    of_all = part / whole if whole else 0
    percent = round(1000 * of_all) / 10
    if 0 < part < whole:
        percent = min(max(percent, 0.1), 99.9)
    return Bar(name, of_all, f"{number(percent)}\u00a0%")
