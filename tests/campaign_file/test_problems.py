"""Every kind of problem is told with its line, in words, and changes nothing."""

# ruff: noqa: E501 - tables are read line by line

import tracemalloc

import pytest

from bot.services.campaign_file import MAX_BYTES, CampaignFileError, What, silent
from bot.services.campaign_file.broken import REASONS
from bot.services.campaign_file.patch import read_patch
from bot.services.payment_details import CHECKS
from bot.views import campaign_file as views
from bot.views.campaign_file import mistakes
from tests.campaign_file.conftest import FORMAT, Keeper

PAY = "url: https://donate.example.org/lodkin-ru"

# What stands in examples/format.yaml, what is put there instead, and what is then told of that line.
EDITS = [
    ("stage: trial ", "stage: trail ", "cases[port-strike].stage: “trail” is not one of the words"),
    ("stage: trial ", "stage: trail ", "Allowed: investigation, reading_the_file, trial, appeal"),
    ("stage: trial ", "stage: trail ", "Did you mean “trial”?"),
    ("stage: trial ", "stagee: trial ", "cases[port-strike].stagee: There is no such key"),
    ("stage: trial ", "stagee: trial ", "Did you mean “stage”?"),
    ("stage: trial ", "stage: [trial] ", "cases[port-strike].stage: A single value is wanted here"),
    ("hearings:", "hearngs:", "hearngs: There is no such key."),
    ("hearings:", "defendants:", "defendants: “defendants” stands inside a case, under “cases”."),
    ("format: 1", "format: 2", "Files of format “2” cannot be read. Allowed: 1."),
    ("  - slug: kamensk-city", "  - slug: Kamensk City", "“Kamensk City” is not a short name"),
    ("  - slug: kamensk-city", "  - slug: " + "a" * 41, "is not a short name"),
    ("court: kamensk-city", "court: kamensk-sity", "There is no court “kamensk-sity”"),
    ("court: kamensk-city", "court: kamensk-sity", "Did you mean “kamensk-city”?"),
    ("case: port-strike", "case: port", "There is no case “port”"),
    ("{facility: kamensk-sizo-1", "{facility: sizo", "custody[1].facility: There is no facility “sizo”"),
    ("fundraiser: lodkin-lawyer\n    pay_from: r", "fundraiser: lodkin\n    pay_from: r", "There is no fundraiser “lodkin”"),
    ("write_to: [ivan-lodkin]", "write_to: [ivan]", "There is no defendant “ivan”"),
    ("for: ivan-lodkin", "for: ivan", "There is no defendant or case “ivan”"),
    ("- slug: marta-vetrova", "- slug: ivan-lodkin", "“ivan-lodkin” is taken already, in line 55."),
    ("since: 2025-11-03,", "since: 2025-02-30,", "There is no such day: “2025-02-30”"),
    ("since: 2025-11-03,", "since: 2025-11,", "“2025-11” is not a date"),
    ("since: 2025-11-03,", "since: 3025-11-03,", "“3025-11-03” is out of range"),
    ("{date: 2025-11-03", "{date: 2025-13", "There is no such day: “2025-13”"),
    ("{date: 2025-11-03", "{date: lately", "“lately” is not a date. Write 2026-12-01, 2026-12 or"),
    ('starts_at: "+3d 10:00"', "starts_at: tomorrow", "“tomorrow” is not a time"),
    ('starts_at: "+3d 10:00"', "starts_at: 2026-12-01", "“2026-12-01” has no hour"),
    ('starts_at: "+3d 10:00"', 'starts_at: "2026-12-01 25:00"', "no such time of day"),
    ('starts_at: "+3d 10:00"', 'starts_at: "2026-12-01 10:00+99:00"', "is not a time"),
    ('starts_at: "+3d 10:00"', 'starts_at: "+99999d 10:00"', "is out of range"),
    ('birthday: "03-14"', 'birthday: "02-30"', "There is no such day: “02-30”"),
    ('birthday: "03-14"', 'birthday: "14 March"', "“14 March” is not a birthday"),
    ("birth_year: 1988", "birth_year: 88", "“88” is out of range: from 1900 to 2100"),
    ("birth_year: 1988", "birth_year: ca. 1988", "“ca. 1988” is not a whole number"),
    ("raised: 63000", "raised: some", "“some” is not a number"),
    ("public: true ", "public: maybe ", "“maybe” is neither true nor false"),
    ('confirmed_at: "-1d"', 'confirmed_at: "+3d"', "“+3d” has not come yet"),
    ('confirmed_at: "-3d", source', 'confirmed_at: "+3d", source', "“+3d” has not come yet"),
    ("timezone: Asia/Yekaterinburg", "timezone: Asia/Yekaterinburgh", "Did you mean “Asia/Yekaterinburg”?"),
    ("timezone: Asia/Yekaterinburg", "timezone: UTC+4", "“UTC+4” is an offset, no time zone: name a city whose clocks go so all the year, such as Asia/Tbilisi, Asia/Yerevan, Europe/Samara"),
    ("timezone: Asia/Yekaterinburg", "timezone: GMT-03:30", "is an offset, no time zone"),
    ("timezone: Asia/Yekaterinburg", "timezone: Omsk", "Did you mean “Asia/Omsk”?"),
    ("who: {en: \"radio operator", "who: {rus: \"radio operator", "“rus” is written “ru” here (ISO 639-1)."),
    ("who: {en: \"radio operator", "who: {xxq: \"radio operator", "“xxq” is not the code of a language"),
    ("name: {en: Marta Vetrova", "name: {eng_full: Marta Vetrova", "“eng_full” is written “en” here"),
    ("kind: arrest, en: arrested at the gate", "kind: arrest, eng: arrested at the gate", "“eng” is written “en” here"),
    ("languages: [ru, en] ", "languages: [ger] ", "“ger” is written “de” here"),
    ("country: RU", "country: Russia", "“Russia” is not a country's code"),
    ("currency: RUB", "currency: roubles", "“roubles” is not a currency's code"),
    ('postal_code: "620999"', 'postal_code: "62099"', "“62099” is not a Russian postal code"),
    ('postal_code: "620999"', 'postal_code: "?"', "is not a Russian postal code"),
    ("url: https://donate.example.org/lodkin-ru", "url: http://donate.example.org", "must begin with https://"),
    ("url: https://donate.example.org/lodkin-ru", "url: https://localhost/x", "site is not a real one"),
    ("url: https://donate.example.org/lodkin-ru", "url: https://127.0.0.1/x", "site is not a real one"),
    ("url: https://donate.example.org/lodkin-ru", "url: https://bank.ru@evil.org/", "no name or password"),
    ("url: https://donate.example.org/lodkin-ru", "url: https://dоnate.org/", "Latin letters, digits"),
    ("url: https://donate.example.org/lodkin-ru", "url: https://xn--80ak6aa92e.com/", "could deceive"),
    ("url: https://donate.example.org/lodkin-ru", 'url: "https://a.org/\\n"', "Latin letters, digits"),
    (PAY, "url: 'https://donate.example.org:/x'", "site is not a real one"),
    (PAY, "url: https://donate.example.org:000443/x", "site is not a real one"),
    (PAY, "url: https://bit.ly/x", "write the whole one"),
    (PAY, "url: https://www.CLCK.ru/x", "write the whole one"),
    (PAY, "url: https://give.tinyurl.com:443/x", "write the whole one"),
    (PAY, "url: https://example.org/away?to=https://evil.org/", "leads on to another one"),
    (PAY, "url: https://example.org/away?to=https%3A%2F%2Fevil.org", "leads on to another one"),
    (PAY, "url: https://example.org/away?to=https%253A%252F%252Fevil.org", "leads on to another"),
    (PAY, "url: https://example.org/r?url=evil.org", "leads on to another one"),
    (PAY, "url: https://example.org//evil.org", "leads on to another one"),
    (PAY, "url: https://example.org/javascript:/x", "leads on to another one"),
    (PAY, "url: javascript:alert(1)", "must begin with https://"),
    (PAY, "details: [{kind: card, value: 4111 1111 1111 1112}]", "not the number of a card"),
    (PAY, "details: [{kind: card, value: 4111}]", "not the number of a card"),
    (PAY, "details: [{kind: iban, value: DE89370400440532013001}]", "not an IBAN"),
    (PAY, "details: [{kind: purse, value: x}]", "“purse”"),
    (PAY, "details: [{kind: card}]", "value"),
    (PAY, "details: [{kind: account, value: '40702810900000000001'}]", "needs the bank's BIK"),
    (PAY, "details: [{kind: bik, value: 044525225}, {kind: account, value: 40702810900000000001}]", "do not belong together"),
    ("languages: [ru, en] ", "languages: [russian] ", "“russian” is not a language"),
    ("who: {en: \"radio operator", "who: {english: \"radio operator", "“english” is not a language"),
    ("aliases: [Vanya Boat, Ваня Лодка]", f"aliases: [{'Ваня' * 99}]", "396 characters; at most 60"),
    ("aliases: [Vanya Boat, Ваня Лодка]", "aliases: Vanya Boat", "A list is wanted here"),
    ("aliases: [Vanya Boat, Ваня Лодка]", 'aliases: [""]', "The text is empty"),
    ("aliases: [Vanya Boat, Ваня Лодка]", 'aliases: ["a\\u202eb"]', "control character is in the text: U+202E"),
    ("aliases: [Vanya Boat, Ваня Лодка]", 'aliases: ["a\\x00b"]', "control character is in the text: U+0000"),
    ("aliases: [Vanya Boat, Ваня Лодка]", 'aliases: ["a\\nb"]', "This must fit on one line"),
    ("aliases: [Vanya Boat, Ваня Лодка]", f"aliases: [{', '.join('abcd' * 13)}]", "More than 50 items"),
    ("location: {latitude: 56.4, longitude: 61.9}", "location: [56.4, 61.9]", "Keys with values are wanted"),
    ("location: {latitude: 56.4, longitude: 61.9}", "location: {latitude: 91, longitude: 0}", "from -90 to 90"),
    ("goal: {amount: 150000, currency: RUB}", "goal: {amount: -1, currency: RUB}", "from 0 to"),
    ("place_shown: attendees", "place_shown: friends", "does not say who sees the place"),
    ("status: scheduled                  # or cancelled: all", "status: held   # all", "events[letters-in-may].status: “held” is not one of the words allowed here. Allowed: scheduled, cancelled."),
    ("every: 2 weeks ", "every: 2 week ", "repeats.every: “2 week” is not one of the words allowed here. Allowed: week, 2 weeks, 3 weeks, 4 weeks, month. Did you mean “2 weeks”?"),
    ("every: 2 weeks ", "evry: 2 weeks ", "Did you mean “every”?"),
    ('until: "+160d"', "until: 2026-12-09", "repeats.until: The last day, 2026-12-09, is before the first one, 2026-12-10."),
    ('until: "+160d"', "until: 2032-06-02", "repeats.until: “2032-06-02” is more than 2000 days ahead. Is the year right?"),
    ('until: "+160d"', "until: 2027-02-30", "There is no such day: “2027-02-30”"),
    ('except: ["+34d"]', "except: [2027-01-07, 2027-01-08]", "repeats.except[2]: “2027-01-08” is none of the days on which it takes place; the nearest one is 2027-01-07."),
    ('except: ["+34d"]', "except: [2026-12-09]", "the nearest one is 2026-12-10."),
    ('except: ["+34d"]', "except: [2027-05-13]", "the nearest one is 2027-04-29."),
    ('except: ["+34d"]', "except: 2027-01-07", "A list is wanted here"),
    ('except: ["+34d"]', "except: [null]", "except[1]: A single value is wanted here"),
    ('except: ["+34d"]', 'except: ["+34d", "+99999d"]', "except[2]: “+99999d” is out of range"),
    ('except: ["+34d"]', f"except: [{', '.join(['+34d'] * 201)}]", "repeats.except: More than 200 items."),
    ("kind: arrest, en: arrested at the gate", "kind: Great Arrest, en: arrested", "“Great Arrest” is not one word"),
    ('legal_status: {en: "a private', 'legal_statuz: {en: "a private', "Did you mean “legal_status”?"),
    ("    name: {en: Marta Vetrova, ru: Марта Ветрова}", "    name: {ru_full: Ветрова}", "in at least one language"),
    ("kind: arrest, en: arrested at the gate, ru: арестованы у проходной", "kind: arrest", "in at least one language"),
    ("location: {latitude: 56.4, longitude: 61.9}", "location: {latitude: 56.4}", "location.longitude: This must be given"),
    ("goal: {amount: 150000, currency: RUB}", "goal: {amount: 150000}", "goal.currency: This must be given"),
]  # fmt: skip


