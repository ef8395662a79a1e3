"""Donations: what for, and the ways to pay that are safe where the payer is."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from urllib.parse import urlsplit

from markupsafe import Markup

from bot.callbacks import (
    AskPlace,
    OpenAddress,
    OpenCase,
    OpenDefendant,
    OpenFundraiser,
    OpenFundraisers,
    OpenHearings,
    OpenLetters,
    OpenRoute,
    OpenRoutes,
    OpenSettings,
    SendFigures,
    SendRouteCode,
    SetRemembered,
)
from bot.documents.chart import Chart
from bot.i18n import _, ago, date_time, day, money, ngettext, number, pick, zone_and_offset
from bot.keyboards import Button, Row, back_to, button, copy, keyboard, link, pager, to_menu
from bot.screen import Screen
from bot.services.donations import PLACES, Routing
from bot.services.lapsing import Lapsing, Stage
from bot.services.pages import Page
from bot.services.payment_details import Detail, Scanned, grouped, scanned
from bot.views import words
from bot.views.parts import aged, ask, bar, blocks, bold, capital, clipped, italic, lines
from bot.views.share import deep_link
from models import Closing, DonationRoute, Fundraiser, Subscriber


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
    listed = (fundraiser_line(one, now.date()) for one in page.items)
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
        return back_to(_("The person"), OpenDefendant(id=defendant))
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


def fundraiser_line(fundraiser: Fundraiser, today: date) -> Markup:
    return lines([bold(clipped(pick(fundraiser.title), 150)), *facts(fundraiser, today)])


def facts(fundraiser: Fundraiser, today: date) -> list[Markup | str | None]:
    return [
        Markup(_("For: {purpose}")).format(purpose=words.purpose(fundraiser.purpose)),
        *progress(fundraiser),
        days_left(fundraiser.closes, today) if fundraiser.closes else None,
    ]


def progress(fundraiser: Fundraiser) -> list[Markup | str]:
    """Each in its own currency: sums of several would tell nobody anything."""
    goal, raised = fundraiser.goal, fundraiser.raised
    if not fundraiser.currency:
        return []
    shown = partial(money, currency=fundraiser.currency)
    if raised is None:
        return [Markup(_("Goal: {goal}")).format(goal=shown(goal))] if goal else []
    if not goal:
        return [Markup(_("Raised: {raised}")).format(raised=shown(raised))]
    told = Markup(_("{raised} of {goal}")).format(raised=shown(raised), goal=shown(goal))
    return [told, bar(raised, goal)]


def days_left(closes: date, today: date) -> Markup:
    left = (closes - today).days
    told = _("today is the last day")
    if left > 0:
        told = ngettext("{n} day left", "{n} days left", left).format(n=left)
    return Markup(_("Open until {date}: {left}")).format(date=day(closes), left=told)


# Where from.


def ask_place(
    fundraiser: Fundraiser, here: OpenFundraiser, now: datetime, has_past: bool
) -> Screen:
    """`has_past`: whether there is a picture of how it grew."""
    text = blocks(
        [
            fundraiser_line(fundraiser, now.date()),
            bold(_("Where will you pay from?")),
            Markup(_("We show only what is safe there. This answer is not kept.")),
        ]
    )
    places = [
        button(capital(words.pay_from(place)), OpenRoutes(pay_from=place, **here.model_dump()))
        for place in PLACES
    ]
    grown = [button(_("📈 How it grew"), SendFigures(id=fundraiser.id))] if has_past else []
    return Screen(text, keyboard(places, grown, back_to(_("Fundraisers"), listed(here))))


def listed(here: OpenFundraiser | OpenRoutes) -> OpenFundraisers:
    return OpenFundraisers(case=here.case, defendant=here.defendant, page=here.page)


def in_group(fundraiser: Fundraiser, here: OpenFundraiser, username: str, now: datetime) -> Screen:
    """What somebody may use, and where they are, is nobody else's business."""
    told = Markup(_("How to pay is shown only in a private chat: there nobody sees your choice."))
    private = link(_("❤️ Open in private"), deep_link(username, fundraiser))
    text = blocks([fundraiser_line(fundraiser, now.date()), told])
    return Screen(text, keyboard([private], back_to(_("Fundraisers"), listed(here))))


