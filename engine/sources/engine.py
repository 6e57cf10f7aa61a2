"""Sources inside a unit of work: every decision and change, on one connection.

Loaded in the worker thread only, because it brings the drivers. Facade and registry give it a
connection inside a transaction; nothing here commits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from engine.errors import InvalidInput
from engine.inventory import InventoryEngine
from engine.sources import lifecycle
from engine.sources.inputs import (
    check_own_fields,
    clean_common,
    clean_config,
    clean_type,
    refuse_unknown,
    secret_options,
    technology_for,
)
from engine.sources.keeping import SecretKeeper
from engine.sources.model import DataSourceStatus, DataSourceType
from engine.sources.rows import found
from engine.sources.secrets import masked, part
from engine.sources.telling import told
from engine.tenants import core as tenants
from storage.sources import KIND, SourceRow, SourcesDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.hop import Run
    from engine.sources.config import DataSourceConfig
    from engine.sources.drafts import NewSource, SourceDraft
    from engine.sources.secrets import Parted
    from storage.sources import SourceListRow

PAGE = 1000
"""Rows a reading when all are deleted, each with its secrets and its activity."""


class SourceEngine(InventoryEngine):
    """The rules of sources, on one connection.

    Args:
        connection: Inside a transaction of the caller.
        run: Clock, ids, settings and origin.
        credentials: The synchronous core of credentials.
        roles: The operator's; a source with roles is there only for who has one of them. None is
            the house itself, which sees all.
    """

    KIND = KIND
    is_monitored = staticmethod(lifecycle.is_monitored)

    def __init__(
        self,
        connection: Connection,
        run: Run,
        credentials: CredentialStore,
        *,
        roles: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(connection, run)
        self._secrets = SecretKeeper(connection, credentials)
        self._roles = roles
        self._driver = SourcesDriver(connection)

    def get(self, tenant_id: str | None, source_id: str) -> SourceListRow:
        """Return one source with its lamp; a tenant of None is any.

        Raises:
            NotFound: There is none of that id, or none that these roles may see.
        """
        return found(self._driver.get(tenant_id, source_id, roles=self._roles))

    def find(self, tenant_id: str, name: str) -> SourceListRow | None:
        """Return the tenant's source of that name, in any case, if there is one to be seen."""
        return self._driver.get_by_name(tenant_id, name, roles=self._roles)

    def create(self, new: NewSource) -> SourceListRow:
        """Add a source, its tenant where that is new, and its secrets.

        Raises:
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            NotFound: A credential reference points to nothing of this tenant.
        """
        source_type = clean_type(new.source_type)
        columns = clean_common({"name": None} | dict(new.values))
        name = cast("str", columns["name"])
        config = clean_config(new.config)
        technology = technology_for(source_type, new.technology, config)
        parted = _parted(technology, config)
        tenants.ensure(self._connection, self._run, new.tenant_id)
        self._refuse_taken(new.tenant_id, name)
        row = SourceRow(
            id=self._run.ids(),
            tenant_id=new.tenant_id,
            name=name,
            type=str(source_type),
            technology=technology,
            status=str(DataSourceStatus.ACTIVE if new.activate else DataSourceStatus.PENDING),
            config=parted.config,
            secrets=self._secrets.stored(new.tenant_id, name, parted),
            created_at=self._run.clock.now(),
            created_by=new.created_by or self._run.settings.operator,
        )
        row = _with(row, columns)
        self._insert(row)
        detail = {"type": row.type, "technology": row.technology}
        self._note(row, "created", detail, actor=new.created_by)
        return self._again(row)

    def update(
        self,
        tenant_id: str | None,
        source_id: str,
        changes: Mapping[str, object],
        *,
        expected_version: int | None = None,
    ) -> SourceListRow:
        """Change fields; what stays the same is not an activity.

        Raises:
            NotFound: There is none of that id to be seen.
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            StaleWrite: It has another version than expected.
        """
        refuse_unknown(changes)
        row = self.get(tenant_id, source_id)
        columns = self.columns(row, changes)
        if any(name in columns and columns[name] != getattr(row, name) for name in self.REACH):
            columns["status"] = str(lifecycle.after_config_edit(row.status))
        return self.apply(row, columns, expected_version=expected_version)

    def columns(self, row: SourceListRow, changes: Mapping[str, object]) -> dict[str, Any]:
        """Return the columns that these changes name, checked; new secrets are stored.

        Raises: as `update`.
        """
        if changes.get("source_type", row.type) != row.type:
            raise InvalidInput(
                "The type of a source cannot be changed: its history would lie.",
                hint="Register a new source, then delete this one.",
                field="source_type",
            )
        columns: dict[str, Any] = clean_common(changes)
        if columns.get("name", row.name) != row.name:
            self._refuse_taken(row.tenant_id, columns["name"], but=row.id)
        if changes.keys() & {"technology", "config"}:
            columns |= self._reach(row, columns.get("name", row.name), changes)
        return columns

    def apply(
        self,
        row: SourceListRow,
        columns: Mapping[str, Any],
        *,
        expected_version: int | None = None,
    ) -> SourceListRow:
        """Write columns that were checked, with what follows from them, and note them.

        Raises:
            StaleWrite: It has another version than expected.
        """
        changed = {name: new for name, new in columns.items() if getattr(row, name) != new}
        if not changed and expected_version in {None, row.version}:
            return row
        changes = {**changed, "updated_at": self._run.clock.now(), **self._plan(row, changed)}
        self._driver.update(row.tenant_id, row.id, changes, expected_version=expected_version)
        self._secrets.forget(row, changed.get("secrets"))
        self._tell(row, changed)
        return self._again(row)

    def add_word(
        self, tenant_id: str | None, source_id: str, field: str, word: str
    ) -> SourceListRow:
        """Add a tag or a role (`field` is tags or access_roles) to those that are there now.

        Raises:
            NotFound: There is none of that id to be seen.
            InvalidInput: It cannot be one, or there are too many.
        """
        row = self.get(tenant_id, source_id)
        clean = clean_common({field: [word]})[field]
        if not clean:
            raise InvalidInput("There is nothing to add.", field=field)
        columns = clean_common({field: [*getattr(row, field), *cast("tuple[str, ...]", clean)]})
        return self.apply(row, columns)

    def remove_word(
        self, tenant_id: str | None, source_id: str, field: str, word: str
    ) -> SourceListRow:
        """Remove a tag or a role, in any case of its letters, if it is there.

        Raises:
            NotFound: There is none of that id to be seen.
        """
        row = self.get(tenant_id, source_id)
        gone = word.strip().casefold()
        kept = tuple(one for one in getattr(row, field) if one.casefold() != gone)
        return self.apply(row, {field: kept})

    def set_status(
        self, tenant_id: str | None, source_id: str, to: DataSourceStatus
    ) -> tuple[str, lifecycle.Step]:
        """Activate, deactivate or deprecate; return the id and what it came to.

        Raises:
            NotFound: There is none of that id to be seen.
            LifecycleRefused: Its status does not allow the step.
        """
        row = self.get(tenant_id, source_id)
        step = lifecycle.step(row.name, row.status, to)
        if step.changed:
            self._step(row, step)
        return row.id, step

    def delete(self, tenant_id: str | None, source_id: str) -> str:
        """Delete softly: its history stays, its name is free, its own secrets are removed.

        Raises:
            NotFound: There is none of that id to be seen.
        """
        row = self.get(tenant_id, source_id)
        self._driver.soft_delete(row.tenant_id, row.id, at=self._run.clock.now())
        self._secrets.forget(row, {})
        self._note(row, "deleted", {"type": row.type, "technology": row.technology})
        return row.id

    def delete_all(self, tenant_id: str | None) -> int:
        """Delete all sources of a tenant, or of everybody for None; return how many."""
        count = 0
        while page := self._driver.page(tenant_id, limit=PAGE).rows:
            for row in page:
                self.delete(row.tenant_id, row.id)
            count += len(page)
        return count

    def complete(self, draft: SourceDraft) -> tuple[str, Parted]:
        """Return technology and config of a draft, what is stored filled in; nothing is stored.

        Raises:
            NotFound: There is no source, or no credential, of that id.
            InvalidInput, CredentialReferenceInvalid: A value cannot be used.
        """
        source_type = clean_type(draft.source_type)
        stored = self.get(draft.tenant_id, draft.source_id) if draft.source_id else None
        before = masked(stored.config, stored.secrets) if stored else None
        config = clean_config(draft.config, before)
        named = draft.technology or (stored.technology if stored else None)
        technology = technology_for(source_type, named, config)
        parted = _parted(technology, config)
        secrets = self._secrets.pointed(draft.tenant_id, parted, stored)
        return technology, replace(parted, secrets=secrets)

    def _reach(
        self, row: SourceListRow, name: str, changes: Mapping[str, object]
    ) -> dict[str, Any]:
        """Return technology, config and secrets as the changes make them."""
        config = clean_config(changes.get("config"), masked(row.config, row.secrets))
        technology = self._technology(row, changes, config)
        parted = _parted(technology, config)
        secrets = self._secrets.stored(row.tenant_id, name, parted, row)
        return {"technology": technology, "config": parted.config, "secrets": secrets}

    def _technology(
        self, row: SourceListRow, changes: Mapping[str, object], config: DataSourceConfig
    ) -> str:
        """Return the technology that is said; else a new connection string's, else the old one."""
        named = cast("str | None", changes.get("technology"))
        source_type = DataSourceType(row.type)
        if named:
            return technology_for(source_type, named, config)
        if config.connection_string == masked(row.config, row.secrets).connection_string:
            return row.technology or technology_for(source_type, None, config)
        return technology_for(source_type, None, config) or row.technology

    def _tell(self, row: SourceListRow, changed: Mapping[str, object]) -> None:
        said = told(row, changed)
        if done := lifecycle.DONE.get(changed.get("status")):
            before, after = cast("list[object]", said.pop("status"))
            self._note(row, done, {"from": before, "to": after})
        if said:
            self._note(row, "updated", {"changed": said})

    def _again(self, row: SourceRow) -> SourceListRow:
        """Return the row as it is now, also to one who just gave it to other roles."""
        return found(self._driver.get(row.tenant_id, row.id))

    def _step(self, row: SourceListRow, step: lifecycle.Step) -> None:
        now = self._run.clock.now()
        changes: dict[str, object] = {"status": str(step.status), "updated_at": now}
        if step.status is DataSourceStatus.ACTIVE:
            changes["last_error"] = None
        changes |= self._schedule(str(step.status))
        self._driver.update(row.tenant_id, row.id, changes)
        self._note(row, step.done, {"from": row.status, "to": str(step.status)})


def _parted(technology: str, config: DataSourceConfig) -> Parted:
    check_own_fields(technology, config)
    return part(config, secret_options(technology))


def _with(row: SourceRow, columns: Mapping[str, object]) -> SourceRow:
    # The columns come from the checks of this module, by the names of the row.
    return replace(row, **columns)  # type: ignore[arg-type]
