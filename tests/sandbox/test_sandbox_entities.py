"""The parser of formatted text: Telegram's rules, words and units."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiogram.types import MessageEntity, User
from aiogram.utils.text_decorations import html_decoration, markdown_decoration
from hypothesis import given
from hypothesis import strategies as st

from sandbox.entities import parse
from sandbox.errors import RuleBroken
from sandbox.utf16 import units


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("<b>x</b>", "bold"), ("<strong>x</strong>", "bold"), ("<i>x</i>", "italic"),
        ("<em>x</em>", "italic"), ("<u>x</u>", "underline"), ("<ins>x</ins>", "underline"),
        ("<s>x</s>", "strikethrough"), ("<strike>x</strike>", "strikethrough"),
        ("<del>x</del>", "strikethrough"), ("<code>x</code>", "code"), ("<pre>x</pre>", "pre"),
        ("<tg-spoiler>x</tg-spoiler>", "spoiler"), ("<B>x</b >", "bold"),
        ('<span class="tg-spoiler">x</span>', "spoiler"),
        ("<blockquote>x</blockquote>", "blockquote"),
        ("<blockquote expandable>x</blockquote>", "expandable_blockquote"),
    ],
)  # fmt: skip
def test_html_tags(source: str, kind: str) -> None:
    result = parse(source, "HTML")
    assert (result.text, result.entities) == ("x", [entity(kind, 0, 1)])


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ('<a href="http://a.org/?a=1&amp;b=2">x</a>',
         {"type": "text_link", "url": "http://a.org/?a=1&b=2"}),
        ("<a href='a.org'>x</a>", {"type": "text_link", "url": "http://a.org/"}),
        ('<a href="tg://user?id=77">x</a>', {"type": "text_mention", "user": {"id": 77}}),
        ('<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>',
         {"type": "custom_emoji", "custom_emoji_id": "5368324170671202286"}),
        ('<tg-time unix="1700000000" format="wDT">x</tg-time>',
         {"type": "date_time", "unix_time": 1700000000, "date_time_format": "wDT"}),
        ('<tg-time unix="1700000000">x</tg-time>', {"type": "date_time", "unix_time": 1700000000}),
        ('<pre><code class="language-python">x</code></pre>',
         {"type": "pre", "language": "python"}),
    ],
)  # fmt: skip
def test_html_tags_with_attributes(source: str, more: dict[str, Any]) -> None:
    assert parse(source, "HTML").entities == [{"offset": 0, "length": 1, **more}]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("<x>a</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("ж😀<br>", 'Unsupported start tag "br" at byte offset 6'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b>a", "Can't find end tag corresponding to start tag b"),
        ("<b><i>a</i>", "Can't find end tag corresponding to start tag b"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a ="x">a</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=http://a.org>a</a>", "Unexpected end of name token at byte offset 8"),
        ('<tg-emoji emoji-id="x">a</tg-emoji>', "Invalid custom emoji identifier specified"),
        ('<tg-time unix="soon">a</tg-time>', "Invalid date specified"),
        ('<tg-time unix="1" format="Q">a</tg-time>', "Invalid date format specified"),
        ("&#xd83d;", "Text contains invalid Unicode characters"),
    ],
)
def test_html_errors_in_telegrams_words(source: str, error: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        parse(source, "HTML")
    assert caught.value.description.startswith(f"Bad Request: can't parse entities: {error}")


@pytest.mark.parametrize(
    ("source", "text"),
    [("&lt;&gt;&amp;&quot;", '<>&"'), ("&#1078;&#x436;", "жж"), ("&nbsp; & &x;", "&nbsp; & &x;"),
     ("a&#8238;b", "ab"), ("a\tb\rc", "a bc")],
)  # fmt: skip
def test_references_and_control_characters(source: str, text: str) -> None:
    assert parse(source, "HTML").text == text


def test_offsets_are_utf16_units() -> None:
    assert parse("😀<b>😀ж</b>", "HTML").entities == [entity("bold", 2, 3)]
    assert units("😀ж") == 3


def test_space_around_is_trimmed_and_entities_with_it() -> None:
    result = parse(" \n a <b> b \n</b>\n", "HTML")
    assert (result.text, result.entities) == ("a  b", [entity("bold", 2, 2)])


def test_neighbours_are_joined_and_code_cuts() -> None:
    assert parse("<b>a</b><b>b</b>", "HTML").entities == [entity("bold", 0, 2)]
    result = parse("<b>a<code>b</code>c</b>", "HTML")
    assert [(e["type"], e["offset"]) for e in result.entities] == [
        ("bold", 0), ("code", 1), ("bold", 2),
    ]  # fmt: skip
    assert "inside pre or code" in result.violations[0]


def test_quotes_do_not_nest() -> None:
    result = parse("<blockquote>a<blockquote>b</blockquote>c</blockquote>", "HTML")
    assert result.entities == [entity("blockquote", 0, 3)]
    assert "nested blockquote" in result.violations[0]


def test_a_hundred_entities_count() -> None:
    assert parse("<b>x</b> " * 100, "HTML").violations == []
    result = parse("<b>x</b> " * 101, "HTML")
    assert len(result.entities) == 100
    assert "101 entities" in result.violations[0]


def test_plain_text_has_entities_too() -> None:
    text = "/start@a_bot see https://a.org/x, b.ru; @someone #tag a@b.org 5/6 #1"
    places = [(e["type"], e["offset"], e["offset"] + e["length"]) for e in parse(text).entities]
    found = [(kind, text[start:end]) for kind, start, end in places]
    assert found == [
        ("bot_command", "/start@a_bot"), ("url", "https://a.org/x"), ("url", "b.ru"),
        ("mention", "@someone"), ("hashtag", "#tag"), ("email", "a@b.org"),
    ]  # fmt: skip


def test_nothing_is_detected_in_code_and_links() -> None:
    source = '<code>/start</code> <a href="http://a.org/">b.org</a>'
    assert {e["type"] for e in parse(source, "HTML").entities} == {"code", "text_link"}


@pytest.mark.parametrize(
    ("source", "kind"),
    [("*x*", "bold"), ("_x_", "italic"), ("__x__", "underline"), ("~x~", "strikethrough"),
     ("||x||", "spoiler"), ("`x`", "code"), ("```\nx```", "pre"), (">x", "blockquote"),
     (">x||", "expandable_blockquote")],
)  # fmt: skip
def test_markdown_v2(source: str, kind: str) -> None:
    result = parse(source, "MarkdownV2")
    assert (result.text, result.entities) == ("x", [entity(kind, 0, 1)])


def test_markdown_v2_with_arguments() -> None:
    source = (
        "[a](http://a.org/\\)) ![b](tg://emoji?id=7) ![c](tg://time?unix=5&format=r)\n```py\nd```"
    )
    assert parse(source, "MarkdownV2").entities == [
        entity("text_link", 0, 1, url="http://a.org/)"),
        entity("custom_emoji", 2, 1, custom_emoji_id="7"),
        entity("date_time", 4, 1, unix_time=5, date_time_format="r"),
        entity("pre", 6, 1, language="py"),
    ]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("a.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*a", "Can't find end of Bold entity at byte offset 0"),
        ("ж [a](b", "Can't find end of a URL at byte offset 3"),
    ],
)
def test_markdown_v2_errors(source: str, error: str) -> None:
    with pytest.raises(RuleBroken) as caught:
        parse(source, "MarkdownV2")
    assert error in caught.value.description


def test_legacy_markdown() -> None:
    result = parse("*a* _b_ `c` [d](http://a.org/) \\_ e_f_", "Markdown")
    assert result.text == "a b c d _ ef"
    kinds = [e["type"] for e in result.entities]
    assert kinds == ["bold", "italic", "code", "text_link", "italic"]
    with pytest.raises(RuleBroken, match="Can't find end of the entity starting at byte offset 2"):
        parse("a *b", "Markdown")


def test_entities_given_must_lie_in_the_text() -> None:
    assert parse("abc", None, [entity("bold", 0, 3)]).entities == [entity("bold", 0, 3)]
    with pytest.raises(RuleBroken, match="ENTITY_BOUNDS_INVALID"):
        parse("abc", None, [entity("bold", 0, 4)])
    with pytest.raises(RuleBroken, match="unsupported parse_mode"):
        parse("abc", "BBCode")


# -- properties -------------------------------------------------------------------------------

# no characters Telegram removes, and none it would find entities in by itself
ALPHABET = st.characters(
    exclude_categories=("Cs", "Cc", "Z", "P", "S"), include_characters="&<>😀*_~|"
)
WORD = st.text(ALPHABET.filter(lambda c: not c.isspace()), min_size=1, max_size=6)
STYLES = ["bold", "italic", "underline", "strikethrough", "spoiler"]


@st.composite
def trees(draw: st.DrawFn, depth: int = 3, used: frozenset[str] = frozenset()) -> list[Any]:
    """Words and nested entities; no style within itself, nothing in code, no quote in anything."""
    pieces: list[Any] = []
    for _ in range(draw(st.integers(1, 3))):
        free = [kind for kind in (*STYLES, "text_link", "date_time") if kind not in used]
        kind = draw(st.sampled_from(["word", "word", "code", "pre", *free]))
        if kind == "word" or depth == 0 or (used and kind in ("code", "pre")):
            pieces.append(draw(WORD))
        elif kind in ("code", "pre"):
            pieces.append((kind, [draw(WORD)]))
        else:
            closed = (
                frozenset({"text_link", "date_time"})
                if kind in ("text_link", "date_time")
                else frozenset()
            )
            pieces.append((kind, draw(trees(depth - 1, used | {kind} | closed))))
    return pieces


def build(tree: list[Any], text: str = "") -> tuple[str, list[dict[str, Any]]]:
    """Text and entities of a tree; a space after every piece keeps neighbours apart."""
    found: list[dict[str, Any]] = []
    for index, piece in enumerate(tree):
        text += " " if index else ""
        if isinstance(piece, str):
            text += piece
            continue
        start = units(text)
        text, inner = build(piece[1], text)
        found += [
            entity(piece[0], start, units(text) - start, **ARGUMENTS.get(piece[0], {})),
            *inner,
        ]
    return text, found


ARGUMENTS: dict[str, dict[str, Any]] = {
    "text_link": {"url": "http://example.org/a"},
    "date_time": {"unix_time": 1700000000, "date_time_format": "Dt"},
}


def aiograms(entities: list[dict[str, Any]]) -> list[MessageEntity]:
    return [MessageEntity(**{**e, "user": None} if "user" not in e else e) for e in entities]


def comparable(entities: list[dict[str, Any]]) -> list[Any]:
    return sorted(sorted(e.items()) for e in entities)


@given(trees())
def test_html_round_trip(tree: list[Any]) -> None:
    text, entities = build(tree)
    source = html_decoration.unparse(text, aiograms(entities))
    result = parse(source, "HTML")
    assert result.text == text
    assert comparable(result.entities) == comparable(entities)
    assert all(
        e["offset"] >= 0 and e["offset"] + e["length"] <= units(text) for e in result.entities
    )


@given(WORD, st.sampled_from([*STYLES, "code", "text_link"]))
def test_markdown_v2_round_trip(word: str, kind: str) -> None:
    entities = [entity(kind, 0, units(word), **ARGUMENTS.get(kind, {}))]
    source = markdown_decoration.unparse(word, aiograms(entities)).replace("\r", "")
    result = parse(source, "MarkdownV2")
    assert (result.text, result.entities) == (word, entities)


def outcome(source: str, mode: str | None) -> str:
    """Parsed soundly, or refused in Telegram's words."""
    try:
        result = parse(source, mode)
    except RuleBroken as refusal:
        return refusal.description
    ends = [e["offset"] + e["length"] for e in result.entities if e["length"] > 0]
    sound = len(ends) == len(result.entities) and max(ends, default=0) <= len(result)
    return "sound" if sound else f"unsound: {result}"


ACCEPTABLE = r"sound|Bad Request: can't parse entities: (.|\n)+"


@given(st.text())
def test_any_text_is_parsed_or_refused_but_never_crashes(source: str) -> None:
    for mode in ("HTML", "MarkdownV2", "Markdown", None):
        assert re.fullmatch(ACCEPTABLE, outcome(source, mode))


@given(st.text(st.sampled_from("<>/b&;aipre \"'=#x😀*_`[]()!|~\\>\n"), max_size=40))
def test_markup_soup_never_crashes(source: str) -> None:
    for mode in ("HTML", "MarkdownV2", "Markdown"):
        assert re.fullmatch(ACCEPTABLE, outcome(source, mode))


def test_mentions_by_id_come_back() -> None:
    user = User(id=7, is_bot=False, first_name="Vera")
    given_entity = MessageEntity(type="text_mention", offset=0, length=4, user=user)
    result = parse(html_decoration.unparse("Vera", [given_entity]), "HTML")
    assert result.entities == [entity("text_mention", 0, 4, user={"id": 7})]
