"""A database of 0.2, of several tenants: opened, backed up, metered; and the way back is barred."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, Table, create_engine, insert

from storage import migrations
from storage.files import APPLICATION_ID
from storage.types import to_millis

if TYPE_CHECKING:
    from tests.system.program import Program

pytestmark = pytest.mark.processes
AT = to_millis(datetime(2026, 5, 1, 12, tzinfo=UTC))
TENANTS = ("acme", "globex", "initech")
LIMITS = ((0, 0, 0), (50_000, 0, 60), (0, 2_000_000, 0), (1, 1, 1))
NAMES = ("gpt-prod", "Ärger", "=cmd()", "gone")


def integrations() -> list[dict[str, object]]:
    """Return four of each tenant, of the same names; the last one of each was deleted."""
    return [
        {
            "id": f"{tenant}-{place}",
            "tenant_id": tenant,
            "name": name,
            "sort_name": name.casefold(),
            "provider_type": ("openai", "custom", "anthropic", "openai")[place],
            "status": "enabled",
            "credential_ref": "env://NONE",
            "config": "{}",
            "budget_limit_cents": budget,
            "token_limit_month": tokens,
            "rate_limit_rpm": rate,
            "created_at": AT,
            "deleted_at": AT if name == "gone" else None,
            "version": 3,
        }
        for tenant in TENANTS
        for place, (name, (budget, tokens, rate)) in enumerate(zip(NAMES, LIMITS, strict=True))
    ]


def lamps() -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "kind": "integration",
            **{name: row[name] for name in ("id", "tenant_id", "name", "sort_name", "status")},
            "type": row["provider_type"],
            "technology": row["provider_type"],
            "active": False,
            "interval_s": 60,
            "state": "unknown",
            "state_rank": 2,
            "created_at": AT,
            "retired_at": row["deleted_at"],
        }
        for number, row in enumerate(integrations(), start=1)
    ]


def write_0002(path: Path) -> None:
    """Make the tables by the migrations of then, and fill them."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        found = MetaData()
        tenants = [{"id": one, "name": one, "sort_name": one, "created_at": AT} for one in TENANTS]
        for name, rows in {
            "tenants": tenants,
            "integrations": integrations(),
            "targets": lamps(),
        }.items():
            connection.execute(insert(Table(name, found, autoload_with=connection)), rows)
    engine.dispose()
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
        raw.execute("PRAGMA user_version=2")
    raw.close()
    path.chmod(0o600)


@pytest.fixture
def old(program: Program) -> Program:
    write_0002(program.path)
    return program


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    raw = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return raw.execute(sql).fetchall()
    finally:
        raw.close()


def test_it_is_backed_up_before_it_is_changed(old: Program) -> None:
    before = rows(old.path, "SELECT * FROM integrations ORDER BY id")
    done = old.run("db", "upgrade")
    assert done.code == 0, done.err
    backups = [one for one in old.path.parent.iterdir() if "backup" in one.name]
    assert len(backups) == 1, sorted(old.path.parent.iterdir())
    assert rows(backups[0], "SELECT version_num FROM alembic_version") == [("0002",)]
    assert rows(backups[0], "SELECT * FROM integrations ORDER BY id") == before
    assert backups[0].stat().st_mode & 0o777 == 0o600
    assert rows(old.path, "SELECT version_num FROM alembic_version") == [(migrations.HEAD,)]


def test_each_tenant_has_its_own_gauges(old: Program) -> None:
    for tenant in TENANTS:
        told = old.run("--tenant", tenant, "limits", "status", "--all", "-o", "json")
        assert told.code == 0, told.err
        found = told.json["items"]
        # Three of each integration that is there; those of a deleted one are out of sight.
        assert len(found) == 3 * (len(NAMES) - 1)
        assert {one["tenant_id"] for one in found} == {tenant}
        assert {one["subject"] for one in found} == {f"{tenant}-{n}" for n in range(3)}
        limits = {(one["name"], one["measure"]): one["limit"] for one in found}
        assert limits["Ärger", "budget"] == 50_000 * 10_000_000
        assert limits["Ärger", "rate"] == 60
        assert limits["=cmd()", "tokens"] == 2_000_000
        assert not limits["gpt-prod", "budget"]
        states = {one["state"] for one in found}
        assert states == {"unlimited", "unmeasured"}, states
    assert rows(old.path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(old.path, "PRAGMA foreign_key_check") == []


def test_what_is_used_from_now_on_counts(old: Program) -> None:
    at = datetime.now(UTC).isoformat()
    lines = [
        {"call_id": f"{name}-{n}", "at": at, "integration": name, "tokens_in": 5, "cost": 1}
        for name in NAMES
        for n in range(10)
    ]
    log = "".join(json.dumps(line) + "\n" for line in lines)
    done = old.run("usage", "import", "-", "--tenant", "globex", "-o", "json", stdin=log)
    assert (done.code, done.json["new"], done.json["refused"]) == (0, 30, 10), done
    assert "gone" in done.json["refusals"][0]["reason"]
    told = old.run("--tenant", "globex", "limits", "status", "--all", "-o", "json").json["items"]
    used = {(one["scope"], one["name"], one["measure"]): one["used"] for one in told}
    assert used["integration", "Ärger", "budget"] == 10 * 1_000_000_000
    assert used["integration", "=cmd()", "tokens"] == 50
    assert used["tenant", "globex", "tokens"] == 150
    over = old.run("--tenant", "globex", "limits", "check", "=cmd()", "--tokens", "2M")
    assert (over.code, "Blocked" in over.out) == (1, True), over
    others = old.run("--tenant", "acme", "usage", "top", "--by", "integration", "-o", "json")
    assert others.json["items"] == []
    # A name that was deleted is free, and begins at nothing.
    again = old.run(
        *("--tenant", "globex", "integrations", "add", "--name", "gone", "--provider", "openai"),
        *("--credential-ref", "env://NONE", "-o", "json"),
    )
    assert again.code == 0, again.err
    fresh = old.run("--tenant", "globex", "limits", "status", "gone", "-o", "json").json["items"]
    assert {one["used"] for one in fresh} <= {None, 0}


def test_a_program_of_before_changes_nothing(old: Program) -> None:
    """What it does on meeting a newer schema is what this one does on meeting one of tomorrow."""
    assert old.run("db", "upgrade").code == 0
    with sqlite3.connect(old.path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.execute("PRAGMA user_version=9999")
    raw.close()
    before = old.path.read_bytes()
    for line in (
        "limits status", "limits set gpt-prod --budget 5", "limits check gpt-prod --tokens 5",
        "usage top", "usage export", "usage import -", "usage receive --port 0", "usage sync",
        "monitor --once", "db upgrade",
    ):  # fmt: skip
        done = old.run(*line.split(), stdin="{}")
        assert done.code == 1, done
        assert "newer" in done.err, done
        assert "Traceback" not in done.err
    assert old.path.read_bytes() == before
