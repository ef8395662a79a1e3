"""Small pieces that several screens are made of."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.i18n import _, date_time, offset, pick, time, weekday, zone
from bot.markup import clean
from models import Case, Defendant


def bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def italic(text: str) -> Markup:
    return Markup("<i>{}</i>").format(text)


def quote(text: Markup, *, folded: bool = False) -> Markup:
    tag = Markup("<blockquote expandable>") if folded else Markup("<blockquote>")
    return tag + text + Markup("</blockquote>")


def lines(parts: Iterable[str | None]) -> Markup:
    """One under the other; what is empty is left out."""
    return Markup("\n").join(part for part in parts if part)


def blocks(parts: Iterable[str | None]) -> Markup:
    """With an empty line between; what is empty is left out."""
    return Markup("\n\n").join(part for part in parts if part)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def clock_time(moment: datetime, shown: str) -> Markup:
    """A moment that Telegram's clients can also tell in the reader's own zone."""
    return Markup('<tg-time unix="{}">{}</tg-time>').format(int(moment.timestamp()), shown)


def local_moment(local: datetime) -> Markup:
    """ "Thursday, 3 December, 10:00 (Yekaterinburg Time, UTC+5)"."""
    shown = f"{weekday(local)}, {time(local)}"
    return Markup("{} ({}, {})").format(clock_time(local, shown), zone(local), offset(local))


def your_time(local: datetime, zone_name: str | None) -> Markup | None:
    """The same moment where the reader is, if the clock shows another time there."""
    if zone_name is None:
        return None
    own = local.astimezone(ZoneInfo(zone_name))
    if own.utcoffset() == local.utcoffset():
        return None
    return Markup(_("Your time: {moment}")).format(moment=date_time(own))


def person(defendant: Defendant) -> str:
    return pick(shown_names(defendant))


def shown_names(defendant: Defendant) -> dict[str, str]:
    return {code: name for code, name in defendant.name.items() if not code.endswith("_full")}


def title(case: Case) -> str:
    return pick(case.title)


def clipped(text: str, limit: int = 600) -> str:
    """A campaign's text, cut so that the screen's other parts keep their place."""
    return clean(text, limit)
