"""Which templates a list shows and in what order, checked once and asked of the driver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.order import order_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.filters import Term

SORTS = ("name", "status", "outcome", "last_run", "runs", "created")
order_by = partial(order_of, among=SORTS, what="Templates")
"""Returns the order of a page; see `engine.order.order_of`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The templates of a tenant that match; make one with `select`."""

    tenant_id: str
    terms: tuple[Term, ...] = ()


def select(tenant_id: str, *, terms: Sequence[Term] = (), query: str = "") -> Selection:
    """Return what matches the terms, and `query` as people type it."""
    from engine.filters import parse_filter

    return Selection(tenant_id=tenant_id, terms=(*terms, *parse_filter(query)))
