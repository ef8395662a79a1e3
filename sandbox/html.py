"""parse_mode=HTML with Telegram's error texts (core.telegram.org/bots/api#html-style)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .errors import RuleBroken, broken
from .utf16 import units

Entity = dict[str, Any]

STYLE = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough",
    "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
}  # fmt: skip
TAGS = {*STYLE, "a", "code", "pre", "blockquote", "tg-emoji", "tg-time"}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")
NAME = re.compile(r"[^\s>]*")
END_TAG = re.compile(r"</([^\s>]*)\s*(>?)")
TOKEN_END = re.compile(r"[\s>]")
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:")
SPECIAL = re.compile(r"[<&]")
ATTRIBUTE = re.compile(r"""\s*([^\s=>]*)\s*(=)?\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.\-]*))""")
TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")


@dataclass(slots=True)
class Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    piece: int


class Reader:
    """One pass over the source: `text` so far in pieces, `offset` in UTF-16 units."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.pieces: list[str] = []
        self.offset = 0
        self.open: list[Open] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while found := SPECIAL.search(self.source, self.at):
            self.write(self.source[self.at : found.start()])
            self.at = found.start()
            if self.source[self.at] == "&":
                self.reference()
            elif self.source.startswith("</", self.at):
                self.end_tag()
            else:
                self.start_tag()
        self.write(self.source[self.at :])
        if self.open:
            tag = self.open[-1].tag
            raise unparsable(f"Can't find end tag corresponding to start tag {tag}")
        return "".join(self.pieces), self.entities

    def write(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.offset += units(text)

    def reference(self) -> None:
        found = REFERENCE.match(self.source, self.at)
        char = decoded(found) if found else ""
        self.write(char or "&")
        self.at = found.end() if found and char else self.at + 1

    def start_tag(self) -> None:
        begin = self.at
        name = NAME.match(self.source, begin + 1)
        assert name
        if name.end() == len(self.source):
            raise unparsable(f"Unclosed start tag at byte offset {self.bytes(begin)}")
        tag = name[0].lower()
        if tag not in TAGS:
            raise unparsable(f'Unsupported start tag "{tag}" at byte offset {self.bytes(begin)}')
        self.at = name.end()
        attributes = self.attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            where = self.bytes(begin)
            raise unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self.open.append(Open(tag, attributes, self.offset, len(self.pieces)))

    def attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            while self.at < len(self.source) and self.source[self.at].isspace():
                self.at += 1
            if self.at == len(self.source):
                raise unparsable(f"Unclosed start tag at byte offset {self.bytes(begin)}")
            if self.source[self.at] == ">":
                self.at += 1
                return found
            name, value = self.attribute(tag, begin)
            found[name] = value

    def attribute(self, tag: str, begin: int) -> tuple[str, str]:
        match = ATTRIBUTE.match(self.source, self.at)
        assert match
        name, equals, *values = match.groups()
        if not name:
            where = f'in the tag "{tag}" at byte offset {self.bytes(begin)}'
            raise unparsable(f"Empty attribute name {where}")
        if not equals:
            self.at = match.end(1)
            return name.lower(), ""
        self.at = match.end()
        token = values[2]
        if token is not None and not TOKEN_END.match(self.source, self.at):
            if self.at == len(self.source) or self.source[self.at] in "\"'":
                raise unparsable(f"Unclosed start tag at byte offset {self.bytes(begin)}")
            at = self.bytes(match.start(5))
            raise unparsable(f"Unexpected end of name token at byte offset {at}")
        value = next(value for value in values if value is not None)
        return name.lower(), REFERENCE.sub(lambda m: decoded(m) or m[0], value)

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise unparsable(f"Unexpected end tag at byte offset {self.bytes(begin)}")
        match = END_TAG.match(self.source, begin)
        assert match
        if not match[2]:
            raise unparsable(f"Unclosed end tag at byte offset {self.bytes(begin)}")
        tag, expected = match[1].lower(), self.open[-1].tag
        if tag and tag != expected:
            raise unparsable(
                f"Unmatched end tag at byte offset {self.bytes(begin)}, "
                f'expected "</{expected}>", found "</{tag}>"'
            )
        self.at = match.end()
        self.close(self.open.pop())

    def close(self, opened: Open) -> None:
        length = self.offset - opened.offset
        if length <= 0:
            return
        inside = "".join(self.pieces[opened.piece :])
        entity = described(opened, inside)
        if not entity:
            return
        entity = {"type": entity.pop("type"), "offset": opened.offset, "length": length, **entity}
        if not self.joined(opened, entity):
            self.entities.append(entity)

    def joined(self, opened: Open, entity: Entity) -> bool:
        """`<pre><code class="language-x">` is one entity: pre with a language."""
        last = self.entities[-1] if self.entities else None
        if not last or {opened.tag, last["type"]} != {"pre", "code"}:
            return False
        same = (last["offset"], last["length"]) == (entity["offset"], entity["length"])
        language = entity.get("language") or last.get("language")
        if same and language:
            self.entities[-1] = {**entity, "type": "pre", "language": language}
        return same and bool(language)

    def bytes(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))


