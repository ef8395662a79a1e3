"""A calendar of all that one follows: as a file, and at a private address over HTTP."""

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from aiohttp import ClientResponse, ClientSession
from icalendar import Calendar, Component
from sqlalchemy import func, select

from bot import logs
from bot.db import is_sqlite, sqlite_file
from bot.documents import calendar as documents
from models import CalendarFeed
from sandbox import Person
from tests.test_calendar import Khal
from tests.town import Town, town, webhook

pytestmark = pytest.mark.either_database

MORE = """
cases:
  - slug: other
    title: {en: The other case, ru: Другое дело}
    stage: trial
    summary: {en: Of another port, ru: О другом порте}
    defendants: [{slug: olga, name: {en: Olga Neva, ru: Ольга Нева}, status: house_arrest}]
courts:
  - {slug: riga, name: Riga court, city: Riga, timezone: Europe/Riga}
hearings:
  - {slug: other-1, case: other, court: riga, starts_at: 2026-12-01 10:00}
  - {slug: other-2, case: other, court: kamensk-city, starts_at: 2026-12-02 10:00}
  - {slug: long-ago, case: port-strike, court: riga, starts_at: 2026-10-20 10:00, status: held}
  - {slug: lately, case: port-strike, court: riga, starts_at: 2026-11-02 10:00, status: adjourned}
"""


PLAIN = {"Accept-Encoding": "identity"}


@dataclass
class Feeds:
    """A bot that has a public address, and a calendar program."""

    town: Town
    client: ClientSession

    async def of(self, person: Person) -> str:
        """A new private address."""
        await person.send("/follows")
        await person.press_data("calendar")
        await person.press_data("askfeed")
        await person.press_data("makefeed")
        await person.press("📋 https://")
        return person.clipboard or ""

    async def ask(self, url: str, method: str = "GET", **headers: str) -> ClientResponse:
        return await self.client.request(method, url, headers=headers)

    async def entries(self, url: str) -> dict[str, Component]:
        """By the hearing's slug."""
        answer = await self.ask(url)
        assert answer.status == 200
        found = Calendar.from_ical(await answer.read()).walk("VEVENT")
        return {str(one["UID"]).removeprefix("hearing-").split("@")[0]: one for one in found}

    async def kept(self) -> int:
        async with self.town.app.sessions() as session:
            return await session.scalar(select(func.count()).select_from(CalendarFeed)) or 0


@asynccontextmanager
async def feeds_in(database_url: str) -> AsyncIterator[Feeds]:
    async with (
        town(database_url, "format.yaml", **webhook()) as here,
        ClientSession(headers=PLAIN, auto_decompress=False) as client,
    ):
        await here.take_in(MORE.encode())
        yield Feeds(here, client)


@pytest.fixture
async def feeds(database_url: str) -> AsyncIterator[Feeds]:
    async with feeds_in(database_url) as found:
        yield found


@pytest.fixture
async def anna(feeds: Feeds) -> Person:
    """She follows a case with one hearing to come, and speaks Russian."""
    anna = feeds.town.person(language="ru")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Подписаться")
    return anna


async def test_a_program_sees_what_is_followed_and_what_became_of_it(
    feeds: Feeds, anna: Person
) -> None:
    url = await feeds.of(anna)
    first = await feeds.entries(url)
    assert set(first) == {"lately", "port-strike-1"}
    assert "портовой забастовке" in first["port-strike-1"]["SUMMARY"]
    assert first["lately"]["STATUS"] == "CANCELLED"
    await feeds.town.take_in(
        b"hearings: [{slug: port-strike-1, starts_at: '2026-11-26 09:00'},"
        b" {slug: port-strike-2, case: port-strike, court: riga, starts_at: '2027-06-01 10:00'}]"
    )
    moved = await feeds.entries(url)
    was, now = first["port-strike-1"], moved["port-strike-1"]
    assert now["DTSTART"].dt - was["DTSTART"].dt == timedelta(hours=23)
    assert now["SEQUENCE"] > was["SEQUENCE"]
    assert now["UID"] == was["UID"]
    far = datetime(2027, 6, 1, 10, tzinfo=ZoneInfo("Europe/Riga"))
    assert moved["port-strike-2"]["DTSTART"].dt == far
    await feeds.town.take_in(b"hearings: [{slug: port-strike-1, status: cancelled}]")
    cancelled = (await feeds.entries(url))["port-strike-1"]
    assert cancelled["STATUS"] == "CANCELLED"
    assert cancelled["SEQUENCE"] > now["SEQUENCE"]
    await feeds.town.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    assert set(await feeds.entries(url)) == {"lately", "port-strike-2"}


