"""Broadcasts: how they are made at the desk, and how they read to whoever gets one."""

from datetime import date, datetime
from functools import cache
from typing import Literal, cast
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.callbacks import (
    LAST_ID,
    AskAudience,
    AskCorrection,
    AskReaders,
    AskToDropDraft,
    AskToRecall,
    AskToSend,
    AskToStop,
    AskWhen,
    DropDraft,
    DropVersion,
    OpenAlerts,
    OpenBroadcast,
    OpenBroadcasts,
    PauseBroadcast,
    Preview,
    SendBroadcast,
    SetAudience,
    SetReaders,
    StopBroadcast,
    Unplan,
    WriteVersion,
)
from bot.i18n import (
    _,
    day,
    in_each,
    language,
    language_name,
    languages,
    native_name,
    ngettext,
    pick,
)
from bot.keyboards import Row, back_to, below, button, columns, keyboard, pager
from bot.markup import CAPTION, LIMIT, plain, visible_length
from bot.screen import Media, Screen
from bot.services import leading
from bot.services.broadcasts import MOST_ENTITIES, Card, Counted, Standing, Thing, Version, misread
from bot.services.events import Occurrence
from bot.services.notices import Cause, Reader
from bot.services.pages import Page
from bot.views import words
from bot.views.desk import is_stopped, to_desk, wait_for_owner
from bot.views.notices import name_of, ways_out
from bot.views.pace import pace, to_pace
from bot.views.parts import bar, blocks, bold, clipped, italic, lines, people, person, title
from models import Broadcast, Case, Court, Defendant, Event, Subject, To

NAME = 100
"""Characters of what somebody follows, in the line that says why it came."""
BEGINNING = 120
ALL = "-"
"""Readers of all languages."""
MARKS = {
    Standing.DRAFT: "✏️",
    Standing.PLANNED: "🕓",
    Standing.GOING: "▶️",
    Standing.PAUSED: "⏸",
    Standing.DONE: "✅",
    Standing.STOPPED: "⏹",
    Standing.RECALLED: "🗑",
}


# As it is received.


def letter(
    one: Broadcast, version: Version, thing: Thing | None, why: Cause | None, is_group: bool
) -> Screen:
    """With the reason why it came, and a way to have no more of it. `thing`: what it is for."""
    reason = because(To(one.to), thing, why, is_group)
    text = blocks([Markup(version.text), italic(reason)])
    media = tuple(Media(kind_of(kind), file) for kind, file in version.media)
    if why:
        ways = ways_out([why], Reader(language(), is_group=is_group))
    else:
        ways = [[below(button(_("⚙️ What is told, and when"), OpenAlerts()))]]
    return Screen(text, keyboard(*ways), media=media)


def kind_of(kind: str) -> Literal["photo", "document"]:
    return cast(Literal["photo", "document"], kind)


def because(to: To, thing: Thing | None, why: Cause | None, is_group: bool) -> str:
    if why:
        told = _("This group follows: {what}") if is_group else _("Because you follow: {what}")
        return told.format(what=clipped(name_of(why), NAME))
    if to == To.EVENT:
        return _("Because you come to: {what}").format(what=clipped(name(thing), NAME))
    if to == To.ALL:
        return _("To everybody who uses this bot.")
    return _("From the organisers.")


def room(has_caption: bool) -> int:
    """UTF-16 units that may be written: the reason comes below."""
    return (CAPTION if has_caption else LIMIT) - longest_reason() - len("\n\n")


@cache
def longest_reason() -> int:
    """In any language."""
    someone = Cause(0, Subject.DEFENDANT, Defendant(name={"": "x" * NAME}))
    event = Event(title={"": "x" * NAME})

    def said() -> str:
        each = [
            *(because(To.CASE, None, someone, is_group) for is_group in (False, True)),
            because(To.EVENT, event, None, False),
            because(To.ALL, None, None, False),
            because(To.CITY, None, None, False),
        ]
        return max(each, key=len)

    return max(map(len, in_each(said).values()))


def is_too_long(version: Version) -> bool:
    return visible_length(Markup(version.text)) > room(version.has_caption)