def parse(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities; `RuleBroken` as "can't parse entities: … at byte offset N"."""
    text, entities = Reader(source).read()
    for entity in entities:
        if entity["type"] == "code":  # a language counts only inside <pre>
            entity.pop("language", None)
    return text, entities


def unparsable(text: str) -> RuleBroken:
    return broken(f"can't parse entities: {text}")


def decoded(match: re.Match[str]) -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return NAMED.get(name, "")
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    lonely = 0xD800 <= code <= 0xDFFF
    if lonely:
        raise unparsable(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return chr(code) if 0 < code < 0x10FFFF else ""


def described(opened: Open, inside: str) -> Entity | None:
    """The entity of a closed tag without its place; None when Telegram makes none."""
    attributes, tag = opened.attributes, opened.tag
    if tag in STYLE:
        return {"type": STYLE[tag]}
    if tag == "a":
        return link(attributes.get("href") or inside)
    if tag == "tg-emoji":
        return emoji(attributes.get("emoji-id", ""))
    if tag == "tg-time":
        return moment(attributes.get("unix", ""), attributes.get("format", ""))
    if tag == "blockquote":
        return {"type": "expandable_blockquote" if "expandable" in attributes else "blockquote"}
    language = attributes.get("class", "")
    if tag == "code" and language.startswith("language-"):
        return {"type": "code", "language": language.removeprefix("language-")}
    return {"type": tag}


def emoji(identifier: str) -> Entity:
    if not identifier.isdecimal() or not int(identifier):
        raise broken("can't parse entities: Invalid custom emoji identifier specified")
    return {"type": "custom_emoji", "custom_emoji_id": identifier}


def moment(unix: str, style: str = "") -> Entity:
    """A point in time (Unix seconds) and how to show it: r, or any of w d D t T in this order."""
    if not unix.isdecimal():
        raise broken("can't parse entities: Invalid date specified")
    if not TIME_FORMAT.fullmatch(style):
        raise broken("can't parse entities: Invalid date format specified")
    return {"type": "date_time", "unix_time": int(unix)} | (
        {"date_time_format": style} if style else {}
    )


def link(url: str) -> Entity | None:
    """A text_link, a text_mention for tg://user?id=, or nothing if it is no link at all."""
    parts = split(url)
    if parts is None:
        return None
    if parts.scheme == "tg" and parts.netloc == "user":
        ids = parse_qs(parts.query).get("id", [""])
        if ids[0].isdecimal():
            return {"type": "text_mention", "user": {"id": int(ids[0])}}
    return {"type": "text_link", "url": checked(url)}


def split(url: str) -> Any:
    """The parts of an address Telegram accepts in links, else None."""
    url = url.strip()
    if not SCHEME.match(url):
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https", "tg", "ton", "tonsite", "ftp", "mailto", "tel"}:
        return None
    if parts.scheme in {"mailto", "tel"}:
        return parts
    host = parts.hostname or ""
    known = parts.scheme in {"tg", "ton"} or "." in host or host == "localhost"
    return parts if host and known and not re.search(r"\s", url) else None


def checked(url: str) -> str:
    """As Telegram rewrites it: a scheme if there is none, a slash after a bare host."""
    url = url.strip()
    if not SCHEME.match(url):
        url = f"http://{url}"
    scheme, _, rest = url.partition("://")
    if rest and not re.search(r"[/?#]", rest) and scheme.lower() in {"http", "https"}:
        url += "/"
    return url
