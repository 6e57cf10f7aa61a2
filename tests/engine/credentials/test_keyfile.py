"""The key file: replaced whole or not at all, by one process at a time, for nobody else's eyes."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine.credentials import keyfile
from engine.errors import LifecycleRefused, MasterKeyRefused

ONE, TWO = "11" * 32 + "\n", "22" * 32 + "\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "b.db.key"
    keyfile.make(found, ONE)
    return found


def test_made_and_replaced_files_are_ones_own_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = tmp_path / "new" / "folder" / "k"
        keyfile.make(path, ONE)
        keyfile.replace(path, TWO)
        with keyfile.locked(path):
            lock = path.with_name("k.lock")
            assert stat.S_IMODE(lock.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)
    assert keyfile.read(path) == TWO
    assert [found.name for found in path.parent.iterdir()] == ["k"]


def test_the_first_to_make_it_wins(path: Path) -> None:
    keyfile.make(path, TWO)
    assert keyfile.read(path) == ONE


def test_its_mark_changes_with_it(path: Path) -> None:
    before = keyfile.mark(path)
    assert keyfile.mark(path) == before
    keyfile.replace(path, TWO)
    assert keyfile.mark(path) != before
    path.unlink()
    assert keyfile.mark(path) is None


@pytest.mark.parametrize("step", ["_write", "_sync_folder"])
def test_a_full_disk_leaves_the_former_file(
    path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keyfile, step, full)
    with pytest.raises(MasterKeyRefused, match="No space left"):
        keyfile.replace(path, TWO)
    assert keyfile.read(path) in {ONE, TWO} if step == "_sync_folder" else ONE
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_behind_a_link_the_file_itself_is_replaced(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    keyfile.replace(link, TWO)
    assert link.is_symlink()
    assert keyfile.read(link) == keyfile.read(path) == TWO


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_and_links_of_others_are_refused(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    os.chown(link, 12345, 12345, follow_symlinks=False)
    with pytest.raises(MasterKeyRefused, match="a link that belongs to another user"):
        keyfile.read(link)
    os.chown(path, 12345, 12345)
    with pytest.raises(MasterKeyRefused, match="belongs to another user"):
        keyfile.read(path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 9000])
def test_what_is_no_text_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(MasterKeyRefused, match="holds no key"):
        keyfile.read(path)


def test_what_a_killed_process_left_is_swept(path: Path) -> None:
    draft = path.with_name(f".{path.name}.new.{'ab' * 8}")
    other = path.with_name(f".{path.name}.other")
    for left in (draft, other):
        left.write_text(TWO)
    keyfile.sweep(path)
    assert not draft.exists()
    assert other.exists()


def test_one_at_a_time_and_a_killed_one_lets_go(path: Path) -> None:
    hold = (
        "import sys; from pathlib import Path; from engine.credentials import keyfile\n"
        "with keyfile.locked(Path(sys.argv[1])):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    root = Path(keyfile.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=root,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(LifecycleRefused, match="another process"), keyfile.locked(path):
            pass
        process.kill()
        process.wait()
        with keyfile.locked(path):
            pass
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_what_stands_in_the_locks_place_is_refused(path: Path) -> None:
    path.with_name(path.name + ".lock").symlink_to("/nowhere")
    with pytest.raises(MasterKeyRefused, match="cannot be locked"), keyfile.locked(path):
        pass
