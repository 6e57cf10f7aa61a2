"""PostgreSQL's probe against private servers with passwords and TLS, and against strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.hostile import hostile, say

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile
    from tests.servers.postgres import PostgresServer

LOCAL = {"technology": "postgresql", "host": "127.0.0.1", "username": "app", "database": "postgres"}


@pytest.fixture
def app(postgres: PostgresServer) -> dict[str, object]:
    """Where the private server is, with what it takes to get in."""
    return {**LOCAL, "port": postgres.port, "password": "right-password"}


async def test_login_by_password_is_healthy(probe: Probing, app: dict[str, object]) -> None:
    result = await probe(**app)
    assert result.state is CusHealthState.HEALTHY
    assert str(result.details["server"]).startswith("PostgreSQL 1")
    assert [stage.name for stage in result.stages] == ["connect", "authenticate", "query"]


async def test_tls_with_a_known_authority_is_healthy(
    probe: Probing, app: dict[str, object], ca_file: str
) -> None:
    result = await probe(**app, tls=True, tls_ca=ca_file)
    assert result.state is CusHealthState.HEALTHY, result.message
    assert [stage.name for stage in result.stages] == ["connect", "tls", "authenticate", "query"]


async def test_tls_without_verification_is_healthy(probe: Probing, app: dict[str, object]) -> None:
    result = await probe(**app, tls=True, tls_verify=False)
    assert result.state is CusHealthState.HEALTHY, result.message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"password": "wrong-password"}, ("auth_failed", "authenticate", "for user app")),
        ({"password": None}, ("auth_failed", "authenticate", "for user app")),
        ({"username": "nobody"}, ("auth_failed", "authenticate", "for user nobody")),
        ({"database": "missing"}, ("not_found", "authenticate", "no database missing")),
        ({"database": r"it's \ it"}, ("not_found", "authenticate", r"no database it's \ it")),
        ({"database": "closed"}, ("access_denied", "authenticate", "may not connect")),
        ({"username": "banned"}, ("access_denied", "authenticate", "pg_hba.conf")),
        ({"username": "busy"}, ("overloaded", "authenticate", "no connection left")),
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
    assert result.stages[-1].ok is False


async def test_certificate_for_another_host_is_told(
    probe: Probing, app: dict[str, object], ca_file: str
) -> None:
    result = await probe(**app | {"host": "127.0.0.2"}, tls=True, tls_ca=ca_file)
    assert (result.error, result.stage) == ("tls_wrong_host", "tls")


async def test_certificate_that_expired_is_told(
    probe: Probing, expired_postgres: PostgresServer, ca_file: str
) -> None:
    result = await probe(**LOCAL, port=expired_postgres.port, tls=True, tls_ca=ca_file)
    assert (result.error, result.stage) == ("tls_expired", "tls")


async def test_ca_file_that_is_not_there_is_no_way_to_ask(
    probe: Probing, app: dict[str, object]
) -> None:
    result = await probe(**app, tls=True, tls_ca="/nowhere/ca.pem")
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_request")


async def test_user_that_must_use_tls_is_told_to(
    probe: Probing, app: dict[str, object], ca_file: str
) -> None:
    sealed = app | {"username": "sealed"}
    assert (await probe(**sealed, tls=True, tls_ca=ca_file)).state is CusHealthState.HEALTHY
    result = await probe(**sealed)
    assert result.error == "access_denied"
    assert "pg_hba.conf" in result.remedy


async def test_environment_does_not_decide(
    probe: Probing, app: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "right-password")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    monkeypatch.setenv("PGTARGETSESSIONATTRS", "standby")
    assert (await probe(**app)).state is CusHealthState.HEALTHY
    assert (await probe(**app | {"password": None})).error == "auth_failed"


async def test_server_that_offers_no_tls_is_told(probe: Probing) -> None:
    async with hostile(say(b"N")) as server:
        result = await probe(**LOCAL, port=server.port, tls=True)
    assert (result.error, result.stage) == ("tls_not_supported", "tls")


async def test_server_that_starts_is_told(probe: Probing) -> None:
    fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
    packet = b"E" + (len(fields) + 4).to_bytes(4, "big") + fields
    async with hostile(say(packet)) as server:
        result = await probe(**LOCAL, port=server.port)
    assert (result.error, result.stage) == ("starting", "authenticate")


async def test_closed_port_is_refused(probe: Probing, closed_port: int) -> None:
    result = await probe(**LOCAL, port=closed_port)
    assert (result.state, result.error) == (CusHealthState.FAILING, "refused")
    assert result.stage == "connect"


@pytest.mark.parametrize(("tls", "stage"), [(False, "authenticate"), (True, "tls")])
async def test_silent_server_ends_by_the_deadline(
    probe: Probing, silent: Hostile, tls: bool, stage: str
) -> None:
    result = await probe(**LOCAL, port=silent.port, tls=tls, deadline_s=1.5)
    assert (result.error, result.stage) == ("tls_timeout" if tls else "timeout", stage)


@pytest.mark.parametrize("tls", [False, True])
async def test_web_server_is_another_protocol(probe: Probing, web: Hostile, tls: bool) -> None:
    result = await probe(**LOCAL, port=web.port, tls=tls)
    assert (result.state, result.error) == (CusHealthState.FAILING, "wrong_protocol")


async def test_endless_bytes_are_another_protocol(probe: Probing, endless: Hostile) -> None:
    result = await probe(**LOCAL, port=endless.port)
    assert (result.error, result.stage) == ("wrong_protocol", "authenticate")


async def test_metadata_address_is_never_connected_to(probe: Probing) -> None:
    result = await probe(**LOCAL | {"host": "169.254.169.254"})
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")
    assert result.latency_ms is None


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"host": None}, "invalid_host"),
        ({"host": "999.1"}, "invalid_host"),
        ({"port": 0}, "invalid_port"),
        ({"port": 65_536}, "invalid_port"),
        ({"username": None}, "invalid_request"),
    ],
)
async def test_what_is_missing_is_not_guessed(
    probe: Probing, change: dict[str, object], error: str
) -> None:
    result = await probe(**LOCAL | change)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, error)
    assert result.latency_ms is None
