"""Running a probe to its end: whatever it does, one result by the deadline."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from engine.probes import registry
from engine.probes.attempt import PREPARE
from engine.probes.place import Place
from engine.probes.refusals import Refused
from engine.probes.running import explain, run_probe
from engine.probes.states import CusHealthState
from engine.probes.technology import Technology
from engine.probes.threads import cutting, in_thread
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import ModuleType

    from engine.probes.attempt import Attempt
    from engine.probes.place import Tools
    from engine.probes.result import ProbeResult

    Work = Callable[[Attempt], Awaitable[object]]
    Try = Callable[..., Awaitable[ProbeResult]]

SECRET = "right horse battery staple"


@pytest.fixture
def attempt_of(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> Try:
    """Runs a function of the test as the probe of a technology of its own."""

    async def run(work: Work, *, deadline_s: float = 30.0, **place: object) -> ProbeResult:
        module: ModuleType = type(sys)("trial_probe")
        module.probe = work  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "trial_probe", module)
        trial = Technology(name="trial", title="Trial", type="custom", probe="trial_probe:probe")
        monkeypatch.setattr("engine.probes.running.get_technology", lambda _: trial)
        there = Place(technology="trial", **place)  # type: ignore[arg-type]
        return await run_probe(there, tools, deadline_s=deadline_s)

    return run


def raising(error: BaseException) -> Work:
    """A probe that raises in its second stage."""

    async def work(attempt: Attempt) -> object:
        async with attempt.stage("connect"):
            pass
        async with attempt.stage("authenticate"):
            raise error

    return work


async def test_passed_stages_are_told_in_order(attempt_of: Try) -> None:
    async def work(attempt: Attempt) -> object:
        for name in ("connect", "authenticate", "query"):
            async with attempt.stage(name):
                pass
        return {"server": "Trial 1"}

    result = await attempt_of(work)
    assert result.state is CusHealthState.HEALTHY
    assert [(stage.name, stage.ok) for stage in result.stages] == [
        ("connect", True),
        ("authenticate", True),
        ("query", True),
    ]
    assert (result.stage, result.error) == ("query", None)
    assert result.latency_ms


async def test_refusal_ends_with_the_stage_that_failed(attempt_of: Try) -> None:
    result = await attempt_of(raising(Refused("auth_failed", "No.", "Try another.")))
    assert (result.state, result.error, result.stage) == (
        CusHealthState.FAILING,
        "auth_failed",
        "authenticate",
    )
    assert [stage.ok for stage in result.stages] == [True, False]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionRefusedError(111, "refused"), "refused"),
        (ConnectionResetError(104, "reset"), "reset"),
        (TimeoutError(), "timeout"),
        (EOFError(), "closed"),
        (ssl.SSLEOFError(8, "EOF occurred"), "tls_closed"),
        (ZeroDivisionError("division by zero"), "driver_error"),
        (StopIteration(), "driver_error"),
    ],
)
async def test_error_that_no_probe_knows_is_translated(
    attempt_of: Try, error: BaseException, code: str
) -> None:
    result = await attempt_of(raising(error))
    assert result.state is CusHealthState.FAILING
    assert result.error == code
    assert result.remedy


async def test_secret_is_masked_even_where_words_are_cut(attempt_of: Try) -> None:
    words = f"{'long words ' * 17}{SECRET} and more"
    result = await attempt_of(raising(ValueError(words)), password=SECRET)
    assert SECRET[:5] not in result.message
    assert len(result.message) <= 200


async def test_details_are_made_fit_to_show(attempt_of: Try) -> None:
    async def work(_: Attempt) -> object:
        return {"server": f"T\x1b]0;x\x07 {SECRET}", "names": ["a\nb", {"c": "\ud800"}], "n": 3}

    result = await attempt_of(work, password=SECRET)
    assert dict(result.details) == {
        "server": "T ]0;x ***",
        "names": ["a b", {"c": "\ufffd"}],
        "n": 3,
    }


async def test_probe_that_will_not_stop_is_given_up(attempt_of: Try) -> None:
    released = asyncio.Event()

    async def work(attempt: Attempt) -> object:
        async with attempt.stage("query"):
            while not released.is_set():
                try:
                    await released.wait()
                except asyncio.CancelledError:
                    continue
        return {}

    with within(2):
        result = await attempt_of(work, deadline_s=0.1)
        released.set()  # first of all: a probe that goes on would hold up the end of a failed test
    assert (result.error, result.stage) == ("timeout", "query")


async def test_cancelling_the_check_stops_its_probe(attempt_of: Try) -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def work(_: Attempt) -> object:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return {}

    check = asyncio.ensure_future(attempt_of(work))
    await begun.wait()
    check.cancel()
    with pytest.raises(asyncio.CancelledError):
        await check
    assert stopped.is_set()


async def test_blocked_driver_is_cut_off_at_the_deadline(attempt_of: Try) -> None:
    ours, theirs = socket.socketpair()
    ended = threading.Event()

    def read() -> bytes:
        try:
            return ours.recv(1)
        finally:
            ended.set()

    async def work(attempt: Attempt) -> object:
        with cutting(ours) as cut:
            async with attempt.stage("query"):
                await in_thread(read, abort=cut)
        return {}

    result = await attempt_of(work, deadline_s=0.1)
    assert (result.error, result.stage) == ("timeout", "query")
    assert await asyncio.to_thread(ended.wait, 60)
    ours.close()
    theirs.close()


async def test_driver_that_raises_stop_iteration_holds_nothing_up() -> None:
    with pytest.raises(RuntimeError):
        await in_thread(lambda: next(iter(())))


@pytest.mark.busy_machine
async def test_slow_answer_is_degraded(attempt_of: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.probes.states.SLOW_MS", 0)
    monkeypatch.setattr("engine.http.lag.LagSampler.worst_since", lambda *_: 0.0)

    async def work(_: Attempt) -> object:
        return {}

    result = await attempt_of(work)
    assert (result.state, result.error) == (CusHealthState.DEGRADED, "slow")


async def test_driver_that_cannot_be_loaded_is_no_way_to_check(tools: Tools) -> None:
    place = Place(technology="postgres-typed-wrong")
    result = await run_probe(place, tools)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "technology_missing")
    assert result.stages == ()


@pytest.mark.parametrize(
    "technology",
    [one for one in registry.technologies() if one.extra],
    ids=lambda one: one.name,
)
async def test_missing_driver_is_told_before_anything_is_tried(
    technology: Technology, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.probes.technology.is_installed", lambda _: False)
    result = await run_probe(Place(technology=technology.name, host="127.0.0.1"), tools)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "driver_missing")
    assert (result.stage, result.stages, result.latency_ms) == ("prepare", (), None)
    assert result.remedy.startswith("pip install 'lampboard[")


def test_cause_is_found_behind_a_drivers_own_error() -> None:
    outer = RuntimeError("driver's own words")
    outer.__cause__ = ConnectionRefusedError(111, "refused")
    assert explain(outer, "connect", "Trial").code == "refused"


async def test_driver_that_is_not_ready_in_time_says_nothing_of_the_server(
    attempt_of: Try,
) -> None:
    async def work(attempt: Attempt) -> object:
        async with attempt.stage(PREPARE):
            return await asyncio.get_running_loop().create_future()

    result = await attempt_of(work, deadline_s=0.1)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "local_limit")


@pytest.mark.busy_machine
async def test_time_that_this_machine_lost_is_no_failure_of_the_other_side(
    attempt_of: Try,
) -> None:
    async def silent(attempt: Attempt) -> None:
        async with attempt.stage("query"):
            # Holds the event loop up, as a machine that is too busy does.
            asyncio.get_running_loop().call_later(0.1, time.sleep, 0.6)
            await asyncio.Event().wait()

    result = await attempt_of(silent, deadline_s=1.0)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "machine_busy")
    assert result.loop_lag_ms is not None
    assert result.loop_lag_ms > 250