async def test_every_follow_counts_and_each_hearing_once(feeds: Feeds, anna: Person) -> None:
    url = await feeds.of(anna)
    await anna.send("/start c-port-strike")
    await anna.press_data("fcase:1:0::0:1")
    await anna.press_data("mute:1:0:1:0")
    await anna.press_data("mute:2:0:1:0")
    assert set(await feeds.entries(url)) == {"lately", "port-strike-1"}
    await anna.press_data("come:3:0:0:0:0:0:1")  # the other case's, in Kamensk
    assert set(await feeds.entries(url)) == {"lately", "port-strike-1", "other-2"}
    await anna.press_data("fcity:0:0:2:0:0:1")  # Riga
    everything = {"lately", "port-strike-1", "other-1", "other-2"}
    assert set(await feeds.entries(url)) == everything
    await anna.press_data("fall")
    assert set(await feeds.entries(url)) == everything
    for follow in range(1, 5):
        await anna.press_data(f"unfollow:{follow}:0:0")
    assert set(await feeds.entries(url)) == {"other-2"}
    await anna.press_data("come:3:0:0:0:0:0:0")
    assert await feeds.entries(url) == {}


async def test_a_month_is_looked_back_and_everything_ahead(feeds: Feeds, anna: Person) -> None:
    url = await feeds.of(anna)
    feeds.town.clock.forward(days=24)
    assert set(await feeds.entries(url)) == {"port-strike-1"}
    feeds.town.clock.forward(days=10)
    assert await feeds.entries(url) == {}


