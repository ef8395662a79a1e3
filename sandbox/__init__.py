"""A Telegram of one's own: the Bot API over HTTP with its limits, error texts and faults.

async with Sandbox(token="42:TEST", username="solidarity_bot") as telegram:
    anna = telegram.person("Anna", language="ru")
    await anna.send("/start")
    anna.sees("Hello")
"""

from .faults import Fault, Faults
from .limits import Limits
from .people import Channel, Group, Person, Result
from .telegram import Sandbox
from .views import Button, Shown, Toast

__all__ = [
    "Button", "Channel", "Fault", "Faults", "Group", "Limits", "Person", "Result", "Sandbox",
    "Shown", "Toast",
]  # fmt: skip
