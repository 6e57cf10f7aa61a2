"""A receiver on loopback, and programs that send to it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from engine.usage.receiver.bounds import Bounds
from engine.usage.receiver.intake import Intake
from engine.usage.receiver.server import Endpoint, Receiver
from engine.usage.records import Recorded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from engine.usage.records import UsageRecord

AT = 1_795_262_400_000_000_000  # 2026-11-21T12:00:00Z


def pairs(**told: Any) -> list[dict[str, Any]]:
    """Return attributes as OTLP writes them; `__` stands for a dot."""
    kinds = {str: "stringValue", int: "intValue", float: "doubleValue", bool: "boolValue"}
    return [
        {
            "key": key.replace("__", "."),
            "value": {kinds[type(value)]: str(value) if type(value) is int else value},
        }
        for key, value in told.items()
    ]


def span(number: int = 1, **more: Any) -> dict[str, Any]:
    told = {
        "gen_ai__operation__name": "chat",
        "gen_ai__provider__name": "openai",
        "gen_ai__request__model": "gpt-4o-mini",
        "gen_ai__usage__input_tokens": 1000,
        "gen_ai__usage__output_tokens": 100,
    }
    return {
        "traceId": f"{number:032x}",
        "spanId": f"{number:016x}",
        "name": "chat gpt-4o-mini",
        "kind": 3,
        "startTimeUnixNano": str(AT),
        "endTimeUnixNano": str(AT + 250_000_000),
        "attributes": pairs(**{**told, **more}),
    }


def traces(*spans: dict[str, Any], **resource: Any) -> dict[str, Any]:
    own = {"attributes": pairs(service__name="shop", **resource)}
    return {"resourceSpans": [{"resource": own, "scopeSpans": [{"spans": list(spans)}]}]}


def metrics(*listed: dict[str, Any], **resource: Any) -> dict[str, Any]:
    own = {"attributes": pairs(service__name="shop", **resource)}
    return {"resourceMetrics": [{"resource": own, "scopeMetrics": [{"metrics": list(listed)}]}]}


def histogram(
    *points: dict[str, Any], name: str = "gen_ai.client.token.usage", temporality: int = 2
) -> dict[str, Any]:
    told = {"aggregationTemporality": temporality, "dataPoints": list(points)}
    return {"name": name, "unit": "{token}", "histogram": told}


def point(tokens: float, count: int, *, at_s: int = 60, **told: Any) -> dict[str, Any]:
    said = {
        "gen_ai__provider__name": "openai",
        "gen_ai__request__model": "gpt-4o-mini",
        "gen_ai__token__type": "input",
    }
    return {
        "startTimeUnixNano": str(AT),
        "timeUnixNano": str(AT + at_s * 1_000_000_000),
        "count": str(count),
        "sum": tokens,
        "attributes": pairs(**{**said, **told}),
    }


@dataclass
class Kept:
    """A sink that keeps what it is given, and may be held or fail."""

    records: list[UsageRecord] = field(default_factory=list)
    points: list[Any] = field(default_factory=list)
    gate: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None
    answer: Recorded | None = None

    async def write_records(self, records: Sequence[UsageRecord]) -> Recorded:
        self.entered.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.records.extend(records)
        return self.answer or Recorded(new=len(records))

    async def write_points(self, points: Sequence[Any]) -> Recorded:
        self.points.extend(points)
        return Recorded(new=len(points))


@dataclass
class Answered:
    status: int
    headers: Any
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@dataclass
class Line:
    """A way to a receiver."""

    receiver: Receiver
    intake: Intake
    session: Any

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.receiver.port}"

    async def post(
        self, path: str, body: Any, *, kind: str = "application/json", **headers: str
    ) -> Answered:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {"Content-Type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
        async with self.session.post(self.url + path, data=data, headers=told) as answer:
            return Answered(answer.status, answer.headers, await answer.read())


@pytest.fixture
def sink() -> Kept:
    return Kept()


@pytest.fixture
async def listen(sink: Kept) -> AsyncIterator[Callable[..., Any]]:
    """Makes a receiver that listens; ends it after the test."""
    import aiohttp

    made: list[Receiver] = []
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def do(
            into: Any = None, *, count: str = "traces", token: str = "", **bounds: Any
        ) -> Line:
            limits = Bounds(**bounds)
            intake = Intake(into or sink, limits, count=count)
            receiver = Receiver(intake, Endpoint(port=0, token=token), limits)
            made.append(await receiver.__aenter__())
            return Line(receiver, intake, session)

        yield do
    for receiver in made:
        await receiver.__aexit__(None, None, None)
