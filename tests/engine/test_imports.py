"""What the start of the product may load: proved in a clean interpreter."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    "statement",
    [
        "import engine.integrations, engine.workspace",
        "import engine.health, engine.tenants, engine.activity, engine.credentials",
        "import engine.sources, engine.sources.fields, engine.probes.connection_string",
        "import engine.integrations.fields, engine.integrations.providers, engine.filters",
        "from engine.settings import Settings; Settings.load(environment={})",
    ],
)
def test_nothing_heavy_is_loaded(statement: str) -> None:
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(done.stdout.split())
