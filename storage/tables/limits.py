"""How much may be used: what integrations are limited by, and the meters that repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, Column, text

from storage.limits.rows import LIMITS

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem


def limit_columns() -> tuple[SchemaItem, ...]:
    """Declares a limit of each measure, 0 for unlimited, and that none is less."""
    return tuple(
        item
        for measure, name in LIMITS.items()
        for item in (
            Column(name, BigInteger, nullable=False, server_default=text("0")),
            CheckConstraint(f"{name} >= 0", name=measure),
        )
    )
