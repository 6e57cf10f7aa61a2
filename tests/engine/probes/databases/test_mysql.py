"""MySQL's probe against a private MariaDB with passwords and TLS, and against strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.hostile import hostile

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile, Peer

LOCAL = {"technology": "mysql", "host": "127.0.0.1", "username": "app", "database": "app"}


@pytest.fixture
def app(mariadb: int) -> dict[str, object]:
    """Where the private server is, with what it takes to get in."""
    return {**LOCAL, "port": mariadb, "password": "right-password"}


async def test_login_by_password_is_healthy(probe: Probing, app: dict[str, object]) -> None:
    result = await probe(**app)
    assert result.state is CusHealthState.HEALTHY, result.message
    assert str(result.details["server"]).startswith("MariaDB 1")
    assert [stage.name for stage in result.stages] == ["connect", "authenticate", "query"]


async def test_tls_with_a_known_authority_is_healthy(
    probe: Probing, app: dict[str, object], ca_file: str
) -> None:
    result = await probe(**app, tls=True, tls_ca=ca_file)
    assert result.state is CusHealthState.HEALTHY, result.message
    assert [stage.name for stage in result.stages] == ["connect", "tls", "authenticate", "query"]


@pytest.mark.parametrize(
    "change",
    [
        {"tls": True, "tls_verify": False},
        {"username": "modern", "database": None},
        {"username": "letters", "password": "пароль-€", "database": None},
    ],
    ids=["without verification", "by ed25519", "with any letters"],
)
async def test_other_ways_in_are_healthy(
    probe: Probing, app: dict[str, object], change: dict[str, object]
) -> None:
    result = await probe(**app | change)
    assert result.state is CusHealthState.HEALTHY, result.message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"password": "wrong-password"}, ("auth_failed", "authenticate", "for user app")),
        ({"password": None}, ("auth_failed", "authenticate", "for user app")),
        ({"username": "nobody"}, ("auth_failed", "authenticate", "for user nobody")),
        (
            {"username": "sealed", "database": None},
            ("auth_failed", "authenticate", "for user sealed"),
        ),
        ({"username": "locked"}, ("access_denied", "authenticate", "locked")),
        (
            {"username": "expired", "database": None},
            ("password_expired", "query", "expired"),
        ),
        ({"database": "missing"}, ("not_found", "authenticate", "no database missing")),
        ({"database": "closed"}, ("access_denied", "authenticate", "may not use")),
        ({"tls": True}, ("tls_untrusted", "tls", "unknown authority")),
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


async def test_user_without_a_connection_left_is_told(
    probe: Probing, app: dict[str, object]
) -> None:
    busy = app | {"username": "busy", "database": None}
    await probe(**busy)
    assert (await probe(**busy)).error == "overloaded"


async def test_certificate_for_another_host_is_told(
    probe: Probing, app: dict[str, object], ca_file: str
) -> None:
    result = await probe(**app | {"host": "127.0.0.2"}, tls=True, tls_ca=ca_file)
    assert (result.error, result.stage) == ("tls_wrong_host", "tls")


async def test_server_without_tls_is_told(probe: Probing) -> None:
    async with hostile(_greets(capabilities=0xF7FE & ~0x0800)) as server:
        result = await probe(**LOCAL, port=server.port, tls=True)
    assert (result.error, result.stage) == ("tls_not_supported", "tls")


@pytest.mark.parametrize(
    ("code", "error"), [(1040, "overloaded"), (1130, "access_denied"), (1129, "access_denied")]
)
async def test_refusal_instead_of_a_greeting_is_told(probe: Probing, code: int, error: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(_packet(0, b"\xff" + code.to_bytes(2, "little") + b"No entry"))
        await peer.reader.read()

    async with hostile(script) as server:
        result = await probe(**LOCAL, port=server.port)
    assert (result.error, result.stage) == (error, "authenticate")


async def test_password_is_not_sent_in_the_open(probe: Probing) -> None:
    heard = bytearray()
    async with hostile(_greets(then=b"\xfemysql_clear_password\0", heard=heard)) as server:
        result = await probe(**LOCAL, port=server.port, password="right-password")
    assert (result.error, result.stage) == ("tls_required", "authenticate")
    assert b"app" in heard
    assert b"right-password" not in heard


async def test_closed_port_is_refused(probe: Probing, closed_port: int) -> None:
    result = await probe(**LOCAL, port=closed_port)
    assert (result.error, result.stage) == ("refused", "connect")


@pytest.mark.parametrize(
    ("tls", "told"), [(False, ("timeout", "authenticate")), (True, ("tls_timeout", "tls"))]
)
async def test_silent_server_ends_by_the_deadline(
    probe: Probing, silent: Hostile, tls: bool, told: tuple[str, str]
) -> None:
    result = await probe(**LOCAL, port=silent.port, tls=tls, deadline_s=1.5)
    assert (result.error, result.stage) == told


async def test_endless_bytes_are_another_protocol(probe: Probing, endless: Hostile) -> None:
    result = await probe(**LOCAL, port=endless.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")


async def test_other_protocol_that_speaks_first_is_told(probe: Probing) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        await peer.reader.read()

    async with hostile(script) as server:
        result = await probe(**LOCAL, port=server.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")


async def test_metadata_address_is_never_connected_to(probe: Probing) -> None:
    result = await probe(**LOCAL | {"host": "169.254.169.254"})
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")


def _greets(
    *, capabilities: int = 0xF7FE, then: bytes = b"", heard: bytearray | None = None
) -> object:
    """Greet as a server does (protocol 10), and answer the login with `then`."""
    greeting = (
        *(b"\x0a", b"8.0.0\0", (7).to_bytes(4, "little"), b"12345678\0"),
        *(capabilities.to_bytes(2, "little"), b"\x2d", b"\x02\0", b"\x08\0"),
        *(b"\x15", b"\0" * 10, b"123456789012\0", b"mysql_native_password\0"),
    )

    async def script(peer: Peer) -> None:
        await peer.send(_packet(0, b"".join(greeting)))
        while said := await peer.reader.read(4096):
            if heard is not None:
                heard.extend(said)
            await peer.send(_packet(2, then))

    return script


def _packet(number: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "little") + bytes((number,)) + content
