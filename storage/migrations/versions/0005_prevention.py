"""The ledgers of prevention, which nobody changes, and what was proved of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPENDED = ("prevention_records", "prevention_verifications", "prevention_breaks")
TAKEN = {
    "prevention_verifications": "id = NEW.id",
    "prevention_breaks": "tenant_id = NEW.tenant_id AND until >= NEW.until",
}
REFUSE = """CREATE OR REPLACE FUNCTION prevention_refuse() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$ LANGUAGE plpgsql"""


def upgrade() -> None:
    """Adds the tables, and what lets nobody change them."""
    _records()
    _ledgers()
    _verifications()
    _breaks()
    _policies()
    if op.get_bind().dialect.name == "sqlite":
        _protect_on_sqlite()
    else:
        _protect_on_postgresql()


def _told(name: str, cast: str = "") -> sa.Computed:
    if op.get_bind().dialect.name == "sqlite":
        return sa.Computed(f"json_extract(body, '$.{name}')", persisted=False)
    told = f"(body::json ->> '{name}')"
    return sa.Computed(f"{told}::{cast}" if cast else told, persisted=True)


def _records() -> None:
    op.create_table(
        "prevention_records",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", WORDS, nullable=False),
        sa.Column("policy_id", WORDS, _told("policy_id")),
        sa.Column("is_simulated", sa.Boolean(), _told("is_simulated", "boolean")),
        sa.Column("created_at", sa.BigInteger(), _told("created_at", "bigint")),
        sa.PrimaryKeyConstraint("tenant_id", "seq", name="pk_prevention_records"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "prevention_records_of_policy",
        "prevention_records",
        ["tenant_id", "policy_id", "is_simulated", "created_at", "seq"],
    )


def _ledgers() -> None:
    op.create_table(
        "prevention_ledgers",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_prevention_ledgers"),
        sqlite_with_rowid=False,
    )


def _verifications() -> None:
    op.create_table(
        "prevention_verifications",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("verified", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("fault_seq", sa.BigInteger(), nullable=True),
        sa.Column("fault_kind", WORDS, nullable=True),
        sa.Column("fault_message", WORDS, nullable=True),
        sa.Column("checkpoints", sa.Integer(), nullable=False),
        sa.Column("breaks", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_prevention_verifications"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "prevention_verifications_of_tenant", "prevention_verifications", ["tenant_id", "id"]
    )


def _breaks() -> None:
    op.create_table(
        "prevention_breaks",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("until", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "until", name="pk_prevention_breaks"),
        sqlite_with_rowid=False,
    )


def _policies() -> None:
    op.create_table(
        "prevention_policies",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("policy_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("mode", WORDS, nullable=False),
        sa.Column("activated_at", sa.BigInteger(), nullable=True),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "policy_id", name="pk_prevention_policies"),
        sqlite_with_rowid=False,
    )


def _protect_on_sqlite() -> None:
    for table in APPENDED:
        says = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for deed in ("UPDATE", "DELETE"):
            name = f"{table}_no_{deed.lower()}"
            op.execute(f"CREATE TRIGGER {name} BEFORE {deed} ON {table} {says}")
    for table, taken in TAKEN.items():
        says = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) {says}"
        )
    op.execute(
        "CREATE TRIGGER prevention_records_no_replace AFTER INSERT ON prevention_records "
        "WHEN NEW.seq <= coalesce((SELECT seq FROM prevention_ledgers "
        "WHERE tenant_id = NEW.tenant_id), 0) "
        "BEGIN SELECT RAISE(ABORT, 'prevention_records is append-only'); END"
    )
    table = "prevention_ledgers"
    says = f"BEGIN SELECT RAISE(ABORT, '{table} only goes forward'); END"
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {says}")
    op.execute(
        f"CREATE TRIGGER {table}_no_return BEFORE UPDATE ON {table} "
        f"WHEN NEW.seq <= OLD.seq OR NEW.tenant_id <> OLD.tenant_id {says}"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE tenant_id = NEW.tenant_id) {says}"
    )


def _protect_on_postgresql() -> None:
    op.execute(REFUSE)
    for table in (*APPENDED, "prevention_ledgers"):
        deeds = "UPDATE OR DELETE OR TRUNCATE" if table in APPENDED else "DELETE OR TRUNCATE"
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {deeds} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION prevention_refuse()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")
    table = "prevention_ledgers"
    op.execute(
        f"CREATE TRIGGER {table}_no_return BEFORE UPDATE ON {table} FOR EACH ROW "
        "WHEN (NEW.seq <= OLD.seq OR NEW.tenant_id <> OLD.tenant_id) "
        "EXECUTE FUNCTION prevention_refuse()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_return")
