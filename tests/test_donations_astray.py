"""Donations when Telegram fails, or whoever writes the file means ill or errs."""

import pytest
from sqlalchemy import select

import bot.patience
from bot.services.campaign_file import CampaignFileError
from bot.services.campaign_file.values import payment_url
from bot.services.payment_details import is_mistyped
from models import FundraiserFigure
from tests.test_donations import draws, is_open, looks, way
from tests.town import Town

pytestmark = pytest.mark.either_database


async def raised(here: Town, **facts: str) -> None:
    here.clock.forward(days=1)
    inner = ", ".join(f"{key}: {value}" for key, value in facts.items())
    await here.take_in(f"fundraisers: [{{slug: lodkin-lawyer, {inner}}}]".encode())


# The curtain.


async def test_a_code_must_wait_is_hidden_later(harbour: Town) -> None:
    """429 with more than ten seconds, at the deletion of a QR code."""
    anna = await looks(harbour)
    harbour.clock.forward(hours=1)
    harbour.telegram.faults.too_many_requests(20, method="deleteMessage")
    await draws(harbour)
    await draws(harbour)
    assert not is_open(anna)


async def test_telegram_itself_fails_at_the_hiding(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.patience, "OUTAGE", 0.1)
    anna = await looks(harbour)
    harbour.clock.forward(hours=1)
    harbour.telegram.faults.server_error(502, method="editMessageText", times=None)
    await draws(harbour)
    harbour.telegram.faults.clear()
    await draws(harbour)
    assert not is_open(anna)


async def test_a_press_that_fails_leaves_nothing_open(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.patience, "OUTAGE", 0.1)
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    harbour.telegram.faults.server_error(500, method="editMessageText", times=None)
    await anna.press("Back")
    harbour.telegram.faults.clear()
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not is_open(anna)


async def test_a_code_whose_press_was_not_acknowledged_is_hidden(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    harbour.telegram.faults.server_error(500, method="answerCallbackQuery", times=None)
    await anna.press("QR code")
    harbour.telegram.faults.clear()
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not is_open(anna)


# Details.

BAD = [
    "[{kind: bik, value: '044525225'}]",
    "[{kind: inn, value: '7707083893'}]",
    "[{kind: bic, value: DEUTDEFF500}]",
    "[{kind: bik, value: '044525225'}, {kind: account, value: '40817810700000000001'},"
    " {kind: account, value: '40817810700000000999'}]",
]


@pytest.mark.parametrize("details", BAD)
async def test_by_these_nobody_can_pay(harbour: Town, details: str) -> None:
    with pytest.raises(CampaignFileError):
        await harbour.take_in(way(details=details))


def test_an_account_at_the_bank_of_russia_itself() -> None:
    assert not is_mistyped("40101810800000010041", "044583001")
    assert not is_mistyped("40101810045250010041", "044525000")


# The code's caption.


async def test_a_wordy_way_has_a_code(harbour: Town) -> None:
    words = ("word " * 60)[:299]
    await harbour.take_in(way(
        url=f'"https://donate.example.org/{"x" * 400}"', legal_status=f'{{en: "{words}"}}',
        warning=f'{{en: "{words}"}}', not_for=f'{{en: "{words}"}}',
    ))  # fmt: skip
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    await anna.press("From Russia")
    await anna.press("QR code")
    assert anna.last.photo is not None


async def test_who_must_not_use_it_stands_whole_beside_the_code(harbour: Town) -> None:
    await harbour.take_in(way(url="https://x.example.org/9", not_for=f'{{en: "{"x " * 100}END"}}'))
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    await anna.press("From Russia")
    anna.sees("END")
    await anna.press("QR code")
    anna.sees("END")


# The picture.


async def figures(here: Town) -> list[int]:
    async with here.app.sessions() as session:
        query = select(FundraiserFigure.raised).order_by(FundraiserFigure.day)
        return [int(one) for one in await session.scalars(query)]


@pytest.mark.parametrize("amount", ["700", "70000"])
async def test_a_picture_is_of_one_currency(harbour: Town, amount: str) -> None:
    await raised(harbour, goal="{amount: 150000, currency: EUR}", raised=amount)
    assert await figures(harbour) == [int(amount)]


async def test_a_mistyped_figure_goes_when_it_is_corrected(harbour: Town) -> None:
    for amount in ("64000", "650000", "65000", "66000"):
        await raised(harbour, raised=amount)
    assert await figures(harbour) == [63000, 64000, 65000, 66000]


async def test_another_goal_keeps_how_it_grew(harbour: Town) -> None:
    await raised(harbour, goal="{amount: 200000, currency: RUB}", raised="64000")
    assert await figures(harbour) == [63000, 64000]


async def test_under_the_picture_of_a_closed_one_it_is_not_open(harbour: Town) -> None:
    await raised(harbour, raised="64000")
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    await harbour.take_in(b"fundraisers: [{slug: lodkin-lawyer, status: cancelled}]")
    harbour.clock.forward(days=40)
    await anna.press("How it grew")
    anna.sees_not("today is the last day")
    anna.sees_not("Open until")


# Owners.


# Links.

HOSTILE = [
    "https://l.facebook.com/l.php?u=evil.example",
    "https://www.google.com/url?q=evil.example",
    "https://x.example/?redirect-url=evil.example",
    "https://x.example/?a=1;url=evil.example",
    "https://x.example/?url=evil%25252Eexample",
    "https://www.google.com/amp/s/evil.example",
    "https://evil-example.translate.goog/",
    "https://lnkd.in/abc", "https://dub.sh/x", "https://gg.gg/x", "https://amzn.to/x",
    "https://xn--paypl-m11b.com/", "https://xn--0xaaeb.com/", "https://xn--tnkoff-p9a.com/",
    "https://paypal.com:99999/x", "https://0x7f.0x1/x",
]  # fmt: skip


@pytest.mark.parametrize("link", HOSTILE)
def test_a_link_that_leads_elsewhere(link: str) -> None:
    with pytest.raises(Exception, match="url"):
        payment_url(link)


@pytest.mark.parametrize(
    "facts", [{"method": '{en: "Pay at evil.example.org/x"}'}, {"warning": '{en: "see bit.ly/x"}'},
              {"not_for": '{en: "https://evil.example.org"}'}]
)  # fmt: skip
async def test_no_way_around_the_link_in_words(harbour: Town, facts: dict[str, str]) -> None:
    with pytest.raises(CampaignFileError):
        await harbour.take_in(way(url="https://x.example.org/9", **facts))


# Screens.


async def test_who_is_remembered_sees_how_far_it_is(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/settings")
    await anna.press("Where I pay from")
    await anna.press("From Russia")
    await anna.send("/start f-lodkin-lawyer")
    anna.sees("63,000")


async def test_without_any_way_nobody_is_asked_where_they_are(harbour: Town) -> None:
    harbour.clock.forward(days=20)
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    anna.sees_not("Where will you pay from")


async def test_every_way_can_be_reached(harbour: Town) -> None:
    for n in range(13):
        await harbour.take_in(
            way(slug=f"w-{n}", method=f"{{en: Way {n}}}", url=f"https://x.example.org/{n}")
        )
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    await anna.press("From Russia")
    assert "Way 12" in anna.last.labels
