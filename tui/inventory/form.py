"""The form of one thing: new, edited or cloned; tested before it is saved; conflicts told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button
from textual.worker import Worker, WorkerState

from engine.errors import EditConflict, LampboardError, NameTaken
from tui import crash, text
from tui.inventory.answer import answer_lines
from tui.inventory.conflict import MINE, Conflict
from tui.inventory.draft import clone_name, differences
from tui.problem import problem
from tui.widgets.block import Block
from tui.widgets.cells import Span, wrap
from tui.widgets.dialogs import Confirm
from tui.widgets.form import Form
from tui.widgets.lines import Lines
from tui.widgets.modal import Modal
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from engine.fields import FieldSpec
    from tui.desk import Desk
    from tui.inventory.answer import Answer
    from tui.inventory.draft import Difference
    from tui.widgets.form import Section
    from tui.widgets.lines import Build


class Detail(Protocol):
    """What a form needs of what it edits."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def version(self) -> int:
        """What changes with every edit."""
        ...


DetailT = TypeVar("DetailT", bound=Detail)

NAME = "name"
HELP, LEAST_FIELDS, FRAME = 2, 5, 5
"""Lines of the help, of the fields beside a long answer, and of borders, padding and buttons."""


class DraftForm(Modal["DetailT | None"], Generic[DetailT]):
    """Answers with what was saved, None when it was left.

    A subclass sets `NOUN` and answers what stands below.

    Args:
        desk: The board's own.
        detail: What to edit or clone; None for a new one.
        clone: Whether `detail` is only what a new one begins with.
    """

    NOUN: ClassVar[str]
    TESTS: ClassVar[bool] = True
    """Whether values can be checked for real before they are saved."""

    CSS_PATH = Path(__file__).with_name("form.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", tooltip="Save and close"),
        Binding("f5,ctrl+g", "test", "Test", tooltip="Check these values before they are saved"),
        Binding("escape", "leave", "Leave", tooltip="Close; asks when something was typed"),
    ]

    def __init__(self, desk: Desk, detail: DetailT | None = None, *, clone: bool = False) -> None:
        super().__init__()
        self.desk = desk
        self.detail = detail
        self.edited = None if clone else detail
        self.began = self.texts(detail) if detail is not None else {}
        if clone and detail is not None:
            self.began[NAME] = clone_name(detail.name)
        self._sections = self.first_sections()
        self._busy = False

    # What a subclass says

    def texts(self, detail: DetailT) -> dict[str, str]:
        """Return a thing as the texts of a form; never its secrets."""
        raise NotImplementedError

    def first_sections(self) -> tuple[Section, ...]:
        """Return the sections to begin with; may add to `began` what they depend on."""
        raise NotImplementedError

    def sections_after(self, name: str, value: str) -> tuple[Section, ...] | None:  # noqa: ARG002
        """Return the sections after a field was changed; None where they stay."""
        return None

    def titles(self) -> Mapping[str, str]:
        """Return words for the values of choices."""
        return {}

    def stored(self, values: Mapping[str, str]) -> frozenset[str]:  # noqa: ARG002 - for subclasses
        """Return the names of the secrets that are stored, and stay so where nothing is typed."""
        return frozenset()

    def help_of(self, spec: FieldSpec) -> str:
        """Return what is said of the field in focus."""
        return spec.help

    def field_of(self, field: str) -> str:
        """Return the form's field that an error's field means."""
        return field

    def doubts(self, values: Mapping[str, str]) -> Sequence[str]:  # noqa: ARG002 - for subclasses
        """Return a question to ask before saving, a title and paragraphs; nothing where clear."""
        return ()

    def differences(self, theirs: Mapping[str, str]) -> Sequence[Difference]:
        """Return what differs between the form and what is stored now."""
        return differences(self._sections, self.values(), self.began, theirs)

    # What a form that has more than fields says

    def values(self) -> dict[str, str]:
        """Return the texts of all that is asked for."""
        return self.form.values()

    def changed(self) -> dict[str, str]:
        """Return the texts that differ from those it began with."""
        return self.form.changed()

    def begin_with(self, texts: Mapping[str, str]) -> None:
        """Put these texts in the place of what was typed, as those that it began with."""
        for name in self.form.values():
            self.form.set_value(name, texts.get(name, ""))
            self.form.began_with(name, texts.get(name, ""))

    def check(self) -> bool:
        """Judge all that was typed; put the focus on what is wrong. True when nothing is."""
        return self.form.check()

    async def test(self, values: dict[str, str]) -> Answer:
        """Check these values for real; nothing is recorded."""
        raise NotImplementedError

    async def create(self, values: dict[str, str]) -> DetailT:
        """Save a new thing."""
        raise NotImplementedError

    async def update(
        self, edited: DetailT, values: dict[str, str], changed: dict[str, str]
    ) -> DetailT:
        """Save what was changed, unless somebody else saved meanwhile.

        Raises:
            EditConflict: It is no longer the version that the form began with.
        """
        raise NotImplementedError

    async def latest(self, edited: DetailT) -> DetailT:
        """Return the thing as it is stored now."""
        raise NotImplementedError

    # Building

    def compose(self) -> ComposeResult:
        """Yield the card: fields, help, a test's answer, buttons."""
        form = Form(
            self._sections,
            self.began,
            stored=self.stored(self.began),
            titles=self.titles(),
            glyphs=self.desk.glyphs,
        )
        with Vertical(classes="card") as card:
            yield form
            yield Block(id="answer")
            yield Lines(id="help")
            with Horizontal(classes="buttons"):
                if self.TESTS:
                    yield Button(Content("Test  F5"), id="test", compact=True)
                yield Button(Content("Save  ctrl+s"), id="save", compact=True)
        set_title(card, self._title(), "esc leaves")

    def on_mount(self) -> None:
        """Draw the card in plain letters where those are wanted."""
        self.set_class(self.desk.glyphs.ascii, "-ascii")

    def _title(self) -> str:
        if self.detail is None:
            return f"New {self.NOUN}"
        verb = "Edit" if self.edited is not None else "Clone"
        return f"{verb} {text.ellipsis(text.clean(self.detail.name), 40)}"

    @property
    def form(self) -> Form:
        """The fields."""
        return self.query_one(Form)

    # What is typed

    async def on_form_edited(self, event: Form.Edited) -> None:
        """Ask for the fields of another choice; an answer to other values goes."""
        if not self._busy:
            self.answer(None)
        sections = self.sections_after(event.name, event.value)
        if sections is not None:
            self.form.stored = self.stored(self.form.values())
            await self.form.set_sections(sections)
            spec = next((spec for spec in self.form.specs if spec.name == event.name), None)
            if spec is not None:
                self._help(spec)

    def on_form_entered(self, event: Form.Entered) -> None:
        """Say what the field in focus is for."""
        self._help(event.spec)

    def _help(self, spec: FieldSpec) -> None:
        words = self.help_of(spec)
        self.query_one("#help", Lines).show(lambda width: wrap(words, width, "muted", most=2))

    def answer(self, build: Build | None) -> None:
        """Show lines in the place of the help; None shows the help again."""
        shown = self.query_one("#answer", Block)
        shown.display = build is not None
        self.query_one("#help").display = build is None
        shown.show(build or (lambda _: ()))
        self._fit()
        # A first answer has its lines once it has its width.
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Give the fields what answer or help and buttons leave: beyond that they scroll."""
        shown = self.query_one("#answer", Block)
        most = max(HELP, self.size.height - FRAME - 1 - LEAST_FIELDS)
        shown.styles.max_height = most
        below = min(len(shown.lines) or HELP, most) + 1
        self.form.styles.max_height = max(3, self.size.height - below - FRAME)

    def on_resize(self) -> None:
        """Share the new height."""
        self._fit()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer a test only where there is one."""
        return action != "test" or self.TESTS

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        event.stop()
        if event.button.id == "test":
            self.action_test()
        else:
            self.action_save()

    def action_test(self) -> None:
        """Check the values in the form for real, before they are saved."""
        if not self._busy and self.check():
            self._begin("Testing these values")
            self.run_worker(self.test(self.values()), name="test", exit_on_error=False)

    def action_save(self) -> None:
        """Save, when every field is fine."""
        if self._busy or not self.check():
            return
        if self.edited is not None and not self.changed():
            self.dismiss(None)
            return
        if doubts := self.doubts(self.values()):
            title, *said = doubts
            self.app.push_screen(Confirm(title, *said, yes="Save", danger=True), self._sure)
        else:
            self._sure(True)

    def _sure(self, yes: bool | None) -> None:
        if yes:
            self._begin("Saving")
            self.run_worker(self._save(), name="save", exit_on_error=False)

    async def action_leave(self) -> None:
        """Close; ask first when something would be lost."""
        if self._busy:
            self.workers.cancel_node(self)
            self._busy = False
            self.answer(None)
        elif self.changed():
            name = self.edited.name if self.edited is not None else f"The new {self.NOUN}"
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
        gap = self.desk.glyphs.gap
        line = (Span(f"{gap} ", "accent"), Span(words, "strong"), Span("  esc stops", "muted"))
        self.answer(lambda _: (line,))

    # Work

    async def _save(self) -> DetailT:
        values = self.values()
        if self.edited is None:
            return await self.create(values)
        return await self.update(self.edited, values, self.changed())

    async def _conflict(self) -> None:
        """Show both versions; `mine` is saved over theirs, `theirs` replaces what was typed."""
        edited = cast("DetailT", self.edited)
        latest = await self.latest(edited)
        theirs = self.texts(latest)
        answer = await self.app.push_screen_wait(Conflict(edited.name, self.differences(theirs)))
        if answer is None:
            return
        self.edited = self.detail = latest
        if answer == MINE:
            self.call_later(self.action_save)
            return
        self.begin_with(theirs)
        self.began = theirs

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
            self._answered(cast("Answer", worker.result))
        elif event.state is WorkerState.SUCCESS and worker.name == "save":
            self.dismiss(cast("DetailT", worker.result))

    def _answered(self, answer: Answer) -> None:
        glyphs = self.desk.glyphs
        self.answer(lambda width: answer_lines(answer, width, glyphs))

    def _refused(self, error: BaseException) -> None:
        """Say it beside the field that is to blame, else above the buttons."""
        if isinstance(error, EditConflict):
            self.answer(None)
            self.run_worker(self._conflict(), name="conflict", exit_on_error=False)
            return
        found = problem(error, log_file=self.desk.log_file)
        if not found.expected:
            crash.write(error, self.desk.log_file)
        field = error.field if isinstance(error, LampboardError) else None
        if isinstance(error, NameTaken):
            field = field or NAME
        if field is not None and self.form.blame(self.field_of(field), found.sentence):
            self.answer(None)
            return
        glyph = self.desk.glyphs.lamp("failing")
        self.answer(lambda width: wrap(f"{glyph} {found.sentence}", width, "failing", most=4))
