"""SQLite files before they are opened: what is there, may it be used, and making a new one.

Nothing here changes a file that exists. A file is looked at through SQLite itself, in its
immutable mode: no lock, no WAL, no recovery. Opening it any other way would be a trap, because
closing *any* descriptor of a file drops all POSIX locks that this process holds on it, those of
its open SQLite connections included.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from typing import TYPE_CHECKING, Literal, TypeAlias

from storage import translate
from storage.connect import connect_file
from storage.errors import DatabaseForeign, DatabaseMissing, DatabaseNewer, DatabaseReadOnly
from storage.migrations import REVISIONS

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION_ID = 0x4C414D50  # "LAMP"
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_TRIES = 5

Found: TypeAlias = Literal["missing", "empty", "ours"]


def wal_of(path: Path) -> Path:
    """The write-ahead log beside a database file."""
    return path.with_name(path.name + "-wal")


def journal_of(path: Path) -> Path:
    """The rollback journal beside a database file: there only while one is made or repaired."""
    return path.with_name(path.name + "-journal")


def check_folder(path: Path, *, make: bool) -> None:
    """Makes sure that the folder of a database file exists; makes it, private, only when asked.

    Raises:
        DatabaseMissing: there is no such folder.
        DatabaseReadOnly: it is to be made where nothing can be written.
    """
    folder = path.parent
    if folder.is_dir():
        return
    if not make:
        raise DatabaseMissing(
            f"The folder {folder} does not exist, so there can be no database {path.name} in it.",
            hint="Make the folder first, or name another database.",
        )
    try:
        # One by one: `parents=True` would leave those above open to everybody.
        for missing in [one for one in (folder, *folder.parents) if not one.exists()][::-1]:
            missing.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    except OSError:
        raise DatabaseReadOnly(
            f"The folder {folder} cannot be made.", hint="Name a database in another folder."
        ) from None


def find(path: Path) -> Found:
    """Tells what is at the path, without changing it in any way.

    Raises:
        DatabaseForeign: a folder, a text or another program's database.
        DatabaseNewer: made by a newer release.
        DatabaseCorrupt: ours, but cut off or damaged.
        DatabaseMissing: it may not be read.
    """
    if path.is_dir():
        raise DatabaseForeign(f"{path} is a folder, not a database.", hint="Name a file in it.")
    for _ in range(_TRIES):
        before = _signature(path)
        if before is None or before[0] == 0:
            return "missing" if before is None else "empty"
        try:
            return _look(path)
        except sqlite3.Error as error:
            # While another process makes or repairs the file, what is seen says nothing.
            if before == _signature(path):
                raise _refusal(error, path) from None
    return "ours"


def _signature(path: Path) -> tuple[int, int, bool] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns, journal_of(path).exists()


def _look(path: Path) -> Found:
    if not os.access(path, os.R_OK):
        raise DatabaseMissing(
            f"{path} may not be read by this user.", hint="Ask its owner for permission."
        )
    if _unfinished(path):
        return "ours"  # its latest pages are beside it; SQLite puts them together on opening
    with contextlib.closing(
        connect_file(path, busy_timeout_ms=0, options="mode=ro&immutable=1")
    ) as raw:
        application = raw.execute("PRAGMA application_id").fetchone()[0]
        generation = raw.execute("PRAGMA user_version").fetchone()[0]
        raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        page = raw.execute("PRAGMA page_size").fetchone()[0]
    if application != APPLICATION_ID:
        raise foreign(path)
    if pages * page > path.stat().st_size:
        raise translate.corrupt(str(path))  # SQLite forgives half of a last page
    if generation > len(REVISIONS):
        raise newer(str(path))
    return "ours"


def _unfinished(path: Path) -> bool:
    for side in (wal_of(path), journal_of(path)):
        with contextlib.suppress(FileNotFoundError):
            if side.stat().st_size:
                return True
    return False


def _refusal(error: sqlite3.Error, path: Path) -> Exception:
    if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
        return foreign(path)
    return translate.translate(error, str(path))


def foreign(path: Path) -> DatabaseForeign:
    """The file is something else."""
    return DatabaseForeign(
        f"{path} is not a Lampboard database; it was left as it is.",
        hint="Name another file; a new one is made where there is none.",
    )


def newer(place: str) -> DatabaseNewer:
    """The schema has a revision that this release does not know."""
    return DatabaseNewer(
        f"{place} was made by a newer release of Lampboard; it was left as it is.",
        hint="Update Lampboard, or name another database.",
    )


def check_writable(path: Path) -> None:
    """Makes sure that a file can be written, and its log made beside it.

    Raises:
        DatabaseReadOnly: one of them cannot.
    """
    if path.exists() and not os.access(path, os.W_OK):
        raise translate.read_only(str(path))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise translate.read_only(f"The folder {path.parent} of the database")


def cannot_change(path: Path) -> bool:
    """Tells whether a file lies on a disk that is mounted read-only, with all of it in the file.

    A folder that only this user may not write to is no such thing: others still may.
    """
    if not hasattr(os, "statvfs"):
        return False
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY) and not _unfinished(path)


def create(path: Path) -> None:
    """Makes an empty private file, whatever the umask; SQLite gives its mode to log and index.

    Raises:
        DatabaseReadOnly: it cannot be made there.
        DiskFull: there is no room for even that.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE))
    except FileExistsError:
        return  # another process was faster; both go on with the same file
    except OSError as error:
        if error.strerror == os.strerror(28):
            raise translate.disk_full(str(path)) from None
        raise translate.read_only(str(path)) from None


def make_private(path: Path) -> None:
    """Takes away what others may do with a database file of this user, and with its log."""
    for name in (path, wal_of(path), path.with_name(path.name + "-shm")):
        with contextlib.suppress(FileNotFoundError):
            found = name.stat()
            if stat.S_IMODE(found.st_mode) & 0o077 and found.st_uid == os.geteuid():
                name.chmod(PRIVATE_FILE)
