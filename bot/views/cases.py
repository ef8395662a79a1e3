"""Cases: the directory and the card."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup

from bot.callbacks import (
    FollowCase,
    OpenCase,
    OpenCases,
    OpenDefendant,
    OpenFundraisers,
    OpenHearings,
    OpenStages,
)
from bot.i18n import _, ngettext, number, pick
from bot.keyboards import back_to, button, keyboard, pager, share, to_ask, to_menu
from bot.screen import Screen
from bot.services.cases import CaseCard
from bot.services.follows import Following
from bot.services.pages import Page, sliced
from bot.views import words
from bot.views.dossier import charges, standing, timeline, who
from bot.views.hearings import next_line
from bot.views.letters import write_button
from bot.views.parts import (
    aged,
    as_of,
    blocks,
    bold,
    capital,
    clipped,
    follow_label,
    followed_within,
    lines,
    person,
    title,
)
from models import Case, Defendant, Stage

PEOPLE = 8


def directory(page: Page[Case], stage: Stage | Literal[""], is_private: bool = True) -> Screen:
    if not page.items:
        return Screen(Markup(_("There are no cases here yet.")), keyboard(to_menu()))
    heading = capital(words.stage(stage)) if stage else _("Cases")
    text = blocks(
        [
            Markup("{} · {}").format(bold(heading), page.total),
            _("Choose a case, or just type a name.") if is_private else _("Choose a case:"),
        ]
    )
    rows = [
        [button(title(case), OpenCase(id=case.id, stage=stage, listed=page.number))]
        for case in page.items
    ]
    turn = pager(
        page.number,
        page.pages,
        OpenCases(stage=stage, page=max(page.number - 1, 0)),
        OpenCases(stage=stage, page=page.number + 1),
    )
    return Screen(text, keyboard(*rows, turn, [button(_("By stage"), OpenStages())], to_menu()))


def stages(counts: Sequence[tuple[Stage, int]]) -> Screen:
    rows = [
        [button(f"{capital(words.stage(stage))} · {total}", OpenCases(stage=stage))]
        for stage, total in counts
    ]
    return Screen(bold(_("Cases by stage")), keyboard(*rows, back_to(_("All cases"), OpenCases())))


def opened(card: CaseCard) -> OpenCase:
    """As if chosen from the list of all cases."""
    return OpenCase(id=card.case.id)


def card(
    card: CaseCard, here: OpenCase, now: datetime, timezone: str | None, following: Following
) -> Screen:
    case = card.case
    people = sliced(case.defendants, here.page, PEOPLE)
    text = blocks(
        [
            aged(card.as_of, now),
            heading(case),
            Markup(clipped(pick(case.summary))),
            people_block(people, now),
            charges(case),
            next_line(card.next_hearing, case, now, timezone, following.will_be_told),
            timeline(case.timeline, case.defendants if people.total > 1 else ()),
            as_of(card.as_of, now),
            followed_within(following),
        ]
    )
    return Screen(text, card_keyboard(case, people, here, now, following))


def heading(case: Case) -> Markup:
    also = pick(case.also)
    size = [
        people_in_case(case),
        volumes(case),
    ]
    return lines(
        [
            bold(title(case)),
            Markup(_("also: {name}")).format(name=also) if also else None,
            stage(case),
            Markup(" · ").join(part for part in size if part),
        ]
    )


def stage(case: Case) -> str:
    told = words.stage(case.stage)
    return capital(told) if case.stage == Stage.UNKNOWN else _("Stage: {stage}").format(stage=told)


def people_in_case(case: Case) -> str:
    total = case.people_in_case
    if not total:
        return ""
    said = ngettext("{n} person in the case", "{n} people in the case", total)
    return said.format(n=number(total))


def volumes(case: Case) -> str:
    total = case.volumes
    if not total:
        return ""
    return ngettext("{n} volume", "{n} volumes", total).format(n=number(total))


def people_block(people: Page[Defendant], now: datetime) -> Markup:
    if people.total == 1:
        return lines([who(people.items[0]), standing(people.items[0], now)])
    listed = lines(person_line(defendant) for defendant in people.items)
    many = ngettext("{n} defendant", "{n} defendants", people.total).format(n=people.total)
    return lines([bold(many), listed])


def person_line(defendant: Defendant) -> Markup:
    """What tells one from another: name, who, where."""
    about = clipped(pick(defendant.who), 100)
    place = words.status(defendant.status)
    return Markup("👤 {} — {}; {}").format(bold(person(defendant)), about, place)


def card_keyboard(
    case: Case, people: Page[Defendant], here: OpenCase, now: datetime, following: Following
) -> InlineKeyboardMarkup:
    target = FollowCase(**here.model_dump(), on=not following.is_on)
    follow = button(follow_label(following), target)
    hearings = button(_("🗓 Hearings"), OpenHearings(case=case.id))
    donate = button(_("❤️ Donate"), OpenFundraisers(case=case.id))
    sharing = share(_("↗️ Share"), title(case))
    ask = [to_ask(case=case.id)]
    came_from = capital(words.stage(here.stage)) if here.stage else _("Cases")
    back = back_to(came_from, OpenCases(stage=here.stage, page=here.listed))
    if people.total == 1:
        write = write_button(people.items[0], now)
        return keyboard([follow], [*write, donate], [hearings, sharing], ask, back)
    rows = [[button(person(one), OpenDefendant(id=one.id))] for one in people.items]
    turn = pager(
        people.number,
        people.pages,
        here.model_copy(update={"page": max(people.number - 1, 0)}),
        here.model_copy(update={"page": people.number + 1}),
    )
    return keyboard(*rows, turn, [follow], [hearings, donate], [sharing], ask, back)
