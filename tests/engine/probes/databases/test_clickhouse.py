"""ClickHouse's probe against its documented HTTP interface, played by a local server."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.hostile import answer, hostile, reply

if TYPE_CHECKING:
    import ssl

    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile

LOCAL = {"technology": "clickhouse", "host": "127.0.0.1"}
LOGIN = {"username": "app", "password": "right-password", "database": "events"}
ANSWER = {
    "meta": [{"name": "version", "type": "String"}, {"name": "tables", "type": "UInt64"}],
    "data": [{"version": "25.8.3.66", "tables": "12"}],
    "rows": 1,
}


async def test_login_is_healthy(probe: Probing) -> None:
    async with hostile(reply(answer(ANSWER))) as server:
        result = await probe(**LOCAL, **LOGIN, port=server.port)
    assert result.state is CusHealthState.HEALTHY, result.message
    assert dict(result.details) == {"server": "ClickHouse 25.8.3.66", "tables": 12}
    head = server.requests[0].decode()
    assert head.startswith("POST /?database=events HTTP/1.1")
    assert f"Basic {b64encode(b'app:right-password').decode()}" in head


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        ("403 Forbidden", 516, ("auth_failed", "for user app")),
        ("500 Internal Server Error", 193, ("auth_failed", "for user app")),
        ("404 Not Found", 81, ("not_found", "no database events")),
        ("403 Forbidden", 497, ("access_denied", "may not read")),
        ("403 Forbidden", 195, ("access_denied", "from this machine")),
        ("500 Internal Server Error", 999, ("query_failed", "code 999")),
    ],
)
async def test_refusal_is_read_from_the_exception_code(
    probe: Probing, status: str, code: int, told: tuple[str, str]
) -> None:
    error, words = told
    body = f"Code: {code}. DB::Exception: said by the server".encode()
    head = (f"X-ClickHouse-Exception-Code: {code}",)
    refusal = answer(body, status=status, kind="text/plain", headers=head)
    async with hostile(reply(refusal)) as server:
        result = await probe(**LOCAL, **LOGIN, port=server.port)
    assert (result.state, result.error) == (CusHealthState.FAILING, error)
    assert words in result.message


async def test_full_server_is_degraded(probe: Probing) -> None:
    head = ("X-ClickHouse-Exception-Code: 202",)
    refusal = answer(b"Code: 202.", status="500 Error", kind="text/plain", headers=head)
    async with hostile(reply(refusal)) as server:
        result = await probe(**LOCAL, port=server.port)
    assert (result.state, result.error) == (CusHealthState.DEGRADED, "overloaded")


async def test_other_web_server_is_told(probe: Probing) -> None:
    async with hostile(reply(answer({"hello": "there"}))) as server:
        result = await probe(**LOCAL, port=server.port)
    assert (result.state, result.error) == (CusHealthState.FAILING, "wrong_protocol")


async def test_tls_is_verified(
    probe: Probing, certificates: dict[str, ssl.SSLContext], ca_file: str
) -> None:
    async with hostile(reply(answer(ANSWER)), tls=certificates["valid"]) as server:
        there = LOCAL | {"port": server.port, "tls": True}
        assert (await probe(**there)).error == "tls_untrusted"
        assert (await probe(**there, tls_ca=ca_file)).state is CusHealthState.HEALTHY
        assert (await probe(**there, tls_verify=False)).state is CusHealthState.HEALTHY


async def test_closed_port_is_refused(probe: Probing, closed_port: int) -> None:
    result = await probe(**LOCAL, port=closed_port)
    assert (result.error, result.stage) == ("refused", "connect")


async def test_silent_server_ends_by_the_deadline(probe: Probing, silent: Hostile) -> None:
    result = await probe(**LOCAL, port=silent.port, deadline_s=1.5)
    assert result.error == "timeout"


async def test_endless_bytes_are_no_http(probe: Probing, endless: Hostile) -> None:
    result = await probe(**LOCAL, port=endless.port)
    assert (result.state, result.error) == (CusHealthState.FAILING, "not_http")
