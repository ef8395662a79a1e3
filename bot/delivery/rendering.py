"""Notices as people read them: facts and words are looked up once, however many are told.

They are remembered until the campaign changes, and what depends on the hour for five minutes.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from bot.i18n import speaking
from bot.screen import Screen
from bot.services import campaign
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
from bot.views import notices as views
from models import Follow, Notice

Told = tuple[Notice, Follow | None]
"""What is told, and through which follow; none: of somebody who said "I will come"."""


async def message(
    facts: Facts, told: Sequence[Told], reader: Reader, now: datetime
) -> Screen | None:
    """One for all of them; None: there is nothing to tell any more.

    `facts`: with the campaign's version as read (`campaign.version`) not long before.
    """
    found = [(await known_as(facts, some, now), follow) for some, follow in by_thing(told)]
    still = [(news, follow) for news, follow in found if news and holds(news, reader, now)]
    if not still:
        return None
    causes = [one async for one in reasons(facts, still)]
    body, text = await worded(facts, still, causes, reader, now)
    with speaking(reader.language):
        return Screen(text, views.buttons(body, causes))


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
    notice = joined(notices[0], news, now)
    return await read(facts, notice, now) if notice else None


async def reasons(
    facts: Facts, told: Sequence[tuple[News, Follow | None]]
) -> AsyncIterator[Cause | None]:
    for news, follow in told:
        if follow:
            yield await cause(facts, follow)
        elif is_of_hearing(news) or news.notice.is_removal:
            yield None


async def worded(
    facts: Facts,
    told: Sequence[tuple[News, Follow | None]],
    causes: Sequence[Cause | None],
    reader: Reader,
    now: datetime,
) -> tuple[views.Body, Markup]:
    """The text is the same for all who follow and come to the same; only buttons are one's own."""
    news = [one for one, _follow in told]
    keys = tuple(one.notice.key for one in news)
    going = reader.going.intersection(one.notice.thing_id for one in news if is_of_hearing(one))
    whose = (reader.language, reader.timezone, reader.is_group, going)
    key = ("notices", keys, *whose, moment(now))
    through = tuple(follow and (follow.subject, follow.thing_id) for _news, follow in told)
    local = await campaign.local(facts, now)
    body = await facts.read(key, partial(word, news, reader, local))
    return body, await facts.read((key, through), partial(sign, body, causes, reader))


def is_of_hearing(news: News) -> bool:
    return isinstance(news.now, HearingNow)


async def word(
    news: Sequence[News], reader: Reader, now: datetime, _session: AsyncSession
) -> views.Body:
    with speaking(reader.language):
        return views.body(news, reader, now)


async def sign(
    body: views.Body, causes: Sequence[Cause | None], reader: Reader, _session: AsyncSession
) -> Markup:
    with speaking(reader.language):
        return views.signed(body, causes, reader)
