"""A template as the texts of a form, and back: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from engine import numbers
from engine.errors import InvalidInput
from engine.fields import FieldSpec
from engine.gateway.inputs import MAX_DESCRIPTION, MOST_ROWS, MOST_SECONDS
from engine.gateway.model import (
    DEFAULT_MAX_ROWS,
    DEFAULT_TIMEOUT_SECONDS,
)
from engine.text import MAX_NAME
from tui import text
from tui.gateway.judged import PARAMETERS, SQL, declared
from tui.inventory.draft import ReadSpec
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.gateway.results import GatewayOffer, GatewaySummary, TemplateDetail

WHERE: Final = "where"

NAME = FieldSpec(
    name="name",
    label="Name",
    required=True,
    maximum=MAX_NAME,
    help="What runs name it by; unique among the tenant's templates.",
    placeholder="orders-by-day",
)
DESCRIPTION = FieldSpec(
    name="description",
    label="Description",
    maximum=MAX_DESCRIPTION,
    help="What it is for, in a sentence that those who run it read.",
)


def seconds(typed: str) -> float:
    """Return seconds as they were typed; raises InvalidInput."""
    found = numbers.decimal(typed.strip().removesuffix("s"))
    if found is None or not 0 < found <= MOST_SECONDS:
        raise InvalidInput(f"Give seconds, more than 0 and at most {MOST_SECONDS:,.0f}.")
    return found


def rows(typed: str) -> int:
    """Return a count of rows as it was typed; raises InvalidInput."""
    found = numbers.whole(typed.replace(",", ""))
    if found is None or not 1 <= found <= MOST_ROWS:
        raise InvalidInput(f"Give a whole number from 1 to {MOST_ROWS:,}.")
    return found


def max_rows(of_gateway: int = DEFAULT_MAX_ROWS) -> ReadSpec:
    """Return the field of a template's own cap of rows."""
    return ReadSpec(
        name="max_rows",
        label="Rows at most",
        read=rows,
        empty=None,
        help="Rows of a result at most, fewer than the gateway allows; empty for all of those.",
        placeholder=f"{of_gateway:,}, the gateway's",
    )


def timeout(of_gateway: float = DEFAULT_TIMEOUT_SECONDS) -> ReadSpec:
    """Return the field of a template's own time limit."""
    return ReadSpec(
        name="timeout_seconds",
        label="Seconds at most",
        read=seconds,
        empty=None,
        help="After which a run is ended, sooner than the gateway does; empty for its own limit.",
        placeholder=f"{of_gateway:g}, the gateway's",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A template as its form edits it: in its newest version.

    Attributes:
        detail: The newest version, whole.
        start: The version whose text the form begins with, where that is an older one.
    """

    detail: TemplateDetail
    start: TemplateDetail | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.detail.template.name

    @property
    def version(self) -> int:
        """What changes with every edit."""
        return self.detail.template.version


def where(offers: Sequence[GatewayOffer]) -> FieldSpec:
    """Return the field of where a new template runs."""
    able = [offer for offer in offers if offer.problem is None]
    return FieldSpec(
        name=WHERE,
        label="Where",
        kind="choice",
        choices=tuple(place_of(offer.kind, offer.thing_id) for offer in able),
        help=unable(offers),
    )


def unable(offers: Sequence[GatewayOffer]) -> str:
    """Return which databases SQL cannot be registered for, and why."""
    others = [offer for offer in offers if offer.problem is not None]
    if not others:
        return "The source or SQL connector that it reads from."
    named = ", ".join(text.clean(offer.name) for offer in others[:3])
    more = f" and {len(others) - 3:,} more" if len(others) > 3 else ""  # noqa: PLR2004 - the named
    return f"Not offered: {named}{more}. {text.clean(others[0].problem or '')}"


def place_of(kind: str, thing_id: str) -> str:
    """Return where a template runs as one text."""
    return f"{kind}:{thing_id}"


def split_place(place: str) -> tuple[str, str]:
    """Return kind and id of where a template runs."""
    kind, _, thing_id = place.partition(":")
    return kind, thing_id


def titles(offers: Sequence[GatewayOffer]) -> dict[str, str]:
    """Return how places are called."""
    return {
        place_of(offer.kind, offer.thing_id): text.clean(f"{offer.name}  {offer.technology}")
        for offer in offers
    }


def sections(first: FieldSpec | None, gateway: GatewaySummary | None = None) -> tuple[Section, ...]:
    """Return the fields beside SQL and parameters; `first` asks where it runs."""
    caps = (max_rows(), timeout())
    if gateway is not None:
        caps = (max_rows(gateway.max_rows), timeout(gateway.timeout_seconds))
    fields = (*((first,) if first is not None else ()), NAME, DESCRIPTION, *caps)
    return (Section(title="", fields=fields),)


def texts(detail: TemplateDetail) -> dict[str, str]:
    """Return a version as the texts of the form."""
    from engine.gateway.parameters.notation import declaration

    gateway = detail.gateway
    return {
        WHERE: place_of(gateway.kind, gateway.thing_id),
        NAME.name: detail.template.name,
        DESCRIPTION.name: detail.template.description,
        "max_rows": "" if detail.max_rows is None else f"{detail.max_rows:,}",
        "timeout_seconds": "" if detail.timeout_seconds is None else f"{detail.timeout_seconds:g}",
        PARAMETERS: "\n".join(declaration(spec) for spec in detail.parameters),
        SQL: detail.sql,
    }


def fields(values: Mapping[str, str]) -> dict[str, Any]:
    """Return texts as what the facade takes, by its own names; where it runs left out.

    Raises:
        InvalidInput: One cannot be used.
    """
    made: dict[str, Any] = {
        name: values[name] for name in (NAME.name, DESCRIPTION.name, SQL) if name in values
    }
    for spec in (max_rows(), timeout()):
        if spec.name in values:
            made[spec.name] = spec.value(values[spec.name])
    if PARAMETERS in values:
        made[PARAMETERS] = declared(values[PARAMETERS]).specs
    return made


EXAMPLE: Final = "day date required min=2026-01-01"
GRAMMAR: Final = (
    "One a line: name type, then required or optional, default= min= max= max_length= allowed=a,b "
    "pattern= max_items= zone= description='…' logged"
)
SQL_HELP: Final = (
    "One reading statement. :name stands for a parameter's value, which is bound, never written."
)
