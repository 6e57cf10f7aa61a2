"""Connectors inside a unit of work: every decision and change, on one connection.

Loaded in the worker thread only, because it brings the drivers. Facade and registry give it a
connection inside a transaction; nothing here commits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from engine.connectors import lifecycle
from engine.connectors.inputs import clean_said, clean_type, refuse_unknown
from engine.connectors.loading import promised_by
from engine.connectors.model import ConnectorStatus, in_order
from engine.connectors.places import behaviour_of, endpoint_of, reach_of
from engine.connectors.rows import found
from engine.errors import InvalidInput
from engine.inventory import InventoryEngine
from engine.probes.words import MASK
from engine.sources.inputs import clean_common
from engine.sources.keeping import SecretKeeper
from engine.sources.telling import told
from engine.tenants import core as tenants
from storage.connectors import KIND, ConnectorRow, ConnectorsDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.connectors.base import Discovery
    from engine.connectors.drafts import ConnectorDraft, NewConnector
    from engine.connectors.inputs import Said
    from engine.credentials import CredentialStore
    from engine.hop import Run
    from engine.sources.secrets import Parted
    from storage.connectors import ConnectorListRow


class ConnectorEngine(InventoryEngine):
    """The rules of connectors, on one connection.

    Args:
        connection: Inside a transaction of the caller.
        run: Clock, ids, settings and origin.
        credentials: The synchronous core of credentials.
    """

    KIND = KIND
    _driver: ConnectorsDriver
    is_monitored = staticmethod(lifecycle.is_monitored)

    def __init__(self, connection: Connection, run: Run, credentials: CredentialStore) -> None:
        super().__init__(connection, run)
        self._secrets = SecretKeeper(connection, credentials)
        self._driver = ConnectorsDriver(connection)

    def get(self, tenant_id: str | None, connector_id: str) -> ConnectorListRow:
        """Return one connector with its lamp; a tenant of None is any.

        Raises:
            NotFound: There is none of that id.
        """
        return found(self._driver.get(tenant_id, connector_id))

    def find(self, tenant_id: str, name: str) -> ConnectorListRow | None:
        """Return the tenant's connector of that name, in any case, if it has one."""
        return self._driver.get_by_name(tenant_id, name)

    def create(self, new: NewConnector) -> ConnectorListRow:
        """Add a connector, its tenant where that is new, and its secrets.

        Raises:
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            NotFound: A credential reference points to nothing of this tenant.
        """
        connector_type = clean_type(new.connector_type)
        columns = clean_common({"name": None} | dict(new.values))
        name = cast("str", columns["name"])
        said = clean_said(
            connector_type, technology=new.technology, endpoint=new.endpoint, config=new.config
        )
        parted = said.parted()
        tenants.ensure(self._connection, self._run, new.tenant_id)
        self._refuse_taken(new.tenant_id, name)
        config = {**parted.config, **said.behaviour}
        row = ConnectorRow(
            id=self._run.ids(),
            tenant_id=new.tenant_id,
            name=name,
            type=connector_type,
            technology=said.technology,
            status=str(ConnectorStatus.REGISTERED),
            endpoint=endpoint_of(config),
            capabilities=promised_by(connector_type),
            config=config,
            secrets=self._secrets.stored(new.tenant_id, name, parted),
            created_at=self._run.clock.now(),
            created_by=new.created_by or self._run.settings.operator,
        )
        row = _with(row, columns)
        self._insert(row)
        detail = {"type": row.type, "technology": row.technology}
        self._note(row, "created", detail, actor=new.created_by)
        return self.get(row.tenant_id, row.id)

    def update(
        self,
        tenant_id: str | None,
        connector_id: str,
        changes: Mapping[str, object],
        *,
        expected_version: int | None = None,
    ) -> ConnectorListRow:
        """Change fields; what stays the same is not an activity.

        Raises:
            NotFound: There is none of that id.
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            StaleWrite: It has another version than expected.
        """
        refuse_unknown(changes)
        row = self.get(tenant_id, connector_id)
        columns = self._columns(row, changes)
        if any(name in columns and columns[name] != getattr(row, name) for name in self.REACH):
            columns["status"] = str(lifecycle.after_config_edit(row.status))
        return self._apply(row, columns, expected_version=expected_version)

    def set_status(
        self, tenant_id: str | None, connector_id: str, to: ConnectorStatus
    ) -> tuple[str, lifecycle.Step]:
        """Connect (to ready), disconnect or deprecate; return the id and what it came to.

        Raises:
            NotFound: There is none of that id.
            LifecycleRefused: Its status does not allow the step.
        """
        row = self.get(tenant_id, connector_id)
        step = lifecycle.STEPS[to](row.name, row.status)
        if step.changed:
            now = self._run.clock.now()
            changes: dict[str, object] = {"status": str(step.status), "updated_at": now}
            if step.status is ConnectorStatus.READY:
                changes["last_error"] = None
            self._driver.update(row.tenant_id, row.id, changes | self._schedule(step.status))
            self._note(row, step.done, {"from": row.status, "to": str(step.status)})
        return row.id, step

    def delete(self, tenant_id: str | None, connector_id: str) -> str:
        """Delete softly: its history stays, its name is free, its own secrets are removed.

        Raises:
            NotFound: There is none of that id.
        """
        row = self.get(tenant_id, connector_id)
        self._driver.soft_delete(row.tenant_id, row.id, at=self._run.clock.now())
        self._secrets.forget(row, {})
        self._note(row, "deleted", {"type": row.type, "technology": row.technology})
        return row.id

    def keep_discovery(
        self, tenant_id: str, connector_id: str, discovery: Discovery
    ) -> ConnectorListRow:
        """Store what the other side said that it can do.

        Raises:
            NotFound: There is none of that id.
        """
        row = self.get(tenant_id, connector_id)
        promised = frozenset(promised_by(row.type))
        offered = in_order(promised & discovery.capabilities)
        changes = {"capabilities": offered, "discovered": dict(discovery.found)}
        self._driver.update(row.tenant_id, row.id, changes)
        self._note(row, "discovered", {"capabilities": list(offered)})
        return self.get(tenant_id, connector_id)

    def touch(self, tenant_id: str, connector_id: str) -> None:
        """Write down that it is used now, without counting that as a change of anybody's.

        Raises:
            NotFound: There is none of that id.
        """
        if not self._driver.touch(tenant_id, connector_id, self._run.clock.now()):
            found(None)

    def complete(self, draft: ConnectorDraft) -> tuple[str, str, Parted]:
        """Return type, technology and config of a draft, what is stored filled in.

        Raises:
            NotFound: There is no connector, or no credential, of that id.
            InvalidInput, CredentialReferenceInvalid: A value cannot be used.
        """
        connector_type = clean_type(draft.connector_type)
        row = self.get(draft.tenant_id, draft.connector_id) if draft.connector_id else None
        said = self._said(row, connector_type, draft.technology, draft.endpoint, draft.config)
        parted = said.parted()
        secrets = self._secrets.pointed(draft.tenant_id, parted, row)
        config = {**parted.config, **said.behaviour}
        return connector_type, said.technology, replace(parted, config=config, secrets=secrets)

    def _said(
        self,
        row: ConnectorListRow | None,
        connector_type: str,
        technology: str | None,
        endpoint: str | None,
        config: object,
    ) -> Said:
        stored = None
        if row is not None:
            masks = dict.fromkeys(row.secrets, MASK)
            stored = (
                reach_of(row.type, row.config, masks),
                behaviour_of(row.type, row.config),
            )
        named = technology or (row.technology if row and endpoint is None else None)
        return clean_said(
            connector_type, technology=named, endpoint=endpoint, config=config, stored=stored
        )

    def _columns(self, row: ConnectorListRow, changes: Mapping[str, object]) -> dict[str, Any]:
        if changes.get("connector_type", row.type) != row.type:
            raise InvalidInput(
                "The type of a connector cannot be changed: its history would lie.",
                hint="Register a new connector, then delete this one.",
                field="connector_type",
            )
        columns: dict[str, Any] = clean_common(changes)
        if columns.get("name", row.name) != row.name:
            self._refuse_taken(row.tenant_id, columns["name"], but=row.id)
        if changes.keys() & {"technology", "endpoint", "config"}:
            columns |= self._reach(row, columns.get("name", row.name), changes)
        return columns

    def _reach(
        self, row: ConnectorListRow, name: str, changes: Mapping[str, object]
    ) -> dict[str, Any]:
        """Return technology, config, secrets and endpoint as the changes make them."""
        said = self._said(
            row,
            row.type,
            cast("str | None", changes.get("technology")),
            cast("str | None", changes.get("endpoint")),
            changes.get("config"),
        )
        parted = said.parted()
        secrets = self._secrets.stored(row.tenant_id, name, parted, row)
        config = {**parted.config, **said.behaviour}
        return {
            "technology": said.technology,
            "config": config,
            "secrets": secrets,
            "endpoint": endpoint_of(config),
            # What another place offers is not known until it is asked.
            "capabilities": promised_by(row.type),
        }

    def _apply(
        self,
        row: ConnectorListRow,
        columns: Mapping[str, Any],
        *,
        expected_version: int | None = None,
    ) -> ConnectorListRow:
        changed = {name: new for name, new in columns.items() if getattr(row, name) != new}
        if not changed and expected_version in {None, row.version}:
            return row
        changes = {**changed, "updated_at": self._run.clock.now(), **self._plan(row, changed)}
        self._driver.update(row.tenant_id, row.id, changes, expected_version=expected_version)
        self._secrets.forget(row, changed.get("secrets"))
        if said := told(row, changed):
            self._note(row, "updated", {"changed": said})
        return self.get(row.tenant_id, row.id)


def _with(row: ConnectorRow, columns: Mapping[str, object]) -> ConnectorRow:
    # The columns come from the checks of this module, by the names of the row.
    return replace(row, **columns)  # type: ignore[arg-type]
