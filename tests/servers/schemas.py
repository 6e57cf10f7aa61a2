"""Schemas of a test's own on the PostgreSQL that a run is given."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.provided import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = os.environ.get(
    "LAMPBOARD_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test?connect_timeout=300"
)


@contextmanager
def own_schema() -> Iterator[str]:
    """Give the URL of an empty schema, which is dropped at the end; skips without a server."""
    import psycopg

    name = f"lampboard_{uuid.uuid4().hex}"
    try:
        connection = psycopg.connect(SERVER, autocommit=True)
    except psycopg.OperationalError:
        missing("postgresql", "PostgreSQL does not answer")
    with connection:
        connection.execute(f"CREATE SCHEMA {name}")  # type: ignore[arg-type]
        yield f"{SERVER}{'&' if '?' in SERVER else '?'}options=-csearch_path%3D{name}"
    with psycopg.connect(SERVER, autocommit=True) as again:
        again.execute(f"DROP SCHEMA {name} CASCADE")  # type: ignore[arg-type]


def as_role(url: str, role: str) -> str:
    """Give the URL by which another role comes to the same schema."""
    from sqlalchemy import make_url

    return make_url(url).set(username=role).render_as_string(hide_password=False)


@contextmanager
def migrated_schema() -> Iterator[str]:
    """Give the URL of such a schema at its newest."""
    from storage.database import upgrade

    with own_schema() as url:
        upgrade(url)
        yield url
