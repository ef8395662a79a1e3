"""A browser for the whole run; where it is missing the tests are skipped, in CI they fail."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, async_playwright, expect

from tests import IN_CI
from tests.page.hall import Hall, Seen, hall
from tools.browser import found

expect.set_options(timeout=20_000)  # a busy machine is no fault of a test
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-gpu",
]  # fmt: skip


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=found(), args=ARGUMENTS)
        except Error as error:
            say = pytest.fail if IN_CI else pytest.skip
            say(f"no Chromium (TEST_CHROMIUM names another one): {error.message.splitlines()[0]}")
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def here() -> AsyncIterator[Hall]:
    async with hall() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, here: Hall) -> AsyncIterator[Seen]:
    """The page, wide and in English; at the end nothing went wrong in it."""
    seen = await here.opens(browser)
    yield seen
    await seen.page.context.close()
    assert seen.wrong == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser lives as long as the run, and so does its event loop."""
    for item in items:
        if "tests/page/" in item.path.as_posix() and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
