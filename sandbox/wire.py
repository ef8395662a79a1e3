"""One call of the Bot API as the page's wire shows it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from .calls import Call

Json = dict[str, Any]
LONGEST = 20_000  # characters of parameters or of an answer; what is longer is cut


def dumps(value: Any) -> str:
    """JSON that can always be written as UTF-8: half of a surrogate pair becomes "?"."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode("utf-8", "replace").decode()


def told_call(number: int, call: Call) -> Json:
    """`at`: Unix seconds when it was asked; `ms`: how long the answer took."""
    return {
        "n": number,
        "at": call.at.timestamp(),
        "method": call.method,
        "parameters": bounded({name: read(value) for name, value in call.parameters.items()}),
        "answer": bounded(call.answer),
        "error": call.error,
        "code": call.code,
        "ms": round(call.seconds * 1000, 1),
        "violations": list(call.violations),
    }


def read(value: Any) -> Any:
    """JSON that came as a text, such as a keyboard, is shown as what it says."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        with suppress(ValueError):
            return json.loads(value)
    return value


def bounded(value: Any) -> Any:
    """{"cut": how many characters it has, "text": the first of them} for what is too long."""
    text = dumps(value)
    if len(text) <= LONGEST:
        return value
    return {"cut": len(text), "text": text[: LONGEST // 10]}
