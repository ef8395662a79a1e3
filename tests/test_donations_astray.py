"""Donations when Telegram fails, or whoever writes the file means ill or errs."""

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.services.campaign_file import CampaignFileError
from bot.services.campaign_file.values import payment_url
from bot.services.payment_details import is_mistyped, scanned
from bot.views import campaign_file as views
from models import DetailKind, DonationRoute, FundraiserFigure
from tests.test_donations import way
from tests.town import Town

pytestmark = pytest.mark.either_database


async def raised(here: Town, **facts: str) -> None:
    here.clock.forward(days=1)
    inner = ", ".join(f"{key}: {value}" for key, value in facts.items())
    await here.take_in(f"fundraisers: [{{slug: lodkin-lawyer, {inner}}}]".encode())


# Details.

PLACEHOLDERS = [
    "[{kind: inn, value: '0000000000'}, {kind: phone, value: '+12025550123'}]",
    "[{kind: bik, value: '000000000'}, {kind: account, value: '00000000000000000000'}]",
    "[{kind: bik, value: '999999225'}, {kind: account, value: '40702810200000000001'}]",
    "[{kind: card, value: '0000000000000000018'}]",
    "[{kind: phone, value: '+99999999999999'}]",
    f"[{{kind: ethereum, value: '0x{'0' * 40}'}}]",
    "[{kind: ethereum, value: '0x000000000000000000000000000000000000dEaD'}]",
    "[{kind: bitcoin, value: 1111111111111111111114oLvT2}]",
    "[{kind: tron, value: T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb}]",
    "[{kind: iban, value: DE89370400440532013000}, {kind: bic, value: BARCGB22}]",
    "[{kind: iban, value: GB82WEST12345698765432}, {kind: bic, value: DEUTDEFF}]",
    "[{kind: iban, value: DE36000000000000000000}]",
    # The coins' own contracts, and what belongs to nobody.
    "[{kind: tron, value: TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t}]",
    "[{kind: ethereum, value: '0xdAC17F958D2ee523a2206206994597C13D831ec7'}]",
    "[{kind: ethereum, value: '0x0000000000000000000000000000000000000001'}]",
    "[{kind: bitcoin, value: bc1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqthqst8}]",
    "[{kind: phone, value: '+7999123456'}]",
    "[{kind: phone, value: '+799912345678'}]",
    "[{kind: phone, value: '+89991234567'}]",
    "[{kind: phone, value: '+70000000000'}]",
    "[{kind: phone, value: '+79999999999'}]",
    "[{kind: bik, value: '044525225'}, {kind: account, value: '40702810000000000000'}]",
    "[{kind: bik, value: '044525225'}, {kind: account, value: '12345678901234567890'}]",
]


@pytest.mark.parametrize("details", PLACEHOLDERS)
async def test_a_transfer_into_nothing(harbour: Town, details: str) -> None:
    with pytest.raises(CampaignFileError):
        await harbour.take_in(way(details=details))


TOLD = [
    ("[{kind: phone, value: '89991234567'}]", "written whole, with its country (+7 …"),
    ("[{kind: phone, value: '+7999123456'}]", "a digit is wrong, missing or one too many"),
    ("[{kind: bik, value: '044525225'}, {kind: account, value: '12345678901234567890'}]",
     "begins with 40, 42, 03 or the like"),
    ("[{kind: bik, value: '044525225'}, {kind: correspondent, value: '301018'}]",
     "begins with 301"),
    ("[{kind: tron, value: TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t}]", "a coin's own contract"),
    ("[{kind: bitcoin, value: 1111111111111111111114oLvT2}]", "what is sent there is lost"),
    ("[{kind: ethereum, value: '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'}]",
     "capital and small letters that tell a mistake"),
]  # fmt: skip


@pytest.mark.parametrize(("details", "told"), TOLD)
async def test_what_is_wrong_with_a_number_is_said(harbour: Town, details: str, told: str) -> None:
    with pytest.raises(CampaignFileError) as refused:
        await harbour.take_in(way(details=details))
    assert told in views.problem(refused.value.problems[0])


