"""No way to pay stands among words, however it is written; ordinary words may."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.campaign_file.values import line
from bot.services.campaign_file.ways_in import paid_to, texts, way_in, without_registered
from tests.campaign_file.conftest import FORMAT, SAC, Keeper
from tests.campaign_file.test_reading import tree

# Of the standards' own examples, and of nobody.
TO_PAY_TO = [
    "Card 4111 1111 1111 1111", "Card 4111\u20091111\u20091111\u20091111",
    "Card 4111\u202f1111\u202f1111\u202f1111", "Card 4111–1111–1111–1111",
    "Card 4111/1111/1111/1111", "Card 4111_1111_1111_1111", "Card 4111, 1111, 1111, 1111",
    "Card 4111   1111   1111   1111", "Card 4111\u00ad1111\u00ad1111\u00ad1111",
    "Card 4111№1111№1111№1111", "Card 4111 11 11, 11.11, 11:11 11", "Карта 2200–0000–0000–0004",
    "Card ４１１１ １１１１ １１１１ １１１１", "Card 𝟒𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏",
    "Card " + "".join(f"{digit}\ufe0f\u20e3" for digit in "4111111111111111"),
    "ETH 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    "ETH 0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED",
    "BTC BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "адресbc1qw508d6qejxtdg4y5r3zarvary0c5xw7",
    "TON UQBvI0aFLnw2QbZgjMPCLRdtRHxhUyinQudg6sdiohIwg5jL",
    "TON EQ-vI0aFLnw2QbZgjMPCLR_tRHxhUyinQudg6sdiohIwg5jL",
    "LTC ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9",
    "SOL 7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV", "DOGE DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
    "XMR 44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RV",
    "DE89 3704 0044 0532 0130 00", "de89370400440532013000", "no93 8601 1117 947",
    "IBAN DE89-3704-0044-0532-0130-00 please", "ЮMoney 4100 1123 4567 890",
    "Счёт 40702810900000000001", "Card ④①①① ①①①① ①①①① ①①①①",
    "Card 四一一一 一一一一 一一一一 一一一一",
    "Card 4111 then 1111 then 1111 then 1111", "Карта: 4111 и 1111 и 1111, далее 1111",
    "TLmPnGjdZ9VgN8Gg6 ajCERRNjZKdE8uu3N", "TLmP nGjd Z9Vg N8Gg 6ajC ERRN jZKd E8uu 3N",
    "The BTC: bc1qw508d6qejxtdg4y5 r3zarvary0c5xw7kv8f3t4", "DE 89 3704 0044 0532 0130 00",
    "BTC 1A1z P1eP 5QGe fi2D MPTf TL5S Lmv7 Divf Na", "ab12 DE89 3704 0044 0532 0130 00",
    "ETH 0x5aAeb6053F3E94C9b9A0 9f33669435E7Ef1BeAed",
    "ETH 0x 5aAe b605 3F3E 94C9 b9A0 9f33 6694 35E7 Ef1B eAed",
]  # fmt: skip
TO_CALL = [
    "Сбер 8 999 123-45-67", "Сбер +7 999 123–45–67", "Сбер +7/999/123/45/67",
    "Сбер 8.999.123.45.67", "Sber: 8 (999) 123 45 67", "на карту +380 (44) 123 45 67",
]  # fmt: skip
ELSEWHERE = [
    "Pay at www.1000.com/x", "Pay at 777.com/x", "Сайт 2025.ru", "Сайт дд.рф", "Сайт сбор.ею",
    "დახმარება.გე", "Write ＠evil_bot", "evil.\u00adcom", "evil\u0307.c\u0307om", "evil．com",
    "сбор.онлайн", "Write @\u200devil", "Write @ evil", "Write evil_bot", "evil(at)example",
    "evil .com", "evil. com", "evil . com", "evil[.]com", "evil(.)com", "evil dot com",
    "evil (dot) com", "evil точка ру", "evil·com", "evil.Com", "PayPal.Me/evil", "EVIL.ME",
    "evil.cоm", "evil.сом", "evil.ру",
]  # fmt: skip


@pytest.mark.parametrize("words", [*TO_PAY_TO, *TO_CALL, *ELSEWHERE])
def test_beside_a_link_there_is_no_other_way(words: str) -> None:
    assert way_in(line(300)(words))


@pytest.mark.parametrize("words", [*TO_PAY_TO, *TO_CALL])
def test_nowhere_is_anybody_asked_for_money(words: str) -> None:
    assert paid_to(line(300)(words))


ORDINARY = [
    "т.е. и т.д.", "ст.205.2 УК РФ, ч.1", "ул.Ленина, г.Москва", "since 2019-2021",
    "УК.РФ, КоАП.РФ",
    "2.5 million by 01.12.2026", "an NGO (reg. 12345678)", "с 01.12.2026 по 31.12.2026",
    "01.12.2026 – 31.12.2026", "01.12.2026-31.12.2026", "10:00–12:00, 01.12.2026",
    "12.05.2025 10:00–12:00", "2026-12-01 10:00, 2026-12-02 11:30", "до 31.12.2026 23:59",
    "150 000 / 300 000 ₽", "1 000 000 – 2 000 000 ₽", "€1,200.50 / €5,000.00",
    "1,000,000 – 2,000,000", "собрано 150 000 ₽ (50 %), нужно 300 000 ₽",
    "тариф 1 200, 1 500, 2 000 ₽", "до 01.12.2025, 150000 руб.", "2024, 2025, 2026 годы",
    "2024–2025, 2025–2026", "ст. 205.2, 205.4, 208, 280, 318, 319 УК РФ", "ст. 318, 319, 212, 213",
    "дело № 1-123/2025, 12.05.2025", "№ 12, № 13, № 14, № 15", "Приговор от 12.05.2025. 318 дней",
    "в 2025.Then", "see art. 284.1, 330.1 (since 01.01.2026)", "24/7", "1001 and one letter",
    "ежедневно 10:00-18:00, сб 10:00-16:00", "5–7 дней; 12–14 дней; 20–30 дней",
    "штраф 600 000 рублей и 250 000 рублей", "с 9:00 до 18:00, обед 13:00–14:00",
    "Йошкар-Ола, ёлки", "кв. 12, д. 5, 620999", "23.11.2025 — 15.01.2026, 3 000 000 ₽",
    "at 10:00, 12.05.2025, 318, 319", "No. 12, 12.05.2025, 318",
    "As of 2024-11-02 17 people, 12 cases", "checked 2026-11-29 06:23:10", "до 12/31/2026 23:59:59",
    "24.02.2026–08.03.2027", "2026-02-24 – 2027-03-08", "2025-11-06 – 2026-01-03",
    "жалобы №№ 12345/18, 23456/19 и 34567/20", "исполнительное производство № 12345/24/66001-ИП",
    "150000/300000", "30000-40000 руб.", "10000 ₽, 20000 ₽, 30000 ₽", "12 × 2 500 = 30 000 ₽",
    "4 * 15 000 ₽ + 2 500 ₽ = 62 500 ₽", "100, 200, 300, 500, 1000, 2000, 5000 ₽",
    "Art. 205.4(1), 205.2(2)", "дело № 5-123/2024-45", "по делу № 12401650001000123",
    "УИД 66RS0001-01-2024-001234-56", "Ivan I.Petrov, M.D.", "No comments, please.Thank you",
    "п. «а», «б» ч. 2 ст. 205.4 УК РФ", "620999, Каменск, ул. Заводская, д. 4, кв. 12",
    "HRB 12345, Amtsgericht Berlin", "a 501(c)(3) organisation, EIN 12-3456789",
    "распоряжение Минюста от 15.04.2022 № 789-р", "TRC20 only, not ERC20; at least 10 USDT",
    "Заседания: 12.11, 13.11, 14.11, 18.11, 19.11, 20.11", "до 14:30 12.12", "с 2022 и 2023, 2024",
    "пн-чт 09.00-18.00, пт 09.00-16.45, обед 13.00-13.45", "Федеральный закон № 129-ФЗ, ст. 3.1",
    "Пишите. Net proceeds go to the lawyer", "That is all.\u00a0Info: later", "точка. Ком",
    "Use PayPal.Only friends and family", "1'500'000 CHF", "0.0005 BTC, fee 0.00012345 BTC",
]  # fmt: skip


@pytest.mark.parametrize("words", ORDINARY)
def test_dates_sums_years_and_articles_may_stand_there(words: str) -> None:
    assert way_in(words) is None
    assert paid_to(words) is None


days = st.dates(date(2000, 1, 1), date(2039, 12, 31))


@given(days, days, st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y"]), st.sampled_from("–-,"))
def test_no_span_of_days_is_taken_for_a_card(
    first: date, last: date, written: str, between: str
) -> None:
    """Their digits are sixteen, and of such ones one in ten would be right."""
    assert way_in(f"{first.strftime(written)} {between} {last.strftime(written)}") is None


@pytest.mark.parametrize("campaign", [FORMAT, SAC])
def test_a_real_campaign_asks_for_money_nowhere(campaign: str) -> None:
    said = [
        text
        for key, part in tree(campaign).items()
        for text in texts(part)
        if key != "donation_routes"
    ]
    assert len(said) > 100
    assert [text for text in said if paid_to(text)] == []


signs = st.text(st.characters(categories=["P", "S", "Zs", "Cf", "Mn"]), min_size=1, max_size=4)
CARD = "4111111111111111"


@given(st.lists(st.tuples(st.integers(1, 15), signs), max_size=15))
def test_a_card_is_a_card_whatever_stands_between_its_digits(
    between: list[tuple[int, str]],
) -> None:
    written = list(CARD)
    for place, sign in between:
        written[place] = sign + written[place]
    assert way_in(f"Card {''.join(written)} please")


@given(st.text(st.sampled_from("0123456789 .,-–/:()+№aA4e_@хф\u2009"), max_size=300))
def test_nothing_takes_long(text: str) -> None:
    way_in(text)
    paid_to(text)


@pytest.mark.parametrize(
    "text", ["12.05, " * 40 + "4111 1111", "1, " * 99 + "x", "1 " * 150, "10:00 " * 50, "a1" * 150]
)
def test_no_text_holds_up_an_import(text: str) -> None:
    """It would never end if all ways to read it were tried."""
    way_in(text)
    paid_to(text)


# What an organisation is registered under.
REGISTERED = [
    "ОГРН 1027700132195", "ОГРНИП 304500116000157", "ИНН 7830002293, ОГРН 1027700132195",
    "ИНН/КПП 7830002293/783001001", "INN: 7830002293", "KRS 0000123456", "reg. 1027700132195",
    "NIP 123-456-32-18, KRS 0000123456", "NIP: 1234563218",
]  # fmt: skip
UNREGISTERED = [
    "Send to Sber 8 999 123-45-67", "Phone 8 999 123-45-67", "card 4111 1111 1111 1",
    "ЮMoney 4100112345678", "ЮMoney 410011234567890", "UPI 9876543210", "ИНН 89991234567",
    "ОГРН 1027700132194", "ИНН 7830002294", "KRS 8999123456", "INN 8999123456",
    "4111 1111 1027700132195 1111 1111", "card 378282246310005", "NIP 8999123457",
]  # fmt: skip


@pytest.mark.parametrize("status", REGISTERED)
def test_a_legal_status_may_name_what_it_is_registered_under(status: str) -> None:
    assert way_in(without_registered(status)) is None


@pytest.mark.parametrize("status", UNREGISTERED)
def test_a_legal_status_names_nothing_to_pay_to(status: str) -> None:
    assert way_in(without_registered(status))


# Texts far from any fundraiser, which one person alone may change.

CASE = "cases: [{{slug: port-strike, {}}}]\n"
IVAN = "cases: [{{slug: port-strike, defendants: [{{slug: ivan-lodkin, {}}}]}}]\n"
EVENT = "events: [{{slug: letters-in-may, {}}}]\n"
CARRY = [
    (CASE, "title: {{en: '{}'}}"), (CASE, "summary: {{ru: '{}'}}"), (CASE, "also: '{}'"),
    (CASE, "timeline: [{{date: 2025-11-03, kind: arrest, en: '{}'}}]"),
    (IVAN, "who: {{en: '{}'}}"), (IVAN, "write_about: {{en: '{}'}}"),
    (IVAN, "campaigns: [{{en: '{}'}}]"),
    (EVENT, "title: {{en: '{}'}}"), (EVENT, "about: {{en: '{}'}}"), (EVENT, "place: {{en: '{}'}}"),
    ("hearings: [{{slug: port-strike-1, {}}}]\n", "outcome: {{en: '{}'}}"),
    ("letter_goals: [{{slug: winter-letters, {}}}]\n", "title: '{}'"),
    ("organisation: {{slug: harbour, {}}}\n", "about: {{en: '{}'}}"),
    ("courts: [{{slug: kamensk-city, {}}}]\n", "address: {{en: '{}', ru: '{}'}}"),
    ("hearings: [{{slug: port-strike-1, {}}}]\n", "room: '{}'"),
    ("hearings: [{{slug: port-strike-1, {}}}]\n", "judge: '{}'"),
    ("facilities: [{{slug: kamensk-sizo-1, {}}}]\n", "letters: {{rules: {{en: '{}'}}}}"),
    (IVAN, "lawyer: '{}'"), (IVAN, "aliases: ['{}']"),
]  # fmt: skip


@pytest.mark.parametrize(("thing", "fact"), CARRY)
async def test_an_editor_puts_no_card_before_people(light: Keeper, thing: str, fact: str) -> None:
    await light.takes(FORMAT)
    words = "Port: give to 4111 1111 1111 1111"
    told = await light.hears(thing.format(fact.format(words, words)))
    assert all("“4111 1111 1111 1111”" in each for each in told)
    words = "Port: since 01.12.2025, 10:00–12:00"
    await light.takes(thing.format(fact.format(words, words)))


MAY = [
    "Звоните: +7 999 123-45-67", "Call +995 599 12 34 56, 10:00–18:00",
    "Карта проезда: 8 495 1234567",
    "Бот: @helper, чат https://t.me/+AbCdEf123456", "Перевод писем, тел. 8 (999) 123-45-67",
    "https://docs.google.com/forms/d/e/1FAIpQLSfxyz0123456789abcdefghijklmnop/viewform",
    "https://us02web.zoom.us/j/89991234567?pwd=abc, docs.example.org/4111111111111111",
    "Дело № 12301400038001234 и № 1-123/2025", "УИД 77RS0001-01-2025-001234-56",
    "Bring postcards; call 8 999 123 45 67",
]  # fmt: skip


@pytest.mark.parametrize("words", MAY)
async def test_an_event_may_have_a_telephone_and_a_link(light: Keeper, words: str) -> None:
    """As long as no bank is named with it."""
    await light.takes(FORMAT)
    await light.takes(EVENT.format(f"about: {{en: '{words}'}}"))
    assert paid_to(words) is None


def test_of_a_thing_all_texts_are_seen() -> None:
    said: Any = {"a": "1", "b": {"en": "2", "ru": None}, "c": [{"x": ["3"]}, 4], "d": None}
    assert list(texts(said)) == ["1", "2", "3"]
