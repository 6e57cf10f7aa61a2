"""NATS's probe against servers with users, a token and TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.nats import PASSWORD

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing

APP = {"technology": "nats", "host": "127.0.0.1", "username": "app", "password": PASSWORD}


@pytest.fixture
async def stream(nats: int) -> str:
    """The name of a stream with two messages in it."""
    from nats import connect

    client = await connect(f"nats://app:{PASSWORD}@127.0.0.1:{nats}")
    await client.jetstream().add_stream(name="orders", subjects=["orders.>"])
    for number in range(2):
        await client.jetstream().publish(f"orders.{number}", b"1")
    await client.close()
    return "orders"


async def test_greeting_and_login_are_stages(probe: Probing, nats: int) -> None:
    result = await probe(**APP, port=nats)
    assert result.state is CusHealthState.HEALTHY
    assert str(result.details["server"]).startswith("NATS 2.")
    assert result.details["jetstream"] is True
    assert [stage.name for stage in result.stages] == ["connect", "greet", "authenticate"]


async def test_stream_is_looked_at(probe: Probing, nats: int, stream: str) -> None:
    there = await probe(**APP, port=nats, database=stream)
    absent = await probe(**APP, port=nats, database="invoices")
    assert there.state is CusHealthState.HEALTHY
    assert int(str(there.details["messages"])) >= 2
    assert (absent.error, absent.stage) == ("not_found", "open")
    assert absent.message == "There is no stream invoices."


async def test_user_without_rights_is_denied(probe: Probing, nats: int, stream: str) -> None:
    result = await probe(**{**APP, "username": "mute"}, port=nats, database=stream)
    assert (result.error, result.stage) == ("access_denied", "open")
    assert "$JS.API.STREAM.INFO" in result.remedy


@pytest.mark.parametrize(
    ("login", "says"),
    [
        ({"username": "app", "password": "wrong-password"}, "rejected the password for user app."),
        ({"api_key": "wrong-token"}, "NATS rejected the token."),
        ({}, "The server asks for a login."),
    ],
)
async def test_wrong_login_is_refused(
    probe: Probing, nats: int, login: dict[str, str], says: str
) -> None:
    result = await probe(technology="nats", host="127.0.0.1", port=nats, **login)
    assert (result.error, result.stage) == ("auth_failed", "authenticate")
    assert result.message.endswith(says)


@pytest.mark.parametrize("where", ["api_key", "password"])
async def test_tls_and_token(probe: Probing, tls_nats: int, ca_file: str, where: str) -> None:
    result = await probe(
        technology="nats",
        host="localhost",
        port=tls_nats,
        tls=True,
        tls_ca=ca_file,
        **{where: PASSWORD},
    )
    assert result.state is CusHealthState.HEALTHY
    assert [stage.name for stage in result.stages] == [
        "resolve",
        "connect",
        "greet",
        "tls",
        "authenticate",
    ]


async def test_unknown_authority_is_not_trusted(probe: Probing, tls_nats: int) -> None:
    result = await probe(
        technology="nats", host="127.0.0.1", port=tls_nats, tls=True, api_key=PASSWORD
    )
    assert (result.error, result.stage) == ("tls_untrusted", "tls")


async def test_nothing_is_sent_in_the_clear_where_tls_was_asked_for(
    probe: Probing, nats: int
) -> None:
    result = await probe(**APP, port=nats, tls=True)
    assert (result.error, result.stage) == ("tls_not_supported", "greet")


async def test_tls_is_not_spoken_unasked(probe: Probing, tls_nats: int) -> None:
    result = await probe(technology="nats", host="127.0.0.1", port=tls_nats, api_key=PASSWORD)
    assert (result.error, result.remedy) == ("tls_required", "Switch TLS on.")
