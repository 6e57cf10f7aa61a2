"""MongoDB, by its own asynchronous driver, at the one server that is named.

A direct connection: the driver would else go where the server's list of members sends it, to
addresses that nobody judged, and a check should tell of the very server that it names.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from engine.probes.channels import open_channel
from engine.probes.refusals import (
    Refused,
    closed,
    no_such,
    password_rejected,
    translated,
    wrong_protocol,
)
from engine.probes.running import causes
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from pymongo import AsyncMongoClient
    from pymongo.monitoring import (
        ServerHeartbeatFailedEvent,
        ServerHeartbeatListener,
        ServerHeartbeatStartedEvent,
        ServerHeartbeatSucceededEvent,
    )

    from engine.probes.attempt import Attempt

    Turn = Callable[[str], None]

PORT = 27017
_TITLE = "MongoDB"
_AGAIN_S = 0.02
_SRV = "mongodb+srv://"
_FIELDS = "Check its fields; the mechanism and the user's database above all."
# Codes of src/mongo/base/error_codes.yml, and Atlas' own for a failed login.
_PASSWORD = frozenset({11, 18, 8000})
_UNAUTHORIZED = 13
_STARTING = frozenset({91, 11600, 11602, 13436})
_MEANINGS = {
    334: (
        "unsupported_auth",
        "The server does not know this way to log in.",
        "Choose another mechanism, or make the user for this one.",
    ),
    **dict.fromkeys(
        _STARTING, ("starting", "The server is starting, stopping or recovering.", "Wait a moment.")
    ),
}


async def probe(attempt: Attempt) -> dict[str, object]:
    """Log in, ask for the version, and list what the user may see."""
    host, port = await _where(attempt)
    tls = _tls(attempt)
    # The driver keeps no reason of a failed handshake, so one is tried before.
    async with open_channel(attempt, host, port, tls=tls) as (_, writer):
        address = writer.get_extra_info("peername")[0]
    # The name is needed for the certificate alone; without one the judged address is used.
    named = host if tls and attempt.place.tls_verify else address
    with (
        attempt.turns("authenticate") as turn,
        translated(lambda error: _refusal(error, attempt)),
    ):
        async with _opened(attempt, named, port) as (client, unreachable):
            return await _first(_asked(client, attempt, turn), unreachable)


async def _asked(client: AsyncMongoClient[Any], attempt: Attempt, turn: Turn) -> dict[str, object]:
    admin, database = client["admin"], attempt.place.database
    version = (await admin.command("buildInfo")).get("version", "")
    turn("list")
    asked: dict[str, Any] = {"nameOnly": True, "authorizedDatabases": True}
    if database:
        asked["filter"] = {"name": database}
    listed = (await admin.command("listDatabases", 1, **asked)).get("databases", [])
    details: dict[str, object] = {"server": f"{_TITLE} {version}"}
    if not database:
        return details | {"databases": len(listed)}
    if not listed:
        remedy = "Check its name and the user's rights; it is made with its first document."
        raise no_such("database", database, remedy)
    names = await client[database].list_collection_names(authorizedCollections=True)
    return details | {"collections": len(names)}


@asynccontextmanager
async def _opened(
    attempt: Attempt, host: str, port: int
) -> AsyncIterator[tuple[AsyncMongoClient[Any], asyncio.Future[Exception]]]:
    from pymongo import AsyncMongoClient

    unreachable: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
    limit_ms = round(attempt.remaining_s * 1000) + 1000
    client: AsyncMongoClient[Any] = AsyncMongoClient(
        host,
        port,
        directConnection=True,
        appname="lampboard",
        # Beyond the deadline, which is what should be told of; it closes the client.
        connectTimeoutMS=limit_ms,
        socketTimeoutMS=limit_ms,
        serverSelectionTimeoutMS=limit_ms,
        retryReads=False,
        maxPoolSize=1,
        event_listeners=[_listener(unreachable)],
        **_login(attempt),
        **_security(attempt),
    )
    try:
        yield client, unreachable
    finally:
        await client.close()


def _listener(unreachable: asyncio.Future[Exception]) -> ServerHeartbeatListener:
    """Tell of the first failed look at the server: the driver would look again and again."""
    from pymongo import monitoring

    class Listener(monitoring.ServerHeartbeatListener):
        def started(self, event: ServerHeartbeatStartedEvent) -> None:
            """Nothing is known yet."""

        def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
            """What was asked goes on."""

        def failed(self, event: ServerHeartbeatFailedEvent) -> None:
            if not unreachable.done():
                unreachable.set_result(event.reply)

    return Listener()


async def _first(
    work: Coroutine[Any, Any, dict[str, object]], unreachable: asyncio.Future[Exception]
) -> dict[str, object]:
    """Return what the work returns, unless the server cannot even be looked at."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait((task, unreachable), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise unreachable.result()
        return task.result()
    finally:
        while not task.done():
            # The driver loses a cancellation that comes as it wakes, so once is not enough.
            task.cancel()
            await asyncio.wait((task,), timeout=_AGAIN_S)


