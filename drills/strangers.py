"""What people write whom nobody has seen, as Telegram brings it: quicker than many `Person`s."""

from typing import Any

from sandbox import Sandbox


def message(telegram: Sandbox, chat: int, number: int) -> dict[str, Any]:
    """In private, without a word yet."""
    return {
        "message_id": number,
        "date": telegram.world.unix,
        "chat": {"id": chat, "type": "private", "first_name": "A"},
        "from": {"id": chat, "is_bot": False, "first_name": "A", "language_code": "ru"},
    }


def saying(sent: dict[str, Any], text: str) -> dict[str, Any]:
    command = [{"type": "bot_command", "offset": 0, "length": len(text.split(" ")[0])}]
    more = {"entities": command} if text.startswith("/") else {}
    return {"message": sent | {"text": text} | more}


def pressing(telegram: Sandbox, sent: dict[str, Any], data: str) -> dict[str, Any]:
    """Under such a message of the bot's."""
    shown = sent | {"from": telegram.world.bot.as_json(), "text": "x"}
    query = {"id": str(sent["message_id"]), "from": sent["from"], "chat_instance": "1"}
    return {"callback_query": query | {"message": shown, "data": data}}
