"""parse_mode=MarkdownV2 and the legacy Markdown (core.telegram.org/bots/api#markdownv2-style)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from .errors import broken
from .html import Entity, emoji, link, moment, unparsable
from .utf16 import units

RESERVED = set("_*[]()~`>#+-=|{}.!")
NAMES = {
    "*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler",
    "`": "code", "```": "pre", "[": "text_link", "![": "custom_emoji",
}  # fmt: skip
WORDS = {
    "*": "Bold", "_": "Italic", "__": "Underline", "~": "Strikethrough", "||": "Spoiler",
    "`": "Code", "```": "PreCode", "[": "TextUrl", "![": "CustomEmoji",
}  # fmt: skip


class Output:
    """Text written so far, its length in UTF-16 units, and the entities found."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pieces: list[str] = []
        self.offset = 0
        self.entities: list[Entity] = []

    def write(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += units(text)

    def add(self, start: int, entity: dict[str, Any] | None) -> None:
        if entity and self.offset > start:
            entity = dict(entity)
            place = {"offset": start, "length": self.offset - start}
            self.entities.append({"type": entity.pop("type"), **place, **entity})

    def bytes(self, at: int) -> int:
        return len(self.source[:at].encode("utf-8", "surrogatepass"))

    def result(self) -> tuple[str, list[Entity]]:
        return "".join(self.pieces), self.entities


def parse_v2(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities; `RuleBroken` for reserved characters and unclosed entities."""
    return _Second(source).read()


class _Second(Output):
    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.at = 0
        self.open: list[tuple[str, int, int]] = []  # mark, UTF-16 offset, place in the source
        self.quote: int | None = None

    def read(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            self.step()
        self.end_quote("blockquote")
        if self.open:
            mark, _, at = self.open[-1]
            raise unparsable(
                f"Can't find end of {WORDS[mark]} entity at byte offset {self.bytes(at)}"
            )
        return self.result()

    def step(self) -> None:
        char = self.source[self.at]
        if char == "\\" and self.source[self.at + 1 : self.at + 2].isascii():
            self.escape()
        elif self.code_open():
            self.inside_code()
        elif char == ">" and (not self.at or self.source[self.at - 1] == "\n"):
            self.quote = self.offset if self.quote is None else self.quote
            self.at += 1
        elif char == "\n":
            self.newline()
        elif char in RESERVED:
            self.mark()
        else:
            self.write(char)
            self.at += 1

    def escape(self) -> None:
        following = self.source[self.at + 1 : self.at + 2]
        if following and ord(following) <= 126 and ord(following) > 0:
            self.write(following)
            self.at += 2
        else:
            self.write("\\")
            self.at += 1

    def code_open(self) -> bool:
        return bool(self.open) and self.open[-1][0] in ("`", "```")

    def inside_code(self) -> None:
        mark = self.open[-1][0]
        if self.source.startswith(mark, self.at):
            self.close(mark)
        else:
            self.write(self.source[self.at])
            self.at += 1

    def newline(self) -> None:
        if self.quote is not None and not self.source.startswith(">", self.at + 1):
            self.end_quote("blockquote")
        self.write("\n")
        self.at += 1

    def end_quote(self, kind: str) -> None:
        if self.quote is not None:
            self.add(self.quote, {"type": kind})
        self.quote = None

    def mark(self) -> None:
        mark = self.found()
        if self.quote is not None and mark == "||" and self.ends_quote():
            self.at += 2
            self.end_quote("expandable_blockquote")
        elif mark == "]" and self.open and self.open[-1][0] in ("[", "!["):
            self.close_link()
        elif mark not in NAMES:
            raise unparsable(
                f"Character '{mark}' is reserved and must be escaped with the preceding '\\'"
            )
        elif self.open and self.open[-1][0] == mark:
            self.close(mark)
        else:
            self.begin(mark)

    def ends_quote(self) -> bool:
        last = self.at + 2 == len(self.source) or self.source[self.at + 2] == "\n"
        return last and not any(mark == "||" for mark, _, _ in self.open)

    def found(self) -> str:
        for mark in ("```", "__", "||", "!["):
            if self.source.startswith(mark, self.at):
                return mark
        return self.source[self.at]

    def begin(self, mark: str) -> None:
        self.open.append((mark, self.offset, self.at))
        self.at += len(mark)
        if mark == "```":
            self.language()

    def language(self) -> None:
        end = self.at
        while end < len(self.source) and not self.source[end].isspace() and self.source[end] != "`":
            end += 1
        known = end > self.at and self.source[end : end + 1] == "\n"
        self.pending = self.source[self.at : end] if known else ""
        if known:
            self.at = end
        if self.source[self.at : self.at + 1] == "\n":
            self.at += 1

    def close(self, mark: str) -> None:
        _, start, _ = self.open.pop()
        self.at += len(mark)
        entity = {"type": NAMES[mark]}
        if mark == "```" and self.pending:
            entity["language"] = self.pending
        self.add(start, entity)

    def close_link(self) -> None:
        mark, start, began = self.open.pop()
        self.at += 1
        url = self.target(began) if self.source.startswith("(", self.at) else ""
        if mark == "[":
            self.add(start, link(url or "".join(self.pieces)[-(self.offset - start) :]))
        else:
            self.add(start, special(url))

    def target(self, began: int) -> str:
        url: list[str] = []
        self.at += 1
        while self.at < len(self.source) and self.source[self.at] != ")":
            self.at += self.source[self.at] == "\\" and self.at + 1 < len(self.source)
            url.append(self.source[self.at])
            self.at += 1
        if self.at >= len(self.source):
            where = self.bytes(began)
            raise unparsable(f"Can't find end of a URL at byte offset {where}")
        self.at += 1
        return "".join(url)

    pending = ""


def special(url: str) -> Entity:
    """`![x](tg://emoji?id=…)` and `![x](tg://time?unix=…&format=…)`."""
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    if parts.scheme == "tg" and parts.netloc == "emoji":
        return emoji(query.get("id", query.get("emoji_id", "")))
    if parts.scheme == "tg" and parts.netloc == "time":
        return moment(query.get("unix", ""), query.get("format", ""))
    raise broken("can't parse entities: Custom emoji URL must have scheme tg")


def parse_legacy(source: str) -> tuple[str, list[Entity]]:
    """The old Markdown: no nesting, no underline; `RuleBroken` for what is never closed."""
    out, at = Output(source), 0
    while at < len(source):
        char = source[at]
        if char == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            out.write(source[at + 1])
            at += 2
        elif char in "_*`[":
            at = _legacy_entity(out, at)
        else:
            out.write(char)
            at += 1
    return out.result()


def _legacy_entity(out: Output, begin: int) -> int:
    source = out.source
    mark = "```" if source.startswith("```", begin) else source[begin]
    closing = "]" if mark == "[" else mark
    end = source.find(closing, begin + len(mark))
    if end < 0:
        where = out.bytes(begin)
        raise unparsable(f"Can't find end of the entity starting at byte offset {where}")
    inside, start = source[begin + len(mark) : end], out.offset
    entity: dict[str, Any] | None = {"type": NAMES[mark]}
    end += len(closing)
    if mark == "[":
        url, end = _legacy_url(source, end)
        entity = link(url) if url else None
    elif mark == "```":
        entity, inside = _legacy_pre(inside)
    out.write(inside)
    out.add(start, entity)
    return end


def _legacy_url(source: str, at: int) -> tuple[str, int]:
    if not source.startswith("(", at):
        return "", at
    end = source.find(")", at)
    return (source[at + 1 : end], end + 1) if end >= 0 else (source[at + 1 :], len(source))


def _legacy_pre(inside: str) -> tuple[dict[str, Any], str]:
    language, newline, rest = inside.partition("\n")
    if newline and language and not any(char.isspace() for char in language):
        return {"type": "pre", "language": language}, rest
    return {"type": "pre"}, inside.removeprefix("\n")
