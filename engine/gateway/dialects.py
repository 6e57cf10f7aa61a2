"""Which dialect of SQL a technology speaks; the gateway has rules for these alone."""

from __future__ import annotations

from typing import Final

_BY_TECHNOLOGY: Final = {
    "postgresql": "postgres",
    "pgvector": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}


def dialect_of(technology: str | None) -> str | None:
    """Return one of `results.DIALECTS`, or None where no rules exist for the technology."""
    return _BY_TECHNOLOGY.get((technology or "").lower())
