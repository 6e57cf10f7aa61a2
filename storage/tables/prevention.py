"""What policies prevented: ledgers that only ever grow, and what was proved of them.

The database itself refuses to change them: triggers on both, which come with the tables. Whoever
owns the file can drop a trigger, and is found out by the chain: each record's digest is taken
over the one before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Index,
    Integer,
    LargeBinary,
    Table,
    text,
)
from sqlalchemy.ext.compiler import compiles

from storage.tables.core import metadata
from storage.tables.guards import protect
from storage.types import RowNumber, UtcMillis, Words

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import DDLCompiler


class Told(Computed):
    """A column that the database reads from a record's body, so that the two cannot disagree.

    SQLite reads it whenever it is asked for; PostgreSQL before 18 can only keep it.
    """

    inherit_cache = True

    def __init__(self, name: str, *, cast: str = "") -> None:
        self.sqlite = f"json_extract(body, '$.{name}')"
        told = f"(body::json ->> '{name}')"
        self.postgresql = f"{told}::{cast}" if cast else told
        super().__init__(text(self.sqlite), persisted=True)
        self._told = (name, cast)

    def _copy(self, **_: Any) -> Told:
        name, cast = self._told
        return Told(name, cast=cast)


@compiles(Told, "sqlite")
def _told_on_sqlite(told: Told, _compiler: DDLCompiler, **_: Any) -> str:
    return f"GENERATED ALWAYS AS ({told.sqlite}) VIRTUAL"


@compiles(Told, "postgresql")
def _told_on_postgresql(told: Told, _compiler: DDLCompiler, **_: Any) -> str:
    return f"GENERATED ALWAYS AS ({told.postgresql}) STORED"


# The body is the canonical form, to the letter as it was hashed. Without a rowid there is no
# second key by which `INSERT OR REPLACE` could reach a record.
prevention_records = Table(
    "prevention_records",
    metadata,
    Column("tenant_id", Words, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False),
    Column("body", Words, nullable=False),
    Column("policy_id", Words, Told("policy_id")),
    Column("is_simulated", Boolean, Told("is_simulated", cast="boolean")),
    Column("created_at", BigInteger, Told("created_at", cast="bigint")),
    sqlite_with_rowid=False,
)
# Graduation counts a policy's real records since a moment; lists are filtered and sorted by it.
Index(
    "prevention_records_of_policy",
    prevention_records.c.tenant_id,
    prevention_records.c.policy_id,
    prevention_records.c.is_simulated,
    prevention_records.c.created_at,
    prevention_records.c.seq,
)

# Where each tenant's ledger is: its last number and digest, which tell of a last record that is
# gone. On PostgreSQL this row is what writers of one ledger wait for each other at.
prevention_ledgers = Table(
    "prevention_ledgers",
    metadata,
    Column("tenant_id", Words, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("written_at", UtcMillis),
    sqlite_with_rowid=False,
)

# What each verification found; the last one is the ledger's lamp.
prevention_verifications = Table(
    "prevention_verifications",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("tenant_id", Words, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("ok", Boolean(create_constraint=False), nullable=False),
    Column("since", BigInteger, nullable=False),
    # The last number that was proved, and its digest: the next one may go on from there.
    Column("seq", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("verified", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("fault_seq", BigInteger),
    Column("fault_kind", Words),
    Column("fault_message", Words),
    Column("checkpoints", Integer, nullable=False),
    Column("breaks", Integer, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
Index(
    "prevention_verifications_of_tenant",
    prevention_verifications.c.tenant_id,
    prevention_verifications.c.id,
)

# Faults that the operator accepted, so that the ledger goes on; see `engine.prevention.breaks`.
prevention_breaks = Table(
    "prevention_breaks",
    metadata,
    Column("tenant_id", Words, primary_key=True),
    Column("until", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", Words, nullable=False),
    # What the chain goes on from: it is taken over all that was given up, and over this row.
    Column("digest", LargeBinary, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("actor", Words, nullable=False),
    Column("reason", Words, nullable=False),
    sqlite_with_rowid=False,
)

prevention_policies = Table(
    "prevention_policies",
    metadata,
    Column("tenant_id", Words, primary_key=True),
    Column("policy_id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("mode", Words, nullable=False),
    Column("activated_at", UtcMillis),
    Column("needed", Integer, nullable=False),
    Column("updated_at", UtcMillis, nullable=False),
    sqlite_with_rowid=False,
)

protect(metadata)
