"""The form of a credential: a secret to keep, or a reference to one that is kept elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from engine.fields import FieldSpec
from tui import dates
from tui.credentials.entries import Entry, entry
from tui.inventory.draft import ReadSpec
from tui.inventory.form import DraftForm
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tui.widgets.form import Form

HERE, ELSEWHERE = "here", "elsewhere"
ENCRYPTED: Final = "encrypted"


PLACE = FieldSpec(
    name="place",
    label="The secret is",
    kind="choice",
    choices=(HERE, ELSEWHERE),
    help="Encrypted in this workspace, or kept elsewhere and asked for each time.",
)
SECRET = FieldSpec(
    name="secret",
    label="Secret",
    kind="secret",
    required=True,
    help="It is encrypted at once and never shown again.",
)
ANOTHER = FieldSpec(
    name=SECRET.name,
    label="Secret",
    kind="secret",
    help="Type another to replace it; what was said of this one's expiry goes with it.",
)
REFERENCE = FieldSpec(
    name="reference",
    label="Reference",
    required=True,
    maximum=1000,
    help="env://NAME, vault://mount/path#field, keyring://service/user or file:///path.",
    placeholder="vault://secret/openai#key",
)
LABEL_OF = FieldSpec(
    name="label",
    label="Called",
    maximum=200,
    help="What people call it; it says nothing about the secret.",
)


EXPIRES = "expires_at"


def expires(now: Callable[[], datetime], kept: str = "") -> ReadSpec:
    """Return the field of the expiry; `kept` is what it began with, which may have passed."""
    return ReadSpec(
        name=EXPIRES,
        label="Expires",
        read=lambda typed: None if typed == kept else dates.expiry(typed, now()),
        empty=None,
        help="A day (2027-01-31), a moment in UTC, a span (90d), or never; the board warns before.",
        placeholder=dates.NEVER,
    )


class ReferenceForm(DraftForm[Entry]):
    """Answers with the reference after saving; None when it was left."""

    NOUN = "credential"
    TESTS: ClassVar[bool] = False

    def texts(self, detail: Entry) -> dict[str, str]:
        """Return label and expiry; never a secret."""
        at = detail.credential.expires_at
        said = "" if at is None else f"{at:%Y-%m-%d %H:%M}"
        return {LABEL_OF.name: detail.credential.label, EXPIRES: said}

    def first_sections(self) -> tuple[Section, ...]:
        """Return the fields; of an encrypted one the secret may be replaced."""
        if self.edited is None:
            return self._new(HERE)
        kept = self.edited.credential.kind == ENCRYPTED
        until = expires(self.desk.now, self.began[EXPIRES])
        secret = (ANOTHER,) if kept else ()
        return (Section(title="", fields=(*secret, LABEL_OF, until)),)

    def _new(self, place: str) -> tuple[Section, ...]:
        which = SECRET if place == HERE else REFERENCE
        return (
            Section(title="", fields=(PLACE,)),
            Section(title="", fields=(which, LABEL_OF, expires(self.desk.now))),
        )

    def sections_after(self, name: str, value: str) -> tuple[Section, ...] | None:
        """Ask for a secret or for a reference."""
        return self._new(value) if name == PLACE.name else None

    async def on_form_edited(self, event: Form.Edited) -> None:
        """Another secret has another expiry: the former's leaves the field, for all to see."""
        another = self.edited is not None and event.name == SECRET.name and event.value
        if another and EXPIRES not in self.changed():
            self.form.set_value(EXPIRES, "")

    def titles(self) -> Mapping[str, str]:
        """Return words for where a secret is."""
        return {HERE: "kept here, encrypted", ELSEWHERE: "kept elsewhere"}

    def stored(self, values: Mapping[str, str]) -> frozenset[str]:  # noqa: ARG002 - the base's own
        """Return that there is a secret already where one is edited."""
        return frozenset({SECRET.name}) if self.edited is not None else frozenset()

    def field_of(self, field: str) -> str:
        """Return the field that is to blame."""
        return REFERENCE.name if field == "credential_ref" else field

    async def create(self, values: dict[str, str]) -> Entry:
        """Keep a new secret, or list a reference."""
        tenant, label = self.desk.tenant_id, values[LABEL_OF.name]
        until = dates.expiry(values[EXPIRES], self.desk.now())
        facade = (await self.desk.workspace()).credentials
        if values[PLACE.name] == HERE:
            made = await facade.store(tenant, values[SECRET.name], label, until)
        else:
            made = await facade.register(tenant, values[REFERENCE.name], label, until)
        return entry((await facade.get(tenant, made)).credential)

    async def update(self, edited: Entry, values: dict[str, str], changed: dict[str, str]) -> Entry:
        """Replace the secret where one was typed; set label and expiry where they were changed."""
        facade = (await self.desk.workspace()).credentials
        whose, label = (edited.tenant_id, edited.id), changed.get(LABEL_OF.name)
        if secret := changed.get(SECRET.name):
            await facade.replace(*whose, secret, dates.expiry(values[EXPIRES], self.desk.now()))
        elif EXPIRES in changed:
            until = dates.expiry(changed[EXPIRES], self.desk.now())
            await facade.set_expiry(*whose, until, label)
            label = None
        if label is not None:
            await facade.rename(*whose, label)
        return await self.latest(edited)

    async def latest(self, edited: Entry) -> Entry:
        """Return the reference as it is now."""
        workspace = await self.desk.workspace()
        return entry((await workspace.credentials.get(edited.tenant_id, edited.id)).credential)
