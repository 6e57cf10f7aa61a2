"""Rows of the driver into what the facade answers with: pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from engine.gateway.dialects import dialect_of
from engine.gateway.inputs import no_rules_sentence
from engine.gateway.model import QueryTemplate, SqlGatewayConfig
from engine.gateway.parameters.as_json import from_stored
from engine.gateway.results import (
    GatewayOffer,
    GatewaySummary,
    TemplateDetail,
    TemplateRun,
    TemplatesHeadline,
    TemplateSummary,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.gateway.model import ParameterSpec
    from storage.activity import ActivityRow
    from storage.gateway.rows import (
        GatewayListRow,
        GatewayRow,
        TemplateListRow,
        ThingSaid,
        VersionRow,
    )

# The operator's own words for what is not to be used.
_OUT_OF_USE = frozenset({"inactive", "disconnected", "deprecated"})
DECLARED = "declared"
"""Under what a version keeps its declarations."""


def problem_of(thing: ThingSaid) -> str | None:
    """Return why nothing can run on a source or connector; None where it can."""
    if thing.retired_at is not None:
        return f"The {thing.kind} {thing.name} was deleted, so nothing can run on it."
    if dialect_of(thing.technology) is None:
        return no_rules_sentence(thing.technology)
    if thing.status in _OUT_OF_USE:
        return f"The {thing.kind} {thing.name} is {thing.status}, so it is not used."
    return None


def summary(row: GatewayRow, thing: ThingSaid, templates: int) -> GatewaySummary:
    """Return a gateway with its thing."""
    return GatewaySummary(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=row.kind,
        thing_id=row.thing_id,
        name=thing.name,
        technology=thing.technology,
        dialect=dialect_of(thing.technology),
        max_rows=row.max_rows,
        max_result_bytes=row.max_result_bytes,
        timeout_seconds=row.timeout_seconds,
        tripwire=row.tripwire,
        tables=row.tables,
        username=row.username,
        credential_ref=row.credential_ref,
        templates=templates,
        version=row.version,
        problem=problem_of(thing),
    )


def gateway(row: GatewayListRow) -> GatewaySummary:
    """Return a gateway as lists show it."""
    return summary(row.gateway, row.thing, row.templates)


def offer(thing: ThingSaid) -> GatewayOffer:
    """Return a source or connector that templates may be registered for."""
    return GatewayOffer(
        kind=thing.kind,
        thing_id=thing.id,
        name=thing.name,
        technology=thing.technology,
        dialect=dialect_of(thing.technology),
        gateway_id=thing.gateway_id,
        problem=problem_of(thing),
    )


def template(row: TemplateListRow) -> TemplateSummary:
    """Return a template as lists show it."""
    retired = f"The template {row.name} is retired." if row.status != "active" else None
    return TemplateSummary(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        description=row.description,
        status=row.status,
        gateway_id=row.gateway_id,
        gateway=row.thing_name,
        dialect=dialect_of(row.thing_technology),
        version=row.version,
        parameters=row.parameters,
        runs=row.runs,
        last_run_at=row.last_run_at,
        last_outcome=row.last_outcome,
        created_at=row.created_at,
        updated_at=row.updated_at,
        problem=retired or problem_of(row.thing),
    )


def headline(tally: Iterable[tuple[str, str | None, int]]) -> TemplatesHeadline:
    """Return the counts of templates by status and outcome, summed up."""
    templates, retired, outcomes = 0, 0, Counter[str]()
    for status, outcome, count in tally:
        templates += count
        retired += count if status == "retired" else 0
        if outcome is not None:
            outcomes[outcome] += count
    return TemplatesHeadline(templates=templates, retired=retired, outcomes=dict(outcomes))


def parameters_of(version: VersionRow) -> tuple[ParameterSpec, ...]:
    """Return the declarations of a version, in order."""
    declared = cast("Sequence[Mapping[str, Any]]", version.parameters.get(DECLARED, ()))
    return tuple(from_stored(one) for one in declared)


def detail(
    row: TemplateListRow, version: VersionRow, versions: tuple[int, ...], over: GatewaySummary
) -> TemplateDetail:
    """Return one version of a template whole."""
    return TemplateDetail(
        template=template(row),
        version=version.version,
        sql=version.sql,
        parameters=parameters_of(version),
        max_rows=version.max_rows,
        timeout_seconds=version.timeout_seconds,
        written_at=version.written_at,
        written_by=version.written_by,
        versions=versions,
        gateway=over,
    )


def runnable(row: TemplateListRow, version: VersionRow) -> QueryTemplate:
    """Return a version as the service runs it."""
    return QueryTemplate(
        id=row.id,
        name=row.name,
        description=row.description,
        sql=version.sql,
        parameters=parameters_of(version),
        max_rows=version.max_rows,
        timeout_seconds=version.timeout_seconds,
        version=version.version,
    )


def config(over: GatewaySummary, template_id: str) -> SqlGatewayConfig:
    """Return what a stored gateway lets one of its templates do."""
    return SqlGatewayConfig(
        id=over.id,
        name=over.name,
        connection_string_ref=None,
        allowed_templates=frozenset({template_id}),
        max_rows=over.max_rows,
        max_result_bytes=over.max_result_bytes,
        timeout_seconds=over.timeout_seconds,
        tenant_id=over.tenant_id,
        tripwire=over.tripwire,
    )


def run(row: ActivityRow) -> TemplateRun:
    """Return a run as the activity has it."""
    said = cast("Mapping[str, Any]", row.detail)
    return TemplateRun(
        id=row.id,
        at=row.at,
        actor=row.actor,
        origin=row.origin,
        version=int(said.get("version", 0)),
        outcome=str(said.get("outcome", "")),
        message=said.get("message"),
        rows=said.get("rows"),
        result_bytes=said.get("bytes"),
        duration_ms=said.get("duration_ms"),
        parameters=said.get("parameters", {}),
    )
