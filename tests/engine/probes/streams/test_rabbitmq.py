"""RabbitMQ's probe against the machine's broker, and through TLS in front of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.probes.states import CusHealthState
from tests.servers.tls_front import tls_front

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from tests.engine.probes.conftest import Probing

LOCAL = {"technology": "rabbitmq", "host": "127.0.0.1"}


@pytest.fixture
async def queue(rabbitmq: int) -> AsyncIterator[str]:
    """A queue with one message, which goes with the test."""
    import aiormq

    name = f"lampboard-{uuid4().hex}"
    async with aiormq.connect(f"amqp://guest:guest@127.0.0.1:{rabbitmq}/") as connection:
        channel = await connection.channel()
        await channel.queue_declare(name)
        await channel.basic_publish(b"1", routing_key=name)
        yield name
        await channel.queue_delete(name)


async def test_login_and_virtual_host(probe: Probing, rabbitmq: int) -> None:
    result = await probe(**LOCAL, port=rabbitmq)
    assert result.state is CusHealthState.HEALTHY
    assert str(result.details["server"]).startswith("RabbitMQ 3.")
    assert [stage.name for stage in result.stages] == ["connect", "authenticate"]


async def test_queue_is_looked_at(probe: Probing, rabbitmq: int, queue: str) -> None:
    there = await probe(**LOCAL, port=rabbitmq, options={"queue": queue})
    absent = await probe(**LOCAL, port=rabbitmq, options={"queue": f"{queue}-not"})
    assert there.details["messages"] == 1
    assert (absent.error, absent.stage) == ("not_found", "open")
    assert absent.message == f"There is no queue {queue}-not."


@pytest.mark.parametrize(("user", "remedy"), [("guest", "own machine"), ("app", "this host")])
async def test_wrong_password_is_refused(
    probe: Probing, rabbitmq: int, user: str, remedy: str
) -> None:
    result = await probe(**LOCAL, port=rabbitmq, username=user, password="wrong-password")
    assert (result.error, result.stage) == ("auth_failed", "authenticate")
    assert f"for user {user}." in result.message
    assert remedy in result.remedy


async def test_unknown_virtual_host_is_not_found_after_the_login(
    probe: Probing, rabbitmq: int
) -> None:
    result = await probe(**LOCAL, port=rabbitmq, database="no such host")
    assert (result.error, result.message) == (
        "not_found",
        "There is no virtual host no such host.",
    )
    assert [(stage.name, stage.ok) for stage in result.stages][1:] == [
        ("authenticate", True),
        ("open", False),
    ]


async def test_tls_with_a_company_s_authority(
    probe: Probing, rabbitmq: int, certificates: dict[str, ssl.SSLContext], ca_file: str
) -> None:
    async with tls_front(rabbitmq, certificates["valid"]) as front:
        place = {**LOCAL, "port": front.port, "tls": True, "tls_ca": ca_file}
        let_in = await probe(**place)
        refused = await probe(**place, username="app", password="wrong-password")
    assert [stage.name for stage in let_in.stages] == ["connect", "tls", "authenticate"]
    assert let_in.state is CusHealthState.HEALTHY
    assert refused.error == "auth_failed"


async def test_tls_on_the_plain_port_is_told(probe: Probing, rabbitmq: int) -> None:
    result = await probe(**LOCAL, port=rabbitmq, tls=True)
    assert (result.error, result.stage) == ("tls_not_tls", "tls")
