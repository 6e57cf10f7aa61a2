"""A rotation that is killed, or that others come between: on a file and on a server."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from engine.connectors.engine import ConnectorEngine
from engine.credentials import keyfile
from engine.errors import LifecycleRefused, MasterKeyRefused
from storage.rotations import RotationsDriver
from tests.engine.credentials.rotation_kit import (
    Countdown,
    Killed,
    MortalHop,
    count_files,
    fill,
    key_ids,
    names_in,
    opened,
    read_all,
    read_by_another,
    ring_of,
    settings_for,
    small,
    text_of,
)

if TYPE_CHECKING:
    from engine.settings import Settings
    from engine.workspace import Workspace


async def test_killed_at_any_step_nothing_is_lost_and_it_goes_on(
    workspace: Workspace, settings: Settings, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = await fill(workspace, 5)
    stride = 1 if settings.database.startswith("sqlite") else 3
    step, steps = 0, 0
    while True:
        step += stride
        before = ring_of(key_file).first.id
        countdown = Countdown(step)
        with monkeypatch.context() as patch:
            count_files(countdown, patch.setattr)
            try:
                await small(workspace, MortalHop(workspace, countdown)).rotate(keep=False)
            except Killed:
                steps += 1
            else:
                break
        await asyncio.to_thread(read_by_another, settings, secrets)
        another = await workspace.credentials.store("acme", "another")
        done = await small(workspace).rotate(keep=False)
        assert done.finished
        assert ring_of(key_file).ids == (done.to_key,) != (before,)
        await asyncio.to_thread(
            read_by_another, settings, {**secrets, another: ("acme", "another")}
        )
        await workspace.credentials.delete("acme", another)
    # Three writes of the file's parts twice, and begin, batches, settle, finish: before and after.
    assert steps * stride >= 2 * (3 + 3 + 1 + 3 + 1 + 1) - stride


@pytest.mark.parametrize("step", [4, 15])
async def test_killed_for_good_nothing_is_lost_and_another_goes_on(
    workspace: Workspace, settings: Settings, key_file: Path, step: int
) -> None:
    """At its own steps, with nothing tidied up: locks, drafts and open transactions stay."""
    secrets = await fill(workspace, 5)
    module = "tests.engine.credentials.rotation_child"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, settings.database, str(key_file), str(step), "2"),
        cwd=Path(keyfile.__file__).parents[2],
    )
    assert await process.wait() == -signal.SIGKILL
    await asyncio.to_thread(read_by_another, settings, secrets)
    done = await small(workspace).rotate(keep=False)
    assert done.finished
    assert ring_of(key_file).ids == (done.to_key,)
    assert await key_ids(workspace) == {done.to_key}
    await asyncio.to_thread(read_by_another, settings, secrets)
    assert not [
        found for found in names_in(key_file.parent) if ".new." in found or ".lock" in found
    ]


async def test_those_beside_go_on_reading_and_storing(
    workspace: Workspace, beside: Workspace, settings: Settings
) -> None:
    secrets = await fill(workspace, 6)
    await read_all(beside, secrets)  # the former key is in memory there from now on

    class Busy(MortalHop):
        async def write(self, work: Any, *, durable: bool = False) -> Any:
            done = await super().write(work, durable=durable)
            await read_all(beside, secrets)
            number = len(secrets)
            reference = await beside.credentials.store("acme", f"meanwhile-{number}")
            secrets[reference] = ("acme", f"meanwhile-{number}")
            changed = next(iter(secrets))
            await beside.credentials.replace(secrets[changed][0], changed, f"changed-{number}")
            secrets[changed] = (secrets[changed][0], f"changed-{number}")
            return done

    done = await small(workspace, Busy(workspace, Countdown(0))).rotate(keep=False)
    assert done.finished
    assert await key_ids(workspace) == {done.to_key}
    await read_all(beside, secrets)
    await asyncio.to_thread(read_by_another, settings, secrets)


async def test_a_secret_that_is_changed_between_reading_and_moving_is_not_put_back(
    workspace: Workspace, beside: Workspace
) -> None:
    secrets = await fill(workspace, 2)
    reference = next(iter(secrets))
    tenant, _ = secrets[reference]

    class Late(MortalHop):
        async def read(self, work: Any) -> Any:
            found = await workspace.read(work)
            if isinstance(found, tuple) and found:  # the page that is about to be moved
                await beside.credentials.replace(tenant, reference, "newer")
            return found

    await small(workspace, Late(workspace, Countdown(0))).rotate()
    secrets[reference] = (tenant, "newer")
    await read_all(workspace, secrets)


async def test_who_knows_only_a_dropped_key_does_not_store_under_it(
    workspace: Workspace, beside: Workspace, settings: Settings
) -> None:
    ((reference, (tenant, _)),) = (await fill(beside, 1)).items()
    await beside.credentials.delete(tenant, reference)
    done = await small(workspace).rotate(keep=False)
    stored = await beside.credentials.store("acme", "after")
    assert await key_ids(workspace) == {done.to_key}
    await asyncio.to_thread(read_by_another, settings, {stored: ("acme", "after")})


async def test_of_two_at_once_one_goes_on_and_the_other_says_so(
    workspace: Workspace, beside: Workspace
) -> None:
    secrets = await fill(workspace, 8)
    both = await asyncio.gather(
        small(workspace).rotate(keep=False),
        small(beside).rotate(keep=False),
        return_exceptions=True,
    )
    (refused,) = [each for each in both if isinstance(each, BaseException)]
    assert isinstance(refused, LifecycleRefused)
    assert "another process" in refused.message
    await read_all(workspace, secrets)
    assert (await small(beside).rotate(keep=False)).finished
    await read_all(workspace, secrets)


async def test_of_two_machines_the_second_waits_for_the_keys_of_the_first(
    workspace: Workspace, settings: Settings, key_file: Path, tmp_path: Path
) -> None:
    secrets = await fill(workspace, 4)
    theirs = tmp_path / "elsewhere.key"
    keyfile.make(theirs, text_of(key_file))
    other = opened(settings_for(settings.database, theirs))
    try:
        with pytest.raises(Killed):
            await small(workspace, MortalHop(workspace, Countdown(4))).rotate(keep=False)
        before = text_of(theirs)
        with pytest.raises(MasterKeyRefused, match="not in the key file"):
            await small(other).rotate(keep=False)
        with pytest.raises(MasterKeyRefused, match="is not the one"):
            await other.credentials.store("acme", "lost?")
        assert text_of(theirs) == before
        keyfile.replace(theirs, text_of(key_file))
        await read_all(other, secrets)
        await other.credentials.store("acme", "not lost")
        done = await small(other).rotate(keep=False)
        assert done.to_key == ring_of(key_file).first.id
        assert (await small(workspace).rotate(keep=True)).finished
        await read_all(workspace, secrets)
    finally:
        await other.aclose()


async def test_one_who_comes_second_to_the_database_takes_the_own_key_back(
    workspace: Workspace, settings: Settings, key_file: Path, tmp_path: Path
) -> None:
    await fill(workspace, 1)
    theirs = tmp_path / "elsewhere.key"
    keyfile.make(theirs, text_of(key_file))
    other = opened(settings_for(settings.database, theirs))

    class Overtaken(MortalHop):
        async def write(self, work: Any, *, durable: bool = False) -> Any:
            with pytest.raises(Killed):
                await small(workspace, MortalHop(workspace, Countdown(2))).rotate()
            return await super().write(work, durable=durable)

    try:
        with pytest.raises(LifecycleRefused, match="under way"):
            await small(other, Overtaken(other, Countdown(0))).rotate()
        assert ring_of(theirs).ids == ring_of(key_file).ids[1:]
    finally:
        await other.aclose()


async def test_sealing_waits_for_a_rotation_that_begins(
    workspace: Workspace, beside: Workspace
) -> None:
    """Between looking for the key and storing the secret, nobody can change the key."""
    await fill(workspace, 1)
    holding, go = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def seal_slowly(connection: Any) -> str | None:
        driver = RotationsDriver(connection)
        driver.hold()
        found = driver.current_key()
        loop.call_soon_threadsafe(holding.set)
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result(60)
        assert driver.current_key() == found
        return found

    slow = asyncio.create_task(beside.write(seal_slowly, durable=True))
    await holding.wait()
    moving = asyncio.create_task(small(workspace).rotate())
    done, _ = await asyncio.wait({moving}, timeout=0.2)
    assert not done
    go.set()
    assert await slow is not None
    assert (await moving).finished


async def test_a_key_that_is_dropped_right_after_the_rows_were_read_opens_them_still(
    workspace: Workspace, beside: Workspace
) -> None:
    """A process that opens its first secret just then knows both keys, or reads newer rows."""
    ((reference, (tenant, secret)),) = (await fill(workspace, 1)).items()
    loop = asyncio.get_running_loop()

    def read_slowly(connection: Any) -> Any:
        sealed = beside.credentials.core.sealed(connection, [(tenant, reference)])
        moved = small(workspace).rotate(keep=False)
        assert asyncio.run_coroutine_threadsafe(moved, loop).result(60).finished
        return sealed

    sealed = await beside.read(read_slowly)
    assert sealed.open(tenant, reference).value == secret


async def test_a_key_that_is_dropped_right_after_a_connector_was_read_opens_it_still(
    workspace: Workspace, beside: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its secrets are read by themselves, after the keys: never rows from before a rotation."""
    config = {"auth_type": "bearer", "password": "pw"}
    name = f"orders-{uuid4()}"  # a second try finds what the first one made
    made = await workspace.connectors.register_connector(
        "acme", name, "http", "http://127.0.0.1:1", config
    )
    loop = asyncio.get_running_loop()
    get = ConnectorEngine.get

    def get_slowly(self: ConnectorEngine, tenant_id: str | None, connector_id: str) -> Any:
        monkeypatch.undo()
        row = get(self, tenant_id, connector_id)
        moved = small(workspace).rotate(keep=False)
        assert asyncio.run_coroutine_threadsafe(moved, loop).result(60).finished
        return row

    monkeypatch.setattr(ConnectorEngine, "get", get_slowly)
    async with beside.connectors.open("acme", made.id) as connector:
        assert connector.capabilities()
