"""What the gateway's records mean in plain words: parameters and their rules, caps. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.gateway.model import ParameterType
from tui import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.gateway.model import ParameterSpec
    from engine.gateway.results import GatewaySummary, TemplateDetail

KIB: Final = 1024

TYPES: Final[Mapping[ParameterType, str]] = {
    ParameterType.STRING: "text",
    ParameterType.INTEGER: "whole number",
    ParameterType.FLOAT: "number",
    ParameterType.BOOLEAN: "true or false",
    ParameterType.DATE: "date",
    ParameterType.TIMESTAMP: "timestamp",
    ParameterType.UUID: "UUID",
    ParameterType.STRING_LIST: "list of texts",
    ParameterType.INTEGER_LIST: "list of whole numbers",
}
EXAMPLES: Final[Mapping[ParameterType, str]] = {
    ParameterType.INTEGER: "42",
    ParameterType.FLOAT: "12.5",
    ParameterType.DATE: "2026-01-31",
    ParameterType.TIMESTAMP: "2026-01-31T08:00:00Z",
    ParameterType.UUID: "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    ParameterType.STRING_LIST: "a, b, 'c, d'",
    ParameterType.INTEGER_LIST: "1, 2, 3",
}
LISTS: Final = frozenset({ParameterType.STRING_LIST, ParameterType.INTEGER_LIST})
MOST_NAMED: Final = 6
"""Allowed values that are named before the rest is only counted."""


def size(count: int | None) -> str:
    """Return bytes in the unit that suits them: `812 B`, `12 KiB`, `5 MiB`."""
    if count is None:
        return text.NOTHING
    value, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < KIB or unit == "GiB":
            break
        value /= KIB
    digits = 1 if unit != "B" and value < 10 and value % 1 >= 0.05 else 0  # noqa: PLR2004 - one decimal
    return f"{value:,.{digits}f} {unit}"


def seconds(value: float) -> str:
    """Return a time limit: `30 s`, `1.5 s`."""
    return f"{value:g} s"


def value(found: object) -> str:
    """Return a value of a declaration as people write it."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, list | tuple):
        return ", ".join(value(one) for one in found) or "an empty list"
    said = text.clean(str(found))
    return said or "an empty text"


def rules(spec: ParameterSpec) -> list[str]:
    """Return what a value must be, beside its type: `at least 2026-01-01`, `at most 9 characters`.

    What nothing is said of has no rule.
    """
    each = "each " if spec.param_type in LISTS else ""
    return [f"{each}{said}" if whole else said for whole, said in _rules(spec)]


def _rules(spec: ParameterSpec) -> Iterator[tuple[bool, str]]:
    """Yield rules; whether each is of every value of a list."""
    if spec.default is not None:
        yield False, f"default {value(spec.default)}"
    elif not spec.required:
        yield False, "default NULL"
    if spec.min_value is not None:
        yield True, f"at least {value(spec.min_value)}"
    if spec.max_value is not None:
        yield True, f"at most {value(spec.max_value)}"
    if spec.max_length is not None:
        yield True, f"at most {text.plural(spec.max_length, 'character')}"
    if spec.allowed_values:
        yield True, _one_of(spec)
    if spec.pattern is not None:
        yield True, f"all of it like {text.clean(spec.pattern)}"
    yield from ((False, said) for said in _whole_rules(spec))


def _whole_rules(spec: ParameterSpec) -> Iterator[str]:
    """Yield what holds for a value as a whole."""
    if spec.param_type in LISTS:
        yield f"at most {text.plural(spec.max_items, 'value')}"
    if spec.param_type is ParameterType.TIMESTAMP:
        zone = spec.zone and text.clean(spec.zone)
        yield f"in {zone} unless it says a zone" if zone else "with its zone"
    if spec.logged:
        yield "told in the activity"


def _one_of(spec: ParameterSpec) -> str:
    named = ", ".join(value(one) for one in spec.allowed_values[:MOST_NAMED])
    more = len(spec.allowed_values) - MOST_NAMED
    return f"one of {named}{f' and {more:,} more' if more > 0 else ''}"


def about(spec: ParameterSpec) -> str:
    """Return a parameter in one sentence: what it is for, its type, its rules."""
    said = text.clean(spec.description).rstrip(".")
    kind = "; ".join([TYPES[spec.param_type], *rules(spec)])
    return f"{said}: {kind}." if said else f"{kind[:1].upper()}{kind[1:]}."


def caps(detail: TemplateDetail) -> list[str]:
    """Return what holds for a run of this version, and where it is less than the gateway's."""
    gateway = detail.gateway
    rows = _own(detail.max_rows, gateway.max_rows, lambda count: text.plural(int(count), "row"))
    return [
        rows,
        size(gateway.max_result_bytes),
        _own(detail.timeout_seconds, gateway.timeout_seconds, seconds),
    ]


def _own(own: float | None, of_gateway: float, said: Callable[[float], str]) -> str:
    if own is None or own >= of_gateway:
        return said(of_gateway)
    return f"{said(own)} (of the gateway's {said(of_gateway)})"


def tables(gateway: GatewaySummary) -> str:
    """Return which tables templates may read here."""
    return text.clean(", ".join(gateway.tables)) if gateway.tables else "any"


def role(gateway: GatewaySummary) -> str:
    """Return who runs log in as."""
    return text.clean(gateway.username) if gateway.username else "the login of what it runs on"
