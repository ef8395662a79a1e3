"""Notices as people read them: facts and words are looked up once, however many are told.

They are remembered until the campaign changes, and what depends on the hour for five minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import LAST_ID
from bot.i18n import speaking
from bot.screen import Media, Screen
from bot.services import broadcasts, campaign
from bot.services.facts import Facts
from bot.services.notices import (
    Cause,
    HearingNow,
    News,
    Reader,
    cause,
    holds,
    joined,
    moment,
    read,
    thing_of,
)
from bot.views import broadcasts as letters
from bot.views import notices as views
from bot.views.news import Body
from models import OF_BROADCASTS, OF_EVENTS, Broadcast, Follow, Kind, Notice

Way = tuple[str, int]
"""Through which somebody is told: what is followed, and its number."""


@dataclass(frozen=True, slots=True)
class Common:
    """What many get, in their language; only the numbers of the follows in the buttons differ."""

    text: Markup
    buttons: str
    """As JSON, with places for these numbers."""
    ways: tuple[Way, ...] = ()
    """Whose numbers these are, in the order of the places."""


Told = tuple[Notice, Follow | None]
"""What is told, and through which follow; none: of somebody who said "I will come"."""


async def message(
    facts: Facts, told: Sequence[Told], reader: Reader, now: datetime
) -> Screen | None:
    """One for all of them; None: there is nothing to tell any more.

    `facts`: with the campaign's version as read (`campaign.version`) not long before.
    """
    if told[0][0].kind in OF_BROADCASTS:
        return await of_broadcast(facts, told[0], reader)
    key = tuple((notice.id, follow and way_of(follow)) for notice, follow in told), reader, now
    if key not in facts.made:
        facts.made[key] = await common(facts, told, reader, now)
    found: Common | None = facts.made[key]
    return Screen(found.text, ready=own(found, told)) if found else None


async def of_broadcast(facts: Facts, told: Told, reader: Reader) -> Screen | None:
    """As it is written now: the row is read at each claim. What is deleted needs no words."""
    notice, follow = told
    if notice.kind == Kind.RECALL:
        return Screen(Markup())
    key = "broadcast", notice.id, follow and way_of(follow), reader.language, reader.is_group
    if key not in facts.made:
        facts.made[key] = await worded_broadcast(facts, notice.thing_id, follow, reader)
    found: tuple[Common, tuple[Media, ...]] | None = facts.made[key]
    return found and Screen(found[0].text, ready=own(found[0], [told]), media=found[1])


async def worded_broadcast(
    facts: Facts, number: int, follow: Follow | None, reader: Reader
) -> tuple[Common, tuple[Media, ...]] | None:
    one = await facts.session.get(Broadcast, number)
    version = broadcasts.version_for(one, reader.language) if one else None
    if one is None or version is None:
        return None
    thing = await broadcasts.thing_of(facts.session, one)
    why = replace(await cause(facts, follow), follow_id=place(0)) if follow else None
    with speaking(reader.language):
        screen = letters.letter(one, version, thing, why, reader.is_group)
    assert screen.keyboard is not None
    buttons = screen.keyboard.model_dump_json(exclude_none=True)
    ways = (way_of(follow),) if follow else ()
    return Common(screen.text, buttons, ways), screen.media


def way_of(follow: Follow) -> Way:
    return follow.subject, follow.thing_id


async def common(
    facts: Facts, told: Sequence[Told], reader: Reader, now: datetime
) -> Common | None:
    now = await campaign.local(facts, now)
    found = [(await known_as(facts, some, now), follow) for some, follow in by_thing(told)]
    still = without_needless(
        [(news, follow) for news, follow in found if news and holds(news, reader, now)]
    )
    if not still:
        return None
    causes = [await cause(facts, follow) if follow else None for _, follow in still]
    whole = await worded(facts, still, causes, reader, now)
    of_follow = {follow.id: way_of(follow) for _, follow in still if follow}
    return replace(whole, ways=tuple(of_follow[number] for _, number in places_of(causes)))


def without_needless(
    told: Sequence[tuple[News, Follow | None]],
) -> list[tuple[News, Follow | None]]:
    """Whoever reads how a hearing has changed needs no reminder of it beside, and nobody two."""
    of_hearings = [news.notice for news, _ in told if is_of_hearing(news)]
    newest = {one.thing_id: one.id for one in of_hearings}
    newest |= {one.thing_id: 0 for one in of_hearings if one.kind != Kind.REMINDER}
    return [
        (news, follow)
        for news, follow in told
        if news.notice.kind != Kind.REMINDER or news.notice.id == newest[news.notice.thing_id]
    ]


def by_thing(told: Sequence[Told]) -> list[tuple[list[Notice], Follow | None]]:
    """The oldest first; the cause is that of the newest."""
    things: dict[str, list[Told]] = {}
    for one in sorted(told, key=lambda one: one[0].id):
        things.setdefault(thing_of(one[0]), []).append(one)
    return [([notice for notice, _ in some], some[-1][1]) for some in things.values()]


async def known_as(facts: Facts, notices: Sequence[Notice], now: datetime) -> News | None:
    """All that somebody has not heard of yet of one thing, as one piece of news."""
    news = await read(facts, notices[-1], now)
    if news is None or len(notices) == 1:
        return news
    notice = joined(oldest(notices), news, now)
    return await read(facts, notice, now) if notice else None


def oldest(notices: Sequence[Notice]) -> Notice:
    """From which one knows the thing: a reminder of an event says no more than how it is."""
    if notices[0].kind not in OF_EVENTS:
        return notices[0]
    seat = next((one for one in notices if one.kind == Kind.SEAT), None)
    return seat or next((one for one in notices if one.before), notices[0])


async def worded(
    facts: Facts,
    told: Sequence[tuple[News, Follow | None]],
    causes: Sequence[Cause | None],
    reader: Reader,
    now: datetime,
) -> Common:
    """The same for all who follow and come to the same."""
    news = [one for one, _follow in told]
    keys = tuple(one.notice.key for one in news)
    hearings = {one.notice.thing_id for one in news if is_of_hearing(one)}
    going = frozenset(yes for yes in reader.going if yes[0] in hearings)
    whose = (reader.language, reader.timezone, reader.is_group, going, reader.seats)
    key = ("notices", keys, *whose, moment(now))
    through = tuple(follow and (follow.subject, follow.thing_id) for _news, follow in told)
    body = await facts.read(key, partial(word, news, reader, now))
    return await facts.read((key, through), partial(sign, body, news, causes, reader))


def is_of_hearing(news: News) -> bool:
    return isinstance(news.now, HearingNow)


async def word(news: Sequence[News], reader: Reader, now: datetime, _session: AsyncSession) -> Body:
    with speaking(reader.language):
        return views.body(news, reader, now)


async def sign(
    body: Body,
    news: Sequence[News],
    causes: Sequence[Cause | None],
    reader: Reader,
    _session: AsyncSession,
) -> Common:
    places = {follow: where for where, follow in places_of(causes)}
    anybodys = [one and replace(one, follow_id=places[one.follow_id]) for one in causes]
    with speaking(reader.language):
        buttons = views.buttons(body, anybodys, reader).model_dump_json(exclude_none=True)
        return Common(views.signed(body, news, causes, reader), buttons)


def own(found: Common, told: Sequence[Told]) -> str:
    numbers = {way_of(follow): follow.id for _, follow in told if follow}
    buttons = found.buttons
    for number, way in enumerate(found.ways):
        buttons = buttons.replace(str(place(number)), str(numbers[way]))
    return buttons


def places_of(causes: Sequence[Cause | None]) -> list[tuple[int, int]]:
    follows = dict.fromkeys(cause.follow_id for cause in causes if cause)
    return [(place(number), follow) for number, follow in enumerate(follows)]


def place(number: int) -> int:
    """Where the number of somebody's follow stands: a number that no follow will have."""
    return LAST_ID - number
