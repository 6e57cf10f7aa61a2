"""Which schema a database has, and bringing it to the newest one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from storage.errors import DatabaseForeign
from storage.files import APPLICATION_ID, newer
from storage.migrations import HEAD, REVISIONS
from storage.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REVISION = text("SELECT version_num FROM alembic_version")
# Two operators may run `db upgrade` at once; the number is the word LAMP. Such a lock is the whole
# database's, and another schema's upgrade is nobody's business here.
_ONE_AT_A_TIME = text(f"SELECT pg_advisory_xact_lock({APPLICATION_ID}, hashtext(current_schema()))")


def has_revision_table(connection: Connection) -> bool:
    """Whether any schema was ever made here."""
    return inspect(connection).has_table("alembic_version")


def revision_of(connection: Connection) -> str | None:
    """The revision of the schema; None when the table is there but empty."""
    return connection.execute(_REVISION).scalar()


def check_known(revision: str | None, place: str) -> None:
    """Refuses a schema that this release does not know.

    Raises:
        DatabaseNewer: it does not.
    """
    if revision not in REVISIONS:
        raise newer(place)


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
    """
    connection.execute(_ONE_AT_A_TIME)
    if has_revision_table(connection):
        check_known(revision_of(connection), place)
    elif taken := set(inspect(connection).get_table_names()) & set(metadata.tables):
        raise DatabaseForeign(
            f"{place} holds tables of another program: {', '.join(sorted(taken))}.",
            hint="Use a database or schema of its own.",
        )
    migrate(connection)
