"""Roles of PostgreSQL that are kept to one tenant: granting, granting anew, taking away.

The policies stand with the tables (`storage.tables.isolation`); here a role gets the rights to
use them, and its row that names the tenant. A role that policies do not bind is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, text

from storage.errors import RoleRefused
from storage.rows import bound, build_all, names_of
from storage.tables import metadata, tenant_roles
from storage.tables.isolation import READ_ONLY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantRoleRow:
    """A role that sees the rows of one tenant; with several tenants it has several."""

    role: str
    tenant_id: str
    read_only: bool
    granted_at: datetime


_ROLE: BindParameter[Any] = bindparam("role", required=True)
_LIST = select(*(tenant_roles.c[name] for name in names_of(TenantRoleRow))).order_by(
    tenant_roles.c.role, tenant_roles.c.tenant_id
)
_ADD = insert(tenant_roles).values(bound(names_of(TenantRoleRow)))
_DROP = delete(tenant_roles).where(tenant_roles.c.role == _ROLE)
_THERE = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
# What is beyond all policies: being the owner or the superuser, reading the server's own files or
# log, and whatever can become one of these by itself.
_BEYOND = text(
    "SELECT r.rolname FROM pg_roles r WHERE pg_has_role(CAST(:role AS name), r.oid, 'MEMBER') "
    "AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication "
    "OR r.oid = (SELECT relowner FROM pg_class WHERE oid = CAST('tenant_roles' AS regclass)) "
    "OR r.rolname IN ('pg_read_server_files', 'pg_write_server_files', "
    "'pg_execute_server_program')) ORDER BY r.rolname = :role DESC, r.rolname LIMIT 1"
)
_SCHEMA = text("SELECT quote_ident(current_schema())")
_SERIAL = text("SELECT pg_get_serial_sequence(:table, :column)")
_EXTRA = ("alembic_version",)
# The counters are everybody's to raise, and nobody's to forget.
_RIGHTS = {"revisions": "SELECT, INSERT, UPDATE"}
_ROWS = "SELECT, INSERT, UPDATE, DELETE"


class IsolationDriver:
    """Reads and writes which role sees which tenant, on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def list(self) -> list[TenantRoleRow]:
        """Gives every role with its tenants."""
        return build_all(TenantRoleRow, self.connection.execute(_LIST))

    def grant(self, rows: Sequence[TenantRoleRow]) -> None:
        """Lets a role see these tenants, and none that it saw before; all rows are of one role.

        Raises:
            RoleRefused: there is no such role, or policies do not bind it.
        """
        role, read_only = rows[0].role, rows[0].read_only
        if self.connection.dialect.name == "sqlite":
            raise RoleRefused(
                "A file has no roles: whoever may read it reads all of it.",
                hint="Move it to a server: lampboard db copy --to postgresql://…",
            )
        self._require_bound(role)
        self.connection.execute(_DROP, {"role": role})
        for row in rows:
            values = {name: getattr(row, name) for name in names_of(TenantRoleRow)}
            self.connection.execute(_ADD, values)
        self._rights(role, read_only=read_only)

    def remove(self, role: str) -> int:
        """Takes everything from a role again; gives of how many tenants."""
        found = self.connection.execute(_DROP, {"role": role}).rowcount
        if found and self._exists(role):
            self._take_rights(role)
        return found

    def renew(self) -> None:
        """Grants every role its rights on tables that are new; those that are gone are let be."""
        for role, read_only in {row.role: row.read_only for row in self.list()}.items():
            if self._exists(role):
                self._rights(role, read_only=read_only)

    def _exists(self, role: str) -> bool:
        return self.connection.execute(_THERE, {"role": role}).first() is not None

    def _require_bound(self, role: str) -> None:
        if not self._exists(role):
            raise RoleRefused(
                f"The server has no role {role}.",
                hint="Make it first: CREATE ROLE … LOGIN; it needs no rights of its own.",
            )
        beyond = self.connection.execute(_BEYOND, {"role": role}).scalar()
        if beyond is not None:
            what = "It" if beyond == role else f"It is a member of {beyond}, which"
            raise RoleRefused(
                f"The role {role} cannot be kept to a tenant. {what} goes beyond every policy: "
                "a superuser, the tables' owner, or one that can become it.",
                hint="Use a plain role, made for this alone.",
            )

    def _rights(self, role: str, *, read_only: bool) -> None:
        self._take_rights(role)
        to = f"TO {self._quoted(role)}"
        self.connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {self._schema()} {to}")
        for name in _EXTRA:
            self.connection.exec_driver_sql(f"GRANT SELECT ON {name} {to}")
        for name in metadata.tables:
            rights = "SELECT" if read_only or name in READ_ONLY else _RIGHTS.get(name, _ROWS)
            self.connection.exec_driver_sql(f"GRANT {rights} ON {name} {to}")
        if not read_only:
            for sequence in self._sequences():
                self.connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE {sequence} {to}")

    def _take_rights(self, role: str) -> None:
        given = f"FROM {self._quoted(role)}"
        for name in (*_EXTRA, *metadata.tables):
            self.connection.exec_driver_sql(f"REVOKE ALL ON {name} {given}")
        for sequence in self._sequences():
            self.connection.exec_driver_sql(f"REVOKE ALL ON SEQUENCE {sequence} {given}")
        self.connection.exec_driver_sql(f"REVOKE ALL ON SCHEMA {self._schema()} {given}")

    def _sequences(self) -> Iterator[str]:
        for table in metadata.tables.values():
            for column in table.primary_key:
                asked = {"table": table.name, "column": column.name}
                if table.name not in READ_ONLY:
                    found = self.connection.execute(_SERIAL, asked).scalar()
                    if found is not None:
                        yield str(found)

    def _schema(self) -> str:
        return str(self.connection.execute(_SCHEMA).scalar_one())

    def _quoted(self, role: str) -> str:
        return self.connection.dialect.identifier_preparer.quote_identifier(role)
