"""Rules of the whole house (ARCHITECTURE.md): a violation is told with its file and line."""

import ast
import inspect
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from babel.messages.catalog import Catalog

from bot import callbacks
from bot.callbacks import (
    OfRole,
    OfSource,
    OfStage,
    ToWhom,
    day_or_month,
    iso_day,
    maybe_day_or_month,
)
from tools import messages

ROOT = Path(__file__).parent.parent
PACKAGES = ("models", "bot", "handlers", "sandbox")

# Each may import its own line and those above it.
ORDER: list[tuple[str, ...]] = [
    ("models",),
    (
        *(
            "bot.addresses",
            "bot.clock",
            "bot.config",
            "bot.copying",
            "bot.crypto",
            "bot.db",
            "bot.finding",
            "bot.i18n",
            "bot.sqlite",
        ),
        *(
            "bot.away",
            "bot.formatted",
            "bot.fsm",
            "bot.logs",
            "bot.markup",
            "bot.metrics",
            "bot.migrate",
            "bot.screen",
        ),
        *(
            "bot.passphrase",
            "bot.patience",
            "bot.pulse",
            "bot.quick_start",
            "bot.renewal",
            "bot.sealing",
            "bot.kept_dialogs",
            "bot.intercom",
            "bot.shared_dialogs",
            "bot.site",
            "bot.tasks",
            "bot.trouble",
            "bot.turn",
            "bot.waits",
        ),
    ),
    ("bot.services",),
    ("bot.callbacks", "bot.documents", "bot.keyboards", "bot.views"),
    (
        *("bot.curtain", "bot.delivery", "bot.edits", "bot.keeping", "bot.progress"),
        *("bot.rotating", "bot.shared_tally", "bot.show"),
    ),
    ("bot.desk", "handlers"),
    ("bot.addressed", "bot.introduction", "bot.middlewares"),
    ("bot.dispatcher",),
    (
        *("bot.app", "bot.calendar_feed", "bot.check", "bot.polling", "bot.webhook"),
        *("bot.exposition", "bot.health", "bot.looks", "bot.scrape", "bot.watch"),
    ),
    ("bot.command_line", "bot.demo", "bot.newsroom"),
    ("bot.__main__",),
]
SPEAKERS = ("bot.i18n", "bot.views", "bot.keyboards", "bot.desk")
CLOCKS = ("bot.clock", "sandbox.telegram")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def files() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def module(path: Path) -> str:
    """bot/views/__init__.py is "bot.views"."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def place(name: str) -> int | None:
    return next((index for index, line in enumerate(ORDER) if within(name, *line)), None)


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def imports(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Every name imported, in full; what `from` takes may be a module or a name in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = origin(path, node)
            yield from ((node, f"{source}.{alias.name}") for alias in node.names)


def origin(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = path.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, *filter(None, [node.module])])


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a plain or dotted name, with its last two parts: "_", "datetime.now"."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node, ".".join(ast.unparse(node.func).split(".")[-2:])


def test_every_module_has_its_place() -> None:
    ours = [module(path) for path in files()]
    strangers = [name for name in ours if place(name) is None and not within(name, "sandbox")]
    assert set(strangers) <= {"bot"}, "put it into ORDER"


def test_imports_run_one_way() -> None:
    wrong = [
        f"{where(path, node)} {module(path)} imports {name}"
        for path in files()
        for node, name in imports(path)
        if (here := place(module(path))) is not None and (there := place(name)) is not None
        if there > here
    ]
    assert not wrong, "\n".join(wrong)


def test_models_know_nothing_of_the_rest() -> None:
    wrong = [
        f"{where(path, node)} imports {name}"
        for path in files()
        if within(module(path), "models")
        for node, name in imports(path)
        if within(name, "bot", "handlers", "sandbox", "aiogram")
    ]
    assert not wrong, "\n".join(wrong)


def test_services_know_nothing_of_telegram() -> None:
    wrong = [
        f"{where(path, node)} imports {name}"
        for path in files()
        if within(module(path), "bot.services")
        for node, name in imports(path)
        if within(name, "aiogram", "aiogram_dialog", "bot.screen")
    ]
    assert not wrong, "\n".join(wrong)


def test_the_sandbox_stands_alone() -> None:
    wrong = [
        f"{where(path, node)} imports {name}"
        for path in files()
        for node, name in imports(path)
        if (within(module(path), "sandbox") and within(name, "bot", "handlers", "models"))
        or (within(name, "sandbox") and not within(module(path), "sandbox", "bot.demo"))
    ]
    assert not wrong, "\n".join(wrong)


def test_wording_lives_in_views() -> None:
    wrong = [
        f"{where(path, node)} speaks"
        for path in files()
        for node, name in calls(path)
        if name.split(".")[-1] in messages.KEYWORDS and not within(module(path), *SPEAKERS)
    ]
    assert not wrong, "\n".join(wrong)


def spoken(path: Path) -> Iterator[tuple[ast.Call, list[ast.expr]]]:
    for node, name in calls(path):
        if name in messages.KEYWORDS and module(path) != "bot.i18n":
            yield node, node.args[: len(messages.KEYWORDS[name])]


def test_messages_are_plain_texts() -> None:
    wrong = [
        f"{where(path, node)} is not a plain text"
        for path in files()
        for node, texts in spoken(path)
        if not all(isinstance(text, ast.Constant) and text.value for text in texts)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_message_is_found_by_babel() -> None:
    """It overlooks those inside of f-strings."""
    said = messages.sources()
    wrong = [
        f"{where(path, node)} cannot be translated: inside of an f-string?"
        for path in files()
        for node, texts in spoken(path)
        if said.get(getattr(texts[0], "value", "")) is None
    ]
    assert not wrong, "\n".join(wrong)


WRITING = {"campaign_file.apply", "campaign_file.carry_out", "campaign_file.import_file"}
WRITERS = ("bot.services.proposals", "bot.command_line", "bot.newsroom", "bot.demo")


def test_what_changes_at_the_desk_goes_by_the_four_eyes() -> None:
    wrong = [
        f"{where(path, node)} calls {name}"
        for path in files()
        for node, name in calls(path)
        if name in WRITING and module(path) not in WRITERS
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_clock_tells_the_time() -> None:
    forbidden = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    wrong = [
        f"{where(path, node)} calls {name}"
        for path in files()
        for node, name in calls(path)
        if name in forbidden and module(path) not in CLOCKS
    ]
    wrong += [
        f"{where(path, node)} imports {name}"
        for path in files()
        for node, name in imports(path)
        if name in {"time.time", "time.time_ns"}
    ]
    assert not wrong, "\n".join(wrong)


def actions() -> list[type[CallbackData]]:
    members = [value for _, value in inspect.getmembers(callbacks, inspect.isclass)]
    return [
        value for value in members if issubclass(value, CallbackData) and value is not CallbackData
    ]


def largest(action: type[CallbackData]) -> dict[str, Any]:
    """The longest value of each field by its type and bounds."""
    return {name: largest_value(field) for name, field in action.model_fields.items()}


def largest_value(field: Any) -> Any:
    bounds = {key: value for item in field.metadata for key, value in vars_of(item).items()}
    if field.annotation is bool:
        return True
    if field.annotation is int:
        return max((bounds["ge"], bounds["le"]), key=lambda value: len(str(value)))
    if field.annotation in (OfStage, OfRole, OfSource, ToWhom):
        return max(field.annotation.__args__[0], key=len)
    if issubclass(field.annotation, StrEnum):
        return max(field.annotation, key=len)
    assert field.annotation is str, f"no rule for {field.annotation}"
    days = (iso_day, day_or_month, maybe_day_or_month)
    is_day = any(getattr(item, "func", None) in days for item in field.metadata)
    return "2026-12-31" if is_day else "z" * bounds["max_length"]


def vars_of(bound: Any) -> dict[str, Any]:
    names = ("ge", "le", "max_length")
    return {name: getattr(bound, name) for name in names if hasattr(bound, name)}


def test_callback_prefixes_are_unique() -> None:
    prefixes = [action.__prefix__ for action in actions()]
    assert len(prefixes) > 10
    assert sorted(prefixes) == sorted(set(prefixes))


@pytest.mark.parametrize("action", actions(), ids=lambda action: action.__name__)
def test_a_button_carries_at_most_64_bytes(action: type[CallbackData]) -> None:
    full = action(**largest(action))
    packed = full.pack()
    assert len(packed.encode()) <= 64
    assert action.unpack(packed) == full


@pytest.mark.parametrize("language", messages.languages())
def test_a_catalogue_is_complete_and_keeps_placeholders_and_tags(language: str) -> None:
    assert list(messages.problems(language)) == []


SAID = Catalog(fuzzy=False)
SAID.add("<b>{name}</b> is {age:02}")
SAID.add(("One letter", "{n} letters"))
FORMS = {0: "{n} письмо", 1: "{n} письма", 2: "{n} писем"}


@pytest.mark.parametrize(
    ("single", "plural", "problem"),
    [
        ("<b>{name}</b>: {age:02}", FORMS, None),
        ("<b>{age:02}: {name}</b>", FORMS, None),
        ("<b>{name}</b>", FORMS, "other placeholders"),
        ("<b>{name}</b>: {age}", FORMS, "other placeholders"),
        ("<b>{nome}</b>: {age:02}", FORMS, "other placeholders"),
        ("<b>{name</b>: {age:02}", FORMS, "other placeholders"),
        ("<b>{name}<b>: {age:02}", FORMS, "other tags"),
        ("{name}: {age:02}", FORMS, "other tags"),
        ("", FORMS, "not translated"),
        ("<b>{name}</b>: {age:02}", {**FORMS, 0: "Одно письмо"}, "other placeholders"),
        ("<b>{name}</b>: {age:02}", {**FORMS, 1: ""}, "not translated"),
        (None, FORMS, "missing"),
    ],
)
def test_a_wrong_catalogue_is_told(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    single: str | None,
    plural: dict[int, str],
    problem: str | None,
) -> None:
    monkeypatch.setattr(messages, "LOCALES", tmp_path)
    catalog = Catalog(locale="ru", fuzzy=False)
    catalog.add(("One letter", "{n} letters"), tuple(plural.values()))
    if single is not None:
        catalog.add("<b>{name}</b> is {age:02}", single)
    write(catalog)
    found = list(messages.problems("ru", SAID))
    assert [line.split(": ")[1].startswith(problem or "") for line in found] == [True] * bool(
        problem
    )


def test_what_is_stale_or_unsure_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(messages, "LOCALES", tmp_path)
    catalog = Catalog(locale="ru", fuzzy=False)
    catalog.add("<b>{name}</b> is {age:02}", "<b>{name}</b>: {age:02}", flags=["fuzzy"])
    catalog.add(("One letter", "{n} letters"), tuple(FORMS.values()))
    catalog.add("Said no more", "Забыто")
    write(catalog)
    file = messages.file_of("ru")
    file.write_text(file.read_text() + '#~ msgid "Said long ago"\n#~ msgstr "Давно"\n')
    told = " ".join(messages.problems("ru", SAID))
    assert told.count("ru: ") == 3
    assert all(words in told for words in ("fuzzy", "'Said no more'", "'Said long ago'"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('msgid "broken', "ru: cannot be read"),
        ('msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n != 1;"\n', "ru: 2 plural forms"),
    ],
)
def test_a_wrong_head_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, problem: str
) -> None:
    monkeypatch.setattr(messages, "LOCALES", tmp_path)
    file = messages.file_of("ru")
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert next(messages.problems("ru", SAID)).startswith(problem)


def write(catalog: Catalog) -> None:
    file = messages.file_of(str(catalog.locale))
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        messages.write_po(target, catalog)


def test_an_update_keeps_translations_and_changes_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(messages, "LOCALES", tmp_path)
    said = next(str(message.id) for message in messages.sources() if message.id)
    catalog = Catalog(locale="ru", fuzzy=False)
    catalog.add(said, "Переведено")
    catalog.add("Said no more", "Забыто")
    write(catalog)
    messages.update("ru")
    once = messages.file_of("ru").read_text()
    messages.update("ru")
    assert messages.file_of("ru").read_text() == once
    assert messages.read("ru").get(said).string == "Переведено"
    assert "Забыто" not in once
    assert "Plural-Forms: nplurals=3" in once
    assert "-Date" not in once


# What is said of safety.

SECURITY = (ROOT / "SECURITY.md").read_text()
UNHELD = ["Telegram, or who commands it"]
"""Of whom nothing is claimed that a test could hold."""


def test_every_claim_of_safety_names_tests_that_are_there() -> None:
    table = [line.split("|")[1:-1] for line in SECURITY.splitlines() if line.startswith("| ")]
    rows = {who.strip(): held.strip() for who, *_, held in table if who.strip() != "who"}
    assert len(rows) > 9
    for who, held in rows.items():
        files = [name for name in held.split(", ") if name]
        assert bool(files) == (who not in UNHELD), who
        for name in files:
            assert (ROOT / name).is_file(), name


BUTTONS = {
    "Who keeps the facts", "End it", "Emergency", "Stop all sending", "End all other roles",
    "What was changed", "New address",
}  # fmt: skip


def test_what_to_press_in_an_emergency_is_there() -> None:
    """Nobody looks for a button then that has another name."""
    said = " ".join(str(message.id) for message in messages.sources() if message.id)
    plain = " ".join(SECURITY.split())
    for label in BUTTONS:
        assert f"*{label}*" in plain
        assert label in said


def test_the_readme_leads_to_it() -> None:
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text()