def closed(fundraiser: Fundraiser, why: Closing) -> Screen:
    others = button(_("❤️ Other fundraisers"), OpenFundraisers())
    text = blocks([bold(pick(fundraiser.title)), *ended(fundraiser, why)])
    return Screen(text, keyboard([others], to_menu()))


def ended(fundraiser: Fundraiser, why: Closing) -> list[Markup | str | None]:
    """With thanks, and the total."""
    told = {
        Closing.REACHED: _("🎉 The goal is reached. Thank you!"),
        Closing.OVER: _("This fundraiser is over. Thank you!"),
        Closing.CANCELLED: _(
            "This fundraiser was called off. Thank you; please send nothing more."
        ),
    }[why]
    raised, currency = fundraiser.raised, fundraiser.currency
    if not raised or not currency:
        return [told]
    total = Markup(_("Raised together: {raised}")).format(raised=bold(money(raised, currency)))
    return [told, total]


# Ways to pay.


def routes(routing: Routing, now: datetime, here: OpenRoutes) -> Screen:
    """Of one only itself; several to choose from, each with what to beware of."""
    if len(routing.routes) == 1:
        return one_route(routing, routing.routes[0], now, here)
    text = blocks(
        [
            heading(routing),
            bold(_("How do you want to pay?")),
            *(beware(one, 150) for one in routing.routes[:SHOWN]),
        ]
    )
    ways = [[button(pick(one.method), route_of(one, here))] for one in routing.routes[:MOST]]
    return Screen(text, keyboard(*ways, ways_back(here)))


SHOWN, MOST = 12, 90
"""Ways to pay from one place that are described, and that have a button."""


def heading(routing: Routing) -> Markup:
    title = bold(clipped(pick(routing.fundraiser.title), 150))
    place = capital(words.pay_from(routing.pay_from)) if routing.pay_from in PLACES else None
    return lines([title, *progress(routing.fundraiser), place])


def route_of(route: DonationRoute, here: OpenRoutes) -> OpenRoute:
    return OpenRoute(route=route.id, **here.model_dump())


def ways_back(here: OpenRoutes) -> Row:
    """To the question, though an answer is remembered."""
    return back_to(_("Back"), AskPlace(**here.model_dump(exclude={"pay_from"})))


def no_route(routing: Routing, here: OpenRoutes, contact: str | None, is_reached: bool) -> Screen:
    """What else helps: a letter, if anybody can be written to, and a hearing to go to."""
    fundraiser = routing.fundraiser
    none = Markup(
        _("No way to pay from there is confirmed as safe right now. Please come back later.")
        if routing.pay_from in PLACES
        else _("No way to pay is confirmed as safe right now. Please come back later.")
    )
    by_letter = _("A letter helps, too, and so does coming to court.")
    instead = by_letter if is_reached else _("Coming to court helps, too.")
    court = button(_("🗓 Hearings"), OpenHearings(**routing.whose))
    letter = write(fundraiser.defendant_id or 0) if is_reached else []
    text = blocks([heading(routing), none, instead, ask(contact)])
    back = (
        ways_back(here) if routing.pay_from in PLACES else back_to(_("Fundraisers"), listed(here))
    )
    return Screen(text, keyboard([*letter, court], back))


def being_checked() -> str:
    return _("This way to pay is being checked right now, and not shown until that is done.")


def one_route(
    routing: Routing,
    route: DonationRoute,
    now: datetime,
    here: OpenRoutes,
) -> Screen:
    text = blocks(
        [
            heading(routing),
            lines([beware(route, 300), *vouched(route, now)]),
            lines([route.url, *(detail(one) for one in route.details or [])]),
            italic(_("This is hidden again in half an hour.")),
        ]
    )
    pay = [link(f"🔗 {urlsplit(route.url).netloc}", route.url)] if route.url else []
    copies = [[copied(one)] for one in route.details or []]
    is_scanned = scanned(route.url, route.details or []) is not None
    send = SendRouteCode(**route_of(route, here).model_dump())
    code = [button(_("▦ QR code"), send)] if is_scanned else []
    is_one_of = len(routing.routes) > 1
    back = back_to(_("Other ways"), here) if is_one_of else ways_back(here)
    return Screen(text, keyboard(pay, *copies, code, back))


