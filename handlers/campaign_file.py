"""The campaign file in the chat: sent, looked at, applied; and given out."""

from io import BytesIO

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiohttp import ClientError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import ApplyFile, OpenCampaignFile, OpenFilePage, SendExport, digest
from bot.clock import Clock
from bot.crypto import Vault
from bot.services import campaign_file, proposals
from bot.services.campaign_file import CampaignFileError, Plan, PlanOutdated
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.proposals import NotAllowed
from bot.services.rights import Action
from bot.show import Event, send_file, show
from bot.views import proposals as proposal_views
from bot.views.campaign_file import chat as views
from handlers.proposals import show_proposal
from handlers.rights import May
from models import Role, Subscriber, Via

router = Router(name="campaign_file")
NAME = "campaign.yaml"
MOST_DOWNLOADED = 20 * 1024 * 1024
"""Bytes; Telegram gives a bot no larger file (Bot API, getFile). The command line takes more."""


class Sending(StatesGroup):
    file = State()
    """With what Telegram calls the last one, in the dialog's data: the bot keeps no copy."""


@router.callback_query(OpenCampaignFile.filter(), May(Action.FILE))
async def ask_for_file(query: CallbackQuery, state: FSMContext) -> None:
    await state.set_state(Sending.file)
    await state.set_data({})
    await show(query, views.ask_for_file())


@router.message(StateFilter(Sending.file), F.document, May(Action.FILE))
async def file_sent(
    message: Message,
    session: AsyncSession,
    vault: Vault,
    state: FSMContext,
    bot: Bot,
    clock: Clock,
) -> None:
    document = message.document
    assert document is not None
    if (document.file_size or 0) > MOST_DOWNLOADED:
        await show(message, views.too_large(MOST_DOWNLOADED))
        return
    await state.set_data({"file": document.file_id})
    await differences(message, session, vault, state, bot, clock)


@router.callback_query(OpenFilePage.filter(), May(Action.FILE))
async def page(
    query: CallbackQuery,
    callback_data: OpenFilePage,
    session: AsyncSession,
    vault: Vault,
    state: FSMContext,
    bot: Bot,
    clock: Clock,
) -> None:
    await differences(query, session, vault, state, bot, clock, callback_data.page)


async def differences(
    event: Event,
    session: AsyncSession,
    vault: Vault,
    state: FSMContext,
    bot: Bot,
    clock: Clock,
    page: int = 0,
    toast: str | None = None,
) -> None:
    if plan := await planned(event, session, vault, state, bot, clock):
        here = ApplyFile(version=plan.version, file=await digest_of(state))
        await show(event, views.what_changes(plan.differences, page, here, toast))


async def digest_of(state: FSMContext) -> str:
    return digest((await state.get_data()).get("file"))


async def planned(
    event: Event,
    session: AsyncSession,
    vault: Vault,
    state: FSMContext,
    bot: Bot,
    clock: Clock,
) -> Plan | None:
    """What the file of the dialog would change now; nothing: what is wrong with it is shown."""
    sent = (await state.get_data()).get("file")
    if sent is None:
        raise NotFound
    content = BytesIO()
    try:
        await bot.download(sent, content)
        return await campaign_file.plan(
            session, content.getvalue(), name=NAME, now=clock.now(), mark=vault.mark_of
        )
    except CampaignFileError as error:
        await show(event, views.what_is_wrong(error))
    except (TelegramBadRequest, ClientError):  # Telegram has it no more, or never gives it
        await show(event, views.not_to_be_had())
    return None


@router.callback_query(ApplyFile.filter(), May(Action.FILE))
async def apply(
    query: CallbackQuery,
    callback_data: ApplyFile,
    session: AsyncSession,
    vault: Vault,
    subscriber: Subscriber,
    state: FSMContext,
    bot: Bot,
    facts: Facts,
    clock: Clock,
    role: Role,
    four_eyes: bool,
) -> None:
    """What was looked at, or nothing."""
    me = proposals.By(subscriber.id, role)
    plan = await planned(query, session, vault, state, bot, clock)
    if plan is None:
        return
    try:
        is_other = callback_data.file != await digest_of(state)
        if is_other or plan.version != callback_data.version:
            raise PlanOutdated
        now = clock.now()
        made = await proposals.carry_out(session, plan, me, Via.FILE, now, by_two=four_eyes)
    except PlanOutdated:
        again = views.changed_meanwhile()
        await differences(query, session, vault, state, bot, clock, toast=again)
    except NotAllowed:
        again = proposal_views.not_yours()
        await differences(query, session, vault, state, bot, clock, toast=again)
    else:
        await state.clear()
        if made is None:
            await show(query, views.applied(plan.differences))
        else:
            await show_proposal(query, made, me, session, vault, facts, clock)


@router.callback_query(SendExport.filter(), May(Action.FILE))
async def export(query: CallbackQuery, session: AsyncSession) -> None:
    await send_file(query, await campaign_file.export(session), NAME, views.export_caption())
