from __future__ import annotations

import base64
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.credentials import MasterKeySource
from engine.credentials.masterkey import default_key_file, parse_key
from engine.errors import MasterKeyRefused
from engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = bytes(range(32))


def _no() -> bool:
    return False


def _yes() -> bool:
    return True


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "board.db.key"


def _written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper(),
        f"  {KEY.hex()}\n",
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(bytes(range(224, 256))).decode(),
        base64.b64encode(KEY).decode().rstrip("="),
    ],
)
def test_hex_and_base64_are_taken(text: str) -> None:
    assert len(parse_key(text, "the test")) == 32


@pytest.mark.parametrize(
    "text",
    ["x", KEY.hex()[:-1], KEY.hex() + "0", "g" * 64, base64.b64encode(KEY[:31]).decode(), "é" * 64],
)
def test_other_lengths_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(MasterKeyRefused) as refused:
        MasterKeySource(given=text).cipher(secrets_exist=_no)
    assert "LAMPBOARD_MASTER_KEY" in refused.value.message
    assert len(text) < 8 or text not in refused.value.message + refused.value.hint


def test_the_first_use_makes_a_file_for_us_alone(key_file: Path) -> None:
    before = os.umask(0)
    try:
        first = MasterKeySource(default_file=key_file).cipher(secrets_exist=_no)
    finally:
        os.umask(before)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert [path.name for path in key_file.parent.iterdir()] == [key_file.name]
    again = MasterKeySource(default_file=key_file).cipher(secrets_exist=_yes)
    assert again.key_id == first.key_id
    assert again.open("t", "c", first.seal("t", "c", "s")) == "s"


def test_the_environment_goes_before_files(key_file: Path) -> None:
    MasterKeySource(default_file=key_file).cipher(secrets_exist=_no)
    given = MasterKeySource(given=KEY.hex(), default_file=key_file).cipher(secrets_exist=_no)
    assert given.master.secret == KEY
    assert KEY.hex() not in repr(MasterKeySource(given=KEY.hex(), default_file=key_file))


def test_a_missing_key_is_not_replaced_while_secrets_exist(key_file: Path) -> None:
    with pytest.raises(MasterKeyRefused, match="is missing") as refused:
        MasterKeySource(default_file=key_file).cipher(secrets_exist=_yes)
    assert str(key_file) in refused.value.hint
    assert not key_file.parent.exists()


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyRefused, match="cannot be read"):
        MasterKeySource(named_file=tmp_path / "gone").cipher(secrets_exist=_no)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o666, 0o601, 0o700 | 0o010])
def test_a_file_that_others_can_reach_is_refused(key_file: Path, mode: int) -> None:
    path = _written(key_file, KEY.hex(), mode)
    with pytest.raises(MasterKeyRefused, match=f"mode {mode:04o}") as refused:
        MasterKeySource(default_file=path).cipher(secrets_exist=_yes)
    assert "chmod 600" in refused.value.hint
    assert KEY.hex() not in str(refused.value)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == KEY.hex()


@pytest.mark.parametrize("text", ["", "\n", KEY.hex()[:40], KEY.hex()[:-1], "x" * 5000, "\xff\xfe"])
def test_a_cut_or_foreign_file_is_refused_and_kept(key_file: Path, text: str) -> None:
    path = _written(key_file, text)
    content = path.read_bytes()
    with pytest.raises(MasterKeyRefused, match="key file"):
        MasterKeySource(default_file=path).cipher(secrets_exist=_no)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.mkdir(),
        lambda path: path.symlink_to(path.with_name("nowhere")),
        lambda path: os.mkfifo(path, 0o600),
    ],
    ids=["folder", "dangling link", "pipe"],
)
def test_what_is_no_file_is_refused(key_file: Path, make: Callable[[Path], None]) -> None:
    key_file.parent.mkdir()
    make(key_file)
    with pytest.raises(MasterKeyRefused):
        MasterKeySource(default_file=key_file).cipher(secrets_exist=_no)


def test_a_folder_that_cannot_be_made_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MasterKeyRefused, match="cannot be made"):
        MasterKeySource(default_file=tmp_path / "file" / "k").cipher(secrets_exist=_no)


def test_of_two_first_uses_the_first_wins(key_file: Path) -> None:
    sources = [MasterKeySource(default_file=key_file) for _ in range(8)]
    assert all(source.find() is None for source in sources)
    assert len({source.cipher(secrets_exist=_no).key_id for source in sources}) == 1


def test_the_keyring_is_asked_when_no_file_is_there(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = pytest.importorskip("keyring")
    asked: list[tuple[str, str]] = []

    def get_password(service: str, user: str) -> str:
        asked.append((service, user))
        return KEY.hex()

    monkeypatch.setattr(keyring, "get_password", get_password)
    cipher = MasterKeySource(default_file=key_file).cipher(secrets_exist=_yes)
    assert cipher.master.secret == KEY
    assert cipher.master.origin == "the keyring"
    assert asked == [("lampboard", "master-key")]
    assert not key_file.exists()


def test_a_keyring_without_a_backend_is_no_keyring(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.errors import NoKeyringError

    def get_password(service: str, user: str) -> str:
        raise NoKeyringError(service, user)

    monkeypatch.setattr(keyring, "get_password", get_password)
    MasterKeySource(default_file=key_file).cipher(secrets_exist=_no)
    assert key_file.exists()


def test_a_database_in_memory_keeps_its_key_there() -> None:
    cipher = MasterKeySource(default_file=None).cipher(secrets_exist=_no)
    assert cipher.master.origin == "this process's memory"


def test_where_the_key_of_a_database_is_kept() -> None:
    assert default_key_file("sqlite:////srv/lamp/board.db") == Path("/srv/lamp/board.db.key")
    assert default_key_file("sqlite:///board.db") == Path("board.db.key")
    assert default_key_file("sqlite://") is None
    assert default_key_file("sqlite:///:memory:") is None
    server = default_key_file("postgresql://u@h/db")
    assert server is not None
    assert server.name == "master.key"


def test_the_settings_say_where_to_look(tmp_path: Path) -> None:
    path = _written(tmp_path / "k", KEY.hex())
    named = Settings(database="sqlite://", master_key_file=str(path), operator="o")
    assert MasterKeySource.from_settings(named).cipher(secrets_exist=_no).master.secret == KEY
    given = Settings(database="sqlite://", master_key=KEY[::-1].hex(), operator="o")
    assert MasterKeySource.from_settings(given).cipher(secrets_exist=_no).master.secret == KEY[::-1]
