"""Checks of things of every kind, as lines of one table."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord
from tui.cli.inventory.steps import kind_of
from tui.lookup import find_any
from tui.nouns import INTEGRATION, NOUNS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.probes.result import Checked
    from engine.workspace import Workspace
    from tui.nouns import Noun


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckLine(JsonRecord):
    """One thing's check; `technology` is an integration's provider."""

    kind: str
    id: str
    name: str
    technology: str
    health_state: str
    error: str | None
    message: str | None
    remedy: str | None
    stage: str | None
    latency_ms: int | None
    status_code: int | None
    checked_at: datetime
    cached: bool
    previous_state: str | None
    stages: tuple[Mapping[str, Any], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values; an integration keeps the names that it had alone."""
        told = JsonRecord.to_dict(self)
        if self.kind == INTEGRATION.one:
            told |= {"integration_id": self.id, "provider_type": self.technology}
        return told


async def every(
    workspace: Workspace, tenant: str, kind: str | None, *, force: bool
) -> list[CheckLine]:
    """Check all that a tenant has, or all of one kind."""
    roles = workspace.settings.roles
    lines: list[CheckLine] = []
    for noun in NOUNS.values() if kind is None else (NOUNS[kind],):
        found = await workspace.checks.check_all(noun.one, tenant, roles=roles, force=force)
        lines += [_line(noun, one.id, one.name, one.technology, one.checked) for one in found]
    return lines


async def named(
    workspace: Workspace, tenant: str, names: tuple[str, ...], kind: str | None, *, force: bool
) -> list[CheckLine]:
    """Check what is called so, of every kind or of one.

    Raises:
        NotFound: A name is nobody's.
    """
    found = [pair for name in names for pair in await find_any(workspace, tenant, name, kind)]
    return list(
        await asyncio.gather(
            *(_one(workspace, tenant, noun, thing, force=force) for noun, thing in found)
        )
    )


async def _one(
    workspace: Workspace, tenant: str, noun: Noun, thing: Any, *, force: bool
) -> CheckLine:
    roles = workspace.settings.roles
    thing_id = noun.id_of(thing)
    checked = await workspace.checks.check(noun.one, tenant, thing_id, force=force, roles=roles)
    return _line(noun, thing_id, thing.name, kind_of(thing), checked)


def _line(noun: Noun, thing_id: str, name: str, technology: str, checked: Checked) -> CheckLine:
    from engine.probes.result import stages_of

    result = checked.result
    return CheckLine(
        kind=noun.one,
        id=thing_id,
        name=name,
        technology=technology,
        health_state=str(result.state),
        error=result.error,
        message=result.message or None,
        remedy=result.remedy or None,
        stage=result.stage,
        latency_ms=result.latency_ms,
        status_code=result.status_code,
        checked_at=checked.checked_at,
        cached=checked.cached,
        previous_state=None if checked.previous_state is None else str(checked.previous_state),
        stages=stages_of(result),
        details=result.details,
    )
