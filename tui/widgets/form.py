"""A form made from declared fields: it validates as one types and says what is wrong beside it.

The declarations (`engine.fields.FieldSpec`) are the command line's flags too. The form knows no
concept: it holds texts by field name; what they mean is its screen's affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, VerticalScroll
from textual.message import Message

from tui import text
from tui.theme import UNICODE, Glyphs, ascii_marks
from tui.widgets.block import Block
from tui.widgets.cells import Cell, Span, wrap
from tui.widgets.dialogs import Choose
from tui.widgets.inputs import MAX_TYPED, ChoiceInput, SecretInput, TextInput
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.events import DescendantBlur, DescendantFocus
    from textual.widget import Widget
    from textual.widgets import Input

    from engine.fields import FieldSpec
    from tui.theme import Tone

STORED = "stored, leave empty to keep"
"""What an empty input of a secret says when there is one already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Fields under one heading. A section whose fields change is built anew, the others stay."""

    title: str
    fields: tuple[FieldSpec, ...]
    note: str = ""
    warn: bool = False


class FieldRow(Container):
    """One field: its label, its input, and what is wrong with it."""

    DEFAULT_CSS = """
    FieldRow { height: auto; layout: vertical; }
    FieldRow > Horizontal { height: 1; }
    FieldRow .label { width: 22; height: 1; background: transparent; }
    FieldRow .problem { margin: 0 0 0 22; display: none; }
    FieldRow.-wrong .problem { display: block; }
    """

    def __init__(
        self,
        spec: FieldSpec,
        entry: TextInput | ChoiceInput,
        glyphs: Glyphs,
        *,
        needed: bool = True,
    ) -> None:
        super().__init__(id=f"row-{spec.name}")
        self.spec = spec
        self.entry = entry
        self.problem = ""
        self._glyphs = glyphs
        self._needed = needed and spec.required and not spec.default and spec.kind != "choice"

    def compose(self) -> ComposeResult:
        """Yield label, input and the line for what is wrong."""
        with Horizontal():
            yield Lines(classes="label")
            yield self.entry
        yield Block(classes="problem")

    def on_mount(self) -> None:
        """Write the label."""
        self._label("muted" if not self.entry.has_focus else "accent")

    def on_descendant_focus(self) -> None:
        """Light the label."""
        self._label("accent")

    def on_descendant_blur(self) -> None:
        """Put the label's light out, and judge what was left there."""
        self._label("muted")

    def _label(self, tone: str) -> None:
        star = Span(" *", "accent") if self._needed else Span("")
        label = text.clean(self.spec.label)
        lit = Span(label, "accent") if tone == "accent" else Span(label, "muted")
        self.query_one(".label", Lines).show(lambda _: ((lit, star),))

    def say(self, problem: str) -> None:
        """Show what is wrong, or nothing."""
        self.problem = problem
        self.set_class(bool(problem), "-wrong")
        mark = self._glyphs.lamp("failing")
        line = self.query_one(".problem", Block)
        line.show(lambda width: wrap(f"{mark} {problem}", width - 1, "failing") if problem else ())


