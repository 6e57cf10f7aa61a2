"""`lampboard sources technologies`: what can be reached, with which driver and fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tui.cli.inventory.reach import flag_of
from tui.cli.kit import BoardCommand
from tui.cli.options import Words
from tui.cli.sources.reads import TYPES

if TYPE_CHECKING:
    from engine.fields import FieldSpec
    from engine.probes.technology import Technology
    from tui.cli.session import Session

_TESTED = {
    "server": "a real server",
    "emulator": "an emulator",
    "protocol": "its documented protocol",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A technology as a line of a table."""

    technology: Technology

    @property
    def name(self) -> str:
        """Its name."""
        return self.technology.name

    @property
    def title(self) -> str:
        """What people call it."""
        return self.technology.title

    @property
    def type(self) -> str:
        """What kind of source it is."""
        return self.technology.type

    @property
    def driver(self) -> str:
        """Whether its driver is here, else how to get it."""
        if not self.technology.missing():
            return "ready"
        return self.technology.how_to_install() or "missing"

    @property
    def tested(self) -> str:
        """What its probe is proved against."""
        return _TESTED.get(self.technology.tested, self.technology.tested)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-ready."""
        one = self.technology
        return {
            "name": one.name,
            "title": one.title,
            "type": one.type,
            "ready": not one.missing(),
            "install": one.how_to_install(),
            "default_port": one.default_port,
            "schemes": list(one.schemes),
            "tested": self.tested,
            "fields": [_field(spec) for spec in one.fields],
            "options": [_field(spec) for spec in one.options],
        }


def _field(spec: FieldSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "label": spec.label,
        "required": spec.required,
        "default": spec.default,
        "choices": list(spec.choices),
        "help": spec.help,
    }


@click.command(
    cls=BoardCommand,
    examples=(
        "lampboard sources technologies",
        "lampboard sources technologies postgresql",
        "lampboard sources technologies --type vector -o json",
    ),
)
@click.argument("name", required=False)
@click.option("--type", "wanted", metavar="TYPE", type=Words(TYPES), help="Only of this type.")
@click.pass_obj
def technologies(session: Session, *, name: str | None, wanted: str | None) -> None:
    """List what can be reached; of one, its fields and options."""
    from engine.probes.registry import get_technology
    from engine.probes.registry import technologies as known
    from tui.cli.table import Column

    if name is not None:
        return _one(session, Entry(get_technology(name)))
    found = [Entry(one) for one in known(wanted) if one.type in TYPES]
    columns = (
        Column(title="NAME", key="name"),
        Column(title="TITLE", key="title"),
        Column(title="TYPE", key="type"),
        Column(title="DRIVER", key="driver"),
        Column(title="TESTED AGAINST", key="tested"),
    )
    return session.output.listing([found], len(found), columns)


def _one(session: Session, entry: Entry) -> None:
    from tui.cli.table import facts

    session.output.record(entry.to_dict(), table=lambda: facts(_pairs(entry)))


def _pairs(entry: Entry) -> list[tuple[str, str]]:
    one = entry.technology
    head = [
        ("name", one.name),
        ("title", one.title),
        ("type", one.type),
        ("driver", entry.driver),
        ("schemes", ", ".join(f"{scheme}://" for scheme in one.schemes) or "-"),
        ("tested", entry.tested),
    ]
    fields = [(flag_of(spec), _said(spec)) for spec in one.fields]
    options = [(f"--option {spec.name}=", _said(spec)) for spec in one.options]
    return [*head, *fields, *options]


def _said(spec: FieldSpec) -> str:
    needed = " (needed)" if spec.required else f" ({spec.default})" if spec.default else ""
    choices = f" One of {', '.join(spec.choices)}." if spec.choices else ""
    return f"{spec.label}{needed}. {spec.help}{choices}".strip()
