"""MQTT 5 and 3.1.1: log in, subscribe where a topic is named, and ask for the broker's version.

paho is given the connection that stands and is told when there is something to read, so no thread
is needed and nothing waits.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.probes.channels import tls_refused
from engine.probes.refusals import Refused, closed, password_rejected, wrong_protocol

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable

    from paho.mqtt.client import Client

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_TITLE = "MQTT"
_PORT, _TLS_PORT = 1883, 8883
_VERSION_TOPIC = "$SYS/broker/version"
# Reason codes of MQTT 5 (2.4 of its standard); paho puts those of 3.1.1 into them.
_BAD_LOGIN, _NOT_AUTHORIZED, _FAILED = 134, 135, 128
_OTHER_VERSION = (
    "wrong_protocol",
    "The broker does not speak this version of MQTT.",
    "Choose the other version.",
)
_LOG = "Look at the broker's log."
_BUSY = ("overloaded", "The broker is busy or unavailable.", "Wait a moment.")
_REASONS = {
    1: _OTHER_VERSION,
    132: _OTHER_VERSION,
    133: ("access_denied", "The broker refuses the client id.", "Enter one that it accepts."),
    136: _BUSY,
    137: _BUSY,
    138: ("access_denied", "The broker has banned this client.", "Lift the ban at the broker."),
    151: _BUSY,
    159: _BUSY,
}


async def probe(attempt: Attempt) -> dict[str, object]:
    """Log in, subscribe to the topic; return the broker and its version where it tells."""
    async with open_session(attempt) as session:
        return await _used(attempt, session)


@asynccontextmanager
async def open_session(attempt: Attempt) -> AsyncIterator[Session]:
    """Hold a session that is logged in.

    Raises:
        Refused: It could not be had.
    """
    place = attempt.place
    host, port = attempt.where(_TLS_PORT if place.tls else _PORT)
    sock = await attempt.connect(host, port)
    try:
        if place.tls:
            async with attempt.stage("tls"):
                sock = await _secured(sock, attempt.trust(), host)
        session = Session(attempt, _client(place, sock), sock)
        try:
            async with attempt.stage("authenticate"):
                await session.log_in()
            yield session
        finally:
            session.end()
    finally:
        sock.close()


async def _used(attempt: Attempt, session: Session) -> dict[str, object]:
    if topic := attempt.place.option("topic"):
        async with attempt.stage("subscribe"):
            if await session.subscribe(topic) >= _FAILED:
                raise _topic_refused(attempt.place, topic)
    async with attempt.stage("describe"):
        # A retained message comes after the first confirmation and before the second: whoever
        # has none to give is not waited for.
        await session.subscribe(_VERSION_TOPIC)
        if _VERSION_TOPIC not in session.told:
            await session.subscribe(_VERSION_TOPIC)
    return {"server": session.told.get(_VERSION_TOPIC, _TITLE)}


@dataclass(slots=True)
class Session:
    """paho's client on one socket, moved by the event loop.

    Attributes:
        told: The last message of each topic, as far as it is shown.
        heard: Called with topic and payload of each message.
    """

    attempt: Attempt
    client: Client
    sock: socket.socket
    told: dict[str, str] = field(default_factory=dict)
    heard: Callable[[str, bytes], None] | None = None
    _landed: asyncio.Future[int] = field(init=False)

    def __post_init__(self) -> None:
        self.client.on_connect = lambda _client, _data, _flags, code, _properties: self._land(code)
        self.client.on_subscribe = lambda _client, _data, _id, codes, _properties: self._land(
            codes[0] if codes else _FAILED
        )
        self.client.on_message = self._keep

    async def log_in(self) -> None:
        """Introduce oneself; raises `Refused` where the broker does not want one."""
        place = self.attempt.place
        # paho wants a name to connect to; the connection stands already.
        code = await self._answered(lambda: self.client.connect("localhost"))
        if code:
            raise _login_refused(place, code)

    async def subscribe(self, topic: str) -> int:
        """Subscribe and return the broker's reason code, 128 or more for a refusal."""
        return await self._answered(lambda: self.client.subscribe(topic))

    def end(self) -> None:
        """Say goodbye and forget the socket; whatever is not sent stays unsaid."""
        self.client.disconnect()

    async def _answered(self, ask: Callable[[], object]) -> int:
        loop = asyncio.get_running_loop()
        self._landed = loop.create_future()
        loop.add_reader(self.sock, self._read)
        try:
            ask()
            return await self._landed
        finally:
            loop.remove_reader(self.sock)

    def _read(self) -> None:
        try:
            ended = self.client.loop_read()
        except Exception as error:  # noqa: BLE001 - bytes that paho did not foresee
            self._fail(error)
            return
        if ended:
            self._fail(ConnectionResetError())

    def _fail(self, error: Exception) -> None:
        if self._landed.done():
            return
        stage = self.attempt.stage_name
        strange = not isinstance(error, OSError)
        refused = wrong_protocol(_TITLE) if strange else closed(stage, _TITLE)
        self._landed.set_exception(refused)

    def _land(self, code: Any) -> None:
        if not self._landed.done():
            self._landed.set_result(int(code.value))

    def _keep(self, _client: object, _data: object, message: Any) -> None:
        if self.heard is not None:
            self.heard(message.topic, message.payload)
        self.told[message.topic] = message.payload[:200].decode("utf-8", "replace")
        if message.topic == _VERSION_TOPIC and not self._landed.done():
            self._landed.set_result(0)


def _client(place: Place, sock: socket.socket) -> Client:
    from paho.mqtt.client import MQTTv5, MQTTv311

    version = MQTTv311 if place.option("protocol") == "3.1.1" else MQTTv5
    client: Client = _handed_over()(sock, client_id=place.option("client_id"), protocol=version)
    if place.username or place.password:
        client.username_pw_set(place.username or "", place.password)
    return client


@lru_cache(maxsize=1)
def _handed_over() -> Any:
    """Return paho's client, made to use a socket that is connected already."""
    from paho.mqtt.client import Client as Driver
    from paho.mqtt.enums import CallbackAPIVersion

    class HandedOver(Driver):
        def __init__(self, sock: socket.socket, **options: Any) -> None:
            super().__init__(CallbackAPIVersion.VERSION2, reconnect_on_failure=False, **options)
            self._connected = sock

        def _create_socket(self) -> socket.socket:
            return self._connected

    return HandedOver


async def _secured(sock: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
    peer, name = sock.getpeername(), host.rstrip(".")
    secured = context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
    try:
        while not _shaken(secured):
            await _readable(secured)
    except OSError as error:
        secured.close()
        raise await tls_refused(error, peer, name) from error
    except BaseException:
        secured.close()
        raise
    return secured


def _shaken(secured: ssl.SSLSocket) -> bool:
    try:
        secured.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


async def _readable(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(sock, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sock)


def _login_refused(place: Place, code: int) -> Refused:
    if code in {_BAD_LOGIN, _NOT_AUTHORIZED} and not place.username:
        return Refused("auth_failed", "The broker asks for a login.", "Enter user and password.")
    if code in {_BAD_LOGIN, _NOT_AUTHORIZED}:
        return password_rejected(place.username, _TITLE)
    error, message, remedy = _REASONS.get(
        code, ("server_error", f"The broker refused the login (reason {code}).", _LOG)
    )
    return Refused(error, message, remedy)


def _topic_refused(place: Place, topic: str) -> Refused:
    return Refused(
        "access_denied",
        f"The user {place.username or '(none)'} may not subscribe to {topic}.",
        "Allow it in the broker's access list, or check the topic.",
    )
