"""What is made for Prometheus and Grafana speaks of metrics that there are."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from engine.monitor.metrics import Metrics
from storage.metrics import BoardRow
from tests.markdown import ROOT, code, require_command, table
from tests.servers.programs import system_program

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "lampboard.json").read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EMPTY = BoardRow(
    lamps=(), gauges=(), shares=(), incidents=(), alerts=(), monitors=0, due=0, next_due=None
)
_SAMPLES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "gauge": ("",),
    "info": ("_info",),
}
_NAME = re.compile(r"\b(?:lampboard|process|python)_\w+\b")


def families() -> dict[str, Any]:
    """Each metric of ours by its name, as a monitor tells it."""
    metrics = Metrics()
    metrics.board.row, metrics.board.read_at = EMPTY, object()  # type: ignore[assignment]
    return {family.name: family for family in metrics.registry.collect()}


def sample_names() -> set[str]:
    found = families().values()
    return {f"{one.name}{ending}" for one in found for ending in _SAMPLES[one.type]}


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return list(group["rules"])


def expressions() -> Iterator[tuple[str, str]]:
    """Every query of the rules and of the dashboard, by where it stands."""
    yield from ((rule["alert"], rule["expr"]) for rule in rules())
    for panel in PANELS:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])
    for one in DASHBOARD["templating"]["list"]:
        if one["type"] == "query":
            yield one["name"], one["definition"]


@pytest.mark.parametrize(("where", "query"), expressions(), ids=lambda value: value[:40])
def test_every_query_is_of_metrics_that_there_are(where: str, query: str) -> None:
    named = set(_NAME.findall(query))
    assert named or query.startswith("up{"), where
    assert named - sample_names() == set()


def test_the_page_tells_of_every_metric() -> None:
    rows = table((ROOT / "docs" / "metrics.md").read_text("utf-8"), "metrics")
    ours = {name: one for name, one in families().items() if name.startswith("lampboard_")}
    real = {
        f"{name}{'' if one.type in {'histogram', 'gauge'} else _SAMPLES[one.type][0]}"
        for name, one in ours.items()
    }
    assert {f"lampboard_{code(row[0])[0]}" for row in rows} == real
    for row in rows:
        one = ours[f"lampboard_{re.sub('_(total|info)$', '', code(row[0])[0])}"]
        assert ("histogram" in row[2]) == (one.type == "histogram"), row


def test_rules_say_what_is_wrong_and_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "description"}
        for command in re.findall(r"`lampboard ([^`]+)`", rule["annotations"]["description"]):
            require_command(re.sub(r"\{\{.*?\}\}", "acme", command).split())


@pytest.mark.parametrize(
    "words",
    [
        ("check", "rules", str(RULES)),
        ("check", "config", str(RULES.with_name("prometheus.yaml"))),
        ("test", "rules", str(ROOT / "tests" / "prometheus" / "alerts_test.yaml")),
    ],
    ids=" ".join,
)
def test_prometheus_takes_them(words: tuple[str, ...]) -> None:
    program = system_program("promtool", "promtool")
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_rule_is_set_off_by_a_test() -> None:
    text = (ROOT / "tests" / "prometheus" / "alerts_test.yaml").read_text("utf-8")
    quiet, loud = yaml.safe_load(text)["tests"]
    names = {rule["alert"] for rule in rules()}
    assert {one["alertname"] for one in quiet["alert_rule_test"]} == names
    (asked,) = loud["promql_expr_test"]
    fired = {re.findall(r'"(\w+)"', one["labels"])[0] for one in asked["exp_samples"]}
    assert fired == names


def test_panels_have_their_own_places() -> None:
    everything = DASHBOARD["panels"]
    assert len({panel["id"] for panel in everything}) == len(everything)
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)
    for panel in PANELS:
        assert panel["description"]
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert {source["uid"] for source in sources} == {"${datasource}"}
    for one, other in combinations([panel["gridPos"] for panel in everything], 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)
        assert one["x"] + one["w"] <= 24
