"""What the command line says to whoever runs the bot."""

import errno
import shlex
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from bot.finding import Finding, Part
from bot.i18n import _, date_time, day, ngettext, number
from bot.services.retention import What


def setting_problem(variable: str, problem: str) -> str:
    """One line: the variable, what is wrong and what to do. The words are those of bot.config."""
    wordings = missing() if problem == "missing" else wrong()
    known = wordings.get(variable) or wordings.get(problem) or _("{variable} cannot be used.")
    return known.format(
        variable=variable, keygen=typed("keygen"), migrate=typed("migrate"), check=typed("check")
    )


def typed(command: str) -> str:
    """As it works here: by the Python that runs, in the folder where it was started."""
    python, here = Path(sys.executable), Path.cwd()
    if shutil.which("python") == sys.executable:
        python = Path("python")
    elif python.is_relative_to(here):
        python = python.relative_to(here)
    return f"{shlex.quote(str(python))} -m bot {command}"


def missing() -> dict[str, str]:
    """By variable."""
    return {
        "BOT_TOKEN": _(
            "{variable} is missing. Ask @BotFather in Telegram for one and put it into the "
            "environment or into .env."
        ),
        "DATA_KEY": _(
            "{variable} is missing. Make one with “{keygen}” and keep it apart from the database."
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
            "postgresql+asyncpg://user:password@host/name; in a password, percent-encode all but "
            "letters and digits."
        ),
        "not_a_key": _("{variable} is not a key. Make one with “{keygen}”."),
        "bad_file": _(
            "{variable} is not given, and the file with the key beside the database is damaged. "
            "Bring it back from a backup: without it nobody's chat can be found."
        ),
        "not_migrated": _("{variable}: the tables there are of another version. Run “{migrate}”."),
        "newer": _(
            "{variable}: the tables there were made by a newer bot. Start that version, or bring "
            "back a backup made before it."
        ),
        "other_key": _(
            "{variable} is not the key that this database is used with. Bring that one back: "
            "without it nobody's chat can be found."
        ),
        "key_before_missing": _(
            "{variable} is the new key alone, and not everything is sealed with it yet. Write both "
            "with a comma, the new one first."
        ),
        "two_keys": _(
            "{variable} is two keys already. Let the new one come through first: “{check}” "
            "tells how far it is."
        ),
        "no_key_yet": _("{variable} is not there yet: no key that another one could follow."),
        "not_https": _(
            "{variable} is not a web address. It begins with https:// and has neither braces nor "
            "“?” or “#”."
        ),
        "not_a_secret": _(
            "{variable} is not a secret that Telegram takes. Write 1 to 256 letters, digits, "
            "“_” or “-”."
        ),
        "not_host_and_port": _("{variable} is not a host and a port. Write 127.0.0.1:8080."),
        "cannot_listen": _(
            "{variable} is an address where the bot cannot listen: it is taken, or forbidden, or "
            "not one of this machine."
        ),
        "not_redis": _(
            "{variable} is not an address of Redis. Write redis://127.0.0.1:6379/0 or "
            "redis://:password@host:6379/0; in a password, percent-encode all but letters and "
            "digits."
        ),
        "unknown_option": _(
            "{variable} is given an option (after “?”) that the bot does not know, or that cannot "
            "have this value."
        ),
        "not_plain": _("{variable} is not plain text: it holds characters that cannot be seen."),
        "not_utf8": _("{variable} is not a text in UTF-8. Save the file anew in that encoding."),
        "SEND_RATE": _("{variable} is not a number of messages a second from 1 to 980."),
        "needs_paid": _(
            "{variable} is more than the 30 messages a second that are free. For more, Telegram "
            "takes Stars: write PAID_BROADCAST=on if you mean to pay."
        ),
        "too_short": _(
            "{variable} is too short: whoever has a backup may try as many as they like. Take "
            "12 characters or more."
        ),
        "not_a_recipient": _(
            "{variable} is not a public key of age. One reads like age1…; age-keygen makes it."
        ),
        "one_of_two": _(
            "{variable} is given beside BACKUP_PASSPHRASE, but a backup opens by one of them. Take "
            "one away."
        ),
        "needs_passphrase": _(
            "{variable} is of no use without BACKUP_PASSPHRASE or BACKUP_RECIPIENT: no backup is "
            "written unencrypted."
        ),
        "unwritable": _("{variable} is not a folder in which the bot may write."),
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
        Part.KEY: _("Data key"),
        Part.DATABASE: _("Database"),
        Part.MIGRATIONS: _("Tables"),
        Part.REDIS: "Redis",
        Part.CATALOGUES: _("Languages"),
        Part.TELEGRAM: _("Telegram"),
        Part.WEBHOOK: _("Webhook"),
        Part.BACKUPS: _("Backups"),
    }[value]


