from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.settings import Settings
from tui.cli.doctor import masked, shown_settings

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Add, Done, Run

STATUSES = {"ok", "warn", "fail"}


def findings(done: Done) -> dict[str, dict[str, str]]:
    return {item["name"]: item for item in done.json["checks"]}


def test_doctor_before_there_is_anything_makes_nothing(board: Run, tmp_path: Path) -> None:
    done = board("doctor", "-o", "json")
    assert (done.code, done.json["ok"]) == (0, True)
    assert {item["status"] for item in done.json["checks"]} <= STATUSES
    assert "made at first use" in findings(done)["database"]["detail"]
    assert list(tmp_path.iterdir()) == []


def test_doctor_on_a_live_board(board: Run, add: Add) -> None:
    add("gpt")
    done = board("doctor", "-o", "json")
    found = findings(done)
    assert done.code == 0
    assert found["database"]["status"] == "ok"
    assert found["files"]["status"] == "ok"
    assert found["monitor"]["status"] == "warn"
    assert "key file" in found["master key"]["detail"]
    old = (3, 7, 0) <= sqlite3.sqlite_version_info < (3, 51, 3)
    assert found["sqlite"]["status"] == ("warn" if old else "ok")
    assert done.json["paths"]["database"].endswith("board.db")


def test_doctor_names_open_files_and_how_to_close_them(
    board: Run, add: Add, tmp_path: Path
) -> None:
    add("gpt")
    (tmp_path / "board.db").chmod(0o644)
    found = findings(board("doctor", "-o", "json"))
    assert found["files"]["status"] == "warn"
    assert found["files"]["remedy"].startswith("chmod 600 ")


def test_doctor_fails_on_a_readable_key_and_a_broken_database(
    board: Run, add: Add, tmp_path: Path
) -> None:
    add("gpt")
    (tmp_path / "board.db.key").chmod(0o644)
    done = board("doctor", "-o", "json")
    assert (done.code, findings(done)["master key"]["status"]) == (1, "fail")
    (tmp_path / "board.db").write_text("not a database, and long enough to be looked at" * 99)
    done = board("doctor", "-o", "json")
    assert (done.code, findings(done)["database"]["status"]) == (1, "fail")
    assert "Traceback" not in done.err


def test_doctor_shows_where_each_setting_came_from(
    board: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('theme = "nord"\ndeadline_s = 5\n')
    monkeypatch.setenv("LAMPBOARD_DEADLINE_S", "7")
    done = board("--config", str(config), "doctor", "--read-only", "-o", "json")
    by_name = {item["name"]: item for item in done.json["settings"]}
    assert by_name["theme"]["value"] == "nord"
    assert by_name["theme"]["origin"].startswith("config")
    assert by_name["deadline_s"]["value"] == 7.0
    assert by_name["deadline_s"]["origin"] == "environment (LAMPBOARD_DEADLINE_S)"
    assert by_name["read_only"]["origin"] == "flag"
    assert by_name["in_flight"]["origin"] == "default"
    assert "Settings" in board("doctor").out


def test_doctor_never_shows_the_key(board: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "ab" * 32
    monkeypatch.setenv("LAMPBOARD_MASTER_KEY", key)
    for format_ in ("table", "json", "yaml", "csv"):
        done = board("doctor", "-o", format_)
        assert key not in done.out + done.err
    shown = {item["name"]: item["value"] for item in shown_settings(Settings.load({}))}
    assert shown["master_key"] == "***"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p@ss@h/x", "postgresql://u:***@h/x"),
        ("postgresql://u@h/x", "postgresql://u@h/x"),
        ("postgresql://h/x?password=p&a=1", "postgresql://h/x?password=***&a=1"),
        ("sqlite:////a/b@c.db", "sqlite:////a/b@c.db"),
    ],
)
def test_passwords_in_urls_are_masked(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_a_wrong_config_file_is_one_sentence(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('teme = "nord"\n')
    done = run("--config", str(config), "doctor")
    assert done.code == 2
    assert "Did you mean theme?" in done.err


def test_db_info_backup_upgrade(board: Run, add: Add, tmp_path: Path) -> None:
    add("gpt")
    info = board("db", "info", "-o", "json").json
    assert info["dialect"] == "sqlite"
    assert info["revision"] == info["head"]
    target = tmp_path / "copy.db"
    done = board("db", "backup", str(target), "-o", "json")
    assert done.json == {"path": str(target), "size_bytes": target.stat().st_size}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert board("--database", str(target), "integrations", "list", "-o", "name").out == "gpt\n"
    again = board("db", "backup", str(target))
    assert again.code == 1
    assert board("db", "upgrade", "-o", "json").json["revision"] == info["head"]
    assert board("db", "upgrade", "--read-only").code == 1


def test_a_missing_folder_is_one_sentence(run: Run, tmp_path: Path) -> None:
    done = run("--database", f"sqlite:///{tmp_path}/no/b.db", "tenants", "list", "-o", "json")
    assert done.code == 1
    assert json.loads(done.err)["error"]["code"] == "database_missing"


def test_tenants(board: Run) -> None:
    assert board("tenants", "list", "-o", "json").json == {"items": [], "total": 0}
    made = board("tenants", "add", "acme", "--name", "Acme Ltd", "-o", "json").json
    assert (made["id"], made["name"]) == ("acme", "Acme Ltd")
    assert board("tenants", "list", "-o", "name").out == "acme\n"
    assert "Acme Ltd" in board("tenants", "list").out
    assert board("tenants", "add", "Not A Slug!").code == 2


def test_activity_lists_by_itself_and_by_name(board: Run, add: Add) -> None:
    add("gpt")
    alone = board("activity", "-o", "json").json
    named = board("activity", "list", "-o", "json").json
    assert alone == named
    assert "integration.created" in [item["action"] for item in alone["items"]]
    assert {item["origin"] for item in alone["items"]} == {"cli"}
    cut = board("activity", "--limit", "1", "-o", "json")
    assert len(cut.json["items"]) == 1
    assert "use --limit for more" in cut.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert done.code == 0
    assert "_LAMPBOARD_COMPLETE" in done.out
    assert run("completion", "tcsh").code == 2


@pytest.mark.processes
def test_completion_completes() -> None:
    asked = {"COMP_WORDS": "lampboard integrations ", "COMP_CWORD": "te"}
    done = subprocess.run(
        [sys.executable, "-m", "tui"],
        env={**os.environ, **asked, "_LAMPBOARD_COMPLETE": "fish_complete"},
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("plain,test\t")
