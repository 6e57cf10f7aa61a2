"""What holds for every stream: whatever listens there, a check ends in time and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.registry import technologies
from engine.probes.states import CusHealthState
from tests.engine.probes.conftest import METADATA

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile

STREAMS = [one.name for one in technologies("stream")]
pytestmark = pytest.mark.parametrize("technology", STREAMS)


async def test_closed_port_is_refused(technology: str, probe: Probing, closed_port: int) -> None:
    result = await probe(technology=technology, host="127.0.0.1", port=closed_port)
    assert (result.state, result.error, result.stage) == (
        CusHealthState.FAILING,
        "refused",
        "connect",
    )


async def test_silent_server_ends_by_the_deadline(
    technology: str, probe: Probing, silent: Hostile
) -> None:
    result = await probe(technology=technology, host="127.0.0.1", port=silent.port, deadline_s=1.5)
    assert (result.state, result.error) == (CusHealthState.FAILING, "timeout")
    assert result.stages[0].name == "connect"
    assert result.stages[-1].ok is False


async def test_web_server_is_told_apart(technology: str, probe: Probing, web: Hostile) -> None:
    # NATS waits for the other side to begin, as web servers do.
    waits = technology == "nats"
    deadline_s = 1.5 if waits else 30
    place = {"technology": technology, "host": "127.0.0.1", "port": web.port}
    result = await probe(**place, deadline_s=deadline_s)
    assert result.error in ({"timeout"} if waits else {"wrong_protocol", "closed"})


async def test_bytes_without_end_are_told_apart(
    technology: str, probe: Probing, endless: Hostile
) -> None:
    result = await probe(technology=technology, host="127.0.0.1", port=endless.port, deadline_s=1.0)
    assert result.state is CusHealthState.FAILING
    assert result.error in {"wrong_protocol", "closed", "timeout"}


async def test_silence_where_tls_was_expected_ends_by_the_deadline(
    technology: str, probe: Probing, silent: Hostile
) -> None:
    result = await probe(
        technology=technology, host="127.0.0.1", port=silent.port, tls=True, deadline_s=1.5
    )
    # NATS speaks in the clear first.
    expected = ("timeout", "greet") if technology == "nats" else ("tls_timeout", "tls")
    assert (result.error, result.stage) == expected


async def test_metadata_address_is_never_connected_to(technology: str, probe: Probing) -> None:
    result = await probe(technology=technology, host=METADATA)
    assert (result.state, result.error, result.latency_ms) == (
        CusHealthState.UNKNOWN,
        "address_blocked",
        None,
    )
