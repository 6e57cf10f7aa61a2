"""What is stored of secrets, read past every driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.credentials import CredentialRow
from storage.rows import build_all, names_of
from storage.tables import credentials

if TYPE_CHECKING:
    from sqlalchemy import Connection


def stored(connection: Connection) -> tuple[CredentialRow, ...]:
    """Return all encrypted secrets, of every tenant, by id."""
    columns = [credentials.c[name] for name in names_of(CredentialRow)]
    found = connection.execute(credentials.select().with_only_columns(*columns).order_by("id"))
    return tuple(build_all(CredentialRow, found))
