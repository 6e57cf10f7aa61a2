"""The statements that make a role: they run, and the role can select and nothing else."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.gateway.roles import role_statements
from tests.servers.provided import missing
from tests.storage.conftest import POSTGRES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg


@pytest.fixture
def server() -> Iterator[psycopg.Connection]:
    """The machine's PostgreSQL, asked as a superuser."""
    import psycopg

    try:
        connection = psycopg.connect(POSTGRES.replace("+psycopg", ""), autocommit=True)
    except psycopg.OperationalError as error:
        missing("postgresql", f"PostgreSQL does not answer: {error}")
    with connection:
        yield connection


def test_the_role_reads_what_it_was_given_and_nothing_else(server: psycopg.Connection) -> None:
    import psycopg

    name = f"lampboard {uuid.uuid4().hex[:8]}"
    server.execute(f'CREATE SCHEMA "{name}"')
    server.execute(f'CREATE TABLE "{name}".open (a int)')
    try:
        told = role_statements("postgres", name, schemas=[name], database=server.info.dbname)
        for statement in told:
            server.execute(statement)  # type: ignore[call-overload]
        server.execute(f'SET ROLE "{name}"')
        assert server.execute(f'TABLE "{name}".open').fetchall() == []
        for refused in (
            f'TRUNCATE "{name}".open',
            f'CREATE TABLE "{name}".more (a int)',
            "SELECT * FROM pg_authid",
            "CREATE ROLE another",
            "SELECT pg_read_file('PG_VERSION')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                server.execute(refused)  # type: ignore[call-overload]
    finally:
        server.execute("RESET ROLE")
        server.execute(f'DROP SCHEMA "{name}" CASCADE')
        server.execute(f'DROP OWNED BY "{name}"')
        server.execute(f'DROP ROLE "{name}"')


def test_names_are_quoted_whatever_they_are() -> None:
    told = role_statements("postgres", 'a"; DROP', schemas=['b"'], tables=["c.d"], database='e"')
    assert 'GRANT USAGE ON SCHEMA "b""" TO "a""; DROP"' in told
    assert 'GRANT SELECT ON TABLE "c"."d" TO "a""; DROP"' in told
    assert 'GRANT CONNECT ON DATABASE "e""" TO "a""; DROP"' in told
    told = role_statements("mysql", "a`b", schemas=["my_shop%"], tables=["c.d`"])
    assert told[1] == r"GRANT SELECT ON `my\_shop\%`.* TO `a``b`@'%'"
    assert told[2] == "GRANT SELECT ON `c`.`d``` TO `a``b`@'%'"


def test_nobody_can_log_in_by_it_yet() -> None:
    for dialect in ("postgres", "mysql"):
        told = role_statements(dialect, "reader", schemas=["public"])
        assert "password" not in " ".join(told[:-1]).lower()
        assert told[-1].startswith("-- Then ")
    assert "ACCOUNT LOCK" in told[0]


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb"])
def test_files_need_none_and_it_is_said_why(dialect: str) -> None:
    (told,) = role_statements(dialect, "reader")
    assert told.startswith("-- ")
    assert "has no roles" in told


@pytest.mark.parametrize(
    ("dialect", "role", "more", "field"),
    [
        ("oracle", "reader", {"schemas": ["x"]}, "dialect"),
        ("postgres", "", {"schemas": ["x"]}, "role"),
        ("postgres", "a\nb", {"schemas": ["x"]}, "role"),
        ("postgres", "a" * 64, {"schemas": ["x"]}, "role"),
        ("mysql", "a" * 33, {"schemas": ["x"]}, "role"),
        ("postgres", "reader", {}, "schema"),
        ("postgres", "reader", {"schemas": ["\x1b"]}, "schema"),
        ("postgres", "reader", {"tables": ["orders"]}, "table"),
        ("postgres", "reader", {"schemas": ["x"], "database": ""}, "database"),
    ],
)
def test_what_cannot_be_a_name_is_refused(
    dialect: str, role: str, more: dict[str, list[str]], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        role_statements(dialect, role, **more)  # type: ignore[arg-type]
    assert caught.value.field == field