async def test_nobody_gets_more_than_a_program_bears(
    feeds: Feeds, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is to come goes before what was, and the file says that there is more."""
    url = await feeds.of(anna)
    await anna.press_data("fall")
    for entries, found in (
        (3, {"port-strike-1", "other-1", "other-2"}),
        (2, {"port-strike-1", "other-1"}),
    ):
        monkeypatch.setattr("bot.services.calendar.ENTRIES", entries)
        monkeypatch.setattr("bot.views.calendar.ENTRIES", entries)
        feeds.town.clock.forward(hours=12 * (entries == 2))
        assert set(await feeds.entries(url)) == found
        await anna.press_data("icsall")
        assert ("Всего их больше" in anna.last.text) == (entries == 2)


async def test_it_is_answered_as_programs_and_caches_expect(feeds: Feeds, anna: Person) -> None:
    url = await feeds.of(anna)
    answer = await feeds.ask(url)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"].startswith("private, max-age=")
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Content-Encoding" not in answer.headers
    plain = await answer.read()
    assert plain.startswith(b"BEGIN:VCALENDAR\r\n")
    refused = await feeds.ask(url, **{"Accept-Encoding": "gzip;q=0, deflate"})
    assert await refused.read() == plain
    packed = await feeds.ask(url, **{"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(await packed.read()) == plain
    head = await feeds.ask(url, "HEAD")
    assert (head.status, await head.read()) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(plain)
    assert (await feeds.ask(url, "POST")).status == 405


async def test_what_is_known_is_not_sent_again_until_it_changes(feeds: Feeds, anna: Person) -> None:
    url = await feeds.of(anna)

    async def status(tag: str) -> int:
        answer = await feeds.ask(url, **{"If-None-Match": tag})
        assert answer.status == 200 or await answer.read() == b""
        return answer.status

    tag = (await feeds.ask(url)).headers["ETag"]
    assert tag.startswith('W/"')
    assert [await status(one) for one in (tag, f'"x", {tag}', "*", '"x"')] == [304, 304, 304, 200]
    await feeds.town.take_in(b"hearings: [{slug: port-strike-1, room: '7'}]")
    assert await status(tag) == 200
    tag = (await feeds.ask(url)).headers["ETag"]
    await anna.press_data("fall")
    assert await status(tag) == 200
    tag = (await feeds.ask(url)).headers["ETag"]
    await anna.press_data("lang:en")
    assert await status(tag) == 200
    assert "port strike" in str((await feeds.entries(url))["port-strike-1"]["SUMMARY"])
    tag = (await feeds.ask(url)).headers["ETag"]
    feeds.town.clock.forward(days=1)
    assert await status(tag) == 200


async def test_a_calendar_is_made_once_for_all_who_have_the_same(
    feeds: Feeds, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def counted(*given: Any) -> bytes:
        made.append(given)
        return original(*given)

    original = documents.calendar_of
    monkeypatch.setattr("bot.documents.calendar.calendar_of", counted)
    boris = feeds.town.person("Boris", language="ru")
    await boris.send("/start d-ivan-lodkin")
    await boris.press("Подписаться")
    urls = [await feeds.of(anna), await feeds.of(boris)]
    for url in urls * 3:
        assert len(await feeds.entries(url)) == 2
    assert len(made) == 1
    await feeds.town.take_in(b"hearings: [{slug: port-strike-1, room: '7'}]")
    for url in urls * 3:
        await feeds.entries(url)
    assert len(made) == 2


# Who may not look.


def wrong_tokens() -> list[str]:
    return [
        *("A" * 32 + ".ics", "x.ics", ".ics", "", "/", "a/b.ics", "%00.ics", "%FF%FE.ics"),
        *("..%2F..%2Ftelegram", "x" * 4000 + ".ics", "Гавань.ics", "%ED%A0%80.ics", "1.ics"),
    ]


async def seen(answer: ClientResponse) -> tuple[int, dict[str, str], bytes]:
    """All of an answer but its time."""
    headers = {key: told for key, told in answer.headers.items() if key != "Date"}
    return answer.status, headers, await answer.read()


async def test_a_wrong_address_tells_nothing_whatever_is_wrong_with_it(
    feeds: Feeds, anna: Person
) -> None:
    url = await feeds.of(anna)
    base, _, token = url.rpartition("/")
    old, url = url, await feeds.of(anna)
    assert (await feeds.ask(url)).status == 200
    near = [token, token.removesuffix(".ics"), token.upper(), f"{token}x", f" {token}"]
    wrong = [old, *(f"{base}/{name}" for name in [*wrong_tokens(), *near])]
    answers = [await seen(await feeds.ask(one)) for one in wrong]
    assert answers[0][0] == 404
    assert all(answer == answers[0] for answer in answers)
    assert "ETag" not in answers[0][1]


async def test_whoever_blocks_the_bot_or_is_forgotten_has_no_calendar(
    feeds: Feeds, anna: Person
) -> None:
    url = await feeds.of(anna)
    nowhere = await seen(await feeds.ask(url + "x"))
    await feeds.town.telegram.confirmed(anna.block())
    assert await seen(await feeds.ask(url)) == nowhere
    await feeds.town.telegram.confirmed(anna.unblock())
    assert len(await feeds.entries(url)) == 2
    await anna.send("/privacy")
    anna.sees("личный адрес календаря с 22 ноября 2026")
    await anna.press("Копия")
    assert anna.last.document is not None
    assert json.loads(anna.last.document.content)["calendar_address_since"] == "2026-11-22"
    await anna.send("/forget")
    await anna.press("Да, удалить")
    assert await seen(await feeds.ask(url)) == nowhere
    assert await feeds.kept() == 0


async def test_many_wrong_addresses_and_right_ones_at_once(
    feeds: Feeds, anna: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("console")
    url = await feeds.of(anna)
    base, _, _token = url.rpartition("/")
    right = await seen(await feeds.ask(url))
    wrong = await seen(await feeds.ask(f"{base}/x.ics"))
    shapes = wrong_tokens()
    addresses = [
        url if number % 5 == 0 else f"{base}/{number}{shapes[number % len(shapes)]}"
        for number in range(400)
    ]
    answers = await asyncio.gather(*(feeds.ask(one) for one in addresses))
    for address, answer in zip(addresses, answers, strict=True):
        assert await seen(answer) == (right if address == url else wrong)
    await anna.send("/start")  # people are answered as before
    told = capsys.readouterr()
    assert "error" not in (told.err + told.out).casefold()


async def test_more_than_can_wait_are_told_to_come_later(
    feeds: Feeds, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await feeds.of(anna)
    monkeypatch.setattr("bot.calendar_feed.WAITING", 0)
    right, wrong = await seen(await feeds.ask(url)), await seen(await feeds.ask(url + "x"))
    assert right == wrong
    assert right[0] == 503
    monkeypatch.undo()
    assert (await feeds.ask(url)).status == 200


@pytest.mark.parametrize(("error", "status"), [(OSError, 503), (LookupError, 500)])
async def test_no_address_is_kept_or_logged_whatever_fails(
    feeds: Feeds,
    anna: Person,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: type[Exception],
    status: int,
) -> None:
    logs.configure("console")  # into what is captured
    url = await feeds.of(anna)
    token = url.rpartition("/")[2].removesuffix(".ics")
    assert len(base64.urlsafe_b64decode(token)) * 8 >= 192

    async def fails(*_given: Any) -> None:
        raise error(token)

    monkeypatch.setattr("bot.services.calendar.contents", fails)
    assert (await feeds.ask(url)).status == status
    told = capsys.readouterr()
    assert error.__name__ in told.err
    assert token not in told.err + told.out
    database = feeds.town.app.settings.database_url
    await feeds.town.halt()
    if is_sqlite(database):
        file = sqlite_file(database)
        for part in file.parent.glob(f"{file.name}*"):
            assert token.encode() not in part.read_bytes()


# Its screens.


async def test_an_address_is_asked_for_replaced_and_switched_off(
    feeds: Feeds, anna: Person
) -> None:
    await anna.send("/follows")
    await anna.press("В календарь")
    await anna.press("Личный адрес")
    anna.sees("Кто знает адрес, видит, на что вы подписаны")
    anna.sees("как у Google")
    await anna.press("Нет")
    assert await feeds.kept() == 0
    await anna.press("Личный адрес")
    await anna.press("Да, создать")
    await anna.press("📋 https://")
    url = anna.clipboard or ""
    anna.sees(url)
    await anna.press("📋 webcal://")
    assert anna.clipboard == "webcal://" + url.partition("://")[2]
    assert url.startswith(f"{feeds.town.app.settings.webhook_url}/calendar/")
    await anna.press("‹ Календарь")
    anna.sees("создан 22 ноября 2026")
    anna.sees_not("/calendar/")
    await anna.press("Новый адрес")
    anna.sees("Нынешний адрес перестанет работать")
    await anna.press("Да, создать")
    assert (await feeds.ask(url)).status == 404
    await anna.press("📋 https://")
    assert (await feeds.ask(anna.clipboard or "")).status == 200
    await anna.press("‹ Календарь")
    await anna.press("Отключить")
    await anna.press("Да, отключить")
    assert anna.toast is not None
    assert anna.toast.text == "Отключено"
    assert (await feeds.ask(anna.clipboard or "")).status == 404
    assert await feeds.kept() == 0


async def test_a_group_is_offered_the_file_alone(feeds: Feeds) -> None:
    anna = feeds.town.person(language="en")
    group = feeds.town.telegram.group("Friends", members=[anna])
    await anna.send("/follows@solidarity_bot", chat=group)
    await anna.press("Calendar", chat=group)
    group.sees("all coming hearings of what this group follows")
    assert group.last.labels == ["📄 The file, as of now", "‹ Follows", "☰ Menu"]
    for pressed in ("askfeed", "makefeed", "askfeedoff", "feedoff"):
        await anna.press_data(pressed, chat=group)
        group.sees_not("address")
    assert await feeds.kept() == 0


async def test_without_a_public_address_there_is_the_file_alone(harbour: Town) -> None:
    await harbour.take_in(MORE.encode())
    anna = harbour.person(language="en")
    await anna.send("/follows")
    await anna.press("Calendar")
    anna.sees_not("private address")
    assert anna.last.labels == ["📄 The file, as of now", "‹ Follows", "☰ Menu"]
    await anna.press("The file")
    assert anna.toast is not None
    assert anna.toast.text == "No date is known at the moment."
    await anna.press_data("makefeed")
    anna.sees("out of date")
    await anna.send("/follows")
    await anna.press_data("fall")
    await anna.press("Calendar")
    await anna.press("The file")
    assert anna.last.document is not None
    assert anna.last.document.name == "dates.ics"
    assert "3 dates." in anna.last.text
    found = Calendar.from_ical(anna.last.document.content)
    starts = [event["DTSTART"].dt.astimezone(UTC) for event in found.walk("VEVENT")]
    assert [start.day for start in starts] == [25, 1, 2]


async def test_what_was_made_can_be_ended_when_there_is_no_public_address_any_more(
    database_url: str,
) -> None:
    async with feeds_in(database_url) as feeds:
        anna = feeds.town.person(language="en")
        await feeds.of(anna)
        telegram = feeds.town.telegram
        await feeds.town.halt()
        async with town(database_url, telegram=telegram) as later:
            await asyncio.wait_for(later.opened.wait(), 60)
            await anna.send("/follows")
            await anna.press("Calendar")
            anna.sees("At the moment it does not answer.")
            assert "🔄 New address" not in anna.last.labels
            await anna.press("Switch off")
            await anna.press("Yes, switch it off")
            anna.sees_not("private address")
        assert await feeds.kept() == 0


# Events at which one has a seat.


EVENING = "event-letters-in-may"


async def change(feeds: Feeds, facts: str) -> None:
    await feeds.town.take_in(f"events: [{{slug: letters-in-may, {facts}}}]".encode())


async def comes(person: Person, day: str = "") -> None:
    await person.press_data(f"seat:1:{day}:1")


async def test_an_evening_one_comes_to_is_there_and_changes_there(
    feeds: Feeds, anna: Person
) -> None:
    url = await feeds.of(anna)
    assert EVENING not in await feeds.entries(url)
    await comes(anna)
    first = (await feeds.entries(url))[EVENING]
    assert first["SUMMARY"] == "Вечер писем"
    assert first["LOCATION"] == "Каменск, Кафе «Маяк», ул. Речная, 7"
    await change(feeds, "starts_at: 2026-11-28 18:00")
    second = (await feeds.entries(url))[EVENING]
    assert second["DTSTART"].dt == datetime(2026, 11, 28, 13, tzinfo=UTC)
    assert second["SEQUENCE"] > first["SEQUENCE"]
    await change(feeds, "status: cancelled")
    third = (await feeds.entries(url))[EVENING]
    assert third["STATUS"] == "CANCELLED"
    assert third["SEQUENCE"] > second["SEQUENCE"]
    await anna.press_data("noseat:1::0")
    assert EVENING not in await feeds.entries(url)


async def test_who_waits_for_a_seat_does_not_take_it_for_certain(
    feeds: Feeds, anna: Person
) -> None:
    await change(feeds, "capacity: 1")
    oleg = feeds.town.person("Oleg")
    await oleg.send("/start e-1")
    await comes(oleg)
    url = await feeds.of(anna)
    await comes(anna)
    assert EVENING not in await feeds.entries(url)


async def test_each_day_of_a_series_is_an_entry_and_a_day_left_out_is_cancelled(
    feeds: Feeds, anna: Person
) -> None:
    await change(feeds, "repeats: {every: week}")
    url = await feeds.of(anna)
    for day in ("2026-11-27", "2026-12-04"):
        await comes(anna, day)
    found = await feeds.entries(url)
    days = [f"{EVENING}-{day}" for day in ("2026-11-27", "2026-12-04")]
    assert set(found) >= set(days)
    await change(feeds, "repeats: {every: week, except: [2026-12-04]}")
    later = await feeds.entries(url)
    assert [later[day]["STATUS"] for day in days] == ["CONFIRMED", "CANCELLED"]
    assert all(later[day]["SEQUENCE"] > found[day]["SEQUENCE"] for day in days)


async def test_a_place_comes_into_the_calendar_when_it_may_be_known(
    feeds: Feeds, anna: Person
) -> None:
    await change(feeds, "place_shown: 3, online_url: 'https://meet.example.org/x'")
    await comes(anna)
    url = await feeds.of(anna)
    answer = await feeds.ask(url)
    tag, before = answer.headers["ETag"], await answer.read()
    assert b"meet.example.org" not in before
    feeds.town.clock.moment = datetime(2026, 11, 27, 10, 59, tzinfo=UTC)
    assert b"meet.example.org" not in await (await feeds.ask(url)).read()
    tag = (await feeds.ask(url)).headers["ETag"]
    feeds.town.clock.forward(minutes=1)
    answer = await feeds.ask(url, **{"If-None-Match": tag})
    assert answer.status == 200
    [event] = [
        one
        for one in Calendar.from_ical(await answer.read()).walk("VEVENT")
        if str(one["UID"]).startswith(EVENING)
    ]
    assert "https://meet.example.org/x" in event["DESCRIPTION"]
    assert "Маяк" in event["LOCATION"]


async def test_the_file_of_all_holds_what_one_comes_to(feeds: Feeds, anna: Person) -> None:
    await comes(anna)
    await anna.press_data("icsall")
    assert anna.last.document is not None
    assert anna.last.document.name == "dates.ics"
    assert b"letters-in-may" in anna.last.document.content
    assert "2 даты." in anna.last.text
    group = feeds.town.telegram.group("Friends", members=[anna], bot="administrator")
    await anna.send("/follows@solidarity_bot", chat=group)
    await anna.press_data("icsall", chat=group)
    for message in group.messages:
        assert message.document is None or b"letters-in-may" not in message.document.content


async def test_days_of_what_repeats_no_more_are_off_and_the_one_that_is_left_is_on(
    feeds: Feeds, anna: Person
) -> None:
    await change(feeds, "repeats: {every: week}")
    url = await feeds.of(anna)
    for day in ("2026-11-27", "2026-12-04"):
        await comes(anna, day)
    await change(feeds, "repeats: null")
    body = await (await feeds.ask(url)).read()
    found = [
        (str(one["UID"]).split("@")[0], str(one["STATUS"]), one["DTSTART"].dt.day)
        for one in Calendar.from_ical(body).walk("VEVENT")
        if str(one["UID"]).startswith(EVENING)
    ]
    left_out = (f"{EVENING}-2026-12-04", "CANCELLED", 4)
    assert sorted(found) == [(EVENING, "CONFIRMED", 27), left_out]


async def test_an_evening_that_is_removed_is_gone_as_a_removed_hearing_is(
    feeds: Feeds, anna: Person
) -> None:
    await comes(anna)
    url = await feeds.of(anna)
    assert EVENING in await feeds.entries(url)
    await feeds.town.take_in(b"events: [{slug: letters-in-may, remove: true}]")
    assert set(await feeds.entries(url)) == {"lately", "port-strike-1"}


async def test_a_past_evening_is_at_the_address_and_in_no_file(feeds: Feeds, anna: Person) -> None:
    await comes(anna)
    url = await feeds.of(anna)
    feeds.town.clock.forward(days=8)
    assert EVENING in await feeds.entries(url)
    await anna.press_data("icsall")
    assert anna.toast is not None
    assert anna.toast.text == "Сейчас ни одной даты не известно."


async def test_a_calendar_program_shows_what_became_of_evenings(
    feeds: Feeds, anna: Person, tmp_path: Path
) -> None:
    """And a parser of another make reads the same."""
    khal, url = Khal(tmp_path, "Asia/Yekaterinburg"), await feeds.of(anna)
    await change(feeds, "repeats: {every: week}")
    for day in ("2026-11-27", "2026-12-04"):
        await comes(anna, day)

    async def shown() -> list[str]:
        file = await (await feeds.ask(url)).read()
        assert len(vobject.readOne(file.decode()).vevent_list) == 4
        lines = await asyncio.to_thread(khal.takes, file)
        return [line for line in lines if "Вечер писем" in line]

    on = [line[:16] for line in await shown()]
    assert on == ["2026-11-27 19:00", "2026-12-04 19:00"]
    await change(feeds, "starts_at: 2026-11-27 18:00, repeats: {every: week, except: [2026-12-04]}")
    moved, left_out = await shown()
    assert moved.startswith("2026-11-27 18:00")
    assert "CANCELLED" not in moved
    assert left_out.startswith("2026-12-04 18:00")
    assert "CANCELLED" in left_out
    await change(feeds, "status: cancelled")
    assert ["CANCELLED" in line for line in await shown()] == [True, True]
