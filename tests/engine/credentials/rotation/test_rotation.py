"""Another master key: on a file and on a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from engine.credentials import keyfile
from engine.credentials.cipher import Cipher
from engine.credentials.masterkey import KeyRing, MasterKey
from engine.errors import InvalidInput, MasterKeyRefused
from tests.engine.credentials.rotation_kit import (
    KEY,
    damage,
    fill,
    key_ids,
    mode_of,
    names_in,
    opened,
    read_all,
    read_by_another,
    ring_of,
    rows,
    small,
    text_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from engine.credentials.results import RotationProgress
    from engine.settings import Settings
    from engine.workspace import Workspace


async def test_every_secret_gets_under_the_new_key(
    workspace: Workspace, settings: Settings, key_file: Path
) -> None:
    secrets = await fill(workspace)
    (former,) = ring_of(key_file).ids
    told: list[RotationProgress] = []
    done = await small(workspace).rotate(keep=False, on_progress=told.append)
    assert (done.from_keys, done.done, done.total, done.finished) == ((former,), 7, 7, True)
    assert [progress.done for progress in told] == [2, 4, 6, 7]
    assert await key_ids(workspace) == {done.to_key} != {former}
    assert ring_of(key_file).ids == (done.to_key,)
    assert mode_of(key_file) == 0o600
    assert await workspace.credentials.rotation() == done
    assert all(row.updated_at is None for row in await rows(workspace))
    await read_all(workspace, secrets)
    await asyncio.to_thread(read_by_another, settings, secrets)
    left = names_in(key_file.parent) - {"b.db", "b.db-wal", "b.db-shm"}
    assert left == {key_file.name}


async def test_the_activity_tells_the_ids_of_the_keys_and_no_key(
    workspace: Workspace, key_file: Path
) -> None:
    await fill(workspace)
    before = ring_of(key_file)
    done = await small(workspace).rotate(KEY)
    for tenant in ("acme", "globex"):
        page = await workspace.activity.page(tenant, query="master_key")
        assert [entry.action for entry in page.items] == [
            "master_key.rotation_finished",
            "master_key.rotation_begun",
        ]
        assert page.items[0].detail == {"to_key": done.to_key, "from_keys": [*before.ids]}
        told = repr(page)
        assert KEY.hex() not in told
        assert before.first.secret.hex() not in told


async def test_a_given_key_is_taken_and_one_that_is_in_use_is_not(workspace: Workspace) -> None:
    await fill(workspace, 1)
    master = small(workspace)
    done = await master.rotate(KEY)
    assert done.to_key == MasterKey(secret=KEY, origin="here").id
    with pytest.raises(InvalidInput, match="among the present"):
        await master.rotate(KEY)
    with pytest.raises(InvalidInput, match="32 bytes"):
        await master.rotate(KEY[:31])


async def test_a_damaged_secret_stays_with_the_key_that_it_needs(
    workspace: Workspace, key_file: Path
) -> None:
    secrets = await fill(workspace, 5)
    harmed = next(iter(secrets))
    await damage(workspace, harmed)
    tenant, _ = secrets.pop(harmed)
    former = ring_of(key_file).first.id
    done = await small(workspace).rotate(keep=False)
    assert (done.done, done.total, done.unreadable, done.finished) == (4, 5, 1, False)
    assert ring_of(key_file).ids == (done.to_key, former)
    await read_all(workspace, secrets)
    await workspace.credentials.delete(tenant, harmed)
    again = await small(workspace).rotate(keep=False)
    assert (again.to_key, again.finished, again.unreadable) == (done.to_key, True, 0)
    assert ring_of(key_file).ids == (done.to_key,)


async def test_a_secret_whose_key_is_not_there_stops_it_before_it_begins(
    workspace: Workspace, beside: Workspace, key_file: Path
) -> None:
    await fill(workspace, 2)
    before = await rows(workspace)
    keyfile.replace(key_file, f"{KEY.hex()}\n")
    text = text_of(key_file)
    with pytest.raises(MasterKeyRefused, match="2 under key") as refused:
        await small(beside).rotate()
    assert before[0].key_id in refused.value.message
    assert (await rows(workspace), text_of(key_file)) == (before, text)
    assert await workspace.credentials.rotation() is None


async def test_the_next_key_can_be_prepared_and_copied_first(
    workspace: Workspace, beside: Workspace, key_file: Path
) -> None:
    secrets = await fill(workspace, 3)
    former = ring_of(key_file).first.id
    master = small(workspace)
    ready = await master.prepare()
    assert ring_of(key_file).ids == (ready, former)
    assert await master.prepare() == ready
    secrets[await beside.credentials.store("acme", "still")] = ("acme", "still")
    assert await key_ids(workspace) == {former}
    assert (await master.status()).next_key == ready
    done = await master.rotate(keep=True)
    assert (done.to_key, done.kept) == (ready, (former,))
    assert ring_of(key_file).ids == (ready, former)
    assert await master.drop_former() == (former,)
    assert await master.drop_former() == ()
    await read_all(beside, secrets)


async def test_looking_changes_nothing(workspace: Workspace, key_file: Path) -> None:
    await fill(workspace, 3)
    before = text_of(key_file), await rows(workspace)
    found = await small(workspace).status()
    assert found.keys == ring_of(key_file).ids
    assert (found.current, found.counts) == (found.keys[0], {found.keys[0]: 3})
    assert (found.next_key, found.rotation) == (None, None)
    assert (text_of(key_file), await rows(workspace)) == before


async def test_without_a_secret_only_the_key_changes(workspace: Workspace) -> None:
    ((reference, (tenant, _)),) = (await fill(workspace, 1)).items()
    await workspace.credentials.delete(tenant, reference)
    done = await small(workspace).rotate()
    assert (done.total, done.finished) == (0, True)


async def test_somebody_who_lost_every_key_can_begin_anew(
    workspace: Workspace, settings: Settings, key_file: Path
) -> None:
    ((reference, (tenant, _)),) = (await fill(workspace, 1)).items()
    await small(workspace).rotate(keep=False)
    await workspace.credentials.delete(tenant, reference)
    keyfile.replace(key_file, f"{KEY.hex()}\n")
    anew = opened(settings)
    try:
        stored = {
            await anew.credentials.store("acme", f"new-{n}"): ("acme", f"new-{n}") for n in (1, 2)
        }
        await read_all(anew, stored)
        assert await key_ids(anew) == set(ring_of(key_file).ids)
    finally:
        await anew.aclose()


def test_a_cipher_asks_for_unknown_keys_only_when_they_may_have_changed() -> None:
    former, new = (MasterKey(secret=bytes([n]) * 32, origin="here") for n in (1, 2))
    asked: list[KeyRing | None] = [None, KeyRing(keys=(new, former))]
    cipher = Cipher(former, renew=lambda _: asked.pop(0))
    assert not cipher.holds(new.id)
    assert cipher.holds(new.id)
    assert asked == []
    assert cipher.key_id == new.id
