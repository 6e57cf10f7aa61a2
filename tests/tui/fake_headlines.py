"""What the header asks beside lamps, answered from memory: facades of a fake workspace."""

# ruff: noqa: ARG002 - the signatures are the facades' own

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.credentials.results import CredentialsHeadline
from engine.incidents.model import IncidentHeadline
from engine.limits.results import GaugeResult, LimitsHeadline
from engine.prevention.results import LedgerStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.alerts import LocalAlert
    from tests.tui.fakes import FakeWorkspace


class FakeLimits:
    """The limits of the tenant: none, until a test sets `world.gauges`."""

    def __init__(self, world: FakeWorkspace) -> None:
        self.world = world

    async def headline(self, tenant_id: str | None) -> LimitsHeadline:
        self.world.asked("headline")
        states = Counter(gauge.state for gauge in self.world.gauges)
        return LimitsHeadline(states=states, first=next(iter(self.world.gauges), None))

    async def page_gauges(
        self, tenant_id: str | None, *, limit: int = 100, **_: object
    ) -> tuple[tuple[GaugeResult, ...], tuple[tuple[int], ...]]:
        self.world.asked("gauges")
        found = self.world.gauges[:limit]
        return found, tuple((number,) for number in range(len(found)))

    async def gauges_of_integrations(
        self, tenant_id: str, ids: Sequence[str]
    ) -> dict[str, tuple[GaugeResult, ...]]:
        self.world.asked("gauges")
        every = {key: tuple(g for g in self.world.gauges if g.subject == key) for key in ids}
        return {key: found for key, found in every.items() if found}


class FakeCredentials:
    def __init__(self, world: FakeWorkspace) -> None:
        self.world = world
        self.told = CredentialsHeadline(counts={}, next_expiry=None)

    async def headline(self, tenant_id: str | None) -> CredentialsHeadline:
        self.world.asked("credentials")
        return self.told


class FakePrevention:
    def __init__(self, world: FakeWorkspace) -> None:
        self.world = world
        self.told = LedgerStatus(
            tenant_id="acme-prod", state="unknown", records=0, unverified=0, head="0" * 64,
            last_at=None, verification=None,
        )  # fmt: skip

    async def status(self, tenant_id: str) -> LedgerStatus:
        self.world.asked("ledger")
        return self.told


class FakeIncidents:
    """How many are open: none, until a test sets `told`."""

    def __init__(self, world: FakeWorkspace) -> None:
        self.world = world
        self.told = IncidentHeadline()

    async def headline(self, tenant_id: str) -> IncidentHeadline:
        self.world.asked("incidents")
        return self.told


class FakeAlerts:
    """What open dashboards are to carry out: nothing, until a test sets `told`."""

    def __init__(self, world: FakeWorkspace) -> None:
        self.world = world
        self.told: tuple[LocalAlert, ...] = ()

    async def last_id(self, tenant_id: str) -> int:
        return max((one.id for one in self.told), default=0)

    async def local(self, tenant_id: str, since_id: int) -> tuple[LocalAlert, ...]:
        return tuple(one for one in self.told if one.id > since_id)
