"""A table's columns as declarations, and how they share a width: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = 1
"""Cells between two columns; columns pad themselves by choosing their width."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One declared column of a table.

    `width` is its least width in terminal cells; spare cells are shared by `grow`. Where a table
    is too narrow for all, columns with the highest `drop` go first; 0 never goes. `sort` is the
    field that the source sorts by, empty where it can't.
    """

    name: str
    title: str
    width: int
    grow: int = 0
    drop: int = 0
    right: bool = False
    sort: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A shown column: its place among the declared ones, where it starts, how wide it is."""

    column: Column
    index: int
    x: int
    width: int


def place(columns: Sequence[Column], width: int) -> tuple[Placed, ...]:
    """Return the columns that fit into `width` cells, the spare cells shared among them."""
    kept = _kept(columns, width)
    spare = max(0, width - _needed([columns[index] for index in kept]))
    shares = sum(columns[index].grow for index in kept)
    placed: list[Placed] = []
    x = 0
    for index in kept:
        column = columns[index]
        extra = spare * column.grow // shares if shares else 0
        placed.append(Placed(column=column, index=index, x=x, width=column.width + extra))
        x += column.width + extra + GAP
    return tuple(placed)


def _kept(columns: Sequence[Column], width: int) -> list[int]:
    kept = list(range(len(columns)))
    while _needed([columns[index] for index in kept]) > width:
        candidate = max(kept, key=lambda index: (columns[index].drop, index))
        if not columns[candidate].drop:
            break
        kept.remove(candidate)
    return kept


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + GAP * max(0, len(columns) - 1)
