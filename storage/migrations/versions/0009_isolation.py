"""Roles of PostgreSQL that see one tenant's rows alone: who they are, and the policies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MINE = "IN (SELECT r.tenant_id FROM tenant_roles r WHERE r.role = current_user)"
OWN = f"tenant_id {MINE}"
KEY_OF_ITS_OWN = (
    "(key = 'lamp:' || target_number"
    " OR split_part(key, ':', 1) IN ('provider', 'credential', 'ledger')"
    " AND split_part(key, ':', 2) = tenant_id"
    " OR split_part(key, ':', 1) = 'limit'"
    " AND split_part(key, ':', 2) IN (SELECT m.number::text FROM meters m))"
)
HELD_ON_ITS_OWN = (
    "(NOT EXISTS (SELECT 1 FROM unnest(string_to_array(meters, ',')) n"
    " WHERE n NOT IN (SELECT m.number::text FROM meters m)))"
)
# Read by everybody, written by the owner alone; whose a row is, or that it is nobody's.
READ = {
    "key_rotations": "true",
    "marks": "true",
    "monitors": "true",
    "tenant_roles": "role = current_user",
}
# Rows that a role sees and changes, by what shows them, and what else must hold of a new one.
WHOLE = {"revisions": "true", "tenants": f"id {MINE}"}
OWNED: dict[str, tuple[str, ...]] = {
    "activity": (),
    "alert_channels": (),
    "alert_routes": ("channel_id = alert_channels.id", "(NOT all_tenants)"),
    "connectors": (),
    "credential_references": (),
    "credentials": (),
    "gateways": (),
    "gauges": ("meter_number = meters.number",),
    "incidents": (
        "target_number ?= targets.number",
        KEY_OF_ITS_OWN,
    ),
    "integrations": (),
    "limit_transitions": ("meter_number = meters.number",),
    "meters": (),
    "prevention_breaks": (),
    "prevention_ledgers": (),
    "prevention_policies": (),
    "prevention_records": (),
    "prevention_verifications": (),
    "query_templates": ("gateway_id = gateways.id",),
    "reservations": (HELD_ON_ITS_OWN,),
    "secret_uses": (),
    "series": (
        "tenant_meter = meters.number",
        "provider_meter = meters.number",
        "model_meter = meters.number",
        "agent_meter ?= meters.number",
        "integration_meter = meters.number",
    ),
    "silences": (),
    "sources": (),
    "targets": (),
    "transitions": ("target_number = targets.number",),
    "usage_feeds": (),
}
POINTING: dict[str, tuple[str, ...]] = {
    "alerts": (
        "channel_id = alert_channels.id",
        "incident_number ?= incidents.number",
        f"(tenant_id IS NULL OR {OWN})",
    ),
    "check_days": ("target_number = targets.number",),
    "check_hours": ("target_number = targets.number",),
    "checks": ("target_number = targets.number",),
    "credential_accesses": ("reference_number = credential_references.number",),
    "incident_events": ("incident_number = incidents.number",),
    "incident_members": ("incident_number = incidents.number", "target_number = targets.number"),
    "stale_meters": ("meter_number = meters.number",),
    "template_versions": ("template_id = query_templates.id",),
    "usage": ("series_number = series.number",),
    "usage_days": ("meter_number = meters.number",),
    "usage_minutes": ("meter_number = meters.number",),
    "usage_series_days": ("series_number = series.number",),
}


def upgrade() -> None:
    """Adds the table of roles, and on PostgreSQL the policies; nobody is isolated yet."""
    op.create_table(
        "tenant_roles",
        sa.Column("role", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("read_only", sa.Boolean(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_tenant_roles_tenant_id"),
        sa.PrimaryKeyConstraint("role", "tenant_id", name="pk_tenant_roles"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        _isolate()


def _isolate() -> None:
    for table in (*READ, *WHOLE, *OWNED, *POINTING):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table, shown in READ.items():
        _policy(table, "isolation", f"SELECT USING ({shown})")
    for table, shown in WHOLE.items():
        _policy(table, "isolation", f"ALL USING ({shown}) WITH CHECK ({shown})")
    for table, needed in OWNED.items():
        check = " AND ".join((OWN, *(_said(table, one) for one in needed)))
        _policy(table, "isolation", f"ALL USING ({OWN}) WITH CHECK ({check})")
    for table, needed in POINTING.items():
        _pointing(table, tuple(_said(table, one) for one in needed))
    for table in ("incidents", "silences"):
        _policy(table, "isolation_shared", f"SELECT USING (tenant_id IS NULL OR {OWN})")


def _pointing(table: str, needed: tuple[str, ...]) -> None:
    change = needed[0]
    if "FROM incidents " in change:
        _policy(table, "isolation_shared", f"SELECT USING ({change})")
        change = f"{change[:-1]} AND p.tenant_id IS NOT NULL)"
        needed = (change, *needed)
    _policy(table, "isolation", f"ALL USING ({change}) WITH CHECK ({' AND '.join(needed)})")


def _policy(table: str, name: str, says: str) -> None:
    # What stands behind a colon is no parameter.
    op.execute(sa.text(f"CREATE POLICY {name} ON {table} FOR {says}".replace(":", r"\:")))


def _said(table: str, needed: str) -> str:
    """Gives `column = parent.key` as the question whether the role sees that row."""
    if needed.startswith("("):
        return needed
    column, sign, pointed = needed.split(" ")
    parent, key = pointed.split(".")
    there = f"EXISTS (SELECT 1 FROM {parent} p WHERE p.{key} = {table}.{column})"  # noqa: S608
    return there if sign == "=" else f"({column} IS NULL OR {there})"
