"""Files sent to and from the bot, kept in memory (core.telegram.org/bots/api#getfile)."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from itertools import count
from typing import Any

from .errors import bad

Json = dict[str, Any]
UNKNOWN = "application/octet-stream"
IMAGES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"RIFF": "webp"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart request."""

    name: str
    content: bytes
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    id: str
    name: str
    mime: str
    content: bytes
    path: str

    def as_json(self) -> Json:
        return {"file_id": self.id, "file_unique_id": f"u{self.id}", "file_size": len(self.content)}

    def named(self) -> Json:
        return {**self.as_json(), "file_name": self.name, "mime_type": self.mime}


class Files:
    """The latest `keep` files, of at most `most` bytes together, by `file_id` and download path."""

    def __init__(self, keep: int = 10_000, most: int = 1024**3) -> None:
        self.by_id: dict[str, File] = {}
        self.by_path: dict[str, File] = {}
        self.keep = keep
        self.most = most
        self.size = 0
        self.numbers = count(1)

    def add(self, name: str, content: bytes, mime: str | None = None, kind: str = "file") -> File:
        number = next(self.numbers)
        mime = mime if mime not in (None, UNKNOWN) else guessed(name)
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        file = File(f"{kind}-{number}", name, mime, content, f"{kind}s/file_{number}.{suffix}")
        self.by_id[file.id] = self.by_path[file.path] = file
        self.size += len(content)
        while len(self.by_id) > self.keep or (self.size > self.most and len(self.by_id) > 1):
            self.forget(next(iter(self.by_id)))
        return file

    def forget(self, file_id: str) -> None:
        oldest = self.by_id.pop(file_id)
        del self.by_path[oldest.path]
        self.size -= len(oldest.content)

    def get(self, file_id: str) -> File:
        if file_id not in self.by_id:
            raise bad("wrong file identifier/HTTP URL specified")
        return self.by_id[file_id]


def guessed(name: str) -> str:
    """By the name's end, as Telegram does for what nobody said anything about."""
    if name.lower().endswith(".ics"):  # not every system's list has it
        return "text/calendar"
    return mimetypes.guess_type(name)[0] or UNKNOWN


def is_image(content: bytes) -> bool:
    return content.startswith(tuple(IMAGES))
