"""What a synchronous registry stands on: a database of its own or a given one, and a run.

Registries are for callers in code: they hold no event loop, and block while they work.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from engine.clock import SystemClock
from engine.ids import random_id
from engine.settings import Settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.credentials import CredentialStore
    from engine.ids import IdMaker
    from storage.database import Database

    Given: TypeAlias = "Database | Connection"


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistryRun:
    """What changes need beside their connection; see `engine.hop.Run`."""

    settings: Settings
    clock: Clock
    ids: IdMaker
    origin: str


def run_on(
    database: Given,
    *,
    settings: Settings | None,
    clock: Clock | None,
    ids: IdMaker | None,
    origin: str,
) -> RegistryRun:
    """Return the run of a registry on `database`; what is not given is this process's own."""
    return RegistryRun(
        settings=settings or _settings_of(database),
        clock=clock or SystemClock(),
        ids=ids or random_id,
        origin=origin,
    )


def private_memory() -> Database:
    """Open a database in memory that goes with whoever holds it."""
    from storage.database import Database

    return Database.open(None)


def unit_of_work(database: Given, *, write: bool) -> AbstractContextManager[Connection]:
    """Return a unit of work: a database's own, or the transaction that the caller is in."""
    from storage.database import Database

    if not isinstance(database, Database):
        return nullcontext(database)
    # Secrets may be among the changes, and must not be lost when the power fails.
    return database.write(durable=True) if write else database.read()


def credentials_of(run: RegistryRun) -> CredentialStore:
    """Return where secrets go by the run's settings."""
    from engine.credentials import CredentialStore

    return CredentialStore.of(run)


def _settings_of(database: Given) -> Settings:
    """Return this process's settings, with the database's own place: the key lies beside it."""
    from storage.database import Database

    if not isinstance(database, Database):
        return Settings.load()
    if database.path is not None:
        return replace(Settings.load(), database=f"sqlite:///{database.path}")
    return Settings(database="sqlite://") if database.dialect == "sqlite" else Settings.load()
