"""Oracle's probe: its thin driver against a listener's first packets, and against strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.databases import oracle
from engine.probes.place import Place
from engine.probes.states import CusHealthState
from tests.servers.tns import redirecting, refusing
from tests.servers.web import web as serving_web

if TYPE_CHECKING:
    import ssl

    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile

LOCAL = {
    "technology": "oracle",
    "host": "127.0.0.1",
    "username": "app",
    "password": "right-password",
    "database": "ORCLPDB1",
}


@pytest.mark.parametrize(
    ("number", "change", "error"),
    [
        (12514, {}, "not_found"),
        (12505, {"options": {"sid": "ORCL"}}, "not_found"),
        (12516, {}, "overloaded"),
        (12520, {}, "overloaded"),
        (12528, {}, "starting"),
        (12529, {}, "access_denied"),
        (12999, {}, "connect_failed"),
    ],
)
async def test_refusal_of_the_listener_is_read_from_its_number(
    probe: Probing, number: int, change: dict[str, object], error: str
) -> None:
    async with refusing(number) as server:
        result = await probe(**LOCAL | change, port=server.port)
    assert (result.state, result.error) == (CusHealthState.FAILING, error), result.message
    assert result.stage == "authenticate"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ORA-01017: invalid username/password; logon denied", "auth_failed"),
        ("ORA-28000: The account is locked.", "access_denied"),
        ("ORA-28001: the password has expired", "password_expired"),
        ("ORA-01045: user APP lacks CREATE SESSION privilege", "access_denied"),
        ("DPY-3010: not supported by python-oracledb in thin mode", "version_unsupported"),
        ("DPY-4011: the database or network closed the connection", "closed"),
    ],
)
def test_refusal_of_the_database_is_read_from_its_number(words: str, code: str) -> None:
    place = Place(technology="oracle", username="app", database="ORCLPDB1")
    assert oracle._refusal(Exception(words), "authenticate", place).code == code


async def test_redirection_is_not_followed(probe: Probing, silent: Hostile) -> None:
    async with redirecting("127.0.0.1", silent.port) as server:
        result = await probe(**LOCAL, port=server.port)
    assert (result.error, result.stage) == ("redirect", "authenticate")
    assert silent.connects == 0


async def test_untrusted_certificate_is_told(
    probe: Probing, certificates: dict[str, ssl.SSLContext]
) -> None:
    async with serving_web(tls=certificates["valid"]) as server:
        result = await probe(**LOCAL, port=server.port, tls=True)
    assert (result.error, result.stage) == ("tls_untrusted", "tls")


async def test_closed_port_is_refused(probe: Probing, closed_port: int) -> None:
    result = await probe(**LOCAL, port=closed_port)
    assert (result.error, result.stage) == ("refused", "connect")


async def test_silent_server_ends_by_the_deadline(probe: Probing, silent: Hostile) -> None:
    result = await probe(**LOCAL, port=silent.port, deadline_s=2.0)
    assert (result.error, result.stage) == ("timeout", "authenticate")


async def test_web_server_is_another_protocol(probe: Probing, web: Hostile) -> None:
    result = await probe(**LOCAL, port=web.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")


async def test_endless_bytes_are_another_protocol(probe: Probing, endless: Hostile) -> None:
    result = await probe(**LOCAL, port=endless.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")


async def test_metadata_address_is_never_connected_to(probe: Probing) -> None:
    result = await probe(**LOCAL | {"host": "169.254.169.254"})
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")


@pytest.mark.parametrize("change", [{"username": None}, {"database": None}])
async def test_what_is_missing_is_not_guessed(probe: Probing, change: dict[str, object]) -> None:
    result = await probe(**LOCAL | change)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_request")