async def test_a_bank_of_a_territory_is_of_its_country(harbour: Town) -> None:
    details = "[{kind: iban, value: GB82WEST12345698765432}, {kind: bic, value: BARCJESH}]"
    await harbour.take_in(way(details=details))


@pytest.mark.parametrize("currency", ["RUR", "SUR", "XXX", "XTS", "DEM", "HRK"])
async def test_a_currency_that_nobody_pays_in_today(harbour: Town, currency: str) -> None:
    with pytest.raises(CampaignFileError):
        await raised(harbour, goal=f"{{amount: 1000, currency: {currency}}}")


def test_no_code_that_a_bank_would_not_read() -> None:
    def said(iban: str, name: str, why: str) -> Any:
        values = {DetailKind.RECIPIENT: name, DetailKind.IBAN: iban, DetailKind.COMMENT: why}
        return scanned(None, [{"kind": kind, "value": value} for kind, value in values.items()])

    assert said("DE89370400440532013000", "Ж" * 70, "Ж" * 70) is not None
    assert said("DE89370400440532013000", "Ж" * 70, "Ж" * 100) is None
    assert said("GE29NB0000000101904917", "X", "Y") is None


async def test_the_code_says_which_of_several_coins_it_is(harbour: Town) -> None:
    bitcoin = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    tron = "TLmPnGjdZ9VgN8Gg6ajCERRNjZKdE8uu3N"
    details = f"[{{kind: tron, value: {tron}}}, {{kind: bitcoin, value: {bitcoin}}}]"
    await harbour.take_in(way(details=details))
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    await anna.press("From Russia")
    await anna.press("QR code")
    anna.sees(f"Bitcoin: {bitcoin}")
    anna.sees_not(tron)


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


async def test_the_host_beside_the_code_is_no_link(harbour: Town) -> None:
    """It would lead to the site's first page, and without https."""
    await harbour.take_in(way(url="https://x.example.org/9"))
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    await anna.press("From Russia")
    await anna.press("QR code")
    anna.sees("x.example.org")
    kinds = [one["type"] for one in anna.last.raw["caption_entities"]]
    assert "url" not in kinds
    assert "code" in kinds


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
    "https://paypal.com:99999/x", "https://0x7f.0x1/x", "https://sberbank.ru:443/x",
    "https://x.example/?url=93.184.216.34", "https://x.example/?url=evil.%D1%80%D1%84",
    "https://x.example/?url=evil%E3%80%82com", "https://x.example/?redirect_uri[]=evil.example",
    "https://x.example/?url=https:evil", "https://x.example/#url=evil.example",
    "https://x.example/?anything=evil.example/pay", "https://x.example/go/evil.example/pay",
    "https://t.me/evil_bot", "https://wa.me/79990000000", "https://abc.page.link/x",
    "https://archive.is/x", "https://evil-example.cdn.ampproject.org/c/evil.example",
    "https://xn--80aa0cb5izx.com/", "https://xn--e1afmkfd.com/", "https://j.mp/x",
    "https://x.example/?u=evil.example.", "https://x.example/?u=evil.example,",
    "https://x.example/?u=evil.example)", "https://x.example/?u=evil.example%00",
    "https://x.example/?u='evil.example'", "https://x.example/?u=evil.xn--p1ai",
    "https://x.example/?u=evil.php.example", "https://x.example/@evil.example",
    "https://graph.org/Evil-01-01", "https://te.legra.ph/Evil",
    "https://web.telegram.org/k/#@evil", "https://tap.link/x", "https://t1p.de/x",
    "https://solo.to/x",
]  # fmt: skip


@pytest.mark.parametrize("link", HOSTILE)
def test_a_link_that_leads_elsewhere(link: str) -> None:
    with pytest.raises(Exception, match="url"):
        payment_url(link)


FINE = [
    "https://www.tbank.ru/cf/1JaBcDe", "https://boosty.to/x/donate", "https://zrzutka.pl/abc123",
    "https://www.paypal.com/donate/?hosted_button_id=ABC", "https://xn--e1afmkfd.xn--p1ai/a",
    "https://x.example.org/pay.php?id=3&amount=10.50", "https://x.example.org/v1.2/give.html",
    "https://www.sberbank.com/sms/pbpn?requisiteNumber=79990000000",
]  # fmt: skip


