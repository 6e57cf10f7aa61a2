from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.events import Paste

from engine.fields import FieldSpec
from tests.resting import until
from tui.widgets import filter_bar
from tui.widgets.filter_bar import FilterBar
from tui.widgets.form import STORED, Form, Section
from tui.widgets.inputs import ChoiceInput, SecretInput, TextInput

if TYPE_CHECKING:
    import pytest
    from textual.app import ComposeResult

NAME = FieldSpec(name="name", label="Name", required=True, maximum=8)
KIND = FieldSpec(name="kind", label="Kind", kind="choice", choices=("a", "b", "c"))
PORT = FieldSpec(name="port", label="Port", kind="int", minimum=1, maximum=65535)
KEY = FieldSpec(name="key", label="Key", kind="secret", required=True)
REGION = FieldSpec(name="region", label="Region", default="eu")


class Host(App[None]):
    ALLOW_SELECT = False

    def __init__(self, values: dict[str, str] | None = None, **told: object) -> None:
        super().__init__()
        self.values = values
        self.told = told
        self.filters: list[str] = []

    def compose(self) -> ComposeResult:
        sections = (
            Section(title="", fields=(NAME, KIND)),
            Section(title="Way", fields=(PORT, KEY)),
        )
        yield Form(sections, self.values, **self.told)  # type: ignore[arg-type]
        yield FilterBar(examples="x")

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        self.filters.append(event.text)


async def test_a_problem_comes_as_one_types_and_goes_again() -> None:
    app = Host()
    async with app.run_test() as pilot:
        form = app.query_one(Form)
        await pilot.press(*"123456789")
        await pilot.pause()
        assert form.problems == {"name": "Name must have at most 8 characters."}
        await pilot.press("backspace")
        await pilot.pause()
        assert form.problems == {}


async def test_what_is_missing_is_only_said_once_one_is_finished() -> None:
    app = Host()
    async with app.run_test() as pilot:
        form = app.query_one(Form)
        await pilot.pause()
        assert form.problems == {}
        assert not form.check()
        assert set(form.problems) == {"name", "key"}
        await pilot.pause()
        assert app.focused is form.query_one("#field-name")


async def test_a_stored_secret_may_stay_empty_and_is_never_shown() -> None:
    app = Host({"name": "x"}, stored=frozenset({"key"}))
    async with app.run_test() as pilot:
        await pilot.pause()
        entry = app.query_one("#field-key", SecretInput)
        assert entry.placeholder == STORED
        assert entry.password
        assert app.query_one(Form).check()
        entry.value = "planted"
        entry.selection = entry.selection.__class__(0, 7)
        entry.focus()
        await pilot.press("ctrl+c")
        assert app.clipboard == ""


async def test_only_what_was_changed_counts() -> None:
    app = Host({"name": "x", "port": "80"})
    async with app.run_test() as pilot:
        form = app.query_one(Form)
        await pilot.pause()
        assert not form.dirty
        await pilot.press("y")
        await pilot.pause()
        assert form.changed() == {"name": "xy"}


async def test_other_fields_keep_what_was_typed() -> None:
    app = Host({"name": "x", "port": "80"})
    async with app.run_test() as pilot:
        form = app.query_one(Form)
        other = (form.sections[0], Section(title="Way", fields=(REGION, KEY)))
        await pilot.pause()
        before = form.sections
        await form.set_sections(other)
        assert set(form.values()) == {"name", "kind", "region", "key"}
        await form.set_sections(before)
        await pilot.pause()
        assert form.values()["port"] == "80"
        assert form.query_one("#field-port", TextInput).value == "80"


async def test_pasted_control_characters_are_not_taken_in() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.focused is not None
        app.focused.post_message(Paste("a\x1b[31mb\u202e\nc"))
        await pilot.pause()
        assert app.query_one(Form).values()["name"] == "ab c"


async def test_hostile_values_to_begin_with_are_cleaned_and_not_changes() -> None:
    app = Host({"name": "a\x1b]0;x\x07b"})
    async with app.run_test() as pilot:
        await pilot.pause()
        form = app.query_one(Form)
        assert form.values()["name"] == "ab"
        assert not form.dirty


async def test_a_problem_from_elsewhere_stands_beside_its_field() -> None:
    app = Host({"name": "x"})
    async with app.run_test() as pilot:
        form = app.query_one(Form)
        await pilot.pause()
        assert form.blame("port", "Somebody listens there.")
        assert form.problems == {"port": "Somebody listens there."}
        assert not form.blame("nothing", "x")


async def test_a_choice_goes_round_its_ends() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("down", "left")
        assert app.query_one(ChoiceInput).value == "c"
        await pilot.press("right")
        assert app.query_one(ChoiceInput).value == "a"


async def test_a_filter_is_told_once_the_keys_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_bar, "SETTLE_S", 0.01)
    app = Host()
    async with app.run_test() as pilot:
        app.query_one(FilterBar).open()
        await pilot.press("a")
        await until(lambda: app.filters == ["a"])


async def test_a_filter_is_told_by_enter_and_cleared_by_esc(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filter_bar, "SETTLE_S", 60)
    app = Host()
    async with app.run_test() as pilot:
        bar = app.query_one(FilterBar)
        bar.open()
        await pilot.press("a", "b", "enter")
        await pilot.pause()
        assert app.filters == ["ab"]
        assert not bar.has_class("-open")
        bar.open()
        await pilot.press("escape")
        await pilot.pause()
        assert app.filters == ["ab", ""]


async def test_the_cursor_is_seen_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Host()
    async with app.run_test():
        text = app.query(TextInput).first()
        text.focus()
        await until(lambda: text.has_focus)
        assert text.get_component_rich_style("input--cursor").reverse
