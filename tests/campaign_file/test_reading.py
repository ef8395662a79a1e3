"""Whatever is sent: it is read, or told to be wrong; nothing else is ever raised."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.services.campaign_file import CampaignFileError, silent
from bot.services.campaign_file.patch import Patch, read_patch
from bot.services.campaign_file.problems import Problems, What
from bot.services.campaign_file.reading import read
from bot.services.campaign_file.tree import Mapping, line_of, spelled
from bot.views import campaign_file as views
from tests.campaign_file.conftest import FORMAT


def tree(text: str) -> Mapping:
    problems = Problems("x.yaml")
    found = read(text.encode(), problems, silent)
    problems.raise_any()
    return found


def understood(data: bytes) -> Patch | None:
    """Read, or told to be wrong in words."""
    try:
        patch = read_patch(data, "x.yaml", silent)
        patch.problems.raise_any()
    except CampaignFileError as error:
        told = views.problems(error)
        assert told
        assert all(len(line) < 1000 for line in told.split("\n"))
        return None
    return patch


def test_values_stay_what_was_written() -> None:
    found = tree("a: no\nb: 1\nc: 020999\nd: 10:30\ne: 2024-04\nf: 1e3\ng: 0x1F\nh: 'null'\n")
    assert list(found.values()) == ["no", "1", "020999", "10:30", "2024-04", "1e3", "0x1F", "null"]


def test_nothing_is_none() -> None:
    assert tree("a: null\nb: ~\nc:\nd: ''\n") == {"a": None, "b": None, "c": None, "d": ""}


def test_every_part_knows_its_line() -> None:
    found = tree("a:\n  - b: 1\n    c: 2\n  - d:\n\n      - 3\n")
    assert line_of(found, ("a", 0, "c")) == 3
    assert line_of(found, ("a", 1, "d", 0)) == 6
    assert line_of(found, ("a", 1, "nowhere", 7)) == 4
    assert spelled(found, ("a", 1, "d", 0)) == "a[2].d[1]"


def test_json_is_yaml() -> None:
    assert tree('{"a": [1, {"b": null}], "c": "x"}') == {"a": ["1", {"b": None}], "c": "x"}


# What stands in braces without quotes, and what is read.
COMMAS = [
    ("{en: free, in Germany}", {"en": "free, in Germany"}),
    ("{en: free, in Germany, or not, ru: x}", {"en": "free, in Germany, or not", "ru": "x"}),
    ("{a: free, room: }", {"a": "free", "room": None}),
    ("{a: ю, room : }", {"a": "ю", "room": None}),
]


@pytest.mark.parametrize(("braces", "read_as"), COMMAS)
def test_words_after_a_comma_belong_to_the_text(braces: str, read_as: dict[str, str]) -> None:
    assert tree(f"x: {braces}\n")["x"] == read_as


@given(st.binary(max_size=300))
@example(b"\xff\xfea")
@example(b"\xef\xbb\xbf")
def test_any_bytes(data: bytes) -> None:
    understood(data)


@given(st.text(max_size=300))
@example("a: \u2028b")
@example("{a: b, c")
def test_any_text(text: str) -> None:
    understood(text.encode("utf-8", "surrogatepass"))


YAML_SIGNS = st.sampled_from(
    [*"{}[]:,-?&*!|>'\"%@`#\n \t~", "slug", "cases", "null", ": ", "\n  - "]
)


@given(st.lists(YAML_SIGNS, max_size=60).map("".join))
def test_any_signs_of_yaml(text: str) -> None:
    understood(text.encode())


KEY = re.compile(r"(?<=[{ ])[a-z_]+(?=:)")
WORDS = [
    "null",
    "[]",
    "{}",
    "[1]",
    "{a: b}",
    "-1",
    "0",
    "x" * 2000,
    "'",
    "true",
    "2024-02-30",
    "+1d",
]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """format.yaml with a few lines dropped or doubled, keys renamed and values replaced."""
    lines = FORMAT.split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        keys = [match.span() for match in KEY.finditer(lines[at])]
        how = draw(st.sampled_from(["drop", "double", "rename", "replace"]))
        if how == "drop":
            lines.pop(at)
        elif how == "double":
            lines.insert(at, lines[at])
        elif keys:
            start, end = draw(st.sampled_from(keys))
            if how == "rename":
                lines[at] = (
                    lines[at][:start]
                    + draw(st.sampled_from(["xx", "slug", "*", "said"]))
                    + lines[at][end:]
                )
            else:
                value = re.match(r":\s*([^,}\]]*)", lines[at][end:])
                assert value
                rest = lines[at][end + value.end() :]
                lines[at] = f"{lines[at][:end]}: {draw(st.sampled_from(WORDS))}{rest}"
    return "\n".join(lines)


@settings(max_examples=200)
@given(damaged())
def test_any_damage_to_a_good_file(text: str) -> None:
    understood(text.encode())


def test_directives_are_refused_before_they_take_time() -> None:
    problems = Problems("x.yaml")
    with pytest.raises(CampaignFileError) as error:
        read(b"# first\n" + b"%TAG !a! tag:x,2000:\n" * 100_000, problems, lambda done, of: None)
    [problem] = error.value.problems
    assert (problem.what, problem.line) == (What.TAG, 2)
