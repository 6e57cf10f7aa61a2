from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.demo import DemoWorld, scripts
from engine.demo.things import Account, Agent, Aim, Allowance, Tenant
from engine.demo.world import TENANTS
from engine.settings import Settings
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.integrations.results import HealthCheckResult
    from engine.usage.exporting import UsageEntry

pytestmark = pytest.mark.processes

KINDS, STATES = 3, 4

SMALL = (
    Tenant(
        id="acme-prod",
        name="Acme Production",
        accounts=(
            Account(name="gpt", provider="openai", model="gpt-4o", script=scripts.steady(5)),
            Account(
                name="claude",
                provider="anthropic",
                model="claude",
                script=scripts.steady(5),
                unknown_key=True,
            ),
            Account(
                name="nova",
                provider="bedrock",
                model="nova",
                script=scripts.steady(5),
                config={"region": "eu-west-1"},
            ),
            Account(
                name="unset",
                provider="google",
                model="gemini",
                script=scripts.steady(5),
                variable="LUMEN_KEY_THAT_NOBODY_SET",
            ),
            Account(
                name="edge",
                provider="custom",
                model="m",
                script=scripts.CLOSED,
                own_door=True,
                keyless=True,
            ),
        ),
    ),
    Tenant(
        id="globex",
        name="Globex",
        accounts=(
            Account(
                name="old",
                provider="azure_openai",
                model="gpt",
                script=scripts.steady(5),
                status="disabled",
            ),
            Account(
                name="new",
                provider="openai",
                model="gpt",
                script=scripts.steady(5),
                status="created",
            ),
        ),
    ),
)


BUSY = Tenant(
    id="acme-prod",
    name="Acme Production",
    accounts=(
        *SMALL[0].accounts[:3],
        Account(name="spent", provider="google", model="gemini-2.5-pro", script=scripts.steady(5)),
    ),
    agents=tuple(
        Agent(name="bot", integration=name, per_minute=400, weekend=1.0)
        for name in ("gpt", "claude", "nova", "spent")
    ),
    allowances=(Allowance(subject="spent", budget=Aim.OVER), Allowance(scope="tenant", rpm=90_000)),
)


def test_it_is_really_checked_and_leaves_nothing() -> None:
    with DemoWorld(tenants=SMALL) as world:
        folder = Path(world.settings.database.removeprefix("sqlite:///")).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        found = {result.name: result for result in asyncio.run(_check_all(world.settings))}
        statuses = asyncio.run(_statuses(world.settings))
    assert {name: (result.health_state, result.error) for name, result in found.items()} == {
        "gpt": ("healthy", None),
        "claude": ("failing", "auth_failed"),
        "nova": ("healthy", None),
        "unset": ("failing", "credential_unreadable"),
        "edge": ("failing", "refused"),
    }
    assert statuses == {"old": "disabled", "new": "created"}
    assert not folder.exists()


def test_the_demo_keeps_what_it_was_told_except_its_place() -> None:
    told = Settings(database="sqlite:////nowhere/x.db", theme="lamp", read_only=True, ascii=True)
    with DemoWorld(told, tenants=SMALL) as world:
        assert (world.settings.theme, world.settings.ascii) == ("lamp", True)
        assert world.settings.read_only
        assert world.settings.tenant == "acme-prod"
        assert "nowhere" not in world.settings.database
    assert not Path("/nowhere").exists()


def test_a_failure_on_the_way_in_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    twice = (SMALL[0].accounts[0], SMALL[0].accounts[0])
    broken = Tenant(id="acme-prod", name="Acme", accounts=twice)
    world = DemoWorld(tenants=(broken,))
    with pytest.raises(Exception, match="name"):
        world.__enter__()
    assert list(tmp_path.iterdir()) == []
    assert world._simulators is None


def test_a_second_signal_while_it_ends_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world = DemoWorld(tenants=SMALL)
    world.__enter__()
    folder, simulators = world._folder, world._simulators
    assert folder is not None
    assert simulators is not None
    close = simulators.close

    def cut_short() -> None:
        close()
        raise SystemExit(129)

    monkeypatch.setattr(simulators, "close", cut_short)
    with pytest.raises(SystemExit):
        world.close()
    assert not folder.exists()


