"""What the start of the product may load: proved in a clean interpreter."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    *("sqlalchemy", "httpx", "aiohttp", "pydantic", "alembic"),
    *("cryptography", "keyring", "yaml", "structlog", "textual", "rich"),
    *("psycopg", "redis", "pymongo", "pymysql", "duckdb"),
}

# Every extra's: importing the engine, even with all technologies declared, brings none of them.
DRIVERS = {
    *("psycopg", "pymysql", "pymssql", "oracledb", "duckdb", "pymongo", "bson", "redis", "nats"),
    *("aio_pika", "aiormq", "aiomqtt", "paho", "confluent_kafka", "fsspec", "s3fs", "gcsfs"),
    *("adlfs", "azure", "google", "paramiko", "mcp", "aiobotocore", "botocore", "certifi"),
}


@pytest.mark.parametrize(
    "statement",
    [
        "import engine.integrations, engine.workspace",
        "import engine.health, engine.tenants, engine.activity, engine.credentials",
        "import engine.sources, engine.sources.fields, engine.probes.connection_string",
        "import engine.gateway, engine.gateway.runs, engine.gateway.open_drivers",
        "import engine.prevention, engine.prevention.ledger, engine.prevention.exported",
        "import engine.integrations.fields, engine.integrations.providers, engine.filters",
        "from engine.settings import Settings; Settings.load(environment={})",
        "import engine.probes.running; from engine.probes.registry import technologies as t; t()",
    ],
)
def test_nothing_heavy_is_loaded(statement: str) -> None:
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not (HEAVY | DRIVERS) & set(done.stdout.split())


def test_no_module_of_the_engine_loads_a_driver() -> None:
    code = (
        "import importlib, pkgutil, sys, engine\n"
        "for one in pkgutil.walk_packages(engine.__path__, 'engine.'):\n"
        "    importlib.import_module(one.name)\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not DRIVERS & set(done.stdout.split())


@pytest.mark.parametrize("package", ["engine.credentials", "engine.monitor"])
def test_every_public_name_is_found_at_its_first_use_and_no_other(package: str) -> None:
    module = importlib.import_module(package)
    for name in module.__all__:
        assert getattr(module, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'unheard_of'"):
        _ = module.unheard_of


def test_looking_for_the_key_asks_nobody_else() -> None:
    """The command line does so before the first frame."""
    code = "import sys, engine.credentials.keysource\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    others = {"engine.credentials.backends", "engine.credentials.facade", "asyncio"}
    assert not others & set(done.stdout.split())