def edited(old: str, new: str) -> tuple[str, int]:
    """The spoilt file, and the line of the damage."""
    assert old in FORMAT
    return FORMAT.replace(old, new, 1), FORMAT[: FORMAT.index(old)].count("\n") + 1


@pytest.mark.parametrize(("old", "new", "told"), EDITS)
async def test_an_edit_that_spoils_the_file_is_told(
    light: Keeper, old: str, new: str, told: str
) -> None:
    text, line = edited(old, new)
    problems = await light.hears(text)
    here = [problem for problem in problems if problem.startswith(f"x.yaml:{line}: ")]
    assert any(told in problem for problem in here), problems


@pytest.mark.parametrize("code", ["ba", "sah", "tt", "kk", "mhr", "ce"])
async def test_languages_without_a_country_are_languages(light: Keeper, code: str) -> None:
    await light.takes(FORMAT.replace('who: {en: "radio', f'who: {{{code}: "radio'))


async def test_what_is_missing_is_told_at_its_thing(light: Keeper) -> None:
    text, line = edited("title: {en: The port strike case, ru: Дело о портовой забастовке}", "")
    [problem] = await light.hears(text)
    assert problem.startswith(f"x.yaml:{line - 1}: cases[port-strike].title: This must be given")


# Whole files, and what is told of them.
FILES = [
    (b"", "x.yaml:1: The file is empty."),
    (b"# nothing\n", "x.yaml:1: The file is empty."),
    (b"null", "x.yaml:1: The file is empty."),
    (b"- a\n- b\n", "x.yaml:1: Keys with values are wanted here"),
    (b"just words", "x.yaml:1: Keys with values are wanted here"),
    (b"a: 1\n---\nb: 2\n", "x.yaml:2: A second document begins here"),
    ("# файл\norganisation: {name: Фонд}".encode("cp1251"), "x.yaml:1: The text is not UTF-8 (at byte 3)"),
    (b"a: 1\nb: \xff\n", "x.yaml:2: The text is not UTF-8 (at byte 9)"),
    (b"a: 1\nb: x\x00y\n", "x.yaml:2: Character U+0000 may not stand"),
    (b"%PDF-1.4\n%\xe2\xe3", "not UTF-8"),
    (b"%PDF-1.4\n1 0 obj", "x.yaml:1: This is not YAML."),
    (b'a: 1\nb: "open\nc: 2\n', "x.yaml:2: A quote or bracket is opened here"),
    (b"a: 1\nb: [1, 2\nc: 3\n", "x.yaml:2: A quote or bracket is opened here"),
    (b"a: b: c", "x.yaml:1: A colon stands where none can."),
    (b"a:\n  b: 1\n c: 2\n", "x.yaml:3: The line is not in line with those before"),
    (b"a: 1\nwords\nb: 2\n", "x.yaml:2: A colon after the key is missing."),
    (b'a: "\\q"', "x.yaml:1: A backslash in double quotes"),
    (b"as_of: &x 2024-01-01\ncases: *x\n", "x.yaml:2: Anchors and references"),
    (b"as_of: &x 2024-01-01\n", "x.yaml:1: Anchors and references"),
    (b"as_of: !!python/object:os.system x\n", "x.yaml:1: Tags (!…) are not read."),
    (b"as_of: 2024-01-01\nas_of: 2024-01-02\n", "x.yaml:2: “as_of” stands here a second time; the first is in line 1."),
    (b"? [a]\n: b\n", "x.yaml:1: A key must be a text."),
    (b"courts: [{bare words, slug: x}]\n", "x.yaml:1: “bare words” has no value."),
    (b"courts: " + b"[" * 30 + b"]" * 30, "x.yaml:1: More than 20 levels"),
    (b"".join(b"k%d: 1\n" % n for n in range(501)), "x.yaml:501: More than 500 items."),
    (b"courts: []\n", "x.yaml: organisation: is missing"),
    (b"courts: words\n", "x.yaml:1: courts: A list is wanted here"),
    (b"courts: [words]\n", "x.yaml:1: courts[1]: Keys with values are wanted here"),
    (b"cases: [{slug: a, defendants: 7}]\n", "cases[a].defendants: A list is wanted here"),
    (b"as_of: today\n", "x.yaml:1: as_of: “today” is not a date."),
    (b"a" * (50 * 1024 * 1024 + 1), "x.yaml: The file is too big: at most 50 MB"),
]  # fmt: skip


