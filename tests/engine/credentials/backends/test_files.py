"""Mounted secrets: links are followed, and where they lead is judged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.credentials.backends.files import MOUNTS, FileBackend
from engine.errors import CredentialUnreadable
from engine.settings import Settings

SECRET = "canary-of-a-mounted-secret"


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path / 'b.db'}", **more)  # type: ignore[arg-type]


def backend(tmp_path: Path, **more: object) -> FileBackend:
    return FileBackend.of(settings(tmp_path, **more), {})


def mounted(folder: Path, name: str = "openai", content: bytes = SECRET.encode()) -> Path:
    """A secret as Kubernetes mounts it: a link to a link to a folder that is swapped whole."""
    data = folder / "..2026_11_21_12_00_00.123456789"
    data.mkdir(parents=True, exist_ok=True)
    (data / name).write_bytes(content)
    (data / name).chmod(0o644)
    if not (folder / "..data").exists():
        (folder / "..data").symlink_to(data.name)
    (folder / name).symlink_to(f"..data/{name}")
    return folder / name


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", " \n\n"])
def test_a_mounted_secret_is_read_without_its_last_line_break(tmp_path: Path, ending: str) -> None:
    path = mounted(tmp_path, content=SECRET.encode() + ending.encode())
    assert backend(tmp_path).get(str(path)).value.strip() == SECRET


def test_a_swapped_mount_is_read_anew(tmp_path: Path) -> None:
    path, files = mounted(tmp_path), backend(tmp_path)
    assert files.get(str(path)).value == SECRET
    newer = tmp_path / "..2026_11_22"
    newer.mkdir()
    (newer / "openai").write_text("newer")
    (tmp_path / "..new").symlink_to(newer.name)
    (tmp_path / "..new").replace(tmp_path / "..data")
    assert files.get(str(path)).value == "newer"


def test_a_folder_that_is_listed_is_the_only_one(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    path = mounted(inside)
    elsewhere = mounted(outside)
    (inside / "led-out").symlink_to(elsewhere)
    files = backend(tmp_path, allow_secret_files=(str(inside),))
    assert files.get(str(path)).value == SECRET
    for refused in (elsewhere, inside / "led-out"):
        with pytest.raises(CredentialUnreadable, match="no folder that may be read"):
            files.get(str(refused))


def test_a_listed_folder_may_be_a_link_itself(tmp_path: Path) -> None:
    path = mounted(tmp_path / "run" / "secrets")
    (tmp_path / "var").symlink_to("run")
    files = backend(tmp_path, allow_secret_files=(str(tmp_path / "var" / "secrets"),))
    assert files.get(str(path)).value == SECRET


def test_a_shared_workspace_reads_where_secrets_are_mounted_alone(tmp_path: Path) -> None:
    shared = Settings(database="postgresql://db/board")
    assert FileBackend.of(shared, {})._folders == MOUNTS
    with pytest.raises(CredentialUnreadable, match="no folder that may be read"):
        FileBackend.of(shared, {}).get(str(mounted(tmp_path)))


def test_our_own_files_are_never_a_credential(tmp_path: Path) -> None:
    words = ("master", "passphrase", "token", "secret-id")
    key, phrase, token, secret_id = (tmp_path / name for name in words)
    database = tuple(tmp_path / name for name in ("b.db", "b.db.key", "b.db-wal"))
    named = (key, phrase, token, secret_id, *database)
    for path in named:
        path.write_text(SECRET)
    files = backend(
        tmp_path,
        master_key_file=str(key),
        master_passphrase_file=str(phrase),
        vault_token_file=str(token),
        vault_secret_id_file=str(secret_id),
        vault_role_id="r",
    )
    for path in named:
        linked = tmp_path / f"{path.name}.link"
        linked.symlink_to(path)
        hard = tmp_path / f"{path.name}.hard"
        os.link(path, hard)
        for spelt in (path, linked, hard):
            with pytest.raises(CredentialUnreadable, match="own files") as refused:
                files.get(str(spelt))
            assert SECRET not in refused.value.message + refused.value.hint


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc here")
def test_the_kernels_files_are_never_a_credential(tmp_path: Path) -> None:
    (tmp_path / "led").symlink_to("/proc/self/environ")
    for path in ("/proc/self/environ", "/proc/1/environ", "/dev/stdin", str(tmp_path / "led")):
        with pytest.raises(CredentialUnreadable):
            backend(tmp_path).get(path)


def test_what_is_no_secret_is_refused_and_nothing_of_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_bytes(SECRET.encode() * 4000)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe" + SECRET.encode())
    (tmp_path / "led-nowhere").symlink_to("gone")
    (tmp_path / "round").symlink_to("round")
    os.mkfifo(tmp_path / "pipe")
    cases = {
        "folder": "not a regular file",
        "large": "larger than 64 KiB",
        "bytes": "does not hold text",
        "gone": "is not there",
        "led-nowhere": "is not there",
        "round": "cannot be read",
        "pipe": "not a regular file",
    }
    for name, told in cases.items():
        with pytest.raises(CredentialUnreadable, match=told) as refused:
            backend(tmp_path).get(str(tmp_path / name))
        assert SECRET not in refused.value.message + refused.value.hint
        assert str(tmp_path) not in refused.value.message + refused.value.hint
