"""Which schema a database has, and bringing it to the newest one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import inspect, text

from storage.connect import raw_of
from storage.errors import DatabaseForeign, DatabaseNewer, StorageError
from storage.files import APPLICATION_ID, newer
from storage.isolation import IsolationDriver
from storage.migrations import HEAD, REVISIONS
from storage.tables import metadata

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

_VERSION = "SELECT version_num FROM alembic_version"
_REVISION = text(_VERSION)
# Every writing transaction has read the revision, and so holds the weakest lock on its table: this
# one waits until all of them are done, and whoever comes later finds the new revision.
_ALONE = (
    "SET LOCAL lock_timeout = '60s'",
    "SET LOCAL statement_timeout = 0",
    "LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE",
)
# Two operators may run `db upgrade` at once; the number is the word LAMP. Such a lock is the whole
# database's, and another schema's upgrade is nobody's business here.
_ONE_AT_A_TIME = text(f"SELECT pg_advisory_xact_lock({APPLICATION_ID}, hashtext(current_schema()))")


def has_revision_table(connection: Connection) -> bool:
    """Whether any schema was ever made here."""
    return inspect(connection).has_table("alembic_version")


def revision_of(connection: Connection) -> str | None:
    """The revision of the schema; None when the table is there but empty."""
    return connection.execute(_REVISION).scalar()


def check_encoding(connection: Connection, place: str) -> None:
    """Refuses a server's database that has no place for every character. It asks for nothing.

    What a target answers is anybody's text: it would be refused one day, and a monitor with it.

    Raises:
        StorageError: its encoding is another one than UTF8.
    """
    line = cast("psycopg.Connection", connection.connection.driver_connection)
    encoding = line.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StorageError(
            f"{place} is encoded as {encoding}; only UTF8 has a place for every text.",
            hint="Make another one: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
        )


def check_known(revision: str | None, place: str) -> None:
    """Refuses a schema that this release does not know.

    Raises:
        DatabaseNewer: it does not.
    """
    if revision not in REVISIONS:
        raise newer(place)


def check_current(connection: Connection, place: str) -> None:
    """Makes sure in a writing transaction that no newer release has changed the schema since.

    An older program that goes on beside it would write what the newer one misreads. It costs
    2 µs on SQLite and a round trip on a server.

    Raises:
        DatabaseNewer: one has; nothing may be written.
    """
    if connection.dialect.name == "sqlite":
        found = raw_of(connection).execute("PRAGMA user_version").fetchone()[0]
        current = found == len(REVISIONS)
    else:
        current = connection.exec_driver_sql(_VERSION).scalar() == HEAD
    if not current:
        raise DatabaseNewer(
            f"{place} was changed by another release of Lampboard while this one was at work; "
            "nothing more is written.",
            hint="Update Lampboard here too, then start it again.",
        )


def create(connection: Connection) -> None:
    """Makes the newest schema in an empty database.

    Straight from the declared tables rather than through every migration: a first start should
    not wait for Alembic. The tests prove that both ways lead to the same schema.
    """
    metadata.create_all(connection, checkfirst=False)
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    stamp(connection)


def stamp(connection: Connection) -> None:
    """Marks an SQLite file as ours and counts its revision, readable without opening it."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version={len(REVISIONS)}")


def migrate(connection: Connection) -> None:
    """Runs the migrations that are missing, in the transaction that is open."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    stamp(connection)


def migrate_server(connection: Connection, place: str) -> None:
    """Brings a shared server's schema up to date, alone.

    Raises:
        DatabaseNewer: it is ahead of this release.
        DatabaseForeign: the schema holds somebody else's tables of the same names.
        StorageError: the database's encoding is not UTF8.
    """
    check_encoding(connection, place)
    connection.execute(_ONE_AT_A_TIME)
    if has_revision_table(connection):
        for statement in _ALONE:
            connection.exec_driver_sql(statement)
        check_known(revision_of(connection), place)
    elif taken := set(inspect(connection).get_table_names()) & set(metadata.tables):
        raise DatabaseForeign(
            f"{place} holds tables of another program: {', '.join(sorted(taken))}.",
            hint="Use a database or schema of its own.",
        )
    migrate(connection)
    IsolationDriver(connection).renew()
