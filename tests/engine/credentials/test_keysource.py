"""Where rings of keys come from, what cannot be changed there, and refusals that touch nothing."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from engine.credentials import keyfile
from engine.credentials.keyplaces import OsKeyring
from engine.credentials.keysource import MasterKeySource
from engine.credentials.masterkey import parse_ring
from engine.errors import LampboardError, LifecycleRefused, MasterKeyRefused
from engine.settings import Settings
from tests.engine.credentials.rotation_kit import fill, key_ids, opened, read_all, settings_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD, NEW = "ab" * 32, "cd" * 32


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'b.db'}"


async def test_a_key_from_the_environment_needs_the_former_one_beside_it(url: str) -> None:
    old = opened(Settings(database=url, master_key=OLD))
    both = opened(Settings(database=url, master_key=NEW, master_key_former=f"{'11' * 32}, {OLD}"))
    new = opened(Settings(database=url, master_key=NEW))
    try:
        secrets = await fill(old, 3)
        with pytest.raises(MasterKeyRefused, match="only you can change it") as refused:
            await old.credentials.rotate()
        assert "LAMPBOARD_MASTER_KEY_FORMER" in refused.value.hint
        await read_all(both, secrets)
        secrets[await both.credentials.store("acme", "before")] = ("acme", "before")
        assert len(await key_ids(both)) == 1  # the database is under the former key still
        await read_all(old, secrets)
        done = await both.credentials.rotate()
        assert done.finished
        assert len(done.kept) == 2
        await read_all(new, secrets)
        with pytest.raises(MasterKeyRefused, match="is not the one"):
            await old.credentials.store("acme", "too late")
    finally:
        await asyncio.gather(old.aclose(), both.aclose(), new.aclose())


async def test_a_malformed_former_key_is_refused_by_its_name(url: str) -> None:
    source = MasterKeySource(given=NEW, former=OLD[:-1])
    with pytest.raises(MasterKeyRefused, match="LAMPBOARD_MASTER_KEY_FORMER"):
        source.find()


class FakeKeyring:
    """A keyring in memory that counts how often it is asked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked = 0

    def get(self, *_: str) -> str:
        self.asked += 1
        return self.text

    def set(self, _service: str, _user: str, text: str) -> None:
        self.text = text


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> FakeKeyring:
    keyring = pytest.importorskip("keyring")
    found = FakeKeyring(OLD)
    monkeypatch.setattr(keyring, "get_password", found.get)
    monkeypatch.setattr(keyring, "set_password", found.set)
    return found


async def test_a_keyring_holds_the_ring_as_text(url: str, backend: FakeKeyring) -> None:
    workspace = opened(Settings(database=url))
    try:
        secrets = await fill(workspace, 3)
        done = await workspace.credentials.rotate()
        assert done.finished
        assert parse_ring(backend.text, "here").ids == (done.to_key, *done.kept)
        assert await workspace.credentials.master.drop_former() == done.kept
        assert parse_ring(backend.text, "here").ids == (done.to_key,)
        await read_all(workspace, secrets)
    finally:
        await workspace.aclose()


async def test_a_keyring_that_takes_nothing_is_told(
    url: str, backend: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keyring.set_password", lambda *_: None)
    workspace = opened(Settings(database=url))
    try:
        secrets = await fill(workspace, 2)
        with pytest.raises(MasterKeyRefused, match="did not take"):
            await workspace.credentials.rotate()
        await read_all(workspace, secrets)
    finally:
        await workspace.aclose()


def test_a_keyring_is_asked_for_each_unknown_key_once_a_minute(
    tmp_path: Path, backend: FakeKeyring
) -> None:
    now = [0.0]
    source = MasterKeySource(default_file=tmp_path / "none.key", tick=lambda: now[0])
    cipher = source.cipher(secrets_exist=lambda: True)
    new = parse_ring(NEW, "here").first.id
    for now[0] in (1.0, 30.0, 59.0):
        assert not cipher.holds(new)
    assert backend.asked == 2
    backend.text = f"{NEW}\n{OLD}\n"
    now[0] = 61.0
    assert cipher.holds(new)
    asked = backend.asked
    for number in range(50):
        assert not cipher.holds(f"{number:016x}")
    assert backend.asked < asked + 10


def test_a_file_is_read_again_only_when_it_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "k"
    keyfile.make(path, OLD)
    cipher = MasterKeySource(named_file=path).cipher(secrets_exist=lambda: True)
    reads: list[Path] = []
    read = keyfile.read
    monkeypatch.setattr(keyfile, "read", lambda *told: (reads.append(told[0]), read(*told))[1])
    for _ in range(5):
        assert not cipher.holds("0" * 16)
    assert reads == []
    keyfile.replace(path, f"{NEW}\n{OLD}\n")
    new = parse_ring(NEW, "here").first.id
    assert cipher.holds(new)
    assert cipher.holds(parse_ring(OLD, "here").first.id)
    assert cipher.key_id == new
    assert reads == [path]
    path.chmod(0o644)
    with pytest.raises(MasterKeyRefused, match="can be reached by other users"):
        cipher.holds("0" * 16)
    assert not cipher.holds("0" * 16)


def _cut_line(path: Path) -> None:
    path.write_text(f"{NEW}\n{path.read_text()[:40]}")


HARMS: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "wrong": lambda path: path.write_text(NEW),
    "cut": lambda path: path.write_text(path.read_text()[:43]),
    "cut second line": _cut_line,
    "empty": lambda path: path.write_text(""),
    "garbage": lambda path: path.write_bytes(os.urandom(64)),
    "huge": lambda path: path.write_bytes(b"a" * 100_000),
    "readable": lambda path: path.chmod(0o604),
    "group": lambda path: path.chmod(0o640),
    "pipe": lambda path: (path.unlink(), os.mkfifo(path, 0o600)),
    "folder": lambda path: (path.unlink(), path.mkdir()),
    "dangling": lambda path: (path.unlink(), path.symlink_to("nowhere")),
    "locked, cut": lambda path: path.write_text("lampboard-keys-1 scrypt 17 8 1 00"),
}


