"""Names are found as people type them."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.names import Person, built, decoys, people, queries
from bot.services.names import Found, NameIndex, fold, other_keyboard, stem

QUERIES = [(query, meant) for kind in queries().values() for query, meant in kind.items()]
REAL = people()
LETTERS = st.sampled_from("абвгорстилнеьщAEIKLMNORSTabeiklnorst ё-'.1")
NAMES = st.text(LETTERS, min_size=1, max_size=20).filter(fold)
CROWDS = st.dictionaries(
    st.integers(0, 9), st.lists(NAMES, min_size=1, max_size=3), min_size=1, max_size=6
)


@pytest.fixture(scope="module")
def campaign() -> NameIndex[str]:
    return built(REAL)


@pytest.fixture(scope="module")
def town() -> NameIndex[str]:
    return built([*REAL, *decoys(1000 - len(REAL))])


def index_of(names: dict[int, list[str]]) -> NameIndex[int]:
    index: NameIndex[int] = NameIndex()
    for key, known in names.items():
        index.put(key, known)
    return index


def keys(found: list[Found[str]]) -> set[str]:
    return {one.key for one in found}


@pytest.mark.parametrize(("query", "meant"), QUERIES, ids=[repr(query) for query, _ in QUERIES])
def test_everybody_meant_is_found_and_nobody_else_for_nonsense(
    campaign: NameIndex[str], query: str, meant: list[str]
) -> None:
    found = keys(campaign.find(query))
    assert found >= set(meant) if meant else not found


def test_of_a_thousand_people_97_in_a_hundred_queries_are_answered(town: NameIndex[str]) -> None:
    missed = [
        query
        for query, meant in QUERIES
        if not (keys(town.find(query)) >= set(meant) if meant else not town.find(query))
    ]
    assert len(town) == 1000
    assert len(missed) <= 0.03 * len(QUERIES), missed


def test_there_are_queries_of_every_kind_about_everybody() -> None:
    assert len(QUERIES) >= 100
    assert {slug for _, meant in QUERIES for slug in meant} == {slug for slug, _ in REAL}


def test_namesakes_stand_together_with_equal_scores(campaign: NameIndex[str]) -> None:
    for query in ("Alexey Dmitriev", "Алексей Дмитриев", "Дмитриеву", "Dmitreev"):
        first, second, *_ = campaign.find(query)
        assert {first.key, second.key} == {"alexey-dmitriev-ufa", "alexey-dmitriev-khimki"}
        assert first.score == second.score


@pytest.mark.parametrize("query", ["Антон Орлов", "Boris Kagarlitsky", "Doctor Pravda"])
def test_a_whole_name_finds_one_person_surely(campaign: NameIndex[str], query: str) -> None:
    (only,) = campaign.find(query)
    assert (only.score, only.name) == (100, query)


def test_the_name_that_matched_is_told_in_the_alphabet_typed(campaign: NameIndex[str]) -> None:
    assert campaign.find("Kosyreva")[0].name == "Daria Kozyreva"
    assert campaign.find("козыревой")[0].name == "Дарья Козырева"
    assert campaign.find("Rumata")[0].name == "Rumata Estorsky"
    assert campaign.find("rfufhkbwrbq")[0].name == "Борис Кагарлицкий"


def test_the_limit_holds(town: NameIndex[str]) -> None:
    assert [len(town.find("Александр", limit)) for limit in (1, 3, 5)] == [1, 3, 5]


def test_long_texts_are_read_to_their_hundredth_character(campaign: NameIndex[str]) -> None:
    assert campaign.find("Орлов" + " " * 3995)
    assert not campaign.find("о" * 4000)
    assert not campaign.find("спасибо " * 500)
    assert not campaign.find(" " * 150 + "Орлов")


@pytest.mark.parametrize(
    "spellings",
    [
        "Юрий Yuri Jurij Iurii Yuriy Юрій",
        "Козырева Kozyreva Kozireva Козирева Козирєва",
        "Алексей Alexey Aleksei Alexei Aleksey",
        "Айхал Aikhal Ayhal Айһал",
        "Елисеев Eliseev Yeliseyev Jelissejew Єлісєєв",
        "Артём Артем Artyom Artem",
        "Қасым Касым Qasym Kasym",
        "Чувилин Chuvilin Tchuvilin Tschuwilin",
        "Щёголев Shchegolev",
    ],
)
def test_spellings_of_one_name_fold_together(spellings: str) -> None:
    assert len(set(fold(spellings))) == 1


def test_case_endings_fall_off() -> None:
    cases = "Козырева Козыревой Козыреву Козыревым Козыревых"
    assert {stem(token) for token in fold(cases)} == {"kozirev"}
    assert stem("lev") == "lev"


def test_the_keyboard_can_be_switched_both_ways() -> None:
    assert other_keyboard("rfufhkbwrbq") == "кагарлицкий"
    assert other_keyboard("шмфт дщвлшт") == "ivan lodkin"


def test_what_is_replaced_or_removed_is_no_longer_found() -> None:
    index = index_of({1: ["Антон Орлов", "Тоша Сокол"], 2: ["Марта Ветрова"]})
    index.put(1, ["Пётр Журавлёв"])
    assert not index.find("Орлов")
    assert not index.find("Сокол")
    assert [one.key for one in index.find("Журавлев")] == [1]
    index.remove(1)
    index.remove(1)
    assert not index.find("Журавлев")
    assert len(index) == 1


def test_nothing_is_left_of_what_was_removed() -> None:
    index = index_of({1: ["Антон Орлов", "Орлов Антон"], 2: ["Антонина Орлова"]})
    index.remove(1)
    index.remove(2)
    kept = {name: value for name, value in vars(index).items() if name != "_next_id"}
    assert not any(kept.values())


def test_a_name_without_letters_is_no_name() -> None:
    index = index_of({1: ["🙂", "", "ь"], 2: ["Анна"]})
    assert len(index) == 1


@given(st.text(max_size=300))
def test_any_text_may_be_typed(campaign: NameIndex[str], text: str) -> None:
    found = campaign.find(text)
    assert len(found) <= 5
    assert all(0 < one.score <= 100 for one in found)
    assert found == sorted(found, key=lambda one: -one.score)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_may_be_a_name(name: str) -> None:
    index = index_of({1: [name]})
    assert bool(index.find(name)) == bool(fold(name)) == bool(len(index))


@given(CROWDS)
def test_a_name_finds_its_bearer_first_or_a_namesake(crowd: dict[int, list[str]]) -> None:
    index = index_of(crowd)
    for names in crowd.values():
        for name in names:
            first = index.find(name)[0]
            assert first.score == 100
            assert fold(name) in map(fold, crowd[first.key])


@given(CROWDS, NAMES, st.randoms(use_true_random=False))
def test_the_order_of_puts_does_not_matter(crowd: dict[int, list[str]], query: str, chance) -> None:
    shuffled = list(crowd.items())
    chance.shuffle(shuffled)
    assert index_of(crowd).find(query) == index_of(dict(shuffled)).find(query)


@given(CROWDS, NAMES)
def test_putting_twice_is_putting_once(crowd: dict[int, list[str]], query: str) -> None:
    once, twice = index_of(crowd), index_of(crowd)
    for key, names in crowd.items():
        twice.put(key, names)
    assert once.find(query) == twice.find(query)
    assert len(once) == len(twice)


@given(CROWDS, st.integers(0, 9), NAMES)
def test_who_is_removed_might_never_have_been(
    crowd: dict[int, list[str]], key: int, query: str
) -> None:
    index = index_of(crowd)
    index.remove(key)
    without = index_of({other: names for other, names in crowd.items() if other != key})
    assert index.find(query) == without.find(query)


def test_decoys_are_the_same_every_time_and_no_namesakes_of_real_people() -> None:
    invented: list[Person] = list(decoys(300))
    assert invented == list(decoys(300))
    assert len({names for _, names in invented}) > 290
    real = {stem(token) for _, names in REAL for name in names for token in fold(name)}
    assert not any(stem(fold(names[1])[-1]) in real for _, names in invented)


def test_names_in_any_order_of_words(campaign: NameIndex[str]) -> None:
    for words in permutations(("Кагарлицкий", "Борис", "Юльевич")):
        assert campaign.find(" ".join(words))[0].key == "boris-kagarlitsky"