def found_by(
    world: DemoWorld, seconds: float, whole: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Run the monitor until it has found everything: a busy machine takes its time for it."""
    found = world.headless(seconds)
    for _ in range(40):
        if whole(found):
            break
        found = world.headless(3)
    return found


def test_headless_reports_what_the_monitor_found() -> None:
    counts = {"failing": 3, "degraded": 0, "unknown": 1, "healthy": 3}
    with DemoWorld(tenants=SMALL) as world:
        found = found_by(world, 4, lambda told: told["summary"]["counts"] == counts)
    assert [tenant["id"] for tenant in found["tenants"]] == ["acme-prod", "globex"]
    assert found["summary"]["overall_health"] == "failing"
    assert found["summary"]["counts"] == counts
    assert found["checks"] >= 5
    assert set(found["per_tenant"]) == {"acme-prod", "globex"}


def test_the_whole_world_shows_every_state_of_every_kind_and_leaves_nothing() -> None:
    with DemoWorld() as world:
        folder = Path(world.settings.database.removeprefix("sqlite:///")).parent
        assert world._simulators is not None
        child = world._simulators._process
        seen: set[tuple[str, str]] = set()

        def whole(told: dict[str, Any]) -> bool:
            # A loaded machine shows some only later: what ran out of its time is unknown till then.
            seen.update(_shown(told))
            told_of = told["gateway"]["runs"] > 0 and told["on_call"]["incidents"]["open"] > 0
            return len(seen) == KINDS * STATES and told_of

        found = found_by(world, 8, whole)
    assert len(seen) == KINDS * STATES, seen
    assert child is not None
    assert child.poll() == 0
    assert not folder.exists()
    assert found["gateway"]["templates"] == sum(len(one.trusted.templates) for one in TENANTS)
    assert found["gateway"]["runs"] == sum(found["gateway"]["outcomes"].values()) > 0
    assert found["on_call"]["incidents"]["open"] > 0
    assert (found["prevention"]["faults"], found["credentials"]["counts"]["expired"]) == (0, 1)
    assert found["prevention"]["verified"] == found["prevention"]["records"]
    for state, count in found["summary"]["counts"].items():
        assert count == sum(counts[state] for counts in found["kinds"].values())


def _shown(found: dict[str, Any]) -> set[tuple[str, str]]:
    """The kinds and states of which there is any."""
    return {
        (kind, state)
        for kind, counts in found["kinds"].items()
        for state, count in counts.items()
        if count
    }


def test_agents_call_and_record_what_they_used() -> None:
    with DemoWorld(tenants=(BUSY,)) as world:
        calls: list[UsageEntry] = []

        def all_called(_told: dict[str, Any]) -> bool:
            calls[:] = asyncio.run(_live(world.settings))
            return {call.provider for call in calls} == {one.provider for one in BUSY.accounts}

        found = found_by(world, 5, all_called)
        agents = world._agents
        assert agents is not None
        process = agents._process
        assert process is not None
        assert world._folder is not None
        assert not (world._folder / "agents.log").read_text()
        assert process.poll() is None
    assert process.poll() == 0
    by_provider: dict[str, list[UsageEntry]] = {}
    for call in calls:
        by_provider.setdefault(call.provider, []).append(call)
    for call in by_provider["openai"]:
        assert (call.error, call.policy) == (None, "allowed")
        assert call.tokens_in > 1_200
        assert call.tokens_out
        assert call.cost_nanos
        assert call.latency_ms is not None
    assert {call.error for call in by_provider["anthropic"]} == {"auth_failed"}
    assert by_provider["bedrock"][0].model == "nova"
    assert {(call.policy, call.tokens_in) for call in by_provider["google"]} == {("blocked", 0)}
    used = found["usage"]["acme-prod"]
    assert used["gauges"]["over"] == 1
    assert used["calls"] > 0
    # Nobody knows what this `nova` costs.
    assert used["unpriced"]


async def _live(settings: Settings) -> list[UsageEntry]:
    """The calls that were made one by one, of today and yesterday if it is midnight."""
    workspace = Workspace.open(settings)
    try:
        start = workspace.clock.now() - timedelta(days=1)
        pages = [page async for page in workspace.usage.export("acme-prod", start)]
        return [entry for page in pages for entry in page if entry.session]
    finally:
        await workspace.aclose()


@pytest.mark.parametrize(("roles", "seen"), [((), False), (("dba",), True)])
def test_one_source_is_seen_by_administrators_alone(roles: tuple[str, ...], seen: bool) -> None:
    acme = replace(TENANTS[0], accounts=(), connectors=(), agents=(), allowances=())
    with DemoWorld(Settings(database="sqlite://", roles=roles), tenants=(acme,)) as world:
        names = asyncio.run(_sources(world.settings))
    assert ("payroll" in names) is seen
    assert len(names) == len(acme.sources) - (not seen)


def test_no_secret_lies_in_the_database_in_the_open() -> None:
    with DemoWorld() as world:
        path = Path(world.settings.database.removeprefix("sqlite:///"))
        held = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
        made = [one.secret for one in world._placed if one.secret]
    assert len(made) > 60
    for secret in made:
        for part in secret.split(":"):
            assert part.startswith("AKIA") or part.encode() not in held


async def _sources(settings: Settings) -> list[str]:
    workspace = Workspace.open(settings)
    try:
        listed = await workspace.sources.list_sources("acme-prod")
        return [source.name for source in listed.items]
    finally:
        await workspace.aclose()


async def _check_all(settings: Settings) -> Sequence[HealthCheckResult]:
    workspace = Workspace.open(settings)
    try:
        return await workspace.checks.check_all_integrations("acme-prod", force=True)
    finally:
        await workspace.aclose()


async def _statuses(settings: Settings) -> dict[str, str]:
    workspace = Workspace.open(settings)
    try:
        listed = await workspace.integrations.list_integrations("globex")
        return {item.name: item.status for item in listed.items}
    finally:
        await workspace.aclose()
