"""The form of a run: values for a template's parameters, judged as one types; then its rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button
from textual.worker import Worker, WorkerState

from engine.errors import EXIT_USAGE, LampboardError
from engine.gateway.errors import SqlGatewayError, SqlInjectionAttemptError
from tui import crash, text
from tui.gateway import asking
from tui.gateway.highlight import one_line
from tui.gateway.results import Results
from tui.problem import Problem, problem
from tui.widgets.block import Block
from tui.widgets.cells import Cell, Span, wrap
from tui.widgets.form import Form
from tui.widgets.lines import Lines
from tui.widgets.modal import Modal
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from engine.gateway.model import SqlQueryResult
    from engine.gateway.results import TemplateDetail
    from tui.desk import Desk
    from tui.theme import Glyphs

RUN = "run"
"""The name of the worker that runs the template."""

RECORDED = "The run is in the activity, without the value."


class RunForm(Modal[None]):
    """Runs one version of a template, as often as one likes; what takes no values runs at once."""

    SCOPED_CSS = False
    CSS = """
    RunForm { align: center middle; background: $background 60%; }
    RunForm > .card { width: 90; max-width: 96%; height: auto; max-height: 100%;
        background: $surface; padding: 1 1 0 1; border: round $primary;
        border-title-color: $foreground; border-title-style: bold;
        border-subtitle-color: $foreground 60%; }
    RunForm.-ascii > .card { border: ascii $primary; }
    RunForm.-alarm > .card { border: round $error; border-title-color: $error; }
    RunForm.-ascii.-alarm > .card { border: ascii $error; }
    RunForm Lines { background: transparent; }
    RunForm #statement { height: 1; margin: 0 1 1 1; overflow: hidden; }
    RunForm Form { height: auto; }
    RunForm #answer { height: auto; max-height: 8; margin: 1 1 0 1; display: none; }
    RunForm #help { height: 2; margin: 1 1 0 1; overflow: hidden; }
    RunForm .buttons { height: 1; margin: 0 1; align-horizontal: right; }
    RunForm Button { height: 1; min-width: 10; width: auto; border: none; padding: 0 2;
        margin: 0 0 0 2; background: $panel; color: $foreground; text-style: none; }
    RunForm Button:hover { background: $panel-lighten-1; }
    RunForm Button:focus { background: $primary; color: $background; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+g", "run", "Run", tooltip="Run it with these values"),
        Binding("escape", "leave", "Leave", tooltip="Stop the run, else close"),
    ]

    def __init__(self, desk: Desk, detail: TemplateDetail) -> None:
        super().__init__()
        self.desk = desk
        self.detail = detail
        self._began = desk.now()
        self._under_way = False

    def compose(self) -> ComposeResult:
        """Yield the card: the statement, the values, what came of it, the button."""
        detail = self.detail
        with Vertical(classes="card") as card:
            yield Lines(id="statement")
            yield Form(
                asking.sections(detail.parameters),
                titles=asking.TITLES,
                glyphs=self.desk.glyphs,
            )
            yield Block(id="answer")
            yield Lines(id="help")
            with Horizontal(classes="buttons"):
                yield Button(Content("Run  F5"), id="run", compact=True)
        name = text.ellipsis(text.clean(detail.template.name), 40)
        where = text.ellipsis(text.clean(detail.gateway.name), 24)
        set_title(card, f"Run {name} v{detail.version} on {where}", "F5 runs, esc leaves")

    def on_mount(self) -> None:
        """Say what would run; what takes no values runs at once."""
        self.set_class(self.desk.glyphs.ascii, "-ascii")
        detail = self.detail
        self.query_one("#statement", Lines).show(
            lambda width: (one_line(detail.sql, detail.gateway.dialect, width),)
        )
        self.set_interval(1.0, self._tick)
        if not detail.parameters:
            self.query_one(Button).focus()
            self.action_run()

    @property
    def form(self) -> Form:
        """The values."""
        return self.query_one(Form)

    # What is typed

    def on_form_edited(self) -> None:
        """Take the answer away: it was to other values."""
        if not self._under_way:
            self._answer(())

    def on_form_entered(self, event: Form.Entered) -> None:
        """Say what the parameter in focus is."""
        words = event.spec.help
        self.query_one("#help", Lines).show(lambda width: wrap(words, width, "muted", most=2))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run."""
        event.stop()
        self.action_run()

    # Running

    def action_run(self) -> None:
        """Run the template with these values."""
        if not self._under_way and self.form.check():
            self._under_way, self._began = True, self.desk.now()
            self.set_class(False, "-alarm")
            self._tick()
            self.run_worker(self._run(), name=RUN, group=RUN, exclusive=True, exit_on_error=False)

    async def _run(self) -> SqlQueryResult:
        detail = self.detail
        values = asking.values(detail.parameters, self.form.values())
        workspace = await self.desk.workspace()
        return await workspace.gateway.run(
            self.desk.tenant_id, detail.template.id, values, version=detail.version
        )

    def action_leave(self) -> None:
        """Stop the run; where none is under way, close."""
        if self._under_way:
            self.workers.cancel_group(self, RUN)
        else:
            self.dismiss(None)

    def _tick(self) -> None:
        if self._under_way:
            passed = text.age(self._began, self.desk.now())
            gap = self.desk.glyphs.gap
            words = Span(f"{passed}  esc stops it", "muted")
            self._answer(((Span(f"{gap} ", "accent"), Span("Running  ", "strong"), words),))

    def _answer(self, lines: Sequence[Cell]) -> None:
        shown = self.query_one("#answer", Block)
        shown.display = bool(lines)
        self.query_one("#help").display = not lines
        kept = tuple(lines)
        shown.show(lambda _: kept)

    # What came of it

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show the rows, or why there are none."""
        event.stop()
        if not event.worker.is_finished:
            return
        self._under_way = False
        if event.state is WorkerState.SUCCESS:
            self._answer(())
            result = cast("SqlQueryResult", event.worker.result)
            self.app.push_screen(Results(self.desk, self.detail, result), self._seen)
        elif event.state is WorkerState.CANCELLED:
            gap = self.desk.glyphs.lamp("unknown")
            stopped = Span(f"{gap} Stopped. ", "unknown")
            self._answer(((stopped, Span("What the database was asked has ended.", "muted")),))
        elif event.worker.error is not None:
            self._refused(event.worker.error)

    def _seen(self, again: bool | None) -> None:
        """Run again where that is wished; what takes no values has nothing to come back to."""
        if again:
            self.action_run()
        elif not self.detail.parameters:
            self.dismiss(None)

    def _refused(self, error: BaseException) -> None:
        """Say what went wrong, why and what to do; a value that is to blame has it beside it."""
        found = problem(error, log_file=self.desk.log_file)
        if not found.expected:
            crash.write(error, self.desk.log_file)
        alarm = isinstance(error, SqlInjectionAttemptError)
        self.set_class(alarm, "-alarm")
        field = error.field if isinstance(error, LampboardError) else None
        said = "This value raised an alarm." if alarm else found.sentence
        if field is not None and self.form.blame(field, said) and not alarm:
            self._answer(())
            return
        if type(error) is SqlGatewayError and error.exit_code != EXIT_USAGE:
            # Nobody refused it: it was asked, and did not come about.
            found = replace(found, title="The run failed")
        width = self.query_one(".card").content_size.width - 2
        self._answer(error_lines(found, width, self.desk.glyphs, alarm=alarm))


def error_lines(found: Problem, width: int, glyphs: Glyphs, *, alarm: bool) -> list[Cell]:
    """Return an error of a run: what, why, what to do. Pure."""
    glyph = glyphs.outcome("alarm")
    title = f"Alarm: {found.title[:1].lower()}{found.title[1:]}" if alarm else found.title
    head: Cell = (Span(f"{glyph} ", "failing"), Span(title, "failing"))
    hint = f"{found.hint} {RECORDED}".strip() if alarm else found.hint
    return [head, *wrap(found.message, width, most=3), *wrap(hint, width, "muted", most=3)]
