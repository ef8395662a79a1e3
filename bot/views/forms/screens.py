"""The forms: kinds of things, their lists, one thing, one question, what would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiogram.filters.callback_data import CallbackData
from markupsafe import Markup

from bot.callbacks import (
    AskToRemoveThing,
    AskToUndo,
    ClearField,
    NewHearing,
    OpenFacts,
    OpenField,
    OpenThing,
    OpenThings,
    PickValue,
    RemoveThing,
    SaveThing,
    StartThing,
)
from bot.i18n import _, country_name, language, language_name, pick
from bot.keyboards import Button, Row, back_to, button, columns, keyboard, pager
from bot.screen import Screen
from bot.services.campaign_file import CampaignFileError, Difference, Names, What
from bot.services.campaign_file.values import FULL
from bot.services.forms import order
from bot.services.forms.changes import Change
from bot.services.forms.fields import BY_KIND, NEW_ITEM, Field, Form, How
from bot.services.forms.order import Step
from bot.services.forms.present import LONGEST_VALUE, PAGE, Known, Listed, Option
from bot.services.forms.typed import Unclear
from bot.services.pages import Page, sliced
from bot.views import campaign_file as words_of_file
from bot.views import desk, words
from bot.views.campaign_file import terms
from bot.views.desk import to_desk
from bot.views.forms import labels, said
from bot.views.forms.ways import Way
from bot.views.parts import beginning, blocks, bold, capital, clipped, lines

OF = {"case": "who", "fund": "route"}
"""What is listed with it."""
DONE = "="
"""Instead of a value: all that is chosen."""
CLIPPED = 160
"""Characters of a value on a card."""
NARROW = 26
"""Characters of a label that stands beside another one."""


# Lists.


def facts(counts: Mapping[str, int], forms: Sequence[Form]) -> Screen:
    """`forms`: those that somebody may change."""
    told = _("What do you want to add or to change?")
    each = [button(counted(form, counts[form.code]), to_kind(form)) for form in forms]
    return Screen(blocks([bold(_("Facts")), told]), keyboard(*columns(each, 2), to_desk()))


def counted(form: Form, number: int) -> str:
    name = labels.plural(form)
    return name if form.code == "org" else f"{name} · {number}"


def to_kind(form: Form, of: int = 0, page: int = 0) -> CallbackData:
    return OpenThings(form=form.code, of=of, page=page)


def things(form: Form, page: Page[Listed], here: OpenThings, of: str | None) -> Screen:
    """`of`: the name of what they belong to."""
    title = f"{of}: {labels.plural(form).lower()}" if of else labels.plural(form)
    none = None if page.items else _("There is none yet.")
    look = _("To look for one, type a part of its name.") if page.pages > 1 else None
    rows = [[listed(form, one)] for one in page.items]
    earlier = to_kind(form, here.of, max(page.number - 1, 0))
    turn = pager(page.number, page.pages, earlier, to_kind(form, here.of, page.number + 1))
    add = [button(labels.add(form), StartThing(form=form.code, of=here.of))]
    back = back_to(_("Facts"), OpenFacts())
    if of:
        back = back_to(of, OpenThing(form=owner_of(form), id=here.of))
    return Screen(blocks([bold(title), none, look]), keyboard(*rows, turn, add, back))


def owner_of(form: Form) -> str:
    return next(code for code, listed_ in OF.items() if listed_ == form.code)


def listed(form: Form, one: Listed) -> Button:
    name = pick(one.name)
    if form.kind == "event":
        name = f"{one.row.local_start:%d.%m.%y} {name}"
    if form.kind == "donation_route":
        name = f"{name} · {words.pay_from(one.row.pay_from)}"
    return button(name, OpenThing(form=form.code, id=one.id))


def found(form: Form, text: str, hits: Sequence[Listed]) -> Screen:
    told = Markup(_("“{text}”:")).format(text=clipped(text, 60))
    none = None if hits else _("Nothing is called so. Type it otherwise.")
    rows = [[listed(form, one)] for one in hits]
    back = back_to(labels.plural(form), to_kind(form))
    return Screen(blocks([bold(told), none]), keyboard(*rows, back))


# One thing.


@dataclass(frozen=True, slots=True)
class Shown:
    """A thing, and what is around it."""

    known: Known
    may_remove: bool
    page: int
    """Of the list of all."""
    people: int = 0
    """Or ways to pay, that belong to it."""
    owner: int = 0
    """What it belongs to."""


def thing(shown: Shown, why: str | None = None, toast: str | None = None) -> Screen:
    known, form = shown.known, shown.known.form
    fields = [each for each in form.fields if order.is_open_now(known, each)]
    text = blocks([why, bold(name_of(known)), card(known), unseen(known)])
    each = [field_button(known, one) for one in fields]
    remove = [button(_("🗑 Remove"), AskToRemoveThing(form=form.code, id=known.id))]
    rows = [*columns(each, 2), around(shown), remove if shown.may_remove else []]
    return Screen(text, keyboard(*rows, back_to_list(form, shown.page)), toast=toast)


BY_CODE = {form.code: form for form in BY_KIND.values()}


def around(shown: Shown) -> Row:
    """A case's people, a person's case; so with a fundraiser and ways to pay."""
    known = shown.known
    if inner := OF.get(known.form.code):
        label = f"{labels.plural(BY_CODE[inner])} · {shown.people}"
        return [button(label, OpenThings(form=inner, of=known.id))]
    if not known.form.of:
        return []
    of = known.form.known[known.form.of]
    name = said.part(known, of, 0)
    return [button(f"‹ {name}", OpenThing(form=BY_KIND[of.kinds[0]].code, id=shown.owner))]


def back_to_list(form: Form, page: int = 0) -> Row:
    if form.code == "org":
        return back_to(_("Facts"), OpenFacts())
    return back_to(labels.plural(form), to_kind(form, page=page))


def name_of(known: Known) -> str:
    facts = known.facts
    name = said.text_of(facts.get("name") or facts.get("title") or facts.get("method"))
    return name or capital(terms.kinds()[known.form.kind])


def card(known: Known) -> Markup:
    """What is known of it, a line each; of what is new every language."""
    shown = [each for each in known.form.fields if order.is_filled(known.value(each))]
    if not known.is_new:
        shown = [each for each in shown if each.name not in ("name", "title")]
    read = in_each_language if known.is_new else said.part
    return lines(line(labels.label(known.form, each), read(known, each, 0)) for each in shown)


def in_full(known: Known) -> str:
    """Every word of it, for whoever answers for it."""
    return "\n".join(
        f"{labels.label(known.form, each)}: {whole_value(known, each)}"
        for each in known.form.fields
        if order.is_filled(known.value(each))
    )


def whole_value(known: Known, of: Field) -> str:
    if of.how == How.ITEMS:
        return "; ".join(said.item(known, of, one) for one in known.items(of))
    return in_each_language(known, of, 0)


def in_each_language(known: Known, of: Field, item: int) -> str:
    value = known.value(of, item)
    if of.how == How.TEXTS and isinstance(value, Mapping):
        return " / ".join(value.values())
    return said.part(known, of, item)


def line(label: str, value: str) -> Markup:
    return Markup("{}: {}").format(label, clipped(value, CLIPPED))


def unseen(known: Known) -> Markup | None:
    """What another room keeps."""
    if known.form.kind != "defendant" or known.is_new:
        return None
    facts = known.facts
    stays = facts.get("custody", [])
    place = said.text_of(known.names.get(("facility", stays[-1]["facility"]))) if stays else ""
    letters = facts.get("letters", {})
    forbidden = _("no letters") if letters.get("allowed") is False else ""
    country = facts.get("country", "")
    told = [words.status(facts["status"]), place, forbidden]
    if country:
        told.append(country_name(country))
    return line("📍 " + _("Where they are"), said.joined(told))


def field_button(known: Known, of: Field) -> Button:
    label = f"{order.mark(known, of)} {labels.label(known.form, of)}"
    return button(label, OpenField(form=known.form.code, id=known.id, field=of.name))


# A question.


@dataclass(frozen=True, slots=True)
class Asked:
    known: Known
    field: Field
    here: OpenField
    way: Way
    options: Sequence[Option] = ()
    chosen: Sequence[str] = ()
    zone: str = ""
    """By whose clock."""

    @property
    def value(self) -> Any:
        return self.known.value(self.field, self.here.item)


def ask(asked: Asked, why: str | None = None, toast: str | None = None) -> Screen:
    text = blocks(
        [
            why,
            lines([heading(asked), bold(title_of(asked))]),
            present(asked),
            lines([hint(asked), sample(asked)]),
        ]
    )
    rows = [*language_rows(asked), *option_rows(asked), *own_rows(asked), *ways(asked)]
    return Screen(text, keyboard(*rows), toast=toast)


def title_of(asked: Asked) -> str:
    """Of what is copied where one pays, which it is."""
    if asked.field.name == "value":
        return words.detail(asked.known.item(asked.field, asked.here.item)["kind"])
    return labels.label(asked.known.form, asked.field)


def heading(asked: Asked) -> str:
    """Which of so many questions it is, or of what."""
    way, form = asked.way, asked.known.form
    if not way.total:
        return name_of(asked.known)
    of = terms.kinds()[form.kind]
    if asked.here.item == NEW_ITEM:
        of = labels.label(form, asked.known.list_of(asked.field))
    return _("{what}: {n} of {total}").format(what=of, n=way.number, total=way.total)


def present(asked: Asked) -> Markup | None:
    """As it is; a text in every language that it has."""
    value = asked.value
    if not order.is_filled(value):
        return None
    if asked.field.how == How.TEXTS and isinstance(value, Mapping):
        each = [
            Markup("{}: {}").format(said.language_label(code), clipped(text, 400))
            for code, text in value.items()
        ]
        return lines(each)
    now = said.part(asked.known, asked.field, asked.here.item)
    return Markup(_("Now: {value}")).format(value=clipped(now, 400))


def hint(asked: Asked) -> str:
    of = asked.field
    if of.how == How.TEXTS:
        told = _("Type the text ({language}).")
        return told.format(language=terms.language_words(asked.here.language))
    if of.how == How.START:
        told = _("Type the day and the hour. The clock there: {zone}.")
        return told.format(zone=said.zone_name(asked.zone))
    if of.how == How.MONEY and of.key != "goal":
        return _("Type the sum and the currency.")
    return _hints()[of.how]


def _hints() -> dict[How, str]:
    return {
        How.TEXT: _("Type it."),
        How.LINES: _("Type all of them, a line each."),
        How.WORD: _("Choose one."),
        How.FLAG: _("Choose one."),
        How.ONE: _("Choose, or type a part of the name."),
        How.SEVERAL: _("Choose them, then press “Done”. To look for one, type its name."),
        How.LANGUAGES: _("Choose them, then press “Done”; or type them all, between commas."),
        How.COUNTRY: _("Choose, or type its name."),
        How.ZONE: _("Choose, or type a city where clocks go alike."),
        How.DAY: _("Type the day."),
        How.DAYS: _("Type all of these days, a line each."),
        How.PARTIAL: _("Type the day, or the month or year, as far as it is known."),
        How.BIRTHDAY: _("Type day and month, only if they agree to birthday letters."),
        How.CHECKED: _("Have you looked at it today, and is all of it right?"),
        How.WHOLE: _("Type a number."),
        How.NUMBER: _("Type a number."),
        How.MONEY: _("Type the sum and the currency; the currency alone if there is no goal."),
        How.LOCATION: _("Send the place (📎 → Location), or type two numbers."),
        How.LINK: _("Type or paste the link."),
    }


def sample(asked: Asked) -> str | None:
    if asked.here.language not in ("", language()):
        return None
    shown = labels.example(asked.known.form, asked.field)
    return _("For example: “{example}”").format(example=shown) if shown else None


def language_rows(asked: Asked) -> list[Row]:
    """✓ where there is a text, ○ where it is missing; the one that is asked for stands out."""
    if asked.field.how != How.TEXTS:
        return []
    value = asked.value if isinstance(asked.value, Mapping) else {}
    codes = [*dict.fromkeys([*languages_of(asked), *value])]
    if len(codes) < 2:
        return []
    return columns([language_button(asked, code, code in value) for code in codes], 2)


def languages_of(asked: Asked) -> list[str]:
    """Of a person also the names of documents."""
    codes = list(asked.known.languages)
    if asked.known.form.kind == "defendant" and asked.field.key == "name":
        return codes if asked.known.is_new else [*codes, *(code + FULL for code in codes)]
    return codes


def language_button(asked: Asked, code: str, is_there: bool) -> Button:
    mark = "✏️" if code == asked.here.language else "✓" if is_there else "○"
    target = asked.here.model_copy(update={"language": code, "page": 0})
    return button(f"{mark} {said.language_label(code)}", target)


def option_rows(asked: Asked) -> list[Row]:
    """Things page by page; words all at once."""
    options = [one for one in asked.options if len(one.value) <= LONGEST_VALUE]
    if not asked.field.kinds:
        return wide_or_narrow([option_button(asked, one) for one in options])
    page = sliced(options, asked.here.page, PAGE)
    number, here = page.number, asked.here
    earlier = here.model_copy(update={"page": max(number - 1, 0)})
    turn = pager(number, page.pages, earlier, here.model_copy(update={"page": number + 1}))
    return [*([option_button(asked, one)] for one in page.items), turn]


def wide_or_narrow(buttons: Sequence[Button]) -> list[Row]:
    longest = max((len(one.text) for one in buttons), default=0)
    return columns(buttons, 2 if longest <= NARROW else 1)


def option_button(asked: Asked, one: Option) -> Button:
    mark = "✓ " if one.said in asked.chosen else ""
    return button(mark + option_label(asked, one), picked(asked, one.value))


def option_label(asked: Asked, one: Option) -> str:
    if one.name is not None:
        return said.text_of(one.name)
    match asked.field.how:
        case How.LANGUAGES:
            return capital(language_name(one.said))
        case How.ZONE:
            return said.zone_name(one.said)
        case How.COUNTRY:
            return country_name(one.said)
        case How.WORD:
            return capital(said.word(asked.known, asked.field, one.said))
        case _:
            return words.code(one.said) if asked.field.name == "code" else one.said


def picked(asked: Asked, value: str) -> PickValue:
    return PickValue(
        form=asked.here.form,
        id=asked.here.id,
        field=asked.field.name,
        item=asked.here.item,
        value=value,
    )


def own_rows(asked: Asked) -> list[Row]:
    """Of some fields, beside the options."""
    match asked.field.how:
        case How.FLAG:
            both = [(_("Yes"), "yes"), (_("No"), "no")]
            return [[button(label, picked(asked, value)) for label, value in both]]
        case How.CHECKED:
            return [[button(_("✅ Yes, checked today"), picked(asked, "now"))]]
        case How.SEVERAL | How.LANGUAGES:
            return [[button(_("Done"), picked(asked, DONE))]]
        case How.DAY | How.PARTIAL:
            return [[button(_("Today"), picked(asked, "today"))]]
        case _:
            return []


def ways(asked: Asked) -> list[Row]:
    """Clear, on, back, cancel."""
    clear = [button(clear_label(asked), cleared(asked))] if may_clear(asked) else []
    way = asked.way
    on = _("Leave it so ›") if order.is_filled(shown_value(asked)) else _("Skip ›")
    onward = [button(on, way.onward)] if way.onward else []
    if way.back == way.cancel:
        return [clear, onward, [button(_("‹ Cancel"), way.back)]]
    back = [button(_("‹ Back"), way.back), button(_("✕ Cancel"), way.cancel)]
    return [clear, onward, back]


def shown_value(asked: Asked) -> Any:
    """Of a text that in the language asked for."""
    value, language = asked.value, asked.here.language
    return value.get(language) if isinstance(value, Mapping) and language else value


def may_clear(asked: Asked) -> bool:
    """One language of what is needed may go as long as another one stays."""
    if not order.is_filled(shown_value(asked)):
        return False
    others = isinstance(asked.value, Mapping) and asked.here.language and len(asked.value) > 1
    return asked.field.may_be_empty or bool(others)


def clear_label(asked: Asked) -> str:
    if asked.field.how == How.FLAG:
        return _("Not known")
    if asked.here.language and isinstance(asked.value, Mapping) and len(asked.value) > 1:
        name = said.language_label(asked.here.language)
        return _("🧹 Clear: {language}").format(language=name)
    return _("🧹 Clear")


def cleared(asked: Asked) -> ClearField:
    return ClearField(**asked.here.model_dump())


# Lists in a thing.


def items(asked: Asked, why: str | None = None, toast: str | None = None) -> Screen:
    """The newest entry of a timeline first."""
    known, of, here = asked.known, asked.field, asked.here
    found = known.items(of)
    numbers = list(range(1, len(found) + 1))
    if of.key == "timeline":
        numbers.reverse()
    page = sliced(numbers, here.page, PAGE)
    told = [Markup("• {}").format(item_line(known, of, found[n - 1])) for n in page.items]
    text = blocks(
        [
            why,
            lines([heading(asked), bold(labels.label(known.form, of))]),
            lines(told) if told else _("There is none yet."),
        ]
    )
    rows = [[item_button(known, of, here, n)] for n in page.items]
    earlier = here.model_copy(update={"page": max(page.number - 1, 0)})
    later = here.model_copy(update={"page": page.number + 1})
    turn = pager(page.number, page.pages, earlier, later)
    add = [button(_("➕ Add"), here.model_copy(update={"item": NEW_ITEM, "page": 0}))]
    on = _("Go on ›") if found else _("Skip ›")
    onward = [button(on, asked.way.onward)] if asked.way.onward else []
    return Screen(text, keyboard(*rows, turn, add, onward, *ways_of_list(asked)), toast=toast)


def ways_of_list(asked: Asked) -> list[Row]:
    way = asked.way
    if way.total:
        return [[button(_("‹ Back"), way.back), button(_("✕ Cancel"), way.cancel)]]
    return [back_to(name_of(asked.known), way.back)]


def item_line(known: Known, of: Field, one: Any) -> str:
    return clipped(said.item(known, of, one), CLIPPED)


def item_button(known: Known, of: Field, here: OpenField, number: int) -> Button:
    label = f"✏️ {item_line(known, of, known.items(of)[number - 1])}"
    return button(label, here.model_copy(update={"item": number, "page": 0}))


def item(asked: Asked, toast: str | None = None) -> Screen:
    known, of, here = asked.known, asked.field, asked.here
    parts = [
        line(labels.label(known.form, part), said.part(known, part, here.item))
        for part in of.parts
        if order.is_filled(known.value(part, here.item))
    ]
    each = [
        button(
            f"{order.mark(known, part, here.item)} {labels.label(known.form, part)}",
            here.model_copy(update={"field": part.name}),
        )
        for part in of.parts
    ]
    remove = [button(_("🗑 Remove it"), cleared(asked))]
    back = back_to(labels.label(known.form, of), here.model_copy(update={"item": 0}))
    heading_ = lines([name_of(known), bold(labels.label(known.form, of))])
    text = blocks([heading_, lines(parts)])
    return Screen(text, keyboard(*columns(each, 2), remove, back), toast=toast)


# What would change, and what did.


@dataclass(frozen=True, slots=True)
class Told:
    """What changes, and what that which it speaks of is called."""

    differences: Sequence[Difference]
    names: Names

    def of(self, one: Difference) -> list[str]:
        how = words_of_file.called(self.names)
        return [words_of_file.change(one.kind, each, how) for each in one.changes]

    def name_of(self, one: Difference) -> str:
        return words_of_file.named(one, words_of_file.called(self.names))


def proposal(
    known: Known,
    change: Change,
    told: Told,
    here: SaveThing,
    back: CallbackData,
    note: str | None = None,
) -> Screen:
    """`known`: as it is, or as it is being entered."""
    added = known.is_new
    would = _("This would be added") if added else _("This would change")
    own = card(known) if added else lines(own_changes(change, told))
    sure = are_checked(change) if change.checks else None
    text = blocks(
        [
            note,
            bold(would),
            lines([bold(name_of(known)), own]),
            lines(other_changes(change, told)) or None,
            sure,
        ]
    )
    save = _("✅ Yes, checked today: save") if change.checks else _("✅ Save")
    last = button(_("✕ Cancel"), to_kind(known.form) if added else to_thing(known))
    return Screen(text, keyboard([button(save, here)], [button(_("‹ Back"), back), last]))


def are_checked(change: Change) -> str:
    if change.kind == "fundraiser":
        return _("Have you looked at these ways to pay today, and is all of it right?")
    return _("Have you looked at it today, and is all of it right?")


def to_thing(known: Known) -> OpenThing:
    return OpenThing(form=known.form.code, id=known.id)


def own_changes(change: Change, told: Told) -> list[str]:
    return [
        capital(line)
        for one in told.differences
        if (one.kind, one.slug) == (change.kind, change.slug)
        for each, line in zip(one.changes, told.of(one), strict=True)
        if each.key != "checked_at" or "checked_at" in change.says
    ]


def other_changes(change: Change, told: Told) -> list[str]:
    """What changes with it, by its name."""
    return [
        f"{terms.kinds()[one.kind]} {told.name_of(one)}: " + "; ".join(told.of(one))
        for one in told.differences
        if (one.kind, one.slug) != (change.kind, change.slug)
    ]


@dataclass(frozen=True, slots=True)
class Saved:
    known: Known
    """As it is now."""
    version: int
    may_undo: bool
    gap: Step | None
    """What is still empty."""
    was_new: bool = False
    of: int = 0
    """What a new one belongs to; of a court: the case whose hearing it was entered for."""
    still: bool = False
    """Nothing is sent."""


def saved(done: Saved) -> Screen:
    known = done.known
    told = _("Saved. Those whom it concerns are told by themselves.")
    head = desk.done(_("Saved."), told, still=done.still)
    text = blocks([head, lines([bold(name_of(known)), card(known)])])
    form = known.form
    undo = [button(_("↩️ Undo"), AskToUndo(version=done.version))] if done.may_undo else []
    again = [button(clipped(name_of(known), 30), to_thing(known))]
    return Screen(
        text,
        keyboard(next_gap(known, done.gap), one_more(done), [*undo, *again], back_to_list(form)),
    )


def next_gap(known: Known, gap: Step | None) -> Row:
    """What is still empty, one tap away."""
    if gap is None:
        return []
    label = labels.label(known.form, gap.field)
    if gap.language:
        label = f"{label} · {said.language_label(gap.language)}"
    target = OpenField(
        form=known.form.code, id=known.id, field=gap.field.name, language=gap.language
    )
    return [button(_("Next: {field} ›").format(field=label), target)]


def one_more(done: Saved) -> Row:
    """A case goes on with its people, a fundraiser with its ways to pay, a court with the hearing
    for which it was entered."""
    form, of = done.known.form, done.of
    if not done.was_new:
        return []
    if form.code == "court" and of:
        hearing = NewHearing(case=of, court=done.known.id)
        return [button(_("🗓 Go on with the hearing"), hearing)]
    if form.code in OF:
        form, of = BY_CODE[OF[form.code]], done.known.id
    return [button(labels.add(form), StartThing(form=form.code, of=of))] if form.of else []


def removed(form: Form, name: str, version: int, *, still: bool) -> Screen:
    told = Markup(_("“{name}” is removed. Those whom it concerns are told.")).format(name=name)
    alone = Markup(_("“{name}” is removed.")).format(name=name)
    undo = [button(_("↩️ Undo"), AskToUndo(version=version))]
    return Screen(desk.done(alone, told, still=still), keyboard(undo, back_to_list(form)))


def ask_to_remove(known: Known) -> Screen:
    asked = labels.remove(known.form)
    no = button(_("No"), to_thing(known))
    yes = AskToRemoveThing(form=known.form.code, id=known.id, sure=True)
    text = bold(Markup(asked).format(name=name_of(known)))
    return Screen(text, keyboard([button(_("Yes, remove it"), yes), no]))


def ask_again_to_remove(known: Known, change: Change, told: Told, here: RemoveThing) -> Screen:
    sure = _("Supporters will not find it any more. Are you sure?")
    text = blocks(
        [
            bold(sure),
            lines([bold(name_of(known)), card(known)]),
            lines(other_changes(change, told)) or None,
        ]
    )
    no = button(_("No, keep it"), to_thing(known))
    return Screen(text, keyboard([button(_("🗑 Remove"), here), no]))


# What is wrong.


def refused(error: CampaignFileError) -> Markup:
    return beginning("⚠️ " + words_of_file.reasons(error, _in_the_chat()))


def _in_the_chat() -> dict[What, str]:
    """Where the words of the file would speak of the file."""
    return {
        What.NOT_YAML: _("There is a sign in it that cannot be kept."),
        What.MISSING: _("Something that must be given is missing."),
        What.IN_USE: _("It cannot be removed yet, because others refer to it: {by}."),
        What.NO_WAY_TO_PAY: _(
            "There is nothing to pay by yet: a link, or details such as a card or an IBAN."
        ),
        What.CURRENCY_MISSING: _("Nobody can tell in which currency: say first what the goal is."),
        What.BIK_MISSING: _("An account in Russia needs the bank's BIK beside it: add that first."),
        What.LINK_IN_WORDS: _(
            "“{found}” looks like a link or a number to pay to, and among words it would never "
            "lapse. Links and numbers have fields of their own under a fundraiser's ways to pay; "
            "anything else can be written otherwise, or left out."
        ),
        What.KIND_OF_HELD: _(
            "The address of “{found}”, who is held there, would not be shown any more: the status "
            "is {status}. Both change together only by a campaign file."
        ),
        What.EXCEPT_ANEW: _(
            "The days would be others, and these are left out: {days}. Clear “Except on” first."
        ),
        What.NO_DAY_LEFT: _("No day would be left on which it takes place."),
        What.LAST_TOO_LATE: _(
            "“{found}” is more than {limit} days ahead. Is the year right? What has no end has no "
            "last day."
        ),
    }


def unclear(error: Unclear) -> str:
    told = {
        "choose": _("Please choose with a button."),
        "moment": _("I do not understand “{text}”."),
        "day": _("“{text}” is not a day alone."),
        "year": _("With the year, please: nobody can tell which one “{text}” is of."),
        "both": _("Both the day and the hour, please."),
        "number": _("“{text}” is not a number."),
        "grouped": _("“{text}” may be read in two ways. Without the dot or comma, please."),
        "money": _("I do not understand “{text}”: the sum and the currency, please."),
        "currency": _("I do not know the currency “{text}”. Its code, please: RUB, EUR."),
        "location": _("“{text}” is not a place: two numbers, please."),
        "language": _("I do not know the language “{text}”."),
        "country": _("I do not know the country “{text}”."),
        "typed": _("Please type it."),
        "zone": _("I do not know the city “{text}”. A bigger one nearby, please."),
        "nothing": _("Nothing is called “{text}”."),
    }[error.what]
    return "⚠️ " + told.format(text=clipped(error.text, 80))


def as_it_was() -> str:
    return _("It is so already.")


def also_in(texts: Mapping[str, Any], missing: str) -> str:
    """An address changes in all its languages."""
    typed = [f"{said.language_label(code)}: {clipped(texts[code] or '—', 200)}" for code in texts]
    told = _("It changes in all languages together. What is it in this one: {language}?")
    return "\n".join([*typed, told.format(language=terms.language_words(missing))])
