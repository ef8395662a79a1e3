"""One assembly: settings -> engine -> bot -> dispatcher -> polling or webhook."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Collection, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import structlog
from aiogram import Bot, Dispatcher, methods
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramUnauthorizedError
from aiogram.methods import Response
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import away, health, looks
from bot.calendar_feed import CalendarFeed
from bot.clock import Clock
from bot.config import ALL, FASTEST_RATE, BadSettings, Duty, Settings, put_away, secrets, token
from bot.crypto import Vault, make_vault
from bot.curtain import Curtain, closing, drawing
from bot.db import Sessions, dispose, is_sqlite, make_engine, make_sessions, sqlite_file
from bot.delivery.limiter import Limiter
from bot.delivery.scheduler import deliver
from bot.delivery.sender import at_once
from bot.delivery.telegram import Answers, InTurn, make_sending_bot, sending
from bot.dispatcher import make_dispatcher
from bot.fsm import Dialogs, make_own_storage, make_shared_storage
from bot.health import Health
from bot.introduction import introduce
from bot.keeping.nightly import Nightly
from bot.kept_dialogs import KeptDialogs
from bot.metrics import Metrics
from bot.migrate import prepare
from bot.patience import Patience
from bot.polling import REFUSED, Polling, RawUpdates, announce, reached
from bot.progress import Progress, watching
from bot.quick_start import keep_answer
from bot.rotating import rotating
from bot.scrape import Scrape
from bot.services import campaign, keys, members, subscribers, updates
from bot.services.facts import Memory
from bot.services.search import Search
from bot.services.tally import Tally
from bot.show import Place
from bot.site import Site, serving
from bot.tasks import steadily, unless
from bot.trouble import Trouble
from bot.turn import POLLING, WATCHING, sharing, turn_of
from bot.watch import Look, Watch
from bot.webhook import PATH, Webhook

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from bot.intercom import Intercom

log = structlog.get_logger()


@dataclass(frozen=True)
class App:
    settings: Settings
    engine: AsyncEngine
    sessions: Sessions
    bot: Bot
    courier: Bot
    """Sends what nobody waits for: by connections of its own, and without patience."""
    limiter: Limiter
    dispatcher: Dispatcher
    search: Search
    clock: Clock
    vault: Vault
    intercom: "Intercom | None"
    """To other processes of this bot, if there are any."""
    metrics: Metrics
    health: Health
    nightly: Nightly
    looks: list[tuple[Trouble, Look]] = field(default_factory=list)
    """What owners are told when it needs a hand."""


@asynccontextmanager
async def assembled(settings: Settings, clock: Clock | None = None) -> AsyncIterator[App]:
    """Everything connected to everything; closed at the end."""
    clock = clock or Clock()
    _token, key = secrets(settings)
    vault, metrics = make_vault(key), Metrics()
    away.hearer.set(metrics.waited)
    engine = make_engine(settings.database_url)
    sessions, search, memory = make_sessions(engine), Search(), Memory()
    limiter = Limiter(settings.send_rate, paid=settings.paid_broadcast)
    bot = make_bot(settings, limiter)
    curtain = Curtain(make_hiding_bot(settings, limiter), settings.send_rate)
    bot.session.middleware(curtain)
    courier = make_sending_bot(token(settings), settings.telegram_api_url, at_once(FASTEST_RATE))
    nightly = Nightly(settings, metrics.backup, metrics.backup_found)
    redis = redis_of(settings)
    intercom = connected(redis, vault, bot, curtain) if redis else None
    storage = make_own_storage(sessions, vault, clock)
    if redis:
        storage = make_shared_storage(redis, vault)
    dispatcher = make_dispatcher(*storage)
    dispatcher.workflow_data.update(
        sessions=sessions,
        database=away.database(sessions),
        vault=vault,
        clock=clock,
        limiter=limiter,
        metrics=metrics,
        search=search,
        memory=memory,
        tally=tally_of("letters", redis, vault),
        reports=tally_of("reports", redis, vault),
        asked=tally_of("questions", redis, vault),
        curtain=curtain,
        progress=Progress(),
        owners=settings.owners,
        four_eyes=settings.four_eyes,
        feeds_at=settings.feeds_at,
        always_paid=settings.paid_broadcast,
    )
    try:
        made = engine, sessions, bot, courier, limiter, dispatcher, search, clock, vault, intercom
        yield App(
            settings, *made, metrics, Health(engine, bot, redis, lambda: metrics.is_full), nightly
        )
    finally:
        await dispatcher.storage.close()
        await bot.session.close()
        await curtain.bot.session.close()
        await courier.session.close()
        await dispose(engine)


def redis_of(settings: Settings) -> "Redis | None":
    if settings.redis_url is None:
        return None
    from bot.shared_dialogs import connect  # a tenth of a second that one process can spare

    return connect(settings.redis_url)


def tally_of(what: str, redis: "Redis | None", vault: Vault) -> Tally:
    """What one person may do only so often a day, however many processes there are."""
    if redis is None:
        return Tally()
    from bot.shared_tally import SharedTally

    return SharedTally(redis, vault, what)


def connected(redis: "Redis", vault: Vault, bot: Bot, curtain: Curtain) -> "Intercom":
    """What this process does that others have to know of."""
    from bot.edits import CLOSED, TellEdits
    from bot.intercom import Intercom

    intercom = Intercom(redis, vault)
    bot.session.middleware(TellEdits(intercom))

    def closed(chat: int, but: Collection[Place]) -> None:
        intercom.say(CLOSED, " ".join([intercom.blind(chat), *(intercom.blind(*p) for p in but)]))

    curtain.when_closed = closed
    return intercom


# Pydantic forgets a parametrized model that nobody holds, and to make one anew takes 7 ms.
ANSWERS = [
    Response[method.__returning__]  # type: ignore[name-defined]
    for method in (
        methods.AnswerCallbackQuery,
        methods.EditMessageText,
        RawUpdates,
        methods.SendMessage,
    )
]


def make_bot(settings: Settings, limiter: Limiter) -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(settings.telegram_api_url))
    session.middleware(keep_answer)
    session.middleware(InTurn(limiter, settings.owners))
    session.middleware(Patience())
    return with_session(session, settings, limiter)


def make_hiding_bot(settings: Settings, limiter: Limiter) -> Bot:
    """Without patience: whoever is told to wait holds up nobody else."""
    api = TelegramAPIServer.from_base(settings.telegram_api_url)
    session = AiohttpSession(api=api, timeout=HIDING)
    session.middleware(keep_answer)
    return with_session(session, settings, limiter)


HIDING = 5
"""Seconds for one try; the next look comes soon."""


def with_session(session: AiohttpSession, settings: Settings, limiter: Limiter) -> Bot:
    session.middleware(Answers(limiter))
    defaults = DefaultBotProperties(parse_mode=ParseMode.HTML)
    return Bot(token(settings), session=session, default=defaults)


async def run(
    settings: Settings,
    duties: frozenset[Duty] = ALL,
    clock: Clock | None = None,
    lifeline: int | None = None,
) -> None:
    """Until SIGTERM or SIGINT, or the lifeline is cut; what is being handled then is finished."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if lifeline is not None:
        loop.add_reader(lifeline, cut, lifeline, stop)
    async with assembled(settings, clock) as app, sharing(app.engine, stop):
        if not stop.is_set():
            await prepare_database(app)
            await serve(app, stop, duties)


