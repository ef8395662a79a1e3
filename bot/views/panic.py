"""When something is badly wrong: for owners."""

from datetime import datetime

from bot.callbacks import EndRoles, OpenBroadcasts, OpenPanic, SendAgain, StopSending, Wipe
from bot.i18n import _, ngettext
from bot.keyboards import Row, button, keyboard, to_menu
from bot.screen import Screen
from bot.views.desk import stands_still, to_desk
from bot.views.parts import blocks, bold, lines


def panic(
    since: datetime | None, now: datetime, toast: str | None = None, *, is_anybody: bool
) -> Screen:
    """`since`: nothing is sent. `is_anybody`: others than owners have a role."""
    told = _("For a stolen account, for false messages, for a police search.")
    how = stands_still(since, now) if since else _("Messages go out as usual.")
    sending = (
        button(_("▶️ Send again"), SendAgain())
        if since
        else button(_("✋ Stop all sending"), StopSending())
    )
    roles = [button(_("🔒 End all other roles"), EndRoles())] if is_anybody else []
    all_people = button(_("🧨 Wipe all subscribers"), Wipe())
    text = blocks([bold(_("🚨 Emergency")), told, how])
    return Screen(text, keyboard([sending], roles, [all_people], to_desk()), toast=toast)


def ask_to_stop() -> Screen:
    told = _(
        "Then no reminder, no news, no broadcast and no answer to a question goes out, until an "
        "owner lets them go again. Whoever writes to the bot is still answered."
    )
    paused = _("Broadcasts and corrections under way are paused.")
    late = _("⚠️ Reminders whose time passes meanwhile are lost.")
    text = blocks([bold(_("Stop all sending?")), told, paused, late])
    return Screen(text, keyboard([button(_("Yes, stop"), StopSending(sure=True))], no()))


def ask_to_go_on(corrections: int, sent: int) -> Screen:
    """Which wait to be looked at, and which go out at once."""
    told = _("All that waits goes out at once. Has all that was false been put right?")
    paused = _("Broadcasts stay paused, each until somebody lets it go on, stops or recalls it.")
    named = lines([corrections_wait(corrections), go_at_once(sent)])
    rows = [
        [button(_("📣 Broadcasts"), OpenBroadcasts())],
        [button(_("Yes, send"), SendAgain(sure=True))],
        no(),
    ]
    return Screen(blocks([bold(_("Send again?")), told, named, paused]), keyboard(*rows))


def corrections_wait(n: int) -> str | None:
    told = ngettext(
        "{n} correction waits: look at it first.",
        "{n} corrections wait: look at them first.",
        n,
    )
    return told.format(n=n) if n else None


def go_at_once(n: int) -> str | None:
    told = ngettext(
        "{n} broadcast sent meanwhile goes out at once.",
        "{n} broadcasts sent meanwhile go out at once.",
        n,
    )
    return told.format(n=n) if n else None


def ask_to_end_roles(n: int) -> Screen:
    told = ngettext(
        "{n} person loses their role at once.", "{n} people lose their roles at once.", n
    )
    more = _(
        "Invitations and what they proposed are void, what they planned to send is a draft again, "
        "and corrections of broadcasts that nobody has got yet are dropped."
    )
    owners = _(
        "Owners stay, for the bot's settings name them. If an owner's account is stolen, take it "
        "out of OWNERS there and start the bot anew."
    )
    text = blocks([bold(_("End all other roles?")), told.format(n=n), more, owners])
    return Screen(text, keyboard([button(_("Yes, end them"), EndRoles(sure=True))], no()))


def ask_to_wipe(n: int, yes: Wipe) -> Screen:
    """Three times; where the button for it was is never the next one."""
    told = ngettext(
        "{n} person is forgotten at once, with what they follow, come to and asked.",
        "{n} people are forgotten at once, with what they follow, come to and asked.",
        n,
    ).format(n=n)
    stays = _("Roles go, too, but owners'. Cases, hearings and addresses stay.")
    if yes.asked == 1:
        asked, more = _("Wipe all subscribers?"), [told, stays]
        rows = [[button(_("Yes, wipe"), yes)], no()]
    elif yes.asked == 2:
        asked, more = _("Are you sure? They will hear of nothing any more."), [irrevocable()]
        rows = [no(), [button(_("Yes, I am sure"), yes)]]
    else:
        asked, more = _("For the third time: wipe them all?"), [told]
        rows = [[button(_("🧨 Wipe them now"), yes)], no()]
    return Screen(blocks([bold(asked), *more]), keyboard(*rows))


def irrevocable() -> str:
    return _("It cannot be undone. Backups that you have made still hold them: delete those, too.")


def no() -> Row:
    return [button(_("No"), OpenPanic()), *to_menu()]


def stopped() -> str:
    return _("Nothing is sent any more")


def goes_on() -> str:
    return _("Messages go out again")


def ended() -> str:
    return _("Only owners have a role now")


# What the other owners hear at once.


def other_stopped() -> Screen:
    return told_to_owner(_("✋ Another owner stopped all sending."))


def other_let_go_on() -> Screen:
    return told_to_owner(_("▶️ Another owner lets messages go out again."))


def other_ended_roles() -> Screen:
    return told_to_owner(_("🔒 Another owner ended all other roles."))


def other_wiped() -> Screen:
    return told_to_owner(_("🧨 Another owner wiped all subscribers."))


def told_to_owner(told: str) -> Screen:
    stolen = _(
        "If you know nothing of it, ask them in another way. If their account is stolen, take it "
        "out of OWNERS in the bot's settings and start the bot anew."
    )
    return Screen(blocks([bold(told), stolen]), keyboard([button(_("🚨 Emergency"), OpenPanic())]))


def wiped() -> Screen:
    told = _("Done: the bot has forgotten everybody but its owners.")
    text = blocks([bold(told), irrevocable()])
    return Screen(text, keyboard(to_desk()))
