"""What `deploy/` shows of the numbers and warns of is there in a bot that runs."""

import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as families

from tests.delivery import Delivery
from tests.test_health import asking, here, holds
from tests.test_metrics import MOVED, follow, numbers
from tests.town import town

DEPLOY = Path(__file__).parent.parent / "deploy"
BOARD = json.loads((DEPLOY / "grafana.json").read_text())
RULES = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
ENDS = ("", "_total", "_bucket", "_sum", "_count", "_info")
NAME = re.compile(r"\b(?:bot|process)_[a-z_]+")
LABEL = re.compile(r'(\w+)\s*(?:=~|=)\s*"([^"]*)"|(?:by|without) \(([^)]*)\)')
OF_THE_SERVER = {"job", "instance"}
"""Labels that Prometheus adds to whatever it asks."""


def expressions() -> list[str]:
    shown = [target["expr"] for panel in PANELS for target in panel["targets"]]
    return [*shown, *(rule["expr"] for rule in RULES)]


def labels_in(expression: str) -> Iterator[tuple[str, str | None]]:
    for label, value, grouped in LABEL.findall(expression):
        if label:
            yield label, value
        yield from ((one.strip(), None) for one in grouped.split(",") if one)


@pytest.mark.either_database
async def test_what_is_shown_is_there(delivery: Delivery, database_url: str) -> None:
    """Every number by its name, and every label with the values that are asked for."""
    async with town(database_url, "format.yaml", **here()) as one, asking(one) as asked:
        await follow(one)
        await holds(one)
        one.app.metrics.backup(one.clock.now(), is_good=True)
        one.app.metrics.forgotten("subscribers", 1)
        await delivery.rests(one)
        await one.take_in(MOVED)
        await delivery.settles(one)
        page = (await numbers(asked)).page
    there = {sample.name: set[str]() for family in families(page) for sample in family.samples}
    labels = {
        (label, value)
        for family in families(page)
        for sample in family.samples
        for label, value in sample.labels.items()
    }
    known = {label for label, _ in labels} | OF_THE_SERVER
    for expression in expressions():
        names = NAME.findall(expression)
        assert names, expression
        assert set(names) <= there.keys(), expression
        used = set(labels_in(expression))
        assert {label for label, _ in used} <= known, expression
        exact = {pair for pair in used if pair[1] and pair[0] in ("verdict", "of", "priority")}
        assert exact <= labels, expression


def test_the_board_can_be_imported() -> None:
    """Its panels have numbers of their own, lie side by side, and ask the source one chooses."""
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(ids) == len(set(ids)) > 20
    taken = set[tuple[int, int]]()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        across, down = (range(at[of], at[of] + at[size]) for of, size in ("xw", "yh"))
        cells = set(product(across, down))
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert [panel["title"] for panel in BOARD["panels"] if panel["type"] == "row"] == [
        "People are answered",
        "Followers are told",
        "The machine",
    ]
    source, bot = BOARD["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    asked = {"type": "prometheus", "uid": "${source}"}
    assert bot["datasource"] == asked
    for panel in PANELS:
        assert panel["targets"], panel["title"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        assert all(one["datasource"] == asked for one in (panel, *panel["targets"]))
    assert {BOARD["uid"], BOARD["title"]} == {"solidarity-bot", "Solidarity bot"}
    assert "__inputs" not in BOARD


def test_each_warning_says_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) > 5
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert all(rule["annotations"][part] for part in ("summary", "description"))
        assert re.fullmatch(r"\d+m", rule.get("for", "1m"))


def test_brackets_are_closed() -> None:
    """There is no Prometheus here that would read them."""
    for expression in expressions():
        left = re.sub(r'"[^"]*"', "", expression)
        for pair in ("()", "{}", "[]"):
            assert left.count(pair[0]) == left.count(pair[1]), expression


def test_it_names_no_host() -> None:
    said = (DEPLOY / "grafana.json").read_text() + (DEPLOY / "alerts.yml").read_text()
    assert "://" not in said
    assert "localhost" not in said
