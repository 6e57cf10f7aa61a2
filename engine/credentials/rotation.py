"""Changing the master key while everything runs.

The steps, each safe to be killed after:

1. The new key is put first into the ring, beside the former one; the ring is on the disk then.
2. The database notes that secrets are sealed under the new key from now on. A process that knows
   only the former key finds the new one in the ring, or refuses to store anything.
3. Secrets are opened and sealed again, a batch a transaction, each on the disk before the next. One
   that was replaced meanwhile is under the new key already and is left alone.
4. When no secret is under a former key, and nobody is just sealing one, the former keys are dropped
   from the ring; the database notes that it is finished.

So at any time every secret is under a key of the ring. Running it again goes on where it was.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from engine.credentials.masterkey import KEY_BYTES, MAX_KEYS, KeyRing, MasterKey
from engine.credentials.results import KeyStatus, RotationProgress
from engine.errors import InvalidInput, LifecycleRefused, MasterKeyRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from engine.credentials.keyplaces import KeyPlace
    from engine.credentials.keysource import MasterKeySource
    from engine.credentials.rotating import Seen
    from engine.hop import Hop
    from storage.rotations import RotationRow

BATCH = 200
"""Secrets that are moved in one transaction; others wait for it some 5 ms."""


class MasterKeys:
    """The keys of a workspace: changes them, and tells how it stands; never shows one.

    Args:
        hop: The way to the database.
        source: Where the keys are.
        batch: How many secrets are moved in one transaction.
    """

    def __init__(self, hop: Hop, source: MasterKeySource, *, batch: int = BATCH) -> None:
        self._hop = hop
        self._source = source
        self._batch = batch

    async def rotate(
        self,
        new_key: bytes | None = None,
        *,
        keep: bool | None = None,
        anyway: bool = False,
        on_progress: Callable[[RotationProgress], object] | None = None,
    ) -> RotationProgress:
        """Move every secret to another master key, or go on with that.

        Args:
            new_key: 32 bytes; made where none is given.
            keep: Whether former keys stay in the ring. By default they go where the ring serves
                this database alone, and stay where others may need them.
            anyway: Begin though other machines watch this database with keys of their own.
            on_progress: Is told after each batch.

        Returns:
            How far it came: `finished` unless some secrets are damaged; those are left as they
            are, and so are the keys that they need.

        Raises:
            ReadOnlyRefused: The run is read-only.
            MasterKeyRefused: The keys cannot be read or written, or one that secrets need is not
                among them. Nothing was changed.
            LifecycleRefused: Another process is at it, or there is no key yet.
        """
        async with self._locked() as (place, ring, seen):
            target, led = await self._lead(place, ring, seen, new_key, anyway=anyway)
            row = await self._begin(place, led, seen, target)
            await self._move(led, seen, row, on_progress)
            return await self._end(place, row, keep=keep)

    async def progress(self) -> RotationProgress | None:
        """Return how far the last rotation is, from the database alone; None without one."""
        from engine.credentials import rotating

        return await self._hop.read(rotating.progress)

    async def status(self, new_key: bytes | None = None) -> KeyStatus:
        """Return which keys there are, and what `rotate` would do; changes nothing.

        Raises:
            MasterKeyRefused: As `rotate` would.
            LifecycleRefused: Likewise.
        """
        await asyncio.to_thread(self._source.prepare)
        place = await asyncio.to_thread(self._present)
        ring, seen = await self._state(place)
        key = _decide(place, ring, seen, new_key)
        return KeyStatus(
            place=place.name,
            keys=ring.ids,
            current=seen.current,
            counts=dict(seen.counts),
            next_key=key.id if ring.get(key.id) or new_key else None,
            drops=place.own,
            elsewhere=seen.elsewhere,
            rotation=await self.progress(),
        )

    async def prepare(self, new_key: bytes | None = None) -> str:
        """Put the next key into the ring without using it yet; return its id.

        So the ring can be copied to other machines before any secret needs the new key.

        Raises:
            ReadOnlyRefused, MasterKeyRefused, LifecycleRefused: As `rotate`; also while a
                rotation is under way.
        """
        async with self._locked() as (place, ring, seen):
            _require_settled(seen)
            key, _ = await self._lead(place, ring, seen, new_key, anyway=True)
            return key.id

    async def drop_former(self) -> tuple[str, ...]:
        """Take the keys out of the ring that no secret of this database needs; return their ids.

        Raises:
            ReadOnlyRefused, MasterKeyRefused, LifecycleRefused: As `rotate`; also while a
                rotation is under way.
        """
        async with self._locked() as (place, ring, seen):
            _require_settled(seen)
            stay = {ring.first.id, seen.current or ring.first.id, *seen.counts}
            dropped = tuple(key_id for key_id in ring.ids if key_id not in stay)
            if dropped:
                await asyncio.to_thread(place.write, ring.only(stay))
            return dropped

    async def set_passphrase(self, new: str | None) -> None:
        """Lock the key file with another passphrase, or with none.

        Raises:
            ReadOnlyRefused: The run is read-only.
            MasterKeyRefused: The keys are in no file, the present passphrase is wrong, or the
                file cannot be written.
            LifecycleRefused: Another process changes the keys, or there is no key yet.
        """
        from engine.credentials.keyplaces import KeyFile

        place = await self._ready()
        if not isinstance(place, KeyFile):
            raise MasterKeyRefused(
                f"The master key is in {place.name}, and a passphrase is for a key file.",
                hint="Keep the key in a file to lock it.",
            )
        with place.locked():
            await asyncio.to_thread(place.set_passphrase, new)

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[tuple[KeyPlace, KeyRing, Seen]]:
        """Hold the keys, so that no other process changes them, and give how they stand."""
        place = await self._ready()
        with place.locked():
            ring, seen = await self._state(place)
            yield place, ring, seen

    async def _ready(self) -> KeyPlace:
        self._hop.require_writable()
        await asyncio.to_thread(self._source.prepare)
        return await asyncio.to_thread(self._present)

    def _present(self) -> KeyPlace:
        place = self._source.place()
        if place is None:
            raise LifecycleRefused(
                "There is no master key yet.", hint="It is made with the first secret."
            )
        return place

    async def _state(self, place: KeyPlace) -> tuple[KeyRing, Seen]:
        from engine.credentials import rotating

        ring = await asyncio.to_thread(place.read)
        seen = await self._hop.read(partial(rotating.look, now=self._hop.clock.now()))
        if seen.under_way is not None and ring.get(seen.under_way.to_key) is None:
            raise _not_here(place, seen.under_way.to_key)
        rotating.require_all(seen.counts, ring.ids)
        return ring, seen

    async def _lead(
        self, place: KeyPlace, ring: KeyRing, seen: Seen, new_key: bytes | None, *, anyway: bool
    ) -> tuple[MasterKey, KeyRing]:
        """Return the key to move to, and the ring with it; a new one is on the disk then."""
        key = _decide(place, ring, seen, new_key)
        if ring.get(key.id) is not None:
            return key, ring
        # A file beside the database is wherever the database is.
        if seen.elsewhere and not anyway and not place.own:
            raise _elsewhere(seen)
        await asyncio.to_thread(place.write, ring.led_by(key))
        written = await asyncio.to_thread(place.read)
        if written.get(key.id) is None:
            raise MasterKeyRefused(f"The new key did not arrive in {place.name}.")
        return key, written

    async def _begin(
        self, place: KeyPlace, ring: KeyRing, seen: Seen, target: MasterKey
    ) -> RotationRow:
        from engine.credentials import rotating

        row = await self._hop.write(
            lambda connection: rotating.begin(connection, self._hop, ring.ids, target.id),
            durable=True,
        )
        if row.to_key == target.id:
            return row
        # Another machine was first. What is ours alone was never used, and must not be next.
        if target.id not in seen.counts and target.id != seen.current:
            await asyncio.to_thread(place.write, ring.only({*ring.ids} - {target.id}))
        raise _under_way(row.to_key)

    async def _move(
        self,
        ring: KeyRing,
        seen: Seen,
        row: RotationRow,
        on_progress: Callable[[RotationProgress], object] | None,
    ) -> None:
        from engine.credentials import rotating
        from engine.credentials.cipher import Cipher

        cipher, after, done = Cipher.of(ring), "", seen.counts.get(row.to_key, 0)
        while rows := await self._hop.read(
            partial(rotating.page, to_key=row.to_key, after_id=after, limit=self._batch)
        ):
            after = rows[-1].id
            made = await asyncio.to_thread(rotating.reseal, cipher, rows, row.to_key)
            if made:
                done += await self._hop.write(partial(rotating.move, rows=made), durable=True)
            if on_progress is not None:
                total = max(done, sum(seen.counts.values()))
                on_progress(rotating.told(row, done=done, total=total))

    async def _end(
        self, place: KeyPlace, row: RotationRow, *, keep: bool | None
    ) -> RotationProgress:
        from dataclasses import replace

        from engine.credentials import rotating

        left = await self._hop.write(partial(rotating.settle, row=row), durable=True)
        kept: tuple[str, ...] = ()
        if not left:
            kept = await asyncio.to_thread(_drop, place, row.to_key, keep=keep)
            await self._hop.write(
                lambda connection: rotating.finish(connection, self._hop, row), durable=True
            )
        told = await self.progress()
        if told is None:  # the database was emptied meanwhile
            raise LifecycleRefused("The rotation is gone from the database.")
        return replace(told, kept=kept)


def _decide(place: KeyPlace, ring: KeyRing, seen: Seen, new_key: bytes | None) -> MasterKey:
    """Return the key to move to: the one that was begun with, the next in the ring, or a new one.

    Raises:
        LifecycleRefused: Another key was begun with than the one that is given.
        InvalidInput: The given key is none, or is in use.
    """
    given = None if new_key is None else MasterKey(secret=_whole(new_key), origin=place.name)
    begun = seen.under_way.to_key if seen.under_way else None
    if begun is None and seen.current is not None and ring.first.id != seen.current:
        begun = ring.first.id
    if begun is not None:
        if given is not None and given.id != begun:
            raise _under_way(begun)
        return ring.get(begun) or ring.first
    if given is not None and ring.get(given.id) is not None:
        raise InvalidInput("That key is among the present ones.", field="new_key")
    if len(ring.keys) >= MAX_KEYS:
        raise LifecycleRefused(
            f"{MAX_KEYS} keys are in {place.name}, which is as many as there can be.",
            hint="Drop former ones: lampboard credentials rotate --drop-only",
        )
    return given or MasterKey(secret=os.urandom(KEY_BYTES), origin=place.name)


def _require_settled(seen: Seen) -> None:
    if seen.under_way is not None:
        raise _under_way(seen.under_way.to_key)


def _whole(secret: bytes) -> bytes:
    if len(secret) != KEY_BYTES:
        raise InvalidInput(f"A master key has {KEY_BYTES} bytes.", field="new_key")
    return secret


def _drop(place: KeyPlace, to_key: str, *, keep: bool | None) -> tuple[str, ...]:
    """Take the former keys out of the ring; return the ids of those that stay."""
    ring = place.read()
    if ring.get(to_key) is None:
        raise _not_here(place, to_key)
    former = tuple(key_id for key_id in ring.ids if key_id != to_key)
    if not former or keep or (keep is None and not place.own):
        return former
    place.write(ring.only({to_key}))
    return ()


def _not_here(place: KeyPlace, key_id: str) -> MasterKeyRefused:
    return MasterKeyRefused(
        f"A rotation to key {key_id} is under way, and that key is not in {place.name}.",
        hint="Copy the key file here from the machine where it was begun.",
    )


def _under_way(to_key: str) -> LifecycleRefused:
    return LifecycleRefused(
        f"A rotation to key {to_key} is under way already.",
        hint="Finish it first: lampboard credentials rotate",
    )


def _elsewhere(seen: Seen) -> LifecycleRefused:
    machines = ", ".join(seen.elsewhere)
    return LifecycleRefused(
        f"Monitors on other machines use this database with keys of their own: {machines}.",
        hint="Run `lampboard credentials rotate --prepare`, copy the key file there, then rotate; "
        "or say --anyway.",
    )
