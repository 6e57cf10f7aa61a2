"""What a check starts with: a thing as it is stored, its lamp, and its secrets, still sealed.

Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.health import reading
from engine.health.kinds import KINDS
from engine.health.rules import LEFT_OUT
from storage import paging
from storage.health import HealthDriver

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.credentials.sealed import SealedCredentials
    from engine.health.kinds import Ready, Row
    from engine.health.selection import Selection
    from storage.health import TargetRow
    from storage.paging import Key


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """One thing to be checked.

    Attributes:
        target: Its schedule and its lamp.
        row: The thing itself, as its kind stores it.
        sealed: Opens its secrets, at the point of use.
    """

    target: TargetRow
    row: Row
    sealed: SealedCredentials

    async def ready(self) -> Ready:
        """Return it with its secrets in the open: keep that no longer than its check.

        Secrets that are kept elsewhere are asked for now; no transaction is open meanwhile.

        Raises:
            CredentialError: A secret cannot be read.
        """
        kind = KINDS[self.target.kind]
        await self.sealed.fetch(kind.references(self.row))
        return kind.prepare(self.row, partial(self.sealed.open, self.row.tenant_id))


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Some things in the order of their names, and the key to go on after; None at the end."""

    things: tuple[Thing, ...]
    after: Key | None


def load_kinds(connection: Connection) -> None:
    """Import what the checks of all that is there need, before a database is locked for them.

    For a reading connection: the imports take 60 ms and more, which every writer would wait.
    """
    for kind in HealthDriver(connection).kinds() & set(KINDS):
        KINDS[kind].rows(connection, [])


def read(
    connection: Connection, credentials: CredentialStore, targets: Sequence[TargetRow]
) -> dict[int, Thing]:
    """Return things by their targets' numbers: one statement a kind, and one for all secrets.

    What was deleted meanwhile is left out.
    """
    rows: dict[int, Row] = {}
    for kind in {target.kind for target in targets} & set(KINDS):
        rows.update(_rows(connection, kind, [one for one in targets if one.kind == kind]))
    there = [target for target in targets if target.number in rows]
    wanted = (
        (target.tenant_id, reference)
        for target in there
        for reference in KINDS[target.kind].references(rows[target.number])
    )
    sealed = credentials.sealed(connection, wanted)
    return {
        target.number: Thing(target=target, row=rows[target.number], sealed=sealed)
        for target in there
    }


def one(
    connection: Connection, credentials: CredentialStore, which: Selection, thing_id: str
) -> Thing:
    """Return one thing of a tenant and kind.

    Raises:
        NotFound: There is none of that id, or none that these roles may see.
    """
    target = reading.target(connection, which, thing_id)
    found = read(connection, credentials, [target]).get(target.number)
    if found is None:
        raise reading.not_found(target.kind)
    return found


def some(
    connection: Connection,
    credentials: CredentialStore,
    which: Selection,
    after: Key | None,
    limit: int,
) -> Batch:
    """Return the next things of a selection, without what the operator took out of use."""
    page = HealthDriver(connection).lamps(
        which.tenant_id,
        kind=which.kind,
        terms=which.terms,
        roles=which.roles,
        sort="name",
        anchor=paging.start() if after is None else paging.after(after),
        limit=limit,
    )
    wanted = [target for target in page.rows if target.status not in LEFT_OUT[target.kind]]
    found = read(connection, credentials, wanted)
    return Batch(
        things=tuple(found[target.number] for target in wanted if target.number in found),
        after=page.keys[-1] if len(page.rows) == limit else None,
    )


def _rows(connection: Connection, kind: str, targets: Iterable[TargetRow]) -> Mapping[int, Row]:
    numbers = {target.id: target.number for target in targets}
    found = KINDS[kind].rows(connection, list(numbers))
    return {numbers[name]: row for name, row in found.items() if row.deleted_at is None}
