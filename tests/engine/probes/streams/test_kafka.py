"""Kafka's probe against librdkafka's mocked brokers, and one whose answers are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.kafka import (
    BROKERS,
    TOPIC,
    handshake,
    login,
    metadata,
    mocked_kafka,
    played_kafka,
)
from tests.servers.tls_front import tls_front

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from tests.engine.probes.conftest import Probing

LOCAL = {"technology": "kafka", "host": "127.0.0.1"}
APP = {**LOCAL, "username": "app", "password": "wrong-password"}
REJECTED = 58


@pytest.fixture(scope="module")
def kafka() -> Iterator[int]:
    with mocked_kafka() as port:
        yield port


async def test_brokers_and_topics_are_listed(probe: Probing, kafka: int) -> None:
    result = await probe(**LOCAL, port=kafka)
    assert result.state is CusHealthState.HEALTHY
    assert (result.details["brokers"], result.details["topics"]) == (BROKERS, 1)
    assert str(result.details["cluster"]).startswith("mockCluster")
    assert [stage.name for stage in result.stages] == ["connect", "list"]


async def test_topic_is_looked_at_and_never_made(probe: Probing, kafka: int) -> None:
    there = await probe(**LOCAL, port=kafka, database=TOPIC)
    assert int(str(there.details["partitions"])) > 0
    for _ in range(2):
        absent = await probe(**LOCAL, port=kafka, database="invoices")
        assert (absent.error, absent.message) == ("not_found", "There is no topic invoices.")


async def test_password_is_sent_once_and_the_login_is_a_stage(probe: Probing) -> None:
    async with played_kafka(handshake("PLAIN"), login(), metadata(TOPIC, leaders=(1,))) as server:
        result = await probe(**APP, port=server.port, database=TOPIC)
    assert result.state is CusHealthState.HEALTHY
    assert [stage.name for stage in result.stages] == ["connect", "authenticate", "list"]


async def test_wrong_password_is_refused(probe: Probing) -> None:
    async with played_kafka(handshake("PLAIN"), login(error=REJECTED)) as server:
        result = await probe(**APP, port=server.port)
    assert (result.error, result.stage) == ("auth_failed", "authenticate")
    assert result.message == "Kafka rejected the password for user app."


async def test_mechanism_that_the_broker_lacks_is_named(probe: Probing) -> None:
    async with played_kafka(handshake("SCRAM-SHA-512", error=33)) as server:
        result = await probe(**APP, port=server.port)
    assert (result.error, result.stage) == ("auth_failed", "authenticate")
    assert result.message == "The broker does not take PLAIN, but SCRAM-SHA-512."


async def test_listener_without_logins_is_told(probe: Probing) -> None:
    async with played_kafka(handshake(error=34)) as server:
        result = await probe(**APP, port=server.port)
    assert "takes no login" in result.message


async def test_challenge_to_somebody_else_is_refused(probe: Probing) -> None:
    challenge = login(b"r=foreign,s=c2FsdA==,i=4096")
    async with played_kafka(handshake("SCRAM-SHA-256"), challenge) as server:
        result = await probe(**APP, port=server.port, options={"sasl_mechanism": "SCRAM-SHA-256"})
    assert (result.error, result.stage) == ("auth_failed", "authenticate")


@pytest.mark.parametrize(
    ("error", "leaders", "code", "state"),
    [
        (29, (), "access_denied", CusHealthState.FAILING),
        (0, (1, -1), "no_leader", CusHealthState.DEGRADED),
    ],
)
async def test_topic_s_own_troubles_are_told(
    probe: Probing, error: int, leaders: tuple[int, ...], code: str, state: CusHealthState
) -> None:
    async with played_kafka(metadata(TOPIC, error=error, leaders=leaders)) as server:
        result = await probe(**LOCAL, port=server.port, database=TOPIC)
    assert (result.error, result.state) == (code, state)


@pytest.mark.parametrize(
    "answer",
    [b"", b"\x7f\xff\xff\xff" * 8, metadata(TOPIC)[:-3], b"\x00" * 4 + b"\x7f\xff\xff\xff"],
)
async def test_answer_that_claims_more_than_it_has_is_no_kafka(
    probe: Probing, answer: bytes
) -> None:
    async with played_kafka(answer) as server:
        result = await probe(**LOCAL, port=server.port)
    assert (result.error, result.stage) == ("wrong_protocol", "list")


async def test_broker_that_hangs_up_may_want_a_login(probe: Probing) -> None:
    async with played_kafka() as server:
        result = await probe(**LOCAL, port=server.port)
    assert result.error in {"closed", "reset"}
    assert "SASL" in result.remedy


@pytest.mark.parametrize("verify", [True, False])
async def test_tls_with_a_company_s_authority_or_nobody_s(
    probe: Probing,
    certificates: dict[str, ssl.SSLContext],
    kafka: int,
    ca_file: str,
    *,
    verify: bool,
) -> None:
    async with tls_front(kafka, certificates["valid"]) as front:
        result = await probe(
            technology="kafka",
            host="localhost",
            port=front.port,
            tls=True,
            tls_verify=verify,
            tls_ca=ca_file if verify else None,
        )
    assert [stage.name for stage in result.stages] == ["resolve", "connect", "tls", "list"]
    assert result.state is CusHealthState.HEALTHY


async def test_tls_on_the_plain_port_is_told(probe: Probing, kafka: int) -> None:
    result = await probe(**LOCAL, port=kafka, tls=True)
    assert (result.error, result.stage) == ("tls_closed", "tls")