def state(finding: Finding) -> str:
    if finding.is_good and finding.part is Part.BACKUPS:
        return last_backup(finding.detail)
    if finding.is_good:
        return of_later(finding) or finding.detail or _("ready")
    known = {
        (Part.DATABASE, "unreachable"): _(
            "cannot be reached ({detail}). Is DATABASE_URL right, and does the server run?"
        ),
        (Part.MIGRATIONS, "pending"): _("behind. Run “{migrate}”."),
        (Part.REDIS, "unreachable"): _(
            "cannot be reached ({detail}). Is REDIS_URL right, and does the server run?"
        ),
        (Part.CATALOGUES, "broken"): _("the catalogue “{detail}” cannot be read."),
        (Part.TELEGRAM, "refused"): _("refuses BOT_TOKEN. Ask @BotFather for the right one."),
        (Part.TELEGRAM, "unreachable"): _(
            "cannot be reached ({detail}). Is the network there? Is TELEGRAM_API_URL right?"
        ),
        (Part.WEBHOOK, "unreached"): _(
            "Telegram does not reach it ({detail}). Does the proxy run, is its certificate valid, "
            "and does WEBHOOK_URL lead to it?"
        ),
    }.get((finding.part, finding.problem))
    if number := getattr(errno, finding.problem, None):
        return file_unreadable(finding.detail, number)
    if known is None:
        return setting_problem(finding.detail, finding.problem)
    return known.format(detail=finding.detail, migrate=typed("migrate"))


def forgotten(counts: Mapping[What, int]) -> str:
    """A line a kind, in the order of README's table."""
    lines = [counted(what, counts[what]) for what in What if counts.get(what)]
    return "\n".join(lines) or _("Nothing is so old that it would be forgotten.")


def counted(what: What, n: int) -> str:
    told = {
        What.IDLE: ngettext("Not here for a year: {n} chat", "Not here for a year: {n} chats", n),
        What.BLOCKED: ngettext(
            "Blocked the bot a month ago: {n} chat", "Blocked the bot a month ago: {n} chats", n
        ),
        What.QUESTIONS: ngettext("{n} question that was settled", "{n} questions settled", n),
        What.ATTENDANCES: ngettext("{n} “I will come”", "{n} times “I will come”", n),
        What.SEATS: ngettext("{n} seat at an event", "{n} seats at events", n),
        What.ASKED: ngettext("{n} wish for an address", "{n} wishes for an address", n),
        What.MESSAGES: ngettext("{n} entry of what was sent", "{n} entries of what was sent", n),
        What.PROPOSALS: ngettext("{n} proposal that was settled", "{n} proposals settled", n),
        What.ROLES: ngettext("{n} role that ended", "{n} roles that ended", n),
        What.INVITATIONS: ngettext("{n} invitation", "{n} invitations", n),
        What.TYPED: ngettext("{n} half-typed text", "{n} half-typed texts", n),
        What.UPDATES: ngettext("{n} number of an update", "{n} numbers of updates", n),
        What.FIGURES: ngettext("{n} day of a case's figures", "{n} days of cases' figures", n),
    }
    return told[what].format(n=n)


def of_later(finding: Finding) -> str | None:
    """What is still to come: tables, or another key in the place of the one there was."""
    told = {
        "by_itself": _("ready; the bot brings them up to date when it starts"),
        "waits": _("ready. A newer key begins when the bot is started anew."),
        "rotating": _("ready. Rows sealed with the newer key: {detail}. Leave both keys there."),
        "rotated": _("ready. All is sealed with the newer key: take the old one out of DATA_KEY."),
        "rotated_in_file": _(
            "ready. All is sealed with the newer key: the bot takes the old one out of the file "
            "when it starts."
        ),
    }.get(finding.problem)
    return told and told.format(detail=finding.detail)


def new_key(file: str | None) -> str:
    """What is to be done after `keygen --rotate`. `file`: where the key lies, if in none of the
    variables."""
    if file is None:
        return _(
            "This is the new DATA_KEY: the new key, and the one there was. Keep a copy apart from "
            "the database. Now stop all processes of the bot, set this for all of them, and start "
            "them. When “{check}” says that all is sealed with the newer key, take the part from "
            "the comma on out of DATA_KEY. Backups made before need the old key: keep it as long "
            "as them."
        ).format(check=typed("check"))
    return _(
        "A new key stands in {file}, before the one there was. Keep a new copy of this file apart "
        "from the database. Now start the bot anew: it seals all rows with the new key, and then "
        "puts the old one away. Backups made before need the old key: keep the copy of it as long "
        "as them."
    ).format(file=file)


def last_backup(made_on: str) -> str:
    if not made_on:
        return _("ready; there is none yet")
    return _("the last one is of {day}").format(day=day(date.fromisoformat(made_on)))


