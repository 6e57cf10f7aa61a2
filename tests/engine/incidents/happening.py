"""Things to which something happens: results of checks as a monitor writes them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.incidents.turning import turn
from storage.health import CheckRow, HealthDriver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.clock import FixedClock
    from engine.integrations import IntegrationDetailResult
    from engine.workspace import Workspace

TENANT = "acme"
KEY = "env://KEY_OF_TESTS"
REFUSED = {"error": "auth_failed", "message": "401 Authentication failed: invalid credentials"}


async def integration(
    workspace: Workspace, name: str, provider: str = "anthropic", tenant: str = TENANT
) -> IntegrationDetailResult:
    """Add an integration that is enabled."""
    await workspace.tenants.ensure(tenant)
    made = await workspace.integrations.create_integration(
        tenant, name, provider, credential_ref=KEY
    )
    await workspace.integrations.enable_integration(tenant, made.id)
    return made


async def checked(
    workspace: Workspace,
    clock: FixedClock,
    ids: Sequence[str],
    states: str,
    *,
    kind: str = "integration",
    **found: str,
) -> None:
    """Write a check of each thing every minute: `+` is healthy, `~` degraded, `-` failing."""
    words = {"+": "healthy", "~": "degraded", "-": "failing"}
    for letter in states:
        clock.advance(60)
        said = {} if letter == "+" else found or REFUSED
        things = [(kind, one) for one in ids]
        await workspace.write(partial(_record, things, clock.now(), words[letter], said))


def _record(
    things: Sequence[tuple[str, str]],
    now: datetime,
    state: str,
    said: Mapping[str, str],
    connection: Connection,
) -> None:
    driver = HealthDriver(connection)
    targets = [driver.target(kind, one) for kind, one in things]
    rows = [
        CheckRow(target_number=one.number, checked_at=now, state=state, **said)  # type: ignore[arg-type]
        for one in targets
        if one is not None
    ]
    turn(connection, driver.record(rows).turned)