def _login(attempt: Attempt) -> dict[str, Any]:
    place = attempt.place
    if not place.username:
        return {}
    login = {
        "username": place.username,
        "password": place.password or "",
        "authSource": place.option("auth_source") or place.option("authSource", "admin"),
    }
    mechanism = place.option("auth_mechanism") or place.option("authMechanism")
    return login | ({"authMechanism": mechanism} if mechanism else {})


def _security(attempt: Attempt) -> dict[str, Any]:
    if not _tls(attempt):
        return {"tls": False}
    if not attempt.place.tls_verify:
        return {"tls": True, "tlsAllowInvalidCertificates": True}
    return {
        "tls": True,
        "tlsCAFile": attempt.trust_file(),
        # A certificate must not send the check to addresses that nobody judged.
        "tlsDisableOCSPEndpointCheck": True,
    }


def _tls(attempt: Attempt) -> bool:
    return attempt.place.tls or _is_srv(attempt)


def _is_srv(attempt: Attempt) -> bool:
    return (attempt.place.url or "").lower().startswith(_SRV)


async def _where(attempt: Attempt) -> tuple[str, int]:
    """Return host and port; those of a cluster's name come from its SRV record."""
    host, port = attempt.where(PORT)
    if not _is_srv(attempt):
        return host, port
    from dns.asyncresolver import resolve
    from dns.exception import DNSException

    async with attempt.stage("resolve"):
        try:
            found = await resolve(
                f"_mongodb._tcp.{host}", "SRV", lifetime=attempt.remaining_s, search=False
            )
        except DNSException:
            raise Refused(
                "dns_not_found",
                f"There is no SRV record for {host}.",
                "Check the cluster's name, or give a member's host and port instead.",
            ) from None
    first = min(found, key=lambda record: (record.priority, -record.weight))
    return str(first.target).rstrip("."), first.port


def _refusal(error: Exception, attempt: Attempt) -> Refused | None:
    from bson.errors import BSONError
    from pymongo import errors

    place = attempt.place
    if any(isinstance(cause, (BSONError, errors.ProtocolError)) for cause in causes(error)):
        return wrong_protocol(_TITLE)
    if isinstance(error, errors.OperationFailure):
        return _of_code(error, place.username)
    if isinstance(error, errors.ConfigurationError | errors.InvalidURI):
        return Refused("invalid_request", f"{_TITLE} cannot be asked so: {error}", _FIELDS)
    system = any(isinstance(cause, OSError) for cause in causes(error))
    if isinstance(error, errors.ConnectionFailure) and not system:
        return closed(attempt.stage_name, _TITLE)
    return None


def _of_code(error: Any, username: str | None) -> Refused:
    if error.code in _PASSWORD:
        refused = password_rejected(username, _TITLE)
        refused.remedy = "Check user, password and the database in which the user was made."
        return refused
    if error.code in _MEANINGS:
        state = CusHealthState.DEGRADED if error.code in _STARTING else CusHealthState.FAILING
        return Refused(*_MEANINGS[error.code], state=state)
    if error.code == _UNAUTHORIZED:
        return Refused(
            "access_denied" if username else "auth_failed",
            f"The user {username} may not list this."
            if username
            else "The server asks for a user.",
            "Grant the role read on the database." if username else "Enter user and password.",
        )
    said = (error.details or {}).get("errmsg", "no reason was given")
    return Refused("query_failed", f"{_TITLE} refused: {said}", "Look at the server's log.")