TAB = "A tab stands at the beginning of the line."
NO_SPACE = "After the colon a space is missing"
UNCLOSED = "A quote or bracket is opened here"
QUOTES = "Something stands after the closing quote or bracket."
INDENT = "The line is not in line with those before"
COLON = "A colon stands where none can."
MISSING = "Is a space missing after a colon or hyphen?"
# What people do to YAML, the line where they did it, and what is told.
SLIPS = [
    ("cases:\n\t- slug: a\n", 2, TAB),
    ("cases:\n  - slug: a\n\t  title: b\n", 3, TAB),
    ("cases:\n  - slug: a\n  \ttitle: b\n", 3, TAB),
    ("cases:\n  - slug: a\n    title:\n\t\ten: b\n", 4, TAB),
    ("format:1\ncases: []\n", 1, NO_SPACE),
    ("organisation:\n  slug:a\n  name: b\n", 2, NO_SPACE),
    ("cases:\n  - slug: a\n    title:b\n    stage: trial\n", 3, NO_SPACE),
    ("organisation:\n  slug: a\n  name:\"b\"\n  about: c\n", 3, NO_SPACE),
    ("organisation:\n  slug:a\n\n  name: b\n", 2, NO_SPACE),
    ("organisation:\n  slug:a  # why\n  name: b\n", 2, NO_SPACE),
    ("organisation:\n  slug:a\n  name:b\n", 1, MISSING),
    ("organisation: {slug:a, name: b}\n", 1, MISSING),
    ("organisation: {slug: a, name:b}\n", 1, MISSING),
    ("cases:\n  -slug\n", 1, MISSING),
    ("cases:\n  -slug: a\n    title: b\n", 2, "After the hyphen a space is missing"),
    ("organisation:\n  slug: a\n  name: \"b\n  about: c\n", 3, UNCLOSED),
    ("organisation:\n  slug: a\n  name: \"b\n  about: \"c\"\n", 3, UNCLOSED),
    ("organisation:\n  slug: a\n  name: 'b\n  about: 'c'\n", 3, UNCLOSED),
    ("organisation:\n  slug: a\n  name: {en: b, ru: c\n  about: c\n", 3, UNCLOSED),
    ("organisation:\n  slug: a\n  languages: [en, ru\n  about: c\n", 3, UNCLOSED),
    ("organisation:\n  name: 'it's'\n", 2, QUOTES),
    ("organisation:\n  name: \"b\" and c\n  slug: x\n", 2, QUOTES),
    ("organisation:\n  name: [Fund] of all\n", 2, QUOTES),
    ("organisation:\n  languages: [en]]\n", 2, QUOTES),
    ("organisation:\n  name: Fund: for all\n", 2, COLON),
    ("organisation: {name: Fund: for all, slug: x}\n", 1, COLON),
    ("organisation:\n  about: We write:\n  slug: x\n", 2, COLON),
    ("cases:\n  - slug: a\n   title: b\n", 3, INDENT),
    ("cases:\n  - slug: a\n      title: b\n", 3, INDENT),
    ("organisation:\n  slug: a\n    name: b\n", 3, INDENT),
    ("organisation:\n    slug: a\n  name: b\n", 3, INDENT),
    ("cases:\n  - slug: a\n - slug: b\n", 3, INDENT),
    ("cases:\n  - slug: a\n  slug: b\n", 3, INDENT),
    ("organisation:\n  name: @harbour\n", 2, "put quotes around a text that begins with a sign"),
    ("organisation:\n  name: *bold* text\n", 2, "put quotes around a text that begins with a sign"),
    ("organisation:\n  about: |text\n", 2, "put quotes around a text that begins with a sign"),
    ("organisation:\n\u00a0\u00a0slug: a\n", 2, "control character is in the text: U+00A0"),
    ("# Фонд «Гавань»\norganisation:\n  slug: a\n  name: Фонд: для всех\n", 4, COLON),
    ("\n" * 500 + "organisation:\n  slug: a\n  name: \"b\n  about: \"c\"\n", 503, UNCLOSED),
    ("a: \"" + "x" * 200_000 + "\" b\n", 1, INDENT),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "told"), SLIPS)
