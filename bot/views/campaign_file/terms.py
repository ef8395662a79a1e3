"""What the kinds, keys and words of a campaign file are called."""

from collections.abc import Callable

from bot.i18n import _, country_name, language_name, ngettext
from bot.services.campaign_file.values import FULL
from bot.views import words


def kinds() -> dict[str, str]:
    return {
        "organisation": _("Organisation"),
        "court": _("Court"),
        "facility": _("Facility"),
        "case": _("Case"),
        "defendant": _("Defendant"),
        "hearing": _("Hearing"),
        "event": _("Event"),
        "letter_goal": _("Goal of letters"),
        "fundraiser": _("Fundraiser"),
        "donation_route": _("Donation route"),
    }


def keys() -> dict[str, str]:
    """What the file's keys are called; a key that is missing here is called by itself."""
    return {
        "about": _("description"),
        "address": _("address"),
        "addressee": _("addressee"),
        "aliases": _("other names"),
        "also": _("also called"),
        "articles": _("articles"),
        "as_of": _("facts as of"),
        "birth_year": _("year of birth"),
        "birthday": _("birthday"),
        "campaigns": _("campaigns"),
        "capacity": _("seats"),
        "case": _("case"),
        "checked_at": _("checked"),
        "city": _("city"),
        "closes": _("closes"),
        "confirmed_at": _("confirmed"),
        "contact": _("contact"),
        "country": _("country"),
        "court": _("court"),
        "custody": _("place of custody"),
        "details": _("details"),
        "every": _("how often"),
        "except": _("except on"),
        "facility": _("facility"),
        "for": _("for"),
        "fundraiser": _("fundraiser"),
        "goal": _("goal"),
        "help_it_gives": _("help it gives"),
        "judge": _("judge"),
        "kind": _("kind"),
        "languages": _("languages"),
        "lawyer": _("lawyer"),
        "legal_status": _("legal status"),
        "letters": _("letters"),
        "location": _("location"),
        "method": _("method"),
        "minutes": _("minutes"),
        "name": _("name"),
        "not_for": _("not for"),
        "number": _("number"),
        "online_url": _("online at"),
        "outcome": _("outcome"),
        "pay_from": _("pay from"),
        "people_in_case": _("people in the case"),
        "place": _("place"),
        "place_shown": _("place shown to"),
        "postal_code": _("postal code"),
        "public": _("open to the public"),
        "purpose": _("purpose"),
        "raised": _("raised"),
        "raised_in_a_year": _("raised in a year"),
        "region": _("region"),
        "repeats": _("repeats"),
        "room": _("room"),
        "sentence": _("sentence"),
        "short": _("short name"),
        "since": _("since"),
        "source": _("source"),
        "stage": _("stage"),
        "starts_at": _("starts"),
        "status": _("status"),
        "summary": _("summary"),
        "timeline": _("timeline"),
        "timezone": _("time zone"),
        "title": _("title"),
        "until": _("until"),
        "url": _("link"),
        "valid_days": _("days valid"),
        "volumes": _("volumes"),
        "warning": _("warning"),
        "who": _("who"),
        "write_about": _("write about"),
        "write_to": _("write to"),
    }


def language_words(code: str) -> str:
    """Also of a full name."""
    name = language_name(code.removesuffix(FULL))
    return _("{language}, full name").format(language=name) if code.endswith(FULL) else name


def added(subject: str, n: int) -> str:
    return {
        "donation_route": ngettext("{n} donation route added", "{n} donation routes added", n),
        "hearing": ngettext("{n} hearing added", "{n} hearings added", n),
        "event": ngettext("{n} event added", "{n} events added", n),
        "letter_goal": ngettext("{n} goal of letters added", "{n} goals of letters added", n),
        "fundraiser": ngettext("{n} fundraiser added", "{n} fundraisers added", n),
        "defendant": ngettext("{n} defendant added", "{n} defendants added", n),
        "case": ngettext("{n} case added", "{n} cases added", n),
        "facility": ngettext("{n} facility added", "{n} facilities added", n),
        "court": ngettext("{n} court added", "{n} courts added", n),
        "organisation": ngettext("{n} organisation added", "{n} organisations added", n),
    }[subject]


def changed(subject: str, n: int) -> str:
    return {
        "address": ngettext("{n} address changed", "{n} addresses changed", n),
        "donation_route": ngettext("{n} donation route changed", "{n} donation routes changed", n),
        "hearing": ngettext("{n} hearing changed", "{n} hearings changed", n),
        "event": ngettext("{n} event changed", "{n} events changed", n),
        "letter_goal": ngettext("{n} goal of letters changed", "{n} goals of letters changed", n),
        "fundraiser": ngettext("{n} fundraiser changed", "{n} fundraisers changed", n),
        "defendant": ngettext("{n} defendant changed", "{n} defendants changed", n),
        "case": ngettext("{n} case changed", "{n} cases changed", n),
        "facility": ngettext("{n} facility changed", "{n} facilities changed", n),
        "court": ngettext("{n} court changed", "{n} courts changed", n),
        "organisation": ngettext("{n} organisation changed", "{n} organisations changed", n),
    }[subject]


def removed(subject: str, n: int) -> str:
    return {
        "donation_route": ngettext("{n} donation route removed", "{n} donation routes removed", n),
        "hearing": ngettext("{n} hearing removed", "{n} hearings removed", n),
        "event": ngettext("{n} event removed", "{n} events removed", n),
        "letter_goal": ngettext("{n} goal of letters removed", "{n} goals of letters removed", n),
        "fundraiser": ngettext("{n} fundraiser removed", "{n} fundraisers removed", n),
        "defendant": ngettext("{n} defendant removed", "{n} defendants removed", n),
        "case": ngettext("{n} case removed", "{n} cases removed", n),
        "facility": ngettext("{n} facility removed", "{n} facilities removed", n),
        "court": ngettext("{n} court removed", "{n} courts removed", n),
    }[subject]


def value(kind: str, key: str, said: str) -> str | None:
    """A word of the file as the screens say it; None: it is no such word."""
    say = _of_kind().get((kind, key)) or _of_any().get(key)
    return say(said) if say else None


def _of_kind() -> dict[tuple[str, str], Callable[[str], str]]:
    return {
        ("case", "stage"): words.stage,
        ("defendant", "status"): words.status,
        ("event", "kind"): words.event,
        ("event", "status"): words.event_status,
        ("fundraiser", "status"): words.fundraiser_status,
        ("facility", "kind"): words.facility,
        ("hearing", "kind"): words.hearing,
        ("hearing", "status"): words.hearing_status,
    }


def _of_any() -> dict[str, Callable[[str], str]]:
    return {
        "country": country_name,
        "every": words.every,
        "for": lambda cause: cause.rpartition(":")[2],
        "hearing_kind": words.hearing,
        "languages": language_name,
        "pay_from": words.pay_from,
        "place_shown": _shown_to,
        "purpose": words.purpose,
        "source": words.source,
    }


def _shown_to(whom: str) -> str:
    if whom.isdecimal():
        told = ngettext(
            "those who come, {n} hour before the start",
            "those who come, {n} hours before the start",
            int(whom),
        )
        return told.format(n=whom)
    return {"public": _("all"), "attendees": _("those who come")}[whom]
