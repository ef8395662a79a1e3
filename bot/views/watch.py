"""What owners are told when the bot itself needs a hand, and when it is over.

No host, no path and nobody is named: it goes through a chat.
"""

from datetime import timedelta

from bot.i18n import _, span
from bot.screen import Screen
from bot.trouble import CALM, Trouble
from bot.views.parts import HOUR, blocks, bold, how_long


def trouble(what: Trouble, lasting: timedelta | None = None) -> Screen:
    """`lasting`: it was told before, and goes on."""
    happened, to_do = told(what)
    still = _("It has lasted for {span} now.").format(span=exactly(lasting)) if lasting else None
    return Screen(blocks([bold(head(what)), happened, still, to_do]), silent=what in CALM)


def head(what: Trouble) -> str:
    if what in CALM:
        return _("🛠 The bot needs a hand, and there is time")
    return _("🛠 The bot needs a hand")


def over(what: Trouble, lasted: timedelta) -> Screen:
    text = _("✅ All is well again: {what}. It lasted {span}.")
    return Screen(blocks([text.format(what=well(what), span=exactly(lasted))]), silent=True)


def exactly(length: timedelta) -> str:
    """To the minute, as long as that matters."""
    minutes = max(1, round(length / timedelta(minutes=1)))
    return span(timedelta(minutes=minutes)) if length < HOUR else how_long(length)


def told(what: Trouble) -> tuple[str, str]:
    """What happened, and what to do. Of a token that is refused nobody can be told."""
    return {
        Trouble.NOBODY_SENDS: (
            _("Followers are told nothing: the part of the bot that sends does not run."),
            _("Please start it on the server. Nothing is lost: what is due waits there."),
        ),
        Trouble.STUCK: (
            _("Followers are told nothing: messages are due, and none of them goes out."),
            _("Please look at the bot's log and start it anew. Nothing is lost: they wait."),
        ),
        Trouble.DATABASE: (
            _("The database does not answer. Whoever writes to the bot waits."),
            _(
                "Please look whether the database's server runs and can be reached. Nothing is "
                "lost: the bot goes on by itself as soon as it answers."
            ),
        ),
        Trouble.FULL: (
            _("The disk of the database is full: nothing can be kept, and people wait."),
            _("Please make room there. The bot goes on by itself, and nothing is lost."),
        ),
        Trouble.DISK: (
            _("The server's disk is nearly full. All works until it is; then nothing can be kept."),
            _("Please make room: old logs and old backups are the first to look at."),
        ),
        Trouble.REDIS: (
            _("Redis does not answer. Whoever writes to the bot waits."),
            _(
                "Please look whether the server of Redis runs and can be reached. Nothing is "
                "lost: the bot goes on by itself as soon as it answers."
            ),
        ),
        Trouble.WEBHOOK: (
            _("Telegram does not reach the bot: people get no answer."),
            _(
                "Please look whether the proxy runs, whether its certificate is valid, and whether "
                "the address in WEBHOOK_URL leads to it. What people write waits at Telegram for "
                "a day."
            ),
        ),
        Trouble.CLOCK: (
            _("The server's clock is wrong: reminders come too early or too late."),
            _(
                "Please set it right; on most servers “timedatectl set-ntp true” does. Nothing is "
                "lost."
            ),
        ),
        Trouble.BACKUP: (
            _(
                "There is no fresh backup: the last one failed, or is more than two days old. All "
                "else works."
            ),
            _("Please look at the bot's log, and make one by hand until that is mended."),
        ),
    }[what]


def well(what: Trouble) -> str:
    """What is so again."""
    return {
        Trouble.NOBODY_SENDS: _("messages go out"),
        Trouble.STUCK: _("messages go out"),
        Trouble.DATABASE: _("the database answers"),
        Trouble.FULL: _("the database has room"),
        Trouble.DISK: _("the disk has room"),
        Trouble.REDIS: _("Redis answers"),
        Trouble.WEBHOOK: _("Telegram reaches the bot"),
        Trouble.CLOCK: _("the server's clock is right"),
        Trouble.BACKUP: _("there is a fresh backup"),
    }[what]
