"""Where people are: confirmed, moved, on the way, free; and whether letters are allowed."""

from datetime import date
from typing import Any, TypeVar

from aiogram import F
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import (
    ChangePerson,
    OpenFacilities,
    OpenPeople,
    OpenPerson,
    PickPlace,
    PickSince,
    PickStatus,
    PickTongue,
    SavePerson,
    digest,
    place_of,
)
from bot.i18n import language, languages
from bot.services import campaign, custody, letters
from bot.services.campaign_file import CampaignFileError, PlanOutdated
from bot.services.errors import NotFound
from bot.services.letters import HELD, full_name
from bot.services.rights import Action
from bot.services.search import Search
from bot.services.typed_moments import NotUnderstood, typed
from bot.show import Event, show
from bot.views import custody as views
from bot.views import desk as desk_views
from bot.views.letters import lines_of
from bot.views.typed_moments import vocabulary
from handlers.proposals import show_proposal
from handlers.rights import By, May
from handlers.room import Room
from models import Custody, Defendant, Source, Status

router = Room(name="custody")
LONGEST = 300
LONGEST_LINE = 120
"""Of an envelope."""
TYPED = F.text, ~F.text.startswith("/")


Pressed = TypeVar("Pressed", bound=OpenPerson)


class Whereabouts(StatesGroup):
    """With the button that was pressed in the dialog's data, and in the end the facts."""

    finding = State()
    place = State()
    since = State()
    reason = State()
    addressee = State()
    word = State()


@router.callback_query(OpenPeople.filter(), May(Action.CUSTODY))
async def listed(query: CallbackQuery, callback_data: OpenPeople, by: By) -> None:
    await by.state.set_state(Whereabouts.finding)
    await by.state.set_data({})
    now = await by.local()
    await show(query, views.people(await custody.people(by.session, now, callback_data.page), now))


@router.message(StateFilter(Whereabouts.finding), *TYPED, May(Action.CUSTODY))
async def name_typed(message: Message, search: Search, by: By) -> None:
    now, text = await by.local(), message.text or ""
    hits = await search.find(by.facts, text)
    those = [one for one in hits.things if isinstance(one, Defendant)]
    if those:
        await show(message, views.found(those, now))
    else:
        page = await custody.people(by.session, now, 0)
        await show(message, views.people(page, now, views.nobody(text)))


@router.callback_query(OpenPerson.filter(), May(Action.CUSTODY))
async def open_(query: CallbackQuery, callback_data: OpenPerson, by: By) -> None:
    await by.state.clear()
    one = await letters.addressee(by.session, callback_data.id)
    now = await by.local()
    await show(query, views.one_person(one, callback_data, now))


AS_IT_IS: dict[str, dict[str, Any]] = {
    "transfer": {"status": Status.TRANSFER},
    "allowed": {"letters": {"allowed": True, "reason": None}},
    "forbid": {"letters": {"allowed": False, "reason": None}},
}
"""What needs no question."""


@router.callback_query(
    ChangePerson.filter(F.what.in_({*views.CHANGES, *AS_IT_IS})), May(Action.CUSTODY)
)
async def change(query: CallbackQuery, callback_data: ChangePerson, by: By) -> None:
    one = await as_seen(query, callback_data, by)
    if one is None:
        return
    match callback_data.what:
        case "moved":
            here = OpenFacilities(**callback_data.model_dump(include={"id", "page", "seen"}))
            await places(query, here, by)
        case "home":
            await show(query, views.ask_status(callback_data, views.AT_HOME))
        case "forbidden":
            await ask(Whereabouts.reason, callback_data, by)
            await show(query, views.ask_reason(callback_data))
        case "addressee":
            await show(query, views.ask_tongue(one, callback_data, place_now(one)))
        case "confirm" | "wrong" as what:
            if custody.last_place(one) is None:
                raise NotFound
            said = custody.doubted(one) if what == "wrong" else custody.going_on(one, by.now)
            await propose(query, one, callback_data, said, by, what)
        case what:
            await propose(query, one, callback_data, AS_IT_IS[what], by, what)


async def ask(question: State, pressed: OpenPerson, by: By) -> None:
    await by.state.set_state(question)
    await by.state.set_data({"pressed": pressed.pack()})


async def asked(kind: type[Pressed], by: By) -> Pressed:
    """The button that the question came from."""
    return kind.unpack((await by.state.get_data())["pressed"])


async def as_seen(event: Event, pressed: Any, by: By) -> Defendant | None:
    """Nothing: somebody changed it meanwhile, and how it is now is shown."""
    one = await letters.addressee(by.session, pressed.id)
    if one.version == pressed.seen:
        return one
    await by.state.clear()
    here, now = place_of(OpenPerson, pressed), await campaign.local(by.facts, by.now)
    await show(event, views.one_person(one, here, now, toast=desk_views.changed_meanwhile()))
    return None


