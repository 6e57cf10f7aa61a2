"""Templates, ledgers and credentials on databases that are old, locked, full or read-only."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, Table, create_engine, insert

from storage import migrations
from storage.files import APPLICATION_ID
from tests.servers.provided import missing
from tests.system.children import PATIENCE_S
from tests.system.governed import RECORD, everything, stock
from tests.system.test_databases import check_integrity, locked, mounted
from tests.system.test_old_database import AT, integrations, lamps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.program import Program

pytestmark = pytest.mark.processes
POSTGRES = os.environ.get("LAMPBOARD_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
LATER, FAILED = 3, 1
WRITING = (
    RECORD,
    ("gateway", "templates", "add", "--source=shop", "--name=n", "--sql=SELECT 1"),
    ("gateway", "run", "by-id", "least=1"),
    ("credentials", "set", "env://MORE"),
)


def test_a_full_disk_keeps_what_there_is(program: Program) -> None:
    stock(program)
    before = everything(program)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    for argv in WRITING:
        done = program.run(*argv, before=full)
        assert done.code == LATER, done
        assert "full" in done.err, done
        assert not done.out, done
    assert everything(program) == before
    assert program.run("prevention", "verify").code == 0
    check_integrity(program.path)


def test_a_lock_and_a_read_only_disk_are_said(program: Program) -> None:
    stock(program)
    with locked(program.path):
        for done in program.many(*WRITING[:2]):
            assert done.code == LATER, done
            assert "locked by another process" in done.err, done
    where = program.path.parent
    with mounted(where, ("--bind", str(where)), ("-o", "remount,ro,bind")):
        for done in program.many(*WRITING):
            assert done.code == FAILED, done
            assert "Traceback" not in done.err, done
            assert not done.out, done
        looked = program.many(
            *(("--read-only", *line.split()) for line in (
                "gateway templates list", "prevention list", "prevention verify",
                "credentials list", "credentials show env://LISTED",
            ))
        )  # fmt: skip
        assert {done.code for done in looked} == {0}, looked


def write_0003(path: Path) -> None:
    """Make the tables by the migrations of 0.3, with integrations of three tenants."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        found = MetaData()
        tenants = [
            {"id": one, "name": one, "sort_name": one, "created_at": AT}
            for one in ("acme", "globex", "initech")
        ]
        rows = [{**row, "credential_ref": f"env://KEY_{row['id'][-1]}"} for row in integrations()]
        uses = [
            {"kind": "integration", "thing_id": row["id"]}
            | {name: row[name] for name in ("tenant_id", "credential_ref")}
            for row in rows
            if row["deleted_at"] is None
        ]
        for name, told in {
            "tenants": tenants,
            "integrations": rows,
            "targets": lamps(),
            "secret_uses": uses,
        }.items():
            connection.execute(insert(Table(name, found, autoload_with=connection)), told)
    engine.dispose()
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
        raw.execute("PRAGMA user_version=3")
    raw.close()
    path.chmod(0o600)


def assert_listed(program: Program) -> None:
    """Each reference of a thing that is there is listed, once a tenant, with who uses it."""
    for tenant in ("acme", "globex"):
        told = program.run("--tenant", tenant, "credentials", "list", "--all", "-o", "json")
        assert told.code == 0, told.err
        used = {one["reference"]: one["used"] for one in told.json["items"]}
        assert {f"env://KEY_{place}" for place in range(3)} <= used.keys(), used
        assert all(used[f"env://KEY_{place}"] == 1 for place in range(3)), used
    assert program.run("doctor", "-o", "json").code in {0, 1}
    check_integrity(program.path)


def test_a_database_of_before_lists_its_references(program: Program) -> None:
    write_0003(program.path)
    done = program.run("db", "upgrade")
    assert done.code == 0, done.err
    (backup,) = [one for one in program.path.parent.iterdir() if "backup" in one.name]
    assert backup.stat().st_mode & 0o777 == 0o600
    assert_listed(program)
    assert program.run(*RECORD).code == 0
    assert program.run("prevention", "verify").code == 0
    refused = program.run("credentials", "delete", "--yes", "env://KEY_0")
    assert refused.code == FAILED, refused
    assert "gpt-prod" in refused.err


@pytest.mark.parametrize(("name", "at"), [("create_table", 2), ("create_index", 5), ("execute", 4)])
def test_a_migration_that_is_killed_is_done_again(program: Program, name: str, at: int) -> None:
    write_0003(program.path)
    code = (
        "import os, signal, sys\n"
        "import alembic.op as op\n"
        f"made, count = op.{name}, [0]\n"
        "def dying(*words, **more):\n"
        "    count[0] += 1\n"
        f"    if count[0] == {at}:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return made(*words, **more)\n"
        f"op.{name} = dying\n"
        "from tui.__main__ import main\n"
        "sys.argv = ['lampboard', 'db', 'upgrade']\n"
        "sys.exit(main())\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=program.folder,
        env=program.environment(),
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed
    done = program.run("db", "upgrade")
    assert done.code == 0, done.err
    assert_listed(program)


@pytest.fixture
def on_postgres(program: Program) -> Iterator[Program]:
    """The program with its data on a PostgreSQL, in a database of this test's own."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    name = f"governed_{uuid.uuid4().hex[:12]}"
    try:
        admin = psycopg.connect(POSTGRES, autocommit=True)
    except psycopg.OperationalError as error:
        missing("postgresql", f"PostgreSQL does not answer ({type(error).__name__})")
    with admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        told = conninfo_to_dict(POSTGRES)
        at = f"{told.get('host', '127.0.0.1')}:{told.get('port', 5432)}"
        program.extra["LAMPBOARD_DATABASE"] = f"postgresql://{told['user']}@{at}/{name}"
    with psycopg.connect(POSTGRES, autocommit=True) as again:
        yield program
        again.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.postgres
def test_all_of_it_on_postgresql(on_postgres: Program) -> None:
    assert on_postgres.run("db", "upgrade").code == 0
    made = stock(on_postgres)
    told = on_postgres.many(
        ("prevention", "verify"), ("prevention", "graduation", "p"), ("credentials", "rotate"),
        ("credentials", "test", made["reference"]), ("gateway", "templates", "retire", "by-id"),
        ("credentials", "delete", "--yes", made["reference"]),
        ("prevention", "record", "--jsonl=-"),
        ("gateway", "run", "by-id", "least=1"), ("gateway", "run", "by-name", "name=ann"),
    )  # fmt: skip
    assert [done.code for done in told] == [0] * 6 + [2, 1, 0], told
    assert not [done for done in told if "Traceback" in done.said]
