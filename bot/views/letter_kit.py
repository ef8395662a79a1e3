"""The letter kit's screens: whom it is for, and what is printed."""

from markupsafe import Markup

from bot.callbacks import (
    OpenEvent,
    OpenKitLabels,
    OpenKitPeople,
    OpenLetterKit,
    OpenLetters,
    PrintKit,
    SwitchKitPeople,
    SwitchKitPerson,
)
from bot.documents.letter_kit import ENVELOPES, SHEETS
from bot.i18n import _, ngettext, number, pick
from bot.keyboards import Button, Row, back_to, button, keyboard, pager
from bot.markup import cut
from bot.screen import Screen
from bot.services.letter_kit import AT_MOST, Kit, LeftOut
from bot.services.pages import Page
from bot.views.letters import because
from bot.views.parts import blocks, bold, lines, person
from models import Defendant

NAMED = 12
CAPTION = 1024
"""The longest text under a document (Bot API, sendDocument)."""
CARDS, TABLE = "cards", "csv"


def kit(kit: Kit, toast: str | None = None) -> Screen:
    """`toast`: why it was not printed."""
    text = blocks(
        [
            lines([bold(_("Letter kit")), pick(kit.event.title) if kit.event else None]),
            whom(kit),
            left_out(kit.left_out),
            Markup(_("What shall be printed?")) if kit.people else None,
        ]
    )
    event_id = event_of(kit)
    choose = button(_("👥 Choose people"), OpenKitPeople(event=event_id))
    rows = printing(kit) if kit.people else []
    return Screen(text, keyboard(*rows, [choose], back(kit)), toast=toast)


def event_of(kit: Kit) -> int:
    return kit.event.id if kit.event else 0


def back(kit: Kit) -> Row:
    if kit.event:
        return back_to(_("Back"), OpenEvent(id=kit.event.id))
    return back_to(_("Whom to write to"), OpenLetters())


def whom(kit: Kit) -> Markup:
    if not kit.people:
        return Markup(_("There is nobody in it yet to whom one can write now. Choose people."))
    names = [person(one.defendant) for one in kit.people]
    told = ngettext("For {n} person: {names}", "For {n} people: {names}", len(names))
    more = len(names) - NAMED
    said = ", ".join(names[:NAMED]) + (" " + _("and {n} more").format(n=more) if more > 0 else "")
    first = Markup(told).format(n=len(names), names=said)
    return lines([first, full() if kit.too_many else None])


def full() -> str:
    told = ngettext(
        "A kit holds {n} person: make another one for the others.",
        "A kit holds {n} people: make another one for the others.",
        AT_MOST,
    )
    return told.format(n=AT_MOST)


def left_out(people: list[LeftOut]) -> Markup | None:
    if not people:
        return None
    listed = [Markup("• {}: {}").format(person(one.defendant), because(one.mail)) for one in people]
    more = len(listed) - NAMED
    rest = _("and {n} more").format(n=more) if more > 0 else None
    return lines([_("Left out, for nobody can write to them now:"), *listed[:NAMED], rest])


def printing(kit: Kit) -> list[Row]:
    def one(label: str, what: str) -> Button:
        return button(label, PrintKit(event=event_of(kit), what=what, seen=kit.mark))

    return [
        [one(_("📄 Cover and cards"), CARDS)],
        [button(_("🏷 Labels"), OpenKitLabels(event=event_of(kit)))],
        [one(_("✉️ Envelopes {size}").format(size=size), size) for size in ENVELOPES],
        [one(_("📊 Table (CSV)"), TABLE)],
    ]


def sheets(kit: Kit) -> Screen:
    text = blocks(
        [
            bold(_("Labels")),
            Markup(_("Which sheets do you have? The size of a label is on their box.")),
        ]
    )
    rows = [
        [
            button(
                f"{sheet_grid(key)} · {label_size(key)}",
                PrintKit(event=event_of(kit), what=key, seen=kit.mark),
            )
        ]
        for key in SHEETS
    ]
    here = OpenLetterKit(event=event_of(kit))
    return Screen(text, keyboard(*rows, back_to(_("Letter kit"), here)))


def sheet_grid(key: str) -> str:
    return f"{SHEETS[key].columns} × {SHEETS[key].rows}"


