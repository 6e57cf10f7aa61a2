"""`lampboard db isolate`: granting, listing and taking away, and what cannot be granted."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.servers.schemas import as_role, migrated_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.cli.conftest import Run


@pytest.fixture
def server() -> Iterator[tuple[str, str]]:
    """The URL of a schema, and a role that nobody has granted anything."""
    role = f"lampboard_{uuid.uuid4().hex}"
    with migrated_schema() as url, psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN")
        yield url, role
        owner.execute(f"DROP OWNED BY {role}")
        owner.execute(f"DROP ROLE {role}")


@pytest.mark.postgres
def test_a_role_is_kept_to_tenants_and_let_go(board: Run, server: tuple[str, str]) -> None:
    url, role = server
    for tenant in ("acme", "beta", "gamma"):
        assert board("--database", url, "tenants", "add", tenant).code == 0
    asked = ("--database", url, "db", "isolate")
    made = board(*asked, role, "--tenant", "acme", "--and", "beta", "--look-only", "-o", "json")
    assert (made.json["tenants"], made.json["read_only"]) == (["acme", "beta"], True)
    listed = board(*asked, "-o", "json").json["items"]
    assert [item["role"] for item in listed] == [role]
    shown = board(*asked).out.splitlines()[1]
    assert re.fullmatch(rf"{role} +acme beta +yes +[-\d]+ [:\d]+Z", shown)
    theirs = as_role(url, role)
    assert board("--database", theirs, "tenants", "list", "-o", "name").out == "acme\nbeta\n"
    refused = board("--database", theirs, "tenants", "add", "delta")
    assert (refused.code, "Traceback" in refused.err) == (1, False)
    assert "does not let this role" in refused.err
    assert board(*asked, role, "--remove").code == 0
    assert board(*asked, "-o", "json").json["items"] == []
    assert board("--database", theirs, "tenants", "list").code == 1
    assert board(*asked, role, "--remove").code == 1


@pytest.mark.postgres
def test_what_cannot_be_granted(board: Run, server: tuple[str, str]) -> None:
    url, role = server
    asked = ("--database", url, "db", "isolate")
    assert "no such tenant" in board(*asked, role, "--tenant", "nobody").err
    board("--database", url, "tenants", "add", "acme")
    assert "no role" in board(*asked, "nobody", "--tenant", "acme").err
    with psycopg.connect(url) as line:
        owner = line.info.user
    assert "beyond every policy" in board(*asked, owner, "--tenant", "acme").err
    assert board(*asked, role, "--tenant", "acme", "--read-only").code == 1


def test_a_file_is_told_to_move(board: Run) -> None:
    board("tenants", "add", "acme")
    done = board("db", "isolate", "somebody", "--tenant", "acme")
    assert (done.code, "db copy" in done.err) == (1, True)
    assert "No role" in board("db", "isolate").err


@pytest.mark.parametrize(
    "words", [("--look-only",), ("--remove",), ("role", "--remove", "--look-only")]
)
def test_what_makes_no_sense_is_refused(board: Run, words: tuple[str, ...]) -> None:
    assert board("db", "isolate", *words).code == 2
