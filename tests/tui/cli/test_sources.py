from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tui.cli.sources import writes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Done, Run

SECRET = "canary-7f31d0c2"


class AddFile(Protocol):
    def __call__(self, name: str, *more: str) -> dict[str, Any]: ...


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (id)")
    connection.close()
    return path


@pytest.fixture
def add(board: Run, file: Path) -> AddFile:
    """Registers a source in a real SQLite file."""

    def call(name: str, *more: str) -> dict[str, Any]:
        done = sources(
            board, "add", "--name", name, "--technology", "sqlite",
            "--database-name", str(file), "-o", "json", *more,
        )  # fmt: skip
        assert done.code == 0, done.err
        record: dict[str, Any] = done.json
        return record

    return call


def sources(board: Run, *argv: str, stdin: str = "") -> Done:
    return board("sources", *argv, stdin=stdin)


def test_one_is_added_tested_and_listed_with_its_lamp(board: Run, add: AddFile) -> None:
    made = add("orders", "--tags", "prod,pii", "--owner-id", "ann", "--activate", "--test")
    assert (made["source_type"], made["status"]) == ("database", "active")
    done = sources(board, "test", "orders", "-o", "json")
    assert (done.code, done.json["state"]) == (0, "healthy")
    assert [stage["ok"] for stage in done.json["stages"]]
    listed = sources(board, "list", "tag:pii", "owner:ann", "health:healthy", "-o", "json").json
    assert [item["name"] for item in listed["items"]] == ["orders"]
    assert listed["items"][0]["last_connected"]
    table = sources(board, "list").out
    assert "● healthy" in table
    assert "prod pii" in table


def test_a_test_that_fails_says_where_and_why_and_ends_with_1(
    board: Run, add: AddFile, file: Path
) -> None:
    add("orders", "--activate")
    file.unlink()
    done = sources(board, "test", "orders")
    assert done.code == 1
    assert "✖ failing" in done.out
    assert "FAILED" in done.out
    assert sources(board, "show", "orders", "-o", "json").json["status"] == "error"


def test_all_that_match_are_tested_a_line_each(board: Run, add: AddFile) -> None:
    for name, tag in (("a", "prod"), ("b", "prod"), ("c", "test")):
        add(name, "--tags", tag, "--activate")
    done = sources(board, "test", "--all", "tag:prod")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == ["NAME", "a", "b"]
    assert "2 tested: 2 healthy." in done.err
    records = sources(board, "test", "--all", "-o", "json").json
    assert [(one["name"], one["state"]) for one in records["items"]] == [
        ("a", "healthy"),
        ("b", "healthy"),
        ("c", "healthy"),
    ]


def test_a_test_wants_one_name_or_all(board: Run, add: AddFile) -> None:
    add("orders")
    assert sources(board, "test").code == 2
    assert sources(board, "test", "orders", "orders").code == 2


def test_test_first_keeps_nothing_that_fails(board: Run, tmp_path: Path) -> None:
    where = str(tmp_path / "none.db")
    done = sources(
        board, "add", "--name", "x", "--technology", "sqlite", "--database-name", where, "--test"
    )
    assert done.code == 1
    assert "Nothing was saved." in done.err
    assert sources(board, "list", "-o", "json").json["total"] == 0


def test_a_connection_string_on_stdin_is_taken_apart_and_its_password_hidden(
    board: Run, tmp_path: Path
) -> None:
    done = sources(
        board, "add", "--name", "cache", "--url-stdin", "-o", "json",
        stdin=f"redis://app:{SECRET}@127.0.0.1:6380/2\n",
    )  # fmt: skip
    assert done.code == 0, done.err
    config = done.json["config"]
    assert (config["host"], config["port"], config["database"]) == ("127.0.0.1", 6380, "2")
    assert config["password"] == "***"
    said = done.out + done.err + sources(board, "show", "cache", "-o", "yaml").out
    assert SECRET not in said
    files = b"".join(item.read_bytes() for item in tmp_path.rglob("*") if item.is_file())
    assert SECRET.encode() not in files


def test_a_password_in_a_flag_is_refused_and_not_repeated(board: Run) -> None:
    url = f"postgresql://app:{SECRET}@db/orders"
    done = sources(board, "add", "--name", "x", "--url", url)
    assert done.code == 2
    assert "--url-stdin" in done.err
    assert SECRET not in done.err


def test_no_flag_takes_a_secret_itself() -> None:
    for command in (writes.add, writes.edit):
        flags = {flag for param in command.params for flag in param.opts}
        assert not flags & {"--password", "--api-key", "--oauth", "--connection-string"}


