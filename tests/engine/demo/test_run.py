from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.demo import DemoWorld, scripts
from engine.demo.things import Account, Tenant
from engine.demo.world import TENANTS
from engine.settings import Settings
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.integrations.results import HealthCheckResult

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


def test_headless_reports_what_the_monitor_found() -> None:
    pytest.importorskip("engine.monitor.run", reason="no monitor yet")
    with DemoWorld(tenants=SMALL) as world:
        found = world.headless(4)
    assert [tenant["id"] for tenant in found["tenants"]] == ["acme-prod", "globex"]
    assert found["summary"]["overall_health"] == "failing"
    assert found["summary"]["counts"] == {"failing": 3, "degraded": 0, "unknown": 1, "healthy": 3}
    assert found["checks"] >= 5
    assert set(found["per_tenant"]) == {"acme-prod", "globex"}


def test_the_whole_world_shows_every_state_of_every_kind_and_leaves_nothing() -> None:
    with DemoWorld() as world:
        folder = Path(world.settings.database.removeprefix("sqlite:///")).parent
        assert world._simulators is not None
        child = world._simulators._process
        found = world.headless(8)
        seen = _shown(found)
        # A loaded machine shows some only later: what ran out of its time is unknown till then.
        for _ in range(10):
            if len(seen) == KINDS * STATES:
                break
            found = world.headless(3)
            seen |= _shown(found)
    assert len(seen) == KINDS * STATES, seen
    assert child is not None
    assert child.poll() == 0
    assert not folder.exists()
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


@pytest.mark.parametrize(("roles", "seen"), [((), False), (("dba",), True)])
def test_one_source_is_seen_by_administrators_alone(roles: tuple[str, ...], seen: bool) -> None:
    acme = replace(TENANTS[0], accounts=(), connectors=())
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
