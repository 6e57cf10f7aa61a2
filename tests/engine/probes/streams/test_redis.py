"""Redis's probe against a Redis with passwords, users and TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.hostile import hostile, say
from tests.servers.redis import PASSWORD

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing
    from tests.servers.redis import RedisServer


async def test_login_database_and_ping_are_stages(probe: Probing, redis: RedisServer) -> None:
    result = await probe(
        technology="redis", host="127.0.0.1", port=redis.port, password=PASSWORD, database="3"
    )
    assert result.state is CusHealthState.HEALTHY
    assert str(result.details["server"]).startswith("Redis ")
    assert [stage.name for stage in result.stages] == [
        "connect",
        "authenticate",
        "open",
        "ping",
        "describe",
    ]


@pytest.mark.parametrize(
    ("login", "says"),
    [
        ({"password": "wrong-password"}, "Redis rejected the password without a user."),
        ({"username": "app", "password": "wrong-password"}, "the password for user app."),
        ({"username": "nobody", "password": PASSWORD}, "the password for user nobody."),
    ],
)
async def test_wrong_password_is_refused(
    probe: Probing, redis: RedisServer, login: dict[str, str], says: str
) -> None:
    result = await probe(technology="redis", host="127.0.0.1", port=redis.port, **login)
    assert (result.error, result.stage) == ("auth_failed", "authenticate")
    assert result.message.endswith(says)


async def test_missing_password_is_asked_for(probe: Probing, redis: RedisServer) -> None:
    result = await probe(technology="redis", host="127.0.0.1", port=redis.port)
    assert (result.error, result.message) == ("auth_failed", "The server asks for a password.")


async def test_user_without_rights_is_denied(probe: Probing, redis: RedisServer) -> None:
    result = await probe(
        technology="redis", host="127.0.0.1", port=redis.port, username="app", password=PASSWORD
    )
    assert (result.error, result.stage) == ("access_denied", "ping")
    assert "+ping" in result.remedy


@pytest.mark.parametrize("number", ["4", "-1", "orders"])
async def test_database_out_of_range_is_not_found(
    probe: Probing, redis: RedisServer, number: str
) -> None:
    result = await probe(
        technology="redis", host="127.0.0.1", port=redis.port, password=PASSWORD, database=number
    )
    assert (result.error, result.stage) == ("not_found", "open")


async def test_tls_with_a_company_s_authority(
    probe: Probing, redis: RedisServer, ca_file: str
) -> None:
    result = await probe(
        technology="redis",
        host="localhost",
        port=redis.tls_port,
        password=PASSWORD,
        tls=True,
        tls_ca=ca_file,
    )
    assert result.state is CusHealthState.HEALTHY
    assert [stage.name for stage in result.stages][:3] == ["resolve", "connect", "tls"]


async def test_plain_login_on_the_tls_port_is_told(probe: Probing, redis: RedisServer) -> None:
    result = await probe(
        technology="redis", host="127.0.0.1", port=redis.tls_port, password=PASSWORD
    )
    assert result.error in {"closed", "wrong_protocol"}
    assert result.stage == "authenticate"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "starting"),
        (b"-ERR max number of clients reached\r\n", "overloaded"),
        (b"-DENIED Redis is running in protected mode.\r\n", "access_denied"),
        (b"-MISCONF Errors writing to disk\r\n", "server_error"),
    ],
)
async def test_other_refusals_are_told_by_their_codes(
    probe: Probing, answer: bytes, code: str
) -> None:
    async with hostile(say(answer)) as server:
        result = await probe(technology="redis", host="127.0.0.1", port=server.port)
    assert result.error == code
