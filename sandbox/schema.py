"""The Bot API's schema, taken from `aiogram.methods`: names, parameters, types, required ones.

Telegram ignores unknown parameters; here they are an error, so that typing mistakes are found.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Union, get_args, get_origin

import aiogram.methods
from aiogram.client.default import Default
from aiogram.methods.base import TelegramMethod
from aiogram.types import InputFile
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from .errors import RuleBroken, broken

Parse = Callable[[Any], Any]

MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "from_chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "user_id": "invalid user_id specified",
    "file_id": "file_id not specified",
    "callback_query_id": ("query is too old and response timeout expired or query ID is invalid"),
    **{
        name: f"there is no {name.replace('_', ' ')} in the request"
        for name in ("photo", "document", "video", "audio", "voice", "animation", "sticker")
    },
}
TRUE = {"true", "1", "yes"}
FALSE = {"false", "0", "no"}


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    required: bool
    parse: Parse


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the Bot API: `name` as documented, parameters by name."""

    name: str
    parameters: dict[str, Parameter]

    def parse(self, given: dict[str, Any]) -> dict[str, Any]:
        """Incoming values (of a form, or JSON) as plain typed data; `RuleBroken` if wrong."""
        unknown = given.keys() - self.parameters.keys()
        if unknown:
            raise broken(f"unknown parameter {quoted(unknown)} of method {self.name}")
        parsed = {
            name: self.parameters[name].parse(value)
            for name, value in given.items()
            if value is not None
        }
        for parameter in self.parameters.values():
            if parameter.required and parsed.get(parameter.name) in (None, ""):
                raise missing(parameter.name)
        return parsed


def missing(name: str) -> RuleBroken:
    return broken(MISSING.get(name, f'parameter "{name}" is required'))


def find(name: str) -> Method | None:
    """A method by its name in any case."""
    known = _models().get(name.lower())
    return _method(known) if known else None


@cache
def _models() -> dict[str, str]:
    names = (n for n in aiogram.methods.__all__ if n not in {"TelegramMethod", "Response"})
    return {name.lower(): name for name in names}


@cache
def _method(name: str) -> Method:
    model: type[TelegramMethod[Any]] = getattr(aiogram.methods, name)
    fields = model.model_fields
    parameters = {
        field: Parameter(field, info.is_required(), _parser(field, info))
        for field, info in fields.items()
    }
    return Method(name[0].lower() + name[1:], parameters)


def _parser(name: str, info: FieldInfo) -> Parse:
    kinds = set(_members(info.annotation)) - {type(None), Default, InputFile}
    if kinds & {datetime, timedelta}:
        kinds = {int}
    if not kinds or kinds == {str}:
        return lambda value: _text(name, value)
    if kinds == {int}:
        return lambda value: _integer(name, value)
    if kinds == {int, str}:
        return lambda value: _chat_id(name, value)
    if kinds == {bool}:
        return lambda value: _boolean(name, value)
    if kinds == {float}:
        return lambda value: _number(name, value)
    return _structure(name, reduce(or_, kinds))


def _members(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [member for part in get_args(annotation) for member in _members(part)]
    return [annotation]


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise broken(f'parameter "{name}" must be a string')
    return value


def _integer(name: str, value: Any) -> int:
    try:
        if isinstance(value, bool | float):
            raise TypeError
        return int(value)
    except (TypeError, ValueError):
        raise broken(f'parameter "{name}" must be an integer') from None


def _chat_id(name: str, value: Any) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    value = _text(name, value).strip()
    return int(value) if value.removeprefix("-").isdecimal() else str(value)


def _boolean(name: str, value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in TRUE | FALSE:
        raise broken(f'parameter "{name}" must be true or false')
    return word in TRUE


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise broken(f'parameter "{name}" must be a number') from None


def _structure(name: str, annotation: Any) -> Parse:
    """JSON is checked against aiogram's types, and handed on as it came."""

    def parse(value: Any) -> Any:
        plain = _load(name, value)
        kind = _adapter(_meant(annotation, plain))
        try:
            checked = kind.validate_python(_without_attachments(plain))
        except ValidationError as error:
            raise broken(f"can't parse {name}: {_explain(error)}") from None
        _refuse_extras(name, checked)
        return plain

    return parse


def _meant(annotation: Any, plain: Any) -> Any:
    """The one type of a union that has such keys, so that errors are about it."""
    if not isinstance(plain, dict):
        return annotation
    fields = {kind: getattr(kind, "model_fields", {}) for kind in _members(annotation)}
    fitting = [kind for kind, known in fields.items() if plain and plain.keys() <= known.keys()]
    return fitting[0] if len(fitting) == 1 else annotation


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return TypeAdapter(annotation)
    return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))


def _load(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise broken(f"can't parse {name} JSON object") from None


def _without_attachments(value: Any) -> Any:
    """aiogram's types want thumbnails as files; on the wire they are `attach://name`."""
    if isinstance(value, list):
        return [_without_attachments(item) for item in value]
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if key not in ("thumbnail", "cover")}
    return value


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]


def _refuse_extras(name: str, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _refuse_extras(name, item)
    elif isinstance(value, BaseModel):
        if value.model_extra:
            raise broken(f"unknown field {quoted(value.model_extra)} in {name}")
        for field in value.model_fields_set:
            _refuse_extras(name, getattr(value, field))


def quoted(names: Any) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names))
