"""However an operation ends, no thread, socket or process of it stays; it counts and ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from engine.connectors import ConnectorConfig
from engine.connectors.sql import drivers
from engine.connectors.vector import Point
from engine.errors import ConnectorError
from engine.probes.attempt import Attempt
from engine.probes.place import Place
from tests.engine.connectors.conftest import all_ended, children
from tests.engine.probes.conftest import leaves_nothing, open_sockets
from tests.servers.hostile import hostile
from tests.servers.silent import silent
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.probes.place import Tools
    from tests.engine.connectors.conftest import Make
    from tests.servers.hostile import Peer

_VECTOR = [1.0, 0.0]
_DIMENSION = {"vector_dimension": 2}
_PLACE = {"username": "app", "password": "secret-of-app", "database": "shop"}
_KEYS = "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
_KEY = {"username": "AKIAEXAMPLE", "password": "secret-of-app"}


def _url(port: int) -> dict[str, Any]:
    return {"url": f"http://127.0.0.1:{port}"}


def _host(port: int) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port}


# Of each type: what it speaks, where, how it behaves, and one operation.
_OPERATIONS: dict[str, tuple[str, str, Any, dict[str, Any], Callable[[Any], Awaitable[Any]]]] = {
    "http": (
        "http",
        "rest",
        _url,
        {"options": {"allow": "GET /**"}},
        lambda one: one.request("GET", "/x"),
    ),
    "postgresql": ("sql", "postgresql", _host, _PLACE, lambda one: one.query("SELECT 1")),
    "mysql": ("sql", "mysql", _host, _PLACE, lambda one: one.execute("SELECT 1")),
    "qdrant": ("vector", "qdrant", _url, {"database": "docs"}, lambda one: one.search(_VECTOR)),
    "chroma": (
        "vector",
        "chroma",
        _url,
        {"options": {"collection": "docs"}},
        lambda one: one.upsert([Point(id="1", vector=_VECTOR)]),
    ),
    "pgvector": (
        "vector",
        "pgvector",
        _host,
        {**_PLACE, "options": {"table": "docs"}},
        lambda one: one.search(_VECTOR),
    ),
    "s3": ("file", "s3", _url, {**_KEY, "database": "lake"}, lambda one: one.list()),
    "gcs": ("file", "gcs", _url, {"database": "lake"}, lambda one: one.read("a")),
    "azure": (
        "file",
        "azure_blob",
        _url,
        {"username": "account", "password": "c2VjcmV0", "database": "lake"},
        lambda one: one.write("a", b"x"),
    ),
    "sftp": ("file", "sftp", _host, _PLACE, lambda one: one.list()),
    "mcp": ("mcp", "mcp_http", _url, {}, lambda one: one.discover()),
    "lambda": ("serverless", "aws_lambda", _url, {"api_key": _KEYS}, lambda one: one.discover()),
    "redis": (
        "stream",
        "redis",
        _host,
        {"options": {"stream": "events"}},
        lambda one: one.read_latest("events"),
    ),
    "nats": ("stream", "nats", _host, {}, lambda one: one.read_latest("events")),
    "rabbitmq": ("stream", "rabbitmq", _host, _PLACE, lambda one: one.read_latest("events")),
    "mqtt": ("stream", "mqtt", _host, {}, lambda one: one.read_latest("events")),
    "kafka": ("stream", "kafka", _host, {}, lambda one: one.read_latest("events")),
}


async def _gone(peer: Peer) -> None:
    """Close without a word, whatever was to be said."""
    del peer


def _connector(make: Make, name: str, port: int, **config: Any) -> Any:
    kind, technology, where, place, _ = _OPERATIONS[name]
    behaviour = {**(_DIMENSION if kind == "vector" else {}), **config}
    return make(kind, technology, **where(port), **place, config=behaviour)


@pytest.mark.parametrize("name", _OPERATIONS)
async def test_a_silent_server_is_left_at_the_time_with_everything(make: Make, name: str) -> None:
    operation = _OPERATIONS[name][-1]
    with pytest.raises(ConnectorError):  # the first use loads the driver, which is not timed
        await operation(_connector(make, name, 1))
    sockets, processes = open_sockets(), children()
    async with silent() as server:
        connector = _connector(make, name, server.port, timeout_seconds=2)
        with within(4), pytest.raises(ConnectorError) as told:
            await operation(connector)
        assert told.value.code == "timeout", told.value.message
        await connector.close()
    await leaves_nothing(sockets)
    assert await all_ended(processes)


async def test_a_driver_whose_own_time_ran_out_leaves_nothing_while_its_error_is_held(
    tools: Tools,
) -> None:
    async with silent() as server:
        place = Place(technology="postgresql", username="app", **_host(server.port))
        attempt = Attempt(place, tools, deadline_s=60)
        connect = await drivers.postgresql(attempt, ConnectorConfig(timeout_seconds=2), 5432)
        sockets = open_sockets()
        with pytest.raises(Exception, match="timeout expired") as told:
            await asyncio.to_thread(connect)
        await leaves_nothing(sockets)
        assert told.value is not None


@pytest.mark.parametrize("name", ["http", "qdrant", "s3", "nats"])
async def test_reading_is_tried_again_as_often_as_it_may_be(make: Make, name: str) -> None:
    sockets = open_sockets()
    async with hostile(_gone) as server:
        connector = _connector(make, name, server.port, max_retries=2, retry_delay_seconds=0)
        with pytest.raises(ConnectorError):
            await _OPERATIONS[name][-1](connector)
        assert server.connects == 3
        await connector.close()
    await leaves_nothing(sockets)


@pytest.mark.parametrize("name", ["chroma", "azure"])
async def test_writing_is_never_tried_again(make: Make, name: str) -> None:
    async with hostile(_gone) as server:
        connector = _connector(make, name, server.port, max_retries=2, retry_delay_seconds=0)
        with pytest.raises(ConnectorError):
            await _OPERATIONS[name][-1](connector)
        assert server.connects == 1


@pytest.mark.parametrize("name", _OPERATIONS)
async def test_what_is_over_the_limit_never_leaves_this_machine(make: Make, name: str) -> None:
    limit = {"rate_limit_enabled": True, "rate_limit_requests": 1}
    async with hostile(_gone) as server:
        connector = _connector(make, name, server.port, **limit)
        operation = _OPERATIONS[name][-1]
        with pytest.raises(ConnectorError) as first:
            await operation(connector)
        assert first.value.code != "rate_limited"
        before = server.connects
        with pytest.raises(ConnectorError) as told:
            await operation(connector)
        assert told.value.code == "rate_limited"
        assert server.connects == before
        await connector.close()