def keeping_problem(problem: str, **details: object) -> str:
    """Of a backup, a restore or a move. The words are those of bot.keeping and bot.sealing."""
    known = (of_keys() | of_backups() | of_databases())[problem]
    version = details.pop("version", None)
    which = _(" (version {version})").format(version=version) if version else ""
    return known.format(which=which, **details)


def of_keys() -> dict[str, str]:
    return {
        "needs_seal": _(
            "No backup is written unencrypted. Give a passphrase in BACKUP_PASSPHRASE, or a "
            "public key of age with --recipient."
        ),
        "needs_passphrase": _("This backup opens by a passphrase. Give it in BACKUP_PASSPHRASE."),
        "needs_identity": _(
            "This backup opens by a secret key of age. Name the file with it: --identity FILE."
        ),
        "not_the_same": _("That was not the same passphrase. Nothing was written."),
        "wrong_passphrase": _("That is not the passphrase of this backup."),
        "wrong_identity": _("This backup was made for another key than the one given."),
        "not_an_identity": _(
            "The file {file} holds no secret key of age. One reads like AGE-SECRET-KEY-1…."
        ),
        "no_key": _(
            "DATA_KEY is missing. Set the one that these rows are of{which}: without it nobody's "
            "chat can be found."
        ),
        "foreign_key": _(
            "DATA_KEY is not the key that these rows are of. Set that one{which}: with another "
            "nobody's chat can be found."
        ),
        "key_of_file": _(
            "DATA_KEY is not the key of this file. Put the line of {file} into DATA_KEY."
        ),
        "move_needs_key": _("DATA_KEY is missing. Put the line of {file} into DATA_KEY."),
    }


def of_backups() -> dict[str, str]:
    return {
        "not_a_backup": _("This file is no backup of the bot."),
        "damaged": _("This backup is damaged or cut off. Nothing was changed; take another one."),
        "newer_backup": _("This backup was made by a newer bot. Put it back with that version."),
        "changed_meanwhile": _(
            "Everybody was wiped from the database meanwhile, so no backup was made."
        ),
        "in_the_way": _(
            "The file {file} is there already, and is something else. Name another one."
        ),
        "needs_yes": _("The database is not empty. Say --yes if it may be replaced."),
        "declined": _("Nothing was changed."),
    }


def of_databases() -> dict[str, str]:
    return {
        "running": _("A bot is running with this database. Stop it first."),
        "unfit": _(
            "The table “{table}” has rows that this database does not take. Nothing was changed."
        ),
        "unreadable": _(
            "The table “{table}” has rows that cannot be read: the database is damaged. Keep the "
            "backups that there are; the last one brings it back."
        ),
        "differs": _(
            "What was read back from the table “{table}” is not what was written. Nothing was "
            "changed."
        ),
        "all_idle": _(
            "By this machine's clock it is {today}, and nobody has used the bot for a year: "
            "everybody would be forgotten. If that is so, say --yes."
        ),
        "not_empty": _("The database in DATABASE_URL is not empty. Only an empty one is filled."),
        "same_database": _(
            "DATABASE_URL names this very file. Name the database there that all is to go to."
        ),
        "not_sqlite": _("This file is no SQLite database."),
        "not_ours": _("This file has no tables of the bot."),
    }


def there_now(rows: Mapping[str, int], changed_at: datetime | None) -> str:
    if not rows.get("campaign_versions"):
        return _("In the database now: nothing.")
    told = _("In the database now: {what}.")
    return told.format(what=contents(rows, changed_at))


def in_backup(made_at: datetime, rows: Mapping[str, int], changed_at: datetime | None) -> str:
    told = _("In the backup of {moment}: {what}.")
    return told.format(moment=utc(made_at), what=contents(rows, changed_at))


def contents(rows: Mapping[str, int], changed_at: datetime | None) -> str:
    cases, people = rows.get("cases", 0), rows.get("subscribers", 0)
    parts = [
        ngettext("{n} case", "{n} cases", cases).format(n=number(cases)),
        ngettext("{n} subscriber", "{n} subscribers", people).format(n=number(people)),
    ]
    if changed_at:
        parts.append(_("facts last changed on {moment}").format(moment=utc(changed_at)))
    return ", ".join(parts)


def utc(moment: datetime) -> str:
    return f"{date_time(moment.astimezone(UTC))} UTC"


def may_be_replaced() -> str:
    return _("Replace what is in the database?")


def restored() -> str:
    return _("The backup is put back and was compared. Followers are told nothing anew.")


def moved(rows: int, tables: int) -> str:
    told = ngettext(
        "{rows} row of {n} table is moved; counts and checksums agree on both sides.",
        "{rows} rows of {n} tables are moved; counts and checksums agree on both sides.",
        tables,
    )
    return told.format(rows=number(rows), n=number(tables))


