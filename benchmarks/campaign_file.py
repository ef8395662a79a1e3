"""How fast a large campaign file is read and written, beside plain `yaml.load` of the same file.

Each measurement is a process of its own, so that its peak of memory is its own too. Alone:

    python -m benchmarks.campaign_file {yaml.load,import,again,export} FILE [URL]

`import` empties the database at URL first; `again` imports the same file, which changes nothing.
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import yaml

from benchmarks.server import tell_server, url_of
from benchmarks.table import Row, at_most
from bot.crypto import generate_key, make_vault
from bot.db import make_engine, make_sessions
from bot.services import campaign_file
from models import Base

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
VAULT = make_vault(generate_key())
DATABASE = "campaign_file_benchmark"
PEOPLE, HEARINGS, PEOPLE_IN_CASE = 10_000, 20_000, 2


def large_file(people: int, hearings: int) -> str:
    """Cases, custody, facilities, people and hearings, as wordy as real ones."""
    parts = [
        "format: 1\norganisation: {slug: harbour, name: {en: Harbour Fund, ru: Фонд «Гавань»}, "
        "timezone: Europe/Moscow}\ncourts:\n",
        *(court(number) for number in range(200)),
        "facilities:\n",
        *(facility(number) for number in range(500)),
        "cases:\n",
        *(case(number) for number in range(people // PEOPLE_IN_CASE)),
        "hearings:\n",
        *(hearing(number, people // PEOPLE_IN_CASE) for number in range(hearings)),
    ]
    return "".join(parts)


def court(number: int) -> str:
    return f"""\
  - slug: court-{number}
    name: {{en: City Court No. {number}, ru: Городской суд № {number}}}
    city: {{en: Kamensk {number}, ru: Каменск {number}}}
    timezone: Asia/Yekaterinburg
    address: {{en: "{number} Sadovaya St, Kamensk", ru: "Каменск, ул. Садовая, {number}"}}
"""


def facility(number: int) -> str:
    return f"""\
  - slug: facility-{number}
    country: RU
    region: {{en: Kamensk region, ru: Каменская область}}
    kind: pre_trial_detention
    number: "{number}"
    name: {{en: Remand prison No. {number}, ru: "ФКУ СИЗО-{number} УФСИН России по области"}}
    postal_code: "{620000 + number}"
    address: {{ru: "г. Каменск, ул. Заводская, д. {number}", en: "{number} Zavodskaya St, Kamensk"}}
    letters: {{languages: [ru], rules: {{en: Up to 10 pages., ru: До 10 страниц.}}}}
"""


def case(number: int) -> str:
    people = (defendant(number * PEOPLE_IN_CASE + each) for each in range(PEOPLE_IN_CASE))
    return f"""\
  - slug: case-{number}
    title: {{en: The port strike case {number}, ru: Дело о портовой забастовке {number}}}
    summary: {{en: Dockers who stopped work for safety gear., ru: Докеры остановили работу.}}
    articles: [{{code: UK RF, article: "212", part: "1", en: mass unrest, ru: беспорядки}}]
    stage: trial
    defendants:
{"".join(people)}    timeline:
      - {{date: 2025-11-03, kind: arrest, en: arrested at the gate, ru: арестованы у проходной}}
      - {{date: 2026-02, kind: charge, en: the charge is made heavier, ru: обвинение ужесточено}}
"""


def defendant(number: int) -> str:
    return f"""\
      - slug: person-{number}
        name: {{en: Ivan Lodkin {number}, ru: Иван Лодкин {number}, ru_full: Лодкин Иван Петрович}}
        aliases: [Vanya Boat {number}, Ваня Лодка {number}]
        who: {{en: "crane driver, union steward", ru: "крановщик, профорг"}}
        birth_year: {1950 + number % 50}
        languages: [ru, en]
        status: pre_trial_detention
        custody:
          - {{facility: facility-{number * 7 % 500}, since: 2025-11-03, until: 2026-02-01}}
          - facility: facility-{number % 500}
            since: 2026-02-01
            addressee: {{ru: "Лодкину Ивану Петровичу, 1988 г. р.", en: "Lodkin Ivan, born 1988"}}
            confirmed_at: "-3d"
            source: lawyer
        write_about: {{en: "books about the sea, football", ru: "книги о море, футбол"}}
"""


def hearing(number: int, cases: int) -> str:
    day = f"2026-12-{number % 28 + 1:02} {9 + number % 8}:30"
    return f"""\
  - slug: hearing-{number}
    case: case-{number % cases}
    court: court-{number % 200}
    starts_at: "{day}"
    kind: merits
    room: "{number % 40}"
    judge: {{en: S. Orlova, ru: С. Орлова}}
    public: true
    status: scheduled
    confirmed_at: "-1d"
    source: lawyer
"""


# One measurement, in a process of its own


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measured(what: str, name: str, data: bytes, url: str) -> float:
    engine = make_engine(url)
    if what == "import":
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
    start = time.perf_counter()
    async with make_sessions(engine)() as session:
        if what == "export":
            await campaign_file.export(session)
        else:
            await campaign_file.import_file(session, data, name=name, now=NOW, mark=VAULT.mark_of)
    seconds = time.perf_counter() - start
    await engine.dispose()
    return seconds


def loaded(data: bytes) -> float:
    start = time.perf_counter()
    yaml.load(data, yaml.CSafeLoader)
    return time.perf_counter() - start


def measure(what: str, path: str, url: str = "") -> None:
    data = Path(path).read_bytes()
    seconds = loaded(data) if what == "yaml.load" else asyncio.run(measured(what, path, data, url))
    print(json.dumps([seconds, peak_megabytes()]))


# All of them


async def in_process(what: str, file: Path, url: str = "") -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.campaign_file", what, str(file), url]
    run = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await run.communicate()
    seconds, megabytes = json.loads(output)
    return seconds, megabytes


def made(folder: Path) -> tuple[Path, float]:
    """The file and its size in megabytes."""
    data = large_file(PEOPLE, HEARINGS).encode()
    file = folder / "large.yaml"
    file.write_bytes(data)
    return file, len(data) / 1e6


async def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file, size = made(Path(folder))
        plain, megabytes = await in_process("yaml.load", file)
        what = f"yaml.load of {size:.1f} MB ({PEOPLE} people, {HEARINGS} hearings)"
        found = [Row(what, f"{plain:.1f} s"), Row("  its peak of memory", f"{megabytes:.0f} MB")]
        found += await rows_of("SQLite", file, f"sqlite+aiosqlite:///{folder}/bot.db", plain)
        if await is_made(DATABASE):
            try:
                found += await rows_of("PostgreSQL", file, url_of(DATABASE), plain)
            finally:
                await tell_server(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        return found


async def rows_of(database: str, file: Path, url: str, plain: float) -> list[Row]:
    found = []
    for what, words in (
        ("import", "import"),
        ("again", "import again, nothing changes"),
        ("export", "export"),
    ):
        seconds, megabytes = await in_process(what, file, url)
        found += [
            at_most(f"{database}: {words}", seconds, 60, " s"),
            Row("  in units of yaml.load", f"{seconds / plain:.2f}"),
            at_most("  its peak of memory", megabytes, 500, " MB"),
        ]
    return found


async def is_made(database: str) -> bool:
    """Whether there is a server to make it on. One that a killed benchmark left is made anew."""
    try:
        await tell_server(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        await tell_server(f"CREATE DATABASE {database}")
    except OSError:
        return False
    return True


if __name__ == "__main__":
    measure(*sys.argv[1:])
