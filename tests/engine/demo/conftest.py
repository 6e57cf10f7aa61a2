"""What the demo's servers are asked with: the product's own probes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from engine.demo.child import Simulators
from engine.demo.placing import config_of, place, sites
from engine.demo.things import Connector, Source, Tenant
from engine.http import AddressPolicy, HttpClient
from engine.http.resolver import Resolver
from engine.probes.place import Place, Tools
from engine.probes.running import run_probe
from engine.sources.checking import place_of
from engine.sources.config import DataSourceConfig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from engine.probes.result import ProbeResult

    Asking = Callable[..., Awaitable[ProbeResult]]

NOWHERE = Path("/nowhere")


@pytest.fixture(autouse=True)
def _never_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is told to end does, however late a busy machine lets it."""
    monkeypatch.setattr("engine.demo.child._END_S", 120.0)


@pytest.fixture
async def tools() -> AsyncIterator[Tools]:
    """What probes share."""
    policy, resolve = AddressPolicy(), Resolver()
    client = HttpClient(policy, resolve=resolve)
    yield Tools(client=client, policy=policy, resolve=resolve, now=lambda: datetime.now(UTC))
    await client.aclose()


@pytest.fixture
def ask(tools: Tools) -> Asking:
    """Asks a place for real; its driver is loaded before."""

    async def asked(there: Place, deadline_s: float = 60.0) -> ProbeResult:
        await run_probe(Place(technology=there.technology, host="169.254.169.254"), tools)
        return await run_probe(there, tools, deadline_s=deadline_s)

    return asked


class Served:
    """Things whose servers are simulated while the block lasts."""

    def __init__(self, things: Sequence[Source | Connector]) -> None:
        sources = tuple(thing for thing in things if isinstance(thing, Source))
        connectors = tuple(thing for thing in things if isinstance(thing, Connector))
        tenant = Tenant(id="acme", name="Acme", sources=sources, connectors=connectors)
        self._placed = {placed.thing.name: placed for placed in place(tenant)}
        self._simulators = Simulators(sites(self._placed.values()))

    def __enter__(self) -> Self:
        self._simulators.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._simulators.close()

    def place(self, name: str, **other: object) -> Place:
        """Where a thing leads, with some fields as they are not."""
        placed = self._placed[name]
        assert isinstance(placed.thing, Source | Connector)
        port = self._simulators.ports.get(placed.site)
        config = config_of(placed.thing, placed.secret, port, NOWHERE)
        known = {name: value for name, value in config.items() if name != "region"}
        known.pop("vector_dimension", None)
        found = place_of(placed.thing.technology, DataSourceConfig(**known))
        return replace(found, **other)  # type: ignore[arg-type]
