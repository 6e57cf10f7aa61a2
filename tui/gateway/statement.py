"""What a template says: its declarations and its SQL, judged as one types, refusals at places."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from tui import crash, text
from tui.gateway.draft import EXAMPLE, GRAMMAR, SQL_HELP
from tui.gateway.editor import SqlEditor
from tui.gateway.judged import (
    PARAMETERS,
    SQL,
    Declared,
    Finding,
    declared,
    refusals,
    verdict_cell,
)
from tui.problem import problem
from tui.theme import ascii_marks
from tui.widgets.cells import Cell, Span, between, cell_width, fit
from tui.widgets.editor import LinesEditor
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import DescendantFocus
    from textual.timer import Timer
    from textual.widgets import TextArea

    from engine.gateway.model import ParameterSpec
    from engine.gateway.results import Verdict
    from tui.desk import Desk

    Judge = Callable[[str, Sequence[ParameterSpec] | None], Awaitable[Verdict | None]]

CHECK_S = 0.25
"""Seconds without a key before it is judged: nobody wants to hear of half a word."""


class Statement(Vertical):
    """Two editors and what is refused in them.

    Args:
        desk: The board's own.
        texts: What they begin with, by PARAMETERS and SQL.
        judge: Says what registration would, of a text and its declarations.
    """

    DEFAULT_CSS = """
    Statement { height: 1fr; }
    Statement .over { height: 1; overflow: hidden; background: transparent; }
    Statement #parameters { height: 3; }
    Statement #sql { height: 1fr; min-height: 3; }
    Statement #refusals, Statement #refusals:focus { height: auto; max-height: 4; border: none;
        background: transparent; padding: 0; display: none; }
    Statement #refusals > .option-list--option { color: $error; }
    Statement #refusals > .option-list--option-highlighted { color: $error;
        background: transparent; text-style: none; }
    Statement #refusals:focus > .option-list--option-highlighted { color: $foreground;
        background: $primary 26%; }
    """

    class Edited(Message):
        """Something was typed."""

    class Said(Message):
        """What to say of what has the focus, or of the refusal that was gone to."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self, desk: Desk, texts: Mapping[str, str], judge: Judge) -> None:
        super().__init__(id="statement")
        self.desk = desk
        self.verdict: Verdict | None = None
        self._start = dict(texts)
        self._judge = judge
        self._declared = Declared()
        self._wait: Timer | None = None
        self._asked = self._answered = 0
        self._failed = ""
        self._told: Finding | None = None

    # What others read and call

    def texts(self) -> dict[str, str]:
        """Return both texts."""
        return {PARAMETERS: self.parameters.text.strip(), SQL: self.sql.text.strip()}

    def load(self, texts: Mapping[str, str]) -> None:
        """Show other texts."""
        self.parameters.load_text(texts.get(PARAMETERS, ""))
        self.sql.load_text(texts.get(SQL, ""))

    @property
    def parameters(self) -> LinesEditor:
        """The declarations, one a line."""
        return self.query_one(f"#{PARAMETERS}", LinesEditor)

    @property
    def sql(self) -> SqlEditor:
        """The statement."""
        return self.query_one(f"#{SQL}", SqlEditor)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is wrong, declarations first."""
        return (*self._declared.findings, *refusals(self.verdict))

    @property
    def judged(self) -> bool:
        """Whether what is said holds for what is typed now."""
        return self._wait is None and self._answered == self._asked

    def check(self) -> bool:
        """Put the focus on what cannot be saved for sure; True where there is no such thing."""
        self._declared = declared(self.parameters.text)
        if self._declared.findings:
            self._show()
            self._go(self._declared.findings[0])
        elif not self.sql.text.strip():
            self.sql.focus()
        else:
            return True
        return False

    def refuse(self, verdict: Verdict) -> None:
        """Show what registration refused, and go to the first."""
        self.verdict = verdict
        self._show()
        self.next()

    def speak(self, dialect: str | None) -> None:
        """Colour and judge the SQL as another dialect."""
        self.sql.speak(dialect)
        self._judge_soon()

    # Building

    def compose(self) -> ComposeResult:
        """Yield both editors, each under its line, and the list of refusals."""
        yield Lines(id="over-parameters", classes="over")
        yield LinesEditor(
            self._start.get(PARAMETERS, ""),
            numbers=False,
            placeholder=f"such as {EXAMPLE}",
            id=PARAMETERS,
        )
        yield Lines(id="over-sql", classes="over")
        yield SqlEditor(self._start.get(SQL, ""), id=SQL)
        yield OptionList(id="refusals")

    def on_mount(self) -> None:
        """Judge what there is already."""
        rule = self.desk.glyphs.rule
        self.query_one("#over-parameters", Lines).show(
            lambda width: (_heading("Parameters", "one a line", rule, width),)
        )
        self._judge_now()

    # Judging as one types

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Judge once the keys rest."""
        event.stop()
        self.post_message(self.Edited())
        self._judge_soon()

    def _judge_soon(self) -> None:
        if self._wait is not None:
            self._wait.stop()
        self._wait = self.set_timer(CHECK_S, self._judge_now)
        self._say_state()

    def _judge_now(self) -> None:
        self._wait = None
        self._asked += 1
        ask = self._ask(self._asked, self.parameters.text, self.sql.text)
        self.run_worker(ask, name="check", group="check", exclusive=True, exit_on_error=False)

    async def _ask(self, number: int, parameters: str, sql: str) -> tuple[int, Verdict | None]:
        self._declared = await asyncio.to_thread(declared, parameters)
        # What cannot be declared is told beside; the statement is judged all the same.
        specs = None if self._declared.findings else self._declared.specs
        return number, await self._judge(sql, specs) if sql.strip() else None

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Take what registration would say, or why nobody knows."""
        event.stop()
        error = event.worker.error
        if event.state is WorkerState.SUCCESS:
            self._answered, self.verdict = cast("tuple[int, Verdict | None]", event.worker.result)
            self._failed = ""
        elif event.state is WorkerState.ERROR and error is not None:
            found = problem(error, log_file=self.desk.log_file)
            if not found.expected:
                crash.write(error, self.desk.log_file)
            self._answered, self.verdict, self._failed = self._asked, None, found.sentence
        else:
            return
        self._show()

    def _show(self) -> None:
        found = self.findings
        for editor, where in ((self.sql, SQL), (self.parameters, PARAMETERS)):
            editor.mark([one.mark for one in found if one.where == where and one.mark])
        listed = self.query_one("#refusals", OptionList)
        chosen = listed.highlighted or 0
        listed.clear_options()
        listed.add_options([Option(self._option(one)) for one in found])
        listed.highlighted = min(chosen, len(found) - 1) if found else None
        listed.display = bool(found)
        if self._told not in {None, *found}:
            self._tell_help()
        self._say_state()

    def _option(self, one: Finding) -> Content:
        said = text.ellipsis(f"{one.place:>6}  {text.clean(one.message)}", self.size.width - 2)
        return Content(ascii_marks(said) if self.desk.glyphs.ascii else said)

    def _say_state(self) -> None:
        """Write above the SQL what is said of it."""
        glyphs, failed = self.desk.glyphs, self._failed
        state = verdict_cell(self.findings, self.verdict, glyphs, under_way=not self.judged)
        if failed and not self.findings:
            state = (Span(f"{glyphs.lamp('unknown')} not checked: {failed}", "degraded"),)
        self.query_one("#over-sql", Lines).show(lambda width: (_over(state, glyphs.rule, width),))

    # Going to what is refused

    def next(self) -> None:
        """Go to the next place that is refused, from the cursor on; round the end."""
        found = [one for one in self.findings if one.mark is not None]
        if found:
            at = self.sql.cursor_location if self.sql.has_focus else (-1, -1)
            behind = [one for one in found if one.where == SQL and one.mark and one.mark[:2] > at]
            first = () if self.sql.has_focus else self._declared.findings
            self._go(next(iter((*first, *behind)), found[0]))

    def _go(self, finding: Finding) -> None:
        editor = self.sql if finding.where == SQL else self.parameters
        if finding.mark is not None:
            editor.go_to(finding.mark.line, finding.mark.column)
        else:
            editor.focus()
        # The focus that comes by this says what the editor is for; this is said after it.
        self.call_after_refresh(self._tell, finding)

    def _tell(self, finding: Finding) -> None:
        self._told = finding
        self.post_message(self.Said(finding.sentence))

    def _tell_help(self) -> None:
        """Say what the editor in focus is for, and no more of what was refused."""
        self._told = None
        self.post_message(self.Said(GRAMMAR if self.parameters.has_focus else SQL_HELP))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the place of the refusal that was chosen."""
        event.stop()
        self._go(self.findings[event.option_index])

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say it whole, where the list has no room for it."""
        event.stop()
        if event.option_list.has_focus and event.option_index < len(self.findings):
            self._tell(self.findings[event.option_index])

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say what the editor in focus is for."""
        if isinstance(event.widget, LinesEditor):
            self._tell_help()


def _over(state: Cell, rule: str, width: int) -> Cell:
    """Return the line over the SQL, what is said of it at the right."""
    said = fit(state, width // 2) if cell_width(state) > width // 2 else state
    return between(_heading("SQL", "", rule, width - cell_width(said) - 1), said, width)


def _heading(title: str, note: str, rule: str, width: int) -> Cell:
    said = f"  {note}" if note else ""
    room = max(0, width - text.width(title) - text.width(said) - 1)
    return fit(
        (Span(title, "strong"), Span(said, "muted"), Span(f" {rule * room}", "muted")), width
    )