def hidden(fundraiser: Fundraiser) -> Screen:
    """What stands where somebody has looked; not at what."""
    told = _("🔒 Hidden again, so that nobody finds it here and you always see what is checked.")
    again = button(_("❤️ Show again"), OpenFundraiser(id=fundraiser.id))
    return Screen(Markup(told), keyboard([again], to_menu()))


def beware(route: DonationRoute, limit: int) -> Markup:
    """Before any link: who must not use it, and what to mind."""
    marked = (("⛔", route.not_for), ("⚠️", route.warning))
    told = [
        Markup("{} {}").format(sign, clipped(pick(text), limit)) for sign, text in marked if text
    ]
    return lines([bold(clipped(pick(route.method), 150)), *told])


def vouched(route: DonationRoute, now: datetime) -> list[Markup]:
    status = Markup(_("Legal status: {status}")).format(
        status=clipped(pick(route.legal_status), 300)
    )
    return [status, Markup(_("Checked {when}")).format(when=ago(route.checked_at, now))]


def detail(one: Detail) -> Markup:
    """A tap copies what stands in <code>."""
    shown = Markup("<code>{}</code>").format(grouped(one["kind"], one["value"]))
    return Markup("{}: {}").format(words.detail(one["kind"]), shown)


def host(url: str) -> Markup:
    """To be compared. Telegram would make of a bare one a link to something else: without https,
    and to the site's first page."""
    return Markup("<code>{}</code>").format(urlsplit(url).netloc)


def copied(one: Detail) -> Button:
    return copy(f"📋 {words.detail(one['kind'])}", one["value"])


def code_caption(routing: Routing, route: DonationRoute, code: Scanned) -> Markup:
    """With what whoever scans it is to see in their program."""
    title = bold(clipped(pick(routing.fundraiser.title), 150))
    payee = detail(code.payee) if code.payee else host(code.said)
    return blocks([title, beware(route, 300), payee])


def chart(fundraiser: Fundraiser, points: Sequence[tuple[date, Decimal]]) -> Chart:
    currency = fundraiser.currency
    shown = partial(money, currency=currency) if currency else number
    return Chart(pick(fundraiser.title), points, fundraiser.goal, shown, day)


def busy() -> str:
    return _("Many pictures are being made. Please try in a minute.")


def figures_caption(fundraiser: Fundraiser, today: date) -> Markup:
    if why := fundraiser.closing(today):
        return blocks([bold(clipped(pick(fundraiser.title), 150)), *ended(fundraiser, why)])
    return fundraiser_line(fundraiser, today)


# Where from, remembered.


def ask_remembered(person: Subscriber) -> Screen:
    text = blocks(
        [
            bold(_("Where I pay from")),
            _("You can be asked each time, and nothing is kept; that is the safest."),
            _("Remembered, it spares you a question, and whoever holds your telephone sees it."),
        ]
    )
    chosen = person.pay_from or ""
    choices = [("", _("Ask each time")), *((one, capital(words.pay_from(one))) for one in PLACES)]
    rows = [
        [button("✓ " * (place == chosen) + label, SetRemembered(pay_from=place))]
        for place, label in choices
    ]
    return Screen(text, keyboard(*rows, back_to(_("Settings"), OpenSettings())))


# To be checked again: for those who keep the facts.


def to_check(found: Sequence[Lapsing], now: datetime) -> Markup:
    """Without any link: it is to be looked up where it was checked first."""
    shown = [to_check_line(one, now) for one in found[:TO_CHECK]]
    more = len(found) - TO_CHECK
    left = _("… and {n} more").format(n=more) if more > 0 else None
    what_to_do = _(
        "Look at each one again, and import a campaign file with its new checked_at. What lapses "
        "is shown to nobody."
    )
    return blocks([bold(_("🔎 Ways to pay are to be checked again")), *shown, left, what_to_do])


TO_CHECK = 20


def to_check_line(one: Lapsing, now: datetime) -> Markup:
    when = _("lapses on {moment}")
    if one.stage is Stage.LAPSED:
        when = _("lapsed on {moment}, and is shown no more")
    local = one.route.lapses_at.astimezone(now.tzinfo)
    moment = f"{date_time(local)} ({zone_and_offset(local)})"
    name = f"{clipped(pick(one.route.method), 100)} ({one.route.slug})"
    title = clipped(pick(one.fundraiser.title), 100)
    return lines([bold(name), title, Markup(when).format(moment=moment)])
