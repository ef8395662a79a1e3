"""Files that somebody sends to take the bot's memory or its time, or to get past what it checks."""

import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from bot.services.campaign_file import CampaignFileError
from bot.services.campaign_file.plan import read_patch
from bot.services.campaign_file.problems import Problems
from bot.services.campaign_file.reading import MAX_TEXT, read

LARGE = 20 * 1024 * 1024
"""Bytes: the largest that Telegram gives to a bot."""
SPARE = 400 * 1024 * 1024
"""Bytes of memory for any of them: a bot on the smallest server has some more."""
ROOT = Path(__file__).parent.parent.parent


def full(start: str, repeated: str, end: str = "") -> bytes:
    times = (LARGE - len(start + end)) // len(repeated)
    return (start + repeated * times + end).encode()


def zipped() -> bytes:
    """A bomb: 200 MB of nothing."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("campaign.yaml", b"0" * 200_000_000)
    return file.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"\0" * LARGE,
    "no letters": lambda: b"\xff" * LARGE,
    "lines": lambda: b"\n" * LARGE,
    "lists in lists": lambda: b"[" * LARGE,
    "mappings in mappings": lambda: full("", "{a: "),
    "dashes": lambda: full("", "- "),
    "keys of keys": lambda: full("", "? "),
    "one word": lambda: full("organisation: {slug: a, name: ", "x", "}"),
    "one quoted word": lambda: full("organisation: {slug: a, name: '", "x", "'}"),
    "one quoted escape": lambda: full('a: "', "\\n", '"'),
    "one slug": lambda: full("cases: [{slug: ", "a-", ", title: A}]"),
    "one number": lambda: full("fundraisers: [{slug: a, title: b, goal: ", "9", "}]"),
    "one address": lambda: full("organisation: {slug: a, website: https://", "a.", "}"),
    "one moment": lambda: full("hearings: [{slug: a, court: b, starts_at: ", "2026-", "}]"),
    "accents": lambda: ("organisation: {slug: a, name: A" + "\u0301" * 10**7 + "}").encode(),
    "commas": lambda: full("organisation: {slug: a, name: ", "b, ", "}"),
    "many keys": lambda: b"".join(b"key%d: 1\n" % number for number in range(10**6)),
    "one key again": lambda: full("", "slug: 1\n"),
    "numbers as slugs": lambda: full("cases:\n", "- {slug: 1}\n"),
    "many groups": lambda: full("a: [", "{a: {a: {a: {a: {a: {a: 1}}}}}},", "]"),
    "anchors": lambda: full("", "- &a 1\n"),
    "references": lambda: full("a: &a 1\nb: [", "*a,", "]"),
    "merged keys": lambda: full("a: &a {b: 1}\n", "c: {<<: *a}\n"),
    "tags": lambda: full("", "- !!python/object/apply:os.system ['x']\n"),
    "documents": lambda: full("", "---\n"),
    "directions": lambda: ("organisation: {slug: a, name: " + "\u202e" * 7 * 10**6 + "}").encode(),
    "UTF-16": lambda: ("a: " + "x" * 10**7).encode("utf-16"),
    "an archive": zipped,
}


def told(name: str) -> str:
    """What is wrong with it, first of all."""
    try:
        read_patch(HOSTILE[name](), "x.yaml", lambda done, of: None).problems.raise_any()
    except CampaignFileError as error:
        return error.problems[0].what.name
    return "taken"


def in_little_memory(names: list[str]) -> None:
    """In a process of its own: `python -m tests.campaign_file.test_hostile`."""
    biggest = max(len(make()) for make in HOSTILE.values())
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    # The file itself, once more as it was made, and all that is made of it.
    most = now + SPARE + 3 * biggest
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    json.dump({name: told(name) for name in names}, sys.stdout)


def test_a_hostile_file_is_refused_in_little_memory() -> None:
    here = [sys.executable, "-m", "tests.campaign_file.test_hostile"]
    done = subprocess.run(here, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found.keys() == HOSTILE.keys()
    assert "taken" not in found.values(), found
    assert found["an archive"] in ("NOT_UTF8", "BINARY")
    assert found["tags"] == "TAG"
    assert found["anchors"] == found["references"] == "ANCHOR"
    assert found["one key again"] == "DUPLICATE_KEY"


def test_of_a_text_no_more_is_read_than_tells_that_it_is_too_long() -> None:
    problems = Problems("x.yaml")
    found = read(b"a: " + b"x" * 10**6, problems, lambda done, of: None)
    assert len(found["a"]) == MAX_TEXT


TAGS = ["python/object/apply:os.system", "python/name:os.system", "binary", "str", "set"]


@pytest.mark.parametrize("tag", TAGS)
def test_no_tag_makes_anything(tag: str) -> None:
    data = f"organisation: !!{tag} [x]\n".encode()
    with pytest.raises(CampaignFileError) as error:
        read_patch(data, "x.yaml", lambda done, of: None).problems.raise_any()
    assert error.value.problems[0].what.name == "TAG"


if __name__ == "__main__":
    in_little_memory(list(HOSTILE))
