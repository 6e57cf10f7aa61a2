"""Which functions a template may call, by dialect: those that compute or read, and nothing else.

What is missing here is refused, so a function that writes, sleeps, locks, numbers, reads a file,
opens a connection, changes a setting or runs SQL that it is given as text is simply not listed.
"""

from __future__ import annotations

from functools import cache


@cache
def allowed(dialect: str) -> frozenset[str]:
    """Return the names, in small letters, that may be called in a dialect."""
    from engine.gateway.judging.functions import duckdb, everywhere, mysql, postgres, sqlite
    from engine.gateway.judging.functions.extensions import POSTGRES_EXTENSIONS

    own = {
        "postgres": postgres.FUNCTIONS | POSTGRES_EXTENSIONS,
        "mysql": mysql.FUNCTIONS,
        "sqlite": sqlite.FUNCTIONS,
        "duckdb": duckdb.FUNCTIONS,
    }
    if dialect == "generic":
        # `glob` compares on SQLite, and lists files on DuckDB.
        return everywhere.FUNCTIONS.union(*own.values()) - {"glob"}
    return everywhere.FUNCTIONS | own[dialect]


# Functions that stand where a table stands; SQLite and DuckDB have others that read files.
TABLE_FUNCTIONS = {
    "sqlite": frozenset({"json_each", "json_tree", "generate_series", "jsonb_each", "jsonb_tree"}),
    "duckdb": frozenset({"range", "generate_series", "unnest", "json_each", "json_tree", "repeat"}),
}
