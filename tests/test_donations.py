"""Donations: only what is safe where the payer is, and lately checked."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.curtain import Curtain, hide
from bot.delivery.sender import at_once
from bot.delivery.telegram import make_sending_bot
from bot.services.campaign_file import CampaignFileError
from bot.services.donations import PLACES, is_safe
from bot.show import Place
from bot.views import campaign_file as views
from models import Base, DonationRoute, PayFrom, Subscriber
from sandbox import Person
from tests.pages import code
from tests.test_follows import toast
from tests.town import TOKEN, Town

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
    anna.sees("Letters and parcels for all")
    anna.sees_not("A lawyer for Ivan")
    await harbour.take_in(NO_COMMON_FUND)
    await anna.send("/start d-marta-vetrova")
    await anna.press("Donate")
    anna.sees("A lawyer for Ivan")


NO_COMMON_FUND = b"fundraisers: [{slug: harbour-common, status: cancelled}]"
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
    await anna.press("Letters and parcels for all")
    await anna.press("Fundraisers")
    anna.sees("No fundraiser is open here now. These are:")
    await anna.press("The person")
    anna.sees("Olga Senina")


async def test_where_no_fundraiser_is_open_at_all_something_else_helps(harbour: Town) -> None:
    await harbour.take_in(LONE)
    await harbour.take_in(NO_COMMON_FUND)
    harbour.clock.forward(days=31)
    anna = harbour.person()
    await anna.send("/start d-olga-senina")
    await anna.press("Donate")
    anna.sees("No fundraiser is open now.\nComing to court helps, too.")
    assert anna.last.labels == ["🗓 Hearings", "‹ The person", "☰ Menu"]
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Donate")
    anna.sees("A letter helps, too, and so does coming to court.")
    await anna.press("Write a letter")
    anna.sees("Ivan Lodkin")


CLOSED = [
    ("closes: 2026-11-21", "This fundraiser is over. Thank you!"),
    ("raised: 150000", "🎉 The goal is reached. Thank you!"),
    ("status: cancelled", "This fundraiser was called off. Thank you; please send nothing more."),
]


@pytest.mark.parametrize(("facts", "told"), CLOSED)
async def test_of_a_closed_fundraiser_old_buttons_thank_and_give_no_link(
    harbour: Town, facts: str, told: str
) -> None:
    anna = harbour.person()
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    await harbour.take_in(f"fundraisers: [{{slug: lodkin-lawyer, {facts}}}]".encode())
    await anna.press("From Russia")
    anna.sees(told)
    anna.sees("Raised together: RUB")
    for old in ("fund:1:0:0:0", "payfrom:1:0:0:0", "route:1:russia:1", "qr:1:russia:1"):
        await anna.press_data(old)
        assert not any(button.url for row in anna.last.buttons for button in row)
        anna.sees_not("lodkin-ru")
    await anna.send("/donate")
    anna.sees_not("A lawyer for Ivan")


def way(**facts: str) -> bytes:
    """Of the common fund, for who pays from Russia."""
    said = {
        "slug": "w",
        "fundraiser": "harbour-common",
        "pay_from": "russia",
        "method": "{en: Way}",
        "legal_status": "{en: fine}",
        "checked_at": '"-1d"',
        **facts,
    }
    inner = ", ".join(f"{key}: {value}" for key, value in said.items())
    return f"donation_routes: [{{{inner}}}]".encode()


# The moment in UTC, and whether a fundraiser of Moscow that closes on 25 November is open.
CLOSING = [(datetime(2026, 11, 25, 20, 30, tzinfo=UTC), True),
           (datetime(2026, 11, 25, 21, 30, tzinfo=UTC), False)]  # fmt: skip


@pytest.mark.parametrize(("moment", "is_open"), CLOSING)
async def test_a_fundraiser_closes_at_the_organisers_midnight(
    harbour: Town, moment: datetime, is_open: bool
) -> None:
    await harbour.take_in(b"fundraisers: [{slug: lodkin-lawyer, closes: 2026-11-25}]")
    await harbour.take_in(NO_COMMON_FUND)
    anna = harbour.person()
    harbour.clock.moment = moment
    await anna.send("/donate")
    anna.sees("A lawyer for Ivan" if is_open else "No fundraiser is open now")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Donate")
    anna.sees("A lawyer for Ivan" if is_open else "No fundraiser is open now")


@pytest.mark.parametrize("ways", ["url: null", "url: null, details: [{kind: bank, value: X}]"])
async def test_a_route_has_something_to_pay_by(harbour: Town, ways: str) -> None:
    route = f"donation_routes: [{{slug: lodkin-card-ru, {ways}, checked_at: 2026-11-22}}]"
    with pytest.raises(CampaignFileError) as refused:
        await harbour.take_in(route.encode())
    assert "nothing to pay by" in views.problem(refused.value.problems[0])


async def test_other_details_must_be_checked_anew(harbour: Town) -> None:
    details = "[{kind: phone, value: '+12025550123'}]"
    changed = f"donation_routes: [{{slug: harbour-transfer, details: {details}}}]"
    with pytest.raises(CampaignFileError) as refused:
        await harbour.take_in(changed.encode())
    assert "checked_at" in views.problem(refused.value.problems[0])


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


WAYS = "".join(
    f"""
  - {{slug: long-{n}, fundraiser: lodkin-lawyer, pay_from: russia, method: {{en: Way {n}}},
     url: "https://donate.example.org/{n}", legal_status: {{en: "{"fine " * 55}"}},
     warning: {{en: "Number {n} {"beware " * 40}"}}, checked_at: "-1d", valid_days: {n + 2}}}"""
    for n in range(9)
)


async def test_of_many_ways_one_is_chosen_and_no_link_stands_without_its_warning(
    harbour: Town,
) -> None:
    await harbour.take_in(f"donation_routes:{WAYS}".encode())
    anna = harbour.person()
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    await anna.press("From Russia")
    anna.sees("How do you want to pay?")
    assert not any(button.url for row in anna.last.buttons for button in row)
    anna.sees_not("https://")
    await anna.press("Way 3")
    text = anna.last.text
    assert text.index("Number 3") < text.index("https://donate.example.org/3")
    assert [b.url for row in anna.last.buttons for b in row if b.url] == [
        "https://donate.example.org/3"
    ]


async def test_a_way_that_lapses_under_ones_fingers_is_being_checked(harbour: Town) -> None:
    await harbour.take_in(f"donation_routes:{WAYS}".encode())
    anna = harbour.person()
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    await anna.press("From Russia")
    harbour.clock.forward(days=3)
    await anna.press("Way 1")
    assert toast(anna) == (
        "This way to pay is being checked right now, and not shown until that is done."
    )
    assert "Way 1" not in anna.last.labels
    assert "Way 3" in anna.last.labels
    await anna.press_data("qr:1:russia:4")
    assert toast(anna).startswith("This way to pay is being checked")


async def test_details_are_copied_in_one_tap_and_scanned(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/donate")
    await anna.press("Letters and parcels for all")
    await anna.press("From another country")
    anna.sees("⛔ Do not pay from Russia.")
    anna.sees("IBAN: DE89 3704 0044 0532 0130 00")
    for label, value in (
        ("Recipient", "Harbour"),
        ("IBAN", "DE89370400440532013000"),
        ("Comment", "Parcels"),
    ):
        await anna.press(label)
        assert anna.clipboard == value
    await anna.press("QR code")
    anna.sees("Bank transfer")
    anna.sees("⛔ Do not pay from Russia.")
    assert anna.last.photo is not None
    assert code(anna.last.photo.content) == (
        "BCD\n002\n1\nSCT\n\nHarbour\nDE89370400440532013000\n\n\n\nParcels"
    )


async def test_a_link_opens_what_it_is_for(harbour: Town) -> None:
    anna = harbour.person(language="ru")
    await anna.send("/start f-lodkin-lawyer")
    anna.sees("Адвокат для Ивана")
    anna.sees("осталось 30 дней")
    await anna.send("/start f-nothing")
    anna.sees_not("Откуда")


async def test_in_a_group_no_way_is_shown(harbour: Town) -> None:
    anna = harbour.person()
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/donate@solidarity_bot", chat=group)
    await anna.press("A lawyer for Ivan", chat=group)
    group.sees("How to pay is shown only in a private chat")
    for old in ("pay:1:russia:0:0:0", "route:1:russia:1", "qr:1:russia:1", "payfrom:1:0:0:0"):
        await anna.press_data(old, chat=group)
        group.sees_not("lodkin-ru")
    link = next(b.url for row in group.last.buttons for b in row if b.url)
    assert link.endswith("?start=f-lodkin-lawyer")


async def test_where_one_pays_from_is_remembered_only_if_one_wants_it(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/settings")
    await anna.press("Where I pay from")
    await anna.press("From Russia")
    anna.sees("You pay: from Russia")
    await anna.send("/donate")
    await anna.press("A lawyer for Ivan")
    anna.sees("https://donate.example.org/lodkin-ru")
    await anna.press("Back")
    anna.sees("Where will you pay from?")
    await anna.press("From another country")
    anna.sees("PayPal")
    await anna.send("/privacy")
    anna.sees("where you pay from, as you chose")
    await anna.send("/settings")
    await anna.press("Where I pay from")
    await anna.press("Ask each time")
    anna.sees_not("You pay:")
    await anna.send("/start f-lodkin-lawyer")
    anna.sees("Where will you pay from?")


async def test_who_chooses_that_nothing_is_kept_is_not_kept(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/settings")
    await anna.press("Where I pay from")
    await anna.press("Ask each time")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Subscriber)) == 0


async def test_how_it_grew_is_a_picture_on_request(harbour: Town) -> None:
    anna = harbour.person(language="ru")
    await anna.send("/start f-lodkin-lawyer")
    assert "📈 Как рос сбор" not in anna.last.labels
    for raised in (70000, 91000):
        harbour.clock.forward(days=2)
        await harbour.take_in(f"fundraisers: [{{slug: lodkin-lawyer, raised: {raised}}}]".encode())
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("Как рос сбор")
    assert anna.last.photo is not None
    assert anna.last.photo.content.startswith(b"\x89PNG")
    anna.sees("91\u00a0000\u00a0₽ из 150\u00a0000\u00a0₽")


# For every payer, route and age.


async def test_every_payer_gets_exactly_what_is_allowed_on_every_screen(harbour: Town) -> None:
    """Every combination of whom a way is for, its age and its term; all that the bot answers."""
    terms = [(place, age, term) for place in PayFrom for age in (0, 3) for term in (1, 4)]
    lines = "".join(
        f"\n  - {{slug: r-{n}, fundraiser: lodkin-lawyer, pay_from: {place},"
        f' method: {{en: Way {n}.}}, url: "https://pay-{n}.example.org/x",'
        " legal_status: {en: fine},"
        f' checked_at: "-{age}d", valid_days: {term}}}'
        for n, (place, age, term) in enumerate(terms)
    )
    await harbour.take_in(f"donation_routes:{lines}".encode())
    async with harbour.app.sessions() as session:
        routes = list(await session.scalars(select(DonationRoute)))
    for days in (0, 2, 30):
        harbour.clock.forward(days=days)
        now = harbour.clock.now()
        for place in PLACES:
            allowed = {one.slug for one in routes if is_safe(one, place, now)}
            allowed -= {one.slug for one in routes if one.fundraiser_id == 1 and days == 30}
            shown = {one.slug for one in routes if await is_shown(harbour, one, place)}
            assert shown == allowed
        for result in await harbour.person().inline("lodkin"):
            assert "pay-" not in str(result)
            assert "donate" not in str(result)


async def is_shown(here: Town, route: DonationRoute, place: PayFrom) -> bool:
    """By any of its buttons; the code and the screen say the same."""
    anna = here.person()
    assert route.url or route.details
    secret = route.url or str((route.details or [{}])[1]["value"])
    await anna.send("/start")
    await anna.press_data(f"route:{route.fundraiser_id}:{place}:{route.id}")
    on_screen = secret in anna.last.text.replace(" ", "")
    await anna.send("/start")
    await anna.press_data(f"qr:{route.fundraiser_id}:{place}:{route.id}")
    assert (anna.last.photo is not None) is on_screen
    await anna.press_data(f"pay:{route.fundraiser_id}:{place}:0:0:0")
    others = [b.url for row in anna.last.buttons for b in row if b.url]
    assert on_screen or secret not in others
    return on_screen


async def looks_around(donor: Person) -> None:
    await donor.send("/donate")
    await donor.press_data("fund:1:0:0:0")
    for number, place in enumerate(PLACES, 1):
        await donor.press_data(f"pay:1:{place}:0:0:0")
        await donor.press_data(f"qr:1:{place}:{number}")


async def test_nothing_of_donors_is_kept_or_logged(
    harbour: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """After many of them the database is what it was, and the log has nothing of it."""

    async def everything() -> dict[str, list[Any]]:
        async with harbour.app.sessions() as session:
            return {
                table.name: sorted(map(str, await session.execute(table.select())))
                for table in Base.metadata.sorted_tables
                if table.name != "handled_updates"
            }

    follower = harbour.person("Follower")
    await follower.send("/start d-ivan-lodkin")
    await follower.press("Подписаться" if "🔔 Подписаться" in follower.last.labels else "Follow")
    before = await everything()
    capsys.readouterr()
    donors = [follower, *(harbour.person(f"Donor{n}") for n in range(170))]  # a thousand looks
    for start in range(0, len(donors), 10):
        await asyncio.gather(*map(looks_around, donors[start : start + 10]))
    assert await everything() == before
    said = "".join(capsys.readouterr())
    for word in ("russia", "elsewhere", "lodkin", "Donor", "pay:", "qr:", "fund"):
        assert word not in said


async def test_a_transfer_in_russia_is_scanned(harbour: Town) -> None:
    details = """[{kind: recipient, value: Harbour}, {kind: bank, value: Bank},
      {kind: bik, value: "044525225"}, {kind: account, value: "40702810200000000001"},
      {kind: correspondent, value: "30101810400000000225"}]"""
    await harbour.take_in(way(details=details))
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    await anna.press("From Russia")
    anna.sees("Correspondent account: 30101810400000000225")
    await anna.press("QR code")
    assert anna.last.photo is not None
    assert code(anna.last.photo.content) == (
        "ST00012|Name=Harbour|PersonalAcc=40702810200000000001|BankName=Bank|BIC=044525225"
        "|CorrespAcc=30101810400000000225"
    )


async def test_the_correspondent_account_is_that_banks(harbour: Town) -> None:
    details = """[{kind: recipient, value: Harbour}, {kind: bik, value: "044525225"},
      {kind: account, value: "40702810200000000001"},
      {kind: correspondent, value: "30101810500000000225"}]"""
    with pytest.raises(CampaignFileError):
        await harbour.take_in(way(details=details))


async def test_from_one_of_several_ways_one_comes_back_to_the_list_one_came_from(
    harbour: Town,
) -> None:
    await harbour.take_in(f"donation_routes:{WAYS}".encode())
    anna = harbour.person()
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Donate")
    await anna.press("A lawyer for Ivan")
    await anna.press("From Russia")
    await anna.press("Way 3")
    await anna.press("Other ways")
    anna.sees("How do you want to pay?")
    await anna.press("Back")
    await anna.press("Fundraisers")
    assert "‹ The person" in anna.last.labels


async def test_what_was_raised_without_a_goal_is_told(harbour: Town) -> None:
    await harbour.take_in(
        b"fundraisers: [{slug: harbour-common, goal: {currency: EUR}, raised: 1200.5}]"
    )
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    anna.sees("Raised: €1,200.50\n")
    anna.sees_not("Goal")


async def test_of_what_currency_that_is_must_be_said(harbour: Town) -> None:
    with pytest.raises(CampaignFileError) as refused:
        await harbour.take_in(b"fundraisers: [{slug: harbour-common, raised: 1200}]")
    assert "goal: {currency: EUR}." in views.problem(refused.value.problems[0])


# A way to pay is hidden again.


async def draws(here: Town, *, at_the_end: bool = False) -> None:
    """The look that comes every half a minute."""
    if at_the_end:
        over = asyncio.Event()
        over.set()
        await curtain_of(here).close(over)
    else:
        await curtain_of(here).look(here.app.sessions, here.clock.now())


def curtain_of(here: Town) -> Curtain:
    found = here.app.dispatcher.workflow_data["curtain"]
    assert isinstance(found, Curtain)
    return found


def is_open(person: Person) -> bool:
    shown = any("donate.example.org" in message.text for message in person.messages)
    return shown or any(message.photo for message in person.messages)


async def looks(here: Town) -> Person:
    anna = here.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    await anna.press("QR code")
    return anna


async def test_after_half_an_hour_neither_link_nor_code_is_left_in_the_chat(harbour: Town) -> None:
    anna = await looks(harbour)
    harbour.clock.forward(minutes=29)
    await draws(harbour)
    assert is_open(anna)
    harbour.clock.forward(minutes=1)
    await draws(harbour)
    assert not is_open(anna)
    anna.sees("🔒 Hidden again")
    await anna.press("Show again")
    anna.sees("Where will you pay from?")
    assert harbour.telegram.violations == []


async def test_what_lapses_sooner_is_hidden_sooner(harbour: Town) -> None:
    async with harbour.app.sessions() as session:
        [card, *_] = await session.scalars(select(DonationRoute).order_by(DonationRoute.id))
    harbour.clock.moment = card.lapses_at - timedelta(minutes=10)
    anna = await looks(harbour)
    harbour.clock.forward(minutes=11)
    await draws(harbour)
    assert not is_open(anna)


TAKEN_BACK = [
    "donation_routes: [{**, url: https://new.example.org, checked_at: 2026-11-22}]",
    "donation_routes: [{**, not_for: {en: Nobody, ru: Никому}, checked_at: 2026-11-22}]",
    "donation_routes: [{**, remove: true}]",
    "donation_routes: [{**, valid_days: 1}]",
    "donation_routes: [{**, checked_at: 2026-10-01}]",
    "donation_routes: [{**, fundraiser: harbour-common, checked_at: 2026-11-22}]",
    "fundraisers: [{slug: lodkin-lawyer, status: cancelled}]",
    "fundraisers: [{slug: lodkin-lawyer, raised: 150000}]",
]


@pytest.mark.parametrize("facts", TAKEN_BACK)
async def test_what_is_taken_back_is_hidden_at_once(harbour: Town, facts: str) -> None:
    anna = await looks(harbour)
    await harbour.take_in(b"donation_routes: [{slug: lodkin-card-ru, checked_at: 2026-11-21}]")
    await draws(harbour)
    assert is_open(anna)
    await harbour.take_in(facts.replace("**", "slug: lodkin-card-ru").encode())
    await draws(harbour)
    assert not is_open(anna)


async def test_what_is_pressed_while_it_is_hidden_stays(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    harbour.clock.forward(hours=1)
    begun, asked, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    curtain = curtain_of(harbour)
    lock = curtain.lock

    async def hangs(*args: Any) -> None:
        begun.set()
        await go_on.wait()
        await hide(*args)

    monkeypatch.setattr("bot.curtain.hide", hangs)
    hiding = asyncio.create_task(draws(harbour))
    await begun.wait()

    def asks(place: Place) -> asyncio.Lock:
        asked.set()
        return lock(place)

    monkeypatch.setattr(curtain, "lock", asks)
    pressing = asyncio.create_task(anna.press("Menu"))
    waiting = asyncio.create_task(asked.wait())
    await asyncio.wait({pressing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    go_on.set()
    await asyncio.gather(hiding, pressing)
    anna.sees_not("Hidden again")
    assert not is_open(anna)


async def test_when_the_bot_stops_nothing_stays_open(harbour: Town) -> None:
    anna = await looks(harbour)
    await draws(harbour, at_the_end=True)
    assert not is_open(anna)


async def test_what_came_in_its_place_stays(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    await anna.press("Menu")
    text = anna.last.text
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert anna.last.text == text


async def test_who_deleted_it_or_blocked_the_bot_harms_nobody(harbour: Town) -> None:
    anna, vera = await looks(harbour), await looks(harbour)
    await harbour.telegram.confirmed(anna.block())
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not is_open(vera)
    await draws(harbour)


async def test_what_the_network_kept_open_is_hidden_by_the_next_look(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await looks(harbour)
    harbour.clock.forward(hours=1)
    nowhere = make_sending_bot(TOKEN, "http://127.0.0.1:9", at_once(30))
    with monkeypatch.context() as patch:
        patch.setattr(curtain_of(harbour), "bot", nowhere)
        await draws(harbour)
    await nowhere.session.close()
    assert is_open(anna)
    await draws(harbour)
    assert not is_open(anna)
