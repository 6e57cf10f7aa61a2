"""A key file that is locked with a passphrase."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from engine.credentials import keyfile, passphrase
from engine.credentials.keysource import MasterKeySource
from engine.credentials.masterkey import parse_ring
from engine.errors import InvalidInput, LifecycleRefused, MasterKeyRefused
from engine.monitor.supervisor import child_start
from engine.settings import Settings
from tests.engine.credentials.rotation_kit import fill, opened, read_all, text_of

if TYPE_CHECKING:
    from pathlib import Path

PHRASE = "correct horse battery"
RING = "11" * 32 + "\n" + "22" * 32 + "\n"


@pytest.fixture(scope="module")
def locked() -> str:
    """A locked ring: making one takes 0.3 s."""
    return passphrase.lock(RING, PHRASE)


def test_what_was_locked_opens_and_shows_no_key(locked: str) -> None:
    assert passphrase.is_locked(locked)
    assert not passphrase.is_locked(RING)
    assert passphrase.unlock(locked, f" {PHRASE}\n", "here") == RING
    assert all(line not in locked for line in RING.split())
    assert locked.startswith("lampboard-keys-1 scrypt 17 8 1 ")


def test_a_passphrase_is_the_same_however_its_letters_are_composed() -> None:
    text = passphrase.lock(RING, "schlüsselfrage")
    assert passphrase.unlock(text, "schlu\u0308sselfrage", "here") == RING


def test_a_wrong_one_is_told_as_a_damaged_file_is(locked: str) -> None:
    told = set()
    words = locked.split()
    damaged = " ".join([*words[:7], f"{int(words[7][:2], 16) ^ 1:02x}{words[7][2:]}"])
    for text, phrase in ((locked, "wrong horse battery"), (damaged, PHRASE)):
        with pytest.raises(MasterKeyRefused, match="does not open") as refused:
            passphrase.unlock(text, phrase, "here")
        told.add((refused.value.message, refused.value.hint))
    assert len(told) == 1
    assert "horse" not in repr(told)


def _read(text: str) -> None:
    if passphrase.is_locked(text):
        text = passphrase.unlock(text, PHRASE, "here")
    parse_ring(text, "here")


def test_every_cut_is_refused(locked: str) -> None:
    for length in range(len(locked) - 1):
        with pytest.raises(MasterKeyRefused):
            _read(locked[:length])


@pytest.mark.parametrize(
    ("word", "value"), [(0, "lampboard-keys-2"), (2, "30"), (3, "8000"), (4, "99"), (5, "zz")]
)
def test_costs_that_are_not_ours_are_refused_before_they_are_paid(
    locked: str, word: int, value: str
) -> None:
    words = locked.split()
    words[word] = value
    with pytest.raises(MasterKeyRefused, match="not whole, or a newer"):
        passphrase.unlock(" ".join(words), PHRASE, "here")


def test_locking_again_keeps_the_salt_and_never_the_nonce(locked: str) -> None:
    again = passphrase.lock(RING, PHRASE, like=locked).split()
    assert again[5] == locked.split()[5]
    assert again[6] != locked.split()[6]


@pytest.mark.parametrize("text", ["", "seven77", "x" * 1025])
def test_what_cannot_be_a_passphrase_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        passphrase.require_passphrase(text)


def test_without_a_passphrase_a_locked_file_is_refused(tmp_path: Path, locked: str) -> None:
    path = tmp_path / "k"
    keyfile.make(path, locked)
    with pytest.raises(MasterKeyRefused, match="locked with a passphrase") as refused:
        MasterKeySource(named_file=path).find()
    assert "LAMPBOARD_MASTER_PASSPHRASE" in refused.value.hint
    assert path.read_text() == locked
    given = tmp_path / "phrase"
    keyfile.make(given, f"{PHRASE}\n")
    found = MasterKeySource(named_file=path, passphrase_file=given).find()
    assert found is not None
    given.chmod(0o644)
    with pytest.raises(MasterKeyRefused, match=r"passphrase file .* can be reached by other"):
        MasterKeySource(named_file=path, passphrase_file=given).find()


async def test_a_file_stays_locked_while_its_keys_change(tmp_path: Path) -> None:
    """Set, read by another process, rotate, change, remove: the secrets stay readable."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'b.db'}", operator="olga")
    plain, key_file = opened(settings), tmp_path / "b.db.key"
    knowing = opened(
        Settings(database=settings.database, operator="olga", master_passphrase=PHRASE)
    )
    try:
        secrets = await fill(plain, 3)
        await plain.credentials.master.set_passphrase(PHRASE)
        assert passphrase.is_locked(text_of(key_file))
        await read_all(plain, secrets)  # it has the key already
        await read_all(knowing, secrets)
        done = await knowing.credentials.rotate()
        assert done.finished
        assert passphrase.is_locked(text_of(key_file))
        await read_all(knowing, secrets)
        with pytest.raises(MasterKeyRefused, match="none was given"):
            await read_all(plain, secrets)
        with pytest.raises(MasterKeyRefused, match="none was given"):
            await plain.credentials.master.set_passphrase(None)
        await knowing.credentials.master.set_passphrase(None)
        (key_id,) = parse_ring(text_of(key_file), "here").ids
        assert key_id == done.to_key
        await read_all(plain, secrets)
    finally:
        await asyncio.gather(plain.aclose(), knowing.aclose())


async def test_a_passphrase_needs_a_key_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'b.db'}"
    none, given = (
        opened(Settings(database=url)),
        opened(Settings(database=url, master_key="ab" * 32)),
    )
    try:
        with pytest.raises(LifecycleRefused, match="no master key yet"):
            await none.credentials.master.set_passphrase(PHRASE)
        with pytest.raises(MasterKeyRefused, match="LAMPBOARD_MASTER_KEY"):
            await given.credentials.master.set_passphrase(PHRASE)
    finally:
        await asyncio.gather(none.aclose(), given.aclose())


def test_a_monitor_gets_it_by_the_environment_and_never_as_an_argument(tmp_path: Path) -> None:
    url, given = f"sqlite:///{tmp_path / 'b.db'}", str(tmp_path / "phrase")
    settings = Settings(database=url, master_passphrase=PHRASE, master_passphrase_file=given)
    arguments, environment = child_start(settings, {})
    assert PHRASE not in " ".join(arguments)
    assert environment["LAMPBOARD_MASTER_PASSPHRASE"] == PHRASE
    assert environment["LAMPBOARD_MASTER_PASSPHRASE_FILE"] == given
    assert PHRASE not in repr(settings)