@pytest.mark.parametrize("harm", HARMS)
async def test_a_refused_key_touches_nothing(url: str, tmp_path: Path, harm: str) -> None:
    """Reading, storing, rotating: each is refused, and every file is as it was, to the byte."""
    first = opened(Settings(database=url))
    ((reference, (tenant, _)),) = (await fill(first, 1)).items()
    await first.aclose()
    HARMS[harm](tmp_path / "b.db.key")
    before = await asyncio.to_thread(_contents, tmp_path)
    harmed = opened(Settings(database=url, master_passphrase="not the right one"))
    try:
        credentials = harmed.credentials
        for refused in (
            credentials.of_tenant(tenant).get(reference),
            credentials.store(tenant, "another"),
            credentials.replace(tenant, reference, "another"),
            credentials.rotate(),
            credentials.master.prepare(),
            credentials.master.drop_former(),
        ):
            with pytest.raises((MasterKeyRefused, LifecycleRefused)) as told:
                await refused
            assert not {OLD, NEW} & set(str(told.value).split())
    finally:
        await harmed.aclose()
    assert await asyncio.to_thread(_contents, tmp_path) == before


def _contents(folder: Path) -> dict[str, bytes]:
    """Return what is in each file; an empty log and its index come and go with connections."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


async def test_two_databases_with_one_key_file_keep_the_former_key(tmp_path: Path) -> None:
    path = tmp_path / "shared.key"
    keyfile.make(path, OLD)
    one, two = (opened(settings_for(f"sqlite:///{tmp_path / name}", path)) for name in ("1", "2"))
    try:
        first, second = await fill(one, 2), await fill(two, 2)
        done = await one.credentials.rotate()
        assert done.kept == (parse_ring(OLD, "here").first.id,)
        await read_all(two, second)
        again = await two.credentials.rotate()
        assert again.to_key == done.to_key  # it follows, and makes no third key
        assert await two.credentials.master.drop_former() == done.kept
        await asyncio.gather(read_all(one, first), read_all(two, second))
    finally:
        await asyncio.gather(one.aclose(), two.aclose())


async def test_a_database_in_memory_changes_its_key_too() -> None:
    workspace = opened(Settings(database="sqlite://"))
    try:
        with pytest.raises(LifecycleRefused, match="no master key yet"):
            await workspace.credentials.rotate()
        secrets = await fill(workspace, 2)
        assert (await workspace.credentials.rotate()).finished
        await read_all(workspace, secrets)
    finally:
        await workspace.aclose()


async def test_a_read_only_run_changes_no_key(url: str) -> None:
    first = opened(Settings(database=url))
    await fill(first, 1)
    await first.aclose()
    watching = opened(Settings(database=url, read_only=True))
    try:
        for refused in (watching.credentials.rotate(), watching.credentials.master.prepare()):
            with pytest.raises(LampboardError, match="read-only"):
                await refused
        assert (await watching.credentials.master.status()).current is not None
    finally:
        await watching.aclose()


def test_what_is_not_a_keyring_is_not_found(tmp_path: Path, backend: FakeKeyring) -> None:
    backend.text = ""
    assert OsKeyring.find(tmp_path / "k", lambda: 0.0) is None
