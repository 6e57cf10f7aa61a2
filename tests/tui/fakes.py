"""A workspace that answers from memory with the engine's own records; no database, no network."""

# ruff: noqa: ARG002 - the signatures are the facades' own

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from engine.activity.facade import ActivityEntry, ActivityPage
from engine.clock import FixedClock
from engine.following import Look
from engine.health.model import (
    Board,
    BoardGroup,
    BoardRow,
    Lamp,
    MonitorStatus,
    Overview,
    Story,
    Transition,
    Uptime,
)
from engine.settings import Settings
from engine.tenants.facade import TenantSummary
from tests.tui.fake_headlines import (
    FakeAlerts,
    FakeCredentials,
    FakeIncidents,
    FakeLimits,
    FakePrevention,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.limits.results import GaugeResult
    from engine.workspace import Workspace
    from storage.paging import Anchor

NOW = datetime(2026, 3, 4, 14, 2, 11, tzinfo=UTC)
STATES = ("failing", "degraded", "unknown", "healthy")
NAMES = (
    "claude-batch", "azure-eu", "gpt-prod", "gemini-new", "bedrock-us", "gpt-staging",
    "claude-chat", "llama-edge", "mistral-eu", "gpt-eval", "azure-us", "claude-docs",
    "gemini-search", "embeddings", "rerank", "vision-ocr", "speech-en", "bedrock-eu",
)  # fmt: skip
PROVIDERS = ("anthropic", "azure_openai", "openai", "google", "bedrock", "custom")
WHY: Mapping[str, tuple[str | None, str | None, str | None, str | None]] = {
    "failing": (
        "auth_failed",
        "401 Authentication failed: invalid x-api-key",
        "Rotate the key: press e and paste the new one.",
        "response",
    ),
    "degraded": ("slow", "Slow response", "Look at the provider's status page.", "response"),
    "unknown": (None, None, None, None),
    "healthy": (None, None, None, "response"),
}


def lamp(number: int, state: str = "healthy", **changes: object) -> Lamp:
    """One lamp of the tenant acme-prod."""
    error, message, remedy, stage = WHY[state]
    name = NAMES[number % len(NAMES)] + (f"-{number // len(NAMES)}" if number >= len(NAMES) else "")
    checked = None if state == "unknown" else NOW - timedelta(seconds=7 + number % 50)
    made = Lamp(
        number=number,
        kind="integration",
        id=f"i{number}",
        tenant_id="acme-prod",
        name=name,
        technology=PROVIDERS[number % len(PROVIDERS)],
        active=True,
        interval_s=60,
        state=state,
        error=error,
        message=message,
        remedy=remedy,
        stage=stage,
        latency_ms=None if checked is None else {"degraded": 3120.0}.get(state, 120.0 + number * 7),
        status_code={"failing": 401, "healthy": 200, "degraded": 200}.get(state),
        checked_at=checked,
        since=NOW - timedelta(minutes=11 + number * 13),
        due_at=NOW + timedelta(seconds=40),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def lamps(count: int) -> tuple[Lamp, ...]:
    """A believable board, worst first."""
    states = {0: "failing", 7: "degraded", 12: "unknown"}
    made = [lamp(n, states.get(n % 17, "healthy")) for n in range(count)]
    return tuple(sorted(made, key=lambda one: (STATES.index(one.state), one.name)))


class FakeHealth:
    def __init__(self, world: FakeWorkspace) -> None:
        self.world = world

    def _counts(self) -> dict[str, int]:
        found = [one.state for one in self.world.lamps]
        return {state: found.count(state) for state in STATES}

    async def counts(self, tenant_id: str | None) -> dict[str, int]:
        self.world.asked("counts")
        return self._counts()

    async def monitor_status(self) -> MonitorStatus:
        self.world.asked("monitor")
        return self.world.monitor

    async def overview(self, tenant_id: str, **_: object) -> Overview:
        self.world.asked("overview")
        return Overview(
            lamps=self.world.lamps,
            counts=self._counts(),
            total=len(self.world.lamps),
            overall_health="failing",
            transitions=self.transitions_now(),
            monitor=self.world.monitor,
            taken_at=self.world.clock.now(),
        )

    def transitions_now(self) -> tuple[Transition, ...]:
        found = []
        for place, one in enumerate(self.world.lamps[:14]):
            back = "healthy" if one.state != "healthy" else "degraded"
            found.append(
                Transition(
                    id=100 - place,
                    tenant_id=one.tenant_id,
                    kind=one.kind,
                    target_id=one.id,
                    name=one.name,
                    at=NOW - timedelta(minutes=11 + 37 * place),
                    from_state=back,
                    to_state=one.state,
                    error=one.error,
                    message=one.message,
                )
            )
        return tuple(found)

    async def board(self, tenant_id: str | None, **_: object) -> Board:
        self.world.asked("board")
        groups = tuple(self._group(state) for state in STATES)
        return Board(groups=groups, counts=self._counts(), overall_health="failing", taken_at=NOW)

    async def uptimes(
        self, tenant_id: str, numbers: Sequence[int], **_: object
    ) -> dict[int, Uptime]:
        return {one.number: _uptime(one) for one in self.world.lamps if one.number in numbers}

    def _group(self, state: str) -> BoardGroup:
        found = [one for one in self.world.lamps if one.state == state]
        rows = tuple(BoardRow(lamp=one, age_s=8.0, uptime=_uptime(one)) for one in found)
        return BoardGroup(state=state, total=len(found), rows=rows)

    async def story(self, tenant_id: str, kind: str, target_id: str) -> Story:
        self.world.asked("story")
        one = next(one for one in self.world.lamps if one.id == target_id)
        number = one.number
        waves = [140 + (n * 37 + number * 11) % 90 + 400 * (n % 19 == 3) for n in range(60)]
        latencies = tuple(
            (NOW - timedelta(minutes=60 - n), None if n == 31 else float(value))
            for n, value in enumerate(waves)
        )
        mine = tuple(
            Transition(
                id=n,
                tenant_id=tenant_id,
                kind=kind,
                target_id=target_id,
                name=one.name,
                at=NOW - timedelta(minutes=11, hours=9 * n),
                from_state=before,
                to_state=after,
                error=error,
            )
            for n, (before, after, error) in enumerate(
                [
                    ("healthy", one.state, one.error),
                    ("degraded", "healthy", None),
                    ("healthy", "degraded", "slow"),
                ]
            )
        )
        return Story(
            lamp=one, checks=(), transitions=mine, hours=(), uptime=_uptime(one),
            latencies=latencies, taken_at=NOW,
        )  # fmt: skip


def _uptime(one: Lamp) -> Uptime:
    if one.state == "unknown":
        return Uptime()
    return Uptime(
        day={"failing": 0.942, "degraded": 0.987}.get(one.state, 1.0), week=0.9961, month=0.9987
    )


class FakeActivity:
    def __init__(self, world: FakeWorkspace) -> None:
        self.world = world

    async def page(
        self,
        tenant_id: str | None,
        *,
        query: str = "",
        anchor: Anchor | None = None,
        limit: int = 100,
        **_: object,
    ) -> ActivityPage:
        self.world.asked("activity")
        found = [entry for entry in self.world.entries if query in str(entry.thing_name)]
        first = 0
        if anchor is not None and anchor.place == "after":
            first = next(n for n, entry in enumerate(found) if (entry.id,) == tuple(anchor.key)) + 1
        if anchor is not None and anchor.place == "at":
            first = anchor.offset
        if anchor is not None and anchor.place == "end":
            first = max(0, len(found) - limit)
        items = tuple(found[first : first + limit])
        return ActivityPage(items=items, keys=tuple((entry.id,) for entry in items))


def entries(count: int) -> tuple[ActivityEntry, ...]:
    """What an operator, the command line and the monitor did, newest first."""
    kinds = (
        ("integration.updated", "maria", "dashboard", {"default_model": ["gpt-4.1", "gpt-5"]}),
        ("integration.disabled", "sam", "cli", {}),
        ("integration.created", "maria", "dashboard", {"provider_type": "anthropic"}),
        ("integration.enabled", "sam", "dashboard", {}),
        ("integration.deleted", "deploy-bot", "code", {}),
    )
    made = []
    for n in range(count):
        action, actor, origin, detail = kinds[n % len(kinds)]
        made.append(
            ActivityEntry(
                id=count - n, tenant_id="acme-prod", actor=actor,
                at=NOW - timedelta(minutes=3 + 17 * n),
                origin=origin, action=action, concept="integration", thing_id=f"i{n}",
                thing_name=NAMES[n % len(NAMES)], detail=detail,
            )
        )  # fmt: skip
    return tuple(made)


class FakeTenants:
    def __init__(self, world: FakeWorkspace) -> None:
        self.world = world

    async def list_tenants(self) -> tuple[TenantSummary, ...]:
        return self.world.tenant_list


def tenant(key: str, name: str = "") -> TenantSummary:
    return TenantSummary(
        id=key, name=name or key, created_at=NOW, integrations=47, counts={"healthy": 41},
        overall_health="failing",
    )  # fmt: skip


class FakeFollowing:
    """A file's: it is looked at, and tells of nothing by itself."""

    def __init__(self, world: FakeWorkspace) -> None:
        self.world = world

    async def look(self) -> Look:
        return Look(revisions=await self.world.revisions())

    async def wait(self, since: Mapping[str, int], seconds: float) -> None:
        await asyncio.sleep(seconds)


class FakeWorkspace:
    """Settable attributes, and the facades over them; `change(...)` moves revisions."""

    def __init__(self, count: int = 47, settings: Settings | None = None) -> None:
        self.settings = settings or settings_for()
        self.clock = FixedClock(NOW)
        self.lamps = lamps(count)
        self.entries = entries(count and 40)
        self.monitor = MonitorStatus(alive=True, checks_per_minute=12, beat_age_s=1.0, count=1)
        self.tenant_list = (tenant("acme-prod", "Acme"), tenant("acme-test"), tenant("zeta"))
        self.calls: list[str] = []
        self.fail: Exception | None = None
        self.closed = False
        self.health = FakeHealth(self)
        self.activity = FakeActivity(self)
        self.tenants = FakeTenants(self)
        self.gauges: tuple[GaugeResult, ...] = ()
        self.limits = FakeLimits(self)
        self.credentials = FakeCredentials(self)
        self.prevention = FakePrevention(self)
        self.incidents = FakeIncidents(self)
        self.alerts = FakeAlerts(self)
        concepts = (
            *("health", "integrations", "limits", "monitors", "activity"),
            *("credentials", "prevention", "incidents", "alerts"),
        )
        self.revisions_now = dict.fromkeys(concepts, 1)
        self.following = FakeFollowing(self)

    def asked(self, what: str) -> None:
        """Note a call; raise what the world is told to fail with."""
        self.calls.append(what)
        if self.fail is not None:
            raise self.fail

    def change(self, *concepts: str) -> None:
        """Move the revisions of these concepts."""
        for concept in concepts:
            self.revisions_now[concept] += 1

    async def revisions(self) -> dict[str, int]:
        self.asked("revisions")
        return dict(self.revisions_now)

    async def aclose(self) -> None:
        self.closed = True


def settings_for(**changes: object) -> Settings:
    """Settings of a dashboard over the fake world."""
    values: dict[str, object] = {
        "database": "sqlite://", "tenant": "acme-prod", "operator": "maria", "monitor": "off",
        "refresh_s": 3600.0,
        "log_file": "/nonexistent/lampboard.log",
    }  # fmt: skip
    return Settings(**(values | changes))  # type: ignore[arg-type]


def opener(world: FakeWorkspace):  # noqa: ANN201
    """What the dashboard opens its workspace with."""
    return lambda _settings: cast("Workspace", world)