def examples(card: Card) -> list[Screen]:
    """Of each version."""
    return [example(card, version) for version in versions_of(card.one)]


def example(card: Card, version: Version) -> Screen:
    """As followers get it; the numbers in the buttons are nobody's."""
    one, thing = card.one, card.thing
    of = {To.CASE: Subject.CASE, To.DEFENDANT: Subject.DEFENDANT, To.CITY: Subject.CITY}
    subject = of.get(To(one.to))
    known = thing if isinstance(thing, Case | Defendant | Court) else None
    why = Cause(LAST_ID, subject, known) if subject and known else None
    return letter(one, version, thing, why, False)


def versions_of(one: Broadcast) -> list[Version]:
    return [Version.of_json(kept) for kept in one.versions.values()]


# The list.


def broadcasts(page: Page[Card], now: datetime) -> Screen:
    told = None if page.items else _("Nothing has been written yet.")
    rows = [[button(label(card, now), OpenBroadcast(id=card.one.id))] for card in page.items]
    before = OpenBroadcasts(page=max(page.number - 1, 0))
    turn = pager(page.number, page.pages, before, OpenBroadcasts(page=page.number + 1))
    new = [button(_("✍️ Write to many"), AskAudience())]
    return Screen(blocks([bold(_("Broadcasts")), told]), keyboard(new, *rows, turn, to_desk()))


def label(card: Card, now: datetime) -> str:
    one = card.one
    when = (one.due_at or one.created_at).astimezone(now.tzinfo)
    return f"{MARKS[card.standing]} {when:%d.%m} {beginning(one, 60) or whom(one, card.thing)}"


def beginning(one: Broadcast, limit: int) -> str:
    """Of what it says, in the reader's language where there is such a version."""
    kept = one.versions.get(language()) or next(iter(one.versions.values()), None)
    return said(Version.of_json(kept), limit) if kept else ""


def said(version: Version, limit: int) -> str:
    files = "🖼" if version.media and version.media[0][0] == "photo" else "📄"
    many = f"{files}×{len(version.media)}" if len(version.media) > 1 else files
    words_ = clipped(plain(Markup(version.text)), limit)
    return " ".join(filter(None, [many if version.media else "", words_]))


# Whom it is for.


def name(thing: Thing | Occurrence | None) -> str:
    match thing:
        case Case():
            return title(thing)
        case Defendant():
            return person(thing)
        case Court():
            return pick(thing.city)
        case Event():
            return pick(thing.title)
        case Occurrence():
            return f"{thing.local_start:%d.%m %H:%M} {pick(thing.event.title)}"
    return _("(no longer on our list)")


def whom(one: Broadcast, thing: Thing | None) -> str:
    told = {
        To.ALL: _("everybody"),
        To.CASE: _("followers of the case “{name}”"),
        To.DEFENDANT: _("followers of {name}"),
        To.CITY: _("followers of courts in {name}"),
        To.EVENT: _("those who come to “{name}”"),
    }[To(one.to)]
    of_day = f", {day(date.fromisoformat(one.day))}" if one.day else ""
    return told.format(name=clipped(name(thing), NAME)) + of_day


def ask_audience(here: AskAudience) -> Screen:
    labels = {
        To.CASE: _("⚖️ Followers of a case"),
        To.DEFENDANT: _("👤 Followers of a person"),
        To.CITY: _("🏙 Followers of a city"),
        To.EVENT: _("🕯 Those who come to an event"),
    }
    each = [
        [button(text, here.model_copy(update={"to": to, "page": 0}))] for to, text in labels.items()
    ]
    everybody = SetAudience(id=here.id, seen=here.seen, to=To.ALL)
    return Screen(
        bold(_("For whom is it?")),
        keyboard(*each, [button(_("📣 Everybody"), everybody)], cancel(here.id)),
    )


Listed = Page[Case] | Page[Defendant] | Page[Court] | Page[Occurrence]


