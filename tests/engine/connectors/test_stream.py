from __future__ import annotations

import uuid
from contextlib import contextmanager
from struct import pack
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import ConnectorError
from tests.engine.connectors.conftest import all_ended, children
from tests.servers.kafka import TOPIC, mocked_kafka, played_kafka
from tests.servers.nats import PASSWORD as NATS_PASSWORD
from tests.servers.nats import nats_server
from tests.servers.provided import missing
from tests.servers.redis import PASSWORD as REDIS_PASSWORD
from tests.servers.redis import redis_server
from tests.servers.tls import authority

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine.connectors.conftest import Make
    from tests.servers.certificates import Authority

__all__ = ["authority"]
HOST = "127.0.0.1"
COUNT = 250


@pytest.fixture(scope="session")
def leaf(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.leaf(tmp_path_factory.mktemp("leaf"))


@pytest.fixture(scope="session")
def redis_place(leaf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    redis = pytest.importorskip("redis")
    with redis_server(tmp_path_factory.mktemp("redis"), leaf) as server:
        client = redis.Redis(port=server.port, password=REDIS_PASSWORD)
        for number in range(COUNT):
            client.xadd("orders", {"number": number, "note": "n" * 100})
        client.set("plain", "no stream")
        client.close()
        yield {"technology": "redis", "port": server.port, "password": REDIS_PASSWORD}


@pytest.fixture(scope="session")
def nats_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with nats_server(tmp_path_factory.mktemp("nats")) as port:
        yield {"technology": "nats", "port": port, "username": "app", "password": NATS_PASSWORD}


@pytest.fixture
async def nats_stream(nats_place: dict[str, Any]) -> str:
    import nats

    name = f"S{uuid.uuid4().hex[:8]}"
    client = await nats.connect(
        f"nats://{HOST}:{nats_place['port']}", user="app", password=NATS_PASSWORD
    )
    stream = client.jetstream()
    await stream.add_stream(name=name, subjects=[f"{name}.*"])
    for number in range(5):
        await stream.publish(f"{name}.a", b"%d" % number)
    await stream.delete_msg(name, 4)
    await client.close()
    return name


async def test_the_latest_entries_of_a_redis_stream_come_first(
    make: Make, redis_place: dict[str, Any]
) -> None:
    connector = make("stream", host=HOST, **redis_place)
    found = await connector.read_latest("orders", 210)
    assert [message.body[:14] for message in found.messages[:2]] == [
        '{"number": "24',
        '{"number": "24',
    ]
    assert '"number": "40"' in found.messages[-1].body
    assert (len(found.messages), found.truncated) == (210, False)
    assert await connector.names() == ["orders"]


async def test_messages_are_capped_in_bytes_and_said_to_be(
    make: Make, redis_place: dict[str, Any]
) -> None:
    connector = make("stream", host=HOST, **redis_place, config={"max_bytes": 1000})
    found = await connector.read_latest("orders", 100)
    assert 3 < len(found.messages) < 10
    assert found.truncated


async def test_no_more_messages_than_allowed_can_be_asked_for(
    make: Make, redis_place: dict[str, Any]
) -> None:
    connector = make("stream", host=HOST, **redis_place, config={"max_rows": 10})
    with pytest.raises(ConnectorError) as told:
        await connector.read_latest("orders", 11)
    assert told.value.code == "too_large"


@pytest.mark.parametrize("name", ["plain", "nope"])
async def test_what_is_no_stream_is_not_found(
    make: Make, redis_place: dict[str, Any], name: str
) -> None:
    with pytest.raises(ConnectorError) as told:
        await make("stream", host=HOST, **redis_place).read_latest(name)
    assert told.value.code == "not_found"


async def test_a_wrong_password_is_told_as_the_check_tells_it(
    make: Make, redis_place: dict[str, Any]
) -> None:
    place = {**redis_place, "password": "wrong-password"}
    with pytest.raises(ConnectorError) as told:
        await make("stream", host=HOST, **place).read_latest("orders")
    assert told.value.code == "auth_failed"
    assert "wrong-password" not in f"{told.value!r} {told.value.hint}"


async def test_jetstream_is_read_backwards_over_what_was_deleted(
    make: Make, nats_place: dict[str, Any], nats_stream: str
) -> None:
    connector = make("stream", host=HOST, **nats_place)
    for _ in range(2):  # reading takes nothing away
        found = await connector.read_latest(nats_stream, 3)
        assert [message.body for message in found.messages] == ["4", "2", "1"]
    assert found.messages[0].headers["subject"] == f"{nats_stream}.a"
    assert nats_stream in await connector.names()


async def test_a_queue_is_looked_at_and_left_as_it_was(make: Make) -> None:
    aio_pika = pytest.importorskip("aio_pika")
    try:
        connection = await aio_pika.connect(f"amqp://guest:guest@{HOST}/")
    except OSError:
        missing("rabbitmq", "there is no RabbitMQ")
    name = f"lampboard-{uuid.uuid4().hex[:8]}"
    channel = await connection.channel()
    queue = await channel.declare_queue(name)
    try:
        for number in range(4):
            body = aio_pika.Message(b"%d" % number, headers={"kind": "test"})
            await channel.default_exchange.publish(body, name)
        connector = make("stream", "rabbitmq", host=HOST)
        for _ in range(2):
            found = await connector.read_latest(name, 3)
            assert [message.body for message in found.messages] == ["0", "1", "2"]
        assert found.messages[0].headers["kind"] == "test"
        assert len((await connector.read_latest(name, 10)).messages) == 4
        with pytest.raises(ConnectorError) as told:
            await connector.read_latest(f"{name}-nope")
        assert told.value.code == "not_found"
    finally:
        await queue.delete(if_unused=False, if_empty=False)
        await connection.close()


async def test_retained_messages_are_read(make: Make) -> None:
    aiomqtt = pytest.importorskip("aiomqtt")
    shop = f"lampboard-{uuid.uuid4().hex[:8]}"
    kept = {f"{shop}/a": "one", f"{shop}/b": "two"}
    try:
        async with aiomqtt.Client(HOST) as client:
            for topic, body in kept.items():
                await client.publish(topic, body, retain=True)
            await client.publish(f"{shop}/c", "gone")
    except aiomqtt.MqttError:
        missing("mosquitto", "there is no MQTT broker")
    connector = make("stream", "mqtt", host=HOST)
    found = await connector.read_latest(f"{shop}/#")
    assert {message.id: message.body for message in found.messages} == kept
    assert set(kept) <= set(await connector.names())
    async with aiomqtt.Client(HOST) as client:
        for topic in kept:
            await client.publish(topic, b"", retain=True)


@contextmanager
def kafka_with_orders() -> Iterator[int]:
    confluent = pytest.importorskip("confluent_kafka")
    with mocked_kafka() as port:
        producer = confluent.Producer({"bootstrap.servers": f"{HOST}:{port}"})
        for number in range(30):
            producer.produce(TOPIC, b"%d" % number, key=b"k", headers={"kind": "test"})
        producer.flush(60)
        yield port


async def test_the_latest_messages_of_a_topic_are_read_without_a_group(make: Make) -> None:
    with kafka_with_orders() as port:
        before = children()
        connector = make("stream", "kafka", host=HOST, port=port)
        for _ in range(2):
            found = await connector.read_latest(TOPIC, 5)
            assert sorted(int(message.body) for message in found.messages) == [25, 26, 27, 28, 29]
        assert found.messages[0].headers == {"kind": "test", "key": "k"}
        assert TOPIC in await connector.names()
        with pytest.raises(ConnectorError) as told:
            await connector.read_latest("nope")
        assert told.value.code == "not_found"
        assert await all_ended(before)


async def test_a_broker_that_names_a_metadata_address_is_not_followed(make: Make) -> None:
    host = b"169.254.169.254"
    topic = pack(">h", len(TOPIC)) + TOPIC.encode()
    cluster = pack(">ii", 0, 1) + pack(">ih", 1, len(host)) + host + pack(">ih", 9092, -1)
    topics = pack(">hii", -1, 1, 1) + pack(">h", 0) + topic + pack(">bi", 0, 0)
    async with played_kafka(cluster + topics) as server:
        with pytest.raises(ConnectorError) as told:
            await make("stream", "kafka", host=HOST, port=server.port).read_latest(TOPIC)
    assert told.value.code == "address_blocked"
