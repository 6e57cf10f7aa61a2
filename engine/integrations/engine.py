"""Integrations inside a unit of work: every decision and change, on one connection.

Loaded in the worker thread only, because it brings the drivers. The facade gives it a connection
inside a transaction; nothing here commits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from engine.errors import InvalidInput
from engine.integrations import lifecycle
from engine.integrations.inputs import clean_common, clean_place, refuse_unknown
from engine.integrations.providers import get_provider
from engine.integrations.rows import found
from engine.inventory import InventoryEngine
from engine.tenants import core as tenants
from engine.usage.sync.rows import drop_feeds
from storage.integrations import KIND, IntegrationRow, IntegrationsDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.hop import Hop
    from engine.integrations.drafts import Draft, NewIntegration
    from engine.integrations.providers import Provider
    from storage.integrations import IntegrationListRow
    from storage.things import ThingRow


class CusIntegrationEngine(InventoryEngine):
    """The rules of integrations, on one connection.

    Args:
        connection: Inside a transaction of the caller.
        hop: Clock, ids, settings and origin.
        credentials: The synchronous core of credentials.
    """

    KIND = KIND
    REACH = frozenset({"credential_ref", "base_url", "config"})
    is_monitored = staticmethod(lifecycle.is_monitored)

    def __init__(self, connection: Connection, hop: Hop, credentials: CredentialStore) -> None:
        super().__init__(connection, hop)
        self._credentials = credentials
        self._driver = IntegrationsDriver(connection)

    def get(self, tenant_id: str, integration_id: str) -> IntegrationListRow:
        """Return one integration with its lamp.

        Raises:
            NotFound: This tenant has none of that id.
        """
        return found(self._driver.get(tenant_id, integration_id))

    def create(self, new: NewIntegration, secret: str | None) -> IntegrationListRow:
        """Add an integration, its tenant where that is new, and its credential.

        Raises:
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            NotFound: The credential reference points to nothing of this tenant.
        """
        provider = get_provider(new.provider_type)
        columns = self.vetted(new)
        name = cast("str", columns["name"])
        tenants.ensure(self._connection, self._run, new.tenant_id)
        self._refuse_taken(new.tenant_id, name)
        row = self._new_row(new, columns)
        if secret is not None:
            columns["credential_ref"] = self._credential(
                provider, new.tenant_id, name, secret, None
            )
        self._insert(_with(row, columns))
        self._note(row, "created", {"provider": provider.name}, actor=new.created_by)
        return self.get(new.tenant_id, row.id)

    def vetted(self, new: NewIntegration) -> dict[str, object]:
        """Return the columns of a new integration, checked; nothing is stored.

        Raises:
            InvalidInput, CredentialReferenceInvalid: A value cannot be used.
            NotFound: The credential reference points to nothing of this tenant.
        """
        provider = get_provider(new.provider_type)
        columns: dict[str, object] = clean_common(new.values)
        columns["base_url"], columns["config"] = clean_place(provider, new.base_url, new.config)
        columns["credential_ref"] = self._credential(
            provider, new.tenant_id, "", None, new.credential_ref
        )
        return columns

    def update(
        self,
        tenant_id: str,
        integration_id: str,
        changes: Mapping[str, object],
        *,
        secret: str | None,
        expected_version: int | None,
    ) -> IntegrationListRow:
        """Change fields; what stays the same is not an activity.

        Raises:
            NotFound: This tenant has none of that id.
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            StaleWrite: It has another version than expected.
        """
        refuse_unknown(changes)
        row = self.get(tenant_id, integration_id)
        return self._apply(row, self._differing(row, changes, secret), expected_version)

    def differences(
        self, row: IntegrationListRow, changes: Mapping[str, object]
    ) -> dict[str, object]:
        """Return the columns that these changes would change, checked; nothing is stored.

        Raises:
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            NotFound: The credential reference points to nothing of this tenant.
        """
        return self._differing(row, changes, None)

    def find(self, tenant_id: str, name: str) -> IntegrationListRow | None:
        """Return the tenant's integration of that name, in any case, if it has one."""
        return self._driver.get_by_name(tenant_id, name)

    def complete(self, draft: Draft) -> Draft:
        """Return the draft ready for its check: values cleaned, the stored ones filled in.

        Raises:
            NotFound: This tenant has no integration, or no credential, of that id.
            InvalidInput, CredentialReferenceInvalid: A value cannot be used.
        """
        provider = get_provider(draft.provider_type)
        stored = self.get(draft.tenant_id, draft.integration_id) if draft.integration_id else None
        base_url, config, reference = draft.base_url, draft.config, draft.credential_ref
        if reference:
            reference = self._credentials.require(self._connection, draft.tenant_id, reference)
        if stored is not None:
            base_url = stored.base_url if base_url is None else base_url
            config = dict(stored.config) if config is None else config
            reference = reference or stored.credential_ref
        place, fields = clean_place(provider, base_url, config)
        return replace(
            draft,
            name=stored.name if stored else draft.name,
            base_url=place,
            config=fields,
            credential_ref=reference,
            secret=provider.clean_secret(draft.secret) if draft.secret else None,
        )

    def set_status(
        self, tenant_id: str, integration_id: str, *, enabled: bool
    ) -> tuple[str, lifecycle.Step]:
        """Enable or disable; return the id and what it came to.

        Raises:
            NotFound: This tenant has none of that id.
            LifecycleRefused: Its status does not allow the step.
        """
        row = self.get(tenant_id, integration_id)
        step = lifecycle.step(row.name, row.status, enabled=enabled, last_state=row.state)
        if step.changed:
            now = self._run.clock.now()
            changes = {
                "status": str(step.status),
                "updated_at": now,
                "active": enabled,
                "due_at": now if enabled else None,
            }
            self._driver.update(tenant_id, integration_id, changes)
            self._note(row, str(step.status), {"from": row.status, "to": str(step.status)})
        return row.id, step

    def delete(self, tenant_id: str, integration_id: str) -> str:
        """Delete softly: its history stays, its name is free, its own secrets are removed.

        Raises:
            NotFound: This tenant has none of that id.
        """
        row = self.get(tenant_id, integration_id)
        self._driver.soft_delete(tenant_id, integration_id, at=self._run.clock.now())
        self._credentials.forget(self._connection, tenant_id, row.credential_ref)
        drop_feeds(self._connection, self._credentials, tenant_id, integration_id)
        self._note(row, "deleted", {"provider": row.provider_type})
        return row.id

    def _new_row(self, new: NewIntegration, common: Mapping[str, object]) -> IntegrationRow:
        row = IntegrationRow(
            id=self._run.ids(),
            tenant_id=new.tenant_id,
            name=cast("str", common["name"]),
            provider_type=new.provider_type,
            status=str(lifecycle.first(enabled=new.enabled)),
            created_at=self._run.clock.now(),
            created_by=new.created_by or self._run.settings.operator,
        )
        return _with(row, common)

    def _differing(
        self, row: IntegrationListRow, changes: Mapping[str, object], secret: str | None
    ) -> dict[str, object]:
        provider = _same_provider(row, changes)
        columns: dict[str, object] = clean_common(changes)
        if "base_url" in changes or "config" in changes:
            columns["base_url"], columns["config"] = clean_place(
                provider, changes.get("base_url", row.base_url), _config(row, changes)
            )
        if columns.get("name", row.name) != row.name:
            self._refuse_taken(row.tenant_id, cast("str", columns["name"]), but=row.id)
        columns |= self._credential_change(row, provider, changes, secret)
        return {name: value for name, value in columns.items() if getattr(row, name) != value}

    def _apply(
        self, row: IntegrationListRow, changed: dict[str, object], expected_version: int | None
    ) -> IntegrationListRow:
        if not changed and expected_version in {None, row.version}:
            return row
        now = self._run.clock.now()
        changes = {**changed, "updated_at": now, **self._plan(row, changed)}
        self._driver.update(row.tenant_id, row.id, changes, expected_version=expected_version)
        if "credential_ref" in changed:
            self._credentials.forget(self._connection, row.tenant_id, row.credential_ref)
        self._note(row, "updated", {"changed": told(row, changed)})
        return self.get(row.tenant_id, row.id)

    def _plan(self, row: ThingRow, changed: Mapping[str, Any]) -> dict[str, object]:
        """Return what changes in the schedule.

        A new credential that brings it out of error, to disabled, is checked before it is enabled.
        """
        return super()._plan(row, {name: changed[name] for name in changed.keys() - {"status"}})

    def _credential_change(
        self,
        row: IntegrationListRow,
        provider: Provider,
        changes: Mapping[str, object],
        secret: str | None,
    ) -> dict[str, object]:
        if secret is None and "credential_ref" not in changes:
            return {}
        given = changes.get("credential_ref") if secret is None else None
        reference = self._credential(
            provider, row.tenant_id, row.name, secret, cast("str | None", given)
        )
        return {
            "credential_ref": reference,
            "status": str(lifecycle.after_credential_edit(row.status)),
        }

    def _credential(
        self,
        provider: Provider,
        tenant_id: str,
        name: str,
        secret: str | None,
        reference: str | None,
    ) -> str | None:
        """Return the reference to store; a secret in the open is encrypted here, at once."""
        if secret is not None:
            clean = provider.clean_secret(secret)
            return self._credentials.store(self._connection, tenant_id, clean, name)
        if not reference:
            return None
        return self._credentials.require(self._connection, tenant_id, reference)


def _with(row: IntegrationRow, columns: Mapping[str, object]) -> IntegrationRow:
    # The columns come from the checks of this module, by the names of the row.
    return replace(row, **columns)  # type: ignore[arg-type]


def _same_provider(row: IntegrationRow, changes: Mapping[str, object]) -> Provider:
    if changes.get("provider_type", row.provider_type) != row.provider_type:
        raise InvalidInput(
            "The provider of an integration cannot be changed: its history would lie.",
            hint="Register a new integration, then delete this one.",
            field="provider_type",
        )
    return get_provider(row.provider_type)


def _config(row: IntegrationRow, changes: Mapping[str, object]) -> object:
    return changes["config"] if "config" in changes else dict(row.config)


def told(row: IntegrationRow, changed: Mapping[str, object]) -> dict[str, object]:
    """Return each changed field with its old and new value; of a credential, only that it was."""
    said: dict[str, object] = {}
    for name, value in changed.items():
        if name == "credential_ref":
            said["credential"] = "replaced" if value else "removed"
        else:
            said[name] = [getattr(row, name), value]
    return said
