"""What comes next, in one line."""

from datetime import timedelta

from bot.i18n import _, ngettext, pick
from bot.services.due import Due
from bot.views.parts import title

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def due(due: Due) -> str:
    court = pick(due.hearing.court.name)
    return _("{when}: {case}, {court}").format(
        when=when(due.lead), case=title(due.hearing.case), court=court
    )


def when(lead: timedelta) -> str:
    if not lead:
        return _("A hearing begins")
    if lead % DAY:
        n = lead // HOUR
        return ngettext("{n} hour before a hearing", "{n} hours before a hearing", n).format(n=n)
    n = lead // DAY
    return ngettext("{n} day before a hearing", "{n} days before a hearing", n).format(n=n)
