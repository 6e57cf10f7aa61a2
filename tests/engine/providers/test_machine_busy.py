"""A machine that is late itself says nothing of a provider: neither that it fails nor is slow."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.http import HttpClient
from engine.integrations.providers import check_provider, get_provider
from engine.probes.lateness import judged
from engine.probes.result import ProbeResult
from engine.probes.states import CusHealthState
from tests.servers.hostile import answer, hostile

if TYPE_CHECKING:
    from tests.servers.hostile import Peer

pytestmark = pytest.mark.busy_machine
LOST_S = 2.5


async def _check(port: int, deadline_s: float) -> ProbeResult:
    """Check a server on a machine that is held up for a moment right after it was asked."""
    client = HttpClient()
    asyncio.get_running_loop().call_later(0.2, time.sleep, LOST_S)
    try:
        return await check_provider(
            client,
            get_provider("custom"),
            base_url=f"http://127.0.0.1:{port}/v1",
            config={},
            credential=None,
            now=datetime(2026, 3, 1, tzinfo=UTC),
            deadline_s=deadline_s,
        )
    finally:
        await client.aclose()


async def test_a_time_that_ran_out_here_is_not_the_providers() -> None:
    async def silent(peer: Peer) -> None:
        await peer.reader.read()

    async with hostile(silent) as server:
        result = await _check(server.port, deadline_s=3.0)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "machine_busy")


async def test_an_answer_that_waited_here_was_not_slow() -> None:
    async def late(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(0.3)
        await peer.send(answer({"data": [{"id": "m-1"}]}))

    async with hostile(late) as server:
        result = await _check(server.port, deadline_s=60.0)
    assert (result.state, result.error) == (CusHealthState.HEALTHY, None), result
    assert result.latency_ms is not None
    assert result.latency_ms > 2000


@pytest.mark.parametrize(
    ("lag_ms", "state"), [(0, "degraded"), (900, "degraded"), (1100, "healthy"), (9000, "healthy")]
)
def test_what_is_left_without_the_lag_is_judged(lag_ms: float, state: str) -> None:
    slow = ProbeResult(
        state=CusHealthState.DEGRADED,
        message="Slow response: 3,000 ms.",
        error="slow",
        stage="evaluate",
        latency_ms=3000.0,
        remedy="Look at the provider's status page.",
    )
    found = judged(slow, lag_ms, 10.0)
    assert (found.state, found.latency_ms, found.loop_lag_ms) == (state, 3000.0, lag_ms)
    assert (found.error, bool(found.remedy)) == (
        ("slow", True) if state == "degraded" else (None, False)
    )
