"""What kinds of things and their fields are called, and how each may look."""

from bot.i18n import _
from bot.services.forms.fields import Field, Form


def plural(form: Form) -> str:
    return {
        "case": _("Cases"),
        "who": _("People"),
        "court": _("Courts"),
        "place": _("Places of custody"),
        "event": _("Events"),
        "goal": _("Goals of letters"),
        "fund": _("Fundraisers"),
        "route": _("Ways to pay"),
        "org": _("Organisation"),
    }[form.code]


def add(form: Form) -> str:
    return {
        "case": _("➕ A new case"),
        "who": _("➕ A new person"),
        "court": _("➕ A new court"),
        "place": _("➕ A new place"),
        "event": _("➕ A new event"),
        "goal": _("➕ A new goal"),
        "fund": _("➕ A new fundraiser"),
        "route": _("➕ A new way to pay"),
    }[form.code]


def remove(form: Form) -> str:
    """With the name of what goes."""
    return {
        "case": _("Remove the case “{name}”?"),
        "who": _("Remove “{name}” from the case?"),
        "court": _("Remove the court “{name}”?"),
        "place": _("Remove the place “{name}”?"),
        "event": _("Remove the event “{name}”?"),
        "goal": _("Remove the goal “{name}”?"),
        "fund": _("Remove the fundraiser “{name}”?"),
        "route": _("Remove the way to pay “{name}”?"),
    }[form.code]


def label(form: Form, of: Field) -> str:
    """Short: two stand beside each other on a telephone."""
    return _of_form().get((form.code, of.name)) or _usual()[of.name]


def _of_form() -> dict[tuple[str, str], str]:
    return {
        ("org", "raised"): _("Raised in a year"),
        ("org", "languages"): _("Languages of the bot"),
        ("place", "languages"): _("Letters in"),
        ("place", "kind"): _("Kind of place"),
        ("who", "languages"): _("Reads letters in"),
        ("who", "name"): _("Name"),
        ("who", "who"): _("Who it is"),
        ("who", "since"): _("Sentence since"),
        ("event", "kind"): _("Kind of event"),
        ("event", "until"): _("Repeats until"),
        ("event", "status"): _("On or off"),
        ("goal", "since"): _("Counted since"),
        ("goal", "until"): _("Counted until"),
        ("fund", "status"): _("Open or cancelled"),
    }


def _usual() -> dict[str, str]:
    return {
        "about": _("Description"),
        "address": _("Address"),
        "aliases": _("Other names"),
        "also": _("Also called"),
        "article": _("Article"),
        "articles": _("Charges"),
        "as_of": _("Facts as of"),
        "birth_year": _("Year of birth"),
        "birthday": _("Birthday"),
        "campaign": _("Campaign"),
        "campaigns": _("Campaigns"),
        "capacity": _("Seats"),
        "case": _("Case"),
        "checked_at": _("Checked"),
        "city": _("City"),
        "closes": _("Last day"),
        "code": _("Code of law"),
        "confirm": _("Confirm every … days"),
        "contact": _("Contact"),
        "country": _("Country"),
        "court": _("Court"),
        "days": _("Days on the way"),
        "detail": _("Kind of detail"),
        "details": _("Details to pay by"),
        "event": _("What it was"),
        "every": _("How often"),
        "except": _("Except on"),
        "for": _("For whom"),
        "fundraiser": _("Fundraiser"),
        "goal": _("Goal"),
        "happened": _("In words"),
        "hearing_kind": _("Kind of hearing"),
        "help": _("Help"),
        "helps": _("Help it gives"),
        "judge": _("Judge"),
        "lawyer": _("Lawyer"),
        "legal_status": _("Legal status"),
        "letters": _("Letters"),
        "location": _("On the map"),
        "meaning": _("Meaning"),
        "method": _("How to pay"),
        "minutes": _("Minutes"),
        "name": _("Full name"),
        "not_for": _("Who must not"),
        "number": _("Number"),
        "online_url": _("Link to join"),
        "part": _("Part"),
        "pay_from": _("Where from"),
        "people": _("Number of accused"),
        "place": _("Place"),
        "place_shown": _("Place is shown to"),
        "postal_code": _("Postal code"),
        "purpose": _("What for"),
        "raised": _("Raised so far"),
        "raised_about": _("Only about so much"),
        "regime": _("Regime"),
        "region": _("Region"),
        "rules": _("Rules for letters"),
        "service_name": _("Name of the service"),
        "service_url": _("Its link"),
        "services": _("Letters by internet"),
        "short": _("Short name"),
        "since": _("Since"),
        "stage": _("Stage"),
        "starts_at": _("When"),
        "summary": _("In short"),
        "timeline": _("Timeline"),
        "timezone": _("Time zone"),
        "title": _("Title"),
        "url": _("Link"),
        "valid_days": _("Days it is valid"),
        "value": _("Number or text"),
        "volumes": _("Volumes of the file"),
        "warning": _("Warning"),
        "when": _("Day"),
        "who": _("About whom"),
        "write_about": _("What to write about"),
        "write_to": _("Letters to"),
        "years": _("Years"),
    }


