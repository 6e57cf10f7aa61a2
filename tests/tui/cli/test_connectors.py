from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tui.cli.connectors import writes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Done, Run

SECRET = "canary-2c9e77aa"


class AddSql(Protocol):
    def __call__(self, name: str, *more: str) -> dict[str, Any]: ...


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (id INTEGER, total REAL)")
    connection.close()
    return path


@pytest.fixture
def add(board: Run, file: Path) -> AddSql:
    """Registers a connector to a real SQLite file."""

    def call(name: str, *more: str) -> dict[str, Any]:
        done = connectors(
            board, "add", "--name", name, "--type", "sql", "--technology", "sqlite",
            "--database-name", str(file), "-o", "json", *more,
        )  # fmt: skip
        assert done.code == 0, done.err
        record: dict[str, Any] = done.json
        return record

    return call


def connectors(board: Run, *argv: str, stdin: str = "") -> Done:
    return board("connectors", *argv, stdin=stdin)


def test_one_is_added_tested_and_listed_with_its_lamp(board: Run, add: AddSql) -> None:
    made = add("reports", "--tags", "prod", "--max-rows", "50", "--test")
    assert (made["connector_type"], made["status"]) == ("sql", "registered")
    assert made["config"]["max_rows"] == 50
    done = connectors(board, "test", "reports", "-o", "json")
    assert (done.code, done.json["state"]) == (0, "healthy")
    listed = connectors(board, "list", "type:sql", "tag:prod", "-o", "json").json
    assert [(one["name"], one["status"]) for one in listed["items"]] == [("reports", "connected")]
    assert "● healthy" in connectors(board, "list").out


def test_what_the_other_side_can_do_is_asked_and_kept(board: Run, add: AddSql) -> None:
    add("reports")
    told = connectors(board, "discover", "reports", "-o", "json").json
    assert "orders" in json.dumps(told["discovered"])
    assert "orders" in connectors(board, "discover", "reports").out
    shown = connectors(board, "show", "reports", "-o", "json").json
    assert shown["discovered"] == told["discovered"]


def test_all_that_match_are_tested_and_one_that_fails_ends_it_with_1(
    board: Run, add: AddSql, file: Path
) -> None:
    add("a")
    add("b")
    assert connectors(board, "test", "--all").code == 0
    file.unlink()
    done = connectors(board, "test", "--all")
    assert done.code == 1
    assert "2 tested: 2 failing." in done.err


def test_steps_of_its_life(board: Run, add: AddSql) -> None:
    add("reports")
    for verb, status in (("disconnect", "disconnected"), ("connect", "ready")):
        assert connectors(board, verb, "reports", "-o", "json").json["status"] == status
    assert connectors(board, "deprecate", "reports", "-o", "json").json["status"] == "deprecated"
    assert connectors(board, "delete", "reports", "--yes", "-o", "json").json["deleted"] is True
    assert connectors(board, "show", "reports").code == 1


def test_a_secret_comes_by_stdin_and_is_hidden(board: Run, tmp_path: Path) -> None:
    done = connectors(
        board, "add", "--name", "billing", "--type", "http", "--url", "http://127.0.0.1:9/v1",
        "--allow", "GET /v1/**", "--api-key-stdin", "-o", "json", stdin=SECRET + "\n",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert SECRET not in done.out + done.err + connectors(board, "show", "billing").out
    files = b"".join(item.read_bytes() for item in tmp_path.rglob("*") if item.is_file())
    assert SECRET.encode() not in files


def test_no_flag_takes_a_secret_itself() -> None:
    for command in (writes.add, writes.edit):
        flags = {flag for param in command.params for flag in param.opts}
        assert not flags & {"--password", "--api-key", "--oauth", "--connection-string"}


@pytest.mark.parametrize(
    ("argv", "field"),
    [
        (("--type", "ftp", "--host", "h"), "connector_type"),
        (("--type", "sql", "--technology", "redis", "--host", "h"), "technology"),
        (("--type", "sql", "--host", "h"), "technology"),
        (("--type", "sql", "--technology", "sqlite", "--max-rows", "0"), "max_rows"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_field(
    board: Run, argv: tuple[str, ...], field: str
) -> None:
    done = connectors(board, "add", "--name", "x", *argv, "-o", "json")
    assert done.code == 2, done
    assert json.loads(done.err)["error"]["field"] == field
    assert connectors(board, "list", "-o", "json").json["total"] == 0


def test_edit_changes_what_is_given_and_keeps_the_rest(board: Run, add: AddSql) -> None:
    made = add("reports", "--max-rows", "50")
    done = connectors(board, "edit", "reports", "--timeout-seconds", "5", "-o", "json")
    assert done.code == 0, done.err
    assert (done.json["config"]["max_rows"], done.json["config"]["timeout_seconds"]) == (50, 5)
    stale = str(made["version"])
    old = connectors(board, "edit", "reports", "--owner-id", "eve", "--expected-version", stale)
    assert old.code == 1


def test_types_and_statistics(board: Run, add: AddSql) -> None:
    add("reports")
    types = connectors(board, "types", "-o", "json").json["items"]
    assert {one["name"] for one in types} >= {
        *("http", "sql", "mcp", "vector", "file", "serverless", "stream", "custom")
    }
    told = connectors(board, "stats", "-o", "json").json
    assert (told["total_connectors"], told["connectors_by_type"]) == (1, {"sql": 1})
