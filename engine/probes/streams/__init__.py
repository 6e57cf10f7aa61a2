"""Message brokers and streams: what is declared of each; one probe a module."""

from __future__ import annotations

from engine.fields import FieldSpec
from engine.probes.common_fields import (
    API_KEY,
    DATABASE,
    HOST,
    PASSWORD,
    TLS,
    TLS_CA,
    TLS_VERIFY,
    USERNAME,
    called,
    port,
)
from engine.probes.technology import Technology

_TLS = (TLS, TLS_VERIFY, TLS_CA)

KAFKA = Technology(
    name="kafka",
    title="Kafka",
    type="stream",
    probe="engine.probes.streams.kafka:probe",
    fields=(
        called(HOST, "Broker", help="Any broker of the cluster; it names the others."),
        port(9092),
        called(DATABASE, "Topic", help="A topic that must be there; empty asks for none."),
        USERNAME,
        PASSWORD,
        *_TLS,
    ),
    options=(
        FieldSpec(
            name="sasl_mechanism",
            label="SASL",
            kind="choice",
            choices=("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
            default="PLAIN",
            help="How user and password are proved; only used with a user.",
        ),
    ),
    schemes=("kafka",),
    default_port=9092,
    tested="emulator",
)
REDIS = Technology(
    name="redis",
    title="Redis",
    type="stream",
    probe="engine.probes.streams.redis:probe",
    fields=(
        HOST,
        port(6379),
        called(DATABASE, "Database", help="A number, mostly from 0 to 15."),
        USERNAME,
        PASSWORD,
        *_TLS,
    ),
    schemes=("redis", "rediss", "valkey", "valkeys"),
    default_port=6379,
    extra="redis",
    needs=("redis",),
)
NATS = Technology(
    name="nats",
    title="NATS",
    type="stream",
    probe="engine.probes.streams.nats:probe",
    fields=(
        HOST,
        port(4222),
        called(DATABASE, "Stream", help="A JetStream stream that must be there; or none."),
        USERNAME,
        PASSWORD,
        called(API_KEY, "Token"),
        *_TLS,
    ),
    schemes=("nats", "tls"),
    default_port=4222,
    extra="nats",
    needs=("nats",),
)
RABBITMQ = Technology(
    name="rabbitmq",
    title="RabbitMQ",
    type="stream",
    probe="engine.probes.streams.rabbitmq:probe",
    fields=(
        HOST,
        port(5672),
        called(DATABASE, "Virtual host", help="Empty is /."),
        USERNAME,
        PASSWORD,
        *_TLS,
    ),
    options=(
        FieldSpec(
            name="queue",
            label="Queue",
            maximum=255,
            help="A queue that must be there; it is only looked at.",
        ),
    ),
    schemes=("amqp", "amqps"),
    default_port=5672,
    extra="rabbitmq",
    needs=("aiormq",),
)
MQTT = Technology(
    name="mqtt",
    title="MQTT",
    type="stream",
    probe="engine.probes.streams.mqtt:probe",
    fields=(HOST, port(1883), USERNAME, PASSWORD, *_TLS),
    options=(
        FieldSpec(
            name="protocol",
            label="Version",
            kind="choice",
            choices=("5", "3.1.1"),
            default="5",
            help="The version of MQTT that the broker speaks.",
        ),
        FieldSpec(
            name="topic",
            label="Topic",
            maximum=1024,
            help="A topic that may be subscribed to; empty asks for none.",
        ),
        FieldSpec(
            name="client_id",
            label="Client id",
            maximum=256,
            help="Empty lets the broker choose: the id of a client at work would end its session.",
        ),
    ),
    schemes=("mqtt", "mqtts"),
    default_port=1883,
    extra="mqtt",
    needs=("paho.mqtt.client",),
)

TECHNOLOGIES = (KAFKA, REDIS, NATS, RABBITMQ, MQTT)
