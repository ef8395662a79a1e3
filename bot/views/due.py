"""What comes next, in one line, and who gets a message then."""

from bot.i18n import _, ngettext, pick
from bot.services.due import Due
from bot.views.parts import title
from models import Hearing

DAY = 24 * 60
HOUR = 60


def due(due: Due) -> str:
    if due.hearing is None:
        n = due.told
        return ngettext(
            "{n} message that was put off will be sent",
            "{n} messages that were put off will be sent",
            n,
        ).format(n=n)
    what = _("{when}: {case}, {court}").format(when=when(due.lead), **of(due.hearing))
    return f"{what}. {reminded(due.told)}" if due.lead else what


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
