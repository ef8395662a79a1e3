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
from bot.services.notices import Cause, HearingNow, News, Reader, cause, holds, moment, read
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
    found = [(await read(facts, notice, now), follow) for notice, follow in told]
    still = [(news, follow) for news, follow in found if news and holds(news, reader, now)]
    if not still:
        return None
    causes = [one async for one in reasons(facts, still)]
    body, text = await worded(facts, still, causes, reader, now)
    with speaking(reader.language):
        return Screen(text, views.buttons(body, causes))


async def reasons(
    facts: Facts, told: Sequence[tuple[News, Follow | None]]
) -> AsyncIterator[Cause | None]:
    for news, follow in told:
        if follow:
            yield await cause(facts, follow)
        elif isinstance(news.now, HearingNow):
            yield None


async def worded(
    facts: Facts,
    told: Sequence[tuple[News, Follow | None]],
    causes: Sequence[Cause | None],
    reader: Reader,
    now: datetime,
) -> tuple[views.Body, Markup]:
    """The text is the same for all who follow the same; only the buttons are one's own."""
    news = [one for one, _follow in told]
    ids = tuple(one.notice.id for one in news)
    key = ("notices", ids, reader.language, reader.timezone, reader.is_group, moment(now))
    through = tuple(follow and (follow.subject, follow.thing_id) for _news, follow in told)
    local = await campaign.local(facts, now)
    body = await facts.read(key, partial(word, news, reader, local))
    return body, await facts.read((key, through), partial(sign, body, causes, reader))


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
