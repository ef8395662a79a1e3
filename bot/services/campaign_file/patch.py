"""A file's bytes -> the things that it names, each with what the file says of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.services.campaign_file import schema
from bot.services.campaign_file.problems import Problems, What
from bot.services.campaign_file.reading import Progress, read
from bot.services.campaign_file.schema import KINDS, Thing
from bot.services.campaign_file.tree import (
    Mapping,
    Path,
    Sequence,
    Value,
    line_of,
    name_of,
)

FORMAT = "1"
SECTIONS = {kind.section: kind.name for kind in KINDS.values() if kind.name != "defendant"}
TOP = ("format", "as_of", *SECTIONS)

# pydantic's names for what is wrong -> ours.
ERRORS = {
    "missing": (What.MISSING, None),
    "extra_forbidden": (What.UNKNOWN_KEY, None),
    "dict_type": (What.WRONG_TYPE, "mapping"),
    "list_type": (What.WRONG_TYPE, "list"),
    "too_long": (What.TOO_MANY_ITEMS, None),
}


@dataclass(slots=True)
class Named:
    """What the file says of one thing; None under a key: remove it."""

    kind: str
    slug: str
    says: Thing
    path: Path
    spoilt: frozenset[str] = frozenset()
    """Keys whose values are wrong; told already."""


@dataclass(slots=True)
class Patch:
    problems: Problems
    things: dict[str, dict[str, Named]] = field(
        default_factory=lambda: {kind: {} for kind in KINDS}
    )
    """By kind and slug, in the file's order."""
    as_of: str | None = None

    def __iter__(self) -> Iterator[Named]:
        for named in self.things.values():
            yield from named.values()


def read_patch(data: bytes, file: str, progress: Progress) -> Patch:
    problems = Problems(file)
    problems.tree = read(data, problems, progress)
    patch = Patch(problems)
    _read_top(patch)
    for kind, item, path in _items(problems):
        _take(patch, kind, item, path)
    return patch


def _read_top(patch: Patch) -> None:
    problems, tree = patch.problems, patch.problems.tree
    for key in tree:
        if key not in TOP:
            problems.add(What.UNKNOWN_KEY, (key,), value=key, among=TOP, allowed=TOP)
    if tree.get("format") not in (None, FORMAT):
        problems.add(What.FORMAT, ("format",), value=tree["format"], allowed=(FORMAT,))
    if (as_of := tree.get("as_of")) is not None:
        with problems.told(("as_of",), as_of):
            patch.as_of = schema.day(as_of)


def _items(problems: Problems) -> Iterator[tuple[str, Value, Path]]:
    """Every thing of the file, defendants after the case that they stand in."""
    for section, kind in SECTIONS.items():
        for item, path in _listed(problems, problems.tree.get(section), (section,)):
            yield kind, item, path
            if kind == "case" and isinstance(item, Mapping):
                people = _listed(problems, item.get("defendants"), (*path, "defendants"))
                yield from (("defendant", person, place) for person, place in people)


def _listed(problems: Problems, items: Value, path: Path) -> Iterator[tuple[Value, Path]]:
    if path == ("organisation",) and isinstance(items, Mapping):
        yield items, path
    elif isinstance(items, Sequence):
        yield from ((item, (*path, position)) for position, item in enumerate(items))
    elif items is not None:
        problems.add(What.WRONG_TYPE, path, value=items, expected="list")


def _take(patch: Patch, kind: str, item: Value, path: Path) -> None:
    if not isinstance(item, Mapping):
        patch.problems.add(What.WRONG_TYPE, path, value=item, expected="mapping")
        return
    own = {key: item[key] for key in item if key != "defendants"} if kind == "case" else item
    says, spoilt = _checked(patch.problems, kind, own, path)
    if (slug := says.get("slug")) is None:
        return
    if first := patch.things[kind].get(slug):
        line = line_of(patch.problems.tree, (*first.path, "slug"))
        patch.problems.add(What.DUPLICATE_SLUG, (*path, "slug"), value=slug, first=line)
        return
    if kind == "defendant":
        says["case"] = name_of(patch.problems.tree["cases"][path[1]])
    patch.things[kind][slug] = Named(kind, slug, says, path, spoilt)


def _checked(
    problems: Problems, kind: str, item: Thing, path: Path
) -> tuple[Thing, frozenset[str]]:
    """What the item says, without the keys that are wrong, and those keys."""
    try:
        says: Thing = KINDS[kind].shape.validate_python(item)
        return says, frozenset()
    except ValidationError as failed:
        errors = failed.errors(include_url=False)
    for error in errors:
        _tell(problems, kind, path, error)
    spoilt = frozenset(str(error["loc"][0]) for error in errors)
    if "slug" in spoilt:
        return {}, spoilt
    rest = {key: value for key, value in item.items() if key not in spoilt}
    return KINDS[kind].shape.validate_python(rest), spoilt


def _tell(problems: Problems, kind: str, path: Path, error: ErrorDetails) -> None:
    facts = dict(error.get("ctx", {}))
    place, value = (*path, *error["loc"]), error["input"]
    what, expected = (facts.pop("what"), None) if "what" in facts else ERRORS[error["type"]]
    if what is What.UNKNOWN_KEY:
        keys = schema.keys(kind, error["loc"][:-1])
        problems.add(what, place, value=error["loc"][-1], among=keys, allowed=keys)
    elif what is What.MISSING and error["loc"][-1] == "*":
        problems.add(What.NO_LANGUAGE, place[:-1])
    elif what is What.TOO_MANY_ITEMS:
        problems.add(what, place, limit=facts["max_length"])
    elif expected:
        problems.add(what, place, value=value, expected=expected)
    else:
        problems.add(what, place, value=value, **facts)
