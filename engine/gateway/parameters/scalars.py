"""One value of each type, from what a caller or JSON has to what a driver binds."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.gateway.model import ParameterType
from engine.gateway.parameters.refusing import Unfit
from engine.gateway.parameters.zones import in_utc

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_TEXT = 1_048_576
"""Characters of a text, whatever its declaration allows."""

_LEAST, _GREATEST = -(2**63), 2**63 - 1
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_A_DATE = ("must be a date", "Write it as 2026-11-01.")
_A_TIMESTAMP = (
    "must be a timestamp",
    "Write it as 2026-11-01T09:30:00Z, to the microsecond at most.",
)
_A_UUID = ("must be a UUID", "Write it as 123e4567-e89b-12d3-a456-426614174000.")


def scalar(kind: ParameterType, value: object, zone: str | None) -> Any:
    """Return one value as a driver binds it.

    Args:
        kind: Its type; no list.
        value: As a caller or JSON has it; subclasses are refused, since they may lie.
        zone: The IANA zone of timestamps that name none.

    Returns:
        str, int, float, bool, date, UUID, or an aware datetime in UTC.

    Raises:
        Unfit: It is not of the type, or would lose something.
    """
    if kind is ParameterType.TIMESTAMP:
        return _timestamp(value, zone)
    return _SCALARS[kind](value)


def _text(value: object) -> str:
    if type(value) is not str:
        raise Unfit("must be a text")
    if len(value) > MAX_TEXT:
        raise Unfit(f"must be at most {MAX_TEXT:,} characters long")
    if "\0" in value:
        raise Unfit("must not contain the character NUL")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unfit("must be whole Unicode, without halves of a character") from None
    return value


def _integer(value: object) -> int:
    if type(value) is not int:
        raise Unfit("must be a whole number")
    if not _LEAST <= value <= _GREATEST:
        raise Unfit("must be a whole number of at most 64 bits")
    return value


def _float(value: object) -> float:
    if type(value) is int:
        try:
            exact = float(value)
        except OverflowError:
            raise Unfit("is too large for a floating-point number") from None
        if exact != value:
            raise Unfit("would lose digits as a floating-point number")
        return exact
    if type(value) is not float:
        raise Unfit("must be a number")
    if not math.isfinite(value):
        raise Unfit("must be a number, neither infinite nor NaN")
    return value


def _boolean(value: object) -> bool:
    if type(value) is not bool:
        raise Unfit("must be true or false")
    return value


def _date(value: object) -> date:
    if type(value) is date:
        return value
    if type(value) is not str or not _DATE.fullmatch(value):
        raise Unfit(*_A_DATE)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Unfit(*_A_DATE) from None


def _timestamp(value: object, zone: str | None) -> datetime:
    if type(value) is datetime:
        return in_utc(value, zone)
    if type(value) is not str or not _TIMESTAMP.fullmatch(value):
        raise Unfit(*_A_TIMESTAMP)
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise Unfit(*_A_TIMESTAMP) from None
    return in_utc(read, zone)


def _uuid(value: object) -> UUID:
    if type(value) is UUID:
        return value
    if type(value) is not str or not _UUID.fullmatch(value):
        raise Unfit(*_A_UUID)
    return UUID(value)


_SCALARS: dict[ParameterType, Callable[[object], Any]] = {
    ParameterType.STRING: _text,
    ParameterType.INTEGER: _integer,
    ParameterType.FLOAT: _float,
    ParameterType.BOOLEAN: _boolean,
    ParameterType.DATE: _date,
    ParameterType.UUID: _uuid,
}
