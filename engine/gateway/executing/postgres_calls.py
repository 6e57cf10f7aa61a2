"""Functions that a run on PostgreSQL may call: those that PostgreSQL says do nothing but compute.

A function that is not volatile cannot change anything (the manual, "Function Volatility
Categories"). Some of the volatile ones only read or count, and are let through by name.
"""

from __future__ import annotations

import re

from engine.gateway.executing.calling import called, spells_names_out

# Each is volatile because it answers differently each time, and for nothing else.
HARMLESS = frozenset(
    {
        *("random", "random_normal", "clock_timestamp", "timeofday"),
        *("gen_random_uuid", "uuidv4", "uuidv7", "uuid_generate_v1", "uuid_generate_v4"),
        *("pg_relation_size", "pg_table_size", "pg_total_relation_size", "pg_indexes_size"),
        *("pg_database_size", "pg_tablespace_size", "pg_is_in_recovery", "pg_current_wal_lsn"),
        *("pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn", "pg_last_xact_replay_timestamp"),
    }
)
# PostgreSQL's own functions of a name go before anybody's of the same, unless a schema is named.
STATEMENT = b"""
WITH named AS (
    SELECT p.proname::text AS name, p.provolatile = 'v' AS may_change,
           p.pronamespace = 'pg_catalog'::regnamespace AS own
    FROM pg_catalog.pg_proc AS p WHERE p.proname::text = ANY ($1::text[])
)
SELECT v.name FROM named AS v
WHERE v.may_change AND (
    v.own OR v.name = ANY ($2::text[])
    OR NOT EXISTS (SELECT FROM named AS o WHERE o.own AND o.name = v.name)
)
ORDER BY 1 LIMIT 1
"""
_QUALIFIED = re.compile(r"(?:\.|\*/|--[^\n]*\n)\s*\"?([^\W\d][\w$]*)")


def asked_of(sql: str) -> str | tuple[str, str]:
    """Return what a statement may call: the arrays that STATEMENT takes, or a refused name.

    The arrays are of all names, and of those that stand behind a schema.
    """
    if spells_names_out(sql):
        return 'U&"…"'
    names = called(sql) - HARMLESS
    after = {word for found in _QUALIFIED.findall(sql) for word in (found, found.lower())}
    return _array(names), _array(names & after)


def _array(names: frozenset[str] | set[str]) -> str:
    """Return an array as PostgreSQL reads it; a name has neither quotes nor backslashes."""
    return "{" + ",".join(f'"{name}"' for name in sorted(names)) + "}"
