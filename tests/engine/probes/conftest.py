"""What every probe is tried with: `probe(...)`, and the strangers that it may meet.

`probe` runs a real check and sees to what holds for all of them: it ends by its deadline, tells
its refusal whole, repeats no secret, and leaves neither thread nor socket behind.
"""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.http import AddressPolicy, HttpClient
from engine.http.resolver import Resolver
from engine.probes.place import Place, Tools
from engine.probes.running import run_probe
from engine.probes.states import CusHealthState
from tests.servers.endless import endless as serving_without_end
from tests.servers.silent import silent as serving_silence
from tests.servers.tls import authority, certificates
from tests.servers.web import web as serving_web
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from engine.probes.result import ProbeResult
    from tests.servers.certificates import Authority
    from tests.servers.hostile import Hostile

    Probing = Callable[..., Awaitable[ProbeResult]]

__all__ = ["authority", "certificates"]

# What a driver may take to let go, and what a closed one may need to end on a busy machine.
GRACE_S = 2.0
ENDS_S = 60.0
# Of a deadline, what the machine may take before the check says nothing of the other side.
_LOST_SHARE = 0.25
_TRIES = 5
METADATA = "169.254.169.254"
_OPEN = Path("/proc/self/fd")


@pytest.fixture
async def tools() -> AsyncIterator[Tools]:
    """What probes share, with the address rule as it is unless an operator loosens it."""
    policy = AddressPolicy()
    resolve = Resolver()
    client = HttpClient(policy, resolve=resolve)
    yield Tools(client=client, policy=policy, resolve=resolve, now=lambda: datetime.now(UTC))
    await client.aclose()


@pytest.fixture
def probe(tools: Tools) -> Probing:
    """Checks a place, given by its fields.

    `deadline_s` bounds what is to fail; a check that is to meet it is given a short one, and is
    made again where the machine itself took much of that.
    """

    async def run(*, deadline_s: float = 30.0, **place: object) -> ProbeResult:
        there = Place(**place)  # type: ignore[arg-type]
        # The first check of a technology loads its driver, which is not timed.
        await run_probe(Place(technology=there.technology, host=METADATA), tools)
        for _ in range(_TRIES):
            sockets = open_sockets()
            with within(deadline_s + GRACE_S):
                result = await run_probe(there, tools, deadline_s=deadline_s)
            tells_all(result, there)
            await leaves_nothing(sockets)
            if not _was_held_up(result, deadline_s):
                break
        return result

    return run


def _was_held_up(result: ProbeResult, deadline_s: float) -> bool:
    if result.error == "local_limit":  # the driver was not ready in time
        return True
    late_ms = result.loop_lag_ms or 0
    return str(result.error).endswith("timeout") and late_ms > deadline_s * 1000 * _LOST_SHARE


def tells_all(result: ProbeResult, place: Place) -> None:
    """Sees that a result says what and what to do, and none of the place's secrets."""
    if result.state is CusHealthState.HEALTHY:
        assert result.error is None
    else:
        assert result.error
        assert result.message.endswith((".", "…")) or ": " in result.message
        assert result.remedy.endswith("."), result.remedy
    said = f"{result.message} {result.remedy} {dict(result.details)}"
    assert not [secret for secret in place.secrets if secret in said]


async def leaves_nothing(sockets: int) -> None:
    """Sees that every driver's thread ends, and that no more sockets are open than before.

    The other side's sockets are of this process too where a test plays the server, and are
    closed by its loop some turns later.
    """
    until = time.monotonic() + ENDS_S
    while (busy := driver_threads()) or open_sockets() > sockets:
        assert time.monotonic() < until, f"left: {busy}, {open_sockets() - sockets} sockets"
        await asyncio.sleep(0.005)


def driver_threads() -> list[str]:
    """Names of threads in which a driver still works."""
    return [one.name for one in threading.enumerate() if one.name.startswith("lampboard-driver")]


def open_sockets() -> int:
    """How many sockets this process has open; 0 where the system does not tell."""
    return sum(_is_socket(one) for one in _OPEN.iterdir()) if _OPEN.is_dir() else 0


def _is_socket(entry: Path) -> bool:
    try:
        return str(entry.readlink()).startswith("socket:")
    except OSError:  # closed meanwhile: the folder that was being listed is one of them
        return False


@pytest.fixture(scope="session")
def ca_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with the authority that signed the private servers' certificates."""
    return str(authority.file(tmp_path_factory.mktemp("authority")))


@pytest.fixture
def closed_port(free_port: Callable[[], int]) -> int:
    """A port of loopback on which nothing listens."""
    return free_port()


@pytest.fixture
async def silent() -> AsyncIterator[Hostile]:
    """A server that accepts and says nothing."""
    async with serving_silence() as server:
        yield server


@pytest.fixture
async def endless() -> AsyncIterator[Hostile]:
    """A server that sends zeros without end, from the first moment on."""
    async with serving_without_end() as server:
        yield server


@pytest.fixture
async def web() -> AsyncIterator[Hostile]:
    """A web server, where another protocol was expected."""
    async with serving_web() as server:
        yield server
