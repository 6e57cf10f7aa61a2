"""What a document comes to: decided on one connection, and carried out there.

Like engine.py, loaded in the worker thread only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.integrations import lifecycle
from engine.integrations.drafts import NewIntegration
from engine.integrations.engine import told

if TYPE_CHECKING:
    from engine.integrations.documents import IntegrationDocument
    from engine.integrations.engine import CusIntegrationEngine
    from storage.integrations import IntegrationListRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What a document comes to.

    Attributes:
        outcome: Which of the three.
        row: What is there already; None where it is created.
        changes: The columns that differ, with their new values.
        enabled: Whether to enable or to disable it; None for neither.
    """

    outcome: Literal["created", "changed", "unchanged"]
    row: IntegrationListRow | None
    changes: dict[str, object]
    enabled: bool | None = None

    def told(self) -> dict[str, object]:
        """Return each field that differs with its old and new value, JSON-ready."""
        return told(self.row, self.changes) if self.row else {}


def decide(engine: CusIntegrationEngine, tenant_id: str, said: IntegrationDocument) -> Decision:
    """Return what the document comes to now; nothing is stored.

    Raises:
        InvalidInput, CredentialReferenceInvalid: A value cannot be used.
        NotFound: The credential reference points to nothing of this tenant.
        LifecycleRefused: It cannot be enabled or disabled.
    """
    row = engine.find(tenant_id, said.name)
    if row is None:
        engine.vetted(_new(tenant_id, said))
        return Decision(outcome="created", row=None, changes={})
    wanted = said.changes()
    if wanted.get("credential_ref") == row.credential_ref:
        wanted.pop("credential_ref", None)  # to repeat a reference is not to edit the credential
    changes = engine.differences(row, wanted)
    enabled = _step(row, changes, said.enabled)
    if enabled is not None:
        changes["status"] = "enabled" if enabled else "disabled"
    return Decision(
        outcome="changed" if changes else "unchanged", row=row, changes=changes, enabled=enabled
    )


def _step(row: IntegrationListRow, changes: dict[str, object], wanted: bool | None) -> bool | None:
    """Return what to enable or disable it to, or None where nothing is to be done."""
    if wanted is None:
        return None
    status = str(changes.get("status", row.status))
    step = lifecycle.step(row.name, status, enabled=wanted, last_state=row.state)
    return wanted if step.changed else None


def carry_out(
    engine: CusIntegrationEngine, tenant_id: str, said: IntegrationDocument, decision: Decision
) -> str:
    """Make it so and return the integration's id; `decision` is of the same transaction.

    Raises:
        NameTaken, StaleWrite: Somebody else was quicker.
    """
    row = decision.row
    if row is None:
        return engine.create(_new(tenant_id, said), None).id
    wanted = {name: value for name, value in said.changes().items() if name in decision.changes}
    if wanted:
        engine.update(tenant_id, row.id, wanted, secret=None, expected_version=row.version)
    if decision.enabled is not None:
        engine.set_status(tenant_id, row.id, enabled=decision.enabled)
    return row.id


def _new(tenant_id: str, said: IntegrationDocument) -> NewIntegration:
    return NewIntegration(
        tenant_id=tenant_id,
        provider_type=said.provider_type,
        values=said.common(),
        base_url=said.base_url,
        config=said.config,
        credential_ref=said.credential_ref,
        enabled=said.enabled,
    )