def label_size(key: str) -> str:
    sheet = SHEETS[key]
    size = f"{number(sheet.width)} × {number(sheet.height)}"
    return _("{size} mm").format(size=size)


def choice(page: Page[Defendant], kit: Kit, writable: set[int], toast: str | None = None) -> Screen:
    """`writable`: who of the page has an address now."""
    event_id, chosen = event_of(kit), {one.defendant.id for one in kit.people}
    counted = ngettext("{n} person is chosen.", "{n} people are chosen.", len(chosen))
    text = blocks(
        [
            bold(_("Whom shall the kit be for?")),
            counted.format(n=len(chosen)),
            Markup(_("📭 Nobody can write to them now."))
            if len(writable) < len(page.items)
            else None,
        ]
    )
    people = [[switch(one, page, event_id, chosen, writable)] for one in page.items]
    turn = pager(
        page.number,
        page.pages,
        OpenKitPeople(event=event_id, page=max(page.number - 1, 0)),
        OpenKitPeople(event=event_id, page=page.number + 1),
    )
    here = {"event": event_id, "page": page.number}
    all_of_them = [
        button(_("Everybody"), SwitchKitPeople(**here, on=True)),
        button(_("Nobody"), SwitchKitPeople(**here, on=False)),
    ]
    done = back_to(_("Letter kit"), OpenLetterKit(event=event_id))
    return Screen(text, keyboard(*people, turn, all_of_them, done), toast=toast)


def switch(
    one: Defendant, page: Page[Defendant], event_id: int, chosen: set[int], writable: set[int]
) -> Button:
    mark = ("✅" if one.id in chosen else "▫️") if one.id in writable else "📭"
    on = one.id not in chosen
    target = SwitchKitPerson(event=event_id, page=page.number, id=one.id, on=on)
    return button(f"{mark} {person(one)}", target)


def cannot_choose() -> str:
    return _("Nobody can write to them now.")


def others_meanwhile() -> str:
    return _("Others are chosen now. Look, then press again.")


def busy() -> str:
    return _("Many kits are being made. Please try in a minute.")


def making(kit: Kit, is_in_line: bool) -> Screen:
    told = ngettext(
        "⏳ Making it for {n} person…", "⏳ Making it for {n} people…", len(kit.people)
    ).format(n=len(kit.people))
    wait = _("Others came before: it takes some seconds longer.") if is_in_line else None
    return Screen(lines([bold(_("Letter kit")), told, wait]))


def file_name(kit: Kit, what: str) -> str:
    """Latin letters: some printers' telephones know no others."""
    whose = kit.event.slug if kit.event else "letters"
    kinds = {CARDS: "cards.pdf", TABLE: "table.csv"}
    kind = kinds.get(what) or f"{'envelopes' if what in ENVELOPES else 'labels'}-{what}.pdf"
    return f"{whose}-{kind}"


def caption(kit: Kit, what: str) -> Markup:
    people = ngettext("{n} person", "{n} people", len(kit.people)).format(n=len(kit.people))
    told = blocks(
        [Markup("{}: {}").format(heading(what), people), advice(what), left_out(kit.left_out)]
    )
    return cut(told, CAPTION)


def heading(what: str) -> Markup:
    if what in SHEETS:
        told = _("🏷 Labels {grid}, {size}").format(grid=sheet_grid(what), size=label_size(what))
    elif what in ENVELOPES:
        told = _("✉️ Envelopes {size}").format(size=what)
    else:
        told = {CARDS: _("📄 Cover and cards"), TABLE: _("📊 Table (CSV)")}[what]
    return bold(told)


def advice(what: str) -> str:
    if what in SHEETS:
        return _(
            "Print at 100 %, not “fit to page”, and first on plain paper. The last sheet is filled "
            "up with the same addresses."
        )
    if what in ENVELOPES:
        return _(
            "Print at 100 %, on envelopes of this size. The lines at the upper left are for a "
            "return address: the prison sees it, so write one only if you want an answer."
        )
    if what == TABLE:
        return _("Opens in Excel, LibreOffice and the like.")
    return _("For A4, black on white. Each person has a page; the address is right as of today.")