# Where to, and since when.


@router.callback_query(OpenFacilities.filter(), May(Action.CUSTODY))
async def places(query: CallbackQuery, callback_data: OpenFacilities, by: By) -> None:
    one = await as_seen(query, callback_data, by)
    if one is None:
        return
    await ask(Whereabouts.place, callback_data, by)
    page = await custody.places(by.session, one, callback_data.list)
    await show(query, views.ask_place(callback_data, page, ()))


@router.message(StateFilter(Whereabouts.place), *TYPED, May(Action.CUSTODY))
async def place_typed(message: Message, by: By) -> None:
    pressed, text = await asked(OpenFacilities, by), message.text or ""
    one = await as_seen(message, pressed, by)
    if one is None:
        return
    if named := await custody.places_named(by.session, text):
        await show(message, views.ask_place(pressed, None, named))
    else:
        page = await custody.places(by.session, one, 0)
        await show(message, views.ask_place(pressed, page, (), views.no_such_place(text)))


@router.callback_query(PickPlace.filter(), May(Action.CUSTODY))
async def pick_place(query: CallbackQuery, callback_data: PickPlace, by: By) -> None:
    if await as_seen(query, callback_data, by) is None:
        return
    to = await custody.place(by.session, callback_data.place)
    await ask(Whereabouts.since, callback_data, by)
    today = (await by.local()).date()
    await show(query, views.ask_since(callback_data, to, today))


@router.callback_query(PickSince.filter(), May(Action.CUSTODY))
async def pick_since(query: CallbackQuery, callback_data: PickSince, by: By) -> None:
    day = callback_data.day
    await since(query, callback_data, date.fromisoformat(day) if day else None, by)


@router.message(StateFilter(Whereabouts.since), *TYPED, May(Action.CUSTODY))
async def since_typed(message: Message, by: By) -> None:
    pressed = await asked(PickPlace, by)
    today = (await by.local()).date()
    day = day_that_has_been(message.text or "", today)
    if day is None:
        to = await custody.place(by.session, pressed.place)
        await show(message, views.ask_since(pressed, to, today, views.not_a_day()))
    else:
        await since(message, pressed, day, by)


def day_that_has_been(text: str, today: date) -> date | None:
    try:
        day = typed(text, today, vocabulary(), languages(), day_asked=True, past_too=True).day
    except NotUnderstood:
        return None
    return day if day and day <= today else None


async def since(event: Event, pressed: PickPlace, day: date | None, by: By) -> None:
    one = await as_seen(event, pressed, by)
    if one is None:
        return
    today = (await campaign.local(by.facts, by.now)).date()
    facts = custody.moved(one, await custody.place(by.session, pressed.place), day, today)
    if facts["status"] is None:
        await by.state.set_state(Whereabouts.word)
        await by.state.set_data({"facts": facts, "what": "moved"})
        await show(event, views.ask_status(pressed, sorted(HELD)))
    else:
        await propose(event, one, pressed, facts, by, "moved")


@router.callback_query(PickStatus.filter(), May(Action.CUSTODY))
async def pick_status(query: CallbackQuery, callback_data: PickStatus, by: By) -> None:
    """At home; or as what somebody is held in a place of no known kind."""
    one = await as_seen(query, callback_data, by)
    if one is None:
        return
    status = {"status": callback_data.status}
    if callback_data.status in views.AT_HOME:
        await propose(query, one, callback_data, status, by, "home")
        return
    begun = (await by.state.get_data()).get("facts")
    if begun is None or callback_data.status not in HELD:
        raise NotFound
    await propose(query, one, callback_data, {**begun, **status}, by, "moved")


# To whom.


def place_now(one: Defendant) -> Custody:
    """Raises NotFound: they are held nowhere that is known."""
    stay = custody.last_place(one)
    if stay is None:
        raise NotFound
    return stay


@router.callback_query(PickTongue.filter(), May(Action.CUSTODY))
async def pick_tongue(query: CallbackQuery, callback_data: PickTongue, by: By) -> None:
    one = await as_seen(query, callback_data, by)
    if one is None:
        return
    stay = place_now(one)
    if callback_data.language not in custody.tongues(stay):
        raise NotFound
    typed_lines = await lines_typed(one, by)
    await ask(Whereabouts.addressee, callback_data, by)
    await by.state.update_data(lines=typed_lines, of=one.id)
    await show(query, views.ask_addressee(one, callback_data, stay))


async def lines_typed(one: Defendant, by: By) -> dict[str, str]:
    """By language, as they are to stand on envelopes."""
    data = await by.state.get_data()
    found: dict[str, str] = data.get("lines", {}) if data.get("of") == one.id else {}
    return found


