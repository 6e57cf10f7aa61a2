"""MongoDB's probe by MongoDB's driver, against its wire protocol on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.mongo_wire import MongoWire

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile

LOCAL = {"technology": "mongodb", "host": "127.0.0.1"}
LOGIN = {"username": "app", "password": "right-password", "database": "shop"}


@pytest.fixture
def wire() -> MongoWire:
    return MongoWire(users={"app": "right-password"}, databases={"shop": ("orders", "people")})


@pytest.fixture
async def app(wire: MongoWire) -> AsyncIterator[dict[str, object]]:
    """Where the server is, with what it takes to get in."""
    async with wire.serving() as server:
        yield {**LOCAL, **LOGIN, "port": server.port}


async def test_login_by_scram_is_healthy(probe: Probing, app: dict[str, object]) -> None:
    result = await probe(**app)
    assert result.state is CusHealthState.HEALTHY, result.message
    assert dict(result.details) == {"server": "MongoDB 8.0.4", "collections": 2}
    assert [stage.name for stage in result.stages] == ["connect", "authenticate", "list"]


async def test_without_a_database_all_are_counted(probe: Probing, app: dict[str, object]) -> None:
    result = await probe(**app | {"database": None})
    assert result.details["databases"] == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"password": "wrong-password"}, ("auth_failed", "authenticate", "for user app")),
        ({"username": "nobody"}, ("auth_failed", "authenticate", "for user nobody")),
        ({"username": None}, ("auth_failed", "list", "asks for a user")),
        ({"database": "missing"}, ("not_found", "list", "no database missing")),
    ],
)
async def test_refusal_names_its_cause(
    probe: Probing,
    app: dict[str, object],
    change: dict[str, object],
    told: tuple[str, str, str],
) -> None:
    error, stage, words = told
    result = await probe(**app | change)
    assert (result.state, result.error, result.stage) == (CusHealthState.FAILING, error, stage)
    assert words in result.message


async def test_members_that_the_server_names_are_not_followed(
    probe: Probing, wire: MongoWire, silent: Hostile
) -> None:
    elsewhere = f"127.0.0.1:{silent.port}"
    wire.hello = {"setName": "rs0", "hosts": [elsewhere], "primary": elsewhere, "me": elsewhere}
    async with wire.serving() as server:
        result = await probe(**LOCAL, **LOGIN, port=server.port)
    assert result.state is CusHealthState.HEALTHY, result.message
    assert silent.connects == 0


async def test_tls_is_verified(
    probe: Probing,
    wire: MongoWire,
    certificates: dict[str, ssl.SSLContext],
    ca_file: str,
) -> None:
    async with wire.serving(tls=certificates["valid"]) as server:
        there = {**LOCAL, **LOGIN, "port": server.port, "tls": True}
        trusted = await probe(**there, tls_ca=ca_file)
        assert trusted.state is CusHealthState.HEALTHY, trusted.message
        assert [stage.name for stage in trusted.stages][:2] == ["connect", "tls"]
        assert (await probe(**there, tls_verify=False)).state is CusHealthState.HEALTHY
        untrusted = await probe(**there)
    assert (untrusted.error, untrusted.stage) == ("tls_untrusted", "tls")


@pytest.mark.parametrize("fault", ["wrong_host", "expired"])
async def test_fault_of_a_certificate_is_named(
    probe: Probing,
    wire: MongoWire,
    certificates: dict[str, ssl.SSLContext],
    ca_file: str,
    fault: str,
) -> None:
    async with wire.serving(tls=certificates[fault]) as server:
        there = {**LOCAL, **LOGIN, "port": server.port, "tls": True}
        result = await probe(**there, tls_ca=ca_file)
    assert (result.error, result.stage) == (f"tls_{fault}", "tls")


async def test_tls_where_there_is_none_is_told(probe: Probing, app: dict[str, object]) -> None:
    result = await probe(**app, tls=True, deadline_s=2)
    assert result.state is CusHealthState.FAILING
    assert result.stage == "tls"


async def test_closed_port_is_refused(probe: Probing, closed_port: int) -> None:
    result = await probe(**LOCAL, port=closed_port)
    assert (result.error, result.stage) == ("refused", "connect")


async def test_silent_server_ends_by_the_deadline(probe: Probing, silent: Hostile) -> None:
    result = await probe(**LOCAL, port=silent.port, deadline_s=1.5)
    assert (result.error, result.stage) == ("timeout", "authenticate")


async def test_web_server_is_another_protocol(probe: Probing, web: Hostile) -> None:
    result = await probe(**LOCAL, port=web.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")


async def test_endless_bytes_are_no_answer(probe: Probing, endless: Hostile) -> None:
    result = await probe(**LOCAL, port=endless.port)
    # The driver closes the connection, and tells either that or why.
    assert result.error in {"wrong_protocol", "closed"}
    assert (result.state, result.stage) == (CusHealthState.FAILING, "authenticate")


async def test_metadata_address_is_never_connected_to(probe: Probing) -> None:
    result = await probe(**LOCAL | {"host": "169.254.169.254"})
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")
