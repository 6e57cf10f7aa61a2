"""A run's values, judged against their declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.gateway.errors import SqlGatewayError
from engine.gateway.model import ParameterType
from engine.gateway.parameters.bounds import check_bounds
from engine.gateway.parameters.names import is_name
from engine.gateway.parameters.refusing import Unfit, invalid
from engine.gateway.parameters.scalars import scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.gateway.model import ParameterSpec

MAX_TEXTS = 4 * 1_048_576
"""Characters of all texts of a run together."""

ITEMS = {
    ParameterType.STRING_LIST: ParameterType.STRING,
    ParameterType.INTEGER_LIST: ParameterType.INTEGER,
}
"""What each list is of."""

_MOST_NAMED = 5


def coerce(specs: Sequence[ParameterSpec], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return every declared parameter's value as a driver binds it, in order.

    A parameter that is not given, or given as None, has its default's value; without a default
    it is missing where it is required, and None where it is not.

    Args:
        specs: The declarations, which `check_specs` has accepted.
        payload: Values by name, as a caller or JSON has them.

    Returns:
        By name: str, int, float, bool, date, UUID, an aware datetime in UTC, a tuple of str or
        int, or None.

    Raises:
        SqlGatewayError: `unknown_parameter`, `missing_parameter` or `invalid_parameter`; its
            `field` is the parameter's name, its text never holds a value.
    """
    _refuse_unknown(specs, payload)
    _refuse_missing(specs, payload)
    values = {spec.name: judged(spec, _given(spec, payload)) for spec in specs}
    if sum(map(_characters, values.values())) > MAX_TEXTS:
        raise SqlGatewayError(
            f"The texts of one run must have at most {MAX_TEXTS:,} characters together.",
            code="invalid_parameter",
        )
    return values


def judged(spec: ParameterSpec, value: object) -> Any:
    """Return one parameter's value as a driver binds it; None stays None.

    Raises:
        SqlGatewayError: `invalid_parameter`.
    """
    if value is None:
        return None
    try:
        return _fitting(spec, value)
    except Unfit as unfit:
        raise invalid(spec.name, unfit) from None


def _fitting(spec: ParameterSpec, value: object) -> Any:
    kind = ParameterType(spec.param_type)
    item = ITEMS.get(kind)
    if item is None:
        return _one(spec, kind, value)
    if type(value) not in {list, tuple}:
        raise Unfit("must be a list")
    if len(value) > spec.max_items:  # type: ignore[arg-type]  # a list or a tuple by now
        raise Unfit(f"must have at most {spec.max_items:,} values")
    return tuple(_one(spec, item, one) for one in value)  # type: ignore[attr-defined]


def _one(spec: ParameterSpec, kind: ParameterType, value: object) -> Any:
    found = scalar(kind, value, spec.zone)
    check_bounds(spec, kind, found)
    return found


def _given(spec: ParameterSpec, payload: Mapping[str, Any]) -> object:
    value = payload.get(spec.name)
    return spec.default if value is None else value


def _refuse_unknown(specs: Sequence[ParameterSpec], payload: Mapping[str, Any]) -> None:
    unknown = [name for name in payload if name not in {spec.name for spec in specs}]
    if not unknown:
        return
    # A caller's own text is repeated only where it is a name.
    names = [name for name in unknown if is_name(name)][:_MOST_NAMED]
    known = ", ".join(spec.name for spec in specs)
    raise SqlGatewayError(
        f"The template has no parameter {', '.join(names)}."
        if names
        else "A value is given for something that is no parameter of the template.",
        hint=f"Its parameters are: {known}." if known else "It has no parameters.",
        field=names[0] if names else None,
        code="unknown_parameter",
    )


def _refuse_missing(specs: Sequence[ParameterSpec], payload: Mapping[str, Any]) -> None:
    missing = [spec.name for spec in specs if spec.required and _given(spec, payload) is None]
    if not missing:
        return
    several = len(missing) > 1
    raise SqlGatewayError(
        f"The parameter{'s' if several else ''} {', '.join(missing)} "
        f"{'are' if several else 'is'} missing.",
        hint="Give a value for each.",
        field=missing[0],
        code="missing_parameter",
    )


def _characters(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    return sum(map(_characters, value)) if isinstance(value, tuple) else 0
