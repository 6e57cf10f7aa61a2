"""What the doctor looks at in the data: the database, its files, the master key, the monitor.

It only looks: nothing is made, migrated or changed.
"""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.errors import LampboardError
from tui.cli.finding import Finding, fail, ok, warn
from tui.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.credentials.results import CredentialsHeadline, RotationProgress
    from engine.health.model import MonitorStatus
    from engine.settings import Settings

OTHERS = stat.S_IRWXG | stat.S_IRWXO
SQLITE = "sqlite:///"


def file_of(settings: Settings) -> Path | None:
    """Return the database's file, or None for a server or a database in memory."""
    if not settings.database.startswith(SQLITE):
        return None
    path = settings.database.removeprefix(SQLITE).partition("?")[0]
    return Path(path) if path and path != ":memory:" else None


def data(settings: Settings) -> Iterator[Finding]:
    """Yield what there is to say about the data."""
    path = file_of(settings)
    if path is not None and not path.exists():
        yield _not_yet(path)
    else:
        yield from _opened(settings)
    yield from _modes(path)
    yield master_key(settings)


def _not_yet(path: Path) -> Finding:
    detail = f"There is none yet; it will be made at first use: {path}"
    return ok("database", detail)


def _opened(settings: Settings) -> Iterator[Finding]:
    try:
        info, monitor, rotation, credentials = _read(replace(settings, read_only=True))
    except LampboardError as error:
        remedy = error.hint or "Restore it from a backup, or name another with --database."
        yield fail("database", error.message, remedy)
        return
    yield _database(info)
    yield _sqlite(info)
    yield _monitor(monitor)
    if credentials is not None:
        yield _credentials(credentials)
    if rotation is not None and not rotation.finished:
        from tui.cli.credentials.shows import under_key

        remedy = "Run `lampboard credentials rotate` to go on."
        told = f"The master key is being changed: {under_key(rotation)}."
        yield warn("rotation", told, remedy)


_Read: TypeAlias = "tuple[Any, MonitorStatus, RotationProgress | None, CredentialsHeadline | None]"


def _read(settings: Settings) -> _Read:
    import asyncio

    from engine.workspace import Workspace

    async def look() -> _Read:
        workspace = Workspace.open(settings, origin="cli")
        try:
            info = await workspace.run(workspace.database.info)
            monitor = await workspace.health.monitor_status()
            # A server's schema may be older than this program; it says so itself.
            if info.revision != info.head:
                return info, monitor, None, None
            credentials = workspace.credentials
            return info, monitor, await credentials.rotation(), await credentials.headline(None)
        finally:
            await workspace.aclose()

    return asyncio.run(look())


def _database(info: Any) -> Finding:
    told = f"{info.url}, {info.dialect}, revision {info.revision}, {info.size_bytes:,} bytes"
    if info.revision != info.head:
        return warn("database", f"{told}; the newest is {info.head}", "Run `lampboard db upgrade`.")
    return ok("database", told)


def _sqlite(info: Any) -> Finding:
    if info.dialect != "sqlite":
        return ok("server", f"{info.dialect} {info.server_version}")
    told = f"SQLite {info.server_version}, journal {info.journal_mode}, log {info.wal_bytes:,} B"
    if info.wal_reset_bug:
        # https://sqlite.org/releaselog/3_51_3.html
        return warn(
            "sqlite",
            f"{told}; 3.7.0 to 3.51.2 can lose data when several connections reset the log.",
            "Lampboard keeps to one that does; use SQLite 3.51.3 or newer for other programs too.",
        )
    return ok("sqlite", told)


def _monitor(status: MonitorStatus) -> Finding:
    if not status.alive:
        remedy = "The dashboard starts one; without it run `lampboard monitor`."
        return warn("monitor", "None is running on this database.", remedy)
    told = f"{status.count} at work, {plural(round(status.checks_per_minute), 'check')} a minute"
    if status.offline:
        return warn("monitor", f"{told}; this machine is offline", "Bring the network back.")
    return ok("monitor", told)


def _credentials(headline: CredentialsHeadline) -> Finding:
    """Return how all tenants' credentials are; what expires is told before it does."""
    counts = {state: count for state, count in headline.counts.items() if count}
    told = ", ".join(f"{count:,} {state}" for state, count in counts.items()) or "none yet"
    if not counts.keys() & {"expired", "expiring", "unreadable"}:
        return ok("credentials", told)
    if headline.next_expiry is not None and "expiring" in counts:
        told += f"; the next expires on {headline.next_expiry:%Y-%m-%d}"
    return warn("credentials", told, "See `lampboard credentials list --tenant ID`.")


def _modes(path: Path | None) -> Iterator[Finding]:
    if path is None:
        return
    from engine.credentials.masterkey import default_key_file

    key = default_key_file(f"{SQLITE}{path}")
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm"), key]
    there = [item for item in files if item is not None and item.exists()]
    open_ones = [item for item in there if item.stat().st_mode & OTHERS]
    yield from _folder(path.parent)
    if open_ones:
        names = " ".join(f"'{item}'" for item in open_ones)
        detail = f"Other users can reach {', '.join(item.name for item in open_ones)}."
        yield warn("files", detail, f"chmod 600 {names}")
    elif there:
        yield ok("files", f"{plural(len(there), 'file')} in {path.parent}, for the owner alone")


def _folder(folder: Path) -> Iterator[Finding]:
    try:
        mode = folder.stat().st_mode
    except OSError:
        return  # there is none yet, and the database's finding says so
    # Whoever may write in the folder may put another database there; a sticky one forbids that.
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
        yield warn("folder", f"Other users can write in {folder}.", f"chmod go-w '{folder}'")


def master_key(settings: Settings) -> Finding:
    """Return where the master key comes from, or why it is refused; never the key."""
    from engine.credentials import MasterKeySource

    source = MasterKeySource.from_settings(settings)
    try:
        if (file := source.key_file()) is not None and file.is_locked() and not source.unlockable:
            return ok("master key", f"in {file.name}, locked with a passphrase not given here")
        found = source.find()
    except LampboardError as error:
        return fail("master key", error.message, error.hint)
    if found is None:
        return ok("master key", "None yet; one is made with the first secret.")
    return ok("master key", f"from {found.origin}")