def new_passphrase() -> str:
    return _("A passphrase for the backup: ")


def once_more() -> str:
    return _("Once more: ")


def passphrase() -> str:
    return _("The backup's passphrase: ")


def backing_up() -> str:
    return _("Backing up")


def reading_backup() -> str:
    return _("Reading the backup")


def restoring() -> str:
    return _("Putting back")


def moving() -> str:
    return _("Moving")


def database_failed(kind: str) -> str:
    told = _("The database cannot be used ({kind}). “{check}” tells more.")
    return told.format(kind=kind, check=typed("check"))


def token_refused() -> str:
    return _("Telegram refuses BOT_TOKEN. Ask @BotFather for the right one.")


def database_busy() -> str:
    return _("Somebody else is writing to the database. Nothing was changed; try again later.")


def database_full() -> str:
    return _("The disk of the database is full. Nothing was changed.")


def file_unreadable(name: str, number: int | None) -> str:
    """`number`: what the system says is wrong (errno)."""
    return _("The file {name} cannot be used: {reason}.").format(name=name, reason=reason(number))


def reason(number: int | None) -> str:
    told = {
        errno.ENOENT: _("there is no such file or folder"),
        errno.EACCES: _("its permissions forbid it"),
        errno.EPERM: _("its permissions forbid it"),
        errno.EISDIR: _("it is a folder"),
        errno.ENOTDIR: _("a part of its path is a file, not a folder"),
        errno.ENOSPC: _("the disk is full"),
        errno.EDQUOT: _("the disk is full"),
        errno.EROFS: _("the disk can only be read"),
        errno.ENAMETOOLONG: _("its name is too long"),
    }
    return told.get(number or 0) or system_error(number)


def system_error(number: int | None) -> str:
    return _("the system says {error}").format(error=errno.errorcode.get(number or 0, str(number)))


def system_failed(number: int | None) -> str:
    return _("That did not work: {reason}.").format(reason=reason(number))


def command_help() -> dict[str, str]:
    """By command, and by a command's parameter where it has one."""
    return {
        "": _("A Telegram bot for campaigns that support prisoners."),
        "run": _("Serve people in Telegram."),
        "run.only": _("Do a part of the work: answer people (web), or tell followers (sender)."),
        "import": _("Take a campaign file's facts into the database."),
        "import.file": _("A campaign file (YAML)."),
        "import.dry_run": _("Only show what would change."),
        "export": _("Write the database's facts into a campaign file."),
        "export.file": _("Where to write the file (YAML)."),
        "demo": _("Try it without Telegram: a page in the browser, and an invented campaign."),
        "demo.campaign": _("A campaign file to play instead of the invented one."),
        "demo.port": _("The page's port; if it is taken, the next one that is free."),
        "backup": _("Write all that the database holds into one encrypted file."),
        "backup.file": _("Where to write the backup."),
        "backup.recipient": _("A public key of age (age1…) that it is encrypted for."),
        "backup.is_tried": _("Try it out: put it back into a database of its own."),
        "restore": _("Put a backup back; what the database holds is replaced."),
        "restore.file": _("A backup."),
        "restore.identity": _("A file with the secret key of age that opens it."),
        "restore.yes": _("Replace what is there without asking."),
        "move": _("Move everything in an SQLite file to the database of DATABASE_URL."),
        "move.file": _("The SQLite file, such as data/bot.db."),
        "migrate": _("Bring the database's tables to this version."),
        "keygen": _("Make a DATA_KEY."),
        "forget-old": _("Forget at once what is forgotten by itself with time, and say how much."),
        "forget-old.yes": _("Forget everybody, too, if nobody has used the bot for a year."),
        "keygen.rotate": _("Put a new key in the place of the one there is."),
        "check": _("Say of each part whether it is ready, and what to do if not."),
    }


def exported(name: str) -> str:
    return _("Written to {name}.").format(name=name)


def migrated() -> str:
    return _("The tables are up to date.")


def importing() -> str:
    return _("Importing")


def nothing_done() -> str:
    return _("Only looked, changed nothing (--dry-run).")


def demo_address(url: str) -> str:
    return _("Open {url} in a browser. Ctrl-C ends the demo.").format(url=url)


def port_taken(port: int) -> str:
    return _("Port {port} is taken; trying the next one.").format(port=port)


def port_unusable(port: int, reason: str) -> str:
    told = _("Port {port} cannot be used: {reason}. Name another one with --port.")
    return told.format(port=port, reason=reason)


def no_port() -> str:
    return _("No free port was found. Name another one with --port.")


def bot_ended(said: str) -> str:
    return _("The bot ended by itself. Its last words:\n{said}").format(said=said)
