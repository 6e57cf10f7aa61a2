"""A workspace with secrets to move to another master key, and ways to be killed meanwhile."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from engine.clock import FixedClock
from engine.credentials import keyfile
from engine.credentials.rotation import MasterKeys
from engine.settings import Settings
from engine.workspace import Workspace
from storage.credentials import CredentialRow, CredentialsDriver
from tests.engine.credentials.stored import stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from engine.credentials.masterkey import KeyRing

T = TypeVar("T")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = bytes(range(32))


class Killed(BaseException):
    """The process is gone: no handler of errors may notice it."""


class Countdown:
    """Kills at the n-th thing that would outlast a process, right before or after it is done."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class MortalHop:
    """A workspace whose writes count down."""

    def __init__(self, workspace: Workspace, countdown: Countdown) -> None:
        self._workspace = workspace
        self._countdown = countdown

    def __getattr__(self, name: str) -> object:
        return getattr(self._workspace, name)

    async def write(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        assert durable
        self._countdown.step()
        done = await self._workspace.write(work, durable=durable)
        self._countdown.step()
        return done


def count_files(countdown: Countdown, put: Callable[[Any, str, Any], None] = setattr) -> None:
    """Let the steps of writing a key file count down too, before and after each."""

    def around(work: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            countdown.step()
            done = work(*args)
            countdown.step()
            return done

        return counted

    put(keyfile, "_write", around(keyfile._write))
    put(keyfile, "_sync_folder", around(keyfile._sync_folder))
    put(Path, "replace", around(Path.replace))


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def settings_for(url: str, key_file: Path, *, named: bool = True) -> Settings:
    return Settings(database=url, operator="olga", master_key_file=str(key_file) if named else None)


def opened(settings: Settings) -> Workspace:
    return Workspace.open(settings, clock=FixedClock(NOW), origin="code")


async def fill(workspace: Workspace, count: int = 7) -> dict[str, tuple[str, str]]:
    """Store secrets of two tenants; return reference -> tenant and secret."""
    secrets = {}
    for number in range(count):
        tenant, secret = ("acme", "globex")[number % 2], f"s3cret-{number}"
        await workspace.tenants.ensure(tenant)
        secrets[await workspace.credentials.store(tenant, secret)] = (tenant, secret)
    return secrets


async def read_all(workspace: Workspace, secrets: dict[str, tuple[str, str]]) -> None:
    """Fail unless each of the secrets can be read, and is what it was."""
    for reference, (tenant, secret) in secrets.items():
        found = await workspace.credentials.of_tenant(tenant).get(reference)
        assert found.value == secret


def read_by_another(settings: Settings, secrets: dict[str, tuple[str, str]]) -> None:
    """Fail unless a process that starts now can read each of the secrets."""

    async def work() -> None:
        workspace = opened(settings)
        try:
            await read_all(workspace, secrets)
        finally:
            await workspace.aclose()

    asyncio.run(work())


async def rows(workspace: Workspace) -> tuple[CredentialRow, ...]:
    return await workspace.read(stored)


async def key_ids(workspace: Workspace) -> set[str]:
    return {row.key_id for row in await rows(workspace)}


def text_of(path: Path) -> str:
    return path.read_text()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def ring_of(path: Path) -> KeyRing:
    from engine.credentials.masterkey import parse_ring

    return parse_ring(path.read_text(), "the test")


async def damage(workspace: Workspace, reference: str) -> None:
    """Flip a bit of a stored secret."""
    found = next(row for row in await rows(workspace) if reference.endswith(row.id))
    harmed = replace(found, ciphertext=bytes([found.ciphertext[0] ^ 1]) + found.ciphertext[1:])

    def work(connection: Connection) -> None:
        CredentialsDriver(connection).replace(
            harmed.tenant_id,
            harmed.id,
            nonce=harmed.nonce,
            ciphertext=harmed.ciphertext,
            key_id=harmed.key_id,
            updated_at=NOW,
        )

    await workspace.write(work)


def small(workspace: Workspace, hop: Any = None) -> MasterKeys:
    """Return what changes the keys, two secrets at a time."""
    return MasterKeys(hop or workspace, workspace.credentials.core.keys, batch=2)