def cut(lifeline: int, stop: asyncio.Event) -> None:
    """The other end of this pipe is closed: whoever started the bot is gone, killed perhaps."""
    asyncio.get_running_loop().remove_reader(lifeline)
    stop.set()


async def prepare_database(app: App) -> None:
    await prepare(app.engine)
    async with app.sessions() as session:
        await subscribers.claim(session, app.vault)
        fit = await keys.ready(session, app.vault)
        if fit is not keys.Fit.OURS:
            raise BadSettings({"DATA_KEY": fit})
        if not app.vault.is_rotating:
            put_away(app.settings)
        await members.keep_owners(session, app.vault, app.settings.owners, app.clock.now())
        await updates.drop_old(session, app.clock.now())


async def serve(app: App, stop: asyncio.Event, duties: frozenset[Duty] = ALL) -> None:
    """Until `stop`, or until Telegram refuses the token."""
    webhook = webhook_of(app) if Duty.WEB in duties else None
    scrape = Scrape(app.metrics, app.limiter, app.sessions, app.clock)
    routes = health.routes(app.health, scrape.page)
    if webhook:
        routes += webhook.routes + CalendarFeed(app.sessions, app.vault, app.clock).routes
    async with serving(routes, app.settings.address, is_needed=webhook is not None) as site:
        work = receive(app, stop, webhook, site) if Duty.WEB in duties else known(app, stop)
        await beside(app, stop, duties, work)


def webhook_of(app: App) -> Webhook | None:
    settings = app.settings
    if settings.webhook_url and settings.webhook_secret:
        parts = app.bot, app.dispatcher, app.sessions, app.clock
        return Webhook(*parts, settings.webhook_secret)
    return None


async def beside(
    app: App, stop: asyncio.Event, duties: frozenset[Duty], work: Awaitable[None]
) -> None:
    """The work, and what runs beside it until it ends."""
    over = asyncio.Event()
    at_the_start = [introduce(app.bot), warm_up(app)] if Duty.WEB in duties else []
    beginning = [asyncio.create_task(one) for one in at_the_start]
    going_on = [asyncio.create_task(one) for one in steady(app, stop, over, duties)]
    try:
        await work
    finally:
        stop.set()
        over.set()
        for task in beginning:
            task.cancel()
        for error in await asyncio.gather(*beginning, *going_on, return_exceptions=True):
            if isinstance(error, REFUSED):
                raise error
            if isinstance(error, Exception):
                log.error("what runs beside the updates failed", exc_info=error)


