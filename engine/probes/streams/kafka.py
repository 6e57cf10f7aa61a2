"""Kafka: the cluster's own list of brokers and topics, by librdkafka's admin client.

librdkafka goes on trying until its time is up and tells why only in passing, so it is asked in
slices, and its errors are read between them: a rejected password is told at once.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.probes.channels import open_channel
from engine.probes.refusals import Refused, closed, no_such, password_rejected, wrong_protocol
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from confluent_kafka import KafkaError

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_TITLE = "Kafka"
_PORT = 9092
# A round trip and a login over a far line; what is not there by then is asked for again.
_FIRST_SLICE_S = 0.1
_LAST_SLICE_S = 0.02
# librdkafka writes to stderr unless it is given somewhere else to write.
_QUIET = logging.getLogger("lampboard.kafka")
_QUIET.disabled = True


async def probe(attempt: Attempt) -> dict[str, object]:
    """List brokers and topics, and see that the topic is there where one is named."""
    place = attempt.place
    config = await reach(attempt)
    async with attempt.stage("authenticate" if place.username else "list"):
        metadata = await in_thread(lambda: _listed(config, place, attempt.remaining_s))
    return _described(metadata, place.database)


async def reach(attempt: Attempt) -> dict[str, object]:
    """See that a broker is there, and return the driver's settings for it.

    Raises:
        Refused: It is not.
    """
    place = attempt.place
    host, port = place.host or "localhost", place.port or _PORT
    # One connection of ours goes ahead: librdkafka hides why it could not make its own.
    async with open_channel(attempt, host, port) as (_, writer):
        address = str(writer.get_extra_info("peername")[0])
    return _config(attempt, host if place.tls else address, port)


def _described(metadata: Any, topic: str | None) -> dict[str, object]:
    if topic and (topic not in metadata.topics or metadata.topics[topic].error):
        raise no_such("topic", topic, "Check its name, and that this user may describe it.")
    details: dict[str, object] = {
        "server": f"{_TITLE} {metadata.cluster_id or ''}".strip(),
        "brokers": len(metadata.brokers),
        "topics": len(metadata.topics),
    }
    if topic:
        details["partitions"] = len(metadata.topics[topic].partitions)
    return details


def _listed(config: dict[str, object], place: Place, within_s: float) -> Any:
    """Return the cluster's metadata; blocks, for at most that many seconds.

    Raises:
        Refused: The cluster refuses, or is none.
        TimeoutError: It did not answer.
    """
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    ends, slice_s = time.monotonic() + within_s, _FIRST_SLICE_S
    told: list[KafkaError] = []
    client = AdminClient({**config, "error_cb": told.append, "logger": _QUIET})
    while (left := ends - time.monotonic()) > _LAST_SLICE_S:
        try:
            return client.list_topics(timeout=min(slice_s, left))
        except KafkaException as error:
            client.poll(0)
            for said in (*told, error.args[0]):
                if refused := _meaning(said, place):
                    raise refused from None
        slice_s *= 2
    raise TimeoutError


def _meaning(error: KafkaError, place: Place) -> Refused | None:
    """Return what an error means; None for one that may pass."""
    from confluent_kafka import KafkaError as Code

    code, said = error.code(), error.str() or ""
    if code in {Code._AUTHENTICATION, Code.SASL_AUTHENTICATION_FAILED}:  # noqa: SLF001 - its name
        return _login_refused(said, place)
    if code == Code._BAD_MSG:  # noqa: SLF001 - its public name
        return wrong_protocol(_TITLE)
    if code in {Code.CLUSTER_AUTHORIZATION_FAILED, Code.TOPIC_AUTHORIZATION_FAILED}:
        return Refused(
            "access_denied",
            f"The user {place.username or '(none)'} may not list topics.",
            "Let this user describe the cluster or the topic (kafka-acls).",
        )
    if code == Code._SSL:  # noqa: SLF001 - its public name
        return Refused("tls_failed", "The TLS handshake failed.", "Check certificate and CA file.")
    # A broker that hangs up on the first request wants TLS or a login; or is none.
    return closed("list", _TITLE) if "ApiVersion" in said and "isconnected" in said else None


def _login_refused(said: str, place: Place) -> Refused:
    if "echanism" in said:
        return Refused(
            "auth_failed",
            f"The broker does not take {_mechanism(place)}.",
            "Choose another SASL mechanism, one that the broker's listener has enabled.",
        )
    return password_rejected(place.username, _TITLE)


def _config(attempt: Attempt, server: str, port: int) -> dict[str, object]:
    place = attempt.place
    config: dict[str, object] = {
        "bootstrap.servers": f"[{server}]:{port}" if ":" in server else f"{server}:{port}",
        "client.id": "lampboard",
        "security.protocol": _security(place),
        "socket.timeout.ms": max(10, round(attempt.remaining_s * 1000)),
        "reconnect.backoff.ms": 500,
        "log_level": 0,
    }
    if place.username:
        config |= {
            "sasl.mechanism": _mechanism(place),
            "sasl.username": place.username,
            "sasl.password": place.password or "",
        }
    return config | (_tls(attempt) if place.tls else {})


def _tls(attempt: Attempt) -> dict[str, object]:
    place = attempt.place
    if not place.tls_verify:
        return {
            "enable.ssl.certificate.verification": False,
            "ssl.endpoint.identification.algorithm": "none",
        }
    import certifi

    own = place.tls_ca or attempt.tools.ca_file
    if not own:
        return {"ssl.ca.location": certifi.where()}
    files = (Path(certifi.where()), Path(own))
    return {"ssl.ca.pem": "\n".join(file.read_text(encoding="utf-8") for file in files)}


def _security(place: Place) -> str:
    encrypted = "ssl" if place.tls else "plaintext"
    return f"sasl_{encrypted}" if place.username else encrypted


def _mechanism(place: Place) -> str:
    return place.option("sasl_mechanism", "PLAIN")
