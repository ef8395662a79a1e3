"""A file's bytes -> the things that it names, each with what the file says of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.services.campaign_file import schema, values
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
OF_CASE = frozenset(("defendants", "timeline", "articles"))
"""Keys that are looked for at the top."""
REMOVE = "remove"

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
    removed: dict[str, dict[str, Path]] = field(
        default_factory=lambda: {kind: {} for kind in KINDS}
    )
    """Where the file removes what, by kind and slug."""
    as_of: dict[str, str | None] = field(default_factory=dict)
    """{"as_of": day}, if the file says so at its top."""

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
        if key in OF_CASE:
            problems.add(What.INSIDE_CASE, (key,), value=key)
        elif key not in TOP:
            problems.add(What.UNKNOWN_KEY, (key,), value=key, among=TOP, allowed=TOP)
    if tree.get("format") not in (None, FORMAT):
        problems.add(What.FORMAT, ("format",), value=tree["format"], allowed=(FORMAT,))
    if "as_of" in tree:
        with problems.told(("as_of",), tree["as_of"]):
            patch.as_of = {"as_of": tree["as_of"] and schema.day(tree["as_of"])}


def _items(problems: Problems) -> Iterator[tuple[str, Value, Path]]:
    """Every thing of the file, defendants after the case that they stand in."""
    for section, kind in SECTIONS.items():
        for item, path in _listed(problems, problems.tree, (section,)):
            yield kind, item, path
            if kind == "case" and isinstance(item, Mapping):
                people = _listed(problems, item, (*path, "defendants"))
                yield from (("defendant", person, place) for person, place in people)


def _listed(problems: Problems, tree: Mapping, path: Path) -> Iterator[tuple[Value, Path]]:
    """The things under the last key of the path."""
    if (key := str(path[-1])) not in tree:
        return
    match items := tree[key]:
        case Mapping() if path == ("organisation",):
            yield items, path
        case Sequence():
            yield from ((item, (*path, position)) for position, item in enumerate(items))
        case None:
            problems.add(What.NULL_LIST, path)
        case _:
            expected = "mapping" if path == ("organisation",) else "list"
            problems.add(What.WRONG_TYPE, path, value=items, expected=expected)


def _take(patch: Patch, kind: str, item: Value, path: Path) -> None:
    if not isinstance(item, Mapping):
        patch.problems.add(What.WRONG_TYPE, path, value=item, expected="mapping")
        return
    others = ("defendants", REMOVE) if kind == "case" else (REMOVE,)
    own = {key: item[key] for key in item if key not in others}
    says, spoilt = _checked(patch.problems, kind, own, path)
    if (slug := says.get("slug")) is None or _is_taken(patch, kind, slug, path):
        return
    if _is_removed(patch.problems, kind, item, path):
        patch.removed[kind][slug] = path
        return
    if kind == "defendant":
        says["case"] = name_of(patch.problems.tree["cases"][path[1]])
    patch.things[kind][slug] = Named(kind, slug, says, path, spoilt)


def _is_taken(patch: Patch, kind: str, slug: str, path: Path) -> bool:
    named = patch.things[kind].get(slug)
    first = named.path if named else patch.removed[kind].get(slug)
    if first is not None:
        line = line_of(patch.problems.tree, (*first, "slug"))
        patch.problems.add(What.DUPLICATE_SLUG, (*path, "slug"), value=slug, first=line)
    return first is not None


def _is_removed(problems: Problems, kind: str, item: Mapping, path: Path) -> bool:
    """{slug: …, remove: true}, and nothing else; the bot stays somebody's."""
    if REMOVE not in item:
        return False
    place, value = (*path, REMOVE), item[REMOVE]
    if kind == "organisation":
        keys = schema.keys(kind, ())
        problems.add(What.UNKNOWN_KEY, place, value=REMOVE, among=keys, allowed=keys)
        return False
    with problems.told(place, value):
        if not values.boolean(value):
            return False
    for key in item:
        if key not in ("slug", REMOVE, "defendants" if kind == "case" else "slug"):
            problems.add(What.REMOVED_WITH_KEYS, (*path, key))
    return True


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
        keys += (REMOVE,) if len(error["loc"]) == 1 and kind != "organisation" else ()
        problems.add(what, place, value=error["loc"][-1], among=keys, allowed=keys)
    elif what is What.MISSING and error["loc"][-1] == "*":
        problems.add(What.NO_LANGUAGE, place[:-1])
    elif what is What.TOO_MANY_ITEMS:
        problems.add(what, place, limit=facts["max_length"])
    elif expected:
        problems.add(what, place, value=value, expected=expected)
    else:
        problems.add(what, place, value=value, **facts)
