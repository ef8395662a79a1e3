"""What followers are told: reminders and changes, one by one or several in one message."""

from collections.abc import Sequence
from datetime import datetime

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup

from bot.callbacks import Attend, Mute, Unfollow
from bot.i18n import _, ngettext, pick
from bot.keyboards import Button, Row, Swaps, below, button, keyboard, to_follows
from bot.services.event_news import EventNow
from bot.services.notices import Cause, HearingNow, News, OfDesk, Reader, news_entries
from bot.views.digest import digest
from bot.views.hearings import come_button
from bot.views.news import Body, about, other_stage
from bot.views.parts import blocks, clipped, italic, lines, person, title, where_to_write
from models import Case, Court, Defendant, Subject

CAUSES = 3


def body(news: Sequence[News], reader: Reader, now: datetime) -> Body:
    """`now`: the organisers', as letters need it."""
    if len(news) > 1:
        return digest(news, reader, now)
    return about(news[0], reader, now)


def signed(
    body: Body, news: Sequence[News], causes: Sequence[Cause | None], reader: Reader
) -> Markup:
    """With the reason why it came."""
    return blocks([body.text, lines([because(news, causes, reader), farewell(news, causes)])])


def buttons(body: Body, causes: Sequence[Cause | None], reader: Reader) -> InlineKeyboardMarkup:
    """With the ways to have no more of it."""
    return keyboard(*body.rows, *ways_out(causes, reader))


# Why it came.


def because(news: Sequence[News], causes: Sequence[Cause | None], reader: Reader) -> Markup | None:
    """Nothing that is followed: only who said “I will come” is told all the same."""
    names = list(dict.fromkeys(clipped(name_of(cause), 100) for cause in causes if cause))
    if isinstance(news[0].now, EventNow):
        return italic(_("You are on the list of this event."))
    if isinstance(news[0].now, OfDesk):
        return italic(_("You keep the facts of this bot."))
    if not names:
        return italic(only_coming(len(news))) if causes else None
    more = len(names) - CAUSES
    others = ngettext("and {n} more", "and {n} more", more).format(n=more) if more > 0 else ""
    told = _("This group follows: {what}") if reader.is_group else _("Because you follow: {what}")
    what = f"{', '.join(names[:CAUSES])} {others}".strip()
    if len(news) == 1 and is_of_others(news[0], causes[0]):
        what = _("{name} (the same case)").format(name=what)
    return italic(told.format(what=what))


def is_of_others(one: News, cause: Cause | None) -> bool:
    """News of a case that concern other people of it, not the one who is followed."""
    if cause is None or not isinstance(cause.thing, Defendant) or not isinstance(one.now, Case):
        return False
    whom = {entry.defendant_id for entry in news_entries(one)}
    concerned = other_stage(one, one.now) is not None or bool(whom & {None, cause.thing.id})
    return bool(whom) and not concerned


def only_coming(hearings: int) -> str:
    """Of these they are told whatever they switched off, and of no other one: also of another day
    than they said yes to."""
    if hearings > 1:
        return _("You said yes to these hearings.")
    return _("You said yes to this hearing.")


def farewell(news: Sequence[News], causes: Sequence[Cause | None]) -> Markup | None:
    """They learn where it went, and no more."""
    if not any(is_left(one, cause) for one, cause in zip(news, causes, strict=True)):
        return None
    if len(news) > 1:
        return italic(_("What went to another city or case is no longer part of that."))
    return italic(_("This hearing is no longer part of that: to hear more of it, follow the case."))


def is_left(one: News, cause: Cause | None) -> bool:
    """The hearing is no more where somebody follows it, be that gone itself."""
    if cause is None or not isinstance(one.now, HearingNow):
        return False
    hearing = one.now.hearing
    match cause.thing:
        case Defendant(case_id=case) | Case(id=case):
            return case != hearing.case_id
        case Court(city_key=city):
            return city != hearing.court.city_key
    return cause.subject != Subject.ALL


def name_of(cause: Cause) -> str:
    match cause.thing:
        case Defendant() if cause.subject == Subject.ADDRESS:
            return where_to_write(cause.thing)
        case Defendant():
            return person(cause.thing)
        case Case():
            return title(cause.thing)
        case Court():
            return _("courts in {city}").format(city=pick(cause.thing.city))
    return _("everything") if cause.subject == Subject.ALL else _("(no longer on our list)")


def ways_out(causes: Sequence[Cause | None], reader: Reader) -> list[Row]:
    """Of several follows one is muted from the list of them."""
    known = list({cause.follow_id: cause for cause in causes if cause}.values())
    if len(known) == 1:
        unfollow = button(_("✖️ Unfollow"), ending(known[0].follow_id))
        return [[sound(Mute(id=known[0].follow_id, notice=True)), unfollow]]
    named = [(_("✖️ Unfollow: {name}").format(name=name_of(one)), one) for one in known[:CAUSES]]
    every = [below(to_follows(not reader.is_group))]
    return [
        *([button(label, ending(one.follow_id))] for label, one in named),
        *([every] if named else []),
    ]


def sound(target: Mute) -> Button:
    return button(_("🔕 Mute") if target.muted else _("🔔 Unmute"), target)


def ending(follow: int) -> Unfollow:
    return Unfollow(id=follow, notice=True)


# What a press changes: the buttons, for the text goes on telling the news.


def after_muting(pressed: Mute) -> Swaps:
    return {pressed.pack(): sound(pressed.model_copy(update={"muted": not pressed.muted}))}


def after_unfollowing(follow: int) -> Swaps:
    mutes = [Mute(id=follow, muted=muted, notice=True).pack() for muted in (True, False)]
    return dict.fromkeys([*mutes, ending(follow).pack()])


def after_answer(pressed: Attend, noted: bool, is_private: bool) -> Swaps:
    """In a group the buttons are everybody's; of a hearing that is off nobody has any use."""
    both = [pressed.model_copy(update={"comes": comes}).pack() for comes in (True, False)]
    gone: Swaps = dict.fromkeys(both)
    if not noted:
        return gone
    return {**gone, pressed.pack(): come_button(pressed.comes, pressed)} if is_private else {}
