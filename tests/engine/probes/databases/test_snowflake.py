"""Snowflake's probe against its documented SQL API, played by a local server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.databases import snowflake
from engine.probes.place import Place
from engine.probes.states import CusHealthState
from tests.servers.hostile import answer, hostile, reply

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing

LOCAL = {
    "technology": "snowflake",
    "api_key": "token-that-is-secret",
    "database": "SALES",
    "options": {"account": "myorg-account1", "role": "READER", "token_type": "OAUTH"},
}
ANSWER = {
    "code": "090001",
    "sqlState": "00000",
    "message": "Statement executed successfully.",
    "resultSetMetaData": {"numRows": 1},
    "data": [["9.34.1"]],
}


async def test_token_is_healthy(probe: Probing) -> None:
    async with hostile(reply(answer(ANSWER))) as server:
        result = await probe(**LOCAL, url=f"http://127.0.0.1:{server.port}")
    assert result.state is CusHealthState.HEALTHY, result.message
    assert dict(result.details) == {"server": "Snowflake 9.34.1"}
    head = server.requests[0].decode().lower()
    assert head.startswith("post /api/v2/statements http/1.1")
    assert "authorization: bearer token-that-is-secret" in head
    assert "x-snowflake-authorization-token-type: oauth" in head


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        ("401 Unauthorized", "390303", "auth_failed"),
        ("401 Unauthorized", "390318", "auth_failed"),
        ("422 Unprocessable Content", "390201", "not_found"),
        ("422 Unprocessable Content", "002003", "not_found"),
        ("422 Unprocessable Content", "390189", "access_denied"),
        ("422 Unprocessable Content", "003001", "access_denied"),
        ("403 Forbidden", "390422", "access_denied"),
        ("404 Not Found", "390404", "http_404"),
    ],
)
async def test_refusal_is_read_from_its_code(
    probe: Probing, status: str, code: str, error: str
) -> None:
    body = {"code": code, "message": "said by the server", "sqlState": "02000"}
    async with hostile(reply(answer(body, status=status))) as server:
        result = await probe(**LOCAL, url=f"http://127.0.0.1:{server.port}")
    assert (result.state, result.error) == (CusHealthState.FAILING, error)


async def test_limit_of_requests_is_degraded(probe: Probing) -> None:
    refusal = answer({"code": "390429"}, status="429 Too Many", headers=("Retry-After: 7",))
    async with hostile(reply(refusal)) as server:
        result = await probe(**LOCAL, url=f"http://127.0.0.1:{server.port}")
    assert (result.state, result.error) == (CusHealthState.DEGRADED, "rate_limited")
    assert result.retry_after_s == 7


async def test_statement_that_is_still_queued_is_degraded(probe: Probing) -> None:
    queued = answer({"code": "333334", "message": "in progress"}, status="202 Accepted")
    async with hostile(reply(queued)) as server:
        result = await probe(**LOCAL, url=f"http://127.0.0.1:{server.port}")
    assert (result.state, result.error) == (CusHealthState.DEGRADED, "overloaded")


async def test_other_web_server_is_told(probe: Probing) -> None:
    async with hostile(reply(answer({"hello": "there"}))) as server:
        result = await probe(**LOCAL, url=f"http://127.0.0.1:{server.port}")
    assert (result.state, result.error) == (CusHealthState.FAILING, "wrong_protocol")


@pytest.mark.parametrize(
    "change", [{"api_key": None}, {"options": {}}, {"options": {"account": "a/b@c"}}]
)
async def test_what_is_missing_is_not_guessed(probe: Probing, change: dict[str, object]) -> None:
    result = await probe(**LOCAL | change)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_request")


@pytest.mark.parametrize(
    ("account", "url"),
    [
        ("myorg-account1", "https://myorg-account1.snowflakecomputing.com"),
        ("MyOrg-My_Account", "https://myorg-my-account.snowflakecomputing.com"),
        ("xy12345.eu-central-1", "https://xy12345.eu-central-1.snowflakecomputing.com"),
        ("a.snowflakecomputing.com", "https://a.snowflakecomputing.com"),
    ],
)
def test_account_names_the_host(account: str, url: str) -> None:
    assert snowflake._base_url(Place(technology="snowflake", host=account)) == url


def test_an_endpoint_goes_before_the_account() -> None:
    options = {"account": "myorg-account1", "endpoint": "https://gateway.example.com/"}
    place = Place(technology="snowflake", options=options)
    assert snowflake._base_url(place) == "https://gateway.example.com"
