"""Databases that cannot be used: the command line and the dashboard say why, and change nothing."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import sqlite3
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.system.canary import files_under
from tests.system.children import PATIENCE_S
from tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from engine.settings import Settings
    from tests.system.program import Program

pytestmark = pytest.mark.processes
HERE = "http://127.0.0.1:9/v1"
LIST = ("integrations", "list", "-o", "json")
ADD = ("integrations", "add", "--name=x", "--provider=custom", f"--base-url={HERE}")
COMMANDS = (
    *(
        ("integrations", "list"),
        (*ADD, "--credential-ref=env://K"),
        ("health", "check"),
        ("health", "summary"),
    ),
    *(("activity",), ("tenants", "list"), ("tenants", "add", "other"), ("monitor", "--once")),
    *(("db", "info"), ("db", "upgrade"), ("db", "backup", "backup.db")),
    *(("--read-only", "integrations", "list"), ("integrations", "export")),
    *(("limits", "status"), ("limits", "set", "x", "--budget=5"), ("limits", "check", "x")),
    *(("limits", "forecast"), ("limits", "history"), ("usage", "top"), ("usage", "export")),
    *(("usage", "import", "-"), ("usage", "receive", "--port=0"), ("usage", "sync", "--list")),
)
FAILED, LATER = 1, 3
AGAIN = "R tries again"


def text(path: Path) -> None:
    path.write_text("Dear diary, today I was opened as a database.\n" * 300)


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 64)


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def foreign(path: Path) -> None:
    path.unlink()
    _change(path, "CREATE TABLE bookmarks (id INTEGER PRIMARY KEY, url TEXT)")


def newer(path: Path) -> None:
    _change(path, "UPDATE alembic_version SET version_num = '9999'")


def headless(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4000 + data[4016:])


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _change(path: Path, sql: str) -> None:
    raw = sqlite3.connect(path)
    raw.execute(sql)
    raw.commit()
    raw.close()


KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "text": (text, "not a Lampboard database"),
    "noise": (noise, "not a Lampboard database"),
    "half": (half, "damaged"),
    "headless": (headless, "not a Lampboard database"),
    "foreign": (foreign, "not a Lampboard database"),
    "newer": (newer, "newer"),
    "folder": (folder, "is a folder"),
}


@pytest.fixture
def whole(program: Program) -> Program:
    """A good database with one integration in it."""
    assert program.add("gpt", HERE, secret="sk-good").code == 0
    return program


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_no_database_of_ours(whole: Program, kind: str) -> None:
    spoil, says = KINDS[kind]
    spoil(whole.path)
    before = files_under(whole.path.parent)
    for done in whole.many(*COMMANDS):
        assert done.code == FAILED, done
        assert says in done.err, done
        assert_told(whole, done.err)
    doctor, as_json = whole.many(("doctor", "-o", "json"), LIST)
    found = {check["name"]: check for check in doctor.json["checks"]}
    assert doctor.code == FAILED
    assert found["database"]["status"] == "fail"
    assert str(whole.path) in as_json.error["message"]
    async with board(whole) as (app, pilot):
        for key in "12346":
            await pilot.press(key)
            await shows(app, pilot, says, AGAIN)
        await pilot.press("R", "n", "t", "slash", "escape", "question_mark", "escape")
    assert files_under(whole.path.parent) == before


def assert_told(program: Program, said: str) -> None:
    lines = said.splitlines()
    assert lines[0].startswith("Error: ")
    assert str(program.path.parent) in said
    assert len(lines) <= 2
    assert "Traceback" not in said
    assert "sqlite3." not in said
    assert "OperationalError" not in said


async def test_an_empty_file_is_a_new_database(program: Program) -> None:
    program.path.parent.mkdir(parents=True)
    program.path.touch()
    assert program.run(*LIST).json == {"items": [], "total": 0}
    program.path.unlink()
    program.path.touch()
    async with board(program) as (app, pilot):
        await shows(app, pilot, "No lamps yet")
    assert program.path.stat().st_size > 0


async def test_a_folder_that_is_not_there(program: Program) -> None:
    program.extra["LAMPBOARD_DATABASE"] = f"sqlite:///{program.folder}/no/such/lampboard.db"
    for done in program.many(*COMMANDS):
        assert done.code == FAILED, done
        assert f"{program.folder}/no/such" in done.err
        assert "Traceback" not in done.err
    async with board(program, database=program.extra["LAMPBOARD_DATABASE"]) as (app, pilot):
        await shows(app, pilot, "/no/such", AGAIN)
    assert not (program.folder / "no").exists()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the database as a program does that lets nobody else in."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("INSERT INTO marks VALUES ('x', 1)")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


async def test_a_locked_database_is_a_matter_of_time(whole: Program) -> None:
    before = whole.path.read_bytes()
    with locked(whole.path):
        codes: dict[tuple[str, ...], tuple[int, str]] = {}

        def run(*argv: str) -> None:
            done = whole.run(*argv)
            codes[argv] = (done.code, done.err)

        waiting = [threading.Thread(target=run, args=argv) for argv in (LIST, ADD[:4], COMMANDS[1])]
        for thread in waiting:
            thread.start()
        async with board(whole) as (app, pilot):
            await shows(app, pilot, "locked by another process", AGAIN)
            while any(thread.is_alive() for thread in waiting):
                await pilot.pause(0.05)
        assert whole.path.read_bytes() == before
    assert codes[LIST][0] == LATER
    assert codes[COMMANDS[1]][0] == LATER
    assert "Traceback" not in str(codes)
    assert whole.run(*LIST).json["total"] == 1


async def test_a_lock_that_goes_is_recovered_from(whole: Program) -> None:
    """The board shows why there is nothing, then by itself or by R what there is."""
    async with board(whole, database=f"sqlite:///{whole.path}") as (app, pilot):
        await shows(app, pilot, "gpt")
    raw = sqlite3.connect(whole.path)
    (before,) = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    raw.close()
    newer(whole.path)
    async with board(whole) as (app, pilot):
        await shows(app, pilot, "newer", AGAIN)
        _change(whole.path, f"UPDATE alembic_version SET version_num = '{before}'")  # noqa: S608
        await pilot.press("R")
        await shows(app, pilot, "gpt")


@pytest.mark.parametrize("kilobytes", [0, 8, 64])
def test_a_full_disk_keeps_what_there_is(whole: Program, kilobytes: int) -> None:
    size = kilobytes * 1024
    before = whole.path.read_bytes()

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    names = [f"--default-model={'m' * 200}", *(f"--rate-limit-rpm={n}" for n in (1,))]
    add = whole.run(*COMMANDS[1], *names, before=full)
    backup = whole.run("db", "backup", str(whole.folder / "backup.db"), before=full)
    listed = whole.run(*LIST, before=full)
    for done in (add, backup):
        assert "Traceback" not in done.said
        assert "inside Lampboard" not in done.err, done
    if kilobytes < 64:
        assert add.code == LATER, add
        assert "full" in add.err
        assert whole.path.read_bytes() == before
    assert backup.code in {FAILED, LATER}
    assert not (whole.folder / "backup.db").exists()
    assert listed.code in {0, FAILED, LATER}
    assert whole.run(*LIST).json["total"] == (1 if add.code else 2)
    check_integrity(whole.path)


def test_a_new_database_on_a_full_disk_leaves_nothing_half(program: Program) -> None:
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    done = program.run(*COMMANDS[1], before=full)
    assert done.code in {FAILED, LATER}
    assert "full" in done.err
    assert "Traceback" not in done.err
    assert program.run(*COMMANDS[1]).code == 0


def check_integrity(path: Path) -> None:
    raw = sqlite3.connect(path)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


@contextmanager
def mounted(where: Path, *steps: tuple[str, ...]) -> Iterator[None]:
    """Mount something on a folder; only root may, and not everywhere."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount")
    for number, step in enumerate(steps):
        done = subprocess.run(["mount", *step, str(where)], capture_output=True, check=False)
        if done.returncode and not number:
            pytest.skip(f"nothing can be mounted here: {done.stderr.decode().strip()}")
        assert done.returncode == 0, done
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(where)], check=True)


