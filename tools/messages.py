"""Catalogues kept in step with the sources: `make messages`; with `--check` only looked at.

There are no line numbers and no dates in the files, so that a diff shows what was reworded.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import PoFileError, read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "locales"
FOLDERS = ("bot", "handlers")
KEYWORDS = {"_": (1,), "ngettext": (1, 2)}
KEPT_HEADERS = ("Language", "Content-", "MIME-", "Plural-Forms")
TAG = re.compile(r"</?[a-z][^<>]*>")


def sources() -> Catalog:
    """Every message that the sources say."""
    catalog = Catalog(fuzzy=False)
    for folder in FOLDERS:
        found = extract_from_dir(ROOT / folder, [("**.py", "python")], keywords=KEYWORDS)
        for file, _line, said, _comments, _context in sorted(found, key=lambda item: item[0]):
            catalog.add(said, locations=[(f"{folder}/{Path(file).as_posix()}", 0)])
    return catalog


def file_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "bot.po"


def languages() -> list[str]:
    return sorted(path.name for path in LOCALES.glob("*") if path.is_dir())


def read(language: str) -> Catalog:
    if not file_of(language).exists():
        return Catalog(locale=language, fuzzy=False)
    with file_of(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def update(language: str) -> None:
    """New messages come in untranslated, those said no more go."""
    catalog = read(language)
    catalog.update(sources(), no_fuzzy_matching=True)
    catalog.header_comment = ""
    written = BytesIO()
    write_po(written, catalog, sort_output=True, ignore_obsolete=True, include_lineno=False)
    file_of(language).parent.mkdir(parents=True, exist_ok=True)
    file_of(language).write_text(without_dates(written.getvalue().decode()))


def without_dates(text: str) -> str:
    """The header keeps what its reader needs and nothing that changes by itself."""
    header, _, body = text.partition("\n\n")
    kept = [
        line
        for line in header.splitlines()
        if not (named := re.match(r'"([A-Z][\w-]*): ', line)) or named[1].startswith(KEPT_HEADERS)
    ]
    return "\n".join(kept).lstrip("#\n") + "\n\n" + body


def problems(language: str, said: Catalog | None = None) -> Iterator[str]:
    """What is wrong with a catalogue, a line each."""
    said = said or sources()
    try:
        catalog = read(language)
    except PoFileError as error:
        yield f"{language}: cannot be read: {error}"
        return
    if catalog.num_plurals != Catalog(locale=language).num_plurals:
        yield f"{language}: {catalog.num_plurals} plural forms are wrong for this language"
    for message in said:
        if message.id:
            yield from problems_of(language, message, catalog)
    for message in [*catalog, *catalog.obsolete.values()]:
        if message.id and message.id not in said:
            yield f"{language}: nobody says this any more: {message.id!r}"


def problems_of(language: str, message: Message, catalog: Catalog) -> Iterator[str]:
    known = catalog.get(message.id)
    if known is None:
        yield f"{language}: missing: {message.id!r}"
        return
    forms = list(known.string) if isinstance(known.string, tuple | list) else [known.string or ""]
    # The singular may say "one"; what other languages count needs all that the plural has.
    source = message.id if isinstance(message.id, str) else message.id[-1]
    if known.fuzzy:
        yield f"{language}: fuzzy: {message.id!r}"
    if len(forms) != (catalog.num_plurals if message.pluralizable else 1):
        yield f"{language}: {len(forms)} forms of {message.id!r}"
    for form in forms:
        if not form:
            yield f"{language}: not translated: {message.id!r}"
        elif placeholders(form) != placeholders(source):
            yield f"{language}: other placeholders than {message.id!r}: {form!r}"
        elif sorted(TAG.findall(form)) != sorted(TAG.findall(source)):
            yield f"{language}: other tags than {message.id!r}: {form!r}"


def placeholders(text: str) -> set[str]:
    """Names with their conversions and formats; {"?"} for a text that cannot be formatted."""
    try:
        fields = list(Formatter().parse(text))
    except ValueError:
        return {"?"}
    return {
        f"{name}!{conversion}:{spec}" for _, name, spec, conversion in fields if name is not None
    }


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        found = [line for language in languages() for line in problems(language)]
        print(*found, sep="\n", end="\n" if found else "")
        return min(len(found), 1)
    for language in sorted({*languages(), *arguments}):
        update(language)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
