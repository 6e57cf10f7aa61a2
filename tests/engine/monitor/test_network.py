from __future__ import annotations

import pytest

from engine.monitor.network import Network, has_route
from engine.probes.result import ProbeResult
from engine.probes.states import CusHealthState

FAILED = ProbeResult(
    state=CusHealthState.FAILING, message="No address.", error="dns_failed", stage="resolve"
)


def offline() -> Network:
    return Network(routed=lambda _: False)


@pytest.mark.parametrize(
    "base_url", [None, "https://api.example.com/v1", "http://10.1.2.3:8000", "http://[fd00::1]/v1"]
)
def test_without_a_route_a_missing_answer_says_nothing(base_url: str | None) -> None:
    assert offline().is_to_blame(FAILED, base_url, now=1.0)


@pytest.mark.parametrize("base_url", ["http://localhost:1/v1", "http://127.0.0.9", "http://[::1]"])
def test_this_machine_itself_needs_no_route(base_url: str) -> None:
    assert not offline().is_to_blame(FAILED, base_url, now=1.0)


def test_an_answer_is_an_answer() -> None:
    result = ProbeResult(
        state=CusHealthState.FAILING, message="", stage="response", status_code=503
    )
    assert not offline().is_to_blame(result, None, now=1.0)


@pytest.mark.parametrize("stage", ["credential", "request", "address"])
def test_what_was_never_sent_is_not_the_networks(stage: str) -> None:
    result = ProbeResult(state=CusHealthState.FAILING, message="", stage=stage)
    assert not offline().is_to_blame(result, None, now=1.0)


def test_online_a_failure_is_a_failure() -> None:
    assert not Network(routed=lambda _: True).is_to_blame(FAILED, None, now=1.0)


def test_being_online_again_is_noticed() -> None:
    found = {"route": False}
    network = Network(routed=lambda _: found["route"])
    assert network.is_to_blame(FAILED, None, now=1.0)
    assert network.look(now=2.0)
    found["route"] = True
    assert not network.look(now=3.0)


def test_a_route_to_this_machine_is_always_there() -> None:
    assert has_route("127.0.0.1")
