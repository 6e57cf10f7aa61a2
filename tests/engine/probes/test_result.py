from __future__ import annotations

from engine.probes.result import ProbeResult, Stage, measured_ms, stages_of, whole_ms
from engine.probes.states import CusHealthState


def test_latency_is_told_in_whole_milliseconds() -> None:
    assert whole_ms(None) is None
    assert whole_ms(1.6) == 2


def test_what_was_measured_never_reads_as_not_measured() -> None:
    assert measured_ms(0.2) == 1


def test_steps_are_told_as_data() -> None:
    result = ProbeResult(
        state=CusHealthState.FAILING,
        message="Refused.",
        stages=(Stage(name="connect", ms=1.26, ok=False),),
    )
    assert stages_of(result) == ({"name": "connect", "ms": 1.3, "ok": False},)
