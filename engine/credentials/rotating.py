"""The steps of a rotation inside their units of work. Loaded in the worker thread only."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.activity.record import note
from engine.credentials.cipher import Sealed
from engine.credentials.results import RotationProgress
from engine.errors import CredentialUnreadable, MasterKeyRefused
from storage.health import HealthDriver
from storage.rotations import ResealedRow, RotationsDriver

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials.cipher import Cipher
    from engine.hop import Run
    from storage.credentials import CredentialRow
    from storage.rotations import RotationRow

# A monitor that was there this long ago will be there again.
_LATELY = timedelta(minutes=15)
# Of a key's id in an error, which could be anything in a damaged row; and of such keys.
_SHOWN = 16
_NAMED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a database tells before a rotation.

    Attributes:
        newest: The last rotation, finished or not.
        current: The id of the key that secrets are sealed under; None where nothing says.
        counts: How many secrets are under which key.
        elsewhere: Other machines that had a monitor on this database lately.
    """

    newest: RotationRow | None
    current: str | None
    counts: Mapping[str, int]
    elsewhere: tuple[str, ...]

    @property
    def under_way(self) -> RotationRow | None:
        """The rotation that is not finished, if there is one."""
        newest = self.newest
        return newest if newest is not None and newest.finished_at is None else None


def look(connection: Connection, now: datetime) -> Seen:
    """Return what there is to know."""
    driver, here = RotationsDriver(connection), socket.gethostname()
    watching = {row.host for row in HealthDriver(connection).monitors(now - _LATELY)}
    return Seen(
        newest=driver.newest(),
        current=driver.current_key(),
        counts=driver.counts(),
        elsewhere=tuple(sorted(watching - {here})),
    )


def begin(connection: Connection, run: Run, ids: Sequence[str], to_key: str) -> RotationRow:
    """Note that secrets are sealed under `to_key` from now on, unless a rotation is under way.

    Args:
        connection: In a durable writing transaction.
        run: Who does it.
        ids: The keys of the ring, among them `to_key`.
        to_key: The one to move to.

    Returns:
        The rotation that is under way now: perhaps one that another process has begun.

    Raises:
        MasterKeyRefused: A secret needs a key that is not in the ring.
    """
    driver = RotationsDriver(connection)
    driver.stop()
    newest = driver.newest()
    if newest is not None and newest.finished_at is None:
        return newest
    require_all(driver.counts(), ids)
    former = [key_id for key_id in ids if key_id != to_key]
    row = driver.begin(to_key, former, at=run.clock.now(), by=run.settings.operator)
    _note(connection, run, row, "begun")
    return row


def require_all(counts: Mapping[str, int], ids: Sequence[str]) -> None:
    """Refuse where a secret needs a key that is not in the ring: it would be lost for good.

    Raises:
        MasterKeyRefused: Names those keys.
    """
    missing = [(key_id, count) for key_id, count in counts.items() if key_id not in ids]
    if missing:
        told = [f"{count:,} under key {key_id[:_SHOWN]}" for key_id, count in missing[:_NAMED]]
        told += [f"{len(missing) - _NAMED:,} other keys"] if len(missing) > _NAMED else []
        raise MasterKeyRefused(
            f"Credentials are stored that no key at hand opens: {', '.join(told)}; at hand: "
            f"{', '.join(ids)}.",
            hint="Bring that key back, or delete those credentials. Nothing was changed.",
        )


def page(
    connection: Connection, to_key: str, after_id: str, limit: int
) -> tuple[CredentialRow, ...]:
    """Return secrets that are still to be moved, by id, those after one."""
    return RotationsDriver(connection).left(to_key, after_id=after_id, limit=limit)


def reseal(cipher: Cipher, rows: Iterable[CredentialRow], to_key: str) -> list[ResealedRow]:
    """Return the rows under another key; those that do not open are left out."""
    made = []
    for row in rows:
        sealed = Sealed(nonce=row.nonce, ciphertext=row.ciphertext, key_id=row.key_id)
        try:
            secret = cipher.open(row.tenant_id, row.id, sealed)
        except CredentialUnreadable:
            continue
        new = cipher.seal(row.tenant_id, row.id, secret, to_key)
        made.append(
            ResealedRow(
                id=row.id,
                old_nonce=row.nonce,
                old_key_id=row.key_id,
                nonce=new.nonce,
                ciphertext=new.ciphertext,
                key_id=new.key_id,
            )
        )
    return made


def move(connection: Connection, rows: Iterable[ResealedRow]) -> int:
    """Put these under the new key, but for those that were changed meanwhile; return how many."""
    return RotationsDriver(connection).swap(rows)


def settle(connection: Connection, row: RotationRow) -> int:
    """Return how many secrets are not under the new key, when nobody is just sealing one."""
    driver = RotationsDriver(connection)
    driver.stop()
    left = sum(count for key_id, count in driver.counts().items() if key_id != row.to_key)
    driver.mark_unreadable(row.number, left)
    return left


def finish(connection: Connection, run: Run, row: RotationRow) -> None:
    """Note that the former keys are needed no more; the first to do so tells the activity."""
    if RotationsDriver(connection).finish(row.number, run.clock.now()):
        _note(connection, run, row, "finished")


def progress(connection: Connection) -> RotationProgress | None:
    """Return how far the last rotation is; None when there never was one."""
    driver = RotationsDriver(connection)
    newest, counts = driver.newest(), driver.counts()
    if newest is None:
        return None
    return told(newest, done=counts.get(newest.to_key, 0), total=sum(counts.values()))


def told(row: RotationRow, *, done: int, total: int) -> RotationProgress:
    """Return a rotation for people, with how many of how many secrets are under its key."""
    return RotationProgress(
        from_keys=tuple(filter(None, row.from_keys.split(","))),
        to_key=row.to_key,
        done=done,
        total=total,
        unreadable=row.unreadable,
        finished=row.finished_at is not None,
    )


def _note(connection: Connection, run: Run, row: RotationRow, what: str) -> None:
    """Tell each tenant that has secrets; there are no secrets of nobody."""
    detail = {"to_key": row.to_key, "from_keys": row.from_keys.split(",")}
    for tenant_id in RotationsDriver(connection).tenants():
        note(
            connection,
            run,
            tenant_id,
            action=f"master_key.rotation_{what}",
            concept="credentials",
            thing_id=row.to_key,
            thing_name=f"master key {row.to_key}",
            detail=detail,
        )