async def test_a_dashboard_on_a_disk_that_runs_full(program: Program) -> None:
    """What was acknowledged stays; what cannot be written is said; with room it goes on."""
    program.path.parent.mkdir()
    with mounted(program.path.parent, ("-t", "tmpfs", "-o", "size=1200k", "tmpfs")):
        assert program.add("gpt", HERE, secret="sk-good").code == 0
        filler = program.path.parent / "filler"
        async with board(program) as (app, pilot):
            await shows(app, pilot, "gpt")
            _fill(filler)
            await pilot.press("4")
            await shows(app, pilot, "NAME", "status created")
            await pilot.press("x")
            await shows(app, pilot, "is full; nothing was changed")
            filler.unlink()
            await pilot.press("x")
            await shows(app, pilot, "status enabled")
        assert program.run(*LIST).json["items"][0]["status"] == "enabled"
        check_integrity(program.path)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


async def test_a_read_only_disk_can_be_looked_at(whole: Program) -> None:
    where = whole.path.parent
    before = files_under(where)
    with mounted(where, ("--bind", str(where)), ("-o", "remount,ro,bind")):
        add, disable, listed, looked = whole.many(
            COMMANDS[1], ("integrations", "disable", "gpt"), LIST, ("--read-only", *LIST)
        )
        for done in (add, disable):
            assert done.code == FAILED, done
            assert "read-only" in done.err or "written" in done.err
            assert_told(whole, done.err)
        assert listed.code in {0, FAILED}
        assert "Traceback" not in listed.err
        assert looked.json["total"] == 1, looked
        async with board(whole, read_only=True) as (app, pilot):
            await shows(app, pilot, "gpt")
        async with board(whole) as (app, pilot):
            await shows(app, pilot, AGAIN)
    assert files_under(where) == before


class Remembering(BoardApp):
    """A dashboard that knows what it said in passing: toasts go again by themselves."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.said: list[str] = []

    def notify(self, message: str, **more: Any) -> None:
        self.said.append(message)
        super().notify(message, **more)


class board:  # noqa: N801 - used like the function it would be
    """A dashboard over the real database, without a monitor."""

    def __init__(self, program: Program, **told: object) -> None:
        self._app = Remembering(program.settings(**{"monitor": "off", "refresh_s": 0.1, **told}))

    async def __aenter__(self) -> tuple[Remembering, Pilot[None]]:
        self._running = self._app.run_test(size=(120, 40), notifications=True)
        return self._app, await self._running.__aenter__()

    async def __aexit__(self, *what: object) -> None:
        await self._running.__aexit__(*what)  # type: ignore[arg-type]
        assert self._app.return_code in {None, 0}


async def shows(app: Remembering, pilot: Pilot[None], *words: str) -> None:
    """Wait until all the words are on the screen."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not all(word in seen(app) for word in words):
                await pilot.pause(0.02)
    except TimeoutError:
        pytest.fail(f"waited for {words}:\n{seen(app)}")


def seen(app: Remembering) -> str:
    strips = app.screen._compositor.render_strips()
    lines = ["".join(part.text for part in strip) for strip in strips]
    # Sentences are wrapped where the screen ends, and beside other words in a toast.
    return " ".join(" ".join([*lines, *app.said]).split())
