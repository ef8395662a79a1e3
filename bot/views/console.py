"""What the command line says to whoever runs the bot."""

from bot.finding import Finding, Part
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
        "not_migrated": _(
            "{variable}: the tables there are of another version. Run “python -m bot migrate”."
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


def finding(finding: Finding) -> str:
    """One line of `check`: what it is about, whether it is ready, and what to do if not."""
    mark = "✓" if finding.is_good else "✗"
    return f"{mark} {part(finding.part)}: {state(finding)}"


def part(value: Part) -> str:
    return {
        Part.SETTINGS: _("Settings"),
        Part.KEY: _("Key"),
        Part.DATABASE: _("Database"),
        Part.MIGRATIONS: _("Tables"),
        Part.CATALOGUES: _("Languages"),
        Part.TELEGRAM: _("Telegram"),
    }[value]


def state(finding: Finding) -> str:
    if finding.is_good:
        return finding.detail or _("ready")
    known = {
        (Part.DATABASE, "unreachable"): _(
            "cannot be reached ({detail}). Is DATABASE_URL right, and does the server run?"
        ),
        (Part.MIGRATIONS, "pending"): _("behind. Run “python -m bot migrate”."),
        (Part.CATALOGUES, "broken"): _("the catalogue “{detail}” cannot be read."),
        (Part.TELEGRAM, "refused"): _("refuses BOT_TOKEN. Ask @BotFather for the right one."),
        (Part.TELEGRAM, "unreachable"): _(
            "cannot be reached ({detail}). Is the network there? Is TELEGRAM_API_URL right?"
        ),
    }.get((finding.part, finding.problem))
    if known is None:
        return setting_problem(finding.detail, finding.problem)
    return known.format(detail=finding.detail)


def database_failed(kind: str) -> str:
    told = _("The database cannot be used ({kind}). “python -m bot check” tells more.")
    return told.format(kind=kind)


def token_refused() -> str:
    return _("Telegram refuses BOT_TOKEN. Ask @BotFather for the right one.")


def file_unreadable(name: str, reason: str) -> str:
    return _("The file {name} cannot be used: {reason}.").format(name=name, reason=reason)


def exported(name: str) -> str:
    return _("Written to {name}.").format(name=name)


def migrated() -> str:
    return _("The tables are up to date.")


def importing() -> str:
    return _("Importing")


def nothing_done() -> str:
    return _("Only looked, changed nothing (--dry-run).")
