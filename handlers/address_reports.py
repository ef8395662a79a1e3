""" "It came back, it is wrong": one question, for the coordinators."""

from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import AskWhatIsWrong, OpenAddress, ReportAddress, place_of
from bot.clock import Clock
from bot.services import address_reports, campaign, letters
from bot.services.facts import Facts
from bot.services.letters import Address
from bot.services.tally import Tally
from bot.show import acknowledge, show
from bot.views import address_reports as views
from handlers import letters as addresses
from handlers.room import Room
from models import Subscriber

router = Room(name="address_reports")


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
    clock: Clock,
) -> None:
    """Of an address that is not given any more there is nothing left to say."""
    defendant = await letters.addressee(session, callback_data.id)
    now = await campaign.local(facts, clock.now())
    mail = letters.mailing(defendant, now)
    if isinstance(mail, Address):
        trouble, today, most = callback_data.trouble, now.date(), address_reports.MOST
        async with reports.counting(subscriber.chat_index, today, most) as is_room:
            if not is_room:
                await acknowledge(query, views.enough(), alert=True)
                return
            await address_reports.report(session, defendant.id, mail, trouble, today)
    toast = views.noted()
    await addresses.address(query, callback_data, session, follower, facts, clock, toast)
