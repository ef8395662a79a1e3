"""Figures for those who keep the facts, as numbers and as pictures."""

from datetime import datetime

from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenAllFigures, OpenFigures, SendFigurePicture
from bot.documents.chart import draw
from bot.documents.press import Busy
from bot.screen import Screen
from bot.services import figures as service
from bot.services.errors import NotFound
from bot.services.rights import Action
from bot.show import acknowledge, send_picture, show
from bot.views import figures as views
from bot.views.donations import busy
from bot.views.figures import Picture
from handlers.rights import By, May
from handlers.room import Room
from models import Figures

router = Room(name="figures")


@router.callback_query(OpenAllFigures.filter(), May(Action.DESK))
async def all_figures(query: CallbackQuery) -> None:
    await show(query, views.figures())


@router.callback_query(OpenFigures.filter(), May(Action.DESK))
async def figures(query: CallbackQuery, callback_data: OpenFigures, by: By) -> None:
    await show(query, await screen(callback_data, by.session, await by.local()))


@router.callback_query(SendFigurePicture.filter(), May(Action.DESK))
async def picture(query: CallbackQuery, callback_data: SendFigurePicture, by: By) -> None:
    """The screen stays."""
    now = await by.local()
    wanted = await chart(callback_data, by.session, now)
    if wanted is None:
        raise NotFound
    try:
        drawn = await draw(wanted)
    except Busy:
        await acknowledge(query, busy(), alert=True)
        return
    await send_picture(query, drawn, views.caption(wanted, now))
    await acknowledge(query)


async def screen(here: OpenFigures, session: AsyncSession, now: datetime) -> Screen:
    match here.of:
        case Figures.FOLLOWERS:
            return views.followers(await service.by_case(session, now, here.page))
        case Figures.LETTERS:
            return views.letters(await service.letters(session, now, here.page))
        case Figures.ATTENDANCE:
            page = await service.attended(session, now, here.past, here.page)
            return views.attendance(page, now, here.past)
        case Figures.DELIVERY:
            return views.delivery(await service.delivered(session, now), now)


async def chart(here: OpenFigures, session: AsyncSession, now: datetime) -> Picture | None:
    """Nothing, where there is nothing to be seen."""
    match here.of:
        case Figures.FOLLOWERS:
            page = await service.by_case(session, now, here.page)
            return views.followers_chart(await service.over_time(session, page, now.date()), page)
        case Figures.LETTERS:
            return views.letters_chart(await service.letters(session, now, here.page))
        case Figures.ATTENDANCE:
            coming = await service.attended(session, now, here.past, here.page)
            return views.attendance_chart(coming, now, here.past)
        case Figures.DELIVERY:
            return views.delivery_chart(await service.delivered(session, now))
