"""Inline mode: cards sent to other chats, with a deep link and without any address."""

import pytest

from tests.town import Town

pytestmark = pytest.mark.either_database


async def test_a_card_is_shared_into_another_chat(harbour: Town) -> None:
    anna, boris = harbour.person("Anna"), harbour.person("Boris")
    group = harbour.telegram.group("Friends", members=[anna, boris])
    [result] = await anna.inline("lodkin")
    assert result.title == "Ivan Lodkin"
    assert "crane driver" in result.description
    await anna.choose(result, chat=group)
    shared = group.messages[-1]
    assert "Ivan Lodkin" in shared.text
    assert "Zavodskaya" not in shared.text
    await boris.press("Open the card", chat=group)
    boris.sees("crane driver")


async def test_results_speak_the_persons_language_and_find_nothing_for_nonsense(
    harbour: Town,
) -> None:
    oleg = harbour.person(language="ru")
    [result] = await oleg.inline("vetrova")
    assert result.title == "Марта Ветрова"
    assert await oleg.inline("qqqq") == []


async def test_a_shared_card_in_the_bots_own_chat_is_not_searched_for(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start")
    [result] = await anna.inline("lodkin")
    before = len(anna.messages)
    await anna.choose(result)
    assert len(anna.messages) == before + 1


async def test_who_is_still_typing_is_offered_somebody(sac: Town) -> None:
    oleg = sac.person(language="ru")
    everything = await oleg.inline("")
    assert "Дело Бориса Кагарлицкого" in [result.title for result in everything]
    for typed, meant in (("каг", "Борис Кагарлицкий"), ("уф", "уф"), ("rfu", "Борис")):
        titles = [result.title for result in await oleg.inline(typed)]
        assert any(meant.lower() in title.lower() for title in titles), typed
    assert await oleg.inline("qx") == []
