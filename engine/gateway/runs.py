"""Runs of stored templates: what is reached is made ready, and what came of it is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from engine.errors import LampboardError, LifecycleRefused
from engine.gateway.errors import SqlInjectionAttemptError
from engine.jsonable import jsonable
from engine.probes.words import MASK

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials import Credential, CredentialStore, WorkspaceCredentials
    from engine.gateway.engine import GatewayEngine
    from engine.gateway.executing import Plan
    from engine.gateway.model import QueryTemplate, SqlQueryResult
    from engine.gateway.open_drivers import OpenDrivers
    from engine.gateway.results import GatewaySummary
    from engine.hop import Hop
    from engine.probes.place import Place, Tools
    from storage.connectors import ConnectorRow
    from storage.gateway.rows import TemplateListRow
    from storage.sources import SourceRow

MAX_TOLD = 200
"""Characters of a logged value that the activity keeps."""

MAX_ITEMS_TOLD = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A run that was asked for: the template, where it runs, and its thing as it is stored."""

    row: TemplateListRow
    template: QueryTemplate
    gateway: GatewaySummary
    thing: SourceRow | ConnectorRow | None
    values: object
    started: datetime


class Runner:
    """What the facade's `run` does; see there.

    Args:
        hop: The way to the database.
        engine: Makes the rules of the gateway on a connection.
        credentials: The synchronous core of credentials.
        tools: Gives what runs use to reach out, in the running loop.
    """

    def __init__(
        self,
        hop: Hop,
        engine: Callable[[Connection], GatewayEngine],
        credentials: CredentialStore,
        tools: Callable[[], Tools],
    ) -> None:
        self._hop = hop
        self._engine = engine
        self._credentials = credentials
        self._tools = tools
        # What was judged since this workspace was opened, by template and version.
        self._judged: dict[tuple[str, int], tuple[Any, ...]] = {}

    async def run(
        self,
        tenant_id: str,
        id_or_name: str,
        parameters: Mapping[str, Any],
        version: int | None,
    ) -> SqlQueryResult:
        """Run a template and record what came of it, before the result is handed out."""
        self._hop.require_writable()
        asked = await self._hop.read(
            lambda connection: self._asked(connection, tenant_id, id_or_name, parameters, version)
        )
        plan: Plan | None = None
        try:
            plan = await self._planned(asked)
            place = await self._place(asked)
            async with self._drivers.driver(asked.gateway.id, place) as driver:
                result = await driver.run(plan)
        except asyncio.CancelledError:
            # Whoever asked does not wait any more; what was asked stays on record all the same.
            ended = self._ended(asked, "failed", plan, {"code": "cancelled", "message": _LEFT})
            await asyncio.shield(ended)
            raise
        except LampboardError as error:
            await self._ended(asked, _outcome(error, plan), plan, _why(error))
            raise
        except Exception as error:
            await self._ended(
                asked, "failed", plan, {"code": "internal", "message": _inside(error)}
            )
            raise
        outcome = "truncated" if result.truncated else "ok"
        await self._ended(asked, outcome, plan, _came(result))
        return result

    async def aclose(self) -> None:
        """Close what is kept open."""
        if "_drivers" in self.__dict__:
            await self._drivers.aclose()

    @cached_property
    def _drivers(self) -> OpenDrivers:
        from engine.gateway.executing import driver_for
        from engine.gateway.open_drivers import OpenDrivers

        return OpenDrivers(self._tools, driver_for)

    def _asked(
        self,
        connection: Connection,
        tenant_id: str,
        id_or_name: str,
        parameters: Mapping[str, Any],
        version: int | None,
    ) -> Asked:
        """Read all that a run needs; raises NotFound."""
        from engine.gateway import rows

        engine = self._engine(connection)
        row = engine.found(tenant_id, id_or_name)
        over = engine.gateway(tenant_id, row.gateway_id)
        return Asked(
            row=row,
            template=rows.runnable(row, engine.version(row, version)),
            gateway=over,
            thing=_thing(connection, over),
            values=parameters,
            started=self._hop.clock.now(),
        )

    async def _planned(self, asked: Asked) -> Plan:
        """Return what to ask of the database; raises what refuses it."""
        from engine.gateway import rows
        from engine.gateway.service import SqlGatewayService

        _require_runnable(asked)
        service = SqlGatewayService(
            rows.config(asked.gateway, asked.row.id),
            {asked.row.id: asked.template},
            self._secrets(asked),
            dialect=asked.gateway.dialect,
            tables=asked.gateway.tables,
            judged=self._judged,
        )
        values = cast("Mapping[str, Any]", asked.values)  # the service refuses what is none
        return await service.plan(asked.row.id, values, asked.row.tenant_id)

    def _secrets(self, asked: Asked) -> WorkspaceCredentials:
        from engine.credentials.service import WorkspaceCredentials

        return WorkspaceCredentials(self._hop, self._credentials, asked.row.tenant_id)

    async def _place(self, asked: Asked) -> Place:
        """Return where the run leads, its secrets in the open.

        Raises:
            CredentialError: A secret cannot be read.
            InvalidInput: It is not said whole where the thing is.
        """
        over, own = asked.gateway, asked.gateway.credential_ref
        references = [one for one in (*_references(asked), own) if one]
        async with self._secrets(asked).opened(references) as open_secret:
            place = await asyncio.to_thread(_prepared, asked, open_secret)
            password = open_secret(own).value if own else place.password
        if not (over.username or own):
            return place
        # What a connection string says of who logs in must not go before it.
        username = over.username or place.username
        return replace(place, url=None, username=username, password=password)

    async def _ended(
        self, asked: Asked, outcome: str, plan: Plan | None, said: Mapping[str, object]
    ) -> None:
        """Record a run: the values are told only where they were good and may be."""
        detail = {
            "version": asked.template.version,
            "gateway": asked.gateway.name,
            "parameters": _told(asked, plan),
            **said,
        }
        if "duration_ms" not in detail:
            detail["duration_ms"] = self._milliseconds(asked)
        await self._hop.write(
            lambda connection: self._engine(connection).ran(asked.row, outcome, detail)
        )

    def _milliseconds(self, asked: Asked) -> int:
        return int((self._hop.clock.now() - asked.started).total_seconds() * 1000)


