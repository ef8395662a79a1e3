"""A changed fact is not confirmed by the old word, and a withdrawn word does not come back."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.services.campaign_file import times
from bot.services.campaign_file.merge import is_return, same_stay
from bot.services.campaign_file.schema import WITHDRAWN, Thing
from bot.services.campaign_file.setting import Setting
from bot.services.campaign_file.tree import Path
from bot.services.slips import is_corrected
from models import HearingStatus, PayFrom
from models.hearing import OFF

# What was confirmed, and the keys of the word that it was.
CONFIRMED = {
    "hearing": (
        ("case", "starts_at", "court", "room", "kind", "public"),
        ("confirmed_at", "source"),
    ),
    "donation_route": (("url", "details", "fundraiser"), ("checked_at",)),
}
VOUCHED = (*CONFIRMED, "defendant")
"""Kinds of things that somebody has a word for."""
ADDRESS = ("postal_code", "address", "name", "country")
"""What of a facility stands on an envelope."""
WAY = ("city", "address", "location", "timezone")
"""What of a court brings people there in time. Something added to it changes nothing."""
PLACE = {"facility": ("address", "name"), "court": ("address", "city", "name")}
"""Texts that lead somewhere, in whatever language one reads them."""


def is_elsewhere(kind: str, before: Thing, after: Thing) -> bool:
    """Whether a court's or facility's address has changed, or whom a fundraiser is for."""
    match kind:
        case "facility":
            return any(_is_another(before.get(key), after.get(key)) for key in ADDRESS)
        case "court":
            return not all(_keeps(after.get(key), before.get(key)) for key in WAY)
        case _:
            return bool(before.get("for") != after.get("for"))


def left_behind(kind: str, before: Thing, after: Thing) -> Iterator[tuple[str, str, str]]:
    """Key, language that changes, language that stays and would tell of the old place."""
    for key in PLACE.get(kind, ()):
        old, new = before.get(key), after.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            both = [language for language in new if language in old]
            changed = [each for each in both if not is_corrected(old[each], new[each])]
            stays = [each for each in both if old[each] == new[each]]
            if changed and stays:
                yield key, changed[0], stays[0]


def drop_location(says: Thing, before: Thing, after: Thing) -> None:
    """The pin of the old address would lead people there."""
    if "location" not in says and not _keeps(after.get("address"), before.get("address")):
        after.pop("location", None)


def drop_outcome(says: Thing, before: Thing, after: Thing) -> None:
    """Why it was put off would be told as what came of the next date."""
    is_on = after.get("status") == HearingStatus.SCHEDULED
    if is_on and before.get("status") in OFF and "outcome" not in says:
        after.pop("outcome", None)


def unconfirm(
    kind: str, says: Thing, before: Thing, after: Thing, setting: Setting, *, is_elsewhere: bool
) -> Iterator[Path]:
    """Takes away the confirmation of what has changed; yields where the file repeats an old one.

    `is_elsewhere`: so is the court, facility or fundraiser.
    """
    if kind == "defendant":
        yield from _unconfirm_stay(says, before, after, setting, is_elsewhere=is_elsewhere)
    elif kind in CONFIRMED:
        words = CONFIRMED[kind][1]
        has_changed = is_elsewhere or _has_changed(kind, before, after)
        if _unconfirm(words, says, before, after, setting, has_changed=has_changed):
            yield (words[0],)


def _unconfirm(
    words: tuple[str, ...],
    says: Thing,
    before: Thing,
    after: Thing,
    setting: Setting,
    *,
    has_changed: bool,
) -> bool:
    """Whether the file repeats an old word; what is withdrawn is noted, for the next file."""
    at, withdrawn = words[0], before.get(WITHDRAWN)
    earlier = _latest(setting, before.get(at), withdrawn)
    if has_changed and at not in says:
        for word in words:
            if word not in says:
                after.pop(word, None)
    gone = _latest(setting, withdrawn, None if at in after else before.get(at))
    if gone is not None:
        after[WITHDRAWN] = gone
    said = after.get(at)
    if has_changed:
        return _is_old(setting, said, earlier)
    return said != before.get(at) and _is_old(setting, said, withdrawn)


def last_word(thing: Thing, setting: Setting) -> datetime | None:
    """For a thing or its stays, be it withdrawn or not."""
    parts = [thing, *thing.get("custody", ())]
    words = [part.get(key) for part in parts for key in ("confirmed_at", "checked_at", WITHDRAWN)]
    latest = _latest(setting, *words)
    return None if latest is None else _moment(setting, latest)


def _latest(setting: Setting, *words: str | None) -> str | None:
    said = [word for word in words if word is not None]
    return max(said, key=lambda word: _moment(setting, word), default=None)


def _is_old(setting: Setting, word: str | None, earlier: str | None) -> bool:
    if word is None or earlier is None:
        return False
    return _moment(setting, word) <= _moment(setting, earlier)


def _moment(setting: Setting, word: str) -> datetime:
    """In UTC: of two equal local hours neither letters nor a comparison tell which comes later."""
    return times.moment(word, setting.now, setting.zone).astimezone(UTC)


def _has_changed(kind: str, before: Thing, after: Thing) -> bool:
    changed = any(before.get(fact) != after.get(fact) for fact in CONFIRMED[kind][0])
    if kind == "donation_route":
        return changed or _is_looser(before, after)
    return changed or (is_to_come(after) and not is_to_come(before))


def is_to_come(hearing: Thing) -> bool:
    return hearing.get("status") == HearingStatus.SCHEDULED and "outcome" not in hearing


def _is_looser(before: Thing, after: Thing) -> bool:
    """Somebody may pay who was not to, or otherwise. To forbid more needs nobody's word."""
    return (
        before.get("pay_from") not in (after.get("pay_from"), PayFrom.ANYWHERE)
        or before.get("valid_days", 0) < after.get("valid_days", 0)
        or not all(_keeps(after.get(key), before.get(key)) for key in ("legal_status", "method"))
        or not all(_warns(after.get(key), before.get(key)) for key in ("not_for", "warning"))
        or any(_is_read_anew(before.get(key), after.get(key)) for key in READ)
    )


