"""The governed way to a database: templates run by id, with values, under caps."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.gateway.errors import SqlGatewayError, SqlInjectionAttemptError
from engine.gateway.model import SqlQueryRequest
from engine.gateway.registry import found, judge, require_reading

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.credentials.protocol import CredentialService
    from engine.gateway.executing import Plan, SqlDriver
    from engine.gateway.model import (
        ParameterSpec,
        QueryTemplate,
        SqlGatewayConfig,
        SqlQueryResult,
    )
    from engine.gateway.registry import Templates

GENERIC = "generic"
"""What templates are judged as where the driver does not say what it speaks."""

LONG = 20_000
"""Characters of values from which on they are looked at beside the event loop."""

REMEMBERED = 1_000
"""Versions of templates that are not judged again; beyond that all are, one by one."""


class SqlGatewayService:
    """Governed SQL gateway: runs registered templates, and nothing else.

    A statement is judged before its first run, values are coerced strictly and looked at by the
    tripwire, and the driver binds them; see `execute`. It needs no workspace: a registry or a
    mapping of templates, and something that gives the connection string, are enough.

    Args:
        config: What it may do, and where.
        template_registry: A mapping of templates by id, or what has a `get` of its own.
        credential_service: Gives what `config.connection_string_ref` points to.
        driver: Runs statements; None makes one from the connection string at the first run,
            and `aclose` closes it.
        dialect: What templates are judged as; None is what the driver speaks.
        tables: The only tables that may be read; empty means any.
        judged: What was judged already, shared by services over the same database.
    """

    def __init__(  # noqa: PLR0913 - the seed's four, and what a stored gateway knows
        self,
        config: SqlGatewayConfig,
        template_registry: Templates | Mapping[str, QueryTemplate],
        credential_service: CredentialService,
        driver: SqlDriver | None = None,
        *,
        dialect: str | None = None,
        tables: Collection[str] = (),
        judged: dict[tuple[str, int], tuple[Any, ...]] | None = None,
    ) -> None:
        self._config = config
        self._registry = template_registry
        self._credentials = credential_service
        self._driver = driver
        self._own: SqlDriver | None = None
        self._opening = asyncio.Lock()
        self._dialect = dialect
        self._tables = tuple(tables)
        self._judged = {} if judged is None else judged

    @property
    def id(self) -> str:
        """The gateway's id."""
        return self._config.id

    async def execute(
        self,
        action: str,
        payload: Mapping[str, Any] | SqlQueryRequest | None = None,
        tenant_id: str | None = None,
    ) -> SqlQueryResult:
        """Run a template with values.

        Args:
            action: The template's id.
            payload: Values by name; or a request, which may name the version too.
            tenant_id: Who asks; another tenant's gateway answers as if it had no templates.

        Raises:
            NotFound: There is no such template here, or it may not run here.
            TemplateRefused: Its statement may not run.
            SqlInjectionAttemptError: A value looks like an injection; `field` names it.
            SqlGatewayError: A value was refused, or the run failed.
            CredentialError: The connection string cannot be read.
        """
        plan = await self.plan(action, payload, tenant_id)
        return await self.perform(plan)

    async def plan(
        self,
        action: str,
        payload: Mapping[str, Any] | SqlQueryRequest | None = None,
        tenant_id: str | None = None,
    ) -> Plan:
        """Return what `execute` would ask of the database; raises what that refuses."""
        from engine.gateway.executing import Plan

        version, values = _asked(payload)
        template = self._resolve_template(action, tenant_id, version)
        await self._judge(template)
        if _characters(values) > LONG:
            bound = await asyncio.to_thread(self._validate_parameters, template, values)
        else:
            bound = self._validate_parameters(template, values)
        return Plan(
            template_id=template.id,
            version=template.version,
            sql=template.sql,
            values=bound,
            order=tuple(spec.name for spec in template.parameters),
            max_rows=min(self._config.max_rows, template.max_rows or self._config.max_rows),
            max_result_bytes=self._config.max_result_bytes,
            timeout_seconds=min(
                self._config.timeout_seconds,
                template.timeout_seconds or self._config.timeout_seconds,
            ),
        )

    async def perform(self, plan: Plan) -> SqlQueryResult:
        """Ask the database what was planned; raises SqlGatewayError, CredentialError."""
        return await (await self._opened()).run(plan)

    async def aclose(self) -> None:
        """Close the driver that it made itself; one that was given stays open."""
        own, self._own = self._own, None
        if own is not None:
            await own.close()

    def _resolve_template(
        self, action: str, tenant_id: str | None = None, version: int | None = None
    ) -> QueryTemplate:
        """Return the template of that id, if it may run here; raises NotFound."""
        mine = self._config.tenant_id is None or self._config.tenant_id == tenant_id
        allowed = mine and action in self._config.allowed_templates
        template = found(self._registry, action, version) if allowed else None
        if template is None:
            raise NotFound(
                "This gateway has no such template.",
                hint="Name one of its own, and a version that there is.",
                field="action",
            )
        require_reading(template)
        if self._config.read_only is not True:
            raise SqlGatewayError(
                "A gateway is for reading alone, and this one says that it is not.",
                code="not_reading",
            )
        return template

    def _validate_parameters(
        self, template: QueryTemplate, payload: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return every parameter's value as a driver binds it; raises SqlGatewayError."""
        from engine.gateway.parameters import coerce

        values = coerce(template.parameters, payload)
        for name, value in values.items():
            self._check_sql_injection(name, value)
        return values

    def _coerce_parameter(self, spec: ParameterSpec, value: Any) -> Any:
        """Return one parameter's value as a driver binds it; raises SqlGatewayError."""
        from engine.gateway.parameters import coerce

        return coerce((spec,), {spec.name: value})[spec.name]

    def _check_sql_injection(self, name: str, value: Any) -> None:
        """Raise SqlInjectionAttemptError for a text, or one in a list, that looks like one."""
        if not self._config.tripwire:
            return
        from engine.gateway.tripwire import look

        for text in value if isinstance(value, tuple | list) else (value,):
            alarm = look(text) if isinstance(text, str) else None
            if alarm is not None:
                raise SqlInjectionAttemptError(
                    f"The value of {name} looks like an SQL injection, so nothing was run.",
                    hint="If it is meant so, whoever set the gateway up can take its tripwire out: "
                    "values are bound, whatever they say.",
                    field=name,
                )

    async def _get_connection_string(self) -> str:
        """Return the connection string in the open; keep it no longer than it takes to connect.

        Raises:
            SqlGatewayError: The gateway has none.
            CredentialError: It cannot be read.
        """
        reference = self._config.connection_string_ref
        if not reference:
            raise SqlGatewayError(
                "The gateway has no connection string.",
                hint="Give the reference of the credential that holds it.",
                code="not_configured",
            )
        return (await self._credentials.get(reference)).value

    async def _judge(self, template: QueryTemplate) -> None:
        """Judge a statement before its first run; raises TemplateRefused, SqlGatewayError."""
        from engine.gateway.parameters import check_specs

        dialect: str = self._dialect or getattr(await self._opened(), "dialect", None) or GENERIC
        key = (template.id, template.version)
        said = (dialect, self._tables, template.sql, template.parameters)
        if self._judged.get(key) != said:
            check_specs(template.parameters)
            await asyncio.to_thread(judge, template, dialect, self._tables)
            if len(self._judged) >= REMEMBERED:
                self._judged.clear()
            self._judged[key] = said

    async def _opened(self) -> SqlDriver:
        if self._driver is not None:
            return self._driver
        async with self._opening:
            if self._own is None:
                from engine.gateway.executing import driver_of_string

                self._own = driver_of_string(await self._get_connection_string())
            return self._own


def _asked(
    payload: Mapping[str, Any] | SqlQueryRequest | None,
) -> tuple[int | None, Mapping[str, Any]]:
    if isinstance(payload, SqlQueryRequest):
        return payload.version, payload.parameters
    if payload is None:
        return None, {}
    if not isinstance(payload, Mapping):
        raise SqlGatewayError("The values must be given by name.", code="invalid_parameter")
    return None, payload


def _characters(values: Mapping[str, Any]) -> int:
    """Return about how much text there is to look at."""
    return sum(
        len(one)
        for value in values.values()
        for one in (value if isinstance(value, list | tuple) else (value,))
        if isinstance(one, str)
    )
