"""How old the facts are: said where they are read, and loudly when that is long ago."""

import pytest

from tests.town import Town

pytestmark = pytest.mark.either_database

OLD = "⚠️ Facts as of 2 November 2024: much may have changed"


async def test_old_facts_are_marked_before_they_are_read(sac: Town) -> None:
    anna = sac.person(language="en")
    for said in ("/start c-kagarlitsky", "Kagarlitsky", "/start", "/hearings", "/letters"):
        await anna.send(said)
        anna.sees(OLD)
    await anna.send("/start d-boris-kagarlitsky")
    assert anna.last.text.startswith(OLD)
    oleg = sac.person(language="ru")
    await oleg.send("Кагарлицкий")
    oleg.sees("⚠️ Сведения на 2 ноября 2024 года: многое могло измениться")


async def test_a_shared_card_tells_the_age_and_the_country(sac: Town) -> None:
    anna = sac.person(language="en")
    group = sac.telegram.group("Friends", members=[anna])
    [result] = await anna.inline("Ammosov")
    await anna.choose(result, chat=group)
    assert OLD in group.messages[-1].text
    assert "(Kazakhstan)" in group.messages[-1].text


async def test_what_is_told_lately_stands_quietly_at_the_end(harbour: Town) -> None:
    await harbour.take_in(b"as_of: 2026-11-20")
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    assert anna.last.text.endswith("Facts as of 20 November 2026")
    group = harbour.telegram.group("Friends", members=[anna])
    [result] = await anna.inline("Lodkin")
    await anna.choose(result, chat=group)
    assert "Facts as of 20 November 2026" in group.messages[-1].text
    harbour.clock.forward(days=89)
    for said in ("/donate", "/letters"):
        await harbour.take_in(b"fundraisers: [{slug: lodkin-lawyer, closes: 2027-03-20}]")
        await anna.send(said)
        anna.sees("⚠️ Facts as of 20 November 2026")