READ = ("method", "legal_status", "not_for", "warning")
"""Of a way to pay."""


def _is_read_anew(before: Any, after: Any) -> bool:
    """Whoever read these words in another language reads others now."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return False
    return bool(after.keys() - before.keys())


def _keeps(texts: Any, earlier: Any) -> bool:
    """All that was said is said still, be it in more languages."""
    return earlier is None or not _is_another(earlier, texts)


def _is_another(earlier: Any, texts: Any) -> bool:
    if isinstance(texts, Mapping) and isinstance(earlier, Mapping):
        return not earlier.items() <= texts.items()
    return bool(texts != earlier)


def _warns(texts: Any, earlier: Any) -> bool:
    """All of the warning is there still, be it with more words.

    A text without a language is read in all of them.
    """
    if isinstance(earlier, Mapping):
        said = texts if isinstance(texts, Mapping) else dict.fromkeys(earlier, texts)
        return all(_warns(said.get(language), earlier[language]) for language in earlier)
    if isinstance(texts, Mapping):
        return all(_warns(text, earlier) for text in texts.values())
    return earlier is None or (isinstance(texts, str) and _says(texts, earlier))


def _says(text: str, earlier: str) -> bool:
    """As sentences of its own: within another one it may mean the opposite."""
    before, found, after = text.partition(earlier)
    begins = not before or before.rstrip().endswith((".", "!"))
    ends = not after or bool(NEXT.match(f"{earlier[-1]}{after}"))
    return bool(found) and begins and ends


NEXT = re.compile(r"[^.!][.!](?:\s|$)|[.!]\s")
"""The end of what was said, and another sentence."""


STAY = ("confirmed_at", "source")


def _unconfirm_stay(
    says: Thing, before: Thing, after: Thing, setting: Setting, *, is_elsewhere: bool
) -> Iterator[Path]:
    """Whoever was moved or freed meanwhile is not confirmed to be where they were before.

    Nor is an address that was changed. Only the last stay is ever shown; what is withdrawn is
    the person's, for their stays may all go.
    """
    *earlier, last = after.get("custody") or [{}]
    old = (before.get("custody") or [{}])[-1]
    kept = {WITHDRAWN: before[WITHDRAWN]} if WITHDRAWN in before else {}
    now = last | kept
    said = says["custody"][-1] if says.get("custody") else {}
    changes = is_elsewhere or _has_moved(says, before, after, setting.today)
    if _unconfirm(STAY, said, old | kept, now, setting, has_changed=changes):
        yield ("custody", len(earlier), "confirmed_at")
    if WITHDRAWN in now:
        after[WITHDRAWN] = now.pop(WITHDRAWN)
    if now:
        after["custody"] = [*earlier, now]


def _has_moved(says: Thing, before: Thing, after: Thing, today: str) -> bool:
    """Another stay, addressee or status, or a stay that had ended and goes on."""
    old, last = ((thing.get("custody") or [{}])[-1] for thing in (before, after))
    if not old:
        return False
    stays = says.get("custody")
    if stays and not _is_same(before["custody"], stays):
        return True
    if has_ended(last, today):
        return False
    if _is_renamed(old.get("addressee"), last.get("addressee")):
        return True
    return before.get("status") != after.get("status") or has_ended(old, today)


def _is_renamed(old: Any, new: Any) -> bool:
    """Whether a letter is addressed to somebody else, or by another number."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return any(_is_renamed(old[language], new.get(language)) for language in old)
    if isinstance(old, str) and isinstance(new, str):
        return not is_corrected(old, new)
    return bool(old != new)


def _is_same(before: list[Thing], says: list[Thing]) -> bool:
    """Whether the file's last stay is the last one there was."""
    old = same_stay(before, says, len(says) - 1)
    return old is before[-1] and not is_return(old, says[-1])


def has_ended(stay: Thing, today: str) -> bool:
    return str(stay.get("until", "9")) <= today
