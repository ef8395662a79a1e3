"""What comes next, in one line, and who gets a message then."""

from bot.i18n import _, ngettext, pick
from bot.services.due import Due
from bot.services.events import Occurrence
from bot.views.parts import title
from models import Hearing

DAY = 24 * 60
HOUR = 60


def due(due: Due) -> str:
    if due.event is not None:
        return f"{at_event(due.event, due.lead)}. {reminded(due.told)}"
    if due.hearing is None:
        n = due.told
        return ngettext(
            "{n} message that was put off will be sent",
            "{n} messages that were put off will be sent",
            n,
        ).format(n=n)
    what = _("{when}: {case}, {court}").format(when=when(due.lead), **of(due.hearing))
    return f"{what}. {reminded(due.told)}" if due.lead else what


def at_event(one: Occurrence, lead: int) -> str:
    title = pick(one.event.title)
    if not lead:
        return _("{title} is over, and letters are counted").format(title=title)
    if lead % DAY:
        n = lead // HOUR
        told = ngettext("{n} hour before: {title}", "{n} hours before: {title}", n)
    else:
        n = lead // DAY
        told = ngettext("{n} day before: {title}", "{n} days before: {title}", n)
    return told.format(n=n, title=title)


def change() -> str:
    return _("What has changed is told to those who follow")


def named(hearing: Hearing) -> str:
    return "{case}, {court}".format(**of(hearing))


def of(hearing: Hearing) -> dict[str, str]:
    return {"case": title(hearing.case), "court": pick(hearing.court.name)}


def when(lead: int) -> str:
    if not lead:
        return _("A hearing begins")
    if lead % DAY:
        n = lead // HOUR
        return ngettext("{n} hour before a hearing", "{n} hours before a hearing", n).format(n=n)
    n = lead // DAY
    return ngettext("{n} day before a hearing", "{n} days before a hearing", n).format(n=n)


def reminded(n: int) -> str:
    if not n:
        return _("So far nobody is to be reminded.")
    return ngettext("{n} reminder will be sent.", "{n} reminders will be sent.", n).format(n=n)
