"""The demo's agents by themselves: what they are told, what they used before, what they may use."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.demo.agents.aims import Standing, limit_of
from engine.demo.agents.calling import Calling
from engine.demo.agents.earlier import earlier
from engine.demo.agents.ledger import Ledger
from engine.demo.agents.pace import per_minute
from engine.demo.agents.plan import Caller, from_line, plan_of, to_line
from engine.demo.placing import place, sites
from engine.demo.things import Agent, Aim
from engine.demo.world import TENANTS
from engine.errors import WorkspaceError
from engine.http import HttpClient
from engine.settings import Settings
from engine.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
AGENT = Agent(name="bot", integration="gpt", per_minute=4)
CALLER = Caller(
    tenant_id="acme",
    agent=AGENT,
    provider="openai",
    model="gpt-4.1",
    base_url="http://127.0.0.1:1/v1",
    secret="sk-planted",
)
AMOUNTS = st.floats(0, 1e12)


def test_the_plan_goes_through_a_pipe_whole_and_shows_no_secret() -> None:
    placed = [one for tenant in TENANTS for one in place(tenant)]
    ports = {site.name: 1_024 + number for number, site in enumerate(sites(placed))}
    plan = plan_of("sqlite:///x.db", TENANTS, placed, ports)
    assert from_line(to_line(plan)) == plan
    assert len(plan.callers) == sum(len(tenant.agents) for tenant in TENANTS)
    for caller in plan.callers:
        assert not caller.secret or caller.secret not in repr(plan)


def test_every_agent_and_every_allowance_is_of_something_there() -> None:
    for tenant in TENANTS:
        accounts = {account.name: account for account in tenant.accounts}
        for agent in tenant.agents:
            assert accounts[agent.integration].status == "enabled"
        for one in tenant.allowances:
            assert one.scope != "integration" or one.subject in accounts
            assert one.budget or one.tokens or one.rpm
        assert len(set(tenant.allowances)) == len(tenant.allowances)


def test_the_same_moment_has_the_same_past() -> None:
    first, again = list(earlier(CALLER, NOW)), list(earlier(CALLER, NOW))
    assert first == again
    assert len({record.call_id for record in first}) == len(first)
    times = [record.at for record in first]
    assert times == sorted(times)
    assert times[0] == datetime(2026, 1, 11, tzinfo=UTC)
    assert NOW - timedelta(minutes=3) < times[-1] < NOW


def test_a_past_has_the_pace_that_the_agent_goes_on_with() -> None:
    days: Counter[object] = Counter()
    for record in earlier(CALLER, NOW):
        days[record.at.date()] += record.calls
    monday, sunday = datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)
    for day in (monday, sunday):
        wanted = sum(60 * per_minute(AGENT, day + timedelta(hours=hour)) for hour in range(24))
        assert days[day.date()] == pytest.approx(wanted, rel=0.4)
    assert days[monday.date()] > days[sunday.date()]


def test_an_agent_that_is_new_has_a_short_past() -> None:
    new = replace(CALLER, agent=replace(AGENT, since_days=2))
    assert min(record.at for record in earlier(new, NOW)) == datetime(2026, 3, 12, tzinfo=UTC)


def test_the_first_minutes_of_a_month_have_a_past_too() -> None:
    begin = datetime(2026, 3, 1, 0, 0, 30, tzinfo=UTC)
    assert all(record.at < begin for record in earlier(CALLER, begin))


@given(AMOUNTS, AMOUNTS, st.floats(0, 31), st.floats(0, 1))
def test_limits_are_where_their_aims_want_them(
    used: float, daily: float, left: float, chance: float
) -> None:
    standing = Standing(used=used, daily=daily, days_left=left)
    limits = {aim: limit_of(aim, standing, chance) for aim in Aim}
    assert min(limits.values()) >= 1
    if used < 1_000:
        return
    assert limits[Aim.OVER] < used
    for aim, least, most in ((Aim.NEARLY, 0.95, 1.0), (Aim.WARNED, 0.8, 0.95)):
        assert least <= used / limits[aim] < most
    assert limits[Aim.AMPLE] > 2 * (used + daily * left)
    assert limits[Aim.SOON] >= used * 0.99


async def test_an_integration_that_was_deleted_stops_no_agent(tmp_path: Path) -> None:
    workspace = Workspace.open(Settings(database=f"sqlite:///{tmp_path / 'x.db'}"))
    try:
        await workspace.tenants.ensure("acme")
        calling = Calling(workspace, HttpClient(), Ledger(workspace), CALLER)
        assert not await calling.call()
    finally:
        await workspace.aclose()


async def test_what_cannot_be_written_now_is_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.open(Settings(database=f"sqlite:///{tmp_path / 'x.db'}"))
    try:
        await workspace.tenants.ensure("acme")
        await workspace.integrations.create_integration("acme", "gpt", "openai", "env://NOBODY")
        ledger = Ledger(workspace)
        ledger.note("acme", replace(next(earlier(CALLER, NOW)), at=workspace.clock.now()))
        with monkeypatch.context() as patched:
            patched.setattr(workspace.usage, "record", _locked)
            await ledger.write()
        await ledger.write()
        await ledger.write()
        pages = [page async for page in workspace.usage.export("acme")]
        assert [entry.agent for page in pages for entry in page] == ["bot"]
    finally:
        await workspace.aclose()


async def _locked(*_: object, **__: object) -> None:
    raise WorkspaceError("The database is locked.", temporary=True)
