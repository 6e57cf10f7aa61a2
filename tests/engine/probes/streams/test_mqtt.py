"""MQTT's probe against a Mosquitto with passwords, an access list and TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.hostile import hostile, say
from tests.servers.mosquitto import PASSWORD

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Peer, Script
    from tests.servers.mosquitto import MosquittoServer

APP = {"technology": "mqtt", "host": "127.0.0.1", "username": "app", "password": PASSWORD}
VERSIONS = pytest.mark.parametrize("version", ["5", "3.1.1"])


@VERSIONS
async def test_login_and_version(probe: Probing, mosquitto: MosquittoServer, version: str) -> None:
    result = await probe(**APP, port=mosquitto.port, options={"protocol": version})
    assert result.state is CusHealthState.HEALTHY
    assert str(result.details["server"]).startswith("mosquitto version 2.")
    assert [stage.name for stage in result.stages] == ["connect", "authenticate", "describe"]


@VERSIONS
@pytest.mark.parametrize(
    ("login", "says"),
    [
        ({"username": "app", "password": "wrong-password"}, "rejected the password for user app."),
        ({}, "The broker asks for a login."),
    ],
)
async def test_wrong_login_is_refused(
    probe: Probing, mosquitto: MosquittoServer, version: str, login: dict[str, str], says: str
) -> None:
    place = {"technology": "mqtt", "host": "127.0.0.1", "port": mosquitto.port, **login}
    result = await probe(**place, options={"protocol": version})
    assert (result.error, result.stage) == ("auth_failed", "authenticate")
    assert result.message.endswith(says)


async def test_topic_is_subscribed_to(probe: Probing, mosquitto: MosquittoServer) -> None:
    result = await probe(**APP, port=mosquitto.port, options={"topic": "open/#"})
    assert result.state is CusHealthState.HEALTHY
    assert "subscribe" in [stage.name for stage in result.stages]


async def test_tls_with_a_company_s_authority(
    probe: Probing, mosquitto: MosquittoServer, ca_file: str
) -> None:
    place = {**APP, "port": mosquitto.tls_port, "tls": True}
    trusted = await probe(**place, tls_ca=ca_file)
    strange = await probe(**place)
    careless = await probe(**place, tls_verify=False)
    assert trusted.state is careless.state is CusHealthState.HEALTHY
    assert [stage.name for stage in trusted.stages][:3] == ["connect", "tls", "authenticate"]
    assert (strange.error, strange.stage) == ("tls_untrusted", "tls")


async def test_plain_login_on_the_tls_port_is_told(
    probe: Probing, mosquitto: MosquittoServer
) -> None:
    result = await probe(**APP, port=mosquitto.tls_port)
    assert (result.error, result.stage) == ("closed", "authenticate")


async def test_tls_on_the_plain_port_is_told(probe: Probing, mosquitto: MosquittoServer) -> None:
    result = await probe(**APP, port=mosquitto.port, tls=True)
    assert (result.error, result.stage) == ("tls_closed", "tls")


@pytest.mark.parametrize(
    ("reason", "code"),
    [(132, "wrong_protocol"), (133, "access_denied"), (137, "overloaded"), (138, "access_denied"),
     (151, "overloaded"), (128, "server_error")],
)  # fmt: skip
async def test_other_reasons_are_told_by_their_codes(
    probe: Probing, reason: int, code: str
) -> None:
    async with hostile(say(bytes([0x20, 3, 0, reason, 0]))) as server:
        result = await probe(technology="mqtt", host="127.0.0.1", port=server.port)
    assert (result.error, result.stage) == (code, "authenticate")


def _answers(*answers: bytes) -> Script:
    """Give one answer for each packet that comes."""

    async def script(peer: Peer) -> None:
        for answer in answers:
            await peer.reader.read(1000)
            await peer.send(answer)
        await peer.reader.read()

    return script


async def test_refused_topic_is_denied(probe: Probing) -> None:
    granted, refused = bytes([0x20, 3, 0, 0, 0]), bytes([0x90, 4, 0, 1, 0, 135])
    async with hostile(_answers(granted, refused)) as server:
        result = await probe(
            technology="mqtt", host="127.0.0.1", port=server.port, options={"topic": "closed/#"}
        )
    assert (result.error, result.stage) == ("access_denied", "subscribe")
    assert "may not subscribe to closed/#." in result.message
