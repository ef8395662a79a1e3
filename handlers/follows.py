"""Following: from cards and lists, and what one follows."""

from aiogram import F
from aiogram.filters import Command
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    AskToFollowAll,
    AskToLeaveAll,
    FollowAddress,
    FollowAll,
    FollowCase,
    FollowCaseOf,
    FollowCity,
    FollowDefendant,
    LeaveAll,
    Mute,
    OpenDefendant,
    OpenFollow,
    OpenFollows,
    Unfollow,
)
from bot.clock import Clock
from bot.crypto import Vault
from bot.services import alerts, attendance, campaign, follows, hearings, subscribers
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.follows import EVERYTHING, Target
from bot.show import Event, chat_of, is_private, own_zone, relabel, show
from bot.views import follows as views
from bot.views import notices as notice_views
from bot.views.follows import Reader
from handlers import cases as case_cards
from handlers import defendants as defendant_cards
from handlers import hearings as hearing_cards
from handlers import letters as addresses
from handlers.asked import Asked
from handlers.rights import for_the_group
from handlers.room import Room
from models import Subject, Subscriber

router = Room(name="follows")
deciding = Room(name="follows.deciding")
deciding.callback_query.middleware(for_the_group)
router.include_router(deciding)


@router.message(Asked("follows"))
@router.message(Command("follows"))
@router.callback_query(OpenFollows.filter())
async def listed(
    event: Event,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
    callback_data: OpenFollows | None = None,
    toast: str | None = None,
) -> None:
    number, now = callback_data.page if callback_data else 0, clock.now()
    reader = Reader(
        silent_until=alerts.silent(follower, now),
        follows_all=await follows.is_followed(session, follower, EVERYTHING),
        zone=own_zone(event, subscriber),
        counted_in=await campaign.zone_of(facts, follower),
        is_private=is_private(event),
        coming=await attendance.promised(session, subscriber, now) if is_private(event) else [],
    )
    page = await follows.page(session, follower, number, now)
    await show(event, views.listed(page, reader, now), toast)


@router.callback_query(OpenFollow.filter())
async def one(
    query: CallbackQuery,
    callback_data: OpenFollow,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    clock: Clock,
    toast: str | None = None,
) -> None:
    now, zone = clock.now(), own_zone(query, subscriber)
    found = await follows.one(session, follower, callback_data.id, now)
    hears = alerts.hears(follower, now)
    await show(query, views.one(found, callback_data.page, now, zone, hears), toast)


@router.callback_query(AskToFollowAll.filter())
async def ask_to_follow_all(query: CallbackQuery, facts: Facts) -> None:
    await show(query, views.ask_to_follow_all((await campaign.campaign(facts)).cases))


@router.callback_query(AskToLeaveAll.filter(), F.message.chat.type != "private")
async def ask_to_leave_all(query: CallbackQuery) -> None:
    await show(query, views.ask_to_leave_all())


@deciding.callback_query(Mute.filter(F.notice))
async def mute_notice(
    query: CallbackQuery, callback_data: Mute, session: AsyncSession, follower: Subscriber
) -> None:
    try:
        await follows.mute(session, follower, callback_data.id, callback_data.muted)
    except NotFound:  # it has ended already
        swaps = notice_views.after_unfollowing(callback_data.id)
        await relabel(query, swaps, views.ended_before())
        return
    swaps = notice_views.after_muting(callback_data)
    await relabel(query, swaps, views.muted(callback_data.muted))


@deciding.callback_query(Unfollow.filter(F.notice))
async def end_notice(
    query: CallbackQuery, callback_data: Unfollow, session: AsyncSession, follower: Subscriber
) -> None:
    ended = await follows.end(session, follower, callback_data.id)
    swaps = notice_views.after_unfollowing(callback_data.id)
    await relabel(query, swaps, views.unfollowed() if ended else views.ended_before())


@deciding.callback_query(Mute.filter())
async def mute(
    query: CallbackQuery,
    callback_data: Mute,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    clock: Clock,
) -> None:
    muted = callback_data.muted
    await follows.mute(session, follower, callback_data.id, muted)
    here = OpenFollow(id=callback_data.id, page=callback_data.page)
    await one(query, here, session, subscriber, follower, clock, views.muted(muted))


