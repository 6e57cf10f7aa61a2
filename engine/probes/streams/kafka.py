"""Kafka: log in, and ask a broker for its cluster's brokers and topics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.probes.channels import open_channel
from engine.probes.refusals import (
    Refused,
    closed,
    no_such,
    password_rejected,
    translated,
    wrong_protocol,
)
from engine.probes.states import CusHealthState
from engine.probes.streams.kafka_wire import Cluster, Topic, Wire, WireError
from engine.probes.streams.scram import HASHES, Scram, ScramError

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_TITLE = "Kafka"
_PORT = 9092
# Error codes of the protocol.
_UNKNOWN_TOPIC, _INVALID_TOPIC, _TOPIC_DENIED = 3, 17, 29
_NO_SUCH_MECHANISM, _NO_LOGIN_HERE = 33, 34
_ABSENT = Topic(error=_UNKNOWN_TOPIC, partitions=0, leaderless=0)


async def probe(attempt: Attempt) -> dict[str, object]:
    """Log in where there is a user; list the brokers; see that the topic is there."""
    place = attempt.place
    cluster = await describe(attempt, place.database)
    details: dict[str, object] = {"server": _TITLE, "brokers": len(cluster.brokers)}
    if cluster.id:
        details["cluster"] = cluster.id
    if place.database:
        topic = cluster.topics.get(place.database, _ABSENT)
        details["partitions"] = topic.partitions
        _require_topic(place, topic, details)
    else:
        details["topics"] = len(cluster.topics)
    return details


async def describe(attempt: Attempt, topic: str | None) -> Cluster:
    """Log in where there is a user; return the cluster with that topic, or with all.

    Raises:
        Refused: The broker could not be asked.
    """
    place = attempt.place
    async with open_channel(attempt, *attempt.where(_PORT)) as channel:
        wire = Wire(*channel)
        with translated(partial(_meaning, attempt)):
            if place.username:
                async with attempt.stage("authenticate"):
                    await _log_in(wire, place)
            async with attempt.stage("list"):
                return await wire.metadata(topic)


async def _log_in(wire: Wire, place: Place) -> None:
    mechanism = place.option("sasl_mechanism", "PLAIN")
    error, enabled = await wire.handshake(mechanism)
    if error == _NO_LOGIN_HERE:
        raise Refused(
            "auth_failed",
            "This listener of the broker takes no login.",
            "Leave user and password out, or use the port of a SASL listener.",
        )
    if error:
        raise Refused(
            "auth_failed",
            f"The broker does not take {mechanism}, but {', '.join(enabled) or 'nothing'}.",
            "Choose a SASL mechanism that the broker's listener has enabled.",
        )
    user, password = place.username or "", place.password or ""
    if mechanism not in HASHES:
        await _say(wire, place, f"\0{user}\0{password}".encode())
        return
    login = Scram(mechanism=mechanism, user=user, password=password)
    challenge = await _say(wire, place, login.first())
    login.verify(await _say(wire, place, login.proof(challenge)))


async def _say(wire: Wire, place: Place, message: bytes) -> bytes:
    error, answer = await wire.authenticate(message)
    if error:
        raise password_rejected(place.username, _TITLE)
    return answer


def _require_topic(place: Place, topic: Topic, details: dict[str, object]) -> None:
    if topic.error in {_UNKNOWN_TOPIC, _INVALID_TOPIC}:
        raise no_such(
            "topic", place.database, "Check its name, and that this user may describe it."
        )
    if topic.error == _TOPIC_DENIED:
        raise Refused(
            "access_denied",
            f"The user {place.username or '(none)'} may not describe the topic {place.database}.",
            "Let this user describe it (kafka-acls).",
        )
    if topic.leaderless:
        raise Refused(
            "no_leader",
            f"{topic.leaderless} of {topic.partitions} partitions have no leader.",
            "Look at the brokers: one that led them is away.",
            state=CusHealthState.DEGRADED,
            details=details,
        )


def _meaning(attempt: Attempt, error: Exception) -> Refused | None:
    if isinstance(error, ScramError):
        return Refused(
            "auth_failed", str(error), "Check that this is the right broker, and its users."
        )
    if isinstance(error, WireError):
        return wrong_protocol(_TITLE)
    if not isinstance(error, (EOFError, ConnectionResetError)):
        return None
    refused = closed(attempt.stage_name, _TITLE)
    if not attempt.place.username:
        refused.remedy += " Brokers also hang up on whom they want a login (SASL) from."
    return refused