def things(page: Listed, here: AskAudience) -> Screen:
    asked = {
        To.CASE: _("Which case?"),
        To.DEFENDANT: _("Which person?"),
        To.CITY: _("Which city?"),
        To.EVENT: _("Which event?"),
    }[To(here.to)]
    told = None if page.items else _("There is none.")
    rows = [[button(name(one), target(one, here))] for one in page.items]
    before = here.model_copy(update={"page": max(page.number - 1, 0)})
    after = here.model_copy(update={"page": page.number + 1})
    back = [button(_("‹ Back"), AskAudience(id=here.id, seen=here.seen))]
    turn = pager(page.number, page.pages, before, after)
    return Screen(blocks([bold(asked), told]), keyboard(*rows, turn, back))


def target(one: Case | Defendant | Court | Occurrence, here: AskAudience) -> SetAudience:
    thing, on = (one.event.id, one.day) if isinstance(one, Occurrence) else (one.id, "")
    return SetAudience(id=here.id, seen=here.seen, to=To(here.to), thing=thing, day=on)


def cancel(number: int) -> Row:
    """Back to the draft; of none yet, to the list."""
    return back_to(_("Cancel"), OpenBroadcast(id=number) if number else OpenBroadcasts())


def ask_readers(card: Card) -> Screen:
    here = known(card)
    everybody = [button(_("All languages"), SetReaders(**here, code=ALL))]
    each = [button(native_name(code), SetReaders(**here, code=code)) for code in languages()]
    told = _("Only those who read the bot in one language, or all of them?")
    return Screen(bold(told), keyboard(everybody, *columns(each, 2), cancel(card.one.id)))


def known(card: Card) -> dict[str, int]:
    return {"id": card.one.id, "seen": card.one.edition}


# A draft.


def card(card: Card, now: datetime, toast: str | None = None, note: str | None = None) -> Screen:
    """`note`: above it, where an answer is no press."""
    shown = {Standing.DRAFT: draft, Standing.PLANNED: planned}.get(card.standing, sent)
    screen = shown(card, now)
    text = blocks([note and bold(note), screen.text])
    return Screen(text, screen.keyboard, toast=toast)


def draft(card: Card, now: datetime) -> Screen:
    here, one = known(card), card.one
    writing = [
        button(version_label(one, code), WriteVersion(**here, code=code)) for code in may(one)
    ]
    audience = button(_("👥 For whom"), AskAudience(**here))
    readers = button(_("🌐 Languages"), AskReaders(**here))
    ready = [
        button(_("👁 As it comes"), Preview(**here)),
        button(_("📤 Send…"), AskToSend(**here)),
    ]
    away = [button(_("🗑 Delete the draft"), AskToDropDraft(**here))]
    text = blocks(
        [
            bold(_("A broadcast: nobody has it yet")),
            lines([addressed_to(card), reach(card)]),
            *(version_lines(one)),
            lines(warnings(card)),
            pace(card),
            None if one.versions else _("What shall it say? Choose the language to write in."),
        ]
    )
    rows = [*columns(writing, 2), *([ready] if one.versions else []), [audience, readers], away]
    return Screen(text, keyboard(*rows, to_list()))


def may(one: Broadcast) -> list[str]:
    """Languages to write in; those that are written already, first."""
    readable = [one.language] if one.language else languages()
    return list(dict.fromkeys([*one.versions, *readable]))


def version_label(one: Broadcast, code: str) -> str:
    return f"✓ {native_name(code)}" if code in one.versions else f"✏️ {native_name(code)}"


def addressed_to(card: Card) -> Markup:
    return Markup(_("For: {whom}")).format(whom=bold(whom(card.one, card.thing)))


def reach(card: Card) -> str:
    """How many, now."""
    told = people(card.people)
    if card.one.language:
        return _("{people}, readers of: {language}").format(
            people=told, language=native_name(card.one.language)
        )
    each = [f"{native_name(code)} {number}" for code, number in card.readers.items()]
    return f"{told} ({', '.join(each)})" if len(each) > 1 else told


def version_lines(one: Broadcast) -> list[Markup]:
    return [version_line(code, Version.of_json(kept)) for code, kept in one.versions.items()]


def version_line(code: str, version: Version) -> Markup:
    """With where its links lead: the words hide it."""
    told = Markup("{}: {}").format(bold(native_name(code)), said(version, BEGINNING))
    return lines([told, *(f"🔗 {clipped(to, NAME)}" for to in leading.addresses(version.text))])