@deciding.callback_query(Unfollow.filter())
async def end(
    query: CallbackQuery,
    callback_data: Unfollow,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
) -> None:
    await follows.end(session, follower, callback_data.id)
    here = OpenFollows(page=callback_data.page)
    await listed(query, session, subscriber, follower, facts, clock, here, views.unfollowed())


@deciding.callback_query(FollowAll.filter())
async def everything(
    query: CallbackQuery,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    facts: Facts,
    vault: Vault,
    clock: Clock,
) -> None:
    toast = await turn(query, session, vault, follower, EVERYTHING, True, clock)
    await listed(query, session, subscriber, follower, facts, clock, toast=toast)


@deciding.callback_query(LeaveAll.filter(), F.message.chat.type != "private")
async def leave_all(
    query: CallbackQuery, session: AsyncSession, follower: Subscriber, clock: Clock
) -> None:
    await subscribers.forget(session, follower, clock.now())
    await show(query, views.left_all())


@deciding.callback_query(FollowDefendant.filter())
async def defendant(
    query: CallbackQuery,
    callback_data: FollowDefendant,
    facts: Facts,
    vault: Vault,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
) -> None:
    target = Target(Subject.DEFENDANT, callback_data.id)
    toast = await turn(query, facts.session, vault, follower, target, callback_data.on, clock)
    here = OpenDefendant(id=callback_data.id)
    await defendant_cards.card(query, here, facts, clock, subscriber, follower, toast)


@deciding.callback_query(FollowCase.filter())
async def case(
    query: CallbackQuery,
    callback_data: FollowCase,
    facts: Facts,
    vault: Vault,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
) -> None:
    target = Target(Subject.CASE, callback_data.id)
    toast = await turn(query, facts.session, vault, follower, target, callback_data.on, clock)
    await case_cards.card(query, callback_data, facts, clock, subscriber, follower, toast)


@deciding.callback_query(FollowCaseOf.filter())
async def case_of_hearing(
    query: CallbackQuery,
    callback_data: FollowCaseOf,
    session: AsyncSession,
    facts: Facts,
    vault: Vault,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
) -> None:
    hearing = await hearings.hearing(session, callback_data.id)
    target = Target(Subject.CASE, hearing.case_id)
    toast = await turn(query, session, vault, follower, target, callback_data.on, clock)
    await hearing_cards.card(
        query, callback_data, session, subscriber, follower, facts, clock, toast
    )


@deciding.callback_query(FollowCity.filter())
async def city(
    query: CallbackQuery,
    callback_data: FollowCity,
    session: AsyncSession,
    facts: Facts,
    vault: Vault,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
) -> None:
    target = Target(Subject.CITY, callback_data.city)
    toast = await turn(query, session, vault, follower, target, callback_data.on, clock)
    await hearing_cards.agenda(
        query, session, subscriber, follower, facts, clock, callback_data, toast
    )


@deciding.callback_query(FollowAddress.filter())
async def address(
    query: CallbackQuery,
    callback_data: FollowAddress,
    session: AsyncSession,
    follower: Subscriber,
    facts: Facts,
    vault: Vault,
    clock: Clock,
) -> None:
    """Silence and what is switched off count for nothing here: who writes has to know it."""
    target = Target(Subject.ADDRESS, callback_data.id)
    if callback_data.on:
        await follows.follow(session, vault, follower, chat_of(query), target, clock.now())
    else:
        await follows.unfollow(session, follower, target)
    toast = views.asked(clock.now()) if callback_data.on else views.asked_no_more()
    await addresses.address(query, callback_data, session, follower, facts, clock, toast)


async def turn(
    query: CallbackQuery,
    session: AsyncSession,
    vault: Vault,
    follower: Subscriber,
    target: Target,
    on: bool,
    clock: Clock,
) -> str:
    """Follows or ends it, and says what comes of it."""
    if not on:
        await follows.unfollow(session, follower, target)
        return views.unfollowed()
    now = clock.now()
    await follows.follow(session, vault, follower, chat_of(query), target, now)
    outlook = await follows.outlook(session, follower, target, now)
    return views.followed(outlook, alerts.hears(follower, now))
