"""The page's texts: the same in both languages, none missing, none unused."""

import json
import re
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser

from tests.page.hall import PAGE, hall

MODULES = sorted(PAGE.glob("*.js"))
SOURCES = "\n".join(path.read_text() for path in MODULES if path.name != "texts.js")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
CALLED = re.compile(r"""\b[tn]\(\s*["'](\w+)["']""")
WORDS = re.compile(r"""["'](\w+)["']""")
FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(browser: Browser) -> dict[str, dict[str, Any]]:
    async with hall() as here:
        seen = await here.opens(browser)
        found = await seen.page.evaluate("import('/page/texts.js').then(module => module.TEXTS)")
        await seen.page.context.close()
        return dict(found)


def placeholders(text: Any) -> set[str]:
    return set(PLACEHOLDER.findall(json.dumps(text)))


async def test_both_languages_say_the_same(told: dict[str, dict[str, Any]]) -> None:
    english, russian = told["en"], told["ru"]
    assert list(english) == list(russian)
    for key, text in english.items():
        assert placeholders(text) == placeholders(russian[key]), key
        assert isinstance(text, str) == isinstance(russian[key], str), key


async def test_numbers_have_every_form(told: dict[str, dict[str, Any]]) -> None:
    for language, texts in told.items():
        for key, text in texts.items():
            if isinstance(text, dict):
                assert set(text) in (FORMS[language], {"other"}), f"{language}: {key}"


async def test_nothing_is_left_untranslated(told: dict[str, dict[str, Any]]) -> None:
    same = [key for key, text in told["ru"].items() if text == told["en"][key]]
    latin = [key for key, text in told["ru"].items() if not re.search("[а-яё]", str(text).lower())]
    assert same == []
    assert latin == []


async def test_what_is_said_is_there_and_what_is_there_is_said(
    told: dict[str, dict[str, Any]],
) -> None:
    assert set(CALLED.findall(SOURCES)) - set(told["en"]) == set()
    assert set(told["en"]) - set(WORDS.findall(SOURCES)) == set()


def test_nothing_people_wrote_becomes_markup() -> None:
    """Text only ever becomes text nodes; the page's own words come from texts.js."""
    forbidden = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "srcdoc",
    )
    assert [word for word in forbidden if word in SOURCES] == []
    assert not re.search(r"[А-Яа-яЁё]", SOURCES.replace("Русский", ""))


def test_nothing_comes_from_elsewhere() -> None:
    sources = SOURCES + "".join(path.read_text() for path in PAGE.glob("*.css"))
    addresses = set(re.findall(r"https?://[\w.]+", sources))
    assert addresses <= {"http://www.w3.org", "https://www.openstreetmap.org"}


def test_every_module_is_used() -> None:
    assert {path.suffix for path in PAGE.iterdir()} <= {".html", ".css", ".js", ".svg"}
    imported = set(re.findall(r'from "\./([\w.]+)"', SOURCES))
    assert imported | {"main.js"} == {path.name for path in MODULES}
