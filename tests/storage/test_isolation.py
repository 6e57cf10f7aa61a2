"""A role that is kept to a tenant tries, in every table and every way, to get at another's rows."""

from __future__ import annotations

import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine, insert, make_url
from sqlalchemy.exc import DBAPIError

from storage.database import Database, upgrade
from storage.errors import RoleRefused
from storage.isolation import IsolationDriver, TenantRoleRow
from storage.tables import incident_events, incidents, metadata, silences
from storage.tables.isolation import READ_ONLY, links
from tests.servers.schemas import migrated_schema
from tests.storage.conftest import NOW
from tests.storage.rows_of_all import TENANTS, fill, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection as Orm
    from sqlalchemy import Engine

MINE, THEIRS = TENANTS
TABLES = sorted(metadata.tables)
OF_NOBODY = READ_ONLY | {"revisions"}
OWNED = [name for name in TABLES if name not in OF_NOBODY]
REFUSED = (errors.InsufficientPrivilege,)


@dataclass(frozen=True)
class World:
    """A schema with a row of each tenant everywhere, and roles that are kept to the first."""

    url: str
    role: str
    guest: str
    third: str

    def line(self, role: str | None = None) -> psycopg.Connection:
        return psycopg.connect(make_conninfo(self.url, user=role or self.role))

    def engine(self, role: str | None = None) -> Engine:
        url = make_url(self.url).set(drivername="postgresql+psycopg", username=role or self.role)
        return create_engine(url)


@contextmanager
def roles(url: str, *wishes: str) -> Iterator[list[str]]:
    """Make roles of unique names with these attributes; drop them with all they were granted."""
    names = [f"lampboard_{uuid.uuid4().hex}" for _ in wishes]
    with psycopg.connect(url, autocommit=True) as owner:
        for name, wish in zip(names, wishes, strict=True):
            owner.execute(f"CREATE ROLE {name} {wish}")
        try:
            yield names
        finally:
            for name in names:
                owner.execute(f"DROP OWNED BY {name}")
                owner.execute(f"DROP ROLE {name}")


def grant(database: Database, role: str, *tenants: str, read_only: bool = False) -> None:
    rows = [
        TenantRoleRow(role=role, tenant_id=tenant, read_only=read_only, granted_at=NOW)
        for tenant in tenants
    ]
    with database.write() as connection:
        IsolationDriver(connection).grant(rows)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with migrated_schema() as url, roles(url, "LOGIN", "LOGIN", "LOGIN") as (role, guest, third):
        database = Database.open(url)
        with database.write() as connection:
            fill(connection)
            common = row(incidents, MINE) | {"number": 3, "tenant_id": None, "key": "monitor:x:1"}
            connection.execute(insert(incidents).values(common | {"target_number": None}))
            connection.execute(
                insert(silences).values(row(silences, MINE) | {"id": "all", "tenant_id": None})
            )
            said = row(incident_events, MINE) | {"id": 3, "incident_number": 3}
            connection.execute(insert(incident_events).values(said))
        grant(database, role, MINE)
        grant(database, guest, MINE, read_only=True)
        grant(database, third, THEIRS)
        yield World(url=url, role=role, guest=guest, third=third)
        database.close()


@pytest.fixture
def line(world: World) -> Iterator[psycopg.Connection]:
    with closing(world.line()) as opened:
        yield opened


@pytest.fixture
def orm(world: World) -> Iterator[Orm]:
    engine = world.engine()
    with engine.connect() as connection:
        yield connection
    engine.dispose()


pytestmark = pytest.mark.postgres


def keys(name: str) -> sql.Composed:
    """The columns of a table's primary key."""
    return sql.SQL(", ").join(sql.Identifier(key.name) for key in metadata.tables[name].primary_key)


