"""What `lampboard serve` refuses before it listens; what it does is told by the system's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Run


@pytest.fixture
def token(tmp_path: Path) -> str:
    path = tmp_path / "token"
    path.write_text("0123456789abcdef")
    path.chmod(0o600)
    return str(path)


def test_beyond_this_machine_it_takes_more(run: Run, database: str, token: str) -> None:
    done = run("--database", database, "serve", "--host", "0.0.0.0")
    assert (done.code, done.out) == (2, "")
    assert "not served without a token and TLS" in done.err
    done = run("--database", database, "serve", "--host", "0.0.0.0", "--token-file", token)
    assert done.code == 2
    assert "not served without TLS" in done.err


def test_a_proxy_is_told_whole(run: Run, database: str) -> None:
    done = run("--database", database, "serve", "--behind-proxy", "X-User", "-o", "json")
    assert done.code == 2
    assert '"field": "proxy"' in done.err


def test_read_only_settings_are_not_overruled(run: Run, database: str) -> None:
    done = run("--database", database, "--read-only", "serve", "--writable")
    assert done.code == 2
    assert "The --read-only flag is set." in done.err


def test_a_database_in_memory_is_nobody_elses(run: Run) -> None:
    done = run("--database", ":memory:", "serve")
    assert done.code == 2
    assert "in memory" in done.err


def test_no_token_is_made_for_the_journal(
    run: Run, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:12345")
    done = run("--database", database, "serve")
    assert (done.code, done.out) == (2, "")
    assert "--token-file" in done.err


def test_a_token_is_no_flag(run: Run, database: str) -> None:
    assert run("--database", database, "serve", "--token", "0123456789abcdef").code == 2


def test_a_missing_extra_is_named(run: Run, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    done = run("--database", database, "serve")
    assert done.code == 2
    assert "pip install 'lampboard[serve]'" in done.err
