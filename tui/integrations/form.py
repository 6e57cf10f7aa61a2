"""The form of an integration: its fields follow the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.integrations.results import IntegrationDetailResult
from tui.integrations import draft
from tui.integrations.story import answer_of
from tui.inventory.form import DraftForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.fields import FieldSpec
    from tui.inventory.answer import Answer
    from tui.inventory.draft import Difference
    from tui.widgets.form import Section

NEW_PROVIDER = "openai"


class IntegrationForm(DraftForm[IntegrationDetailResult]):
    """Answers with the integration that was saved, None when it was left.

    Raises:
        InvalidInput: Its provider is not here (any more), so nobody knows its fields.
    """

    NOUN = "integration"

    def texts(self, detail: IntegrationDetailResult) -> dict[str, str]:
        """Return an integration as texts; never its secret."""
        return draft.texts(detail)

    def first_sections(self) -> tuple[Section, ...]:
        """Ask for the provider's fields."""
        return draft.sections(self.began.setdefault(draft.PROVIDER, NEW_PROVIDER))

    def sections_after(self, name: str, value: str) -> tuple[Section, ...] | None:
        """Ask for another provider's fields."""
        return draft.sections(value) if name == draft.PROVIDER else None

    def titles(self) -> Mapping[str, str]:
        """Return the providers' names for people."""
        return draft.titles()

    def stored(self, values: Mapping[str, str]) -> frozenset[str]:
        """Keep a stored secret as long as it is the same provider's."""
        detail = self.detail
        if detail is None or not detail.credential_ref:
            return frozenset()
        same = values[draft.PROVIDER] == detail.provider_type
        return frozenset({draft.SECRET} if same else ())

    def help_of(self, spec: FieldSpec) -> str:
        """Say of a secret that it can be a reference, too."""
        more = " env://NAME takes it from the environment." if spec.secret else ""
        return f"{spec.help}{more}"

    def field_of(self, field: str) -> str:
        """Return the input of the credential for its reference."""
        return draft.SECRET if field == "credential_ref" else field

    def differences(self, theirs: Mapping[str, str]) -> Sequence[Difference]:
        """Return what differs between the form and what is stored now."""
        return draft.differences(self.form.values(), self.began, theirs)

    @property
    def _reference(self) -> str | None:
        return self.detail.credential_ref if self.detail is not None else None

    async def test(self, values: dict[str, str]) -> Answer:
        """Check these values at the provider."""
        workspace = await self.desk.workspace()
        typed = draft.credential(values.get(draft.SECRET, ""))
        stored = None if typed.secret or self.edited is not None else self._reference
        result = await workspace.integrations.test_draft(
            self.desk.tenant_id,
            values[draft.PROVIDER],
            integration_id=self.edited.id if self.edited is not None else None,
            credential_ref=typed.reference or stored,
            secret=typed.secret,
            base_url=values.get("base_url") or None,
            config=draft.config(values[draft.PROVIDER], values),
        )
        return answer_of(result)

    async def create(self, values: dict[str, str]) -> IntegrationDetailResult:
        """Save a new integration."""
        workspace = await self.desk.workspace()
        made: dict[str, Any] = draft.creation(values, self._reference)
        return await workspace.integrations.create_integration(self.desk.tenant_id, **made)

    async def update(
        self, edited: IntegrationDetailResult, values: dict[str, str], changed: dict[str, str]
    ) -> IntegrationDetailResult:
        """Save what was changed."""
        workspace = await self.desk.workspace()
        changes: dict[str, Any] = draft.changes(values, changed)
        return await workspace.integrations.update_integration(
            self.desk.tenant_id, edited.id, expected_version=edited.version, **changes
        )

    async def latest(self, edited: IntegrationDetailResult) -> IntegrationDetailResult:
        """Return the integration as it is stored now."""
        workspace = await self.desk.workspace()
        return await workspace.integrations.get_integration(self.desk.tenant_id, edited.id)