async def test_a_slip_is_told_where_it_was_made(
    light: Keeper, text: str, line: int, told: str
) -> None:
    problems = await light.hears(text)
    assert any(p.startswith(f"x.yaml:{line}: ") and told in p for p in problems), problems


async def test_texts_with_colons_and_commas_are_still_joined(light: Keeper) -> None:
    about = "{en: see https://example.org, https://example.com, at 10:30, or later}"
    await light.takes(f"organisation: {{slug: a, name: A, about: {about}}}\n")
    assert "later" in (await light.export()).decode()


# Files of 50 MB that are cheap to write, the start of each and what is repeated, and how they end.
FLOODS = [
    ("", "- {}\n", "x.yaml:100001: More than 100000 items."),
    ("cases:\n", "- {}\n", "x.yaml:100002: More than 100000 items."),
    ("cases: [", "{},", "x.yaml:1: More than 100000 items."),
    ("cases:\n", "\n", "x.yaml:1: cases: Nothing stands here"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "repeated", "told"), FLOODS)
def test_a_flood_is_refused_early(start: str, repeated: str, told: str) -> None:
    """Neither its seconds nor its megabytes are spent on a file that nobody can have meant."""
    times = (MAX_BYTES - len(start)) // len(repeated)
    data = start.encode() + repeated.encode() * times
    tracemalloc.start()
    with pytest.raises(CampaignFileError) as refused:
        read_patch(data, "x.yaml", silent).problems.raise_any()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told in views.problems(refused.value)
    assert peak < 4 * MAX_BYTES