@pytest.mark.parametrize("link", FINE)
def test_a_link_that_leads_where_it_says(link: str) -> None:
    assert payment_url(link) == link


async def test_a_host_is_shown_as_it_is(harbour: Town) -> None:
    """A large “I” looks like an “l”."""
    await harbour.take_in(way(url="https://www.exampIe.org/Donate?Id=I"))
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    await anna.press("From Russia")
    anna.sees("https://www.exampie.org/Donate?Id=I")
    assert "🔗 www.exampie.org" in anna.last.labels
    anna.sees_not("exampIe")


OF_OLD = [
    {"url": "https://bit.ly/abc"},
    {"url": None, "details": [{"kind": "tron", "value": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"}]},
]


@pytest.mark.parametrize("facts", OF_OLD)
async def test_what_was_taken_before_there_was_a_rule_is_not_vouched_for(
    harbour: Town, facts: dict[str, Any]
) -> None:
    await harbour.take_in(way(url="https://x.example.org/9"))
    async with harbour.app.sessions() as session:
        earlier = update(DonationRoute).where(DonationRoute.slug == "w")
        await session.execute(earlier.values(**facts))
        await session.commit()
    with pytest.raises(CampaignFileError) as refused:
        await harbour.take_in(b"donation_routes: [{slug: w, checked_at: 2026-11-22}]")
    assert "donation_routes[w]" in views.problem(refused.value.problems[0])
    mended = b"donation_routes: [{slug: w, url: 'https://x.example.org/9', details: null"
    await harbour.take_in(mended + b", checked_at: 2026-11-22}]")


# Words that stand before the link, never lapse, and in a title also in groups.
WAYS_IN = [
    "Pay to 4111 1111 1111 1111", "Write to @evil_bot", "See зло.рф/x", "See сбербанк.com",
    "USDT TLmPnGjdZ9VgN8Gg6ajCERRNjZKdE8uu3N", "Phone +7 999 123-45-67", "evil。com", "1.2.3.4/x",
    "tg://resolve?domain=evil", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "ton://transfer/x",
    "DE89 3704 0044 0532 0130 00", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
]  # fmt: skip


@pytest.mark.parametrize("words", WAYS_IN)
async def test_no_way_to_pay_stands_among_words(harbour: Town, words: str) -> None:
    for key in ("method", "warning", "not_for", "legal_status"):
        facts = {key: f'{{en: "{words}"}}'}
        with pytest.raises(CampaignFileError):
            await harbour.take_in(way(url="https://x.example.org/9", **facts))
    with pytest.raises(CampaignFileError):
        await raised(harbour, title=f'{{en: "{words}"}}')


SAYINGS = ["т.е. и т.д.", "ст.205.2 УК РФ, ч.1", "ул.Ленина, г.Москва", "ОГРН 1027700132195",
           "since 2019-2021", "2.5 million by 01.12.2026", "an NGO (reg. 12345678)"]  # fmt: skip


@pytest.mark.parametrize("words", SAYINGS)
async def test_other_words_may_stand_there(harbour: Town, words: str) -> None:
    await harbour.take_in(way(url="https://x.example.org/9", legal_status=f'{{en: "{words}"}}'))


NEW_WORDS = ["not_for: {ru: Платить можно всем}", "legal_status: {ru: нигде не значится}",
             "not_for: {en: It is a myth that one must not pay from Russia}"]  # fmt: skip


@pytest.mark.parametrize("words", NEW_WORDS)
async def test_what_other_readers_are_told_is_checked_anew(harbour: Town, words: str) -> None:
    """Until now they read the first language: “Do not pay from Russia”."""
    first = {"not_for": "{en: one must not pay from Russia}", "url": "https://x.example.org"}
    await harbour.take_in(way(**first))
    changed = f"donation_routes: [{{slug: w, {words}}}]"
    with pytest.raises(CampaignFileError) as refused:
        await harbour.take_in(changed.encode())
    assert "checked_at" in views.problem(refused.value.problems[0])
    await harbour.take_in(changed.replace("}]", ", checked_at: 2026-11-22}]").encode())


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
