"""Donations: only what is safe where the payer is, and lately checked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.campaign_file import CampaignFileError
from bot.services.donations import is_safe
from bot.views import campaign_file as views
from models import DonationRoute, PayFrom
from tests.town import Town

pytestmark = pytest.mark.either_database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(
    st.sampled_from(PayFrom), st.sampled_from([PayFrom.RUSSIA, PayFrom.ELSEWHERE]),
    st.integers(-3, 60), st.integers(1, 60),
)  # fmt: skip
def test_a_route_is_offered_only_where_it_is_safe_and_while_it_is_checked(
    meant_for: PayFrom, payer: PayFrom, age: int, valid_days: int
) -> None:
    route = DonationRoute(
        pay_from=meant_for, checked_at=NOW - timedelta(days=age), valid_days=valid_days
    )
    expected = meant_for in (payer, PayFrom.ANYWHERE) and 0 <= age < valid_days
    assert is_safe(route, payer, NOW) is expected


async def test_from_russia_only_the_russian_way_with_its_warning(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/donate")
    anna.sees("A lawyer for Ivan")
    anna.sees("63,000")
    anna.sees("For: lawyer")
    await anna.press("A lawyer for Ivan")
    anna.sees("Where will you pay from?")
    await anna.press("From Russia")
    anna.sees("Russian bank card")
    anna.sees("https://donate.example.org/lodkin-ru")
    anna.sees("Write no comment to the transfer")
    anna.sees("Checked 2 days ago")
    anna.sees_not("PayPal")
    text = anna.last.text
    assert text.index("Write no comment") < text.index("https://")


async def test_from_elsewhere_only_the_other_way(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    await anna.press("From another country")
    anna.sees("PayPal")
    anna.sees("Do not pay from Russia")
    anna.sees_not("lodkin-ru")


async def test_a_way_that_nobody_checked_again_disappears_by_itself(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    harbour.clock.forward(days=13)
    await anna.press("From Russia")
    anna.sees("No way to pay from there is confirmed as safe")
    assert not any(button.url for row in anna.last.buttons for button in row)


async def test_a_persons_card_leads_to_their_fundraisers(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Donate")
    anna.sees("A lawyer for Ivan")
    await anna.send("/start d-marta-vetrova")
    await anna.press("Donate")
    anna.sees("No fundraiser is open here now. These are:")
    anna.sees("A lawyer for Ivan")


LONE = b"""cases:
- {slug: other, title: {en: Another case}, stage: trial, defendants: [
    {slug: olga-senina, name: {en: Olga Senina}, status: at_liberty}]}
"""


async def test_where_nothing_is_asked_for_one_sees_what_is_and_comes_back(harbour: Town) -> None:
    await harbour.take_in(LONE)
    anna = harbour.person()
    await anna.send("/start d-olga-senina")
    await anna.press("Donate")
    anna.sees("No fundraiser is open here now. These are:")
    await anna.press("A lawyer for Ivan")
    await anna.press("Fundraisers")
    anna.sees("No fundraiser is open here now. These are:")
    await anna.press("Card")
    anna.sees("Olga Senina")


async def test_where_no_fundraiser_is_open_at_all_something_else_helps(harbour: Town) -> None:
    await harbour.take_in(LONE)
    harbour.clock.forward(days=31)
    anna = harbour.person()
    await anna.send("/start d-olga-senina")
    await anna.press("Donate")
    anna.sees("No fundraiser is open now.\nComing to court helps, too.")
    assert anna.last.labels == ["🗓 Hearings", "‹ Card", "☰ Menu"]
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Donate")
    anna.sees("A letter helps, too, and so does coming to court.")
    await anna.press("Write a letter")
    anna.sees("Ivan Lodkin")


async def test_a_closed_fundraiser_is_gone(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    harbour.clock.forward(days=31)
    await anna.press("From Russia")
    anna.sees("out of date")
    await anna.send("/donate")
    anna.sees("No fundraiser is open now")


# The moment in UTC, and whether a fundraiser of Moscow that closes on 25 November is open.
CLOSING = [(datetime(2026, 11, 25, 20, 30, tzinfo=UTC), True),
           (datetime(2026, 11, 25, 21, 30, tzinfo=UTC), False)]  # fmt: skip


@pytest.mark.parametrize(("moment", "is_open"), CLOSING)
async def test_a_fundraiser_closes_at_the_organisers_midnight(
    harbour: Town, moment: datetime, is_open: bool
) -> None:
    await harbour.take_in(b"fundraisers: [{slug: lodkin-lawyer, closes: 2026-11-25}]")
    anna = harbour.person()
    harbour.clock.moment = moment
    await anna.send("/donate")
    anna.sees("A lawyer for Ivan" if is_open else "No fundraiser is open now")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Donate")
    anna.sees("A lawyer for Ivan" if is_open else "No fundraiser is open now")


async def test_a_changed_link_must_be_checked_anew(harbour: Town) -> None:
    changed = b"donation_routes: [{slug: lodkin-card-ru, url: https://other.example.org/x}]"
    with pytest.raises(CampaignFileError) as refused:
        await harbour.take_in(changed)
    assert "checked_at" in views.problem(refused.value.problems[0])
    await harbour.take_in(changed.replace(b"/x", b"/x, checked_at: 2026-11-22"))
    anna = harbour.person()
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    await anna.press("From Russia")
    anna.sees("https://other.example.org/x")


async def test_no_link_stands_without_its_warning(harbour: Town) -> None:
    routes = "".join(
        f"""
  - {{slug: long-{n}, fundraiser: lodkin-lawyer, pay_from: russia, method: {{en: Way {n}}},
     url: "https://donate.example.org/{n}", legal_status: {{en: "{"fine " * 55}"}},
     warning: {{en: "Number {n} {"beware " * 40}"}}, checked_at: "-1d", valid_days: 9}}"""
        for n in range(9)
    )
    await harbour.take_in(f"donation_routes:{routes}".encode())
    anna = harbour.person()
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    await anna.press("From Russia")
    offered = [b.url for row in anna.last.buttons for b in row if b.url]
    assert 2 < len(offered) < 10
    for url in offered:
        anna.sees(url)
    assert not anna.last.text.endswith("…")
