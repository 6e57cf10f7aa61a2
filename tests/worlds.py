"""The worlds that pictures show: real workspaces on a held clock, filled through the real doors.

Things come in through the facades and checks through the health driver, exactly as the
product writes them; only the answers of the other sides are made up here, seeded, so that a world
is the same in every run.
"""

from __future__ import annotations

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from engine.clock import FixedClock
from engine.errors import WorkspaceError
from engine.health.rules import STATUS_CHANGES
from engine.ids import CountingIds
from engine.incidents.turning import turn
from engine.settings import Settings
from engine.workspace import Workspace
from storage.health import CheckRow, HealthDriver, MonitorRow
from storage.health.verdicts import DEFAULT_THRESHOLDS
from tests.world_gateway import govern
from tests.world_usage import allow, allow_agents, consume, reckon

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.world_gateway import Registered
    from tests.world_things import Answer, Thing
    from tests.world_usage import Allowed, Consumer

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
# Everything was registered this long ago.
AGE = timedelta(days=3)
TENANT = "acme-prod"
# Two bytes repeated: a key for pictures only, which no workspace of a person ever holds.
PICTURE_KEY = "ab" * 32


class World:
    """A workspace in a folder, with tenants, their things and histories."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self.clock = FixedClock(NOW - AGE)
        self.ids = CountingIds()
        self.settings = Settings(
            database="sqlite:///board.db",
            operator="dana",
            tenant=TENANT,
            monitor="off",
            master_key=PICTURE_KEY,
            read_only=read_only,
            # On a busy machine a look that comes by itself is half of the time in the picture.
            refresh_s=600,
        )

    def open(self, settings: Settings | None = None) -> Workspace:
        """Opens the workspace of this world, on its clock."""
        try:
            return Workspace.open(settings or self.settings, clock=self.clock, ids=self.ids)
        except WorkspaceError as error:
            # The folder is another one in every run; pictures show the file alone.
            error.message = error.message.replace(f"{self.folder}/", "")
            raise

    def fill(
        self,
        tenants: Sequence[tuple[str, Sequence[Thing]]],
        *,
        monitor_age_s: float | None = 1.0,
        allowed: Sequence[Allowed] = (),
        consumers: Sequence[Consumer] = (),
        templates: Sequence[Registered] = (),
    ) -> None:
        """Registers the things and writes their checks, as the monitor would have.

        What is `allowed`, what `consumers` used and the `templates` are the first tenant's.
        """
        asyncio.run(self._fill(tenants, monitor_age_s, allowed, consumers, templates))

    def go_to(self, minutes: float) -> None:
        """Moves the clock on to so many minutes before the time of the picture."""
        left = (NOW - self.clock.now()).total_seconds() - 60 * minutes
        self.clock.advance(max(0.0, left))

    def limit_agents(self, tenant: str, cents: int) -> None:
        """Gives every agent that was recorded the same budget."""
        asyncio.run(self._limit_agents(tenant, cents))

    async def _limit_agents(self, tenant: str, cents: int) -> None:
        workspace = self.open()
        try:
            await allow_agents(workspace, tenant, cents)
            await reckon(workspace)
        finally:
            await workspace.aclose()

    async def _fill(
        self,
        tenants: Sequence[tuple[str, Sequence[Thing]]],
        beat_age: float | None,
        allowed: Sequence[Allowed],
        consumers: Sequence[Consumer],
        templates: Sequence[Registered],
    ) -> None:
        workspace = self.open()
        try:
            made: dict[tuple[str, str], Thing] = {}
            for tenant, things in tenants:
                await workspace.tenants.ensure(tenant)
                for thing in things:
                    made[await thing.register(workspace, tenant)] = thing
            if allowed:
                await allow(workspace, tenants[0][0], allowed)
            if templates:
                await govern(workspace, tenants[0][0], templates, self.go_to)
            self.go_to(0)
            await workspace.write(lambda connection: _record(connection, made))
            if consumers:
                await consume(workspace, tenants[0][0], consumers)
            if beat_age is not None:
                await workspace.write(lambda connection: _beat(connection, beat_age))
        finally:
            await workspace.aclose()


def _record(connection: Connection, made: Mapping[tuple[str, str], Thing]) -> None:
    """Writes the checks of all things in the order of their times."""
    driver = HealthDriver(connection)
    checks: list[CheckRow] = []
    for (kind, thing_id), thing in made.items():
        target = driver.target(kind, thing_id)
        assert target is not None
        checks += _checks(target.number, thing)
    checks.sort(key=lambda check: check.checked_at)
    for begin in range(0, len(checks), 400):
        recorded = driver.record(
            checks[begin : begin + 400], statuses=STATUS_CHANGES, thresholds=DEFAULT_THRESHOLDS
        )
        turn(connection, recorded.turned)
    driver.roll_up(NOW)


def _checks(number: int, thing: Thing) -> list[CheckRow]:
    """One check each five minutes, in the last hour each minute, from the story's start on."""
    if not thing.story:
        return []
    chance = random.Random(thing.name)  # noqa: S311 - pictures, not secrets
    first = thing.story[0].minutes
    ages = [*range(first, 60, -5), *range(min(60, first), 0, -1)]
    phase = timedelta(seconds=chance.randrange(60))
    return [
        _check(number, NOW - timedelta(minutes=age) + phase, _at(thing.story, age), thing, chance)
        for age in ages
    ]


def _at(story: Sequence[Answer], age: int) -> Answer:
    return [answer for answer in story if answer.minutes >= age][-1]


def _check(
    number: int, at: datetime, answer: Answer, thing: Thing, chance: random.Random
) -> CheckRow:
    latency = None if answer.latency is None else answer.latency * chance.lognormvariate(0, 0.18)
    spans = thing.stages
    names = [name for name, _ in spans]
    reached = names.index(answer.stage) + 1 if answer.stage in names else len(names)
    stages = [
        {
            "name": name,
            "ms": round(share * (latency or 0), 2),
            "ok": name != answer.stage or answer.state != "failing",
        }
        for name, share in spans[:reached]
    ]
    return CheckRow(
        target_number=number,
        checked_at=min(at, NOW - timedelta(seconds=2)),
        state=answer.state,
        error=answer.error,
        message=answer.message or "Answered",
        remedy=answer.remedy,
        stage=answer.stage,
        latency_ms=latency,
        status_code=answer.status,
        loop_lag_ms=0.4,
        stages=json.dumps(stages),
        next_due_at=at + timedelta(minutes=1),
    )


def _beat(connection: Connection, age_s: float) -> None:
    HealthDriver(connection).beat(
        MonitorRow(
            id="monitor-1",
            host="console",
            pid=4711,
            started_at=NOW - timedelta(hours=3),
            beat_at=NOW - timedelta(seconds=age_s),
            checks_total=2_214,
            checks_per_minute=13.0,
            in_flight=0,
            version="0.1.0",
        )
    )
