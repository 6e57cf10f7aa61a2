"""The form of a gateway: caps, tables, tripwire, and the role that runs log in as."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final

from engine.errors import InvalidInput
from engine.fields import FieldSpec
from engine.gateway.inputs import MOST_BYTES
from engine.gateway.results import GatewaySummary
from tui import text
from tui.gateway import draft, words
from tui.gateway.sizes import octets
from tui.inventory.draft import ReadSpec
from tui.inventory.form import DraftForm
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSWORD: Final = "password"  # noqa: S105 - the name of a field, not a password
ON, OFF = "on", "off"
NO_USERS: Final = frozenset({"sqlite", "duckdb"})
"""Dialects of databases in a file, which have no users."""


def size(typed: str) -> int:
    """Return bytes as they were typed, such as `5 MiB`; raises InvalidInput."""
    with suppress(InvalidInput):
        count = octets(typed)
        if 1 <= count <= MOST_BYTES:
            return count
    raise InvalidInput("Give a size, such as 512 KiB or 5 MiB; at most 1 GiB.")


def tables(typed: str) -> tuple[str, ...]:
    """Return names as they were typed, apart by commas."""
    return tuple(name for name in (part.strip() for part in typed.split(",")) if name)


ROWS = ReadSpec(
    name="max_rows",
    label="Rows at most",
    read=draft.rows,
    required=True,
    help="Rows of a result at most; what is beyond is not fetched, and that is said.",
)
BYTES = ReadSpec(
    name="max_result_bytes",
    label="Size at most",
    read=size,
    required=True,
    help="Size of a result at most, such as 512 KiB or 5 MiB.",
)
SECONDS = ReadSpec(
    name="timeout_seconds",
    label="Seconds at most",
    read=draft.seconds,
    required=True,
    help="After which a run is ended, by the server and here.",
)
TABLES = ReadSpec(
    name="tables",
    label="Tables",
    read=tables,
    empty=(),
    help="The only tables that templates may read, apart by commas; empty for any.",
    placeholder="any",
)
TRIPWIRE = FieldSpec(
    name="tripwire",
    label="Tripwire",
    kind="choice",
    choices=(ON, OFF),
    help="Whether a value that looks like an injection stops the run and raises an alarm.",
)
USERNAME = FieldSpec(
    name="username",
    label="Log in as",
    maximum=200,
    help="A role that can only select; `lampboard gateway role-sql` prints what makes it. "
    "Empty for the login of what it runs on.",
    placeholder="the login of what it runs on",
)
SECRET = FieldSpec(
    name=PASSWORD,
    label="Its password",
    kind="secret",
    help="The password of that role, or where it is: env://…, vault://….",
)
AMOUNTS: Final = {spec.name: spec for spec in (ROWS, BYTES, SECONDS, TABLES)}


def sections(gateway: GatewaySummary) -> tuple[Section, ...]:
    """Return the fields; a database in a file has no users to log in as."""
    caps = Section(title="", fields=(ROWS, BYTES, SECONDS, TABLES, TRIPWIRE))
    if gateway.dialect in NO_USERS:
        return (caps,)
    return (caps, Section(title="Role", fields=(USERNAME, SECRET)))


def texts(gateway: GatewaySummary) -> dict[str, str]:
    """Return what holds as texts; never a secret."""
    return {
        ROWS.name: f"{gateway.max_rows:,}",
        BYTES.name: words.size(gateway.max_result_bytes)
        if size(words.size(gateway.max_result_bytes)) == gateway.max_result_bytes
        else f"{gateway.max_result_bytes:,} B",
        SECONDS.name: f"{gateway.timeout_seconds:g}",
        TABLES.name: ", ".join(gateway.tables),
        TRIPWIRE.name: ON if gateway.tripwire else OFF,
        USERNAME.name: gateway.username or "",
    }


def changes(changed: Mapping[str, str]) -> dict[str, Any]:
    """Return texts as what the facade sets, by its own names.

    Raises:
        InvalidInput: One cannot be used.
    """
    made: dict[str, Any] = {}
    for name, value in changed.items():
        if name in AMOUNTS:
            made[name] = AMOUNTS[name].value(value)
        elif name == TRIPWIRE.name:
            made[name] = value == ON
        elif name == PASSWORD:
            made["credential_ref" if "://" in value.split(" ")[0] else PASSWORD] = value
        else:
            made[name] = value or None
    if changed.get(USERNAME.name) == "":
        # Without the role its password has no use.
        made["credential_ref"] = None
    return made


class CapsForm(DraftForm[GatewaySummary]):
    """Answers with the gateway after saving; None when it was left."""

    NOUN = "gateway"
    TESTS: ClassVar[bool] = False

    def texts(self, detail: GatewaySummary) -> dict[str, str]:
        """Return what holds."""
        return texts(detail)

    def first_sections(self) -> tuple[Section, ...]:
        """Return the fields: always the same."""
        assert self.detail is not None  # noqa: S101 - a gateway is there before its form
        return sections(self.detail)

    def stored(self, values: Mapping[str, str]) -> frozenset[str]:  # noqa: ARG002 - the base's own
        """Return whether there is a password already."""
        kept = self.detail is not None and self.detail.credential_ref is not None
        return frozenset({PASSWORD}) if kept else frozenset()

    def field_of(self, field: str) -> str:
        """Return the field that is to blame."""
        return PASSWORD if field == "credential_ref" else field

    async def update(
        self,
        edited: GatewaySummary,
        values: dict[str, str],  # noqa: ARG002 - what was not changed stays
        changed: dict[str, str],
    ) -> GatewaySummary:
        """Set what was changed."""
        workspace = await self.desk.workspace()
        return await workspace.gateway.set_gateway(
            edited.tenant_id,
            edited.kind,
            edited.thing_id,
            expected_version=edited.version,
            **changes(changed),
        )

    async def latest(self, edited: GatewaySummary) -> GatewaySummary:
        """Return the gateway as it is now."""
        workspace = await self.desk.workspace()
        return await workspace.gateway.get_gateway(edited.tenant_id, edited.id)

    def _title(self) -> str:
        name = text.clean(self.detail.name) if self.detail is not None else ""
        return f"What SQL may do on {text.ellipsis(name, 40)}"
