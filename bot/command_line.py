"""The command line. Exit 0; 1 for an error that was told; 2 for a wrong call."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from errno import ENOENT
from pathlib import Path
from shutil import copyfileobj
from socket import gaierror
from tempfile import NamedTemporaryFile, TemporaryDirectory, mkstemp
from threading import current_thread, main_thread
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from asyncpg import PostgresError
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.main import get_group

from bot import app, config, i18n, logs
from bot.away import is_full, named
from bot.clock import Clock, clock_of_this_process
from bot.copying import Checksums
from bot.crypto import Vault, generate_key, make_vault
from bot.db import Sessions, dispose, is_sqlite, make_engine, make_sessions, sqlite_file
from bot.keeping import backup as copies
from bot.keeping import move as moving
from bot.keeping import restore as restoring
from bot.keeping import seals
from bot.keeping.filling import alone_with
from bot.keeping.refused import Refused
from bot.migrate import migrate, prepare, refuse_newer, refuse_other
from bot.polling import REFUSED
from bot.services import campaign_file, keys, subscribers
from bot.services.retention import Counts
from bot.views import campaign_file as file_words
from bot.views import console as words

T = TypeVar("T")
cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40P01")
"""SQLite's and PostgreSQL's names for it."""
FileArgument = Annotated[Path, typer.Argument(readable=False)]
"""What cannot be read is told by whoever tries, as everything is; not as a wrong call."""


@cli.command()
def run(only: Annotated[config.Duty | None, typer.Option("--only")] = None) -> None:
    settings = config.load()
    logs.configure(settings.log_format)
    # The demo's bot must not outlive it.
    lifeline = sys.stdin.fileno() if os.environ.get("LIFELINE") else None
    duties = frozenset({only}) if only else config.ALL
    in_loop(app.run(settings, duties, clock_of_this_process(), lifeline))


@cli.command("import")
def import_(
    file: FileArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
) -> None:
    data = content_of(file)

    async def work(sessions: Sessions) -> str:
        settings = config.load()
        async with sessions() as session:
            vault = await fitting(session, settings, dry_run=dry_run)
            with progress_bar() as progress:
                changes = await campaign_file.import_file(
                    session,
                    data,
                    name=str(file),
                    now=Clock().now(),
                    mark=lambda *thing: (vault or key_of(settings)).mark_of(*thing),
                    dry_run=dry_run,
                    progress=progress,
                )
            if vault and not dry_run:
                await subscribers.claim(session, vault)
        return file_words.differences(changes)

    typer.echo(in_loop(looking(work) if dry_run else with_database(work)))
    if dry_run:
        typer.echo(words.nothing_done())


@cli.command()
def export(file: FileArgument) -> None:
    settings = config.load()
    refuse_absent(settings)
    refuse_own(file, settings)

    async def work(sessions: Sessions) -> bytes:
        async with sessions() as session:
            return await campaign_file.export(session)

    data = in_loop(with_database(work))
    with using(file):
        replace(file, data)
    typer.echo(words.exported(str(file)))


@cli.command("migrate")
def migrate_() -> None:
    async def work() -> None:
        engine = make_engine(config.load().database_url)
        try:
            await migrate(engine)
        finally:
            await dispose(engine)

    in_loop(work())
    typer.echo(words.migrated())


@cli.command()
def keygen(rotate: Annotated[bool, typer.Option("--rotate")] = False) -> None:
    if not rotate:
        typer.echo(generate_key())
        return
    new, file = config.rotate(config.load())
    if file is None:
        typer.echo(new)
    typer.echo(words.new_key(str(file) if file else None), err=file is None)


@cli.command("forget-old")
def forget_old(yes: Annotated[bool, typer.Option("--yes")] = False) -> None:
    from bot.delivery import retention  # knows all that a bot sends

    refuse_absent(config.load())

    async def work(sessions: Sessions) -> Counts:
        async with sessions() as session:
            vault = await fitting(session, config.load(), dry_run=False)
            vault = vault or key_of(config.load())
            now = clock_of_this_process().now()
            if not yes and await subscribers.are_all_idle(session, now):
                raise Refused("all_idle", today=now.date())
            return await retention.everything(session, vault, now)

    typer.echo(words.forgotten(in_loop(with_database(work))))


@cli.command()
def backup(
    file: FileArgument,
    recipient: Annotated[str | None, typer.Option()] = None,
    is_tried: Annotated[bool, typer.Option("--try")] = False,
) -> None:
    settings = config.load()
    refuse_absent(settings)
    with using(file):
        copies.refuse_other_file(file)
    seal = seals.seal_of(settings, recipient)
    tried_by, trial = seals.trial(seal, settings) if is_tried else (seal, None)

    async def work(sessions: Sessions) -> None:
        async with sessions() as session:
            vault = key_of(settings) if config.has_key(settings) else None
            with progress_bar(words.backing_up()) as tell:
                now = clock_of_this_process().now()
                await copies.write(session, file, tried_by, vault, now, tell, trial)

    with ended_as_by_ctrl_c():
        in_loop(with_database(work, settings.database_url))
    typer.echo(words.exported(str(file)), err=not file.is_file())


@cli.command()
def restore(
    file: FileArgument,
    identity: Annotated[Path | None, typer.Option(readable=False)] = None,
    yes: Annotated[bool, typer.Option("--yes")] = False,
) -> None:
    settings = config.load()
    with at_rest(file) as sealed:
        with using(file):
            key = seals.key_of(settings, sealed, identity)
        in_loop(put_back(settings, sealed, key, yes))
    typer.echo(words.restored())


async def put_back(settings: config.Settings, file: Path, key: copies.Key, yes: bool) -> None:
    with progress_bar(words.reading_backup()) as tell:
        header = await copies.looked_through(file, key, tell)
    vault = key_of(settings) if config.has_key(settings) else None
    restoring.refuse_other_key(header, vault)
    async with engine_of(settings.database_url) as engine, alone_with(engine) as lost:
        await refuse_newer(engine)
        there = await restoring.present(engine)
        typer.echo(words.there_now(there.rows, there.changed_at), err=True)
        about = header.made_at, header.rows, header.changed_at
        typer.echo(words.in_backup(*about), err=True)
        if not there.is_empty and not yes:
            agreed()
        with progress_bar(words.restoring()) as tell:
            now = clock_of_this_process().now()
            await restoring.put_back(engine, file, key, now, tell, lost)


def agreed() -> None:
    if not sys.stdin.isatty():
        raise Refused("needs_yes")
    if not typer.confirm(words.may_be_replaced(), err=True):
        raise Refused("declined")


@cli.command("move")
def move_(file: FileArgument) -> None:
    settings = config.load()
    if not config.has_key(settings):
        raise Refused("move_needs_key", file=str(file.with_suffix(".key")))

    async def work() -> Checksums:
        async with engine_of(settings.database_url) as engine:
            with progress_bar(words.moving()) as tell:
                return await moving.move(file, engine, key_of(settings), tell)

    moved = in_loop(work())
    typer.echo(words.moved(moved.rows, len(moved.written())))


@asynccontextmanager
async def engine_of(url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        await dispose(engine)


@cli.command("check")
def check_() -> None:
    from bot import check  # knows Redis, which a bot without it starts quicker for not knowing

    logs.configure("console")  # beside the list, on standard error

    async def work() -> bool:
        all_good = True
        async for finding in check.findings():
            typer.echo(words.finding(finding))
            all_good = all_good and finding.is_good
        return all_good

    raise typer.Exit(0 if in_loop(work()) else 1)


@cli.command("demo")
def demo_(
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8787,
    campaign: Annotated[Path | None, typer.Option(readable=False)] = None,
) -> None:
    from bot import demo  # the sandbox is needed for nothing else

    logs.configure("console")
    script = demo.Script(str(campaign), content_of(campaign)) if campaign else None
    try:
        in_loop(demo.run(port, script))
    except demo.Failed as error:
        raise typer.Exit(told([str(error)])) from None


def content_of(file: Path) -> bytes:
    """A byte more tells enough of what is too big, and of a device that never ends."""
    with using(file), file.open("rb") as opened:
        return opened.read(campaign_file.MAX_BYTES + 1)


async def fitting(
    session: AsyncSession, settings: config.Settings, *, dry_run: bool
) -> Vault | None:
    """The key of this database; another one is refused before anything changes.

    None: there is none, and only a file that removes something needs it. Beside SQLite one is
    made, but not for a dry run, nor where the one that the database knows is lost.
    """
    has_key = config.has_key(settings)
    if not has_key and not is_sqlite(settings.database_url):
        return None
    vault = key_of(settings) if has_key else make_vault(generate_key())
    fit, fitting = await keys.fitting(session, vault)
    if fit is not keys.Fit.OURS:
        raise config.BadSettings({"DATA_KEY": fit})
    return fitting if dry_run or has_key else key_of(settings)


def key_of(settings: config.Settings) -> Vault:
    return make_vault(config.data_key(settings))


async def with_database(
    work: Callable[[Sessions], Awaitable[T]],
    url: str | None = None,
    ready: Callable[[AsyncEngine], Awaitable[None]] = prepare,
) -> T:
    """With tables that are up to date: on SQLite they are made so, elsewhere it must be said."""
    engine = make_engine(url or config.load().database_url)
    try:
        await ready(engine)
        return await work(make_sessions(engine))
    finally:
        await dispose(engine)


def refuse_absent(settings: config.Settings) -> None:
    """Made anew, as in the wrong folder, it would be empty, and so would be what is made of it."""
    file = is_sqlite(settings.database_url) and sqlite_file(settings.database_url)
    if file and not os.path.exists(file):
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT), str(file))


def refuse_own(file: Path, settings: config.Settings) -> None:
    """The database, or its key: some take FILE for what is to be written out."""
    if is_sqlite(settings.database_url):
        own = sqlite_file(settings.database_url), config.key_file(settings)
        if file.resolve() in [one.resolve() for one in own]:
            raise Refused("in_the_way", file=str(file))


async def looking(work: Callable[[Sessions], Awaitable[T]]) -> T:
    """Nothing is made or migrated; for a database that is not there yet stands an empty one."""
    url = config.load().database_url
    if not is_sqlite(url) or sqlite_file(url).exists():
        return await with_database(work, url, refuse_other)
    with TemporaryDirectory() as folder:
        return await with_database(work, f"sqlite+aiosqlite:///{folder}/empty.db")


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@contextmanager
def ended_as_by_ctrl_c() -> Iterator[None]:
    """Whoever stops it by SIGTERM, as systemd and Docker do, is left nothing of what it began."""
    if current_thread() is not main_thread():  # nobody else may say what a signal does
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def progress_bar(what: str = "") -> Iterator[Callable[[int, int], None]]:
    """Shown on a terminal only."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what or words.importing(), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def main() -> int:
    """Every error that can be foreseen is told in words, on standard error."""
    language = i18n.guess((os.environ.get("LC_ALL") or os.environ.get("LANG", "")).split("_")[0])
    with i18n.speaking(language):
        try:
            explained(cli)()
        except SystemExit as end:
            return int(end.code or 0)
        except config.BadSettings as error:
            return told(words.setting_problem(*item) for item in error.problems.items())
        except campaign_file.CampaignFileError as error:
            return told(file_words.problem(problem) for problem in error.problems)
        except Refused as error:
            return told([words.keeping_problem(error.problem, **error.details)])
        except REFUSED:
            return told([words.token_refused()])
        except (SQLAlchemyError, PostgresError, ConnectionError, gaierror) as error:
            return told([database_trouble(error)])
        except OSError as error:
            if error.filename is None:
                return told([words.system_failed(error.errno)])
            return told([words.file_unreadable(str(error.filename), error.errno)])
    return 0


