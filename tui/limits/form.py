"""The form of a meter's limits; what they would mean is said as one types."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.worker import Worker, WorkerState

from engine.limits.results import MeterStory
from tui import text
from tui.inventory.form import DraftForm
from tui.limits.draft import SECTIONS, limits, texts
from tui.limits.means import means_lines

if TYPE_CHECKING:
    from engine.limits.results import Preview
    from tui.widgets.form import Form, Section

MEANS = "means"
"""The name of the worker that asks what the limits in the form would mean."""


class LimitsForm(DraftForm[MeterStory]):
    """Answers with the story of the meter after saving; None when it was left."""

    NOUN = "limit"
    TESTS: ClassVar[bool] = False

    # What the form asks

    def texts(self, detail: MeterStory) -> dict[str, str]:
        """Return the limits that hold."""
        return texts(detail)

    def first_sections(self) -> tuple[Section, ...]:
        """Return the fields: always the same."""
        return SECTIONS

    async def update(
        self,
        edited: MeterStory,
        values: dict[str, str],  # noqa: ARG002 - what was not changed stays
        changed: dict[str, str],
    ) -> MeterStory:
        """Set what was changed."""
        workspace = await self.desk.workspace()
        return await workspace.limits.set_limits(
            edited.tenant_id,
            edited.scope,
            edited.subject,
            **limits(changed),
            expected_version=edited.version,
        )

    async def latest(self, edited: MeterStory) -> MeterStory:
        """Return the meter as it is now."""
        workspace = await self.desk.workspace()
        return await workspace.limits.get_meter(edited.tenant_id, edited.scope, edited.subject)

    def _title(self) -> str:
        name = text.clean(self.detail.name) if self.detail is not None else ""
        scope = self.detail.scope if self.detail is not None else ""
        return f"Limits of {scope} {text.ellipsis(name, 40)}"

    # What they would mean

    def on_mount(self) -> None:
        """Say what the limits mean that hold now."""
        self._ask()

    async def on_form_edited(self, event: Form.Edited) -> None:
        """Say what the limits would mean that are typed now."""
        # The form's own handler would take the answer away.
        event.prevent_default()
        if not self._busy:
            self._ask()

    def _ask(self) -> None:
        if not any(spec.problem(self.form.values()[spec.name]) for spec in self.form.specs):
            self.run_worker(
                self._means(), name=MEANS, group=MEANS, exclusive=True, exit_on_error=False
            )

    async def _means(self) -> tuple[Preview, ...]:
        meter = cast("MeterStory", self.detail)
        workspace = await self.desk.workspace()
        values = limits(self.form.values())
        return await workspace.limits.preview(meter.tenant_id, meter.scope, meter.subject, **values)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what the limits mean; the form's own handler takes all else, errors too."""
        if event.worker.name != MEANS or event.state is WorkerState.ERROR:
            return
        event.prevent_default()
        event.stop()
        if event.state is WorkerState.SUCCESS and not self._busy:
            found, glyphs = cast("tuple[Preview, ...]", event.worker.result), self.desk.glyphs
            self.answer(lambda width: means_lines(found, width, glyphs))
