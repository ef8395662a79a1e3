"""Where people ask the organisers: said by the campaign file, shown where the bot knows no more."""

import pytest

from bot.services.campaign_file import CampaignFileError
from bot.views import campaign_file as views
from tests.town import Town

pytestmark = pytest.mark.either_database

ADDRESSES = {
    "@harbour_fund": "@harbour_fund",
    "https://t.me/harbour_fund": "t.me/harbour_fund",
    "mailto:ask@harbour.example.org": "ask@harbour.example.org",
}
WRONG = (
    "harbour_fund", "@x", "@имя", "http://t.me/x", "mailto:nobody", "mailto:a@b", "tg://user?id=1",
    "https://t.me@evil.example/x", "mailto:a@b.org?cc=c@d.org",
)  # fmt: skip


async def says(town: Town, contact: str) -> None:
    await town.take_in(f'organisation: {{slug: harbour, contact: "{contact}"}}'.encode())


@pytest.mark.parametrize("contact", ADDRESSES)
async def test_help_tells_where_to_ask(harbour: Town, contact: str) -> None:
    await says(harbour, contact)
    anna = harbour.person(language="en")
    await anna.send("/help")
    anna.sees(f"Ask the organisers: {ADDRESSES[contact]}")


@pytest.mark.parametrize("contact", WRONG)
async def test_what_is_no_contact_is_told(harbour: Town, contact: str) -> None:
    with pytest.raises(CampaignFileError) as refused:
        await says(harbour, contact)
    assert "contact" in views.problem(refused.value.problems[0])


async def test_wherever_the_bot_knows_no_more_it_says_whom_to_ask(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("Tchaikovsky")
    anna.sees("Ask the organisers: @harbour_fund_example")
    harbour.clock.forward(days=6)
    await anna.send("/hearings")
    await anna.press("Past hearings")
    await anna.press("25.11 10:00")
    anna.sees("Tell the organisers: @harbour_fund_example")
    harbour.clock.forward(days=14)
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    anna.sees("Ask the organisers: @harbour_fund_example")
    harbour.clock.forward(days=90)
    await anna.send("/start d-ivan-lodkin")
    await anna.press("About letters")
    anna.sees("Tell the organisers: @harbour_fund_example")


async def test_a_hearing_that_nobody_confirmed_says_whom_to_ask(harbour: Town) -> None:
    await harbour.take_in(b"hearings: [{slug: port-strike-1, starts_at: 2026-11-26 09:00}]")
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("26.11 09:00")
    anna.sees("Ask the organisers: @harbour_fund_example")


async def test_without_a_contact_nothing_is_invented(sac: Town) -> None:
    anna = sac.person(language="en")
    for said in ("/help", "Tchaikovsky", "/about"):
        await anna.send(said)
        anna.sees_not("organisers:")
    await anna.send("/start d-boris-kagarlitsky")
    await anna.press("About letters")
    anna.sees_not("organisers:")


async def test_who_we_are_tells_what_the_organisers_do(sac: Town) -> None:
    anna = sac.person(language="ru")
    await anna.send("/help")
    await anna.press("Кто мы")
    anna.sees("Комитет солидарных действий")
    anna.sees("• поиск пропавших заключённых")
    anna.sees("Собрано за год: около 800 000 ₽".replace("800 000 ₽", "800\xa0000\xa0₽"))
    await anna.press("‹ Что умеет бот")
    anna.sees("Что умеет этот бот")
