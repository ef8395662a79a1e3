"""Telegram's pace is kept by whatever comes when; time is a parameter."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.delivery import limiter as limits
from bot.delivery.limiter import Limiter
from bot.delivery.quiet import quiet_until
from sandbox import Limits

RATES = st.sampled_from([1, 5, 29, 980])
LATE = st.lists(st.floats(0, 0.05), min_size=1, max_size=30)
"""Seconds that timers wake too late by, one after the other, again and again."""


def sent(limiter: Limiter, late: list[float], number: int, now: float = 0.0) -> Iterator[float]:
    """The moments of so many messages, each to somebody else, as fast as may be."""
    for chat in range(1, number + 1):
        if wait := limiter.wait(now):
            now += wait + late[chat % len(late)]
        assert limiter.wait(now) <= 1e-9
        limiter.take(chat, now)
        yield now


def test_what_cannot_wait_is_paid_for_as_long_as_it_would_be_refused() -> None:
    limiter = Limiter(29)
    limiter.take(1, 0.0)
    assert not limiter.pays(0.0)
    limiter.take(2, 1.0, paid=True)
    limiter.take(3, 1.5)
    assert (limiter.pays(1.9), limiter.pays(2.1)) == (True, False)


def most_in_a_second(times: list[float]) -> int:
    first, most = 0, 0
    for last, time in enumerate(times):
        while times[first] + 1 <= time:
            first += 1
        most = max(most, last - first + 1)
    return most


@given(RATES, LATE)
def test_no_rolling_second_has_more_than_the_rate(rate: int, late: list[float]) -> None:
    assert most_in_a_second(list(sent(Limiter(rate), late, 4 * rate))) <= rate


@pytest.mark.parametrize("rate", [29, 980])
def test_timers_that_are_late_cost_no_rate(rate: int) -> None:
    *_, end = sent(Limiter(rate), [0.001], 20 * rate)
    assert 20 * rate / end >= 0.99 * rate


def over_a_network(
    limiter: Limiter, ways: list[float], number: int
) -> tuple[list[float], list[float]]:
    """When messages came to Telegram whose ways there take so long, and when they were sent."""
    now, sent_at, came, back = 0.0, list[float](), list[float](), list[tuple[float, float]]()
    while len(came) < number:
        while back and back[0][0] <= now:
            answered, since = heappop(back)
            limiter.arrived(since, answered)
        if wait := limiter.wait(now):
            now += max(wait, 1e-6)
            continue
        way = 0.02 + ways[len(came) % len(ways)]
        limiter.take(len(came), now)
        limiter.departs()
        sent_at.append(now)
        came.append(now + way)
        heappush(back, (now + way + 0.02, now))
    return sorted(came), sent_at


@given(st.sampled_from([29, 100]), st.lists(st.floats(0, 0.8), min_size=1, max_size=40))
@example(29, [0.0, 0.0625, 0.0])
def test_a_network_that_stalls_brings_no_more_than_telegram_takes(
    rate: int, stalls: list[float]
) -> None:
    came, _ = over_a_network(Limiter(rate), [0.0, *stalls], 4 * rate)
    assert most_in_a_second(came) <= Limiter(rate).most


@pytest.mark.parametrize(("answers", "room"), [(0, 0), (3, 0), (8, 2)])
def test_room_is_kept_for_answers_as_there_were_some_in_the_last_second(
    answers: int, room: int
) -> None:
    limiter, now = Limiter(980), 0.5
    for _ in range(answers):
        limiter.spend(None, 0.0)
    limiter.under_way = limiter.most - room - 1
    assert limiter.room_at(now) == now
    limiter.departs()
    assert limiter.room_at(now) > now
    assert limiter.room_at(1 + limits.SOON) == 1 + limits.SOON or not room


@pytest.mark.parametrize("way", [0.001, 0.3, 2.0])
@pytest.mark.parametrize("answers", [30, 300])
def test_however_many_are_answered_something_is_sent(answers: int, way: float) -> None:
    """For half a minute; `way`: there and back."""
    limiter, back, number = Limiter(29), list[tuple[float, int]](), 0
    for step in range(30 * answers):
        now = step / answers
        while back and back[0][0] <= now:
            since = heappop(back)
            limiter.arrived(since[0] - way, now) if since[1] else limiter.answer_lands(now)
        if limiter.spend(step % 500 + 1, now):
            limiter.answer_departs()
            heappush(back, (now + way, 0))
        if not limiter.wait(now):
            limiter.take(1000 + step, now)
            limiter.departs()
            heappush(back, (now + way, 1))
            number += 1
    assert number > 29 * 30 / 10
    assert len(limiter.spent) <= limits.OF_ANSWERS * 29


def test_answers_have_their_turn_by_a_part_of_the_rate() -> None:
    limiter, now, begun = Limiter(29), 0.0, list[float]()
    for chat in range(100):
        now += limiter.wait_to_answer(now)
        limiter.spend(chat, now)
        begun.append(now)
    most = int(limits.OF_ANSWERS * 29)
    assert begun[: most // limits.AT_ONCE] == [0.0] * (most // limits.AT_ONCE)
    pairs = zip(begun, begun[most:], strict=False)
    assert all(later - one >= limits.SECOND - 1e-9 for one, later in pairs)
    assert now == pytest.approx(limits.SECOND * 100 / most, rel=0.1)


@pytest.mark.parametrize("processes", [2, 3, 6])
def test_processes_answer_no_more_together_than_one_would(processes: int) -> None:
    """Though each hears of the others only a moment later."""
    limiters, words, taken = [Limiter(29) for _ in range(processes)], list[Any](), list[float]()
    for step in range(4000):
        now = step / 400
        for at, other in [one for one in words if one[0] <= now]:
            words.remove((at, other))
            for limiter in limiters:
                if limiter is not other:
                    limiter.spend_elsewhere(1, now)
        for limiter in limiters:
            if not limiter.wait_to_answer(now):
                limiter.spend(step, now)
                words.append((now + 0.025, limiter))
                taken.append(now)
    most = int(limits.OF_ANSWERS * 29)
    within = [sum(one <= other < one + 1 for other in taken) for one in taken if 1 < one < 9]
    assert min(within) >= 0.6 * most
    assert max(within) <= most + processes


def test_what_others_answer_has_its_turn_too_however_much_it_is() -> None:
    limiter = Limiter(29)
    limiter.spend_elsewhere(1000, 10.0)
    assert limits.SECOND < limiter.wait_to_answer(10.0) <= limits.OVERDRAWN
    assert limiter.wait_to_answer(10.0 + limits.OVERDRAWN) == 0


def test_whoever_pays_answers_by_the_paid_pace() -> None:
    limiter = Limiter(29)
    limiter.paid_at = 10.0
    for chat in range(200):
        limiter.spend(chat, 10.0)
    assert limiter.wait_to_answer(10.0) == 0


def test_at_the_slowest_pace_somebody_is_answered() -> None:
    assert Limiter(1).wait_to_answer(0.0) == 0


@pytest.mark.parametrize("rate", [29, 980])
def test_a_steady_network_costs_no_rate(rate: int) -> None:
    _, sent_at = over_a_network(Limiter(rate), [0.03], 10 * rate)
    assert 10 * rate / sent_at[-1] >= 0.99 * rate


def test_a_way_that_became_longer_is_learnt() -> None:
    _, sent_at = over_a_network(Limiter(29), [0.0] * 29 + [0.2] * 29 * 300, 29 * 300)
    assert 29 * 20 / (sent_at[-1] - sent_at[-29 * 20]) >= 0.99 * 29


def test_what_has_no_answer_yet_may_come_with_the_next() -> None:
    limiter = Limiter(29)
    for chat in range(limiter.most):
        limiter.take(chat, float(chat))
        limiter.departs()
    assert limiter.wait(1000.0) == pytest.approx(limits.SOON)
    limiter.arrived(0.0, 1000.0, answered=False)
    assert limiter.wait(1000.5) == pytest.approx(limits.SECOND - 0.5)
    assert limiter.wait(1000 + limits.SECOND) == 0


def test_what_stalled_and_is_answered_at_once_came_no_earlier_than_it_did() -> None:
    limiter, quick = Limiter(29), 0.004
    for turn in range(limits.LEARNING + 1):
        limiter.departs()
        limiter.arrived(turn - quick, float(turn))
    limiter.departs(limiter.most)
    limiter.arrived(20.0, 21.0, weight=limiter.most)
    assert limiter.room_at(21.5) >= 22


def test_a_stall_at_the_beginning_teaches_nothing() -> None:
    """All under way take long there, and their answers no time."""
    limiter, now = Limiter(29), 0.0
    for burst in range(3):
        now = burst * 0.5
        limiter.departs(limiter.most)
        for _ in range(limiter.most):
            limiter.arrived(now, now + 0.3)
    assert limiter.room_at(now + 0.5) >= now + 0.3 + 1


@given(RATES, st.floats(1, 3600))
def test_no_burst_is_saved_up_for(rate: int, idle: float) -> None:
    limiter = Limiter(rate)
    limiter.take(1, 0.0)
    at_once = 0
    while not limiter.wait(idle):
        limiter.take(2, idle)
        at_once += 1
    assert at_once <= 2 + rate * limits.CATCH_UP


@pytest.mark.parametrize(("chat", "pause"), [(7, 1.0), (-7, 3.0)])
def test_a_chat_has_a_pace_of_its_own(chat: int, pause: float) -> None:
    limiter = Limiter(29)
    assert limiter.free_at(chat) <= 0
    limiter.take(chat, 10.0)
    assert limiter.free_at(chat) == 10 + pause
    assert limiter.free_at(chat + 1) <= 10


@given(st.lists(st.sampled_from([1, 2, 3, -1, -2]), min_size=1, max_size=200))
def test_the_sandbox_has_nothing_to_object_to(chats: list[int]) -> None:
    limiter, telegram, now = Limiter(30), Limits(per_chat=1, burst=1), 0.0
    for chat in chats:
        now = max(now + limiter.wait(now), limiter.free_at(chat))
        limiter.take(chat, now)
        telegram.take(chat, now)
    assert telegram.refused == 0


def test_one_busy_chat_waits_alone() -> None:
    limiter = Limiter(29)
    limiter.take(1, 0.0)
    assert not limiter.take(1, 1.0)
    limiter.refused(1, 1.1, 60.0, was_idle=False)
    assert limiter.free_at(1) == 61.1
    assert limiter.wait(2.0) == 0


def test_a_group_that_had_its_share_waits_alone() -> None:
    limiter = Limiter(29)
    limiter.refused(-1, 0.0, 40.0, was_idle=True)
    assert limiter.wait(0.0) == 0
    assert limiter.free_at(-1) == 40


def test_an_idle_chat_told_to_wait_means_the_bot() -> None:
    limiter = Limiter(29)
    assert limiter.take(1, 0.0)
    limiter.refused(1, 0.1, 60.0, was_idle=True)
    assert limiter.wait(0.1) == pytest.approx(limits.TOGETHER)
    assert limiter.free_at(1) == 60.1


def test_several_chats_told_to_wait_close_the_gate() -> None:
    limiter = Limiter(29)
    limiter.refused(1, 0.0, 30.0, was_idle=False)
    limiter.refused(2, 4.0, None, was_idle=False)
    assert limiter.wait(4.0) == limits.UNSAID


def test_groups_that_had_their_share_at_one_time_wait_alone() -> None:
    limiter = Limiter(29)
    for chat in (-1, -2, -3):
        limiter.refused(chat, 0.0, 30.0, was_idle=True)
    limiter.refused(1, 0.0, 30.0, was_idle=False)
    assert limiter.wait(0.0) == 0
    assert limiter.free_at(-3) == 30


def test_who_is_refused_again_after_the_wait_has_a_limit_of_their_own() -> None:
    limiter, now = Limiter(29), 0.0
    limiter.refused(1, now, 40.0, was_idle=True)
    limiter.refused(2, now, 40.0, was_idle=True)
    assert limiter.wait(now) == 40
    for _ in range(5):
        now = max(map(limiter.free_at, (1, 2)))
        for chat in (1, 2):
            limiter.refused(chat, now, 40.0, was_idle=limiter.take(chat, now))
    assert limiter.closed_until == 40
    limiter.answered(1, now + 50)
    limiter.refused(1, now + 60, 40.0, was_idle=False)
    limiter.refused(3, now + 60, 40.0, was_idle=False)
    assert limiter.closed_until == now + 100


def test_those_who_were_refused_come_back_with_others_between_them() -> None:
    limiter = Limiter(29)
    for chat in range(1, 11):
        limiter.refused(chat, 0.0, 30.0, was_idle=False)
    limiter.take(0, 30.0)
    pace = limiter.due - 30
    back = [limiter.free_at(chat) for chat in range(1, 11)]
    assert back[0] == 30
    assert all(later - one > 1.9 * pace for one, later in pairwise(back))


def test_chats_told_to_wait_far_apart_do_not_close_it() -> None:
    limiter = Limiter(29)
    limiter.refused(1, 0.0, 1.0, was_idle=False)
    limiter.refused(2, 6.0, 1.0, was_idle=False)
    assert limiter.wait(6.0) == 0


def test_the_gate_opens_slowly() -> None:
    limiter = Limiter(100)
    limiter.close(10.0)
    times = list(sent(limiter, [0.0], 4000))
    second = [sum(start <= time < start + 1 for time in times) for start in range(10, 32)]
    assert 20 <= second[0] <= 30
    assert second == sorted(second)
    assert second[-1] == 100


def test_telegram_away_is_asked_rarely_and_never_given_up() -> None:
    limiter, now = Limiter(29), 0.0
    for _ in range(limits.AWAY - 1):
        limiter.troubled(now)
    assert limiter.wait(now) == 0
    waits = []
    for _ in range(10):
        limiter.troubled(now)
        waits.append(limiter.wait(now))
        now += waits[-1]
    assert waits[:3] == pytest.approx([0.5, 1, 2])
    assert waits[-1] == pytest.approx(limits.LONGEST)
    limiter.answered(7, now)
    limiter.troubled(now)
    assert limiter.wait(now) == 0


def test_single_troubles_among_answers_close_nothing() -> None:
    limiter = Limiter(29)
    for _ in range(10):
        limiter.troubled(0.0)
        limiter.answered(7, 0.0)
    assert limiter.wait(0.0) == 0


def test_what_is_long_ago_is_forgotten() -> None:
    limiter = Limiter(980)
    list(sent(limiter, [0.0], 100_000))
    assert len(limiter.sent) <= 980 * (limits.IDLE + 1)
    for chat in range(2000):
        limiter.refused(chat, 200.0, 1.0, was_idle=False)
    limiter.answered(7, 250.0)
    assert len(limiter.told) == 0


BERLIN, SAMARA = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Samara")


@pytest.mark.parametrize(
    ("now", "zone", "hours", "until"),
    [
        ("2026-11-22T21:30", BERLIN, (22, 8), "2026-11-23T07:00"),
        ("2026-11-23T06:59", BERLIN, (22, 8), "2026-11-23T07:00"),
        ("2026-11-23T07:00", BERLIN, (22, 8), None),
        ("2026-11-22T20:59", BERLIN, (22, 8), None),
        ("2026-11-22T12:00", BERLIN, (13, 15), "2026-11-22T14:00"),
        ("2026-11-22T14:00", BERLIN, (13, 15), None),
        ("2026-11-22T18:00", SAMARA, (22, 8), "2026-11-23T04:00"),
        ("2026-11-22T20:00", BERLIN, (20, 0), "2026-11-22T23:00"),
        ("2026-10-24T22:00", BERLIN, (22, 8), "2026-10-25T07:00"),  # the clocks go back
        ("2026-03-28T22:00", BERLIN, (22, 8), "2026-03-29T06:00"),  # and forth
        ("2026-03-28T22:00", BERLIN, (22, 2), "2026-03-29T01:00"),  # 2:00 does not exist
        ("2026-10-25T00:30", BERLIN, (1, 3), "2026-10-25T02:00"),  # 2:30, for the first time
        ("2026-10-25T01:30", BERLIN, (1, 3), "2026-10-25T02:00"),  # and again
        ("2026-11-22T12:00", BERLIN, (8, 8), None),
        ("2026-11-22T12:00", BERLIN, (None, 8), None),
    ],
)
def test_quiet_hours(
    now: str, zone: ZoneInfo, hours: tuple[int | None, int | None], until: str | None
) -> None:
    expected = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert quiet_until(datetime.fromisoformat(now).replace(tzinfo=UTC), zone, *hours) == expected


ZONES = st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Tehran"])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, ZONES.map(ZoneInfo), st.integers(0, 23), st.integers(0, 23))
def test_quiet_hours_end_within_a_day(now: datetime, zone: ZoneInfo, begin: int, end: int) -> None:
    until = quiet_until(now, zone, begin, end)
    assert until is None or timedelta(0) < until - now <= timedelta(hours=25)


def test_a_chats_second_begins_when_it_has_its_message() -> None:
    """What went out late by the network's fault would come too near to the next one."""
    limiter = Limiter(29)
    limiter.take(7, 0.0)
    assert limiter.free_at(7) == limits.PRIVATE
    limiter.answered(7, 0.4)
    assert limiter.free_at(7) == 0.4 + limits.PRIVATE