@pytest.mark.parametrize(("data", "told"), FILES, ids=[told for _, told in FILES])
async def test_a_file_that_is_none_is_told(light: Keeper, data: bytes, told: str) -> None:
    problems = await light.hears(data)
    assert any(told in problem for problem in problems), problems


async def test_a_billion_laughs_are_no_laughs(light: Keeper) -> None:
    laughs = "a: &a [ha, ha]\n" + "".join(
        f"{chr(b)}: &{chr(b)} [{', '.join([f'*{chr(b - 1)}'] * 9)}]\n" for b in range(98, 110)
    )
    assert any("Anchors and references" in told for told in await light.hears(laughs))


async def test_too_many_values_are_refused(light: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.campaign_file.reading.MAX_VALUES", 1000)
    assert "Split the file" in (await light.hears(f"courts: [{'1, ' * 2000}]"))[-1]


async def test_too_many_lists_and_mappings_are_refused(
    light: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.campaign_file.reading.MAX_GROUPS", 1000)
    assert "Split the file" in (await light.hears(f"courts: [{'{}, ' * 2000}]"))[-1]


async def test_utf_16_and_marks_of_byte_order_are_read(light: Keeper) -> None:
    for coding in ("utf-16", "utf-8-sig"):
        await light.takes(FORMAT.encode(coding))
        assert "Гавань" in (await light.export()).decode()


INVISIBLE = [
    *"\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2064",
    *"\u206a\u2800\u3164\ufe00\ufe0f\uffa0\U0001d159\U000e0001\U000e0061\U000e007f\U000e0100\u0301",
]
HIDING = ["Ann\u200ba", "Ann\u2060a", "Anna\u3164", "Anna\U000e0061", "\ufe0fAnna", "An\u200d\u200dna",
          "Anna \u200cB", "Anna\ufe0f\ufe0f"]  # fmt: skip
LEGITIMATE = ["می\u200cخواهم", "क्\u200dष", "❤\ufe0f Anna", "👩\u200d🚀", "❤\ufe0f\u200d🔥", "葛\U000e0100", "So\u00adli",
              "…", "№ 7"]  # fmt: skip


def named(name: str) -> str:
    return f'organisation: {{slug: a, name: "{name}"}}\ncases: [{{slug: c, title: "{name}"}}]\n'


@pytest.mark.parametrize("sign", [*INVISIBLE, *HIDING], ids=ascii)
async def test_a_name_that_hides_or_shows_nothing_is_refused(light: Keeper, sign: str) -> None:
    for name in {sign, *([sign * 3, f" {sign} "] if sign in INVISIBLE else [])}:
        problems = await light.hears(named(name))
        assert len(problems) == 2
        assert all("invisible" in problem for problem in problems), problems


@pytest.mark.parametrize("name", LEGITIMATE, ids=ascii)
async def test_a_name_may_join_its_letters(light: Keeper, name: str) -> None:
    await light.takes(named(name))
    assert await light.takes(await light.export()) == []


NOTHING = "Nothing stands here, and that removes nothing: what the file does not name stays."
# What is said where nothing can be said.
NOTHINGS = [
    ("hearings: null\n", f"x.yaml:1: hearings: {NOTHING}"),
    ("format: 1\nhearings:\n", f"x.yaml:2: hearings: {NOTHING}"),
    ("organisation: null\n", f"x.yaml:1: organisation: {NOTHING}"),
    ("cases: [{slug: port-strike, defendants: ~}]\n", f"cases[port-strike].defendants: {NOTHING}"),
    ("cases: [null]\n", "x.yaml:1: cases[1]: Keys with values are wanted here"),
    ("events: [{slug: letters-in-may, write_to: [null]}]\n", "write_to[1]: A single value is wanted"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), NOTHINGS)
async def test_nothing_in_the_place_of_things_is_told(light: Keeper, text: str, told: str) -> None:
    await light.takes(FORMAT)
    problems = await light.hears(text)
    assert any(told in problem for problem in problems), problems


async def test_the_bot_speaks_for_one_organisation(light: Keeper) -> None:
    other = "organisation: {slug: other, name: Other}\n"
    two = "organisation: [{slug: a, name: A}, {slug: b, name: B}]\n"
    [told] = await light.hears(two)
    assert told.startswith("x.yaml:1: organisation[b].slug: The bot speaks for one organisation")
    await light.takes(FORMAT)
    [told] = await light.hears(other)
    assert "that is “harbour”, not “other”" in told
    [told] = await light.hears(f"as_of: 2026-01-01\n{other}")
    assert told.startswith("x.yaml:2: organisation.slug: The bot speaks for one organisation")


# Of one person's stays, what is told of them.
STAYS = [
    ("[{facility: f, since: 2025-02-01, until: 2025-01-01}]", "The stay ends before it begins (2025-02-01)."),
    ("[{facility: f, since: 2025-02-01}, {facility: f}]", "custody[2]: Two stays have no end"),
    ("[{facility: f}, {facility: f, until: 2025-01-01}]", "custody[1]: The stay without an end must be"),
    ("[{since: 2025-02-01}]", "custody[1].facility: This must be given"),
]  # fmt: skip


@pytest.mark.parametrize(("stays", "told"), STAYS)
async def test_contradictions_of_custody_are_told(light: Keeper, stays: str, told: str) -> None:
    problems = await light.hears(
        "organisation: {slug: a, name: A}\n"
        "facilities: [{slug: f, country: RU, kind: prison, name: F}]\n"
        f"cases: [{{slug: c, title: C, defendants: [{{slug: d, name: D, custody: {stays}}}]}}]\n"
    )
    assert [told in problem for problem in problems] == [True], problems


async def test_a_time_that_clocks_skip_is_told(light: Keeper) -> None:
    [problem] = await light.hears(
        "organisation: {slug: a, name: A}\n"
        "courts: [{slug: c, name: C, city: C, timezone: Europe/Berlin}]\n"
        "cases: [{slug: c, title: C}]\n"
        "hearings: [{slug: h, case: c, court: c, starts_at: 2026-03-29 02:30}]\n"
    )
    assert problem.startswith("x.yaml:4: hearings[h].starts_at: Clocks skip that hour in Europe/B")


SERIES = "events: [{{slug: tea-and-letters, {}}}]\n"
# What is wrong with what repeats when the file says a part of it only, and where that is told.
HALVES = [
    ("repeats: {every: null}", "repeats.every: This must be given and is missing."),
    ("starts_at: 2027-12-09 18:30", "starts_at: The last day, 2027-04-29, is before the first one"),
    ("repeats: {until: 2026-12-23, except: [2026-12-10]}", "repeats.except: No day is left on which it takes place."),
    ("starts_at: 2026-12-24 18:30, repeats: {until: 2026-12-25}", "repeats: No day is left on which"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "told"), HALVES)
async def test_what_repeats_is_judged_as_it_shall_be(light: Keeper, said: str, told: str) -> None:
    await light.takes(FORMAT)
    [problem] = await light.hears(SERIES.format(said))
    assert problem.startswith(f"x.yaml:1: events[tea-and-letters].{told}"), problem


async def test_all_problems_are_told_at_once(light: Keeper) -> None:
    text = FORMAT
    for old, new in (
        ("stage: trial ", "stage: trail "),
        ("court: kamensk-city", "court: nowhere"),
        ("birth_year: 1988", "birth_year: 88"),
        ('checked_at: "-2d"', 'checked_at: "+9d"'),
        ("status: transfer ", "statu: transfer "),
    ):
        text = text.replace(old, new, 1)
    problems = await light.hears(text)
    assert len(problems) == 5
    lines = [int(problem.split(":")[1]) for problem in problems]
    assert lines == sorted(lines)


async def test_of_many_problems_a_hundred_are_told(light: Keeper) -> None:
    courts = "".join(f"  - {{slug: c{n}, city: C, timezone: UTC}}\n" for n in range(250))
    problems = await light.hears("organisation: {slug: a, name: A}\ncourts:\n" + courts)
    assert len(problems) == 101
    assert problems[-1] == "… and 150 more problems."


async def test_of_very_many_problems_the_number_is_right(
    light: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.campaign_file.problems.KEPT", 150)
    courts = "  - word\n" * 300
    problems = await light.hears("organisation: {slug: a, name: A}\ncourts:\n" + courts)
    assert problems[0].startswith("x.yaml:3: ")
    assert problems[-1] == "… and 200 more problems."


async def test_a_problem_repeats_little_of_a_text(light: Keeper) -> None:
    [problem] = await light.hears(f"organisation: {{slug: {'a b' * 500}, name: A}}\n")
    assert len(problem) < 250


async def test_two_lines_are_told_of_a_slug_that_stands_twice(light: Keeper) -> None:
    [problem] = await light.hears(
        "organisation: {slug: a, name: A}\ncases:\n"
        "  - {slug: one, title: A, defendants: [{slug: same, name: A}]}\n"
        "  - {slug: two, title: B, defendants: [{slug: same, name: B}]}\n"
    )
    assert problem.startswith("x.yaml:4: cases[two].defendants[same].slug: “same” is taken")
    assert problem.endswith("in line 3.")


def test_every_kind_of_problem_has_words() -> None:
    apart = {What.NOT_YAML, What.URL, What.DETAIL, What.WRONG_TYPE, What.UNKNOWN_SLUG}
    assert set(mistakes._detail()) == set(CHECKS)
    assert set(mistakes._sentences()) | apart == set(What)
    made_out = {"no_space", "hyphen", "after_quote"}
    assert set(REASONS.values()) | made_out == set(mistakes._not_yaml())
