"""The campaign file in the chat: sent, looked at, applied; and given out."""

from io import BytesIO
from typing import TYPE_CHECKING

from aiogram import Bot, F
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiohttp import ClientError

from bot.callbacks import ApplyFile, OpenCampaignFile, OpenFilePage, SendExport, digest
from bot.services import campaign_file
from bot.services.campaign_file import CampaignFileError, Plan, PlanOutdated
from bot.services.errors import NotFound
from bot.services.proposals import NotAllowed
from bot.services.rights import Action
from bot.show import Event, send_file, show
from bot.views import proposals as proposal_views
from bot.views.campaign_file import chat as views
from handlers.proposals import show_proposal
from handlers.rights import By, May
from handlers.room import Room
from models import Via

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

router = Room(name="campaign_file")
NAME = "campaign.yaml"
MOST_DOWNLOADED = 20 * 1024 * 1024
"""Bytes; Telegram gives a bot no larger file (Bot API, getFile). The command line takes more."""
TO_COME = 30
"""Seconds that it may take to come."""
NOT_TO_BE_HAD = (TelegramBadRequest, ClientError, TimeoutError)
"""Telegram has the file no more, never gives it, or never ends."""


class TooLarge(Exception):
    pass


class Download(BytesIO):
    """What Telegram says of a file's size is what it says; what comes is counted."""

    def write(self, part: "Buffer") -> int:
        if self.tell() + memoryview(part).nbytes > MOST_DOWNLOADED:
            raise TooLarge
        return super().write(part)


class Sending(StatesGroup):
    file = State()
    """With what Telegram calls the last one, in the dialog's data: the bot keeps no copy."""


@router.callback_query(OpenCampaignFile.filter(), May(Action.FILE))
async def ask_for_file(query: CallbackQuery, by: By) -> None:
    await by.state.set_state(Sending.file)
    await by.state.set_data({})
    await show(query, views.ask_for_file())


@router.message(StateFilter(Sending.file), F.document, May(Action.FILE))
async def file_sent(message: Message, bot: Bot, by: By) -> None:
    document = message.document
    assert document is not None
    if (document.file_size or 0) > MOST_DOWNLOADED:
        await show(message, views.too_large(MOST_DOWNLOADED))
        return
    await by.state.set_data({"file": document.file_id})
    await differences(message, bot, by)


@router.message(StateFilter(Sending.file), ~F.text.startswith("/"), May(Action.FILE))
async def no_document(message: Message) -> None:
    await show(message, views.ask_for_file(views.no_document()))


@router.callback_query(OpenFilePage.filter(), May(Action.FILE))
async def page(query: CallbackQuery, callback_data: OpenFilePage, bot: Bot, by: By) -> None:
    await differences(query, bot, by, callback_data.page)


async def differences(
    event: Event, bot: Bot, by: By, page: int = 0, toast: str | None = None
) -> None:
    if plan := await planned(event, bot, by):
        here = ApplyFile(version=plan.version, file=await digest_of(by))
        await show(event, views.what_changes(plan.differences, page, here, toast))


async def digest_of(by: By) -> str:
    return digest((await by.state.get_data()).get("file"))


async def planned(event: Event, bot: Bot, by: By) -> Plan | None:
    """What the file of the dialog would change now; nothing: what is wrong with it is shown."""
    sent = (await by.state.get_data()).get("file")
    if sent is None:
        raise NotFound
    content = Download()
    try:
        await bot.download(sent, content, timeout=TO_COME)
        return await campaign_file.plan(
            by.session, content.getvalue(), name=NAME, now=by.now, mark=by.vault.mark_of
        )
    except CampaignFileError as error:
        await show(event, views.what_is_wrong(error))
    except TooLarge:
        await show(event, views.too_large(MOST_DOWNLOADED))
    except NOT_TO_BE_HAD:
        await show(event, views.not_to_be_had())
    return None


@router.callback_query(ApplyFile.filter(), May(Action.FILE))
async def apply(query: CallbackQuery, callback_data: ApplyFile, bot: Bot, by: By) -> None:
    """What was looked at, or nothing."""
    plan = await planned(query, bot, by)
    if plan is None:
        return
    try:
        is_other = callback_data.file != await digest_of(by)
        if is_other or plan.version != callback_data.version:
            raise PlanOutdated
        made = await by.carry_out(plan, Via.FILE)
    except PlanOutdated:
        again = views.changed_meanwhile()
        await differences(query, bot, by, toast=again)
    except NotAllowed:
        again = proposal_views.not_yours()
        await differences(query, bot, by, toast=again)
    else:
        await by.state.clear()
        if made is None:
            still = await by.stands_still()
            await show(query, views.applied(plan.differences, still=still))
        else:
            await show_proposal(query, made, by)


@router.callback_query(SendExport.filter(), May(Action.FILE))
async def export(query: CallbackQuery, by: By) -> None:
    await send_file(query, await campaign_file.export(by.session), NAME, views.export_caption())
