"""Declarations of parameters, judged before a template is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.gateway.model import ParameterType
from engine.gateway.parameters.coercing import ITEMS, judged
from engine.gateway.parameters.names import is_name
from engine.gateway.parameters.pattern_syntax import PatternRefused
from engine.gateway.parameters.patterns import pattern_of
from engine.gateway.parameters.refusing import Unfit, bad_declaration
from engine.gateway.parameters.scalars import MAX_TEXT, scalar
from engine.gateway.parameters.zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from engine.gateway.errors import SqlGatewayError
    from engine.gateway.model import ParameterSpec

MAX_PARAMETERS = 100
MAX_ITEMS = 10_000
MAX_ALLOWED = 1_000
MAX_DESCRIPTION = 1_000

_TEXTS = frozenset({ParameterType.STRING, ParameterType.STRING_LIST})
_RANGED = frozenset(
    {
        *(ParameterType.INTEGER, ParameterType.INTEGER_LIST, ParameterType.FLOAT),
        *(ParameterType.DATE, ParameterType.TIMESTAMP),
    }
)


def check_specs(specs: Sequence[ParameterSpec]) -> None:
    """Refuse declarations that nothing could fit, or that mean nothing.

    Raises:
        SqlGatewayError: `invalid_declaration`; its `field` is the parameter's name.
    """
    if len(specs) > MAX_PARAMETERS:
        raise _too_many()
    before: set[str] = set()
    for spec in specs:
        check_spec(spec, before)
        before.add(spec.name)


def check_spec(spec: ParameterSpec, before: Collection[str]) -> None:
    """Refuse one declaration; `before` are the names of those that it follows.

    Raises: as `check_specs`.
    """
    if len(before) >= MAX_PARAMETERS:
        raise _too_many()
    _check_name(spec, before)
    for said, hint in _faults(spec):
        raise bad_declaration(spec.name, f"The parameter {spec.name} {said}.", hint)


def _too_many() -> SqlGatewayError:
    return bad_declaration("", f"A template has at most {MAX_PARAMETERS} parameters.")


def _check_name(spec: ParameterSpec, before: Collection[str]) -> None:
    if not is_name(spec.name):
        raise bad_declaration(
            "",
            "A parameter's name must be a word: letters, digits and _, no digit first, at most 63.",
            "Call it such as `day` or `customer_id`.",
        )
    if spec.name in before:
        raise bad_declaration(spec.name, f"The parameter {spec.name} is declared twice.")


def _faults(spec: ParameterSpec) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a declaration, in the words that follow its name, and a hint."""
    try:
        kind = ParameterType(spec.param_type)
    except ValueError:
        yield "has no known type", f"Types are {', '.join(ParameterType)}."
        return
    yield from _wrong_words(spec)
    yield from _wrong_sizes(spec, kind)
    yield from _wrong_zone(spec, kind)
    yield from _wrong_pattern(spec, kind)
    yield from _wrong_values(spec, kind)


def _wrong_words(spec: ParameterSpec) -> Iterator[tuple[str, str]]:
    if not all(_of(said, bool) for said in (spec.required, spec.logged)):
        yield "must say by true or false whether it is required, and whether it is logged", ""
    if not _of(spec.description, str) or len(spec.description) > MAX_DESCRIPTION:
        yield f"must have a description of at most {MAX_DESCRIPTION:,} characters", ""


def _wrong_sizes(spec: ParameterSpec, kind: ParameterType) -> Iterator[tuple[str, str]]:
    if spec.max_length is not None:
        if kind not in _TEXTS:
            yield "is no text, so it has no max_length", ""
        if not _whole(spec.max_length, MAX_TEXT):
            yield f"must have a max_length from 1 to {MAX_TEXT:,}", ""
    if not _whole(spec.max_items, MAX_ITEMS):
        yield f"must have max_items from 1 to {MAX_ITEMS:,}", ""


def _wrong_zone(spec: ParameterSpec, kind: ParameterType) -> Iterator[tuple[str, str]]:
    if spec.zone is None:
        return
    if kind is not ParameterType.TIMESTAMP:
        yield "is no timestamp, so it has no zone", ""
    if type(spec.zone) is not str or zone_of(spec.zone) is None:
        yield "has a zone that is not known", "Name it as the IANA does, such as Europe/Berlin."


def _wrong_pattern(spec: ParameterSpec, kind: ParameterType) -> Iterator[tuple[str, str]]:
    if spec.pattern is None:
        return
    if kind not in _TEXTS or type(spec.pattern) is not str:
        yield "is no text, so it has no pattern", ""
        return
    try:
        pattern_of(spec.pattern)
    except PatternRefused as refused:
        yield "has a pattern that cannot be used", str(refused)


def _wrong_values(spec: ParameterSpec, kind: ParameterType) -> Iterator[tuple[str, str]]:
    item = ITEMS.get(kind, kind)
    ends = [end for end in (spec.min_value, spec.max_value) if end is not None]
    if ends and kind not in _RANGED:
        yield "has no order, so it has neither min_value nor max_value", ""
        return
    if type(spec.allowed_values) not in {list, tuple} or len(spec.allowed_values) > MAX_ALLOWED:
        yield f"must have allowed_values as a list of at most {MAX_ALLOWED:,}", ""
        return
    try:
        read = [scalar(item, end, spec.zone) for end in ends]
        for allowed in spec.allowed_values:
            scalar(item, allowed, spec.zone)
    except Unfit as unfit:
        yield f"has a min_value, max_value or allowed value that {unfit.must}", unfit.hint
        return
    if len(read) > 1 and read[0] > read[1]:
        yield "has a min_value above its max_value", ""
        return
    judged(spec, spec.default)


def _whole(value: object, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _of(value: object, kind: type) -> bool:
    """Tell whether a value is what its declaration says; those of code may be anything."""
    return type(value) is kind
