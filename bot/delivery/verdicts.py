"""What an attempt to send came to: of Telegram's many errors there are a few kinds to act on."""

from dataclasses import dataclass
from enum import Enum, auto

from aiogram.exceptions import (
    AiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
)

from bot.patience import is_certain


class Fate(Enum):
    SENT = auto()
    LATER = auto()
    """This chat, or the bot, has had too many: nobody's fault, and no failure."""
    TROUBLE = auto()
    """The network, or Telegram itself: surely it was not sent."""
    UNSURE = auto()
    """No answer came: perhaps it was sent."""
    MOVED = auto()
    """The group is a supergroup now, which is another chat."""
    BLOCKED = auto()
    """Nobody there any more, or nobody who wants to hear from the bot."""
    UNPAID = auto()
    """The bot has too few Stars for the pace that it pays for: surely it was not sent."""
    FAILED = auto()
    """This message will never be taken."""
    GONE = auto()
    """There is nothing to edit or to delete any more, or it is too old for that."""


@dataclass(frozen=True, slots=True)
class Verdict:
    fate: Fate
    seconds: float | None = None
    """How long to wait, if Telegram says it."""
    chat: int | None = None
    """Where the group went."""
    message_id: int | None = None
    album: tuple[int, ...] = ()
    """What was sent is a part: the text is still to come."""

    @property
    def is_answer(self) -> bool:
        """Telegram is there."""
        return self.fate not in (Fate.TROUBLE, Fate.UNSURE)


NOBODY = ("chat not found", "user not found", "PEER_ID_INVALID", "deactivated", "chat was deleted")
AS_WANTED = ("message is not modified", "message to delete not found")
GONE = (
    *("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"),
    *("message can't be deleted", "there is no text in the message to edit"),
    *("there is no caption in the message to edit", "message_id_invalid"),
)
TOO_POOR = ("BALANCE_TOO_LOW", "not enough Stars")
"""Of MTProto's sendMessage (core.telegram.org/method/messages.sendMessage); in words, in case."""
TOO_MANY = "Too Many Requests"
DAY = 86400.0
"""Seconds; nobody waits for longer, whatever an answer says."""


def verdict_of(error: Exception) -> Verdict:
    match error:
        case TelegramRetryAfter():
            return Verdict(Fate.LATER, seconds=float(min(error.retry_after, DAY)))
        case TelegramMigrateToChat():
            return Verdict(Fate.MOVED, chat=error.migrate_to_chat_id)
        case TelegramAPIError() if not error.message:
            # Without words it is nothing that Telegram says of a chat, or of a message.
            return Verdict(Fate.TROUBLE)
        case TelegramEntityTooLarge():
            return Verdict(Fate.FAILED)
        case TelegramNetworkError() if not is_certain(error.method, error):
            return Verdict(Fate.UNSURE)
        case TelegramForbiddenError():
            return Verdict(Fate.BLOCKED)
        case TelegramBadRequest() if any(words in error.message for words in AS_WANTED):
            return Verdict(Fate.SENT)
        case TelegramBadRequest() if any(words in error.message for words in GONE):
            return Verdict(Fate.GONE)
        case TelegramBadRequest() if any(words in error.message for words in TOO_POOR):
            return Verdict(Fate.UNPAID)
        case TelegramBadRequest():
            gone = any(words in error.message for words in NOBODY)
            return Verdict(Fate.BLOCKED if gone else Fate.FAILED)
        case TelegramAPIError() if TOO_MANY in error.message:
            return Verdict(Fate.LATER)
        case TelegramAPIError():
            # Also a token that is refused: that is no fault of whom we write to.
            return Verdict(Fate.TROUBLE)
        case AiogramError() | OSError():
            return Verdict(Fate.UNSURE)
    return Verdict(Fate.FAILED)