def example(form: Form, of: Field) -> str | None:
    return _example_of_form().get((form.code, of.name)) or _examples().get(of.name)


def _example_of_form() -> dict[tuple[str, str], str]:
    return {
        ("org", "name"): _("Harbour Solidarity Fund"),
        ("org", "short"): _("Harbour"),
        ("org", "about"): _("We support prisoners of the port strike."),
        ("org", "raised"): "90000 RUB",
        ("org", "as_of"): _("1 December 2026"),
        ("court", "name"): _("Kamensk City Court"),
        ("place", "name"): _("Remand prison No. 1, Kamensk"),
        ("place", "number"): "1",
        ("place", "address"): _("4 Zavodskaya St, Kamensk, Kamensk region"),
        ("case", "title"): _("The port strike case"),
        ("case", "since"): "2025-11-10",
        ("who", "name"): _("Ivan Lodkin"),
        ("who", "who"): _("crane driver, union steward"),
        ("who", "since"): _("1 September 2026"),
        ("event", "title"): _("Evening of letters"),
        ("event", "about"): _("Paper and stamps are there."),
        ("event", "place"): _("Cafe Mayak, 7 Rechnaya St"),
        ("goal", "title"): _("1001 and one letter"),
        ("fund", "title"): _("A lawyer for Ivan"),
        ("fund", "raised"): "63000",
    }


def _examples() -> dict[str, str]:
    return {
        "address": _("2 Sadovaya St, Kamensk"),
        "aliases": _("Vanya Boat"),
        "also": _("The crane case"),
        "article": "212",
        "birth_year": "1988",
        "birthday": _("14 March"),
        "campaign": _("postcards to the court"),
        "capacity": "20",
        "city": _("Kamensk"),
        "closes": _("1 December 2026"),
        "code": "UK RF",
        "confirm": "30",
        "contact": "@harbour_fund_example",
        "country": _("Georgia"),
        "days": "14",
        "except": _("7 January 2027"),
        "goal": "150000 RUB",
        "happened": _("arrested at the gate"),
        "help": _("lawyers"),
        "judge": _("S. Orlova"),
        "languages": _("Russian, English"),
        "lawyer": _("A. Belova"),
        "legal_status": _("a private lawyer's account, not on any list"),
        "letters": "1002",
        "location": "56.4, 61.9",
        "meaning": _("mass unrest"),
        "method": _("Russian bank card"),
        "minutes": "90",
        "not_for": _("Do not pay from Russia."),
        "online_url": "https://meet.example.org/letters",
        "part": "1",
        "people": "4",
        "postal_code": "620999",
        "regime": _("settlement colony"),
        "region": _("Kamensk region"),
        "rules": _("Up to 10 pages. No cards with glitter or glue."),
        "service_name": "letters.example.org",
        "service_url": "https://letters.example.org/kamensk-1",
        "since": _("1 December 2026"),
        "starts_at": _("5 December 19:00"),
        "summary": _("Dockers who stopped work for safety gear."),
        "timezone": _("Yekaterinburg"),
        "until": _("1 March 2027"),
        "url": "https://donate.example.org/lodkin",
        "valid_days": "14",
        "volumes": "14",
        "warning": _("Write no comment to the transfer."),
        "when": _("3 November 2025"),
        "write_about": _("books about the sea, football"),
        "years": "2.5",
    }
