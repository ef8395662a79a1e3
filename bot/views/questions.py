"""Questions to the organisers: as people ask them, and as the desk answers them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from markupsafe import Markup

from bot.callbacks import (
    AskQuestion,
    ChangeQuestion,
    LeaveQuestion,
    OpenQuestion,
    OpenQuestions,
    SendAnswer,
    SendQuestion,
    SwitchQuestions,
    digest,
    place_of,
)
from bot.i18n import _, day, language, language_name, lately, ngettext
from bot.keyboards import Row, back_to, below, button, keyboard, link, pager, to_ask, to_menu
from bot.screen import Screen
from bot.services.pages import Page
from bot.services.questions import KEPT, LONGEST, NotTaken, Opened, Refused, Thing, about_of
from bot.views.desk import to_desk, wait_for_owner
from bot.views.parts import ask as whom_to_ask
from bot.views.parts import blocks, bold, capital, clipped, italic, lines, person, quote, title
from models import Case, Question, QuestionState

FOLDED = 300
"""Characters of a text from which on it is folded."""


# As somebody asks.


def ask(thing: Thing | None, here: AskQuestion, why: str | None = None) -> Screen:
    told = _("Type your question: one message, at most {n} characters.").format(n=LONGEST)
    unknown = _("The organisers see the text, not who you are. The answer comes here.")
    text = blocks([why, heading(thing), lines([told, unknown])])
    return Screen(text, keyboard(leave(here)))


def heading(thing: Thing | None) -> Markup:
    return lines([bold(_("Ask the organisers")), dotted([about(thing)])])


def about(thing: Thing | None) -> str | None:
    if thing is None:
        return None
    return _("about {name}").format(name=clipped(name(thing), 100))


def name(thing: Thing) -> str:
    return title(thing) if isinstance(thing, Case) else person(thing)


def leave(here: AskQuestion) -> Row:
    return [button("‹ " + _("Cancel"), to(LeaveQuestion, here)), *to_menu()]


def to(kind: type[AskQuestion], here: AskQuestion) -> AskQuestion:
    return kind(defendant=here.defendant, case=here.case)


def too_long(length: int, most: int) -> str:
    told = _("That has {n} characters, and at most {most} are passed on. Please make it shorter.")
    return told.format(n=length, most=most)


def no_words() -> str:
    return _("There are no words in it.")


def only_text() -> str:
    return _("Only text, please: pictures and files are not passed on.")


def preview(thing: Thing | None, here: AskQuestion, text: str) -> Screen:
    seen = lines([dotted([about(thing), spoken(language())]), quoted(text)])
    told = _("Neither your name nor your number. The answer comes here, from the bot.")
    again = _("To change it, type it again.")
    send = button(_("📨 Send it"), to(SendQuestion, here))
    parts = [bold(_("This is what the organisers will see:")), seen, lines([told, again])]
    return Screen(blocks(parts), keyboard([send], leave(here)))


def quoted(text: str) -> Markup:
    return quote(Markup("{}").format(text), folded=len(text) > FOLDED or text.count("\n") > 9)


def spoken(code: str) -> str:
    """ "in Russian"."""
    return _("in {language}").format(language=language_name(code))


def sent(here: AskQuestion) -> Screen:
    told = _("Sent. As soon as somebody answers, the answer comes here.")
    kept = ngettext(
        "It is kept encrypted, and deleted {n} day after it is answered or closed. /forget "
        "deletes it at once.",
        "It is kept encrypted, and deleted {n} days after it is answered or closed. /forget "
        "deletes it at once.",
        KEPT.days,
    )
    back = button("‹ " + _("Back"), to(LeaveQuestion, here))
    text = blocks([bold(told), kept.format(n=KEPT.days)])
    return Screen(text, keyboard([back, *to_menu()]))


def not_taken(error: NotTaken, here: AskQuestion, contact: str | None, now: datetime) -> Screen:
    back = button("‹ " + _("Back"), to(LeaveQuestion, here))
    instead = whom_to_ask(contact) if error.why is Refused.NOBODY else None
    return Screen(blocks([reason(error, now), instead]), keyboard([back, *to_menu()]))


def reason(error: NotTaken, now: datetime) -> str:
    match error.why:
        case Refused.NOBODY:
            return _("Nobody answers questions here yet.")
        case Refused.TOO_MANY:
            return _("Your last questions still wait for an answer. Please wait for it, too.")
    assert error.until is not None
    told = _("The organisers take no questions from you until {day}. All else works as before.")
    return told.format(day=day(error.until.astimezone(now.tzinfo).date()))


def enough(here: AskQuestion) -> Screen:
    told = _("So many questions in one day! Please ask more tomorrow.")
    back = button("‹ " + _("Back"), to(LeaveQuestion, here))
    return Screen(Markup(told), keyboard([back, *to_menu()]))


def in_private(url: str, here: AskQuestion) -> Screen:
    told = _("A question is between you and the organisers: ask it in a private chat.")
    back = button("‹ " + _("Back"), to(LeaveQuestion, here))
    open_ = link(_("Ask in private"), url)
    return Screen(Markup(told), keyboard([open_], [back, *to_menu()]))


def private_link(username: str, here: AskQuestion) -> str:
    about = f"-d{here.defendant}" if here.defendant else f"-c{here.case}" if here.case else ""
    return f"https://t.me/{username}?start=ask{about}"


def answer(found: Opened) -> Screen:
    """With the question, as whoever asked it reads it."""
    of = about_of(found.question)
    again = {of.subject: of.id} if found.thing and of.subject else {}
    text = blocks(
        [
            bold(_("💬 The organisers answer")),
            lines([you_asked(found.thing), quoted(found.text)]),
            Markup("{}").format(found.answer or ""),
        ]
    )
    return Screen(text, keyboard([below(to_ask(**again, label=_("💬 Ask again")))]))


def you_asked(thing: Thing | None) -> str:
    if thing is None:
        return _("You asked:")
    return _("You asked about {name}:").format(name=clipped(name(thing), 100))


# At the desk.


def new_ones(number: int) -> Screen:
    told = ngettext(
        "💬 {n} question that nobody has taken yet",
        "💬 {n} questions that nobody has taken yet",
        number,
    )
    why = italic(_("You keep the facts of this bot. Whether you hear of questions: at the desk."))
    text = blocks([bold(told.format(n=number)), why])
    return Screen(text, keyboard([below(button(_("💬 Questions"), OpenQuestions()))]))


def listed(
    page: Page[Opened],
    here: OpenQuestions,
    member: int,
    hears: bool | None,
    now: datetime,
) -> Screen:
    """`hears`: of new ones; nothing: such a member does not."""
    rows = [
        [button(label(one, member, now), OpenQuestion(id=one.question.id, **here.model_dump()))]
        for one in page.items
    ]
    turn = pager(page.number, page.pages, *(turned(here, page.number + by) for by in (-1, 1)))
    text = blocks([bold(list_heading(here)), marks(page.items, member) or nothing(page, here)])
    return Screen(text, keyboard(*rows, turn, *switches(here, hears), to_desk()))


def turned(here: OpenQuestions, page: int) -> OpenQuestions:
    return here.model_copy(update={"page": max(page, 0)})


def list_heading(here: OpenQuestions) -> str:
    return _("Answered and closed") if here.settled else _("Questions")


def nothing(page: Page[Opened], here: OpenQuestions) -> str | None:
    if page.items:
        return None
    return _("There are none.") if here.settled else _("No question waits for an answer.")


def marks(items: Sequence[Opened], member: int) -> Markup | None:
    """What the signs mean that are to be seen."""
    meaning = {
        "🆕": _("nobody has taken it yet"),
        "✋": _("you have taken it"),
        "👤": _("another coordinator has taken it"),
    }
    seen = {mark(one.question, member) for one in items}
    return lines([f"{sign} {told}" for sign, told in meaning.items() if sign in seen]) or None


def mark(one: Question, member: int) -> str:
    if one.state != QuestionState.OPEN:
        return "✅" if one.state == QuestionState.ANSWERED else "✖️"
    if one.taken_by is None:
        return "🆕"
    return "✋" if one.taken_by == member else "👤"


def label(found: Opened, member: int, now: datetime) -> str:
    one = found.question
    return dotted([f"{mark(one, member)} {one.id}", lately(one.asked_at, now), short(found)])


def short(found: Opened) -> str:
    """What it is about; of one that is about nothing of ours, how it begins."""
    if found.thing is not None:
        return name(found.thing)
    return _("(no longer on our list)") if found.question.subject else clipped(found.text, 60)


def switches(here: OpenQuestions, hears: bool | None) -> list[Row]:
    other = OpenQuestions(settled=not here.settled)
    turn = button(_("Waiting") if here.settled else _("Answered and closed"), other)
    if hears is None or here.settled:
        return [[turn]]
    told = _("🔔 I am told of new ones") if hears else _("🔕 I am not told of new ones")
    return [[turn], [button(told, SwitchQuestions(on=not hears))]]


def switched(on: bool) -> str:
    return _("New questions are told, without a sound") if on else _("New questions are not told")


def question(
    found: Opened,
    here: OpenQuestion,
    member: int,
    now: datetime,
    toast: str | None = None,
    why: str | None = None,
) -> Screen:
    one = found.question
    told = found.answer and lines([answered(one), quoted(found.answer)])
    parts = [why, lines([which(found, now), quoted(found.text)]), told, standing(one, member)]
    rows = [
        [button(said, change(one, here, what))] for what, said in labels(one, member, now).items()
    ]
    back = back_to(list_heading(here), place_of(OpenQuestions, here))
    return Screen(blocks([*parts, blocked(one, now)]), keyboard(*rows, back), toast=toast)


def which(found: Opened, now: datetime) -> Markup:
    one = found.question
    gone = _("about somebody no longer on our list") if one.subject and not found.thing else None
    told = [about(found.thing) or gone, lately(one.asked_at, now), spoken(one.language)]
    return lines([bold(_("Question {n}").format(n=one.id)), dotted(told)])


def dotted(parts: Iterable[str | None]) -> str:
    return capital(" · ".join(part for part in parts if part))


def answered(one: Question) -> str:
    return _("Answered:") if one.state == QuestionState.ANSWERED else _("Answered before:")


def standing(one: Question, member: int) -> str | None:
    if one.state == QuestionState.CLOSED:
        return _("Closed without an answer.")
    if one.state == QuestionState.ANSWERED:
        return None
    if one.taken_by is None:
        return _("Nobody has taken it yet.")
    return _("You have taken it.") if one.taken_by == member else taken_by_another()


def taken_by_another() -> str:
    return _("Taken by another coordinator.")


def blocked(one: Question, now: datetime) -> str | None:
    if not is_blocking(one, now):
        return None
    assert one.blocked_until is not None
    told = _("🚫 No questions are taken from whoever asked this, until {day}.")
    return told.format(day=day(one.blocked_until.astimezone(now.tzinfo).date()))


def is_blocking(one: Question, now: datetime) -> bool:
    return one.blocked_until is not None and one.blocked_until > now


def labels(one: Question, member: int, now: datetime) -> dict[str, str]:
    """What may be done with it now."""
    take = {} if one.taken_by == member else {"take": taking(one)}
    waiting = {"answer": _("✏️ Answer"), **take, "close": _("Close without an answer")}
    again = {"reopen": _("↩️ Open it again")}
    abuse = {"ask_block": _("🚫 Abuse or spam")}
    lift = {"lift": _("Take questions from them again")}
    steps = waiting if one.state == QuestionState.OPEN else again
    return steps | (lift if is_blocking(one, now) else abuse)


def taking(one: Question) -> str:
    return _("✋ Take it") if one.taken_by is None else _("✋ Take it over")


def change(one: Question, here: OpenQuestion, what: str) -> ChangeQuestion:
    place = place_of(OpenQuestion, here)
    return ChangeQuestion(**place.model_dump(), seen=one.version, what=what)


def gone(here: OpenQuestion) -> Screen:
    told = _("This question is gone: it is kept no longer than whoever asked it wants.")
    back = back_to(list_heading(here), place_of(OpenQuestions, here))
    return Screen(Markup(told), keyboard(back))


def answered_meanwhile() -> str:
    return _("Another coordinator was faster: your answer is not sent.")


def done(what: str) -> str:
    return {
        "take": _("It is yours"),
        "close": _("Closed"),
        "reopen": _("Open again"),
        "block": _("Nothing more is taken from them"),
        "lift": _("Their questions are taken again"),
    }[what]


def ask_answer(
    found: Opened, here: OpenQuestion, member: int, now: datetime, why: str | None = None
) -> Screen:
    one = found.question
    is_anothers = one.taken_by not in (None, member)
    asked = _("Type your answer. You will see it before it goes.")
    in_theirs = _("They read: {language}.").format(language=language_name(one.language))
    text = blocks(
        [
            why,
            lines([which(found, now), quoted(found.text)]),
            f"👤 {taken_by_another()}" if is_anothers else None,
            lines([bold(asked), in_theirs if one.language != language() else None]),
        ]
    )
    return Screen(text, keyboard(cancel(here)))


def proposal(
    found: Opened,
    here: OpenQuestion,
    text: str,
    member: int,
    now: datetime,
    toast: str | None = None,
) -> Screen:
    one = found.question
    is_anothers = one.taken_by not in (None, member)
    told = _("The bot sends it, without your name. To change it, type it again.")
    parts = [
        lines([which(found, now), quoted(found.text)]),
        f"👤 {taken_by_another()}" if is_anothers else None,
        lines([bold(_("Your answer:")), quoted(text)]),
        told,
    ]
    place = place_of(OpenQuestion, here).model_dump()
    send = SendAnswer(**place, seen=one.version, proposed=digest(text))
    return Screen(
        blocks(parts), keyboard([button(_("📨 Send it"), send)], cancel(here)), toast=toast
    )


def cancel(here: OpenQuestion) -> Row:
    return back_to(_("Cancel"), place_of(OpenQuestion, here))


def was_sent(*, still: bool) -> str:
    return wait_for_owner() if still else _("The answer is on its way")


def ask_block(found: Opened, here: OpenQuestion, days: int, now: datetime) -> Screen:
    asked = ngettext(
        "Take no more questions from whoever asked this, for {n} day?",
        "Take no more questions from whoever asked this, for {n} days?",
        days,
    )
    told = _("They read that, and this question is closed. Nobody learns who it is.")
    yes = button(_("🚫 Yes, take no more"), change(found.question, here, "block"))
    head = lines([which(found, now), quoted(found.text)])
    text = blocks([head, lines([bold(asked.format(n=days)), told])])
    return Screen(text, keyboard([yes], cancel(here)))
