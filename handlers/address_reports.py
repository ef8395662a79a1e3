""" "It came back, it is wrong": one question, for the coordinators."""

from collections.abc import Sequence

import structlog
from aiogram import Bot, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import AskWhatIsWrong, OpenAddress, ReportAddress, place_of
from bot.clock import Clock
from bot.i18n import speaking
from bot.screen import Screen
from bot.services import address_reports, campaign, letters
from bot.services.facts import Facts
from bot.services.letters import Address
from bot.services.tally import Tally
from bot.show import acknowledge, show
from bot.views import address_reports as views
from handlers import letters as addresses
from models import Subscriber

router = Router(name="address_reports")
log = structlog.get_logger()


@router.callback_query(AskWhatIsWrong.filter())
async def ask(query: CallbackQuery, callback_data: AskWhatIsWrong, session: AsyncSession) -> None:
    defendant = await letters.addressee(session, callback_data.id)
    await show(query, views.ask(defendant, place_of(OpenAddress, callback_data)))


@router.callback_query(ReportAddress.filter())
async def report(
    query: CallbackQuery,
    callback_data: ReportAddress,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    facts: Facts,
    reports: Tally,
    owners: tuple[int, ...],
    bot: Bot,
    clock: Clock,
) -> None:
    """Of an address that is not given any more there is nothing left to say."""
    defendant = await letters.addressee(session, callback_data.id)
    now = await campaign.local(facts, clock.now())
    mail, is_new = letters.mailing(defendant, now), False
    if isinstance(mail, Address):
        trouble, today = callback_data.trouble, now.date()
        if not reports.may(subscriber.chat_index, today, address_reports.MOST):
            await acknowledge(query, views.enough(), alert=True)
            return
        is_new = await address_reports.report(session, defendant.id, mail, trouble, today)
        reports.counted[subscriber.chat_index] += 1
    toast = views.noted()
    await addresses.address(query, callback_data, session, follower, facts, clock, toast)
    if is_new:
        spoken = (await campaign.campaign(facts)).language
        with speaking(spoken):
            await tell(bot, owners, views.to_owners(defendant, callback_data.trouble))


async def tell(bot: Bot, owners: Sequence[int], screen: Screen) -> None:
    """Until there is a desk where they would find it. Somebody who blocked the bot is not told."""
    for owner in owners:
        try:
            await bot.send_message(owner, screen.text, reply_markup=screen.keyboard)
        except TelegramAPIError as error:
            log.warning("an owner could not be told of an address", why=type(error).__name__)
