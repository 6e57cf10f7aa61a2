"""Gateways inside a unit of work: what a source or SQL connector lets templates do.

Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.activity.record import note
from engine.errors import InvalidInput, LampboardError, NotFound
from engine.gateway import rows
from engine.gateway.dialects import dialect_of
from engine.gateway.inputs import clean_gateway, require_kind
from engine.gateway.model import (
    DEFAULT_MAX_RESULT_BYTES,
    DEFAULT_MAX_ROWS,
    DEFAULT_TIMEOUT_SECONDS,
)
from engine.gateway.registering import Target
from engine.probes.registry import technologies
from engine.translate import changed_meanwhile
from storage.gateway.gateways import GatewaysDriver
from storage.gateway.rows import GatewayRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.gateway.results import GatewayOffer, GatewaySummary
    from engine.hop import Run
    from storage.gateway.rows import GatewayListRow, ThingSaid

CONCEPT = "gateway"


class Gateways:
    """The rules of gateways, on one connection.

    Args:
        connection: Inside a transaction of the caller.
        run: Clock, ids, settings and origin.
        credentials: The synchronous core of credentials.
        roles: The operator's; what is over a source with roles is there only for who has one of
            them. None is the house itself, which sees all.
    """

    def __init__(
        self,
        connection: Connection,
        run: Run,
        credentials: CredentialStore,
        *,
        roles: tuple[str, ...] | None = None,
    ) -> None:
        self._connection = connection
        self._run = run
        self._credentials = credentials
        self._roles = roles
        self._gateways = GatewaysDriver(connection)

    def gateways(self, tenant_id: str) -> tuple[GatewaySummary, ...]:
        """Return a tenant's gateways by the names of their things."""
        found = self._gateways.of_tenant(tenant_id, roles=self._roles)
        return tuple(rows.gateway(row) for row in found)

    def gateway(self, tenant_id: str, gateway_id: str) -> GatewaySummary:
        """Return one gateway; raises NotFound."""
        return rows.gateway(self.row(tenant_id, gateway_id))

    def row(self, tenant_id: str, gateway_id: str) -> GatewayListRow:
        """Return one gateway as it is stored; raises NotFound."""
        found = self._gateways.get(tenant_id, gateway_id, roles=self._roles)
        if found is None:
            raise NotFound(
                "This tenant has no such gateway.",
                hint="`lampboard gateway list` shows those that there are.",
                field="gateway_id",
            )
        return found

    def offers(self, tenant_id: str, query: str, limit: int) -> tuple[GatewayOffer, ...]:
        """Return the databases that templates may be registered for, by name."""
        found = self._gateways.offers(
            tenant_id, _with_rules(), word=query.strip(), roles=self._roles, limit=limit
        )
        return tuple(rows.offer(thing) for thing in found)

    def target(self, tenant_id: str, kind: str, thing_id: str) -> Target:
        """Return where a template is to run, with its gateway or the one that it would get.

        Raises:
            NotFound: There is no such source or connector to be seen.
            InvalidInput: There is no such kind.
        """
        thing = self._thing(tenant_id, kind, thing_id)
        found = self._gateways.of_thing(tenant_id, kind, thing_id, roles=self._roles)
        over = rows.gateway(found) if found else rows.summary(self._new(tenant_id, thing), thing, 0)
        return Target(
            kind=kind,
            thing_id=thing_id,
            name=thing.name,
            technology=thing.technology,
            dialect=dialect_of(thing.technology),
            gateway=over,
        )

    def set_gateway(
        self,
        tenant_id: str,
        kind: str,
        thing_id: str,
        changes: Mapping[str, object],
        *,
        expected_version: int | None = None,
    ) -> GatewaySummary:
        """Set fields of a gateway, which is made where there is none; see the facade."""
        thing = self._thing(tenant_id, kind, thing_id)
        clean = self._login(tenant_id, thing, clean_gateway(changes))
        row = self._gateways.ensure(self._new(tenant_id, thing))
        if expected_version not in {None, row.version}:
            raise changed_meanwhile()
        changed = {name: new for name, new in clean.items() if getattr(row, name) != new}
        if changed:
            changed["updated_at"] = self._run.clock.now()
            self._gateways.change(row, changed, row.version)
            self._forget(row, changed)
            self._note(tenant_id, row.id, thing.name, "gateway.set", _told(row, changed))
        return self.gateway(tenant_id, row.id)

    def _thing(self, tenant_id: str, kind: str, thing_id: str) -> ThingSaid:
        require_kind(kind)
        found = self._gateways.thing(tenant_id, kind, thing_id, roles=self._roles)
        if found is None or found.retired_at is not None:
            raise NotFound(
                f"This tenant has no such {kind}.",
                hint=f"`lampboard {kind}s list` shows those that there are.",
                field="thing_id",
            )
        return found

    def _new(self, tenant_id: str, thing: ThingSaid) -> GatewayRow:
        return GatewayRow(
            id=self._run.ids(),
            tenant_id=tenant_id,
            kind=thing.kind,
            thing_id=thing.id,
            max_rows=DEFAULT_MAX_ROWS,
            max_result_bytes=DEFAULT_MAX_RESULT_BYTES,
            timeout_seconds=float(DEFAULT_TIMEOUT_SECONDS),
            tripwire=True,
            created_at=self._run.clock.now(),
            created_by=self._run.settings.operator,
        )

    def _login(self, tenant_id: str, thing: ThingSaid, clean: dict[str, Any]) -> dict[str, Any]:
        """Return the fields with a reference in place of a password."""
        if any(clean.get(name) for name in ("username", "password", "credential_ref")):
            _require_roles(thing)
        password = clean.pop("password", None)
        try:
            if password:
                label = f"{thing.name}: gateway"
                stored = self._credentials.store(self._connection, tenant_id, password, label)
                clean["credential_ref"] = stored
            elif given := clean.get("credential_ref"):
                clean["credential_ref"] = self._credentials.require(
                    self._connection, tenant_id, given
                )
        except LampboardError as error:
            error.field = "password" if password else "credential_ref"
            raise
        return clean

    def _forget(self, row: GatewayRow, changed: Mapping[str, object]) -> None:
        if "credential_ref" in changed:
            self._credentials.forget(self._connection, row.tenant_id, row.credential_ref)

    def _note(
        self, tenant_id: str, thing_id: str, name: str, action: str, detail: Mapping[str, object]
    ) -> None:
        note(
            self._connection,
            self._run,
            tenant_id,
            action=action,
            concept=CONCEPT,
            thing_id=thing_id,
            thing_name=name,
            detail=detail,
        )


def _with_rules() -> tuple[str, ...]:
    return tuple(one.name for one in technologies() if dialect_of(one.name))


def _require_roles(thing: ThingSaid) -> None:
    if dialect_of(thing.technology) in {"sqlite", "duckdb"}:
        raise InvalidInput(
            "A database in a file has no users, so no role can log in there.",
            hint="Leave user name and password away; runs open the file for reading only.",
            field="username",
        )


def _told(row: GatewayRow, changed: Mapping[str, object]) -> dict[str, object]:
    """Return what changed, from what to what; of a secret only that it did."""
    told: dict[str, object] = {}
    for name, new in changed.items():
        if name == "credential_ref":
            told[name] = "changed"
        elif name != "updated_at":
            told[name] = [_plain(getattr(row, name)), _plain(new)]
    return {"changed": told}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
