"""The worlds that pictures show: real workspaces on a held clock, filled through the real doors.

Integrations come in through the facade and checks through the health driver, exactly as the
product writes them; only the answers of the providers are made up here, seeded, so that a world
is the same in every run.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from engine.clock import FixedClock
from engine.errors import WorkspaceError
from engine.ids import CountingIds
from engine.settings import Settings
from engine.workspace import Workspace
from storage.health import CheckRow, HealthDriver, MonitorRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
# Everything was registered this long ago.
AGE = timedelta(days=3)
TENANT = "acme-prod"
# Two bytes repeated: a key for pictures only, which no workspace of a person ever holds.
PICTURE_KEY = "ab" * 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a provider answers from a moment on (`minutes` ago), until the next one."""

    minutes: int
    state: str
    latency: float | None
    error: str | None = None
    message: str | None = None
    remedy: str | None = None
    stage: str = "response"
    status: int | None = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One integration of a world and the story of its checks."""

    name: str
    provider: str
    story: tuple[Answer, ...] = ()
    model: str | None = None
    enabled: bool = True
    budget: int = 0
    base_url: str | None = None
    config: tuple[tuple[str, str], ...] = ()


def healthy(minutes: int, latency: float) -> Answer:
    """An answer in time."""
    return Answer(minutes=minutes, state="healthy", latency=latency)


def slow(minutes: int, latency: float) -> Answer:
    """An answer that took too long."""
    return Answer(
        minutes=minutes,
        state="degraded",
        latency=latency,
        error="slow",
        message="Slow response",
        remedy="Watch it; if it stays slow, ask the provider or move to another region.",
    )


REJECTED = Answer(
    minutes=11,
    state="failing",
    latency=96,
    error="auth_failed",
    status=401,
    message="Authentication failed: invalid x-api-key",
    remedy="Replace the key: the provider refuses the one that is stored.",
)
LIMITED = Answer(
    minutes=7,
    state="degraded",
    latency=41,
    error="rate_limited",
    status=429,
    message="Rate limited; next check in 30 s",
    remedy="Wait, or raise the rate limit at the provider.",
)
REFUSED = Answer(
    minutes=34,
    state="failing",
    latency=2,
    error="refused",
    stage="connect",
    status=None,
    message="Connection refused by 10.2.0.14 port 8000",
    remedy="Check that the server runs and listens on that port.",
)

ACCOUNTS = (
    Account(
        name="gpt-prod",
        provider="openai",
        model="gpt-5.2",
        budget=250_000,
        story=(healthy(2880, 182),),
    ),
    Account(
        name="gpt-batch",
        provider="openai",
        model="gpt-5.2-mini",
        budget=80_000,
        story=(healthy(2880, 240), slow(95, 2410), healthy(60, 260)),
    ),
    Account(
        name="claude-batch",
        provider="anthropic",
        model="claude-sonnet-4-6",
        budget=120_000,
        story=(healthy(2880, 210), REJECTED),
    ),
    Account(
        name="claude-support",
        provider="anthropic",
        model="claude-opus-4-6",
        budget=300_000,
        story=(healthy(2880, 318),),
    ),
    Account(
        name="azure-eu",
        provider="azure_openai",
        model="gpt-5",
        budget=60_000,
        base_url="https://acme-eu.openai.azure.com",
        story=(healthy(2880, 410), slow(22, 3120)),
    ),
    Account(
        name="azure-us",
        provider="azure_openai",
        model="gpt-5",
        budget=60_000,
        base_url="https://acme-us.openai.azure.com",
        story=(healthy(2880, 380),),
    ),
    Account(
        name="bedrock-frankfurt",
        provider="bedrock",
        model="nova-pro",
        budget=40_000,
        config=(("region", "eu-central-1"),),
        story=(healthy(2880, 290),),
    ),
    Account(
        name="gemini-vision",
        provider="google",
        model="gemini-3-pro",
        budget=90_000,
        story=(healthy(2880, 350), LIMITED),
    ),
    Account(name="gemini-new", provider="google", model="gemini-3-flash"),
    Account(
        name="llama-onprem",
        provider="custom",
        model="llama-4-70b",
        base_url="http://10.2.0.14:8000/v1",
        story=(healthy(2880, 38), REFUSED),
    ),
    Account(
        name="mistral-eval",
        provider="custom",
        model="mistral-large",
        base_url="https://api.mistral.example/v1",
        story=(healthy(2880, 220),),
    ),
    Account(
        name="search-embeddings",
        provider="openai",
        model="text-embedding-4",
        budget=15_000,
        story=(healthy(2880, 120),),
    ),
    Account(
        name="translator",
        provider="google",
        model="gemini-3-flash",
        budget=20_000,
        story=(healthy(2880, 205),),
    ),
    Account(
        name="summaries-old",
        provider="openai",
        model="gpt-4.1",
        enabled=False,
        story=(healthy(2880, 170),),
    ),
)
OTHERS = (
    ("acme-staging", (Account(name="gpt-staging", provider="openai", story=(healthy(300, 190),)),)),
    ("globex", (Account(name="claude-main", provider="anthropic", story=(healthy(300, 233),)),)),
)


def many(count: int) -> tuple[Account, ...]:
    """Hundreds of accounts, one in twelve not well."""
    bad = (REJECTED, slow(22, 3120), REFUSED, LIMITED)
    names = ("chat", "batch", "vision", "search", "agents", "voice", "triage", "draft")
    return tuple(
        Account(
            name=f"{names[i % len(names)]}-{i // len(names):03d}",
            provider=("openai", "anthropic", "google")[i % 3],
            story=(healthy(40, 90 + i * 53 % 400), *((bad[i // 12 % 4],) if i % 12 == 5 else ())),
        )
        for i in range(count)
    )


def hostile(corpora: Path) -> tuple[Account, ...]:
    """Accounts whose messages attack the terminal; names carry what a name may carry."""
    lines = (corpora / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines()
    values = [json.loads(line)["value"] for line in lines]
    return tuple(
        Account(
            name=f"hostile-{index:03d}",
            provider="custom",
            base_url="https://hostile.example/v1",
            story=(
                Answer(
                    minutes=9,
                    state="failing",
                    latency=12,
                    error="http_500",
                    status=500,
                    message=value.encode("utf-8", "replace").decode("utf-8"),
                    remedy=value.encode("utf-8", "replace").decode("utf-8"),
                ),
            ),
        )
        for index, value in enumerate(values)
    )


class World:
    """A workspace in a folder, with tenants, accounts and their histories."""

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
        tenants: Sequence[tuple[str, Sequence[Account]]],
        *,
        monitor_age_s: float | None = 1.0,
    ) -> None:
        """Registers the accounts and writes their checks, as the monitor would have."""
        asyncio.run(self._fill(tenants, monitor_age_s))

    async def _fill(
        self, tenants: Sequence[tuple[str, Sequence[Account]]], beat_age: float | None
    ) -> None:
        workspace = self.open()
        try:
            made: dict[str, Account] = {}
            for tenant, accounts in tenants:
                await workspace.tenants.ensure(tenant)
                for account in accounts:
                    made[await _register(workspace, tenant, account)] = account
            self.clock.advance(AGE.total_seconds())
            await workspace.write(lambda connection: _record(connection, made))
            if beat_age is not None:
                await workspace.write(lambda connection: _beat(connection, beat_age))
        finally:
            await workspace.aclose()


async def _register(workspace: Workspace, tenant: str, account: Account) -> str:
    made = await workspace.integrations.create_integration(
        tenant,
        account.name,
        account.provider,
        "env://PICTURE_KEY",
        base_url=account.base_url,
        config=dict(account.config),
        default_model=account.model,
        budget_limit_cents=account.budget,
        created_by="dana",
    )
    if account.story:
        await workspace.integrations.enable_integration(tenant, made.id)
    if not account.enabled:
        await workspace.integrations.disable_integration(tenant, made.id)
    return made.id


def _record(connection: Connection, made: Mapping[str, Account]) -> None:
    """Writes the checks of all accounts in the order of their times."""
    driver = HealthDriver(connection)
    checks: list[CheckRow] = []
    for integration_id, account in made.items():
        target = driver.target("integration", integration_id)
        assert target is not None
        checks += _checks(target.number, account)
    checks.sort(key=lambda check: check.checked_at)
    for begin in range(0, len(checks), 400):
        driver.record(checks[begin : begin + 400])
    driver.roll_up(NOW)


def _checks(number: int, account: Account) -> list[CheckRow]:
    """One check each five minutes, in the last hour each minute, from the story's start on."""
    if not account.story:
        return []
    chance = random.Random(account.name)  # noqa: S311 - pictures, not secrets
    first = account.story[0].minutes
    ages = [*range(first, 60, -5), *range(min(60, first), 0, -1)]
    phase = timedelta(seconds=chance.randrange(60))
    return [
        _check(number, NOW - timedelta(minutes=age) + phase, _at(account.story, age), chance)
        for age in ages
    ]


def _at(story: Sequence[Answer], age: int) -> Answer:
    return [answer for answer in story if answer.minutes >= age][-1]


def _check(number: int, at: datetime, answer: Answer, chance: random.Random) -> CheckRow:
    latency = None if answer.latency is None else answer.latency * chance.lognormvariate(0, 0.18)
    spans = (("resolve", 0.04), ("connect", 0.12), ("tls", 0.2), ("response", 0.6), ("body", 0.04))
    reached = [name for name, _ in spans].index(answer.stage) + 1
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
