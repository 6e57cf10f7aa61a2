"""Names of relations that a template may not read: the server's own, and files named as tables."""

from __future__ import annotations

from typing import Final

from engine.gateway.judging.lexemes import words

# Passwords, keys and what reads the disk: refused even where an allow-list names them.
SECRET: Final = words(
    """
    pg_shadow pg_authid pg_user_mapping pg_user_mappings pg_largeobject pg_hba_file_rules
    pg_ident_file_mappings pg_file_settings pg_subscription pg_foreign_server pg_statistic
    pg_stats_ext_exprs pg_statistic_ext_data duckdb_secrets sqlite_dbpage sqlite_dbdata sqlite_dbptr
    fsdir zipfile global_priv
    """
)

_SYSTEM_SCHEMAS: Final = {
    "postgres": words("pg_catalog information_schema pg_toast"),
    "mysql": words("mysql information_schema performance_schema sys"),
    "sqlite": words(""),
    "duckdb": words("information_schema pg_catalog system"),
}

_SYSTEM_PREFIXES: Final = {
    "postgres": ("pg_",),
    "mysql": (),
    "sqlite": ("sqlite_", "pragma_"),
    "duckdb": ("duckdb_", "sqlite_", "pragma_", "pg_"),
}

# Virtual tables that SQLite and DuckDB have without anybody having made them.
_SYSTEM_TABLES: Final = words(
    """
    bytecode carray completion csv dbstat fts3tokenize fts5vocab prefixes tables_used wholenumber
    fts4aux statement vsv lines
    """
)

_FILES: Final = tuple(
    f".{ending}"
    for ending in words(
        """
        csv tsv txt json jsonl ndjson geojson parquet pq log arrow arrows feather ipc avro orc
        vortex xlsx xls db duckdb ducklake delta sqlite sqlite3 shp gpkg fgb gz zst bz2 xz zip
        """
    )
)


def secret(parts: tuple[str, ...], dialect: str) -> bool:
    """Tell whether a relation holds what nobody may read through a template."""
    lower = tuple(part.lower() for part in parts)
    schema = lower[-2] if len(lower) > 1 else ""
    return lower[-1] in SECRET or (schema == "mysql" and dialect in {"mysql", "generic"})


def system(parts: tuple[str, ...], dialect: str) -> bool:
    """Tell whether a relation is the server's own: read only where an allow-list names it."""
    lower = tuple(part.lower() for part in parts)
    kinds = tuple(_SYSTEM_SCHEMAS) if dialect == "generic" else (dialect,)
    for kind in kinds:
        prefixes = _SYSTEM_PREFIXES[kind]
        if any(part in _SYSTEM_SCHEMAS[kind] for part in lower[:-1]):
            return True
        if any(part.startswith(("pg_toast", "pg_temp")) for part in lower[:-1]):
            return True
        if prefixes and lower[-1].startswith(prefixes):
            return True
        if kind == "sqlite" and lower[-1] in _SYSTEM_TABLES:
            return True
    return False


def file(parts: tuple[str, ...], dialect: str) -> bool:
    """Tell whether DuckDB would read a file of this name where there is no such table."""
    if dialect not in {"duckdb", "generic"}:
        return False
    whole = ".".join(parts).lower()
    if any(mark in whole for mark in "/\\:*?[]"):
        return True
    return whole.endswith(_FILES) and "." in whole
