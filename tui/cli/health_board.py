"""The board as a table: lamps worst first, as they are or as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.filters import parse_filter
from engine.health.model import ALL_WINDOWS
from engine.jsonable import JsonRecord
from tui import dates, text
from tui.cli.session import narrate
from tui.cli.shows import latency, time
from tui.cli.table import Column

if TYPE_CHECKING:
    from datetime import datetime

    from engine.health.model import Board, BoardRow
    from engine.workspace import Workspace
    from tui.cli.session import Session


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardLine(JsonRecord):
    """One lamp; each uptime is the share of checks that did not fail, 0 to 1, or None."""

    state: str
    kind: str
    id: str
    name: str
    technology: str
    error: str | None
    message: str | None
    since: datetime | None
    latency_ms: int | None
    checked_at: datetime | None
    uptime_24h: float | None
    uptime_7d: float | None
    uptime_30d: float | None
    uptime_90d: float | None
    uptime_365d: float | None


def share(value: object) -> str:
    """Return a share of 0..1 in per cent; what failed at all is never 100."""
    if not isinstance(value, int | float):
        return text.NOTHING
    return "100%" if value >= 1 else text.percent(value * 100, digits=2)


COLUMNS = (
    Column(title="HEALTH", key="state", state=True),
    Column(title="NAME", key="name"),
    Column(title="KIND", key="kind"),
    Column(title="TECHNOLOGY", key="technology"),
    Column(title="ERROR", key="error"),
    Column(title="SINCE", key="since", show=time),
    Column(title="LATENCY", key="latency_ms", show=latency, right=True),
    Column(title="CHECKED", key="checked_at", show=time),
    Column(title="24 H", key="uptime_24h", show=share, right=True),
    Column(title="7 D", key="uptime_7d", show=share, right=True),
    Column(title="30 D", key="uptime_30d", show=share, right=True),
    Column(title="90 D", key="uptime_90d", show=share, right=True),
    Column(title="365 D", key="uptime_365d", show=share, right=True),
)


async def show(  # noqa: PLR0913 - what to show, by name
    session: Session,
    workspace: Workspace,
    tenant: str,
    *,
    filter_: str,
    kind: str | None,
    at: str | None,
    limit: int,
) -> None:
    """Print the lamps of a tenant that match, as they are or as they were at a time.

    Raises:
        InvalidInput: What was said is no moment, or one that is still to come.
    """
    await workspace.tenants.get(tenant)
    terms, now = parse_filter(filter_), workspace.clock.now()
    if at is None:
        board = await workspace.health.board(
            tenant, kind=kind, limit=limit, terms=terms, windows=ALL_WINDOWS
        )
    else:
        when = dates.since(at, now, "at")
        board = await workspace.health.board_at(
            tenant, when, kind=kind, limit=limit, terms=terms, windows=ALL_WINDOWS
        )
    lines = [_line(row) for group in board.groups for row in group.rows]
    session.output.listing([lines], len(lines), COLUMNS)
    narrate(_sentence(board, len(lines)))


def _line(row: BoardRow) -> BoardLine:
    lamp, uptime = row.lamp, row.uptime
    return BoardLine(
        state=lamp.state,
        kind=lamp.kind,
        id=lamp.id,
        name=lamp.name,
        technology=lamp.technology,
        error=lamp.error,
        message=lamp.message,
        since=lamp.since,
        latency_ms=lamp.latency_ms,
        checked_at=lamp.checked_at,
        uptime_24h=uptime.day,
        uptime_7d=uptime.week,
        uptime_30d=uptime.month,
        uptime_90d=uptime.quarter,
        uptime_365d=uptime.year,
    )


def _sentence(board: Board, shown: int) -> str:
    counts = ", ".join(f"{count:,} {state}" for state, count in board.counts.items() if count)
    then = "" if board.at is None else f"As it was at {time(board.at)}: "
    total = sum(group.total for group in board.groups)
    more = f" {total - shown:,} more match; --limit shows them." if total > shown else ""
    return f"{then}{counts or 'no lamp'}.{more}"
