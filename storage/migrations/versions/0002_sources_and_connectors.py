"""Data sources and connectors beside integrations; who may see a thing; which secrets are used.

The text that filters search is a stored column made from others, which SQLite can neither add
nor change: there the table of targets is made anew and filled from the old one. PostgreSQL
changes it where it is.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = sa.text("retired_at IS NULL")
KEPT = sa.text("deleted_at IS NULL")
SEARCHED = (
    "sort_name || ' ' || type || CASE WHEN technology = type THEN '' ELSE ' ' || technology END "
    "|| ' ' || status || ' ' || state || ' ' || coalesce(error, '') || tags || owner"
)
LAST = ("sort_name", "number", "search", "access")
LIVE_INDEXES = {
    "targets_by_name": ("tenant_id", "kind"),
    "targets_by_type": ("tenant_id", "kind", "type"),
    "targets_by_technology": ("tenant_id", "kind", "technology"),
    "targets_by_status": ("tenant_id", "kind", "status"),
    "targets_by_state": ("tenant_id", "kind", "state_rank"),
    "targets_by_latency": ("tenant_id", "kind", "latency_key"),
    "targets_by_checked": ("tenant_id", "kind", "checked_key"),
    "targets_by_passed": ("tenant_id", "kind", "passed_key"),
    "targets_by_created": ("tenant_id", "kind", "created_at"),
    "targets_by_owner": ("tenant_id", "kind", "owner"),
    "targets_worst": ("tenant_id", "state_rank"),
    "targets_worst_of_all": ("state_rank",),
}
OLD_LIVE_INDEXES = sorted(
    LIVE_INDEXES.keys() - {"targets_by_type", "targets_by_passed", "targets_by_owner"}
)
KEPT_COLUMNS = (
    "number, kind, id, tenant_id, name, sort_name, technology, status, active, interval_s, "
    "due_at, lease_owner, lease_until, retry_at, forced_at, state, state_rank, error, message, "
    "remedy, stage, latency_ms, status_code, checked_at, since, failures_in_row, loop_lag_ms, "
    "created_at, retired_at"
)
# What the newest check says, for what was never kept so far.
LAST_ERROR = "CASE WHEN state = 'failing' THEN coalesce(message, error) END"


def upgrade() -> None:
    """Adds the new tables and columns, and fills them from what there is."""
    _things("sources", _words("access_roles"))
    _things(
        "connectors",
        sa.Column("endpoint", WORDS, nullable=True),
        _words("capabilities"),
        _open_part("discovered"),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
    )
    _secret_uses()
    if op.get_bind().dialect.name == "sqlite":
        _make_targets_anew()
    else:
        _change_targets()
    _count_checks()
    _index_targets()


def _words(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=sa.text("'[]'"), nullable=False)


def _open_part(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), server_default=sa.text("'{}'"), nullable=False)


def _things(table: str, *own: sa.Column[Any]) -> None:
    op.create_table(
        table,
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("sort_name", WORDS, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("technology", WORDS, nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        _open_part("config"),
        _open_part("secrets"),
        _words("tags"),
        _open_part("metadata"),
        sa.Column("owner_id", WORDS, nullable=True),
        sa.Column("interval_s", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", WORDS, nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        *own,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id"),
    )
    op.create_index(
        f"{table}_name_taken",
        table,
        ["tenant_id", "sort_name"],
        unique=True,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )


def _secret_uses() -> None:
    op.create_table(
        "secret_uses",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("credential_ref", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("thing_id", WORDS, nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "credential_ref", "kind", "thing_id", name="pk_secret_uses"
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_secret_uses_tenant_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("secret_uses_of_thing", "secret_uses", ["kind", "thing_id"])
    op.execute(
        "INSERT INTO secret_uses (tenant_id, credential_ref, kind, thing_id) "
        "SELECT tenant_id, credential_ref, 'integration', id FROM integrations "
        "WHERE deleted_at IS NULL AND credential_ref <> ''"
    )
    op.drop_index("integrations_by_credential", "integrations")


def _make_targets_anew() -> None:
    # Copied, not renamed: a rename would take along what refers to the table. Until the commit
    # nothing has to refer to what is there.
    op.execute("PRAGMA defer_foreign_keys=ON")
    op.execute(f"CREATE TABLE targets_before AS SELECT {KEPT_COLUMNS} FROM targets")  # noqa: S608
    op.execute("DROP TABLE targets")
    _targets()
    op.execute(
        f"INSERT INTO targets ({KEPT_COLUMNS}, type, last_error) "  # noqa: S608  (names)
        f"SELECT {KEPT_COLUMNS}, technology, {LAST_ERROR} FROM targets_before"
    )
    op.execute("DROP TABLE targets_before")
    op.create_index("targets_thing", "targets", ["kind", "id"], unique=True)
    for name, columns in {
        "targets_due": ("due_at", "lease_until"),
        "targets_leased": ("lease_owner",),
    }.items():
        where = sa.text(f"{columns[0]} IS NOT NULL")
        op.create_index(name, "targets", [*columns], sqlite_where=where)


def _targets() -> None:
    op.create_table(
        "targets",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("sort_name", WORDS, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("technology", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("tags", WORDS, server_default=sa.text("''"), nullable=False),
        sa.Column("owner", WORDS, server_default=sa.text("''"), nullable=False),
        sa.Column("access", WORDS, nullable=True),
        sa.Column("search", WORDS, sa.Computed(SEARCHED, persisted=True), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", WORDS, nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("forced_at", sa.BigInteger(), nullable=True),
        sa.Column("state", WORDS, server_default=sa.text("'unknown'"), nullable=False),
        sa.Column("state_rank", sa.Integer(), server_default=sa.text("2"), nullable=False),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("stage", WORDS, nullable=True),
        sa.Column("latency_ms", sa.Double(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("failures_in_row", sa.Integer(), server_default=sa.text("0"), nullable=False),
        *_counted(),
        sa.Column("loop_lag_ms", sa.Double(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        _key("latency_key", sa.Double(), "coalesce(latency_ms, -1)"),
        _key("checked_key", sa.BigInteger(), "coalesce(checked_at, 0)"),
        _key("passed_key", sa.BigInteger(), "coalesce(passed_at, 0)"),
        sa.PrimaryKeyConstraint("number", name="pk_targets"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_targets_tenant_id"),
        sqlite_autoincrement=True,
    )


def _counted() -> list[sa.Column[Any]]:
    return [
        sa.Column("passed_at", sa.BigInteger(), nullable=True),
        sa.Column("passes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
    ]


def _key(name: str, kind: sa.types.TypeEngine[Any], made_of: str) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.Computed(made_of, persisted=True), nullable=True)


def _change_targets() -> None:
    for name in OLD_LIVE_INDEXES:
        op.drop_index(name, "targets")
    op.drop_column("targets", "search")
    op.add_column("targets", sa.Column("type", WORDS, nullable=True))
    for name in ("tags", "owner"):
        empty = sa.text("''")
        op.add_column("targets", sa.Column(name, WORDS, server_default=empty, nullable=False))
    op.add_column("targets", sa.Column("access", WORDS, nullable=True))
    for column in _counted():
        op.add_column("targets", column)
    op.execute(f"UPDATE targets SET type = technology, last_error = {LAST_ERROR}")  # noqa: S608
    op.alter_column("targets", "type", nullable=False)
    searched = sa.Computed(SEARCHED, persisted=True)
    op.add_column("targets", sa.Column("search", WORDS, searched, nullable=False))
    op.add_column("targets", _key("passed_key", sa.BigInteger(), "coalesce(passed_at, 0)"))


def _index_targets() -> None:
    for name, first in LIVE_INDEXES.items():
        columns = [*first, *LAST]
        if name == "targets_by_checked":
            columns += ["passes", "failures"]
        op.create_index(name, "targets", columns, sqlite_where=LIVE, postgresql_where=LIVE)


def _count_checks() -> None:
    """Counts what the history still knows: whole hours, and the single checks since.

    An hour does not tell an unknown result from one that passed.
    """
    op.execute(
        "UPDATE targets SET "
        "passes = (SELECT coalesce(sum(h.count - h.failures), 0) FROM check_hours AS h "
        "WHERE h.target_number = targets.number) + (SELECT count(*) FROM checks AS c "
        "WHERE c.target_number = targets.number AND c.state IN ('healthy', 'degraded') "
        "AND c.checked_at >= coalesce((SELECT at FROM marks WHERE name = "
        "'checks_rolled_up_until'), 0)), "
        "failures = (SELECT coalesce(sum(h.failures), 0) FROM check_hours AS h "
        "WHERE h.target_number = targets.number) + (SELECT count(*) FROM checks AS c "
        "WHERE c.target_number = targets.number AND c.state = 'failing' "
        "AND c.checked_at >= coalesce((SELECT at FROM marks WHERE name = "
        "'checks_rolled_up_until'), 0))"
    )
