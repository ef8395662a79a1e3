"""Search in the chat: one hit opens the card, namesakes are told apart."""

import pytest

from tests.town import Town

pytestmark = pytest.mark.either_database


async def test_one_hit_opens_the_card(sac: Town) -> None:
    anna = sac.person(language="en")
    for typed, who in (
        ("Doctor Pravda", "psychotherapist from Bryansk"),
        ("Румата", "Marxist from Lipetsk region"),
        ("Kozireva", "expelled student"),
        ("rfufhkbwrbq", "editor-in-chief of Rabkor"),
    ):
        await anna.send(typed)
        anna.sees(who)


async def test_namesakes_are_told_apart(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("Dmitriev")
    anna.sees("Whom do you mean?")
    anna.sees("paediatrician from Ufa")
    anna.sees("activist of the Union of Marxists, Khimki")
    await anna.press("paediatrician")
    anna.sees("founder of the circle")
    oleg = sac.person(language="ru")
    await oleg.send("Алексей Дмитриев")
    oleg.sees("врач-педиатр из Уфы")
    oleg.sees("Химки")


async def test_a_case_is_found_by_its_title(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("Left Bloc")
    anna.sees("2 defendants")


@pytest.mark.parametrize("typed", ["Kamensk", "каменск", "в Каменске", "суд в Каменске", "Kamemsk"])
async def test_a_city_of_courts_shows_its_hearings(harbour: Town, typed: str) -> None:
    anna = harbour.person(language="en")
    await anna.send(typed)
    anna.sees("Coming hearings: Kamensk")
    anna.sees("The port strike case")
    await anna.press("Follow the city")
    assert "✓ Following the city" in anna.last.labels


async def test_a_city_that_is_somebodys_name_too_is_offered_beside(harbour: Town) -> None:
    await harbour.take_in(
        b"cases: [{slug: port-strike, defendants: "
        b"[{slug: ivan-lodkin, name: {en: Ivan Kamensky, ru: null, ru_full: null}}]}]"
    )
    anna = harbour.person(language="en")
    await anna.send("Kamensk")
    anna.sees("Ivan Kamensky")
    await anna.press("🏙 Kamensk: the hearings there")
    anna.sees("Coming hearings: Kamensk")
    await anna.send("Kamensky")
    anna.sees_not("hearings there")


async def test_another_city_finds_nobody(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("Barcelona")
    anna.sees("I found nobody")


async def test_nobody_found(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("<b>qwrtpzzx</b> \u202e" + "x" * 500)
    anna.sees("I found nobody for “<b>qwrtpzzx</b>")
    assert len(anna.last.text) < 200
    assert not sac.telegram.violations


async def test_a_changed_name_is_found_at_once(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("Brandnewski")
    anna.sees("I found nobody")
    await harbour.take_in(
        b"cases: [{slug: port-strike, defendants: "
        b"[{slug: ivan-lodkin, name: {en: Ivan Brandnewski, ru: null, ru_full: null}}]}]"
    )
    await anna.send("Brandnewski")
    anna.sees("crane driver")
    await anna.send("Lodkin")
    anna.sees("I found nobody")


async def test_many_changed_names_are_found_too(harbour: Town) -> None:
    people = ", ".join(
        f"{{slug: p{n}, name: {{en: Zorro Q{'abcdefghij'[n % 10]}{n}}}, status: colony}}"
        for n in range(300)
    )
    case = f"cases: [{{slug: crowd, title: {{en: Crowd}}, stage: trial, defendants: [{people}]}}]"
    await harbour.take_in(case.encode())
    anna = harbour.person(language="en")
    await anna.send("Zorro Qb1")
    anna.sees("Zorro")
    await anna.send("Lodkin")
    anna.sees("crane driver")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_menu_words_open_screens_in_either_language(harbour: Town, language: str) -> None:
    screens = {
        "/start": "start, Menu, МЕНЮ, привет!, /старт",
        "/cases": "cases, дела, Дело, ⚖️ Cases, /case",
        "/hearings": "hearings, суд, Суды, заседания, cels, /court",
        "/letters": "write a letter, письмо, написать, ✉️ Написать письмо, gbcmvj",
        "/evenings": "evenings, Вечера писем",
        "/follows": "follows, 🔔 Мои подписки, подписаться, ваши подписки, следить, я слежу",
        "/donate": "donate, пожертвовать, помочь, ❤️ Помочь, ❤️ Помочь деньгами",
        "/settings": "settings, настройки",
        "/privacy": "privacy, что о вас хранится",
        "/forget": "forget me, Удалить всё",
        "/help": "help, помощь, HELP?, ❔ Помощь, ❔ Что умеет бот",
        "/cancel": "cancel, отмена",
    }
    anna = harbour.person(language=language)
    for command, words in screens.items():
        await anna.send(command)
        expected = anna.last.text
        for word in words.split(", "):
            harbour.clock.forward(seconds=5)
            await anna.send(word)
            assert anna.last.text == expected, word


async def test_a_name_wins_over_a_menu_word(harbour: Town) -> None:
    await harbour.take_in(
        b"cases: [{slug: port-strike, defendants: "
        b"[{slug: ivan-lodkin, aliases: [Help, \xd0\xa1\xd1\x83\xd0\xb4]}]}]"
    )
    anna = harbour.person(language="en")
    for name in ("help", "Суд"):
        await anna.send(name)
        anna.sees("crane driver")
    await anna.send("суды")
    anna.sees("Coming hearings")


async def test_nobody_found_tells_where_help_is(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("Tchaikovsky")
    anna.sees("/help")
    assert "☰ Menu" in anna.last.labels


async def test_joined_words_are_found(sac: Town) -> None:
    oleg = sac.person(language="ru")
    for typed in ("медлайф", "medlife", "мед-лайф"):
        await oleg.send("/start")
        await oleg.send(typed)
        oleg.sees("Александр Куприянов")


async def test_the_bots_own_name_and_link_are_understood(harbour: Town) -> None:
    anna = harbour.person(language="en")
    for typed in (
        "@solidarity_bot lodkin",
        "https://t.me/solidarity_bot?start=d-ivan-lodkin",
        "t.me/Solidarity_Bot?start=d-ivan-lodkin",
    ):
        await anna.send("/help")
        await anna.send(typed)
        anna.sees("crane driver")
    for typed in ("@solidarity_bot", "https://t.me/solidarity_bot"):
        await anna.send("/help")
        await anna.send(typed)
        anna.sees("Type a name to find somebody")


async def test_thanks_get_a_kind_word(harbour: Town) -> None:
    oleg = harbour.person(language="ru")
    for said in ("спасибо!", "Thanks", "Спасибо большое"):
        await oleg.send("/help")
        await oleg.send(said)
        oleg.sees("Вам спасибо")


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("Дмитриев Уфа", "врач-педиатр из Уфы"),
        ("дмитриев из уфы", "врач-педиатр из Уфы"),
        ("Уфа Алексей Дмитриев", "врач-педиатр из Уфы"),
        ("Дмитриев педиатр", "врач-педиатр из Уфы"),
        ("Dmitriev paediatrician", "врач-педиатр из Уфы"),
        ("Дмитриев уфимская пятёрка", "врач-педиатр из Уфы"),
        ("Dmitriev Khimki", "Химки"),
        ("Дмитриев в Химках", "Химки"),
    ],
)
async def test_a_word_about_them_tells_namesakes_apart(sac: Town, typed: str, who: str) -> None:
    oleg = sac.person(language="ru")
    await oleg.send(typed)
    oleg.sees_not("Кого вы имеете в виду")
    oleg.sees(who)


@pytest.mark.parametrize("typed", ["Дмитриев", "Алексей Дмитриев", "Дмитриев Казань", "Дмитриев А"])
async def test_a_word_that_fits_nobody_tells_nobody_apart(sac: Town, typed: str) -> None:
    oleg = sac.person(language="ru")
    await oleg.send(typed)
    oleg.sees("врач-педиатр из Уфы")
    oleg.sees("Химки")


@pytest.mark.parametrize("typed", ["Орл", "ор", "orl", "jhk", "Кагар"])
async def test_first_letters_list_whose_names_begin_so(sac: Town, typed: str) -> None:
    oleg = sac.person(language="ru")
    await oleg.send(typed)
    oleg.sees("Борис Кагарлицкий" if typed == "Кагар" else "Антон Орлов")


@pytest.mark.parametrize("said", ["да", "Нет", "ок", "hi", "ага!", "о", "я"])
async def test_a_short_answer_is_nobodys_name(sac: Town, said: str) -> None:
    oleg = sac.person(language="ru")
    await oleg.send(said)
    oleg.sees_not("👤")
