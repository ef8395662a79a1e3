"""Calendars: the words of an entry, and the screens of a calendar of one's own."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup

from bot.callbacks import (
    AskForAddress,
    AskToEndAddress,
    EndAddress,
    MakeAddress,
    OpenCalendar,
    OpenFollows,
    SendFollowed,
)
from bot.i18n import _, day, ngettext, number, pick
from bot.keyboards import Row, back_to, button, copy, keyboard, to_menu
from bot.screen import Screen
from bot.services.calendar import ENTRIES
from bot.services.events import Occurrence
from bot.views import events, hearings
from bot.views.parts import blocks, bold, lines
from models import Court, Hearing, Organisation

HEARING = timedelta(hours=1)
"""Nobody knows how long one takes; an entry without an end is shown badly."""

DAY = timedelta(days=1)
NOBODY = "solidarity-bot"
"""Whose entries they are, where the campaign does not say."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Of a calendar."""

    uid: str
    """The same for ever: by it a program knows the entry again."""
    sequence: int
    """Grows with each change."""
    starts_at: datetime
    """In the zone of the place."""
    length: timedelta
    alarms: tuple[timedelta, ...]
    """So long before."""
    title: str
    text: str
    """Plain lines: calendars know no markup."""
    place: str
    point: tuple[float, float] | None = None
    """Latitude and longitude."""
    is_off: bool = False


def of_hearing(hearing: Hearing, organisation: Organisation | None, zone: str | None) -> Entry:
    """With its case and its court. `zone`: the reader's own."""
    return Entry(
        uid=uid("hearing", hearing.slug, organisation),
        sequence=hearing.revision,
        starts_at=hearing.local_start,
        length=HEARING,
        alarms=(DAY, timedelta(hours=3)),
        title=hearings.calendar_title(hearing),
        text=hearings.calendar_text(hearing, zone),
        place=hearings.calendar_place(hearing),
        point=point(hearing.court),
        is_off=hearing.is_off,
    )


def point(court: Court) -> tuple[float, float] | None:
    if court.latitude is None or court.longitude is None:
        return None
    return court.latitude, court.longitude


def of_event(
    one: Occurrence,
    organisation: Organisation | None,
    zone: str | None,
    now: datetime,
    *,
    is_seated: bool,
) -> Entry:
    """Each day of one that repeats has an entry of its own."""
    name = f"{one.event.slug}-{one.day}" if one.day else one.event.slug
    return Entry(
        uid=uid("event", name, organisation),
        sequence=one.event.revision,
        starts_at=one.local_start,
        length=one.event.length,
        alarms=(DAY, timedelta(hours=2)),
        title=pick(one.event.title),
        text=events.calendar_text(one, is_seated, zone, now),
        place=events.calendar_place(one, is_seated, now),
        is_off=one.is_off,
    )


def uid(kind: str, slug: str, organisation: Organisation | None) -> str:
    return f"{kind}-{slug}@{organisation.slug if organisation else NOBODY}"


def name(organisation: Organisation | None) -> str:
    """Of a whole calendar, among the others in a program."""
    whose = pick(organisation.short) or pick(organisation.name) if organisation else ""
    told = _("Hearings and evenings: {organisation}").format(organisation=whose)
    return told if whose else _("Hearings and evenings")


def own(is_private: bool, has_feed: bool, since: date | None) -> Screen:
    """`has_feed`: whether the bot has a public address, where programs could ask."""
    text = blocks(
        [
            bold(_("Calendar")),
            file_line(is_private),
            feed_line(since, has_feed) if is_private else None,
        ]
    )
    feed = feed_buttons(has_feed, since) if is_private else []
    file = [button(_("📄 The file, as of now"), SendFollowed())]
    return Screen(text, keyboard(file, *feed, back_to(_("Follows"), OpenFollows())))


def file_line(is_private: bool) -> str:
    if is_private:
        return _(
            "As a file: all coming hearings of what you follow, muted or not, and whatever you "
            "said you come to. What changes later is not in it."
        )
    return _(
        "As a file: all coming hearings of what this group follows. What changes later is not "
        "in it."
    )


def feed_line(since: date | None, has_feed: bool) -> str | None:
    if since is None:
        if not has_feed:
            return None
        return _(
            "As a private address: your calendar program looks there by itself, and what is moved "
            "or cancelled changes there."
        )
    known = _("You have a private address since {day}. It is shown only once, when it is made.")
    told = known.format(day=day(since))
    return told if has_feed else lines([told, _("At the moment it does not answer.")])


def feed_buttons(has_feed: bool, since: date | None) -> list[Row]:
    """What there is can be ended, though the bot may have no public address any more."""
    if since is None:
        return [[button(_("🔗 A private address"), AskForAddress())]] if has_feed else []
    new: Row = [button(_("🔄 New address"), AskForAddress())] if has_feed else []
    return [[*new, button(_("✖️ Switch off"), AskToEndAddress())]]


def ask_for_address(is_new: bool) -> Screen:
    """`is_new`: there is none yet."""
    text = blocks(
        [
            bold(_("A private address for your calendar?") if is_new else _("A new address?")),
            lines(
                [
                    _("• Whoever has the address sees what you follow and where you mean to go."),
                    _(
                        "• A calendar on the internet, such as Google's, reads it on its own "
                        "servers: that company sees it, too."
                    ),
                    _(
                        "• The address has no name and no number of yours, and you can end it at "
                        "any time."
                    ),
                    None if is_new else _("• The address you have now stops working."),
                ]
            ),
        ]
    )
    yes = button(_("Yes, make it"), MakeAddress())
    return Screen(text, keyboard([yes, button(_("No"), OpenCalendar())], to_menu()))


def address(url: str) -> Screen:
    """The only time that it is shown; `url`: with https. By webcal some programs ask in plain HTTP
    first, and then whoever listens has the address."""
    text = blocks(
        [
            bold(_("Your private address")),
            Markup("<code>{}</code>").format(url),
            lines(
                [
                    _("Paste it where your calendar program says “subscribe” or “by address”."),
                    _(
                        "Take webcal:// only if the program does not take https://: it may ask "
                        "there without encryption."
                    ),
                ]
            ),
            lines(
                [
                    _(
                        "Some programs look every hour, Google's once or twice a day: rely on our "
                        "messages."
                    ),
                    _("The address is shown only now. Show it to nobody."),
                ]
            ),
        ]
    )
    both = [copy("📋 https://", url), copy("📋 webcal://", subscription(url))]
    return Screen(text, keyboard(both, back_to(_("Calendar"), OpenCalendar())))


def subscription(url: str) -> str:
    """As programs open by themselves; what comes after the scheme is the same."""
    return "webcal://" + url.partition("://")[2]


def ask_to_end_address() -> Screen:
    text = lines(
        [
            _("Switch your private address off?"),
            _("Programs that look there will find nothing more; what they have they may keep."),
        ]
    )
    yes = button(_("Yes, switch it off"), EndAddress())
    return Screen(text, keyboard([yes, button(_("No"), OpenCalendar())], to_menu()))


def ended() -> str:
    return _("Switched off")


def no_dates() -> str:
    return _("No date is known at the moment.")


def file_caption(dates: int, more: bool) -> Markup:
    told = ngettext(
        "{n} date. Open the file to put it into your calendar; it may still change.",
        "{n} dates. Open the file to put them into your calendar; they may still change.",
        dates,
    ).format(n=number(dates))
    limit = _("There are more: the nearest {n} are in it.").format(n=number(ENTRIES))
    return lines([told, limit if more else None])


def event_caption() -> Markup:
    return Markup(_("Open the file to put it into your calendar. It may still change."))
