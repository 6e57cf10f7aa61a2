"""How gateways, templates and runs look in the command line's texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from engine.jsonable import JsonRecord
from tui.cli.shows import latency, pairs, time
from tui.cli.table import Column, can_draw, facts
from tui.gateway.words import seconds, size
from tui.text import NOTHING, clean, number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.gateway.results import TemplateDetail


def rows(value: object) -> str:
    """Return a number of rows."""
    return number(value) if isinstance(value, int) else NOTHING


def octets(value: object) -> str:
    """Return bytes in the unit that suits them."""
    return size(value) if isinstance(value, int) else NOTHING


def timeout(value: object) -> str:
    """Return a time limit."""
    return seconds(value) if isinstance(value, int | float) else NOTHING


def on_off(value: object) -> str:
    """Return whether something is on."""
    return "on" if value else "off"


def tables(value: object) -> str:
    """Return the only tables that may be read; none named means any."""
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) and value else "any"


GATEWAY = (
    Column(title="NAME", key="name"),
    Column(title="KIND", key="kind"),
    Column(title="TECHNOLOGY", key="technology"),
    Column(title="ROWS", key="max_rows", show=rows, right=True),
    Column(title="BYTES", key="max_result_bytes", show=octets, right=True),
    Column(title="TIMEOUT", key="timeout_seconds", show=timeout, right=True),
    Column(title="TRIPWIRE", key="tripwire", show=on_off),
    Column(title="TABLES", key="tables", show=tables),
    Column(title="ROLE", key="username"),
    Column(title="TEMPLATES", key="templates", right=True),
    Column(title="PROBLEM", key="problem"),
    Column(title="ID", key="id"),
)
OFFERS = (
    Column(title="NAME", key="name"),
    Column(title="KIND", key="kind"),
    Column(title="TECHNOLOGY", key="technology"),
    Column(title="DIALECT", key="dialect"),
    Column(title="PROBLEM", key="problem"),
    Column(title="ID", key="thing_id"),
)
GATEWAY_FACTS = (
    Column(title="name", key="name"),
    Column(title="id", key="id"),
    Column(title="kind", key="kind"),
    Column(title="technology", key="technology"),
    Column(title="rows at most", key="max_rows", show=rows),
    Column(title="bytes at most", key="max_result_bytes", show=octets),
    Column(title="timeout", key="timeout_seconds", show=timeout),
    Column(title="tripwire", key="tripwire", show=on_off),
    Column(title="tables", key="tables", show=tables),
    Column(title="role", key="username"),
    Column(title="password", key="credential_ref"),
    Column(title="templates", key="templates"),
    Column(title="problem", key="problem"),
    Column(title="version", key="version"),
)
RUNS = (
    Column(title="AT", key="at", show=time),
    Column(title="WHO", key="actor"),
    Column(title="BY", key="origin"),
    Column(title="VERSION", key="version", right=True),
    Column(title="OUTCOME", key="outcome"),
    Column(title="ROWS", key="rows", show=rows, right=True),
    Column(title="BYTES", key="result_bytes", show=octets, right=True),
    Column(title="TOOK", key="duration_ms", show=latency, right=True),
    Column(title="PARAMETERS", key="parameters", show=pairs),
    Column(title="MESSAGE", key="message"),
)
VERSIONS = (
    Column(title="VERSION", key="version", right=True),
    Column(title="WRITTEN", key="written_at", show=time),
    Column(title="BY", key="written_by"),
    Column(title="ROWS", key="max_rows", show=rows, right=True),
    Column(title="TIMEOUT", key="timeout_seconds", show=timeout, right=True),
    Column(title="PARAMETERS", key="parameters"),
    Column(title="SQL", key="sql"),
)
_TEMPLATE = (
    Column(title="name", key="name"),
    Column(title="id", key="id"),
    Column(title="description", key="description"),
    Column(title="status", key="status"),
    Column(title="runs on", key="gateway"),
    Column(title="runs", key="runs", show=rows),
    Column(title="last run", key="last_run_at", show=time),
    Column(title="last outcome", key="last_outcome"),
    Column(title="problem", key="problem"),
)
_VERSION = (
    Column(title="version", key="version"),
    Column(title="written", key="written_at", show=time),
    Column(title="by", key="written_by"),
    Column(title="rows at most", key="max_rows", show=rows),
    Column(title="timeout", key="timeout_seconds", show=timeout),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionLine(JsonRecord):
    """A version on one line; parameters as they are declared."""

    version: int
    written_at: datetime
    written_by: str | None
    max_rows: int | None
    timeout_seconds: float | None
    parameters: str
    sql: str

    @classmethod
    def of(cls, found: TemplateDetail) -> VersionLine:
        """Return the line of a version."""
        return cls(
            version=found.version,
            written_at=found.written_at,
            written_by=found.written_by,
            max_rows=found.max_rows,
            timeout_seconds=found.timeout_seconds,
            parameters="; ".join(declarations(found)),
            sql=found.sql,
        )


def declarations(found: TemplateDetail) -> Sequence[str]:
    """Return the declarations of a version, a line each, as they may be given again."""
    from engine.gateway.parameters.notation import declaration

    return [declaration(spec) for spec in found.parameters]


def detail_text(found: TemplateDetail, stream: TextIO) -> str:
    """Return a version whole: facts, a line for each parameter, then the SQL as it is."""
    plain = not can_draw(stream)
    said = [(column.title, column.text(found.template, ascii_only=plain)) for column in _TEMPLATE]
    said += [(column.title, column.text(found, ascii_only=plain)) for column in _VERSION]
    parts = [facts([pair for pair in said if pair[1] != NOTHING])]
    told = declarations(found)
    if told:
        parts.append("\nparameters\n" + "".join(f"  {clean(line)}\n" for line in told))
    sql = "".join(f"  {clean(line.expandtabs(4))}\n" for line in found.sql.splitlines())
    return "".join((*parts, "\nSQL\n", sql))
