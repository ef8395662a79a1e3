"""Donations: what for, and the ways to pay that are safe where the payer is."""

from datetime import date, datetime
from itertools import accumulate

from markupsafe import Markup

from bot.callbacks import (
    OpenAddress,
    OpenCase,
    OpenDefendant,
    OpenFundraiser,
    OpenFundraisers,
    OpenHearings,
    OpenLetters,
    OpenRoutes,
)
from bot.i18n import _, ago, day, money, pick
from bot.keyboards import Row, back_to, button, keyboard, link, pager, to_menu
from bot.markup import visible_length
from bot.screen import Screen
from bot.services.donations import Routing
from bot.services.pages import Page
from bot.views import words
from bot.views.parts import aged, ask, blocks, bold, capital, clipped, lines
from models import DonationRoute, Fundraiser, PayFrom

ROOM = 3600
"""UTF-16 units of a message that are for the routes."""
PLACES = (PayFrom.RUSSIA, PayFrom.ELSEWHERE)


def directory(
    page: Page[Fundraiser],
    case: int,
    defendant: int,
    is_here: bool,
    day_of: date | None,
    now: datetime,
) -> Screen:
    """`is_here`: they are of what was asked for; else whoever wants to give sees what is open."""
    elsewhere = None if is_here else _("No fundraiser is open here now. These are:")
    listed = (fundraiser_line(one) for one in page.items)
    text = blocks([bold(_("Donate")), elsewhere, aged(day_of, now), *listed])
    here = {"case": case, "defendant": defendant, "page": page.number}
    rows = [[button(pick(one.title), OpenFundraiser(id=one.id, **here))] for one in page.items]
    turn = pager(
        page.number,
        page.pages,
        OpenFundraisers(case=case, defendant=defendant, page=max(page.number - 1, 0)),
        OpenFundraisers(case=case, defendant=defendant, page=page.number + 1),
    )
    return Screen(text, keyboard(*rows, turn, came_from(case, defendant)))


def came_from(case: int, defendant: int) -> Row:
    if defendant:
        return back_to(_("Card"), OpenDefendant(id=defendant))
    return back_to(_("The case"), OpenCase(id=case)) if case else to_menu()


def nothing(case: int, defendant: int, is_reached: bool, contact: str | None) -> Screen:
    """`is_reached`: whether a letter reaches them now, or anybody where all is asked for."""
    told = Markup(_("No fundraiser is open now."))
    by_letter = _("A letter helps, too, and so does coming to court.")
    instead = by_letter if is_reached else _("Coming to court helps, too.")
    letter = write(defendant) if is_reached else []
    court = button(_("🗓 Hearings"), OpenHearings(case=case, defendant=defendant))
    text = lines([told, instead, None if is_reached else ask(contact)])
    return Screen(text, keyboard([*letter, court], came_from(case, defendant)))


def write(defendant: int = 0) -> Row:
    target = OpenAddress(id=defendant) if defendant else OpenLetters()
    return [button(_("✉️ Write a letter"), target)]


def fundraiser_line(fundraiser: Fundraiser) -> Markup:
    return lines([bold(clipped(pick(fundraiser.title), 150)), *facts(fundraiser)])


def facts(fundraiser: Fundraiser) -> list[Markup]:
    told = [Markup(_("For: {purpose}")).format(purpose=words.purpose(fundraiser.purpose))]
    if fundraiser.goal and fundraiser.currency:
        told.append(progress(fundraiser))
    if fundraiser.closes:
        told.append(Markup(_("Open until {date}")).format(date=day(fundraiser.closes)))
    return told


def progress(fundraiser: Fundraiser) -> Markup:
    goal, raised = fundraiser.goal, fundraiser.raised
    currency = fundraiser.currency or ""
    if goal is None:
        return Markup("")
    if raised is None:
        return Markup(_("Goal: {goal}")).format(goal=money(goal, currency))
    return Markup(_("{raised} of {goal}")).format(
        raised=money(raised, currency), goal=money(goal, currency)
    )


def ask_place(fundraiser: Fundraiser, here: OpenFundraiser) -> Screen:
    text = blocks(
        [
            fundraiser_line(fundraiser),
            bold(_("Where will you pay from?")),
            Markup(_("We show only what is safe there. Your answer is not kept.")),
        ]
    )
    places = [
        button(capital(words.pay_from(place)), OpenRoutes(pay_from=place, **here.model_dump()))
        for place in PLACES
    ]
    listed = OpenFundraisers(**here.model_dump(exclude={"id"}))
    return Screen(text, keyboard(places, back_to(_("Fundraisers"), listed)))


def routes(
    routing: Routing, now: datetime, here: OpenRoutes, contact: str | None, is_reached: bool
) -> Screen:
    fundraiser = routing.fundraiser
    heading = lines(
        [bold(pick(fundraiser.title)), Markup(capital(words.pay_from(routing.pay_from)))]
    )
    back = back_to(_("Back"), OpenFundraiser(**here.model_dump(exclude={"pay_from"})))
    if not routing.routes:
        none = _("No way to pay from there is confirmed as safe right now. Please come back later.")
        help_else = write() if is_reached else []
        return Screen(blocks([heading, Markup(none), ask(contact)]), keyboard(help_else, back))
    shown = whole_blocks([(one, route(one, now)) for one in routing.routes])
    text = blocks([heading, *(block for _one, block in shown)])
    links = [[link(pick(one.method), one.url)] for one, _block in shown]
    return Screen(text, keyboard(*links, back))


def whole_blocks(
    blocks_of: list[tuple[DonationRoute, Markup]],
) -> list[tuple[DonationRoute, Markup]]:
    """As many as one message takes with all their warnings: no link without its warning."""
    lengths = accumulate(visible_length(block) + 2 for _one, block in blocks_of)
    return [pair for pair, length in zip(blocks_of, lengths, strict=True) if length <= ROOM]


def route(route: DonationRoute, now: datetime) -> Markup:
    """What to beware of stands before the link."""
    warnings = (pick(route.not_for), pick(route.warning))
    return lines(
        [
            bold(pick(route.method)),
            *(Markup("⚠️ {}").format(clipped(warning, 300)) for warning in warnings if warning),
            Markup(_("Legal status: {status}")).format(
                status=clipped(pick(route.legal_status), 300)
            ),
            Markup(_("Checked {when}")).format(when=ago(route.checked_at, now)),
            route.url,
        ]
    )
