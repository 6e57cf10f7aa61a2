"""The form of a connector: type, then technology, then the fields that both ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.connectors.drafts import ConnectorDraft
from engine.connectors.model import ConnectorType
from engine.connectors.results import ConnectorInfo
from tui.connectors import draft
from tui.connectors.story import answer_of
from tui.inventory import draft as inventory
from tui.inventory.form import DraftForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.inventory.answer import Answer
    from tui.inventory.draft import Difference
    from tui.widgets.form import Section


class ConnectorForm(DraftForm[ConnectorInfo]):
    """Answers with the connector that was saved, None when it was left.

    Raises:
        InvalidInput: Its technology is not here (any more), so nobody knows its fields.
    """

    NOUN = "connector"

    def texts(self, detail: ConnectorInfo) -> dict[str, str]:
        """Return a connector as texts; never its secrets."""
        return draft.texts(detail)

    def first_sections(self) -> tuple[Section, ...]:
        """Ask for the fields of type and technology."""
        if self.detail is not None:
            return self._sections_of(draft.kind_of(self.detail))
        first = str(ConnectorType.HTTP)
        self.began[draft.TYPE] = first
        self.began[draft.TECHNOLOGY] = draft.technology_in(first, "")
        return self._sections_of(self._kind(self.began))

    def sections_after(self, name: str, value: str) -> tuple[Section, ...] | None:
        """Ask for the fields of another type or technology."""
        if name not in {draft.TYPE, draft.TECHNOLOGY}:
            return None
        return self._sections_of(self._kind(self.form.values() | {name: value}))

    def _sections_of(self, kind: draft.Kind) -> tuple[Section, ...]:
        return draft.sections(kind, fixed=self.edited is not None)

    def _kind(self, values: Mapping[str, str]) -> draft.Kind:
        connector_type = values[draft.TYPE]
        wished = draft.technology_in(connector_type, values.get(draft.TECHNOLOGY, ""))
        found = draft.Kind(type=connector_type, technology=wished)
        before = draft.kind_of(self.detail) if self.detail is not None else found
        same = (found.type, found.technology) == (before.type, before.technology)
        return before if same else found

    def titles(self) -> Mapping[str, str]:
        """Return the words for technologies."""
        return draft.titles()

    def stored(self, values: Mapping[str, str]) -> frozenset[str]:
        """Keep stored secrets as long as it is the same technology; a copy has none."""
        return draft.stored(self.edited) if self._unmoved(values) and self.edited else frozenset()

    def _unmoved(self, values: Mapping[str, str]) -> bool:
        return self.edited is not None and self._kind(values) == draft.kind_of(self.edited)

    def field_of(self, field: str) -> str:
        """Return the input for an error's field: an endpoint is typed as its technology's URL."""
        return draft.STRING if field == "endpoint" else field

    def differences(self, theirs: Mapping[str, str]) -> Sequence[Difference]:
        """Return what differs between the form and what is stored now."""
        mine = self.form.values()
        shown = {name: value for name, value in theirs.items() if name in mine}
        return inventory.differences(self.form.sections, mine, self.began, shown)

    def _config(self, values: dict[str, str]) -> dict[str, Any]:
        kept = self.edited.config if self._unmoved(values) and self.edited is not None else None
        return draft.config(self._kind(values), values, kept=self.stored(values), before=kept)

    async def test(self, values: dict[str, str]) -> Answer:
        """Connect with these values."""
        workspace = await self.desk.workspace()
        kind = self._kind(values)
        result = await workspace.connectors.test_draft(
            ConnectorDraft(
                tenant_id=self.desk.tenant_id,
                connector_type=kind.type,
                technology=kind.technology,
                config=self._config(values),
                name=values["name"],
                connector_id=self.edited.id if self.edited is not None else "",
            )
        )
        return answer_of(result)

    async def create(self, values: dict[str, str]) -> ConnectorInfo:
        """Save a new connector."""
        workspace = await self.desk.workspace()
        kind, common = self._kind(values), draft.common(values)
        said: dict[str, Any] = {**common, "config": self._config(values)}
        return await workspace.connectors.register_connector(
            self.desk.tenant_id, values["name"], kind.type, technology=kind.technology, **said
        )

    async def update(
        self, edited: ConnectorInfo, values: dict[str, str], changed: dict[str, str]
    ) -> ConnectorInfo:
        """Save what was changed."""
        workspace = await self.desk.workspace()
        made: dict[str, Any] = draft.changes(values, changed)
        if draft.reaches(self._kind(values), changed):
            made |= {draft.TECHNOLOGY: values[draft.TECHNOLOGY], "config": self._config(values)}
        return await workspace.connectors.update_connector(
            self.desk.tenant_id, edited.id, expected_version=edited.version, **made
        )

    async def latest(self, edited: ConnectorInfo) -> ConnectorInfo:
        """Return the connector as it is stored now."""
        workspace = await self.desk.workspace()
        return await workspace.connectors.get_connector(self.desk.tenant_id, edited.id)