class Form(VerticalScroll, can_focus=False):
    """Sections of fields; read `values()` and `changed()`, ask `check()` before using them.

    Args:
        sections: What to ask for.
        values: The texts to begin with; what is missing begins empty.
        stored: Names of secrets that exist already; their inputs begin empty.
        titles: Words for the values of choices, where the value itself is not for people.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "next", "Next field", show=False, tooltip="The field below"),
        Binding("up", "previous", "Previous field", show=False, tooltip="The field above"),
    ]
    DEFAULT_CSS = """
    Form { height: auto; background: transparent; padding: 0 1; scrollbar-size-vertical: 1; }
    Form > .section { height: auto; }
    Form .heading { height: 1; margin: 1 0 0 0; background: transparent; }
    Form > .section:first-of-type .heading { margin: 0; }
    """

    class Edited(Message):
        """A value changed."""

        def __init__(self, form: Form, name: str, value: str) -> None:
            super().__init__()
            self.form = form
            self.name = name
            self.value = value

    class Entered(Message):
        """The focus came to a field."""

        def __init__(self, form: Form, spec: FieldSpec) -> None:
            super().__init__()
            self.form = form
            self.spec = spec

    class Left(Message):
        """The focus went from a field."""

        def __init__(self, form: Form, name: str, value: str) -> None:
            super().__init__()
            self.form = form
            self.name = name
            self.value = value

    def __init__(  # noqa: PLR0913 - what a form may be told, all but one by name
        self,
        sections: Sequence[Section],
        values: Mapping[str, str] | None = None,
        *,
        stored: frozenset[str] = frozenset(),
        titles: Mapping[str, str] | None = None,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,  # noqa: A002 - Textual's own word
    ) -> None:
        super().__init__(id=id)
        self.sections = tuple(sections)
        self._start = {
            name: text.clean(value, limit=MAX_TYPED) for name, value in (values or {}).items()
        }
        # What was typed into fields that another choice took away comes back with them.
        self._typed = dict(self._start)
        self.stored = stored
        self._titles = dict(titles or {})
        self._glyphs = glyphs

    # What others read and call

    def values(self) -> dict[str, str]:
        """Return the text of each field that is asked for now."""
        return {spec.name: self._typed.get(spec.name, "").strip() for spec in self.specs}

    def changed(self) -> dict[str, str]:
        """Return the texts that differ from those the form began with."""
        start = self._start
        return {
            name: value
            for name, value in self.values().items()
            if value != start.get(name, "").strip()
        }

    @property
    def specs(self) -> tuple[FieldSpec, ...]:
        """The fields that are asked for now, in order."""
        return tuple(spec for section in self.sections for spec in section.fields)

    @property
    def dirty(self) -> bool:
        """Whether anything was changed."""
        return bool(self.changed())

    @property
    def problems(self) -> dict[str, str]:
        """What is said to be wrong, by field."""
        return {row.spec.name: row.problem for row in self.query(FieldRow) if row.problem}

    def check(self) -> bool:
        """Judge every field; focus the first that is wrong. True when none is."""
        wrong = [row for row in self.query(FieldRow) if self._judge(row, finished=True)]
        if wrong:
            wrong[0].entry.focus()
        return not wrong

    def blame(self, name: str, problem: str) -> bool:
        """Show a problem that was found elsewhere beside its field; False without such a field."""
        for row in self.query(FieldRow):
            if row.spec.name == name:
                row.say(text.clean(problem))
                row.entry.focus()
                return True
        return False

    def set_value(self, name: str, value: str) -> None:
        """Put another value into a field."""
        for row in self.query(FieldRow):
            if row.spec.name == name:
                row.entry.value = text.clean(value, limit=MAX_TYPED)

    async def fill(self, values: Mapping[str, str], sections: Sequence[Section]) -> None:
        """Put other values into fields, also into those that come with other sections."""
        self._typed |= {name: text.clean(value, limit=MAX_TYPED) for name, value in values.items()}
        await self.set_sections(sections)
        for name, value in values.items():
            self.set_value(name, value)

    def began_with(self, name: str, value: str) -> None:
        """Take another value as the one that the field began with."""
        self._start[name] = text.clean(value, limit=MAX_TYPED)

    async def set_sections(self, sections: Sequence[Section]) -> None:
        """Ask for other fields; what was typed stays, and so does the focus where it can."""
        for place, section in enumerate(sections):
            if section != self.sections[place]:
                box = self.query_one(f"#section-{place}")
                async with self.batch():
                    await box.remove_children()
                    await box.mount_all(self._build(section))
        self.sections = tuple(sections)

    # Building

    def compose(self) -> ComposeResult:
        """Yield the sections."""
        for place, section in enumerate(self.sections):
            yield Container(*self._build(section), id=f"section-{place}", classes="section")

    def on_mount(self) -> None:
        """Begin in the first field."""
        for row in self.query(FieldRow).results():
            row.entry.focus()
            break

    def _build(self, section: Section) -> list[Widget]:
        rows = [
            FieldRow(spec, self._entry(spec), self._glyphs, needed=spec.name not in self.stored)
            for spec in section.fields
        ]
        if not section.title or not rows:
            return [*rows]
        heading = Lines(classes="heading")
        heading.show(lambda width: (_heading(section, width, self._glyphs),))
        return [heading, *rows]

    def _entry(self, spec: FieldSpec) -> TextInput | ChoiceInput:
        name, value = f"field-{spec.name}", self._typed.get(spec.name, "")
        if spec.kind == "choice":
            options = [(choice, self._titles.get(choice, choice)) for choice in spec.choices]
            # What another choice took away may not be among the choices that are left.
            chosen = value if value in spec.choices else spec.default or spec.choices[0]
            self._typed[spec.name] = chosen
            self._start.setdefault(spec.name, chosen)
            return ChoiceInput(options, chosen, glyphs=self._glyphs, id=name)
        if spec.secret:
            kept = STORED if spec.name in self.stored else self._plain(spec.placeholder)
            return SecretInput(
                value, placeholder=kept, password=True, select_on_focus=False, id=name
            )
        # Selected on focus, a name would be gone with the first key.
        shown = STORED if spec.name in self.stored else self._plain(_placeholder(spec))
        return TextInput(value, placeholder=shown, select_on_focus=False, id=name)

    def _plain(self, words: str) -> str:
        return ascii_marks(words) if self._glyphs.ascii else words

    # Judging

    def _judge(self, row: FieldRow, *, finished: bool) -> bool:
        """Say what is wrong with a field; emptiness only counts once one is finished with it."""
        spec = row.spec
        value = self._typed.get(spec.name, "")
        empty_is_fine = not finished or spec.name in self.stored
        problem = "" if not value.strip() and empty_is_fine else spec.problem(value) or ""
        row.say(problem)
        return bool(problem)

    def _row_of(self, widget: Widget | None) -> FieldRow | None:
        return next((row for row in self.query(FieldRow) if row.entry is widget), None)

    # Handlers

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge as one types."""
        event.stop()
        self._take(event.input, event.value)

    def on_choice_input_changed(self, event: ChoiceInput.Changed) -> None:
        """Tell which choice was made."""
        event.stop()
        self._take(event.choice, event.value)

    def on_choice_input_list_asked(self, event: ChoiceInput.ListAsked) -> None:
        """Offer all choices in a list."""
        event.stop()
        choice = event.choice

        def take(value: str | None) -> None:
            if value is not None:
                choice.value = value

        row = self._row_of(choice)
        label = row.spec.label if row is not None else ""
        self.app.push_screen(Choose(label, choice.options, current=choice.value), take)

    def _take(self, widget: Widget, value: str) -> None:
        row = self._row_of(widget)
        if row is None or self._typed.get(row.spec.name, "") == value:
            return
        self._typed[row.spec.name] = value
        self._judge(row, finished=False)
        self.post_message(self.Edited(self, row.spec.name, value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next field."""
        event.stop()
        self.screen.focus_next()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Tell which field is being filled in."""
        row = self._row_of(event.widget)
        if row is not None:
            self.post_message(self.Entered(self, row.spec))

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Judge what was left, but keep what was said from elsewhere."""
        row = self._row_of(event.widget)
        if row is not None and not row.problem and self._typed.get(row.spec.name, ""):
            self._judge(row, finished=True)
        if row is not None:
            self.post_message(self.Left(self, row.spec.name, self._typed.get(row.spec.name, "")))

    def action_next(self) -> None:
        """Go to the field below."""
        self.screen.focus_next()

    def action_previous(self) -> None:
        """Go to the field above."""
        self.screen.focus_previous()


def _placeholder(spec: FieldSpec) -> str:
    return f"{spec.default} (default)" if spec.default else spec.placeholder


def _heading(section: Section, width: int, glyphs: Glyphs) -> Cell:
    mark = f"{glyphs.lamp('degraded')} " if section.warn else ""
    note = f" {mark}{section.note}" if section.note else ""
    room = max(0, width - text.width(section.title) - text.width(note) - 1)
    rule = Span(glyphs.rule * room, "muted")
    tone: Tone = "degraded" if section.warn else "muted"
    return (Span(f"{section.title} ", "strong"), rule, Span(note, tone))
