"""What Prometheus is told, asked for over HTTP as Prometheus asks."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.errors import InvalidInput, WorkspaceError
from engine.monitor import MonitorLimits, metrics_server, run_monitor
from engine.monitor.checking import Postponed
from engine.monitor.loop import Monitor
from engine.monitor.metrics import MOST_TECHNOLOGIES, Metrics
from engine.monitor.metrics_board import MOST_TENANTS
from engine.monitor.metrics_server import MetricsServer
from storage.health import CheckRow
from storage.metrics import BoardRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from engine.workspace import Workspace

    from .conftest import CountingProvider

HOME = "127.0.0.1:0"
EMPTY = BoardRow(
    lamps=(), gauges=(), shares=(), incidents=(), alerts=(), monitors=0, due=0, next_due=None
)
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Samples:
    """Every sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, /, **labels: str) -> float:
    return samples[f"lampboard_{name}", frozenset(labels.items())]


@asynccontextmanager
async def asking(
    server: MetricsServer, host: str = "127.0.0.1"
) -> AsyncIterator[Callable[..., Any]]:
    """Gives what asks a server: its status and text."""
    async with aiohttp.ClientSession() as session:

        async def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
            url = f"http://{host}:{server.port}{path}"
            async with session.request(method, url, headers=headers) as answer:
                return answer.status, await answer.text()

        yield ask


async def test_what_a_monitor_does_is_told(
    workspace: Workspace, provider: CountingProvider, add: Callable[..., None]
) -> None:
    # None of them is due again before the figures are asked for.
    add(*(f"t{place}" for place in range(20)), "fail", interval_s=3600)
    meters, stop = Metrics(), asyncio.Event()
    limits = MonitorLimits(per_minute=None, deadline_s=60, lease_s=130, beat_s=0.2)
    done: list[CheckRow] = []

    def recorded(rows: Any) -> None:
        done.extend(rows)
        if len(done) == 21:
            stop.set()

    monitor = Monitor(workspace, limits, stop=stop, recorded=recorded, meters=meters)
    async with MetricsServer(workspace, meters, HOME) as server, asking(server) as ask:
        await monitor.run()
        status, text = await ask("/metrics")
        health, _ = await ask("/healthz")
    samples = parsed(text)
    by = {"kind": "integration", "technology": "custom"}
    assert (status, health) == (200, 200)
    assert value(samples, "checks_total", **by, state="healthy") == 20
    assert value(samples, "checks_total", **by, state="failing") == 1
    assert value(samples, "check_latency_seconds_count", **by) == 21
    assert value(samples, "check_delay_seconds_bucket", **by, le="+Inf") == 21
    assert value(samples, "results_recorded_total") == 21
    assert value(samples, "database_errand_seconds_count") >= 2
    assert value(samples, "lamps", tenant="acme", kind="integration", state="failing") == 1
    assert value(samples, "lamps", tenant="acme", kind="integration", state="healthy") == 20
    assert value(samples, "queue_due") == 0
    assert value(samples, "database_up") == 1
    assert value(samples, "monitor_last_beat_timestamp_seconds") == pytest.approx(
        time.time(), abs=600
    )
    assert {name for name, _ in samples if name.endswith("_created")} == set()


def work(**target: Any) -> Any:
    return SimpleNamespace(
        target=SimpleNamespace(
            **{"kind": "source", "technology": "postgresql", "interval_s": 60, **target}
        ),
        ready_at=100.0,
    )


def row(**more: Any) -> CheckRow:
    return CheckRow(target_number=1, checked_at=None, state="healthy", **more)  # type: ignore[arg-type]


def told(metrics: Metrics) -> Samples:
    from prometheus_client import generate_latest

    return parsed(generate_latest(metrics.registry).decode())


def test_late_is_a_tenth_of_the_interval() -> None:
    metrics, by = Metrics(), {"kind": "source", "technology": "postgresql"}
    for began in (99.0, 106.0, 106.1):
        metrics.checked(work(), row(latency_ms=30.0, loop_lag_ms=2.0), began)
    metrics.checked(work(), Postponed(number=1, due_at=None), 500.0)  # type: ignore[arg-type]
    samples = told(metrics)
    assert value(samples, "checks_late_total", **by) == 1
    assert value(samples, "checks_postponed_total", **by) == 1
    assert value(samples, "check_delay_seconds_sum", **by) == pytest.approx(12.1)
    assert value(samples, "check_latency_seconds_sum", **by) == pytest.approx(0.09)
    assert value(samples, "loop_lag_seconds_bucket", le="0.005") == 3


def test_there_are_only_so_many_series() -> None:
    metrics = Metrics()
    for place in range(MOST_TECHNOLOGIES + 50):
        metrics.checked(work(technology=f"t{place}"), row(), 100.0)
    names = [f"tenant-{place:03}" for place in range(MOST_TENANTS + 50)]
    metrics.board.row = replace(
        EMPTY, lamps=tuple((name, "source", "healthy", 2) for name in names)
    )
    metrics.board.read_at = object()  # type: ignore[assignment]
    samples = told(metrics)
    technologies = {
        dict(labels)["technology"]
        for name, labels in samples
        if name == "lampboard_check_delay_seconds_count"
    }
    assert (len(technologies), "other" in technologies) == (MOST_TECHNOLOGIES + 1, True)
    tenants = {dict(labels)["tenant"] for name, labels in samples if name == "lampboard_lamps"}
    assert len(tenants) == MOST_TENANTS + 1
    assert value(samples, "lamps", tenant="other", kind="source", state="healthy") == 100


