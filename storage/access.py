"""Who sees a thing: one that has roles is there only for an operator with one of them.

`roles` is None everywhere where the house itself asks (the monitor, a registry): nothing is left
out then. Left out is left out of pages, counts, lamps and stories alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import ColumnElement, Text, and_, bindparam, func, or_

from storage.labels import role_text
from storage.tables import targets

if TYPE_CHECKING:
    from collections.abc import Sequence

Roles: TypeAlias = "Sequence[str] | None"


def role_values(roles: Roles) -> dict[str, object]:
    """Gives the values that `visible` binds."""
    return {f"role_{place}": role_text(role) for place, role in enumerate(roles or ())}


def visible(roles: int | None, dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Gives the conditions on a target for an operator with so many roles; none for None."""
    if roles is None:
        return ()
    return (or_(targets.c.access.is_(None), *(found > 0 for found in _places(roles, dialect))),)


def hidden(roles: int, dialect: str) -> ColumnElement[bool]:
    """Gives the condition on a target that an operator with so many roles must not see."""
    return and_(targets.c.access.is_not(None), *(at == 0 for at in _places(roles, dialect)))


def _places(roles: int, dialect: str) -> list[ColumnElement[int]]:
    find = func.instr if dialect == "sqlite" else func.strpos
    return [
        find(targets.c.access, bindparam(f"role_{place}", type_=Text, required=True))
        for place in range(roles)
    ]


def how_many(roles: Roles) -> int | None:
    """Gives what tells one statement from another: the number of roles."""
    return None if roles is None else len(roles)
