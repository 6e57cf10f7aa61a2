"""The form of an integration: new, edited or cloned; tested before it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button
from textual.worker import Worker, WorkerState

from engine.errors import EditConflict, LampboardError, NameTaken
from engine.integrations.fields import NAME
from tui import crash, text
from tui.integrations import draft
from tui.integrations.conflict import MINE, Conflict
from tui.integrations.story import answer_lines
from tui.problem import problem
from tui.widgets.block import Block
from tui.widgets.cells import Span, wrap
from tui.widgets.dialogs import Choose, Confirm
from tui.widgets.form import Form
from tui.widgets.lines import Lines
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from engine.fields import FieldSpec
    from engine.integrations.results import HealthCheckResult, IntegrationDetailResult
    from tui.desk import Desk
    from tui.widgets.inputs import ChoiceInput
    from tui.widgets.lines import Build

NEW_PROVIDER = "openai"
HELP, MOST_ANSWER, FRAME = 2, 10, 5
"""Lines of the help, most of an answer, and of borders, padding and buttons."""


class IntegrationForm(ModalScreen["IntegrationDetailResult | None"]):
    """Answers with what was saved, None when it was left.

    Args:
        desk: The board's own.
        detail: What to edit or clone; None for a new one.
        clone: Whether `detail` is only what a new one begins with.

    Raises:
        InvalidInput: Its provider is not here (any more), so nobody knows its fields.
    """

    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", tooltip="Save and close"),
        Binding("f5,ctrl+g", "test", "Test", tooltip="Check these values before they are saved"),
        Binding("escape", "leave", "Leave", tooltip="Close; asks when something was typed"),
    ]

    def __init__(
        self, desk: Desk, detail: IntegrationDetailResult | None = None, *, clone: bool = False
    ) -> None:
        super().__init__()
        self._desk = desk
        self._detail = detail
        self._edited = None if clone else detail
        self._reference = detail.credential_ref if detail is not None else None
        self._began = draft.texts(detail) if detail is not None else {}
        if clone and detail is not None:
            self._began[NAME.name] = draft.clone_name(detail.name)
        self._sections = draft.sections(self._began.setdefault(draft.PROVIDER, NEW_PROVIDER))
        self._busy = False

    # Building

    def compose(self) -> ComposeResult:
        """Yield the card: fields, help, a test's answer, buttons."""
        form = Form(
            self._sections,
            self._began,
            stored=frozenset({draft.SECRET}) if self._reference else frozenset(),
            titles=draft.titles(),
            glyphs=self._desk.glyphs,
        )
        with Vertical(classes="card") as card:
            yield form
            yield Block(id="answer")
            yield Lines(id="help")
            with Horizontal(classes="buttons"):
                yield Button(Content("Test  F5"), id="test", compact=True)
                yield Button(Content("Save  ctrl+s"), id="save", compact=True)
        set_title(card, self._title(), "esc leaves")

    def on_mount(self) -> None:
        """Draw the card in plain letters where those are wanted."""
        self.set_class(self._desk.glyphs.ascii, "-ascii")

    def _title(self) -> str:
        if self._edited is not None:
            return f"Edit {text.ellipsis(text.clean(self._edited.name), 40)}"
        if self._detail is not None:
            return f"Clone {text.ellipsis(text.clean(self._detail.name), 40)}"
        return "New integration"

    @property
    def form(self) -> Form:
        """The fields."""
        return self.query_one(Form)

    # What is typed

    async def on_form_edited(self, event: Form.Edited) -> None:
        """Ask for the fields of another provider; an answer to other values goes."""
        self._answer(None)
        if event.name == draft.PROVIDER:
            same = self._detail is not None and event.value == self._detail.provider_type
            self.form.stored = frozenset({draft.SECRET} if same and self._reference else ())
            await self.form.set_sections(draft.sections(event.value))
            self._help(self.form.specs[1])

    def on_form_entered(self, event: Form.Entered) -> None:
        """Say what the field in focus is for."""
        self._help(event.spec)

    def on_choice_input_list_asked(self, event: ChoiceInput.ListAsked) -> None:
        """Offer all choices in a list."""
        choice = event.choice

        def take(value: str | None) -> None:
            if value is not None:
                choice.value = value

        self.app.push_screen(Choose("Provider", choice.options, current=choice.value), take)

    def _help(self, spec: FieldSpec) -> None:
        words = spec.help
        if spec.secret:
            words = f"{words} env://NAME takes it from the environment."
        self.query_one("#help", Lines).show(lambda width: wrap(words, width, "muted", most=2))

    def _answer(self, build: Build | None) -> None:
        """Show lines in the place of the help; None shows the help again."""
        shown = self.query_one("#answer", Block)
        shown.display = build is not None
        self.query_one("#help").display = build is None
        shown.show(build or (lambda _: ()))
        self._fit()

    def _fit(self) -> None:
        """Give the fields what answer or help and buttons leave: beyond that they scroll."""
        answer = len(self.query_one("#answer", Block).lines)
        below = min(answer, MOST_ANSWER) + 1 if answer else HELP + 1
        self.form.styles.max_height = max(3, self.size.height - below - FRAME)

    def on_resize(self) -> None:
        """Share the new height."""
        self._fit()

    # Actions

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        event.stop()
        if event.button.id == "test":
            self.action_test()
        else:
            self.action_save()

    def action_test(self) -> None:
        """Check the values in the form for real, before they are saved."""
        if not self._busy and self.form.check():
            self._begin("Testing these values")
            self.run_worker(self._test(), name="test", exit_on_error=False)

    def action_save(self) -> None:
        """Save, when every field is fine."""
        if self._busy or not self.form.check():
            return
        if self._edited is not None and not self.form.dirty:
            self.dismiss(None)
            return
        self._begin("Saving")
        self.run_worker(self._save(), name="save", exit_on_error=False)

    async def action_leave(self) -> None:
        """Close; ask first when something would be lost."""
        if self._busy:
            self.workers.cancel_node(self)
            self._busy = False
            self._answer(None)
        elif self.form.dirty:
            name = self._edited.name if self._edited is not None else "The new integration"
            question = Confirm(
                "Leave without saving?",
                f"{text.clean(name)}: what you typed will be lost.",
                yes="Leave",
                no="Stay",
                danger=True,
            )
            self.app.push_screen(question, self._left)
        else:
            self.dismiss(None)

    def _left(self, yes: bool | None) -> None:
        if yes:
            self.dismiss(None)

    def _begin(self, words: str) -> None:
        self._busy = True
        gap = self._desk.glyphs.gap
        line = (Span(f"{gap} ", "accent"), Span(words, "strong"), Span("  esc stops", "muted"))
        self._answer(lambda _: (line,))

    # Work

    async def _test(self) -> HealthCheckResult:
        workspace = await self._desk.workspace()
        values = self.form.values()
        typed = draft.credential(values.get(draft.SECRET, ""))
        stored = None if typed.secret or self._edited is not None else self._reference
        return await workspace.integrations.test_draft(
            self._desk.tenant_id,
            values[draft.PROVIDER],
            integration_id=self._edited.id if self._edited is not None else None,
            credential_ref=typed.reference or stored,
            secret=typed.secret,
            base_url=values.get("base_url") or None,
            config=draft.config(values[draft.PROVIDER], values),
        )

    async def _save(self) -> IntegrationDetailResult:
        workspace = await self._desk.workspace()
        facade, tenant_id = workspace.integrations, self._desk.tenant_id
        values = self.form.values()
        if self._edited is None:
            made: dict[str, Any] = draft.creation(values, self._reference)
            return await facade.create_integration(tenant_id, **made)
        changes: dict[str, Any] = draft.changes(values, self.form.changed())
        return await facade.update_integration(
            tenant_id, self._edited.id, expected_version=self._edited.version, **changes
        )

    async def _conflict(self) -> None:
        """Show both versions; `mine` is saved over theirs, `theirs` replaces what was typed."""
        edited = cast("IntegrationDetailResult", self._edited)
        workspace = await self._desk.workspace()
        latest = await workspace.integrations.get_integration(self._desk.tenant_id, edited.id)
        theirs = draft.texts(latest)
        found = draft.differences(self.form.values(), self._began, theirs)
        answer = await self.app.push_screen_wait(Conflict(edited.name, found))
        if answer is None:
            return
        self._edited = self._detail = latest
        self._reference = latest.credential_ref
        if answer == MINE:
            self.call_later(self.action_save)
            return
        for name in self.form.values():
            self.form.set_value(name, theirs.get(name, ""))
            self.form.began_with(name, theirs.get(name, ""))
        self._began = theirs

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Take what the work came to; the one place where its errors are shown."""
        event.stop()
        worker = event.worker
        if not worker.is_finished:
            return
        self._busy = False
        if event.state is WorkerState.ERROR and worker.error is not None:
            self._refused(worker.error)
        elif event.state is WorkerState.SUCCESS and worker.name == "test":
            self._answered(cast("HealthCheckResult", worker.result))
        elif event.state is WorkerState.SUCCESS and worker.name == "save":
            self.dismiss(cast("IntegrationDetailResult", worker.result))

    def _answered(self, result: HealthCheckResult) -> None:
        glyphs = self._desk.glyphs
        self._answer(lambda width: answer_lines(result, width, glyphs))

    def _refused(self, error: BaseException) -> None:
        """Say it beside the field that is to blame, else above the buttons."""
        if isinstance(error, EditConflict):
            self._answer(None)
            self.run_worker(self._conflict(), name="conflict", exit_on_error=False)
            return
        found = problem(error, log_file=self._desk.log_file)
        if not found.expected:
            crash.write(error, self._desk.log_file)
        field = error.field if isinstance(error, LampboardError) else None
        if isinstance(error, NameTaken):
            field = field or NAME.name
        if field == "credential_ref":
            field = draft.SECRET
        if field is not None and self.form.blame(field, found.sentence):
            self._answer(None)
            return
        glyph = self._desk.glyphs.lamp("failing")
        self._answer(lambda width: wrap(f"{glyph} {found.sentence}", width, "failing", most=4))
