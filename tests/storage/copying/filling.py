"""Rows for every table that there is, with values that are easily changed on their way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Double, Integer, LargeBinary

from storage.copying.plain import tables
from storage.types import JsonText, JsonWords, UtcMillis

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection

ROWS = 3
_WORDS = "'Zoë' \u202e%(x)s :y ?\\n\n\t𝄞 "


def fill(connection: Connection) -> None:
    """Adds some rows to every table; those of one number point to each other."""
    for plain in tables():
        columns = [plain.table.c[name] for name in plain.names]
        rows = [tuple(_value(column, number) for column in columns) for number in range(ROWS)]
        plain.add(connection, rows)


def _value(column: Column[Any], number: int) -> object:
    for key in column.foreign_keys:
        return _value(key.column, number)
    if column.nullable and number == ROWS - 1:
        return None
    if column.table.name == "prevention_records" and column.name == "body":
        return json.dumps({"policy_id": "p", "is_simulated": bool(number), "created_at": number})
    return _of_type(column, number)


def _of_type(column: Column[Any], number: int) -> object:  # noqa: PLR0911 - a kind each
    match column.type:
        case UtcMillis():
            return 1_700_000_000_001 + number
        case JsonText():
            return f'{{"n": 1.0,  "é":"\\u0001 {number}"}}'
        case JsonWords():
            return f'[ "a","{number}"]'
        case Boolean():
            return bool(number % 2)
        case Double():
            return (0.1 + 0.2, 1e-300, 2.5)[number]
        case LargeBinary():
            return bytes([number, *range(256)])
        case BigInteger() if not column.primary_key:
            return 2**63 - 1 - number
        case Integer() | BigInteger():
            return 2**31 - 9 + number
        case _:
            return f"{_WORDS}{number}"
