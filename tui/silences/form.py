"""The form of a silence, new or edited: what is kept quiet, when, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from engine.errors import InvalidInput
from engine.fields import FieldSpec
from engine.silences.model import CRON, KINDS, ONCE, WEEKLY, SilenceDraft
from tui import text
from tui.inventory.form import DraftForm
from tui.silences import draft as drafts
from tui.silences.entries import SilenceEntry, silence_entry
from tui.silences.naming import OFFERED, Offers, find_thing
from tui.silences.story import about_text, coming_lines
from tui.widgets.cells import wrap
from tui.widgets.form import Section
from tui.widgets.inputs import TextInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.desk import Desk
    from tui.widgets.form import Form

KEPT, TECHNOLOGY, TAG, EVERYTHING = "kept", "technology", "tag", "everything"
THING = drafts.THING.name
OWN, ALL = "own", "all"
LAST: Final = "last"
"""The end of what comes again; what was typed as the end of one that holds once is another."""
ABOUT: Final = FieldSpec(
    name="about",
    label="Keep quiet",
    kind="choice",
    choices=(TECHNOLOGY, THING, TAG, EVERYTHING),
    help="What is kept quiet: alerts of it are held back; incidents open and close as ever.",
)
TENANTS: Final = FieldSpec(
    name="tenants",
    label="Of",
    kind="choice",
    choices=(OWN, ALL),
    help="Of this tenant, or of all of them.",
)


class SilenceForm(DraftForm[SilenceEntry]):
    """Answers with the silence after saving; None when it was left.

    Args:
        desk: The board's own.
        detail: What to edit; None for a new one.
        about: What a new one is about to begin with, such as the thing of a lamp.
        thing_name: What people call that thing.
    """

    NOUN = "silence"
    TESTS: ClassVar[bool] = False

    def __init__(
        self,
        desk: Desk,
        detail: SilenceEntry | None = None,
        *,
        about: SilenceDraft | None = None,
        thing_name: str | None = None,
    ) -> None:
        edited = None if detail is None else drafts.draft_of(detail.silence)
        self._about = edited or about
        self._thing_name = thing_name if detail is None else detail.silence.thing_name
        self._helped = ""
        super().__init__(desk, detail)
        if detail is None:
            self.began |= {"timezone": drafts.UTC, "until": "2h"}
            if about is not None and about.tenant_id is None:
                self.began[TENANTS.name] = ALL

    # What the form asks

    def texts(self, detail: SilenceEntry) -> dict[str, str]:
        """Return a silence as texts."""
        whose = ALL if detail.silence.tenant_id is None else OWN
        said = drafts.texts(detail.silence)
        if detail.silence.schedule != ONCE:
            said |= {LAST: said.pop(drafts.UNTIL.name)}
        return {**said, ABOUT.name: KEPT, TENANTS.name: whose}

    def first_sections(self) -> tuple[Section, ...]:
        """Return the fields of what is edited; of a new one those of a silence that holds once."""
        about = KEPT if self._about is not None else TECHNOLOGY
        return self._asked({ABOUT.name: about, "schedule": ONCE, **self.began})

    def sections_after(self, name: str, value: str) -> tuple[Section, ...] | None:
        """Ask for what another choice needs."""
        if name not in {ABOUT.name, drafts.SCHEDULE.name}:
            return None
        return self._asked({**self.values(), name: value})

    def _asked(self, said: Mapping[str, str]) -> tuple[Section, ...]:
        about, schedule = said[ABOUT.name], said["schedule"]
        choices = ABOUT.choices if self._about is None else (KEPT, *ABOUT.choices)
        asked = {TECHNOLOGY: drafts.TECHNOLOGY, THING: drafts.THING, TAG: drafts.TAG}
        which = (asked[about],) if about in asked else ()
        of_one = about == KEPT and self._about is not None and self._about.thing_id is not None
        whose = () if of_one or about == THING else (TENANTS,)
        begins = {WEEKLY: (drafts.WEEKLY_DAYS, drafts.AT), CRON: (drafts.LINE,)}.get(schedule, ())
        times = (drafts.FROM, drafts.UNTIL) if schedule == ONCE else (drafts.FOR, *_BOUNDS)
        return (
            Section(title="", fields=(replace(ABOUT, choices=choices),)),
            Section(title="", fields=(*which, *whose, drafts.SCHEDULE)),
            Section(title="", fields=(*begins, *times, drafts.TIMEZONE, drafts.REASON)),
        )

    def titles(self) -> Mapping[str, str]:
        """Return words for what can be chosen."""
        kept = "" if self._about is None else about_text(self._about, self._thing_name)
        return {
            KEPT: kept,
            TECHNOLOGY: "a provider or technology",
            THING: "one thing",
            TAG: "what has a tag",
            EVERYTHING: "everything",
            OWN: text.clean(self.desk.tenant_id),
            ALL: "all tenants",
            ONCE: "once",
            WEEKLY: "on days of the week",
            CRON: "by a line of cron",
        }

    def field_of(self, field: str) -> str:
        """Return the field that is to blame."""
        if THING in self.values() and field in {"kind", "thing_id", *KINDS}:
            return THING
        found = drafts.FIELDS.get(field, field)
        return LAST if found == drafts.UNTIL.name and LAST in self.values() else found

    def doubts(self, values: Mapping[str, str]) -> Sequence[str]:
        """Ask before everything is kept quiet: one key too many, and nobody is told of anything."""
        draft = self._subject(values)
        if draft.kind or draft.thing_id or draft.tag or draft.technology:
            return ()
        whose = "any tenant" if draft.tenant_id is None else text.clean(draft.tenant_id)
        return ("Keep everything quiet?", f"Nobody is told of anything of {whose} while it holds.")

    # What it would mean

    def on_mount(self) -> None:
        """Say when it would hold."""
        self._say()

    async def on_form_edited(self, event: Form.Edited) -> None:
        """Say when it would hold as it is typed now."""
        # The form's own handler, which asks for other fields, would take the answer away.
        event.prevent_default()
        await super().on_form_edited(event)
        self._say()

    def on_form_entered(self, event: Form.Entered) -> None:
        """Say below it what the field in focus is for, and let it offer what there is."""
        self._helped = event.spec.help
        entry = self.focused
        if event.spec.name in OFFERED and isinstance(entry, TextInput) and entry.suggester is None:
            entry.suggester = Offers(self.desk, event.spec.name)
        self._say()

    def _say(self) -> None:
        if self._busy:
            return
        try:
            draft = self._draft(self.values())
        except InvalidInput:
            self.answer(None)
            return
        now, words = self.desk.now(), self._helped
        self.answer(
            lambda width: (*coming_lines(draft, now, width), *wrap(words, width, "muted", most=2))
        )

    # Saving

    def _draft(self, values: Mapping[str, str]) -> SilenceDraft:
        """Return the draft that texts say.

        Raises:
            InvalidInput: One cannot be used; `field` names it.
        """
        kept = None if self.edited is None else self.edited.silence
        if LAST in values:
            values = {**values, drafts.UNTIL.name: values[LAST]}
        return drafts.timed(self._subject(values), values, self.desk.now(), kept=kept)

    def _subject(self, values: Mapping[str, str]) -> SilenceDraft:
        """Return what it is about, without its times; one thing still by its name."""
        about, tenant = values[ABOUT.name], self.desk.tenant_id
        draft = SilenceDraft(tenant_id=tenant)
        if about == KEPT and self._about is not None:
            draft = self._about
        elif about == TECHNOLOGY:
            draft = replace(draft, technology=values[TECHNOLOGY].strip() or None)
        elif about == THING:
            draft = replace(draft, thing_id=values[THING].strip() or None)
        elif about == TAG:
            draft = replace(draft, tag=values[TAG].strip() or None)
        if TENANTS.name in values:
            draft = replace(draft, tenant_id=None if values[TENANTS.name] == ALL else tenant)
        return draft

    async def _found(self, values: Mapping[str, str]) -> SilenceDraft:
        """Return the draft, with the thing that is called so.

        Raises:
            InvalidInput: A text cannot be used, or several things are called so.
            NotFound: None is called so.
        """
        draft = self._draft(values)
        if values[ABOUT.name] != THING:
            return draft
        workspace, typed = await self.desk.workspace(), values[THING].strip()
        kind, thing_id = await find_thing(workspace, self.desk.tenant_id, typed)
        return replace(draft, kind=kind, thing_id=thing_id)

    async def create(self, values: dict[str, str]) -> SilenceEntry:
        """Add the silence."""
        facade, tenant = (await self.desk.workspace()).silences, self.desk.tenant_id
        return silence_entry(await facade.add(tenant, await self._found(values)), tenant)

    async def update(
        self,
        edited: SilenceEntry,
        values: dict[str, str],
        changed: dict[str, str],  # noqa: ARG002 - what was not changed stays
    ) -> SilenceEntry:
        """Change the silence, unless somebody else did meanwhile."""
        facade, tenant = (await self.desk.workspace()).silences, edited.tenant_id
        draft, version = await self._found(values), edited.silence.version
        made = await facade.edit(tenant, edited.id, draft, expected_version=version)
        return silence_entry(made, tenant)

    async def latest(self, edited: SilenceEntry) -> SilenceEntry:
        """Return the silence as it is now."""
        facade = (await self.desk.workspace()).silences
        return silence_entry(await facade.get(edited.tenant_id, edited.id), edited.tenant_id)


_BOUNDS = (
    replace(
        drafts.FROM,
        label="First from",
        help="The first moment at which it can hold; empty is now.",
    ),
    replace(
        drafts.UNTIL,
        name=LAST,
        label="Last until",
        placeholder="for good",
        help="The last moment at which it can hold; empty is for good.",
    ),
)
