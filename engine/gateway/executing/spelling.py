"""A template's statement as a driver takes it: placeholders in its spelling, values beside it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import InvalidInput
from engine.gateway.errors import SqlGatewayError

if TYPE_CHECKING:
    from engine.gateway.executing.plan import Plan
    from engine.gateway.judging import Placeholder

MAX_VALUES = 30_000
"""Values of one run, those of lists included; PostgreSQL takes 65,535, SQLite 32,766."""

# A list without a value: whatever is compared with NULL is not found in it.
_NOTHING = "NULL"


class Spelled(NamedTuple):
    """A statement and the values to be bound, in the order of their placeholders."""

    text: str
    values: tuple[Any, ...]


def spell(plan: Plan, dialect: str, sign: str, *, again: bool = True) -> Spelled:
    """Return a plan's statement for a driver; no value ever becomes part of the text.

    Args:
        plan: The run.
        dialect: How the text is read: one of `results.DIALECTS`.
        sign: `$` or `?` before a number; `?` alone where `again` is not set.
        again: Whether a name's second place has the number of its first. Otherwise places have
            no numbers, and each has its own value.

    Raises:
        SqlGatewayError: A placeholder has no value, there are too many values, or the text cannot
            be read in one way only.
    """
    values: list[Any] = []
    known: dict[str, str] = {}
    pieces: list[str] = []
    for piece in _pieces(plan.sql, dialect):
        if isinstance(piece, str):
            pieces.append(piece)
            continue
        name = _meant(plan, piece.name)
        if not again or name not in known:
            known[name] = _placed(plan.values[name], values, sign, numbered=again)
        pieces.append(known[name])
    if len(values) > MAX_VALUES:
        raise SqlGatewayError(
            f"A run takes at most {MAX_VALUES:,} values, those of lists included.",
            hint="Give shorter lists.",
            code="invalid_parameter",
        )
    return Spelled("".join(pieces), tuple(values))


@lru_cache(maxsize=256)
def _pieces(sql: str, dialect: str) -> tuple[str | Placeholder, ...]:
    """Return a text in pieces, read once and not at each run."""
    from engine.gateway.judging import split_placeholders

    try:
        return split_placeholders(sql, dialect)
    except InvalidInput as refused:
        raise SqlGatewayError(
            refused.message, hint=refused.hint, field="sql", code="not_reading"
        ) from None


def _placed(value: object, values: list[Any], sign: str, *, numbered: bool) -> str:
    """Add a value, or each of a list, and return what stands for it in the text."""
    given = value if isinstance(value, tuple | list) else (value,)
    first = len(values) + 1
    values.extend(given)
    numbers = range(first, first + len(given))
    return ", ".join(f"{sign}{number}" if numbered else sign for number in numbers) or _NOTHING


def _meant(plan: Plan, name: str) -> str:
    """Return the parameter that a placeholder stands for, by its name or its position."""
    if name.startswith("$"):
        place = int(name[1:]) - 1
        name = plan.order[place] if 0 <= place < len(plan.order) else name
    if name not in plan.values:
        raise SqlGatewayError(
            f"The placeholder {name} has no value.",
            hint="Declare it as a parameter of the template.",
            code="missing_parameter",
        )
    return name