@pytest.mark.parametrize(
    ("argv", "field"),
    [
        (("--url", "postgresql://db:99999/x"), "connection_string"),
        (("--url", "postgresql://"), "connection_string"),
        (("--technology", "postgres", "--host", "db"), "technology"),
        (("--technology", "postgresql", "--host", "a b"), "host"),
        (("--technology", "postgresql", "--host", "db", "--port", "0"), "port"),
        (("--technology", "postgresql", "--tags", "two words"), "tags"),
        (("--technology", "postgresql", "--option", "region"), "option"),
        (("--host", "db"), "technology"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_field(
    board: Run, argv: tuple[str, ...], field: str
) -> None:
    done = sources(board, "add", "--name", "x", *argv, "-o", "json")
    assert done.code == 2, done
    assert json.loads(done.err)["error"]["field"] == field
    assert sources(board, "list", "-o", "json").json["total"] == 0


def test_steps_of_its_life(board: Run, add: AddFile) -> None:
    add("orders")
    for verb, status in (
        ("activate", "active"),
        ("deactivate", "inactive"),
        ("activate", "active"),
        ("deprecate", "deprecated"),
    ):
        assert sources(board, verb, "orders", "-o", "json").json["status"] == status
    assert sources(board, "delete", "orders").code == 2
    assert sources(board, "delete", "orders", "--yes", "--dry-run").err.startswith("Would delete")
    assert sources(board, "delete", "orders", "--yes", "-o", "json").json["deleted"] is True
    assert sources(board, "show", "orders").code == 1


def test_edit_changes_what_is_given_and_keeps_the_rest(board: Run, add: AddFile) -> None:
    add("orders", "--description", "all orders", "--option", "immutable=yes")
    done = sources(board, "edit", "orders", "--description", "", "--owner-id", "bob")
    assert done.code == 0, done.err
    shown = sources(board, "show", "orders", "-o", "json").json
    assert (shown["description"], shown["owner_id"]) == (None, "bob")
    assert shown["config"]["options"] == {"immutable": "yes"}
    assert sources(board, "edit", "orders").code == 2
    old = sources(board, "edit", "orders", "--owner-id", "eve", "--expected-version", "1")
    assert old.code == 1


def test_tags_and_roles_a_word_at_a_time(board: Run, add: AddFile) -> None:
    add("orders")
    assert sources(board, "tag", "orders", "pii", "eu", "-o", "json").json["tags"] == ["pii", "eu"]
    assert sources(board, "untag", "orders", "pii", "-o", "json").json["tags"] == ["eu"]
    granted = sources(board, "grant", "orders", "dba")
    assert "none of these roles" in granted.err


def test_roles_hide_a_source_from_those_without(
    board: Run, add: AddFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("orders")
    add("open")
    sources(board, "grant", "orders", "dba")
    assert sources(board, "list", "-o", "name").out == "open\n"
    assert sources(board, "show", "orders").code == 1
    assert sources(board, "stats", "-o", "json").json["total_sources"] == 1
    assert "orders" not in board("activity").out
    monkeypatch.setenv("LAMPBOARD_ROLES", "on-call,dba")
    assert sources(board, "list", "-o", "name").out == "open\norders\n"
    assert sources(board, "revoke", "orders", "dba", "-o", "json").json["access_roles"] == []


def test_several_roles_are_granted_together_though_none_is_ones_own(
    board: Run, add: AddFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("orders")
    assert sources(board, "grant", "orders", "dba", "on-call").code == 0
    monkeypatch.setenv("LAMPBOARD_ROLES", "dba")
    shown = sources(board, "show", "orders", "-o", "json").json
    assert shown["access_roles"] == ["dba", "on-call"]
    assert sources(board, "revoke", "orders", "dba", "on-call").code == 0


def test_the_technologies_are_listed_with_their_drivers(board: Run) -> None:
    every = sources(board, "technologies", "-o", "json").json["items"]
    assert {one["type"] for one in every} == {
        *("database", "document", "file", "vector", "api", "stream")
    }
    one = sources(board, "technologies", "postgresql").out
    assert "--password-prompt" in one
    assert "postgresql://" in one
    assert sources(board, "technologies", "postgres").code == 2


def test_statistics_count_what_there_is(board: Run, add: AddFile) -> None:
    add("a", "--activate")
    add("b")
    sources(board, "test", "a")
    told = sources(board, "stats", "-o", "json").json
    assert (told["total_sources"], told["active_sources"], told["pending_sources"]) == (2, 1, 1)
    assert told["sources_by_type"] == {"database": 2}
    assert told["total_connections"] == 1