def warnings(card: Card) -> list[str]:
    one, main = card.one, next(iter(card.one.versions), "")
    wrong = [
        ngettext(
            "⚠️ {n} person reads {language}: they will get it in {main}.",
            "⚠️ {n} people read {language}: they will get it in {main}.",
            number,
        ).format(n=number, language=language_name(code), main=language_name(main))
        for code, number in misread(one, card.readers).items()
    ]
    long = [
        _("⚠️ Too long in {language}: at most {n} characters.").format(
            language=language_name(code), n=room(Version.of_json(kept).has_caption)
        )
        for code, kept in one.versions.items()
        if is_too_long(Version.of_json(kept))
    ]
    return [*wrong, *long]


def is_sendable(one: Broadcast) -> bool:
    return bool(one.versions) and not any(map(is_too_long, versions_of(one)))


def leads_astray(text: str) -> str | None:
    """Why such words are not sent."""
    if leading.is_disguised(text):
        return _("A link leads elsewhere than its words say. Write the address itself.")
    return None


def by_two_first(card: Card) -> str:
    if card.one.to == To.ALL:
        return _("👀 Somebody else looks first, for it goes to everybody.")
    return _("👀 Somebody else looks first, for it has a link, a number or a file.")


def outline(card: Card) -> Markup:
    """For whoever is asked to accept it."""
    if card.one.notice_id is not None:
        return lines([addressed_to(card)])
    return blocks([lines([addressed_to(card), reach(card)]), *version_lines(card.one)])


def to_list() -> Row:
    return back_to(_("Broadcasts"), OpenBroadcasts())


def ask_words(card: Card, code: str, why: str | None = None) -> Screen:
    asked = _("Write it in {language}: send me a text, a picture, a document or an album.")
    kept = _("Bold, links and the like stay as you make them.")
    told = _("Characters: at most {n}, or {m} under a picture or a document.")
    is_there = code in card.one.versions
    gone = [button(_("🗑 Remove this version"), DropVersion(**known(card), code=code))]
    text = blocks(
        [
            why,
            bold(asked.format(language=native_name(code))),
            lines([kept, told.format(n=room(False), m=room(True))]),
        ]
    )
    return Screen(text, keyboard(gone if is_there else [], cancel(card.one.id)))


def wrong_kind() -> str:
    return _("I take a text, a picture, a document, or an album of pictures or of documents.")


def wrong_in_album() -> str:
    return _("Of an album I take pictures, or documents; the other parts are left out.")


def too_long(number: int, limit: int) -> str:
    return _("That is {n} characters; at most {m} fit.").format(n=number, m=limit)


def not_taken() -> str:
    return _("Telegram does not take it like this: send its picture or document again.")


def too_much_formatting() -> str:
    told = _("That has too much formatting: at most {n} bold words, links and the like.")
    return told.format(n=MOST_ENTITIES)


def is_gone() -> Screen:
    return Screen(Markup(_("This draft was deleted meanwhile.")), keyboard(to_list()))


def ask_to_drop(card: Card) -> Screen:
    asked = _("Delete this draft? It cannot be brought back.")
    yes = button(_("Yes, delete it"), DropDraft(**known(card)))
    return Screen(Markup(asked), keyboard([yes, button(_("No"), OpenBroadcast(id=card.one.id))]))


# Sending.


def ask_to_send(card: Card, urgent: int, *, by_two: bool = False) -> Screen:
    if urgent == 0:
        return ask_how(card, by_two=by_two)
    here = known(card)
    if urgent == 1:
        told = _(
            "Urgent: it overtakes everything else and comes in quiet hours, too. Only for what "
            "cannot wait until the morning."
        )
        on = button(_("Yes, it is urgent"), AskToSend(**here, urgent=2))
    else:
        told = _("Once more: {people} get it at once, also those who sleep.")
        on = button(_("🔴 Send at once"), SendBroadcast(**here, urgent=True))
    text = blocks([bold(told.format(people=people(card.people))), *version_lines(card.one)])
    return Screen(text, keyboard([on], back_to(_("Back"), AskToSend(**here))))