@router.message(StateFilter(Whereabouts.addressee), *TYPED, May(Action.CUSTODY))
async def addressee_typed(message: Message, by: By) -> None:
    pressed = await asked(PickTongue, by)
    one = await as_seen(message, pressed, by)
    if one is None:
        return
    text = " ".join((message.text or "").split())
    if len(text) > LONGEST_LINE:
        why = desk_views.too_long(LONGEST_LINE)
        await show(message, views.ask_addressee(one, pressed, place_now(one), why))
        return
    texts = await lines_typed(one, by) | {pressed.language: text}
    await by.state.update_data(lines=texts, of=one.id)
    if not place_now(one).addressee:  # nobody is left without the line that they had
        texts = custody.whom(one, place_now(one)) | texts
    said = custody.last_stay(one, addressee=texts)
    await propose(message, one, pressed, said, by, "addressee")


# Why not.


@router.message(StateFilter(Whereabouts.reason), *TYPED, May(Action.CUSTODY))
async def reason_typed(message: Message, by: By) -> None:
    pressed = await asked(ChangePerson, by)
    text = " ".join((message.text or "").split())
    one = await as_seen(message, pressed, by)
    if one is None:
        return
    if len(text) > LONGEST:
        await show(message, views.ask_reason(pressed, desk_views.too_long(LONGEST)))
        return
    reason = dict.fromkeys(one.letters_reason or {}) | {language(): text}
    said = {"letters": {"allowed": False, "reason": reason}}
    await propose(message, one, pressed, said, by, "forbidden")


# What would change is shown, then done.


async def propose(
    event: Event,
    one: Defendant,
    pressed: Any,
    facts: custody.Facts,
    by: By,
    what: str,
    why: str | None = None,
) -> None:
    here, now = place_of(OpenPerson, pressed), by.now
    try:
        made = await custody.plan(by.session, by.vault, one, facts, now)
    except CampaignFileError as error:
        local = await campaign.local(by.facts, now)
        await show(event, views.one_person(one, here, local, why=views.refused(error)))
        return
    await by.state.set_state(Whereabouts.word)
    typed_lines = await lines_typed(one, by)
    await by.state.set_data({"facts": facts, "what": what, "lines": typed_lines, "of": one.id})
    people = await custody.how_many_are_told(by.session, one, now)
    save = SavePerson(id=one.id, page=here.page, seen=one.version, proposed=digest(facts))
    to = await envelope(one, facts, what, by)
    others = views.in_other_tongues(one, save, typed_lines) if what == "addressee" else ()
    told = (one, made.differences, save, people, what, to, why, others)
    await show(event, views.proposal(*told, still=await by.stands_still()))


async def envelope(one: Defendant, facts: custody.Facts, what: str, by: By) -> list[list[str]]:
    """What letters would be addressed to."""
    if what == "confirm":
        return [views.envelope(one.custody[-1], one)]
    if what == "addressee":
        return views.addressed_to(place_now(one), await lines_typed(one, by))
    if what != "moved":
        return []
    to = await custody.place_of_slug(by.session, facts["custody"][-1]["facility"])
    return [lines_of(to, full_name(one.name))]


@router.callback_query(SavePerson.filter(), May(Action.CUSTODY))
async def save(query: CallbackQuery, callback_data: SavePerson, by: By) -> None:
    dialog, now = await by.state.get_data(), by.now
    proposed, what = dialog.get("facts"), dialog.get("what", "")
    if proposed is None or digest(proposed) != callback_data.proposed:
        raise NotFound
    one = await as_seen(query, callback_data, by)
    if one is None:
        return
    said = await worded(proposed, what, callback_data, by)
    try:
        plan = await custody.plan(by.session, by.vault, one, said, now)
        made = await by.carry_out(plan)
    except PlanOutdated:  # somebody changed something: whether it was this one is looked at again
        await save(query, callback_data, by)
        return
    except CampaignFileError as error:
        await propose(query, one, callback_data, proposed, by, what, views.refused(error))
        return
    await by.state.clear()
    if made is not None:
        await show_proposal(query, made, by)
        return
    here = place_of(OpenPerson, callback_data)
    still = await by.stands_still()
    await show(query, views.saved(one, here, plan.version + 1, still=still))


async def worded(proposed: custody.Facts, what: str, pressed: SavePerson, by: By) -> custody.Facts:
    """Whose word it is, where somebody's is wanted: without one nothing is confirmed by it."""
    if what == "confirm" and not pressed.source:
        raise NotFound
    if what == "addressee" and not pressed.source:
        return custody.with_word(proposed, {"confirmed_at": None, "source": None})
    if what not in views.WITH_WORD or not pressed.source:
        return proposed
    word = await campaign.confirmed(by.session, Source(pressed.source), by.now)
    return custody.with_word(proposed, word)
