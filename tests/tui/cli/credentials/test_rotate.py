"""`lampboard credentials rotate`, as typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.credentials.masterkey import parse_ring
from engine.credentials.results import RotationProgress
from tui.cli.credentials.shows import under_key

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Add, Run

KEY = "5c" * 32


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "board.db.key"


def ids(path: Path) -> tuple[str, ...]:
    return parse_ring(path.read_text(), "the test").ids


def test_it_moves_everything_and_says_so(board: Run, add: Add, key_file: Path) -> None:
    add("gpt")
    add("other")
    (former,) = ids(key_file)
    done = board("credentials", "rotate", "-o", "json")
    assert done.code == 0
    (key_id,) = ids(key_file)
    assert done.json["to_key"] == key_id != former
    assert (done.json["done"], done.json["total"], done.json["finished"]) == (2, 2, True)
    assert f"2 of 2 credentials are under key {key_id}." in done.err
    again = board("credentials", "rotate")
    assert again.out.startswith("All 2 credentials are under key ")
    assert board("doctor", "-o", "json").code == 0


def test_one_is_told_as_one(board: Run, add: Add, key_file: Path) -> None:
    add("gpt")
    done = board("credentials", "rotate")
    (key_id,) = ids(key_file)
    assert f"1 of 1 credential is under key {key_id}." in done.err
    assert done.out.startswith(f"The one credential is under key {key_id}.")


@pytest.mark.parametrize(
    ("done", "total", "said"),
    [
        (0, 1, "0 of 1 credential is under key k2"),
        (1, 2, "1 of 2 credentials is under key k2"),
        (0, 2, "0 of 2 credentials are under key k2"),
        (1500, 3000, "1,500 of 3,000 credentials are under key k2"),
    ],
)
def test_how_far_it_is_agrees_with_its_number(done: int, total: int, said: str) -> None:
    progress = RotationProgress(
        from_keys=("k1",), to_key="k2", done=done, total=total, finished=False
    )
    assert under_key(progress) == said


def test_status_and_dry_run_change_nothing(board: Run, add: Add, key_file: Path) -> None:
    add("gpt")
    before = key_file.read_text()
    for flag in ("--status", "--dry-run"):
        done = board("credentials", "rotate", flag)
        assert done.code == 0
        assert f"1 under key {ids(key_file)[0]}" in done.out
        assert "would move 1 to a new key; former keys would be dropped" in done.out
    assert key_file.read_text() == before


@pytest.mark.parametrize("way", ["stdin", "file"])
def test_a_key_of_ones_own_is_taken_and_never_shown(
    board: Run, add: Add, key_file: Path, tmp_path: Path, way: str
) -> None:
    add("gpt")
    given = tmp_path / "new"
    given.write_text(f"{KEY}\n")
    given.chmod(0o600)
    words = ("--new-key-stdin",) if way == "stdin" else ("--new-key-file", str(given))
    done = board("credentials", "rotate", *words, stdin=f"{KEY}\n")
    assert done.code == 0
    assert key_file.read_text() == f"{KEY}\n"
    assert KEY not in done.out + done.err


@pytest.mark.parametrize("text", ["", KEY[:-1], f"{KEY}{KEY}", "hunter2"])
def test_what_is_no_key_is_refused_and_never_repeated(
    board: Run, add: Add, key_file: Path, text: str
) -> None:
    add("gpt")
    before = key_file.read_text()
    done = board("credentials", "rotate", "--new-key-stdin", stdin=text)
    assert done.code == 1
    assert "standard input" in done.err
    assert not text or text not in done.err
    assert key_file.read_text() == before


def test_a_key_in_a_file_that_others_can_read_is_refused(
    board: Run, add: Add, key_file: Path, tmp_path: Path
) -> None:
    add("gpt")
    before, given = key_file.read_text(), tmp_path / "new"
    given.write_text(KEY)
    given.chmod(0o644)
    done = board("credentials", "rotate", "--new-key-file", str(given))
    assert (done.code, "can be reached by other users" in done.err) == (1, True)
    assert key_file.read_text() == before


def test_prepare_copy_rotate_drop(board: Run, add: Add, key_file: Path) -> None:
    add("gpt")
    (former,) = ids(key_file)
    prepared = board("credentials", "rotate", "--prepare", "-o", "json")
    ready = prepared.json["next_key"]
    assert ids(key_file) == (ready, former)
    kept = board("credentials", "rotate", "--keep-former")
    assert f"under key {ready}. Kept beside it: {former}." in kept.out
    dropped = board("credentials", "rotate", "--drop-only", "-o", "json")
    assert dropped.json == {"dropped": [former]}
    assert ids(key_file) == (ready,)


def test_flags_that_do_not_go_together_are_refused(board: Run) -> None:
    for words in (("--status", "--prepare"), ("--keep-former", "--drop-former")):
        done = board("credentials", "rotate", *words)
        assert (done.code, "do not go together" in done.err) == (2, True)


def test_before_there_is_a_key_there_is_nothing_to_rotate(board: Run, key_file: Path) -> None:
    board("tenants", "add", "acme")
    done = board("credentials", "rotate")
    assert (done.code, "no master key yet" in done.err) == (1, True)
    assert not key_file.exists()


def test_a_missing_key_is_refused_and_none_is_made(board: Run, add: Add, key_file: Path) -> None:
    add("gpt")
    key_file.unlink()
    done = board("credentials", "rotate")
    assert done.code == 1
    assert not key_file.exists()