def ask_how(card: Card, *, by_two: bool) -> Screen:
    here = known(card)
    now = [button(_("✅ Send now"), SendBroadcast(**here))] if card.people else []
    later = [button(_("🕓 Later"), AskWhen(**here))]
    urgent = [button(_("🔴 Urgent"), AskToSend(**here, urgent=1))] if card.people else []
    asked = _("Send it to {people}?") if card.people else _("Nobody would get it now.")
    text = blocks(
        [
            bold(asked.format(people=people(card.people))),
            addressed_to(card),
            *version_lines(card.one),
            lines(warnings(card)),
            by_two_first(card) if by_two else None,
            _("Who has quiet hours gets it when they end, unless it is urgent."),
            wait_for_owner() if card.still else pace(card),
        ]
    )
    back = back_to(_("Back"), OpenBroadcast(id=card.one.id))
    return Screen(text, keyboard(now, [*later, *urgent], to_pace(card), back))


def not_ready() -> str:
    return _("It cannot go like this: something is missing, or too long.")


def ask_when(card: Card, now: datetime, why: str | None = None) -> Screen:
    example = _("Type the day and the hour: “tomorrow 9:30”, “1 Dec 10:00”.")
    clock = Markup(_("By the organisers' clock: it is {time} now.")).format(time=f"{now:%H:%M}")
    text = blocks([why, bold(_("When shall it go?")), example, clock])
    return Screen(text, keyboard(back_to(_("Back"), AskToSend(**known(card)))))


def not_understood(words_: str) -> str:
    return _("I do not understand “{words}”.").format(words=clipped(words_, NAME))


def both_wanted() -> str:
    return _("Both the day and the hour, please.")


def has_passed() -> str:
    return _("That moment has passed.")


def too_far() -> str:
    return _("That is more than a year ahead.")