def seen(name: str) -> set[tuple[Any, ...]]:
    """The keys that the role is to see."""
    table = metadata.tables[name]
    own = {tuple(_stored(row(table, MINE)[key.name]) for key in table.primary_key)}
    shared = {"incidents": {(3,)}, "silences": {("all",)}, "incident_events": {(3,)}}
    return own | shared.get(name, set())


def _stored(value: Any) -> Any:
    return int(NOW.timestamp() * 1000) if value == NOW else value


@pytest.mark.parametrize("name", OWNED)
def test_it_reads_its_own_rows_alone(line: psycopg.Connection, name: str) -> None:
    asked = sql.SQL("SELECT {} FROM {}").format(keys(name), sql.Identifier(name))
    assert set(line.execute(asked).fetchall()) == seen(name)
    counted = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
    assert line.execute(counted).fetchone() == (len(seen(name)),)
    copied = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))
    with line.cursor() as cursor, cursor.copy(copied) as copy:
        assert len(list(copy.rows())) == len(seen(name))
    xml = sql.SQL("SELECT table_to_xml({}, true, false, '')").format(sql.Literal(name))
    told = line.execute(xml).fetchone()
    assert told is not None
    assert f"{THEIRS}-{name}" not in told[0]


@pytest.mark.parametrize("name", OWNED)
def test_it_changes_no_row_of_others(line: psycopg.Connection, name: str) -> None:
    table, theirs = metadata.tables[name], row(metadata.tables[name], THEIRS)
    column = next(iter(table.primary_key)).name
    where = sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(key.name), _stored(theirs[key.name]))
        for key in table.primary_key
    )
    target, named = sql.Identifier(name), sql.Identifier(column)
    for statement in (
        sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(target, named, named, where),
        sql.SQL("DELETE FROM {} WHERE {}").format(target, where),
    ):
        try:
            assert line.execute(statement).rowcount == 0
        except errors.RestrictViolation:
            assert name.startswith("prevention_")  # ledgers let nobody change anything
        line.rollback()
    with pytest.raises(REFUSED):
        line.execute(sql.SQL("TRUNCATE {} CASCADE").format(target))


@pytest.mark.parametrize("name", OWNED)
def test_it_adds_no_row_of_others(orm: Orm, line: psycopg.Connection, name: str) -> None:
    table = metadata.tables[name]
    with pytest.raises(DBAPIError) as caught:
        orm.execute(insert(table).values(row(table, THEIRS)))
    assert isinstance(caught.value.orig, REFUSED)
    copied = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
    refused = pytest.raises((*REFUSED, errors.FeatureNotSupported))
    with refused, line.cursor() as cursor, cursor.copy(copied):
        pass


POINTING = [(name, link[0]) for name in OWNED for link in links(metadata.tables[name])]


@pytest.mark.parametrize(("name", "column"), POINTING)
def test_it_points_to_no_row_of_others(orm: Orm, name: str, column: str) -> None:
    table = metadata.tables[name]
    pointing = row(table, MINE) | {column: row(table, THEIRS)[column]}
    with pytest.raises(DBAPIError) as caught:
        orm.execute(insert(table).values(pointing))
    assert isinstance(caught.value.orig, REFUSED)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("alert_routes", {"id": "new", "all_tenants": True}),
        ("incidents", {"number": 9, "key": "lamp:2"}),
        ("incidents", {"number": 9, "key": "provider:other:openai"}),
        ("incidents", {"number": 9, "key": "limit:2:budget"}),
        ("incidents", {"number": 9, "key": "monitor:host:7"}),
        ("incidents", {"number": 9, "tenant_id": None}),
        ("silences", {"id": "new", "tenant_id": None}),
        ("incident_events", {"id": 9, "incident_number": 3}),
        ("reservations", {"id": "new", "meters": "1,2"}),
    ],
)
def test_what_monitors_act_upon_for_everybody_is_not_its_to_write(
    orm: Orm, name: str, values: dict[str, Any]
) -> None:
    table = metadata.tables[name]
    with pytest.raises(DBAPIError) as caught:
        orm.execute(insert(table).values(row(table, MINE) | values))
    assert isinstance(caught.value.orig, REFUSED)