def steady(
    app: App, stop: asyncio.Event, over: asyncio.Event, duties: frozenset[Duty]
) -> Iterator[Coroutine[Any, Any, None]]:
    """What goes on until `stop`; `over`: nothing is being answered any more."""
    data, parts = app.dispatcher.workflow_data, (app.sessions, app.vault, app.clock)
    yield watched(app, stop, duties)
    if Duty.SENDER in duties:
        yield delivery(app, stop)
        parts_of_key = app.engine, app.sessions, app.vault, partial(put_away, app.settings)
        yield rotating(*parts_of_key, stop)
    if app.intercom:
        yield from shared(app, app.intercom, stop, duties)
    if Duty.WEB in duties:
        yield watching(data["progress"], app.bot, *parts, stop, app.limiter)
        yield drawing(data["curtain"], app.sessions, app.clock, stop)
        yield closing(data["curtain"], stop, over)


def shared(
    app: App, intercom: "Intercom", stop: asyncio.Event, duties: frozenset[Duty]
) -> Iterator[Coroutine[Any, Any, None]]:
    """What this process hears of others, and tells them."""
    from bot.delivery.shared_pace import SharedPace
    from bot.edits import hear_of_closing, hear_of_edits

    pace, data = SharedPace(intercom, app.limiter), app.dispatcher.workflow_data
    yield pace.hear_answers(stop)
    if Duty.SENDER in duties:
        yield pace.tell_of_hurry(stop)
    if Duty.WEB in duties:
        yield pace.answering(stop)
        yield hear_of_edits(intercom, data["curtain"], data["progress"], stop)
        yield hear_of_closing(intercom, data["curtain"], app.clock, stop)


async def delivery(app: App, stop: asyncio.Event) -> None:
    send = sending(app.courier, app.limiter)
    parts = app.engine, app.sessions, app.vault, app.clock, send, app.limiter
    beside = [app.nightly] if app.settings.backup_dir else []
    may_forget = looks.may_forget(app.courier, app.clock)
    await deliver(*parts, stop, app.metrics, may_forget, beside)


async def watched(app: App, stop: asyncio.Event, duties: frozenset[Duty]) -> None:
    """Raises what Telegram says when it has refused the token for a while."""
    send, is_one_machine = sending(app.courier, app.limiter), is_sqlite(app.settings.database_url)
    async with turn_of(app.engine, WATCHING) as turn:
        parts = app.settings.owners, app.sessions, app.vault, app.clock, send, turn
        app.looks.extend(looks_at(app, duties))
        watch = Watch(app.looks, *parts, lambda: app.metrics.sends, is_one_machine)
        await steadily(watch.run, stop)
    if watch.is_refused:
        raise TelegramUnauthorizedError(methods.GetMe(), "Unauthorized")


def looks_at(app: App, duties: frozenset[Duty]) -> Iterator[tuple[Trouble, Look]]:
    url, is_asking = app.settings.webhook_url, Duty.WEB in duties and not app.settings.webhook_url
    yield from looks.of_ground(app.health)
    yield from looks.of_disks(kept_in(app.settings), app.metrics)
    yield from looks.Sending(app.health, app.sessions, app.metrics, app.limiter, app.clock).looks()
    if app.settings.backup_dir:
        yield Trouble.BACKUP, looks.of_backups(app.nightly, app.metrics, app.clock)
    yield Trouble.CLOCK, looks.of_clock(app.courier, app.clock)
    yield Trouble.TOKEN, looks.of_token(app.health, app.metrics)
    if not is_asking:
        yield Trouble.WEBHOOK, looks.Reached(app.bot, url and url + PATH, app.health, app.clock)


def kept_in(settings: Settings) -> Iterator[Path]:
    """Folders of what must not be lost."""
    if is_sqlite(settings.database_url):
        yield sqlite_file(settings.database_url).absolute().parent
    if settings.backup_dir and settings.backup_dir.exists():
        yield settings.backup_dir


async def known(app: App, stop: asyncio.Event) -> None:
    """Of a process that answers nobody: whether Telegram knows the token."""
    await reached(app.bot.me, stop)
    await stop.wait()


async def receive(app: App, stop: asyncio.Event, webhook: Webhook | None, site: Site) -> None:
    if webhook and (url := app.settings.webhook_url):
        await take_up_dialogs(app)
        await webhook.serve(site, url, stop)
        return
    async with turn_of(app.engine) as turn:
        app.metrics.turns[POLLING.name] = turn
        await unless(stop, turn.kept())
        await take_up_dialogs(app)
        await reached(app.bot.delete_webhook, stop)
        await unless(stop, announce(app.bot))
        await Polling(app.bot, app.dispatcher, app.sessions, app.clock, turn).run(stop)


async def take_up_dialogs(app: App) -> None:
    """Where people were when the process before this one ended."""
    storage = app.dispatcher.storage
    await cast(Dialogs, storage).take_up()
    if isinstance(storage, KeptDialogs):
        async with app.sessions() as session:
            await app.dispatcher.workflow_data["progress"].load(session, app.vault)


async def warm_up(app: App) -> None:
    """The first search need not wait for the names to be indexed."""
    async with app.sessions() as session:
        await app.search.refresh(session, await campaign.version(session))