def explained(commands: typer.Typer) -> TyperGroup:
    """With help in the language spoken; typer would take it from the source, once for all."""
    group = get_group(commands)
    helps = words.command_help()
    group.help = helps[""]
    for name, command in group.commands.items():
        command.help = helps.get(name)
        for parameter in command.params:
            if isinstance(parameter, TyperArgument | TyperOption):
                parameter.help = helps.get(f"{name}.{parameter.name}")
    return group


@contextmanager
def using(file: Path) -> Iterator[None]:
    """The system does not always say which file it means."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from None


@contextmanager
def at_rest(file: Path) -> Iterator[Path]:
    """What comes through a pipe can be read but once, and a backup is read three times."""
    if not file.is_fifo():
        yield file
        return
    with NamedTemporaryFile() as held:
        with file.open("rb") as coming:
            copyfileobj(coming, held)
        held.flush()
        yield Path(held.name)


def replace(file: Path, data: bytes) -> None:
    """All or nothing: on a full disk the file that was there stays. A link stays a link."""
    if not file.is_file():  # a new one, or a device such as /dev/stdout
        is_new = not file.exists()
        try:
            file.write_bytes(data)
        except OSError:
            if is_new:
                file.unlink(missing_ok=True)
            raise
        return
    target = file.resolve()
    descriptor, draft = mkstemp(dir=target.parent)  # of a name that nobody can have taken before
    try:
        with open(descriptor, "wb") as opened:
            opened.write(data)
        Path(draft).chmod(target.stat().st_mode)
        Path(draft).replace(target)
    finally:
        Path(draft).unlink(missing_ok=True)


def database_trouble(error: Exception) -> str:
    if named(error).startswith(BUSY):
        return words.database_busy()
    if is_full(error):
        return words.database_full()
    return words.database_failed(type(error).__name__)


def told(lines: Iterator[str] | list[str]) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return 1
