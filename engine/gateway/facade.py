"""The only way in to the gateway, for screens, the command line and callers in code."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from engine.gateway.selection import order_by, select
from engine.hop import default_facade
from engine.order import require_limit
from engine.readiness import ready

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.gateway.engine import GatewayEngine
    from engine.gateway.model import ParameterSpec, SqlQueryResult
    from engine.gateway.results import (
        GatewayOffer,
        GatewaySummary,
        TemplateDetail,
        TemplateRun,
        TemplatesHeadline,
        TemplateSummary,
        Verdict,
    )
    from engine.gateway.runs import Runner
    from engine.hop import Hop
    from engine.probes.place import Tools
    from storage.filters import Term
    from storage.paging import Anchor, Key

T = TypeVar("T")

# What a change imports: loaded before the database is locked for it.
_NEEDED = ("engine.gateway.engine", "engine.gateway.judging", "engine.gateway.parameters")


class GatewayFacade:
    """Registered, read-only SQL: gateways with their caps, templates with their versions, runs.

    A gateway is what a source or SQL connector lets templates do; it is made, with the defaults,
    when the first template is registered there. Every method takes the tenant's id and answers
    for what is another tenant's as for what is missing, and so it does for templates over a
    source whose roles the operator does not have. Changes write their activity in the same
    transaction. Any method may raise WorkspaceError, any change ReadOnlyRefused.

    Args:
        hop: The way to the database.
        credentials: The synchronous core of credentials.
        tools: Gives what runs use to reach out, in the running loop.
    """

    def __init__(
        self, hop: Hop, *, credentials: CredentialStore, tools: Callable[[], Tools]
    ) -> None:
        self._hop = hop
        self._credentials = credentials
        self._tools = tools

    async def list_gateways(self, tenant_id: str) -> tuple[GatewaySummary, ...]:
        """Return the gateways of a tenant, sorted by the name of their source or connector."""
        return await self._read(lambda engine: engine.gateways(tenant_id))

    async def get_gateway(self, tenant_id: str, gateway_id: str) -> GatewaySummary:
        """Return one gateway; raises NotFound."""
        return await self._read(lambda engine: engine.gateway(tenant_id, gateway_id))

    async def offers(
        self, tenant_id: str, *, query: str = "", limit: int = 200
    ) -> tuple[GatewayOffer, ...]:
        """Return the sources and connectors of databases that templates may be registered for.

        Sorted by name; one for whose technology there are no rules says so. `query` is a part of
        the name or technology.

        Raises:
            InvalidInput: The limit is not 1 to 1,000.
        """
        require_limit(limit)
        return await self._read(lambda engine: engine.offers(tenant_id, query, limit))

    async def set_gateway(
        self,
        tenant_id: str,
        kind: str,
        thing_id: str,
        *,
        expected_version: int | None = None,
        **changes: object,
    ) -> GatewaySummary:
        """Set what templates may do on a source or connector; what is not named stays.

        Fields: `max_rows`, `max_result_bytes`, `timeout_seconds`, `tripwire`, `tables` (the only
        ones that may be read; empty is any), `username` and `credential_ref` of the role that
        runs log in as (None is the thing's own login), or `password`, which is encrypted at once
        and becomes the `credential_ref`.

        Raises:
            NotFound: There is no such source or connector to be seen, or no such credential.
            InvalidInput, CredentialReferenceInvalid: A value cannot be used; `field` names it.
            EditConflict: It has another version than expected.
        """
        return await self._write(
            lambda engine: engine.set_gateway(
                tenant_id, kind, thing_id, changes, expected_version=expected_version
            ),
            secrets=bool(changes.get("password")),
        )

    async def delete_gateway(
        self, tenant_id: str, gateway_id: str, *, expected_version: int | None = None
    ) -> GatewaySummary:
        """Delete a gateway softly, and with it every template over it, also retired ones.

        What ran there stays in the activity, the templates' names are free again, and the secret
        of its own role is removed. Its source or connector is left alone: the next template that
        is registered there makes a new gateway, with the defaults.

        Raises:
            NotFound: There is no such gateway to be seen.
            EditConflict: It has another version than expected.
        """
        return await self._write(
            lambda engine: engine.delete_gateway(
                tenant_id, gateway_id, expected_version=expected_version
            )
        )

    async def page_templates(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        sort: str = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> tuple[tuple[TemplateSummary, ...], tuple[Key, ...]]:
        """Return one page and the key of each row, without counting; for windowed tables.

        Filters: `name:`, `status:` (active, retired), `outcome:` (of the last run, or never),
        `gateway:` (the source's or connector's name), `description:`. Sorts: name, status,
        outcome, last_run, runs, created.

        Raises:
            InvalidInput: Limit or sort cannot be used.
        """
        chosen = select(tenant_id, terms=terms, query=query)
        order = order_by(sort, descending=descending, limit=limit)
        return await self._read(lambda engine: engine.page(chosen, order, anchor))

    async def count_templates(
        self, tenant_id: str, *, terms: Sequence[Term] = (), query: str = ""
    ) -> int:
        """Return how many templates match."""
        chosen = select(tenant_id, terms=terms, query=query)
        return await self._read(lambda engine: engine.count(chosen))

    async def headline(self, tenant_id: str) -> TemplatesHeadline:
        """Return how many templates there are, and what their last runs came to; in one look."""
        return await self._read(lambda engine: engine.headline(tenant_id))

    async def get_template(
        self, tenant_id: str, id_or_name: str, version: int | None = None
    ) -> TemplateDetail:
        """Return one version of a template whole, the newest unless told.

        Raises:
            NotFound: This tenant has no such template, or it has no such version.
        """
        return await self._read(lambda engine: engine.detail(tenant_id, id_or_name, version))

    async def check_template(
        self,
        tenant_id: str,
        kind: str,
        thing_id: str,
        sql: str,
        parameters: Sequence[ParameterSpec] | None,
    ) -> Verdict:
        """Return what registration would say; nothing is stored. Cheap enough for each key.

        Without `parameters` the declarations are not held against the placeholders.

        Raises:
            NotFound: There is no such source or connector to be seen.
            SqlGatewayError: There are no rules for its technology.
        """
        from engine.gateway.registering import verdict

        target = await self._read(lambda engine: engine.target(tenant_id, kind, thing_id))
        return await verdict(target, sql, parameters)

    async def register_template(  # noqa: PLR0913 - a template's own fields
        self,
        tenant_id: str,
        *,
        kind: str,
        thing_id: str,
        name: str,
        sql: str,
        parameters: Sequence[ParameterSpec] = (),
        description: str = "",
        max_rows: int | None = None,
        timeout_seconds: float | None = None,
    ) -> TemplateDetail:
        """Judge a statement and store it as version 1 of a new template.

        Args:
            tenant_id: Whose it is.
            kind: `source` or `connector`.
            thing_id: Where it runs.
            name: Unique among the tenant's templates, whatever its case.
            sql: One reading statement.
            parameters: Every parameter, in order.
            description: For people.
            max_rows: Its own cap, at most the gateway's.
            timeout_seconds: Its own, at most the gateway's.

        Raises:
            TemplateRefused: Judged and refused; `verdict` has each reason with its place.
            SqlGatewayError: A declaration cannot be used, or there are no rules for this database.
            NotFound: There is no such source or connector to be seen.
            InvalidInput, NameTaken: Another value cannot be used; `field` names it.
        """
        from engine.gateway.registering import Draft, accepted

        self._hop.require_writable()
        target = await self._read(lambda engine: engine.target(tenant_id, kind, thing_id))
        draft = Draft(
            name=name,
            sql=sql,
            parameters=tuple(parameters),
            description=description,
            max_rows=max_rows,
            timeout_seconds=timeout_seconds,
        )
        judged = await accepted(target, draft)
        return await self._write(lambda engine: engine.register(tenant_id, target, judged))

    async def edit_template(
        self,
        tenant_id: str,
        template_id: str,
        *,
        expected_version: int | None = None,
        **changes: object,
    ) -> TemplateDetail:
        """Change fields of `register_template` by name; what is not named stays.

        Another SQL text, other parameters or caps are judged and become a new version; older
        versions stay, and runs may name them. Name and description are of all versions. Where it
        runs cannot be changed.

        Raises:
            NotFound: This tenant has no such template.
            TemplateRefused, SqlGatewayError, InvalidInput, NameTaken: As `register_template`.
            EditConflict: Its newest version is another than expected.
        """
        from engine.gateway.editing import edited

        self._hop.require_writable()
        before = await self.get_template(tenant_id, template_id)
        draft, anew = await edited(before, changes, expected_version)
        return await self._write(lambda engine: engine.edit(tenant_id, before, draft, anew=anew))

    async def retire_template(self, tenant_id: str, template_id: str) -> TemplateSummary:
        """Let nobody run it, in any version; raises NotFound."""
        return await self._write(
            lambda engine: engine.set_status(tenant_id, template_id, "retired")
        )

    async def restore_template(self, tenant_id: str, template_id: str) -> TemplateSummary:
        """Let it be run again; raises NotFound."""
        return await self._write(lambda engine: engine.set_status(tenant_id, template_id, "active"))

    async def delete_template(self, tenant_id: str, template_id: str) -> TemplateSummary:
        """Delete softly: its activity stays, its name is free again; raises NotFound."""
        return await self._write(lambda engine: engine.delete(tenant_id, template_id))

    async def run(
        self,
        tenant_id: str,
        id_or_name: str,
        parameters: Mapping[str, Any],
        *,
        version: int | None = None,
    ) -> SqlQueryResult:
        """Run a template with values by name, in its newest version unless told.

        The run is in the activity before its result is handed out: who, template and version,
        names of the values, rows, bytes, time and outcome, also where it was refused.

        Raises:
            NotFound: This tenant has no such template or version.
            LifecycleRefused: It is retired, or what it runs on is gone or out of use.
            SqlInjectionAttemptError: A value looks like an injection; `field` names the parameter.
            SqlGatewayError: A value or the statement was refused, or the database failed.
            CredentialError: A secret cannot be read.
            ReadOnlyRefused: The run is read-only, so it could not be recorded.
        """
        return await self._runner.run(tenant_id, id_or_name, parameters, version)

    async def versions(self, tenant_id: str, id_or_name: str) -> tuple[TemplateDetail, ...]:
        """Return every version of a template whole, newest first; raises NotFound."""
        return await self._read(lambda engine: engine.versions(tenant_id, id_or_name))

    async def runs(
        self, tenant_id: str, template_id: str, limit: int = 20
    ) -> tuple[TemplateRun, ...]:
        """Return the last runs of a template, newest first.

        Raises:
            NotFound: This tenant has no such template.
            InvalidInput: The limit is not 1 to 1,000.
        """
        require_limit(limit)
        return await self._read(lambda engine: engine.runs(tenant_id, template_id, limit))

    async def aclose(self) -> None:
        """End what runs and close what is kept open; calling it again does nothing."""
        if "_runner" in self.__dict__:
            await self._runner.aclose()

    @cached_property
    def _runner(self) -> Runner:
        from engine.gateway.runs import Runner

        return Runner(self._hop, self._engine, self._credentials, self._tools)

    async def _read(self, work: Callable[[GatewayEngine], T]) -> T:
        return await self._hop.read(lambda connection: work(self._engine(connection)))

    async def _write(self, work: Callable[[GatewayEngine], T], *, secrets: bool = False) -> T:
        self._hop.require_writable()
        await ready(_NEEDED, self._credentials if secrets else None)
        return await self._hop.write(
            lambda connection: work(self._engine(connection)), durable=secrets
        )

    def _engine(self, connection: Connection) -> GatewayEngine:
        from engine.gateway.engine import GatewayEngine

        return GatewayEngine(
            connection, self._hop, self._credentials, roles=self._hop.settings.roles
        )


def get_gateway_facade() -> GatewayFacade:
    """Return the facade of the process's default workspace."""
    return cast("GatewayFacade", default_facade("gateway"))
