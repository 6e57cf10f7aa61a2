"""Templates, results and verdicts of a held day, made as the facade makes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.gateway.model import ParameterSpec, ParameterType, ResultColumn, SqlQueryResult
from engine.gateway.results import GatewaySummary, TemplateDetail, TemplateRun, TemplateSummary

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)


def summary(**changes: object) -> TemplateSummary:
    """A template that ran well twelve minutes ago."""
    made = TemplateSummary(
        id="t1",
        tenant_id="acme-prod",
        name="by-day",
        description="Orders of a day, for the daily mail.",
        status="active",
        gateway_id="g1",
        gateway="orders",
        dialect="sqlite",
        version=3,
        parameters=1,
        runs=1204,
        last_run_at=NOW - timedelta(minutes=12),
        last_outcome="ok",
        created_at=NOW - timedelta(days=9),
        updated_at=NOW - timedelta(days=1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def gateway(**changes: object) -> GatewaySummary:
    """A gateway with its defaults."""
    made = GatewaySummary(
        id="g1",
        tenant_id="acme-prod",
        kind="source",
        thing_id="s1",
        name="orders",
        technology="sqlite",
        dialect="sqlite",
        max_rows=1000,
        max_result_bytes=5 * 1024 * 1024,
        timeout_seconds=30.0,
        tripwire=True,
        tables=(),
        username=None,
        credential_ref=None,
        templates=3,
        version=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def detail(**changes: object) -> TemplateDetail:
    """The newest version of that template."""
    made = TemplateDetail(
        template=summary(),
        version=3,
        sql="select id, total\n  from orders\n where day = :day -- one day",
        parameters=(
            ParameterSpec(
                "day", ParameterType.DATE, description="Which day", min_value="2026-01-01"
            ),
        ),
        max_rows=None,
        timeout_seconds=None,
        written_at=NOW - timedelta(days=1),
        written_by="dana",
        versions=(3, 2, 1),
        gateway=gateway(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def run(**changes: object) -> TemplateRun:
    """A run that went well."""
    made = TemplateRun(
        id=9,
        at=NOW - timedelta(minutes=12),
        actor="dana",
        origin="dashboard",
        version=3,
        outcome="ok",
        message=None,
        rows=204,
        result_bytes=8_123,
        duration_ms=42,
        parameters={"day": "***"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def result(
    rows: tuple[tuple[Any, ...], ...], *names: str, kind: str = "text", **changes: object
) -> SqlQueryResult:
    """What a run brought."""
    made = SqlQueryResult(
        template_id="t1",
        version=3,
        columns=tuple(ResultColumn(name=name, type=kind) for name in names),
        rows=rows,
        row_count=len(rows),
        result_bytes=2048,
        truncated=False,
        truncated_by=None,
        duration_ms=42,
    )
    return replace(made, **changes)  # type: ignore[arg-type]
