"""What the agents are told: whom they call, with which key, what they may use, what to trust."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from engine.demo.placing import base_url
from engine.demo.things import Account, Agent, Aim, Allowance
from engine.demo.trusted import Policy, Trusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.demo.placing import Placed
    from engine.demo.things import Tenant


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """An agent with the model that it calls and how that is reached."""

    tenant_id: str
    agent: Agent
    provider: str
    model: str
    base_url: str
    secret: str = field(repr=False)
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentsPlan:
    """All callers over one database, and what each tenant's things may use and must trust."""

    database: str
    callers: tuple[Caller, ...]
    allowances: Mapping[str, tuple[Allowance, ...]]
    trusted: Mapping[str, Trusted] = field(default_factory=dict)

    def policies(self, tenant_id: str) -> tuple[Policy, ...]:
        """Return the policies of a tenant."""
        found = self.trusted.get(tenant_id)
        return () if found is None else found.policies


def plan_of(
    database: str, tenants: Iterable[Tenant], placed: Iterable[Placed], ports: Mapping[str, int]
) -> AgentsPlan:
    """Return the plan of tenants whose things live at these ports."""
    everyone = tuple(tenants)
    there = {(one.tenant.id, one.thing.name): one for one in placed if _is_account(one)}
    callers = tuple(
        _caller(agent, there[tenant.id, agent.integration], ports)
        for tenant in everyone
        for agent in tenant.agents
    )
    allowances = {tenant.id: tenant.allowances for tenant in everyone}
    trusted = {tenant.id: tenant.trusted for tenant in everyone}
    return AgentsPlan(database=database, callers=callers, allowances=allowances, trusted=trusted)


def to_line(plan: AgentsPlan) -> str:
    """Return the plan as one line of JSON; it holds secrets, so it goes through a pipe only."""
    callers = [{**asdict(one), "config": dict(one.config)} for one in plan.callers]
    allowances = {tenant: list(map(asdict, some)) for tenant, some in plan.allowances.items()}
    trusted = {tenant: one.to_dict() for tenant, one in plan.trusted.items()}
    return json.dumps(
        {
            "database": plan.database,
            "callers": callers,
            "allowances": allowances,
            "trusted": trusted,
        }
    )


def from_line(line: str) -> AgentsPlan:
    """Return what `to_line` wrote down."""
    values = json.loads(line)
    return AgentsPlan(
        database=values["database"],
        callers=tuple(
            Caller(**{**one, "agent": Agent(**one["agent"])}) for one in values["callers"]
        ),
        allowances={
            tenant: tuple(_allowance(one) for one in some)
            for tenant, some in values["allowances"].items()
        },
        trusted={tenant: Trusted.from_dict(one) for tenant, one in values["trusted"].items()},
    )


def _is_account(placed: Placed) -> bool:
    return isinstance(placed.thing, Account)


def _caller(agent: Agent, placed: Placed, ports: Mapping[str, int]) -> Caller:
    account = placed.thing
    assert isinstance(account, Account)  # noqa: S101 - see plan_of
    return Caller(
        tenant_id=placed.tenant.id,
        agent=agent,
        provider=account.provider,
        model=account.model,
        base_url=base_url(account, ports[placed.site]),
        secret=placed.secret,
        config=account.config,
    )


def _allowance(values: Mapping[str, Any]) -> Allowance:
    aims = {name: Aim(values[name]) if values[name] else None for name in ("budget", "tokens")}
    return Allowance(**{**values, **aims, "levels": tuple(values["levels"])})
