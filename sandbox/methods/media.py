"""Files in messages: uploads, `attach://name`, file ids, and what each kind of media tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import broken
from ..files import File, is_image
from ..html import split
from ..world import World
from .registry import Json, Params

CAPTIONED = {"photo", "document", "video", "audio", "voice", "animation"}
MAX_PHOTO = 10 * 1024 * 1024
DEFAULTS: dict[str, Json] = {
    "video": {"width": 640, "height": 360, "duration": 0},
    "animation": {"width": 320, "height": 180, "duration": 0},
    "audio": {"duration": 0},
    "voice": {"duration": 0},
    "sticker": {
        "width": 512, "height": 512, "type": "regular", "is_animated": False, "is_video": False,
    },
}  # fmt: skip


def attach(world: World, p: Params, kind: str, value: str, options: Json | None = None) -> Json:
    """The media part of a message: `{kind: {file_id, …}}`."""
    file = find_file(world, p, kind, value)
    return described(kind, file, p if options is None else options)


def find_file(world: World, p: Params, kind: str, value: str) -> File:
    """A file uploaded with this call, known by its id, or standing at an address."""
    name = value.removeprefix("attach://")
    upload = p.uploads.get(name) if name != value else p.uploads.get(kind)
    if upload is None and name != value:
        raise broken(f'wrong file "{name}" attached: no such part in the request')
    if upload is not None:
        check_content(kind, upload.content)
        return world.files.add(upload.name, upload.content, upload.mime, kind)
    if value.startswith(("http://", "https://")) and split(value):
        return world.files.add(value.rpartition("/")[2] or "file", b"", None, kind)
    return world.files.get(value)


def check_content(kind: str, content: bytes) -> None:
    if not content:
        raise broken("file must be non-empty")
    if kind == "photo" and len(content) > MAX_PHOTO:
        raise broken("file is too big")
    if kind == "photo" and not is_image(content):
        raise broken("IMAGE_PROCESS_FAILED")


def described(kind: str, file: File, options: Json) -> Json:
    if kind == "photo":
        return {"photo": [{**file.as_json(), "width": 800, "height": 600}]}
    if kind == "sticker":
        return {"sticker": file.as_json() | DEFAULTS[kind] | {"emoji": options.get("emoji", "👍")}}
    told = {name: options[name] for name in DEFAULTS.get(kind, {}) if options.get(name)}
    named = ("performer", "title") if kind == "audio" else ()
    told |= {name: options[name] for name in named if options.get(name)}
    basic = file.as_json() | {"mime_type": file.mime} if kind == "voice" else file.named()
    content = {kind: basic | DEFAULTS.get(kind, {}) | told}
    return content | {"document": file.named()} if kind == "animation" else content


def group_item(world: World, p: Params, item: Json, caption: Callable[[Params], Json]) -> Json:
    """One `InputMedia` as the content of a message."""
    own = Params(item, p.uploads)
    content = attach(world, own, item["type"], item["media"], item) | caption(own)
    p.violations += own.violations
    return content


def media_kind(message: Json) -> str | None:
    order = ("animation", "photo", "document", "video", "audio", "voice", "sticker")
    return next((kind for kind in order if kind in message), None)


def same_media(one: Json, other: Json) -> bool:
    kind = media_kind(one)
    if kind is None or kind != media_kind(other):
        return False
    return file_id(one[kind]) == file_id(other[kind])


def file_id(media: Any) -> str:
    return str((media[-1] if isinstance(media, list) else media)["file_id"])
