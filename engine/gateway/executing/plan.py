"""What one run is, and what runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from engine.gateway.model import DEFAULT_MAX_RESULT_BYTES, DEFAULT_MAX_ROWS, DEFAULT_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.gateway.model import SqlQueryResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """One run of a template, with everything that bounds it.

    Attributes:
        template_id: Which template; the result says so.
        version: Which version of it.
        sql: Its text, placeholders and all.
        values: Values by parameter's name, as `coerce` returned them.
        order: The names that `$1`, `$2` and so on stand for.
        max_rows: Rows at most.
        max_result_bytes: Bytes at most: texts count their UTF-8, numbers and times 8 each.
        timeout_seconds: After which the run is ended, connecting included.
    """

    template_id: str
    version: int
    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    max_rows: int = DEFAULT_MAX_ROWS
    max_result_bytes: int = DEFAULT_MAX_RESULT_BYTES
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS


class SqlDriver(Protocol):
    """Runs plans on one database; what it keeps open is closed by `close`."""

    async def run(self, plan: Plan) -> SqlQueryResult:
        """Run one plan, and leave nothing of it behind.

        Raises:
            SqlGatewayError: It was refused, failed, or took too long.
        """
        ...

    async def close(self) -> None:
        """Close what is open; a run afterwards opens it again."""
        ...