@pytest.mark.parametrize(
    "key", ["provider:acme:openai", "limit:1:budget", "credential:acme:env://X", "ledger:acme"]
)
def test_its_own_incidents_are_its_to_open(orm: Orm, key: str) -> None:
    made = insert(incidents).values(row(incidents, MINE) | {"number": 9, "key": key})
    assert orm.execute(made.returning(incidents.c.key)).scalar() == key


@pytest.mark.parametrize("name", [name for name in OWNED if "tenant_id" in metadata.tables[name].c])
def test_it_gives_no_row_away(line: psycopg.Connection, name: str) -> None:
    given = sql.SQL("UPDATE {} SET tenant_id = {}").format(sql.Identifier(name), THEIRS)
    with pytest.raises((*REFUSED, errors.RestrictViolation)):
        line.execute(given)


def test_a_common_row_is_read_and_not_changed(line: psycopg.Connection) -> None:
    for name, key, value in (("incidents", "number", 3), ("silences", "id", "all")):
        said = sql.SQL("UPDATE {} SET version = 2 WHERE {} = {}")
        done = line.execute(said.format(sql.Identifier(name), sql.Identifier(key), value))
        assert done.rowcount == 0


def test_what_is_nobodys_is_read_alone(line: psycopg.Connection, world: World) -> None:
    for name in sorted(READ_ONLY - {"tenant_roles"}):
        assert line.execute(sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(name))).rowcount == 2
    assert line.execute("SELECT role, tenant_id FROM tenant_roles").fetchall() == [
        (world.role, MINE)
    ]
    line.execute("UPDATE revisions SET revision = revision + 1")
    line.rollback()
    deleted = (*OF_NOBODY, "alembic_version")
    statements = [f"DELETE FROM {name}" for name in deleted]  # noqa: S608
    statements += [f"INSERT INTO {name} DEFAULT VALUES" for name in READ_ONLY]
    statements.append("UPDATE alembic_version SET version_num = '9999'")
    statements.append("UPDATE tenant_roles SET tenant_id = 'other'")
    for statement in statements:
        with pytest.raises(REFUSED):
            line.execute(statement)
        line.rollback()


def test_no_other_way_leads_further(line: psycopg.Connection, world: World) -> None:
    with closing(psycopg.connect(world.url)) as owner:
        owner_name = owner.info.user
    attempts = [
        f"SET ROLE {world.third}",
        f"SET ROLE {owner_name}",
        f"SET SESSION AUTHORIZATION {owner_name}",
        f"GRANT {owner_name} TO {world.role}",
        f"ALTER ROLE {world.role} BYPASSRLS",
        "ALTER TABLE targets DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE targets OWNER TO current_user",
        "CREATE POLICY all_of_it ON targets USING (true)",
        "DROP POLICY isolation ON targets",
        "CREATE TRIGGER mine BEFORE INSERT ON targets EXECUTE FUNCTION prevention_refuse()",
        "CREATE VIEW mine AS SELECT * FROM targets",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SELECT setval('targets_number_seq', 1)",
        "SELECT last_value FROM targets_number_seq",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT lo_import('/etc/hostname')",
        "COPY targets TO PROGRAM 'cat'",
        "COPY targets TO '/tmp/lampboard-isolation'",
        "SET row_security = off; SELECT * FROM targets",
        "SELECT * FROM pg_authid",
    ]
    for attempt in attempts:
        with pytest.raises(REFUSED):
            line.execute(attempt)
        line.rollback()


def test_other_schemas_are_closed(line: psycopg.Connection) -> None:
    with migrated_schema() as url:
        name = url.rpartition("search_path%3D")[2]
        with pytest.raises(REFUSED):
            line.execute(sql.SQL("SELECT * FROM {}.targets").format(sql.Identifier(name)))


