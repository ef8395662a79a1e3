"""Texts keep within Telegram's limits and stay well-formed, whatever anybody typed into them."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from bot.markup import LONGEST_WORD, clean, cut, plain, utf16, visible_length

FAMILY = "👨\u200d👩\u200d👧"
FLAG = "🇷🇺"
ACCENTED = "e\u0301"
HOSTILE = [
    *("<b>", "</b>", "</a>", "<", ">", "&", "&amp;", "&#128512;", "&lt;b&gt;", '"', "'"),
    *("<a href=", FAMILY, FLAG, "👍🏽", ACCENTED, "\u202e", "\u200b", "\ud83d", "\x00"),
    *("\r\n", "\xa0", " ", "\n"),
]
OPENING = [
    *("b", "i", "u", "s", "code", "pre", "tg-spoiler", "blockquote", "blockquote expandable"),
    *('a href="https://example.org/?a=1&amp;b=&#34;"', 'tg-time unix="1796292000" format="wDT"'),
]

hostile = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(), max_size=12))).map(
    "".join
)


def tagged(inner: Markup, opening: str) -> Markup:
    return Markup(f"<{opening}>") + inner + Markup(f"</{opening.split()[0]}>")


markups = st.recursive(
    hostile.map(escape),
    lambda inner: st.one_of(
        st.builds(tagged, inner, st.sampled_from(OPENING)),
        st.lists(inner, max_size=4).map(Markup().join),
    ),
    max_leaves=12,
)


class Reader(HTMLParser):
    """What another parser makes of it: the text, and whether every tag is closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.feed(str(text))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(st.characters()))
def test_length_is_in_utf16_units(text: str) -> None:
    assert utf16(text) == sum(1 + (ord(character) > 0xFFFF) for character in text)


@given(markups)
def test_what_is_read_is_what_another_parser_reads(text: Markup) -> None:
    assert plain(text) == Reader(text).text


def test_an_unknown_reference_is_text() -> None:
    assert visible_length(Markup("&nbsp;&lt;&#x1F600;")) == 6 + 1 + 2


@given(markups, st.integers(1, 120))
def test_a_cut_text_fits_is_well_formed_and_begins_the_same(text: Markup, limit: int) -> None:
    short = cut(text, limit)
    read = Reader(short).text
    assert utf16(read) <= limit
    assert cut(short, limit) == short
    if visible_length(text) <= limit:
        assert short is text
    else:
        assert read.endswith("…")
        assert Reader(text).text.startswith(read[:-1])


@given(st.lists(st.text("абв😀", min_size=1, max_size=LONGEST_WORD // 2), min_size=2), st.data())
def test_words_stay_whole(words: list[str], data: st.DataObject) -> None:
    text = tagged(escape(" ".join(words)), "b")
    limit = data.draw(st.integers(utf16(words[0]) + 1, visible_length(text)))
    read = plain(cut(text, limit)).removesuffix("…").split(" ")
    assert read == words[: len(read)]


@pytest.mark.parametrize("sign", [FAMILY, FLAG, ACCENTED, "👍🏽", "❤\ufe0f", "😀", "1\ufe0f\u20e3"])
@given(st.integers(1, 60))
def test_signs_stay_whole(sign: str, limit: int) -> None:
    read = plain(cut(escape(sign * 50), limit)).removesuffix("…")
    assert read == sign * ((limit - 1) // utf16(sign))


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("<b>one two</b> three", 8, "<b>one two…</b>"),
        ("<b>one</b> <i>two</i>", 5, "<b>one…</b>"),
        ("one <i>two</i>", 4, "one…"),
        ("<b>one <i>two three</i></b>", 9, "<b>one <i>two…</i></b>"),
        ("a &lt; b &lt; c", 6, "a &lt; b…"),
        ("one, two", 1, "…"),
        ("unbreakable", 4, "unb…"),
        ("   unbreakable", 7, "   unb…"),
        ('<a href="https://a.b/?c=&amp;d=">a link</a>', 5, '<a href="https://a.b/?c=&amp;d=">a…</a>'),
        ('<tg-time unix="0" format="wDT">on Monday</tg-time>!', 4,
         '<tg-time unix="0" format="wDT">on…</tg-time>'),
    ],
)  # fmt: skip
def test_cut(text: str, limit: int, short: str) -> None:
    assert cut(Markup(text), limit) == short


def test_a_whole_message_is_left_as_it_is() -> None:
    longest = tagged(escape("<" * 4096), "b")
    assert cut(longest) is longest
    assert visible_length(cut(longest + Markup("!"))) == 4096


@given(hostile, st.integers(1, 60))
def test_cleaned_text_is_harmless(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert utf16(line) <= limit
    assert clean(line, limit) == line
    assert line.isprintable() or not set(line) & set("\n\r\t\x00\u202e\u2066\ud83d\ufeff")
    line.encode()


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("  Anton\t \nOrlov\r\n", "Anton Orlov"),
        ("\u202eOrlov\u2069 \x00\x1b[31m", "Orlov [31m"),
        ("a\u2028b\u3000c", "a b c"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        (f"{FAMILY}{FLAG} Đặng", f"{FAMILY}{FLAG} Đặng"),
        ("\u200b\ufeff", ""),
        ("Anton Orlov and others", "Anton Orlov and…"),
    ],
)
def test_clean(typed: str, line: str) -> None:
    assert clean(typed, 17) == line
