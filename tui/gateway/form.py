"""The form of a template: where it runs, what it is called, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button

from engine.gateway.errors import TemplateRefused
from tui.gateway import draft
from tui.gateway.draft import WHERE, Written
from tui.gateway.statement import Statement
from tui.inventory.draft import Difference, differences
from tui.inventory.form import DraftForm
from tui.widgets.block import Block
from tui.widgets.cells import wrap
from tui.widgets.form import Form
from tui.widgets.lines import Lines
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from engine.fields import FieldSpec
    from engine.gateway.model import ParameterSpec
    from engine.gateway.results import GatewayOffer, Verdict
    from tui.desk import Desk
    from tui.widgets.form import Section
    from tui.widgets.lines import Build


class TemplateForm(DraftForm[Written]):
    """Answers with the template after saving; None when it was left.

    Args:
        desk: The board's own.
        written: What to edit or clone; None for a new one.
        offers: Where a new one may run.
        clone: Whether `written` is only what a new one begins with.
    """

    NOUN = "template"
    TESTS: ClassVar[bool] = False
    SCOPED_CSS = False
    CSS = """
    TemplateForm > .card { width: 118; max-width: 100%; height: 100%; padding: 0 1; }
    TemplateForm Form { height: auto; max-height: 5; padding: 0; }
    TemplateForm #answer { margin: 0; max-height: 6; }
    TemplateForm .buttons { height: 2; margin: 0; }
    TemplateForm #help { width: 1fr; height: 2; margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "next", "Next refusal", tooltip="Go to the next place that is refused"),
    ]

    def __init__(
        self,
        desk: Desk,
        written: Written | None = None,
        *,
        offers: Sequence[GatewayOffer] = (),
        clone: bool = False,
    ) -> None:
        self._offers = tuple(offers)
        super().__init__(desk, written, clone=clone)
        self._start = self.began
        if written is not None and written.start is not None:
            older = self.texts(Written(detail=written.start))
            self._start = older | {"name": self.began["name"]}

    # What the form asks

    def texts(self, detail: Written) -> dict[str, str]:
        """Return a template as texts."""
        return draft.texts(detail.detail)

    def first_sections(self) -> tuple[Section, ...]:
        """Ask where a new one runs; what is edited stays where it is."""
        if self.edited is not None:
            return draft.sections(None, self.edited.detail.gateway)
        return draft.sections(draft.where(self._offers))

    def titles(self) -> Mapping[str, str]:
        """Return how sources and connectors are called."""
        return draft.titles(self._offers)

    def differences(self, theirs: Mapping[str, str]) -> Sequence[Difference]:
        """Return what somebody else saved meanwhile; where it runs cannot differ."""
        told = {name: value for name, value in theirs.items() if name != WHERE}
        return differences(self._sections, self.values(), self.began, told)

    def values(self) -> dict[str, str]:
        """Return the texts of fields and editors."""
        return self.form.values() | self.statement.texts()

    def changed(self) -> dict[str, str]:
        """Return the texts that differ from those of the newest version."""
        return {
            name: value
            for name, value in self.values().items()
            if name != WHERE and value != self.began.get(name, "").strip()
        }

    def begin_with(self, texts: Mapping[str, str]) -> None:
        """Put these texts in the place of what was typed."""
        super().begin_with(texts)
        self.statement.load(texts)

    def check(self) -> bool:
        """Judge fields and editors; the focus goes to what is wrong."""
        return self.form.check() and self.statement.check()

    # Saving

    async def create(self, values: dict[str, str]) -> Written:
        """Register a new template."""
        workspace = await self.desk.workspace()
        kind, thing_id = draft.split_place(values[WHERE])
        made: dict[str, Any] = draft.fields(values)
        detail = await workspace.gateway.register_template(
            self.desk.tenant_id, kind=kind, thing_id=thing_id, **made
        )
        return Written(detail=detail)

    async def update(
        self,
        edited: Written,
        values: dict[str, str],  # noqa: ARG002 - what was not changed stays
        changed: dict[str, str],
    ) -> Written:
        """Save what was changed; another text or other parameters are a new version."""
        workspace = await self.desk.workspace()
        template = edited.detail.template
        detail = await workspace.gateway.edit_template(
            self.desk.tenant_id,
            template.id,
            expected_version=template.version,
            **draft.fields(changed),
        )
        return Written(detail=detail)

    async def latest(self, edited: Written) -> Written:
        """Return the template as it is now."""
        workspace = await self.desk.workspace()
        template = edited.detail.template
        found = await workspace.gateway.get_template(self.desk.tenant_id, template.id)
        return Written(detail=found)

    def _refused(self, error: BaseException) -> None:
        """Show what registration refused at its places."""
        if isinstance(error, TemplateRefused):
            self.answer(None)
            self.statement.refuse(error.verdict)
        else:
            super()._refused(error)

    # Building

    def compose(self) -> ComposeResult:
        """Yield the card: fields, parameters, SQL, what is refused."""
        with Vertical(classes="card") as card:
            yield Form(self._sections, self._start, titles=self.titles(), glyphs=self.desk.glyphs)
            yield Statement(self.desk, self._start, self._judge)
            yield Block(id="answer")
            with Horizontal(classes="buttons"):
                yield Lines(id="help")
                yield Button(Content("Save  ctrl+s"), id="save", compact=True)
        set_title(card, self._title(), "f8 next refusal  esc leaves")

    def on_mount(self) -> None:
        """Colour the SQL; what is edited begins there."""
        self.statement.speak(self._dialect())
        if self.edited is not None:
            self.call_after_refresh(self.statement.sql.focus)

    def _title(self) -> str:
        start = self.edited.start if self.edited is not None else None
        return super()._title() + (f", from v{start.version}" if start is not None else "")

    @property
    def statement(self) -> Statement:
        """The declarations and the SQL."""
        return self.query_one(Statement)

    def _fit(self) -> None:
        """Leave the heights to the sheet: the SQL takes what there is."""

    # Judging as one types

    async def on_form_edited(self, event: Form.Edited) -> None:
        """Judge by another dialect where it shall run elsewhere."""
        if event.name == WHERE:
            self.statement.speak(self._dialect())

    def on_statement_edited(self) -> None:
        """Take an answer away that was to other texts."""
        if not self._busy:
            self.answer(None)

    def on_statement_said(self, event: Statement.Said) -> None:
        """Say it in the place of the help."""
        self._say(event.words)

    async def _judge(self, sql: str, specs: Sequence[ParameterSpec] | None) -> Verdict | None:
        kind, thing_id = draft.split_place(self._place())
        if not thing_id:
            return None
        workspace = await self.desk.workspace()
        return await workspace.gateway.check_template(
            self.desk.tenant_id, kind, thing_id, sql, specs
        )

    def _place(self) -> str:
        return self.form.values().get(WHERE, "") or self.began.get(WHERE, "")

    def _dialect(self) -> str | None:
        if self.edited is not None:
            return self.edited.detail.gateway.dialect
        offered = {draft.place_of(one.kind, one.thing_id): one.dialect for one in self._offers}
        return offered.get(self._place())

    def action_next(self) -> None:
        """Go to the next place that is refused."""
        self.statement.next()

    def _help(self, spec: FieldSpec) -> None:
        self._say(self.help_of(spec))

    def _say(self, words: str) -> None:
        self.query_one("#help", Lines).show(lambda width: wrap(words, width, "muted", most=2))

    def answer(self, build: Build | None) -> None:
        """Show lines below the SQL; None takes them away."""
        shown = self.query_one("#answer", Block)
        shown.display = build is not None
        shown.show(build or (lambda _: ()))