def ask_to_plan(card: Card, at: datetime, now: datetime, *, by_two: bool) -> Screen:
    asked = Markup(_("Send it on {moment} to {people}?"))
    yes = SendBroadcast(**known(card), at=int(at.timestamp()) // 60)
    text = blocks(
        [
            bold(asked.format(moment=moment(at, now), people=people(card.people))),
            addressed_to(card),
            *version_lines(card.one),
            lines(warnings(card)),
            by_two_first(card) if by_two else None,
            _("Whoever follows it by then gets it."),
        ]
    )
    back = back_to(_("Back"), AskWhen(**known(card)))
    return Screen(text, keyboard([button(_("✅ Yes, plan it"), yes)], back))


def moment(at: datetime, now: datetime) -> str:
    """By the organisers' clock."""
    return day_and_hour(at.astimezone(now.tzinfo or ZoneInfo("UTC")))


def day_and_hour(local: datetime) -> str:
    return f"{day(local.date())}, {local:%H:%M}"


def planned(card: Card, now: datetime) -> Screen:
    due = card.one.due_at
    assert due is not None
    is_soon = due <= now
    told = _("It goes out in a moment.") if is_soon else _("It goes out on {moment}.")
    text = blocks(
        [
            is_stopped() if card.still else None,
            None if card.still and is_soon else bold(told.format(moment=moment(due, now))),
            lines([addressed_to(card), reach(card)]),
            *version_lines(card.one),
            lines(warnings(card)),
            None if card.still else pace(card),
        ]
    )
    back = [button(_("↩️ Back to a draft"), Unplan(**known(card)))]
    refresh = button(_("🔄 Refresh"), OpenBroadcast(id=card.one.id))
    look = button(_("👁 As it comes"), Preview(**known(card)))
    return Screen(text, keyboard([refresh if is_soon else look], to_pace(card), back, to_list()))


# On its way, and afterwards.


def sent(card: Card, now: datetime) -> Screen:
    text = blocks(
        [
            is_stopped() if card.still else None,
            bold(headline(card)),
            lines([addressed_to(card), by(card, now)]),
            *version_lines(card.one),
            progress(card.counted, card.standing),
            None if card.still else pace(card),
            mending(card),
        ]
    )
    return Screen(text, keyboard(*ways(card, now), to_list()))


def headline(card: Card) -> str:
    told = {
        Standing.GOING: _("⏸ Paused") if card.still else _("▶️ On its way"),
        Standing.PAUSED: _("⏸ Paused"),
        Standing.DONE: _("✅ Sent"),
        Standing.STOPPED: _("⏹ Stopped"),
        Standing.RECALLED: _("🗑 Recalled"),
    }[card.standing]
    return " · ".join([told, *([_("🔴 urgent")] if card.one.is_urgent else [])])


def by(card: Card, now: datetime) -> Markup | None:
    """Who sent it, by their role."""
    one = card.one
    if one.due_at is None:
        return None
    told = Markup(_("Sent on {moment}, by: {role}"))
    return told.format(moment=moment(one.due_at, now), role=words.role(one.role))


def progress(counted: Counted, standing: Standing) -> Markup:
    is_going = standing in (Standing.GOING, Standing.PAUSED)
    shown = bar(counted.ended, counted.total) if counted.total and is_going else None
    numbers = [
        _("Got it: {n}").format(n=counted.sent),
        _("Blocked the bot: {n}").format(n=counted.blocked) if counted.blocked else None,
        _("Failed: {n}").format(n=counted.failed) if counted.failed else None,
        unsent(counted, standing),
    ]
    return lines([shown, *numbers])


def unsent(counted: Counted, standing: Standing) -> str | None:
    if standing in (Standing.GOING, Standing.PAUSED):
        more = "" if counted.is_whole else "+"
        return (
            _("Still to go: {n}").format(n=f"{counted.left}{more}") if not counted.is_over else None
        )
    kept_back = counted.dropped + counted.left
    return _("Did not get it any more: {n}").format(n=kept_back) if kept_back else None


def mending(card: Card) -> Markup | None:
    one = card.one
    if not (one.recalled_at or one.corrected_at) or (one.mending_id and card.mended is None):
        return None
    if card.is_held:
        return lines([_("⏸ A correction waits: look at it first.")])
    if card.mended is None:
        return lines([_("Waiting for what is just on its way…")])
    is_recall = one.recalled_at is not None
    told = _("Deleted: {n} of {all}") if is_recall else _("Corrected: {n} of {all}")
    done = told.format(n=card.mended.sent, all=max(card.copies, card.mended.total))
    return lines([done, left_as_it_was(card) if card.mended.is_over else None])


def left_as_it_was(card: Card) -> str | None:
    if not card.unreached:
        return None
    told = _("Could not be reached: {n}. Telegram deletes nothing older than 48 hours.")
    if card.one.recalled_at is None:
        told = _("Could not be reached: {n}. They keep the old words, or nothing.")
    return told.format(n=card.unreached)


def ways(card: Card, now: datetime) -> list[Row]:
    here, number = known(card), card.one.id
    is_going = card.standing in (Standing.GOING, Standing.PAUSED)
    on = button(_("▶️ Go on"), PauseBroadcast(id=number, on=False))
    pause = button(_("⏸ Pause"), PauseBroadcast(id=number, on=True))
    waits = card.standing is Standing.PAUSED or card.is_held
    turn = [] if card.still else [on] if waits else [pause] if is_going else []
    end = [button(_("⏹ Stop"), AskToStop(id=number))] if is_going else []
    mend = [
        button(_("✍️ Correct"), AskCorrection(**here, code="")),
        button(_("🗑 Recall"), AskToRecall(**here)),
    ]
    refresh = [button(_("🔄 Refresh"), OpenBroadcast(id=number))]
    look = [button(_("👁 As it comes"), Preview(**here))]
    return [
        [*turn, *end],
        to_pace(card),
        mend if card.standing is not Standing.RECALLED and card.counted.sent else [],
        refresh if card.is_live(now) else look,
    ]


def ask_to_stop(card: Card) -> Screen:
    asked = _("Stop it for good? {people} will not get it.").format(
        people=people(card.counted.left)
    )
    yes = button(_("⏹ Yes, stop"), StopBroadcast(id=card.one.id))
    return Screen(Markup(asked), keyboard([yes, button(_("No"), OpenBroadcast(id=card.one.id))]))
