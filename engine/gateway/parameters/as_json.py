"""Declarations of parameters as JSON has them: to be stored, shown, and read from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from engine.gateway.errors import SqlGatewayError
from engine.gateway.model import ParameterSpec, ParameterType
from engine.jsonable import jsonable

_FIELDS = {item.name: item for item in fields(ParameterSpec)}
_REQUIRED = ("name", "param_type")
# Files may say it shorter.
_ALSO = {"type": "param_type"}


def to_stored(spec: ParameterSpec) -> dict[str, Any]:
    """Return a declaration as JSON-ready values: what is as usual is left out."""
    found: dict[str, Any] = {}
    for name, item in _FIELDS.items():
        value = getattr(spec, name)
        if name in _REQUIRED or value != item.default or type(value) is not type(item.default):
            found[name] = jsonable(value)
    return found


def from_stored(said: Mapping[str, Any]) -> ParameterSpec:
    """Return the declaration that JSON-ready values say.

    Raises:
        SqlGatewayError: `invalid_declaration`: they say none.
    """
    if not isinstance(said, Mapping):
        raise _invalid("A parameter must be a record with a name and a type.")
    told = {_ALSO.get(str(name), str(name)): value for name, value in said.items()}
    for name in told:
        if name not in _FIELDS:
            raise _invalid(f"A parameter has no field {name[:40]!r}.", ", ".join(_FIELDS))
    for name in _REQUIRED:
        if not isinstance(told.get(name), str):
            raise _invalid("A parameter must have a name and a type.")
    try:
        told["param_type"] = ParameterType(told["param_type"])
    except ValueError:
        raise _invalid("A parameter has no known type.", ", ".join(ParameterType)) from None
    if isinstance(told.get("allowed_values"), list):
        told["allowed_values"] = tuple(told["allowed_values"])
    return ParameterSpec(**told)


def many_from(said: object) -> tuple[ParameterSpec, ...]:
    """Return the declarations of a list of records, or of records by name.

    Raises:
        SqlGatewayError: `invalid_declaration`: they say none.
    """
    if isinstance(said, Mapping) and isinstance(said.get("parameters"), list | Mapping):
        said = said["parameters"]
    if isinstance(said, Mapping):
        said = [{"name": name, **_record(inner)} for name, inner in said.items()]
    if isinstance(said, str) or not isinstance(said, Sequence):
        raise _invalid("The parameters must be a list of records, or records by name.")
    return tuple(from_stored(_eased(one)) for one in said)


def _eased(said: object) -> Mapping[str, Any]:
    """Return a record of a file: who gives a default need not say that it is not required."""
    told = _record(said)
    usual = {"required": False} if told.get("default") is not None else {}
    return usual | dict(told)


def _record(said: object) -> Mapping[str, Any]:
    if isinstance(said, str):
        return {"param_type": said}
    if isinstance(said, Mapping):
        return said
    raise _invalid("A parameter must be a record with a name and a type.")


def _invalid(message: str, hint: str = "") -> SqlGatewayError:
    return SqlGatewayError(message, hint=hint, field="parameters", code="invalid_declaration")