_LEFT = "It was given up before it ended."


def _inside(error: Exception) -> str:
    return f"Something went wrong inside ({type(error).__name__})."


def _outcome(error: LampboardError, plan: Plan | None) -> str:
    """Tell what was refused before the database was asked from what failed at it."""
    if isinstance(error, SqlInjectionAttemptError):
        return "alarm"
    return "refused" if plan is None else "failed"


def _why(error: LampboardError) -> dict[str, object]:
    found: dict[str, object] = {"code": error.code, "message": error.message}
    return found | ({"field": error.field} if error.field else {})


def _came(result: SqlQueryResult) -> dict[str, object]:
    return {
        "rows": result.row_count,
        "bytes": result.result_bytes,
        "duration_ms": result.duration_ms,
        "truncated_by": result.truncated_by,
    }


def _told(asked: Asked, plan: Plan | None) -> dict[str, object]:
    """Return the declared parameters that were given, each with what may be told of its value."""
    given = asked.values if isinstance(asked.values, Mapping) else {}
    return {
        spec.name: _value(plan.values[spec.name]) if plan is not None and spec.logged else MASK
        for spec in asked.template.parameters
        if spec.name in given
    }


def _value(value: object) -> object:
    """Return a value as the activity keeps it: JSON-ready, and not without end."""
    if isinstance(value, tuple | list):
        return [_value(one) for one in value[:MAX_ITEMS_TOLD]]
    plain = jsonable(value)
    if isinstance(plain, str):
        from storage.rows import storable

        return (storable(plain) or "")[:MAX_TOLD]
    return plain


def _thing(connection: Connection, over: GatewaySummary) -> SourceRow | ConnectorRow | None:
    if over.kind == "source":
        from engine.sources.checking import SourceKind

        return SourceKind().rows(connection, [over.thing_id]).get(over.thing_id)
    from engine.connectors.checking import ConnectorKind

    return ConnectorKind().rows(connection, [over.thing_id]).get(over.thing_id)


def _references(asked: Asked) -> tuple[str, ...]:
    return tuple(asked.thing.secrets.values()) if asked.thing is not None else ()


def _prepared(asked: Asked, open_secret: Callable[[str], Credential]) -> Place:
    """Return the place of a source or connector, its secrets in the open."""
    from engine.connectors.checking import ConnectorKind
    from engine.sources.checking import SourceKind

    thing: Any = asked.thing
    if asked.gateway.kind == "source":
        return SourceKind().prepare(thing, open_secret).where
    return ConnectorKind().prepare(thing, open_secret).where


def _require_runnable(asked: Asked) -> None:
    """Raise LifecycleRefused for what is retired, gone or out of use."""
    if asked.row.status != "active":
        raise LifecycleRefused(
            f"The template {asked.row.name} is retired, so it cannot be run.",
            hint="Restore it first: `lampboard gateway templates restore`.",
            field="status",
        )
    problem = asked.gateway.problem
    if problem is None and asked.thing is None:
        problem = (
            f"The {asked.gateway.kind} {asked.gateway.name} is gone, so nothing can run on it."
        )
    if problem is not None:
        raise LifecycleRefused(problem, hint=_hint(asked), field="status")


def _hint(asked: Asked) -> str:
    over = asked.gateway
    if over.dialect is None or asked.row.thing_retired_at is not None:
        return "Register the template for another source or connector."
    step = "activate" if over.kind == "source" else "connect"
    return f"Take it into use first: `lampboard {over.kind}s {step} {over.name}`."
