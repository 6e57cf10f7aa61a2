"""Finding the meters that a person named: an integration, a provider, a model, an agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import NotFound
from tui.lookup import NEAR, SHOWN, find_integration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.limits.results import GaugeResult
    from engine.workspace import Workspace

BY_NAME = ("provider", "model", "agent")
"""Scopes whose subjects are known by their own names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What limits are set on: its scope, its id or name there, what people call it."""

    scope: str
    subject: str
    name: str


async def gauges_named(
    workspace: Workspace, tenant: str, names: Sequence[str], scope: str | None = None
) -> list[GaugeResult]:
    """Return the gauges of everything that is called so, what runs out first first.

    Raises:
        NotFound: A name is nobody's.
    """
    found: dict[str, GaugeResult] = {}
    for name in names:
        for gauge in await _named(workspace, tenant, name, scope):
            found[gauge.id] = gauge
    return sorted(found.values(), key=lambda gauge: (gauge.urgency, gauge.name, gauge.measure))


async def _named(
    workspace: Workspace, tenant: str, name: str, scope: str | None
) -> list[GaugeResult]:
    found: list[GaugeResult] = []
    missing: NotFound | None = None
    if scope in {None, "integration"}:
        try:
            one = await find_integration(workspace, tenant, name)
        except NotFound as error:
            missing = error
        else:
            found += await workspace.limits.gauges_of(tenant, "integration", one.id)
    for each in BY_NAME if scope is None else {scope} & set(BY_NAME):
        found += await _of(workspace, tenant, each, name)
    if name == tenant and scope in {None, "tenant"}:
        found += await _of(workspace, tenant, "tenant", tenant)
    if not found:
        raise await _nobody(workspace, tenant, name, missing)
    return found


async def _of(workspace: Workspace, tenant: str, scope: str, subject: str) -> list[GaugeResult]:
    try:
        return list(await workspace.limits.gauges_of(tenant, scope, subject))
    except NotFound:
        return []


async def _nobody(
    workspace: Workspace, tenant: str, name: str, missing: NotFound | None
) -> NotFound:
    """Return the error with the names that are near, of gauges of every scope."""
    import difflib

    gauges, _ = await workspace.limits.page_gauges(tenant, limit=NEAR)
    known = sorted({gauge.name for gauge in gauges})
    inside = [one for one in known if name.casefold() in one.casefold()]
    near = inside[:SHOWN] or difflib.get_close_matches(name, known, n=SHOWN)
    hint = f"Did you mean {' or '.join(near)}?" if near else "See `lampboard limits status`."
    if missing is not None and missing.hint and "mean" in missing.hint:
        hint = missing.hint
    said = f"Nothing with gauges is called {name[:80]!r} in tenant {tenant[:80]!r}."
    return NotFound(said, hint=hint)


async def subject_of(workspace: Workspace, tenant: str, scope: str, given: str) -> Subject:
    """Return what is meant by a name of a scope; an integration is found by id or name.

    Raises:
        NotFound: There is no such integration.
    """
    if scope == "provider":
        from engine.usage.mapping import provider_word

        given = provider_word(given) or given
    if scope != "integration":
        return Subject(scope=scope, subject=given, name=given)
    found = await find_integration(workspace, tenant, given)
    return Subject(scope=scope, subject=found.id, name=found.name)
