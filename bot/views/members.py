"""Those who keep the facts, seen by owners alone; and what whoever is invited reads."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from bot.callbacks import (
    AskToEndMember,
    EndMember,
    Invite,
    Join,
    OpenMember,
    OpenMembers,
    SetRole,
    WithdrawInvitation,
)
from bot.i18n import _, date_time, day, ngettext, pick, zone_and_offset
from bot.keyboards import Row, back_to, button, copy, keyboard, link, to_help, to_menu
from bot.screen import Screen
from bot.services.members import DAYS, INVITED, Known
from bot.views import words
from bot.views.desk import no_second_owner, to_desk
from bot.views.parts import blocks, bold, capital, lines
from models import Invitation, Member, Organisation, Role

NO_END = 0
"""Days of a role that somebody has to end."""
Invited = Sequence[tuple[Invitation, str]]


def members(found: Sequence[Known], invited: Invited, now: datetime) -> Screen:
    told = [member_line(one) for one in found]
    waiting = [Markup("{} · {}").format(called, expiry(one, now)) for one, called in invited]
    invitations = lines([bold(_("Invited")), *waiting]) if waiting else None
    text = blocks([bold(_("Who keeps the facts")), lines(told), invitations])
    each = [
        [button(one.called, OpenMember(id=one.member.subscriber_id))] for one in found if one.called
    ]
    back = [
        [button(_("✕ Withdraw: {name}").format(name=called), WithdrawInvitation(id=one.id))]
        for one, called in invited
    ]
    return Screen(text, keyboard(*each, *back, [button(_("➕ Invite"), Invite())], to_desk()))


def member_line(one: Known) -> Markup:
    if one.called is None:
        return Markup("• {}").format(_("An owner, by the bot's settings"))
    role = ", ".join([words.role(one.member.role), *term(one.member)])
    return Markup("• {} · {}").format(one.called, role)


def term(member: Member) -> list[str]:
    return [_("until {day}").format(day=day(member.ends_at.date()))] if member.ends_at else []


def expiry(invitation: Invitation, now: datetime) -> str:
    role, until = words.role(invitation.role), moment(invitation.expires_at, now)
    if invitation.waits:
        return _("{role}, waits for a second person").format(role=role)
    return _("{role}, the link is valid until {moment}").format(role=role, moment=until)


def moment(at: datetime, now: datetime) -> str:
    local = at.astimezone(now.tzinfo)
    return f"{date_time(local)} ({zone_and_offset(local)})"


def member(one: Known) -> Screen:
    since = Markup(_("Since {day}")).format(day=day(one.member.joined_at.date()))
    role = capital(", ".join([words.role(one.member.role), *term(one.member)]))
    text = blocks([bold(one.called or ""), lines([role, since]), lines(may_do())])
    number = one.member.subscriber_id
    others = [
        [button(_("Make: {role}").format(role=words.role(each)), SetRole(id=number, role=each))]
        for each in INVITED
        if each != one.member.role
    ]
    end = [button(_("End it"), AskToEndMember(id=number))]
    return Screen(text, keyboard(*others, end, back_to(_("All"), OpenMembers())))


def may_do() -> list[Markup]:
    return [
        Markup(_("An editor keeps texts, hearings and events.")),
        Markup(_("A coordinator keeps where people are, ways to pay and broadcasts, too.")),
    ]


def ask_to_end(one: Known) -> Screen:
    asked = _("End it for {name}? They lose the desk at once; what they did stays.")
    number = one.member.subscriber_id
    yes = button(_("Yes, end it"), EndMember(id=number))
    no = button(_("No"), OpenMember(id=number))
    return Screen(Markup(asked).format(name=one.called), keyboard([yes, no]))


# An invitation, as owners make it.


def ask_role() -> Screen:
    text = blocks([bold(_("Whom do you invite?")), lines(may_do())])
    roles = [[button(capital(words.role(each)), Invite(role=each))] for each in INVITED]
    return Screen(text, keyboard(*roles, cancel()))


def ask_days(role: Role) -> Screen:
    text = blocks([bold(_("For how long?")), _("After that they lose the desk by themselves.")])
    terms = [[button(days_of(each), Invite(role=role, days=each))] for each in (*DAYS, NO_END)]
    return Screen(text, keyboard(*terms, cancel()))


def days_of(days: int) -> str:
    if days == NO_END:
        return _("Until somebody ends it")
    return ngettext("{n} day", "{n} days", days).format(n=days)


def ask_called(why_again: str | None = None) -> Screen:
    asked = _("What do you call them? Type a short name that you will recognise.")
    kept = _("Only owners see it, and it is kept encrypted. No surname is needed.")
    return Screen(blocks([why_again, bold(asked), kept]), keyboard(cancel()))


def too_long(most: int) -> str:
    return _("That is too long: at most {n} characters, in one line.").format(n=most)


def cancel() -> Row:
    return back_to(_("Cancel"), OpenMembers())


def invited(
    called: str, url: str, until: datetime | None, now: datetime, *, is_lonely: bool = False
) -> Screen:
    """`until`: nothing: a second person has to accept it first; `is_lonely`: there is none."""
    first = _("Whoever opens it first joins, once, until {moment}.")
    later = _("👀 It works as soon as another coordinator accepts it, for a day from then.")
    valid = first.format(moment=moment(until, now)) if until else later
    if is_lonely:
        valid = no_second_owner()
    text = blocks(
        [
            Markup(_("The link for {name}:")).format(name=bold(called)),
            Markup("<code>{}</code>").format(url),
            valid,
            _("Send it to them alone, where nobody else reads. It is shown only now."),
        ]
    )
    copied = [copy(_("📋 Copy the link"), url)]
    return Screen(text, keyboard(copied, back_to(_("All"), OpenMembers())))


# As whoever is invited reads it.


def ask_to_join(invitation: Invitation, secret: str, organisation: Organisation | None) -> Screen:
    role, whose = (
        words.role(invitation.role),
        pick(organisation.name if organisation else None),
    )
    days = days_of(invitation.days) if invitation.days else None
    asked = Markup(_("You are invited to keep the facts of {organisation}, as: {role}."))
    kept = _(
        "If you join, the bot keeps your Telegram number, encrypted, with that role, and notes "
        "what you change. /forget ends it."
    )
    text = blocks(
        [
            asked.format(organisation=bold(whose), role=role),
            lines([Markup(_("For: {days}")).format(days=days)]) if days else None,
            kept,
        ]
    )
    join = button(_("✅ Join"), Join(secret=secret))
    return Screen(text, keyboard([join], to_menu()))


def waits() -> Screen:
    told = _("This invitation waits for a second person to accept it. Try the link again later.")
    return Screen(Markup(told), keyboard(to_menu()))


def in_private(url: str) -> Screen:
    told = _("An invitation is for one person: open it in a private chat.")
    return Screen(Markup(told), keyboard([link(_("Open in private"), url)], [to_help()]))
