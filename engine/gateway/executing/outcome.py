"""What a run brought, as every driver tells it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from engine.gateway.model import SqlQueryResult

if TYPE_CHECKING:
    from engine.gateway.executing.gathering import Gathered
    from engine.gateway.executing.plan import Plan
    from engine.gateway.model import ResultColumn


def outcome(
    plan: Plan, columns: tuple[ResultColumn, ...], gathered: Gathered, began: float
) -> SqlQueryResult:
    """Return a run's result.

    Args:
        plan: The run.
        columns: In order.
        gathered: Its rows, cut at the caps.
        began: When the database was asked, of `time.perf_counter`.
    """
    return SqlQueryResult(
        template_id=plan.template_id,
        version=plan.version,
        columns=columns,
        rows=tuple(gathered.rows),
        row_count=len(gathered.rows),
        result_bytes=gathered.size,
        truncated=gathered.full,
        truncated_by=gathered.truncated_by,
        duration_ms=round((time.perf_counter() - began) * 1000),
    )
