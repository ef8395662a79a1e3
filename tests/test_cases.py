"""Cases and the cards of people, on the invented and the real campaign."""

import pytest

from tests.town import Town

pytestmark = pytest.mark.either_database


async def test_the_directory_is_paged_and_leads_back(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/cases")
    anna.sees("Cases · 12")
    first = anna.last.labels[0]
    await anna.press("›")
    assert anna.last.labels[0] != first
    await anna.press("‹")
    assert anna.last.labels[0] == first


async def test_cases_by_stage(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/cases")
    await anna.press("By stage")
    anna.sees("Cases by stage")
    await anna.press("On trial")
    anna.sees("On trial · 3")
    await anna.press("The Ufa Five")
    anna.sees("5 defendants")


async def test_the_ufa_case_lists_its_five(sac: Town) -> None:
    for language, names in (
        ("en", ("Alexey Dmitriev", "Dmitry Chuvilin", "Pavel Matisov", "Rinat Burkeev")),
        ("ru", ("Алексей Дмитриев", "Дмитрий Чувилин", "Павел Матисов", "Юрий Ефимов")),
    ):
        anna = sac.person(language=language)
        await anna.send("/start c-ufa-five")
        for name in names:
            anna.sees(name)
        anna.sees("278")


async def test_a_case_of_one_shows_the_person_at_once(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/start c-kagarlitsky")
    anna.sees("In a penal colony")
    anna.sees("5 years (general regime), since 13 February 2024")
    anna.sees("Article 205.2 part 2, Criminal Code of Russia: public justification of terrorism")
    anna.sees("no date is known yet")


async def test_what_concerns_several_stands_apart_on_the_card_of_one(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/start d-ruslan-abasov")
    text = anna.last.text
    assert text.index("Timeline of the whole case") < text.index("both are remanded in custody")
    assert "Timeline\n" not in text
    await anna.send("/start d-lev-skoryakin")
    text = anna.last.text
    assert text.index("Timeline\n") < text.index("moves to Germany") < text.index("whole case")
    await anna.send("/start d-felix-eliseev")
    anna.sees("Timeline\n")
    anna.sees_not("whole case")


async def test_the_timeline_is_newest_first_and_long_ones_are_folded(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/start c-kagarlitsky")
    text = anna.last.text
    assert text.index("cassation is the next instance") < text.index("13 February 2024 — on the")
    assert text.index("April 2024") < text.index("26 July 2023") < text.index("6 May 2022")
    assert "Syktyvkar City Court" in text
    assert any(entity.type == "expandable_blockquote" for entity in anna.last.entities)
    await anna.send("/start c-ammosov")
    assert any(entity.type == "blockquote" for entity in anna.last.entities)


async def test_kupriyanov_may_not_receive_letters_and_the_card_says_why(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/start d-alexander-kupriyanov")
    anna.sees("Cannot write now: by court order he may neither send nor receive post")
    await anna.press("About letters")
    anna.sees("Nobody can write now: by court order")
    oleg = sac.person(language="ru")
    await oleg.send("/start d-alexander-kupriyanov")
    oleg.sees("по решению суда ему запрещено отправлять и получать письма")


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_nobody_of_the_real_campaign_has_an_address_a_link_or_a_date(
    sac: Town, language: str
) -> None:
    anna = sac.person(language=language)
    for defendant in range(1, 18):
        await anna.send("/start")
        for data in (f"who:{defendant}", f"write:{defendant}", f"donate:0:{defendant}:0"):
            await anna.press_data(data)
            assert "confirmed" not in anna.last.text.replace("no confirmed", "")
            assert all(not button.url for row in anna.last.buttons for button in row)
            assert all("copy_text" not in button.raw for row in anna.last.buttons for button in row)
            sac.clock.forward(seconds=5)
    await anna.send("/hearings")
    anna.sees("No date is known yet" if language == "en" else "Ни одной даты пока нет")


async def test_a_defendants_card_leads_to_the_case_and_back(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start c-port-strike")
    await anna.press("Ivan Lodkin")
    anna.sees("also: Vanya Boat")
    anna.sees("You can write: address confirmed 3 days ago")
    await anna.press("The case")
    anna.sees("2 defendants")


async def test_names_and_texts_of_a_campaign_cannot_become_markup(harbour: Town) -> None:
    await harbour.take_in(
        b"""
cases:
  - slug: hostile
    title: {en: "<b>bold</b> & <script>"}
    stage: trial
    defendants:
      - {slug: evil, name: {en: "</b><a href='tg://user?id=1'>x</a>"}, status: unknown}
"""
    )
    anna = harbour.person()
    await anna.send("/start c-hostile")
    anna.sees("<b>bold</b> & <script>")
    assert not any(entity.type == "text_link" for entity in anna.last.entities)
    assert not harbour.telegram.violations


async def test_a_case_of_many_people_and_long_texts_stays_within_telegrams_limits(
    harbour: Town,
) -> None:
    people = "\n".join(
        f"      - {{slug: p{n}, name: {{en: Person Number {n}}}, status: colony, "
        f"who: {{en: {'word ' * 60}}}}}"
        for n in range(60)
    )
    entries = "\n".join(
        f"      - {{date: 2024-01-{n % 28 + 1:02}, kind: note, en: {'happened ' * 60}}}"
        for n in range(80)
    )
    await harbour.take_in(
        f"""
cases:
  - slug: big
    title: {{en: The big case}}
    summary: {{en: {"long " * 150}}}
    stage: trial
    defendants:
{people}
    timeline:
{entries}
""".encode()
    )
    anna = harbour.person()
    await anna.send("/start c-big")
    anna.sees("60 defendants")
    assert anna.last.text.endswith("…")
    await anna.press("›")
    anna.sees("Person Number 8")
    assert not harbour.telegram.violations


async def test_a_charge_tells_since_when(sac: Town) -> None:
    anna, oleg = sac.person(language="en"), sac.person(language="ru")
    await anna.send("/start c-med-life")
    anna.sees("organising a criminal community (since 16 August 2023)")
    await oleg.send("/start c-med-life")
    oleg.sees("организация преступного сообщества (с 16 августа 2023 года)")


async def test_a_stage_that_is_not_known_is_said_once(harbour: Town) -> None:
    await harbour.take_in(b"cases: [{slug: port-strike, stage: unknown}]")
    oleg = harbour.person(language="ru")
    await oleg.send("/start c-port-strike")
    oleg.sees("\nСтадия неизвестна\n")
