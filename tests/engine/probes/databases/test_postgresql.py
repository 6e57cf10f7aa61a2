"""PostgreSQL's probe against the local server, and against what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile

LOCAL = {"technology": "postgresql", "host": "127.0.0.1"}


async def test_closed_port_is_refused(probe: Probing, closed_port: int) -> None:
    result = await probe(**LOCAL, port=closed_port)
    assert (result.state, result.error, result.stage) == (
        CusHealthState.FAILING,
        "refused",
        "connect",
    )


async def test_silent_server_ends_by_the_deadline(probe: Probing, silent: Hostile) -> None:
    result = await probe(**LOCAL, port=silent.port, deadline_s=0.3)
    assert (result.error, result.stage) == ("timeout", "authenticate")


async def test_web_server_is_another_protocol(probe: Probing, web: Hostile) -> None:
    result = await probe(**LOCAL, port=web.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")


async def test_endless_bytes_are_another_protocol(probe: Probing, endless: Hostile) -> None:
    result = await probe(**LOCAL, port=endless.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")