def test_names_of_others_stay_values() -> None:
    metrics, odd = Metrics(), 'a"b\\c\nlampboard_lamps{tenant="x"} 9\x1b[31m'
    metrics.board.row = replace(
        EMPTY,
        shares=(("acme", "model", odd, "tokens", 50.0), ("acme", "model", odd, "tokens", 75.0)),
        incidents=((None, "critical", "monitor", False, 1),),
    )
    metrics.board.read_at = object()  # type: ignore[assignment]
    samples = told(metrics)
    by = {"tenant": "acme", "scope": "model", "name": odd, "measure": "tokens"}
    assert value(samples, "limit_used_ratio", **by) == 0.75
    assert not any(name == "lampboard_lamps" for name, _ in samples)
    by = {"tenant": "", "severity": "critical", "cause": "monitor", "acknowledged": "false"}
    assert value(samples, "incidents_open", **by) == 1


async def test_what_is_not_well_is_503_and_named(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    meters = Metrics()
    async with MetricsServer(workspace, meters, HOME) as server, asking(server) as ask:
        status, text = await ask("/healthz")
        assert (status, '"status": "ok"' in text) == (200, True)
        meters.began_at = meters.beat_at = meters.round_at = time.time() - 60
        status, text = await ask("/healthz")
        assert (status, '"failing": ["beat", "round"]' in text) == (503, True)
        meters.busy(flying=0, waiting=0, unwritten=0)
        meters.beat()

        async def away(_: object) -> None:
            raise WorkspaceError("It does not answer.", temporary=True)

        monkeypatch.setattr(workspace, "read", away)
        monkeypatch.setattr(metrics_server, "KEEP_S", 0.0)
        status, text = await ask("/healthz")
        assert (status, '"failing": ["database"]' in text) == (503, True)
        samples = parsed((await ask("/metrics"))[1])
        assert value(samples, "database_up") == 0
        assert not any(name == "lampboard_queue_due" for name, _ in samples)
        monkeypatch.undo()


async def test_a_database_that_hangs_is_not_waited_for(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    async def hang(_: object) -> None:
        nonlocal looks
        looks += 1
        await asyncio.Event().wait()

    monkeypatch.setattr(workspace, "read", hang)
    monkeypatch.setattr(metrics_server, "LOOK_S", 0.05)
    async with MetricsServer(workspace, Metrics(), HOME) as server, asking(server) as ask:
        answers = [await ask("/healthz"), await ask("/metrics"), await ask("/healthz")]
    assert [status for status, _ in answers] == [503, 200, 503]
    assert looks == 1


async def test_only_this_machine_s_own_names_are_answered(workspace: Workspace) -> None:
    async with MetricsServer(workspace, Metrics(), HOME) as server, asking(server) as ask:
        assert (await ask("/metrics", Host="evil.example"))[0] == 403
        assert (await ask("/healthz", Host=f"localhost:{server.port}"))[0] == 200
        assert (await ask("/metrics", "POST"))[0] == 405
        assert (await ask("/"))[0] == 404
    # All of 127.0.0.0/8 is this machine's own; a page could have its name lead there too.
    other = "127.1.2.3"
    async with (
        MetricsServer(workspace, Metrics(), f"{other}:0") as server,
        asking(server, other) as ask,
    ):
        assert (await ask("/metrics", Host="evil.example"))[0] == 403
        assert (await ask("/metrics", Host=f"{other}:{server.port}"))[0] == 200
    async with MetricsServer(workspace, Metrics(), "0.0.0.0:0") as server, asking(server) as ask:
        assert (await ask("/healthz", Host="board.example"))[0] == 200


async def test_checks_do_not_wait_while_an_answer_is_written(workspace: Workspace) -> None:
    threads = set()

    class Look:
        def collect(self) -> Iterator[Any]:
            threads.add(threading.current_thread())
            return iter(())

        describe = collect

    meters = Metrics()
    meters.registry.register(Look())
    threads.clear()
    async with MetricsServer(workspace, meters, HOME) as server, asking(server) as ask:
        assert (await ask("/metrics"))[0] == 200
    assert len(threads) == 1
    assert threading.current_thread() not in threads


async def test_a_place_that_is_taken_is_one_sentence(workspace: Workspace) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InvalidInput, match="cannot be listened on: Address already in use"):
            await run_monitor(workspace, metrics=f"127.0.0.1:{taken.getsockname()[1]}")


async def test_without_the_extra_it_says_what_to_install(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(InvalidInput) as caught:
        await run_monitor(workspace, metrics=HOME)
    assert "lampboard[metrics]" in caught.value.hint
