"""Events that repeat: whether their days can be as a file has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.services import recurrence
from bot.services.campaign_file import times
from bot.services.campaign_file.patch import Named
from bot.services.campaign_file.problems import Problems, What
from bot.services.campaign_file.schema import Thing
from bot.services.campaign_file.tree import Path
from bot.services.recurrence import Rule

FARTHEST = 2000
"""So many days ahead a series may end; a day beyond is a slip."""
FEW = 5
"""So many days are named."""


def counted_once(days: Sequence[str], known: Sequence[str]) -> list[str]:
    """Relative days are those that are known and not written out, if there are as many."""
    relative = {day for day in days if times.is_relative(day)}
    others = sorted({*known} - {*days})
    if len(relative) != len(others):
        return list(days)
    in_order = sorted(relative, key=lambda day: int(day.removesuffix("d")))
    then = dict(zip(in_order, others, strict=True))
    return [then.get(day, day) for day in days]


@dataclass(frozen=True, slots=True)
class Series:
    named: Named
    says: Thing
    """What the file says of the event, its times made absolute."""
    first: date
    today: date
    problems: Problems

    def checked(self, rule: Rule) -> Rule:
        """Everything taken together; the days left out come in their order, each once."""
        rest: Rule = {key: rule[key] for key in ("every", "until") if key in rule}
        if not self._ends_well(rest):
            return rule
        left_out = self._left_out(rule.get("except", []), rest)
        whole = rest | ({"except": sorted({*left_out})} if left_out else {})
        if next(recurrence.days(self.first, whole, self.first), None) is None:
            self.problems.add(What.NO_DAY_LEFT, self._path("except"))
        return whole

    def _ends_well(self, rule: Rule) -> bool:
        if (last := rule.get("until")) is None:
            return True
        first, path = self.first.isoformat(), self._path("until")
        farthest = max(self.first, self.today) + timedelta(days=FARTHEST)
        if last < first:
            self.problems.add(What.LAST_TOO_EARLY, path, value=last, first=first)
        elif last > farthest.isoformat():
            self.problems.add(What.LAST_TOO_LATE, path, value=last, limit=FARTHEST)
        return bool(last >= first)

    def _left_out(self, days: list[str], rule: Rule) -> list[str]:
        others = [day for day in days if not recurrence.is_one_of(to_day(day), self.first, rule)]
        if "except" in self._said:
            self._check_said(days, others, rule)
        else:
            self._check_moved(others, rule)
        return [day for day in days if day not in others]

    def _check_said(self, days: list[str], others: list[str], rule: Rule) -> None:
        for position, day in enumerate(days):
            if day in others:
                path, meant = (*self._path("except"), position), self._nearest(day, rule)
                self.problems.add(What.NONE_OF_ITS_DAYS, path, value=day, meant=meant)

    def _check_moved(self, days: list[str], rule: Rule) -> None:
        """A series that moves to other days leaves behind what has been. Of a day to come somebody
        has to say which one it is now: people would find the door closed."""
        start, end = max(self.first, self.today).isoformat(), rule.get("until", "9")
        if to_come := [day for day in days if start <= day <= end]:
            path, named = self._path("every"), _some(to_come)
            meant = _some([self._nearest(day, rule) for day in to_come])
            self.problems.add(What.EXCEPT_ANEW, path, days=named, meant=meant)

    def _nearest(self, day: str, rule: Rule) -> str:
        return recurrence.nearest(to_day(day), self.first, rule).isoformat()

    @property
    def _said(self) -> Thing:
        return self.says.get("repeats") or {}

    def _path(self, key: str) -> Path:
        """A file that is silent on the series moves its first day."""
        if not self._said:
            return (*self.named.path, "starts_at")
        return (*self.named.path, "repeats", *([key] if key in self._said else []))


def _some(days: list[str]) -> list[str]:
    each = [*dict.fromkeys(days)]
    return [*each[:FEW], "…"] if len(each) > FEW else each


def to_day(text: str) -> date:
    return date.fromisoformat(text)