def test_what_it_makes_for_itself_sees_no_more(line: psycopg.Connection) -> None:
    told: list[str] = []
    line.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
    line.execute(
        "CREATE FUNCTION pg_temp.leak(said text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001"
        " AS $$ BEGIN RAISE NOTICE '%', said; RETURN true; END $$"
    )
    line.execute("CREATE TEMP VIEW mine AS SELECT * FROM targets")
    assert line.execute("SELECT tenant_id FROM mine").fetchall() == [(MINE,)]
    # A cheap function is asked before what is dear, but never before the policy.
    line.execute("SELECT 1 FROM targets WHERE pg_temp.leak(id)")
    line.execute("DO $$ BEGIN PERFORM pg_temp.leak(t.id) FROM targets t; END $$")
    assert told == [f"{MINE}-targets"] * 2


def test_statistics_of_columns_are_hidden(line: psycopg.Connection, world: World) -> None:
    with closing(psycopg.connect(world.url, autocommit=True)) as owner:
        owner.execute("ANALYZE targets")
        asked = "SELECT 1 FROM pg_stats WHERE schemaname = current_schema()"
        assert owner.execute(asked).rowcount > 0
    assert line.execute(asked).rowcount == 0


def test_a_guest_changes_nothing_at_all(world: World) -> None:
    with closing(world.line(world.guest)) as line:
        assert line.execute("SELECT tenant_id FROM targets").fetchall() == [(MINE,)]
        for name in TABLES:
            deleted = f"DELETE FROM {name}"  # noqa: S608
            for statement in (deleted, f"INSERT INTO {name} DEFAULT VALUES"):
                with pytest.raises(REFUSED):
                    line.execute(statement)
                line.rollback()
        with pytest.raises(REFUSED):
            line.execute("SELECT nextval('targets_number_seq')")


def test_a_role_that_is_let_go_sees_nothing_and_one_of_two_tenants_both(world: World) -> None:
    database = Database.open(world.url)
    with roles(world.url, "LOGIN") as (role,):
        grant(database, role, MINE, THEIRS)
        with closing(world.line(role)) as line:
            assert line.execute("SELECT 1 FROM targets").rowcount == 2
        grant(database, role, THEIRS)
        with closing(world.line(role)) as line:
            assert line.execute("SELECT tenant_id FROM targets").fetchall() == [(THEIRS,)]
        with database.write() as connection:
            assert IsolationDriver(connection).remove(role) == 1
            assert IsolationDriver(connection).remove(role) == 0
        with closing(world.line(role)) as line, pytest.raises((*REFUSED, errors.UndefinedTable)):
            line.execute("SELECT 1 FROM targets")
    database.close()


def test_an_upgrade_grants_anew(world: World) -> None:
    with closing(psycopg.connect(world.url, autocommit=True)) as owner:
        owner.execute(f"REVOKE ALL ON targets FROM {world.role}")
    upgrade(world.url)
    with closing(world.line()) as line:
        assert line.execute("SELECT tenant_id FROM targets").fetchall() == [(MINE,)]


@pytest.mark.parametrize(
    "wish", ["SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION", "IN ROLE pg_read_server_files"]
)
def test_a_role_beyond_policies_is_refused(world: World, wish: str) -> None:
    database = Database.open(world.url)
    with roles(world.url, f"LOGIN {wish}") as (role,), pytest.raises(RoleRefused):
        grant(database, role, MINE)
    with roles(world.url, "LOGIN") as (role,):
        with closing(psycopg.connect(world.url, autocommit=True)) as owner:
            owner.execute(f"GRANT {owner.info.user} TO {role}")
        with pytest.raises(RoleRefused, match="member"):
            grant(database, role, MINE)
    with pytest.raises(RoleRefused, match="no role"):
        grant(database, 'no "such" 100% role', MINE)
    database.close()


def test_a_file_has_no_roles(sqlite: Database) -> None:
    with pytest.raises(RoleRefused, match="file"):
        grant(sqlite, "anybody", MINE)
