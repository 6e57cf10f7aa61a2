"""One database into another: what one snapshot shows, in one transaction, compared at its end."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage import revisions
from storage.copying import counters
from storage.copying.plain import Digest, tables
from storage.copying.target import emptiness, unhindered
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.copying.plain import Plain
    from storage.database import Database

    Told = Callable[[str, str, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class CopiedTable:
    """A table that is the same on both sides: its rows, and the digest that both came to."""

    name: str
    rows: int
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """What a copy came to; `secrets` are those that are sealed, as before."""

    tables: tuple[CopiedTable, ...]
    rows: int
    secrets: int


def copy(source: Database, to: str, *, told: Told, make_folder: bool = False) -> Copied:
    """Copies all rows of a database, as of now, into an empty one; all of them or none.

    Times, texts and numbers are kept to the letter, and so are the counters by which dashboards
    see that something changed. What others write meanwhile is not in it.

    Args:
        source: Any database that is open.
        to: The URL of an empty one.
        told: Is told how far it is: what is done, with which table, how many rows of it.
        make_folder: Make a missing folder of a file, private.

    Raises:
        StorageError: It cannot be; the target is as it was.
    """
    with source.read() as reading:
        unhindered(reading, source.url_for_display)
        with emptiness(to, source=source.path, make_folder=make_folder) as writing:
            copied = tuple(_copy(one, reading, writing, told) for one in tables())
            for one, original in zip(tables(), copied, strict=True):
                _require_same(one, original, writing, told)
            revisions.tell(writing)
            # Last, because PostgreSQL keeps it even when all else is undone.
            counters.write(writing, counters.read(reading))
    by_name = {one.name: one.rows for one in copied}
    return Copied(tables=copied, rows=sum(by_name.values()), secrets=by_name["credentials"])


def _copy(plain: Plain, reading: Connection, writing: Connection, told: Told) -> CopiedTable:
    digest, name = Digest(), plain.table.name
    with closing(plain.read(reading)) as batches:
        for rows in batches:
            digest.take(rows)
            plain.add(writing, rows)
            told("copying", name, digest.rows)
    return CopiedTable(name=name, rows=digest.rows, digest=digest.text())


def _require_same(plain: Plain, original: CopiedTable, writing: Connection, told: Told) -> None:
    digest = Digest()
    with closing(plain.read(writing)) as batches:
        for rows in batches:
            digest.take(rows)
            told("comparing", original.name, digest.rows)
    if (digest.rows, digest.text()) != (original.rows, original.digest):
        raise StorageError(
            f"The copy of {original.name} is not what it was copied from; nothing was kept.",
            hint="Look at the disk and the memory of both machines, then try again.",
        )
