"""`lampboard credentials passphrase`, and every command on a locked key file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.credentials.passphrase import is_locked
from engine.settings import Settings
from tui.cli.session import Session
from tui.cli.unlocking import unlocked

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Add, Run

PHRASE = "correct horse battery"


@pytest.fixture
def key_file(board: Run, add: Add, tmp_path: Path) -> Path:
    add("gpt")
    return tmp_path / "board.db.key"


@pytest.fixture
def locked(board: Run, key_file: Path) -> Path:
    """A key file that is locked with the passphrase."""
    done = board("credentials", "passphrase", "set", "--new-stdin", stdin=f"{PHRASE}\n")
    assert (done.code, done.out) == (0, "The key file is locked.\n")
    assert is_locked(key_file.read_text())
    assert PHRASE not in done.out + done.err
    return key_file


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody at a terminal who types these, one a question."""
    typed: list[str] = []
    monkeypatch.setattr("tui.cli.streams.is_terminal", lambda _: True)
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: typed.pop(0))
    return typed


def test_a_locked_file_is_refused_without_its_passphrase(
    board: Run, locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = locked.read_text()
    done = board("credentials", "rotate")
    assert (done.code, "locked with a passphrase, and none was given" in done.err) == (1, True)
    monkeypatch.setenv("LAMPBOARD_MASTER_PASSPHRASE", "wrong horse battery")
    done = board("credentials", "rotate")
    assert (done.code, "The passphrase does not open" in done.err) == (1, True)
    assert "wrong horse" not in done.err
    assert locked.read_text() == before
    assert board("integrations", "list").code == 0


def test_with_it_everything_works_and_it_is_never_shown(
    board: Run, locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMPBOARD_MASTER_PASSPHRASE", PHRASE)
    assert board("credentials", "rotate").code == 0
    assert is_locked(locked.read_text())
    doctor = board("doctor", "-o", "json")
    assert doctor.code == 0
    assert PHRASE not in doctor.out
    changed = board("credentials", "passphrase", "change", "--new-stdin", stdin="another horse")
    assert (changed.code, changed.out) == (0, "The passphrase is changed.\n")
    assert board("credentials", "passphrase", "remove").code == 1
    monkeypatch.setenv("LAMPBOARD_MASTER_PASSPHRASE", "another horse")
    assert board("credentials", "passphrase", "remove").code == 0
    assert not is_locked(locked.read_text())


def test_what_is_asked_for_must_fit_what_is_there(board: Run, key_file: Path) -> None:
    for words in (("change", "--new-stdin"), ("remove",)):
        done = board("credentials", "passphrase", *words, stdin=PHRASE)
        assert (done.code, "is not locked" in done.err) == (1, True)
    short = board("credentials", "passphrase", "set", "--new-stdin", stdin="short")
    assert (short.code, "8 characters at least" in short.err) == (2, True)
    nobody = board("credentials", "passphrase", "set")
    assert (nobody.code, "no terminal to ask" in nobody.err) == (2, True)


def test_the_doctor_tells_of_a_lock_that_it_cannot_open(board: Run, locked: Path) -> None:
    done = board("doctor", "-o", "json")
    (found,) = [item for item in done.json["checks"] if item["name"] == "master key"]
    assert (found["status"], found["detail"]) == (
        "ok",
        f"in the key file {locked}, locked with a passphrase not given here",
    )


def test_at_a_terminal_it_is_asked_for(board: Run, locked: Path, type_in: list[str]) -> None:
    type_in += ["wrong horse battery", PHRASE]
    done = board("credentials", "rotate")
    assert done.code == 0
    assert "does not open" in done.err
    assert type_in == []


def test_a_new_one_is_typed_twice(board: Run, key_file: Path, type_in: list[str]) -> None:
    type_in += [PHRASE, "correct horse batteries"]
    done = board("credentials", "passphrase", "set")
    assert (done.code, "are not the same" in done.err) == (2, True)
    type_in += [PHRASE, PHRASE]
    assert board("credentials", "passphrase", "set").code == 0
    assert is_locked(key_file.read_text())


def test_the_dashboard_opens_with_what_was_typed(
    locked: Path, database: str, type_in: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "require_terminal", lambda _: None)
    opened: list[Settings] = []
    session = Session(dashboard=lambda settings: opened.append(settings) or 0)
    type_in += [PHRASE]
    session.open_dashboard(Settings(database=database))
    assert opened[0].master_passphrase == PHRASE
    assert PHRASE not in repr(opened[0])


def test_nothing_typed_goes_on_without(locked: Path, database: str, type_in: list[str]) -> None:
    type_in += [""]
    settings = Settings(database=database)
    assert unlocked(settings) is settings
    assert locked.exists()
