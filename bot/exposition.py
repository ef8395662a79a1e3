"""/metrics: what the bot counts, in the words of Prometheus (prometheus.io, "Exposition formats").

A page is made whenever it is asked for. No chat, name, slug or text is in it: a label is a word of
the sources, or a library's of itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from platform import python_version

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from bot.delivery.backlog import Backlog
from bot.delivery.limiter import Limiter
from bot.delivery.verdicts import Fate
from bot.i18n import languages
from bot.metrics import BOUNDS, Metrics, Times
from models import Priority

CONTENT_TYPE = CONTENT_TYPE_LATEST
PRIORITIES = tuple(one.name.lower() for one in Priority)
FATES = tuple(one.name.lower() for one in Fate)


@dataclass(frozen=True)
class State:
    """Of the process, at this moment."""

    metrics: Metrics
    limiter: Limiter
    monotonic: float
    now: datetime
    backlog: Backlog | None
    """Nothing: another process sends, or the database does not answer."""


class Page(Collector):
    def __init__(self, state: State) -> None:
        self.state = state

    def collect(self) -> Iterator[Metric]:
        yield from of_updates(self.state.metrics)
        yield from of_answers(self.state)
        yield from of_delivery(self.state)
        yield from of_backlog(self.state)
        yield from of_ground(self.state)


def page(state: State) -> bytes:
    registry = CollectorRegistry()
    registry.register(Page(state))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def of_updates(metrics: Metrics) -> Iterator[Metric]:
    handled = counter("updates", "Updates handled.", "feature", "outcome")
    for labels, number in metrics.updates.items():
        handled.add_metric(labels, number)
    yield handled
    times = HistogramMetricFamily(
        "bot_update_seconds", "From an update to its end.", labels=["feature"]
    )
    for feature, taken in metrics.times.items():
        times.add_metric([feature], buckets(taken), taken.total)
    yield times
    yield gauge("updates_in_hand", "Updates being handled.", metrics.in_hand)


def of_answers(state: State) -> Iterator[Metric]:
    waiting = state.limiter.waiting
    yield gauge("answers_waiting", "Answers that wait for their turn.", waiting)


def buckets(times: Times) -> list[tuple[str, float]]:
    """As Prometheus has them: each counts those before it, too."""
    so_far, found = 0, list[tuple[str, float]]()
    for bound, number in zip((*map(str, BOUNDS), "+Inf"), times.within, strict=True):
        so_far += number
        found.append((bound, float(so_far)))
    return found


def of_delivery(state: State) -> Iterator[Metric]:
    tried = counter("deliveries", "Messages tried to send.", "verdict", "priority")
    counts = {(fate, one): 0 for fate in FATES for one in PRIORITIES}
    for (fate, one), number in state.metrics.deliveries.items():
        counts[fate.lower(), one.lower()] = number
    for labels, number in counts.items():
        tried.add_metric(labels, number)
    yield tried
    late = sum(number for (fate, _), number in counts.items() if fate == "later")
    refused = {"answers": state.limiter.late_answers, "deliveries": late}
    yield by("too_many_requests", "Times that Telegram said 429.", "of", refused)
    closed_for = max(0.0, state.limiter.closed_until - state.monotonic)
    yield gauge("gate_closed", "1: nothing is sent, for Telegram takes nothing.", closed_for > 0)
    seconds = counter("gate_closed_seconds", "How long nothing was sent for that.")
    seconds.add_metric([], state.limiter.closed_for - closed_for)
    yield seconds
    yield gauge("sends", "1: it is this process that sends.", state.metrics.sends)


def of_backlog(state: State) -> Iterator[Metric]:
    """Where it is known: what is not known has no value."""
    known = state.backlog
    left = gauges("queue_messages", "Messages nobody has got yet.", "priority")
    age = gauges("queue_oldest_seconds", "Since when that is due which goes next.", "priority")
    still = gauges("stands_still", "1: an owner stopped all sending.")
    for priority in Priority if known else ():
        assert known is not None
        left.add_metric([priority.name.lower()], known.left.get(priority, 0))
        since = state.now - known.due_at.get(priority, state.now)
        age.add_metric([priority.name.lower()], max(0.0, since.total_seconds()))
    if known:
        still.add_metric([], known.stands_still)
    yield from (left, age, still)


def of_ground(state: State) -> Iterator[Metric]:
    metrics = state.metrics
    yield by("waits", "Times that the bot had to wait for it.", "of", metrics.waits, SUPPORTS)
    away = gauges("away", "Parts of the bot that wait for it.", "of")
    for name, number in (dict.fromkeys(SUPPORTS, 0) | metrics.away).items():
        away.add_metric([name], number)
    away.add_metric(["Telegram"], metrics.is_telegram_away)
    yield away
    yield gauge("database_full", "1: its disk is full.", metrics.is_full)
    yield by("forgotten", "What is kept no longer.", "kind", metrics.gone)
    yield by("backups", "Backups made.", "outcome", metrics.backups, ("good", "failed"))
    last = gauges("backup_timestamp_seconds", "When the last good backup was made.")
    if metrics.backed_up_at:
        last.add_metric([], metrics.backed_up_at.timestamp())
    yield last
    build = InfoMetricFamily("bot_build", "What runs.")
    build.add_metric([], {"python": python_version(), "languages": " ".join(languages())})
    yield build


SUPPORTS = ("the database", "Redis")


def counter(name: str, what: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"bot_{name}", what, labels=labels)


def by(
    name: str, what: str, label: str, counts: Mapping[str, int], known: tuple[str, ...] = ()
) -> CounterMetricFamily:
    """`known`: are there, though nothing was counted yet."""
    found = counter(name, what, label)
    for value, number in (dict.fromkeys(known, 0) | dict(counts)).items():
        found.add_metric([value], number)
    return found


def gauges(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bot_{name}", what, labels=labels)


def gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"bot_{name}", what, value=value)
