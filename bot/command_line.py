"""The command line. Exit 0; 1 for an error that was told; 2 for a wrong call."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from asyncpg import PostgresError
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError

from bot import app, check, config, i18n, logs
from bot.clock import Clock
from bot.crypto import generate_key
from bot.db import Sessions, is_sqlite, make_engine, make_sessions
from bot.migrate import migrate, pending
from bot.polling import REFUSED
from bot.services import campaign_file
from bot.views import campaign_file as file_words
from bot.views import console as words

T = TypeVar("T")
cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
FileArgument = Annotated[Path, typer.Argument(help="A campaign file (YAML).")]


@cli.command()
def run() -> None:
    """Serve people in Telegram."""
    settings = config.load()
    logs.configure(settings.log_format)
    in_loop(app.run(settings))


@cli.command("import")
def import_(
    file: FileArgument,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
) -> None:
    """Take a campaign file's facts into the database."""
    data = file.read_bytes()

    async def work(sessions: Sessions) -> str:
        async with sessions() as session:
            with progress_bar() as progress:
                changes = await campaign_file.import_file(
                    session,
                    data,
                    name=str(file),
                    now=Clock().now(),
                    dry_run=dry_run,
                    progress=progress,
                )
        return file_words.differences(changes)

    typer.echo(in_loop(with_database(work)))
    if dry_run:
        typer.echo(words.nothing_done())


@cli.command()
def export(file: FileArgument) -> None:
    """Write the database's facts into a campaign file."""

    async def work(sessions: Sessions) -> bytes:
        async with sessions() as session:
            return await campaign_file.export(session)

    file.write_bytes(in_loop(with_database(work)))
    typer.echo(words.exported(str(file)))


@cli.command("migrate")
def migrate_() -> None:
    """Bring the database's tables to this version."""

    async def work() -> None:
        engine = make_engine(config.load().database_url)
        try:
            await migrate(engine)
        finally:
            await engine.dispose()

    in_loop(work())
    typer.echo(words.migrated())


@cli.command()
def keygen() -> None:
    """Make a DATA_KEY."""
    typer.echo(generate_key())


@cli.command("check")
def check_() -> None:
    """Say of each part whether it is ready, and what to do if not."""

    async def work() -> bool:
        all_good = True
        async for finding in check.findings():
            typer.echo(words.finding(finding))
            all_good = all_good and finding.is_good
        return all_good

    raise typer.Exit(0 if in_loop(work()) else 1)


async def with_database(work: Callable[[Sessions], Awaitable[T]]) -> T:
    """With tables that are up to date: on SQLite they are made so, elsewhere it must be said."""
    settings = config.load()
    engine = make_engine(settings.database_url)
    try:
        if is_sqlite(settings.database_url):
            await migrate(engine)
        elif await pending(engine):
            raise config.BadSettings({"DATABASE_URL": "not_migrated"})
        return await work(make_sessions(engine))
    finally:
        await engine.dispose()


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """Shown on a terminal only."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(words.importing(), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def main() -> int:
    """Every error that can be foreseen is told in words, on standard error."""
    language = i18n.guess((os.environ.get("LC_ALL") or os.environ.get("LANG", "")).split("_")[0])
    with i18n.speaking(language):
        try:
            cli()
        except SystemExit as end:
            return int(end.code or 0)
        except config.BadSettings as error:
            return told(words.setting_problem(*item) for item in error.problems.items())
        except campaign_file.CampaignFileError as error:
            return told(file_words.problem(problem) for problem in error.problems)
        except REFUSED:
            return told([words.token_refused()])
        except (SQLAlchemyError, PostgresError, ConnectionError) as error:
            return told([words.database_failed(type(error).__name__)])
        except OSError as error:
            return told([words.file_unreadable(str(error.filename or ""), error.strerror or "")])
    return 0


def told(lines: Iterator[str] | list[str]) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return 1
