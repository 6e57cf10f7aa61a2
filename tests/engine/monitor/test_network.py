from __future__ import annotations

from typing import Any

import pytest

from engine.monitor.network import Network, has_route
from engine.probes.result import ProbeResult, Stage
from engine.probes.states import CusHealthState

FAILED = ProbeResult(
    state=CusHealthState.FAILING, message="No address.", error="dns_failed", stage="resolve"
)


def offline() -> Network:
    return Network(routed=lambda _: False)


@pytest.mark.parametrize("place", ["api.example.com", "10.1.2.3", "fd00::1", "openai"])
def test_without_a_route_a_missing_answer_says_nothing(place: str) -> None:
    assert offline().is_to_blame(FAILED, place, now=1.0)


@pytest.mark.parametrize("place", ["localhost", "127.0.0.9", "::1"])
def test_this_machine_itself_needs_no_route(place: str) -> None:
    assert not offline().is_to_blame(FAILED, place, now=1.0)


def test_what_never_leaves_this_machine_is_not_the_networks() -> None:
    assert not offline().is_to_blame(FAILED, None, now=1.0)


@pytest.mark.parametrize(
    "heard",
    [
        {"stage": "response", "status_code": 503},
        {"stage": "connect", "error": "refused"},
        {"stage": "authenticate", "stages": (Stage(name="connect", ms=1.0),)},
    ],
)
def test_an_answer_is_an_answer(heard: dict[str, Any]) -> None:
    result = ProbeResult(state=CusHealthState.FAILING, message="", **heard)
    assert not offline().is_to_blame(result, "db.internal", now=1.0)


def test_a_connection_that_failed_is_no_answer() -> None:
    stages = (Stage(name="resolve", ms=1.0), Stage(name="connect", ms=3000.0, ok=False))
    result = ProbeResult(
        state=CusHealthState.FAILING, message="", stage="connect", error="timeout", stages=stages
    )
    assert offline().is_to_blame(result, "db.internal", now=1.0)


@pytest.mark.parametrize("stage", ["credential", "request", "address"])
def test_what_was_never_sent_is_not_the_networks(stage: str) -> None:
    result = ProbeResult(state=CusHealthState.FAILING, message="", stage=stage)
    assert not offline().is_to_blame(result, "api.example.com", now=1.0)


def test_online_a_failure_is_a_failure() -> None:
    assert not Network(routed=lambda _: True).is_to_blame(FAILED, "openai", now=1.0)


def test_being_online_again_is_noticed() -> None:
    found = {"route": False}
    network = Network(routed=lambda _: found["route"])
    assert network.is_to_blame(FAILED, "openai", now=1.0)
    assert network.look(now=2.0)
    found["route"] = True
    assert not network.look(now=3.0)


def test_a_route_to_this_machine_is_always_there() -> None:
    assert has_route("127.0.0.1")
