"""What the command line says to whoever runs the bot."""

from bot.i18n import _


def setting_problem(variable: str, problem: str) -> str:
    """One line: the variable, what is wrong and what to do. The words are those of bot.config."""
    wordings = missing() if problem == "missing" else wrong()
    known = wordings.get(variable) or wordings.get(problem) or _("{variable} cannot be used.")
    return known.format(variable=variable)


def missing() -> dict[str, str]:
    """By variable."""
    return {
        "BOT_TOKEN": _(
            "{variable} is missing. Ask @BotFather in Telegram for one and put it into the "
            "environment or into .env."
        ),
        "DATA_KEY": _(
            "{variable} is missing. Make one with “python -m bot keygen” and keep it apart "
            "from the database."
        ),
        "WEBHOOK_SECRET": _(
            "{variable} is missing, and WEBHOOK_URL needs it. Invent 1 to 256 letters, digits, "
            "“_” or “-”."
        ),
    }


def wrong() -> dict[str, str]:
    """By problem, or by the one variable that has only this problem."""
    return {
        "not_a_token": _(
            "{variable} is not a bot's token. It reads like 123456:ABC-DEF; @BotFather shows it."
        ),
        "not_ids": _(
            "{variable} is not a list of Telegram ids. Write numbers with commas: 123456,234567."
        ),
        "not_a_database": _(
            "{variable} is not an address of a database. Write sqlite+aiosqlite:///data/bot.db or "
            "postgresql+asyncpg://user:password@host/name."
        ),
        "not_a_key": _("{variable} is not a key. Make one with “python -m bot keygen”."),
        "bad_file": _(
            "{variable} is not given, and the file with the key beside the database is damaged. "
            "Bring it back from a backup: without it nobody's chat can be found."
        ),
        "not_https": _("{variable} is not a web address. It begins with https://."),
        "not_a_secret": _(
            "{variable} is not a secret that Telegram takes. Write 1 to 256 letters, digits, "
            "“_” or “-”."
        ),
        "not_host_and_port": _("{variable} is not a host and a port. Write 127.0.0.1:8080."),
        "not_redis": _("{variable} is not an address of Redis. Write redis://127.0.0.1:6379/0."),
        "SEND_RATE": _("{variable} is not a number of messages a second from 1 to 980."),
        "PAID_BROADCAST": _("{variable} is neither on nor off."),
        "FOUR_EYES": _("{variable} is neither on nor off."),
        "LOG_FORMAT": _("{variable} is neither console nor json."),
    }
