"""The form of a source: type, then technology, then the fields that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.sources.drafts import SourceDraft
from engine.sources.model import CustomerDataSource, DataSourceType
from tui.inventory import draft as inventory
from tui.inventory.form import DraftForm
from tui.sources import draft, pasting
from tui.sources.story import answer_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.inventory.answer import Answer
    from tui.inventory.draft import Difference
    from tui.widgets.form import Form, Section

PASTED = 2
"""Characters that come at once only by a paste."""


class SourceForm(DraftForm[CustomerDataSource]):
    """Answers with the source that was saved, None when it was left.

    Raises:
        InvalidInput: Its technology is not here (any more), so nobody knows its fields.
    """

    NOUN = "source"

    # Fields by type and technology

    def texts(self, detail: CustomerDataSource) -> dict[str, str]:
        """Return a source as texts; never its secrets."""
        return draft.texts(detail)

    def first_sections(self) -> tuple[Section, ...]:
        """Ask for the fields of the technology."""
        self._length = 0
        self._extra: dict[str, str] = {}
        self._pasted: draft.Kind | None = None
        if self.detail is not None:
            return draft.sections(draft.kind_of(self.detail))
        source_type = str(DataSourceType.DATABASE)
        self.began[draft.TYPE] = source_type
        self.began[draft.TECHNOLOGY] = draft.technology_in(source_type, "")
        return draft.sections(self._kind(self.began))

    def sections_after(self, name: str, value: str) -> tuple[Section, ...] | None:
        """Ask for the fields of another type or technology."""
        if name not in {draft.TYPE, draft.TECHNOLOGY}:
            return None
        return draft.sections(self._kind(self.form.values() | {name: value}))

    def _kind(self, values: Mapping[str, str]) -> draft.Kind:
        source_type, wished = values[draft.TYPE], values.get(draft.TECHNOLOGY, "")
        for before in (self._pasted, draft.kind_of(self.detail) if self.detail else None):
            if before is not None and (source_type, wished) == (before.type, before.technology):
                return before
        return draft.Kind(type=source_type, technology=draft.technology_in(source_type, wished))

    def titles(self) -> Mapping[str, str]:
        """Return the words for types and technologies."""
        return draft.titles()

    def stored(self, values: Mapping[str, str]) -> frozenset[str]:
        """Keep stored secrets as long as it is the same technology; a copy has none."""
        edited = self.edited
        if edited is None or self._kind(values) != draft.kind_of(edited):
            return frozenset()
        return draft.stored(edited)

    # A connection string

    async def on_form_edited(self, event: Form.Edited) -> None:
        """Take a connection string apart as soon as it is pasted."""
        if event.name != draft.CONNECTION:
            return
        grown, self._length = len(event.value) - self._length, len(event.value)
        if grown >= PASTED:
            await self._take_apart(event.value)

    async def on_form_left(self, event: Form.Left) -> None:
        """Take apart what was typed, once it is whole."""
        if event.name == draft.CONNECTION and event.value.strip():
            await self._take_apart(event.value)

    async def _take_apart(self, typed: str) -> None:
        """Fill in what a string says, and take it away: its secret has a field of its own."""
        try:
            found = pasting.fields_of(typed, self._kind(self.form.values()))
        except InvalidInput as error:
            self.form.blame(draft.CONNECTION, f"{error.message} {error.hint}".strip())
            return
        self._length, self._extra, self._pasted = 0, dict(found.extra), found.kind
        self.form.stored = self.stored(found.values)
        await self.form.fill(found.values, draft.sections(found.kind))
        self.notify(pasting.words(found), markup=False, timeout=6)

    # Saving and testing

    def field_of(self, field: str) -> str:
        """Return the input for a string that the technology does not ask for itself."""
        asked = {spec.name for spec in self.form.specs}
        return draft.CONNECTION if field == draft.STRING and field not in asked else field

    def doubts(self, values: Mapping[str, str]) -> Sequence[str]:
        """Ask before a source is hidden from the very person who saves it."""
        mine = self.desk.settings.roles
        if not draft.hides(values, mine):
            return ()
        have = f"You have: {', '.join(mine)}." if mine else "You have no role (settings: roles)."
        return (
            "Hide it from yourself?",
            "With these roles you will not see this source any more.",
            have,
        )

    def differences(self, theirs: Mapping[str, str]) -> Sequence[Difference]:
        """Return what differs between the form and what is stored now."""
        mine = self.form.values()
        shown = {name: value for name, value in theirs.items() if name in mine}
        sections = draft.sections(self._kind(mine))
        return inventory.differences(sections, mine, self.began, shown)

    def _config(self, values: dict[str, str]) -> dict[str, Any]:
        kind = self._kind(values)
        same = self.edited is not None and kind == draft.kind_of(self.edited)
        extra = self._extra if kind == self._pasted else {}
        return draft.config(
            kind,
            values,
            kept=self.stored(values),
            before=self.edited if same else None,
            extra=extra,
        )

    async def test(self, values: dict[str, str]) -> Answer:
        """Connect with these values."""
        workspace = await self.desk.workspace()
        kind = self._kind(values)
        result = await workspace.sources.test_draft(
            SourceDraft(
                tenant_id=self.desk.tenant_id,
                source_type=kind.type,
                technology=kind.technology or None,
                config=self._config(values),
                name=values["name"],
                source_id=self.edited.source_id if self.edited is not None else "",
            )
        )
        return answer_of(result)

    async def create(self, values: dict[str, str]) -> CustomerDataSource:
        """Save a new source."""
        workspace = await self.desk.workspace()
        kind = self._kind(values)
        made: dict[str, Any] = draft.common(values)
        return await workspace.sources.register_source(
            self.desk.tenant_id,
            values["name"],
            kind.type,
            self._config(values),
            technology=kind.technology or None,
            **made,
        )

    async def update(
        self, edited: CustomerDataSource, values: dict[str, str], changed: dict[str, str]
    ) -> CustomerDataSource:
        """Save what was changed."""
        workspace = await self.desk.workspace()
        made: dict[str, Any] = draft.changes(values, changed)
        if draft.reaches(self._kind(values), changed):
            made["config"] = self._config(values)
        return await workspace.sources.update_source(
            self.desk.tenant_id, edited.source_id, expected_version=edited.version, **made
        )

    async def latest(self, edited: CustomerDataSource) -> CustomerDataSource:
        """Return the source as it is stored now."""
        workspace = await self.desk.workspace()
        return await workspace.sources.get_source(self.desk.tenant_id, edited.source_id)
