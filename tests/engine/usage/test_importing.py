"""Importing: each call once, whatever ends a run, and what is told of it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput, NotFound, ReadOnlyRefused, WorkspaceError
from engine.settings import Settings
from engine.usage import importing
from engine.usage.importing import ImportBroken, ImportReport, Stopped, Wanted, import_log
from engine.usage.placing import Wishes, parse_wishes
from engine.usage.readers.files import LogFile, open_log
from engine.workspace import Workspace
from storage.usage.driver import UsageDriver
from tests.engine.usage.importing_child import POINTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = Path(__file__).parent / "samples"
TABLES = ("usage", "usage_days", "usage_series_days", "series", "usage_feeds")


def line(number: int, **more: object) -> str:
    told = {
        "call_id": f"c-{number}",
        "at": f"2026-11-{number % 20 + 1:02}T10:00:00Z",
        "model": ("gpt-4o", "gpt-4o-mini", "house")[number % 3],
        "agent": f"a{number % 4}",
        "tokens_in": number,
        "tokens_out": 10,
    }
    return json.dumps(told | more) + "\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of 1,000 calls, 50 of them twice, and ten lines that are none."""
    lines = [line(number) for number in range(1_000)]
    lines += [line(number) for number in range(0, 1_000, 20)]
    for place in range(0, 1_000, 100):
        lines.insert(place, "{broken\n")
    path = tmp_path / "calls.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    return path


async def add(workspace: Workspace, name: str, provider: str = "openai") -> str:
    made = await workspace.integrations.create_integration(
        "acme", name, provider, secret="sk-planted-for-imports"
    )
    return made.id


@pytest.fixture
async def gpt(workspace: Workspace) -> str:
    return await add(workspace, "gpt")


async def bring(
    workspace: Workspace, path: Path | bytes, *, wishes: Wishes | None = None, **more: object
) -> ImportReport:
    source = LogFile(io.BytesIO(path)) if isinstance(path, bytes) else open_log(str(path))
    wanted = Wanted(tenant_id="acme", wishes=wishes or Wishes(default="gpt"), **more)  # type: ignore[arg-type]
    with closing(source):
        return await import_log(workspace, source, wanted)


def contents(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """All that is known of usage; numbers that follow from an order of arrival are left out."""
    found = {}
    for table in TABLES:
        rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608
        skip = 1 if table == "usage" else 0
        found[table] = sorted(map(tuple, (row[skip:] for row in rows)), key=repr)
    return found


async def test_counts_each_call_once_and_says_what_became_of_the_lines(
    workspace: Workspace, gpt: str, log: Path
) -> None:
    report = await bring(workspace, log)
    assert (report.new, report.duplicate, report.refused) == (1_000, 50, 10)
    assert [one.line for one in report.refusals] == list(range(1, 1_000, 100))
    assert (report.format, report.origin, report.complete) == ("jsonl", "jsonl", True)
    assert report.unpriced == 333
    (total,) = await workspace.usage.top("acme", by="integration")
    assert (total.key, total.calls, total.tokens_in) == (gpt, 1_000, sum(range(1_000)))


async def test_importing_again_changes_nothing(workspace: Workspace, gpt: str, log: Path) -> None:
    await bring(workspace, log)
    before = await workspace.read(contents)
    report = await bring(workspace, log)
    assert (report.new, report.duplicate, report.refused) == (0, 1_050, 10)
    assert await workspace.read(contents) == before


@pytest.mark.parametrize("size", [1, 7, 100, 5_000])
async def test_how_a_log_is_cut_into_batches_changes_nothing(
    workspace: Workspace, gpt: str, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = rewrite(tmp_path / "few.jsonl", range(40))
    grow(path, json.dumps([json.loads(line(number)) for number in range(40, 60)]))
    monkeypatch.setattr(importing, "BATCH", size)
    report = await bring(workspace, path)
    assert (report.new, report.duplicate, report.refused) == (60, 0, 0)
    assert (await workspace.read(contents))["usage_feeds"] == []


def grow(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as target:
        target.write(text)


def rewrite(path: Path, numbers: range) -> Path:
    path.write_text("".join(map(line, numbers)), encoding="utf-8")
    return path


async def test_the_file_grew_and_only_what_is_new_counts(
    workspace: Workspace, gpt: str, log: Path
) -> None:
    await bring(workspace, log)
    grow(log, line(5_000))
    report = await bring(workspace, log)
    assert (report.new, report.duplicate) == (1, 1_050)


async def test_stops_after_the_batch_and_goes_on_there(
    workspace: Workspace, gpt: str, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    stop = threading.Event()
    first = await bring(workspace, log, stop=stop, on_progress=lambda *_: stop.set())
    assert (first.new, first.complete) == (100, False)
    second = await bring(workspace, log)
    assert second.complete
    assert 95 < second.went_on_at < 105
    assert first.new + second.new == 1_000
    whole = await bring(workspace, log)
    assert (whole.new, whole.went_on_at) == (0, 0)


async def test_reads_all_again_when_it_is_told_to(
    workspace: Workspace, gpt: str, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    stop = threading.Event()
    await bring(workspace, log, stop=stop, on_progress=lambda *_: stop.set())
    report = await bring(workspace, log, again=True)
    assert (report.new, report.duplicate, report.went_on_at) == (900, 150, 0)


async def test_a_file_that_is_another_one_now_is_read_from_its_beginning(
    workspace: Workspace, gpt: str, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    stop = threading.Event()
    await bring(workspace, log, stop=stop, on_progress=lambda *_: stop.set())
    assert (await bring(workspace, rewrite(log, range(9_000, 9_200)))).new == 200


async def test_a_file_that_was_cut_is_read_from_its_beginning(
    workspace: Workspace, gpt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    path, stop = rewrite(tmp_path / "cut.jsonl", range(300)), threading.Event()
    await bring(workspace, path, stop=stop, on_progress=lambda *_: stop.set())
    report = await bring(workspace, rewrite(path, range(50)))
    assert (report.new, report.duplicate) == (0, 50)


async def test_whoever_waits_for_input_keeps_what_came_before(
    workspace: Workspace, gpt: str
) -> None:
    class Idle(LogFile):
        def read(self, cursor: object) -> object:  # type: ignore[override]
            assert cursor == {}
            yield from super().read({})
            raise Stopped

    source = Idle(io.BytesIO((line(1) + line(2)).encode()))
    wanted = Wanted(tenant_id="acme", wishes=Wishes(default="gpt"), stop=threading.Event())
    wanted.stop.set()  # type: ignore[union-attr]
    report = await import_log(workspace, source, wanted)  # type: ignore[arg-type]
    assert (report.new, report.complete) == (2, False)


async def test_a_dry_run_says_what_would_be_and_leaves_nothing(
    workspace: Workspace, gpt: str, log: Path
) -> None:
    before = await workspace.read(contents)
    report = await bring(workspace, log, dry_run=True)
    assert (report.new, report.refused, report.dry_run) == (1_000, 10, True)
    assert await workspace.read(contents) == before


async def test_finds_the_only_integration_of_a_provider(workspace: Workspace, gpt: str) -> None:
    await add(workspace, "claude-1", "anthropic")
    await add(workspace, "claude-2", "anthropic")
    data = line(1, provider="openai") + line(2, provider="anthropic") + line(3, provider="groq")
    report = await bring(workspace, (data + line(4)).encode(), wishes=Wishes())
    assert report.new == 1
    said = [one.reason for one in report.refusals]
    assert [one.line for one in report.refusals] == [2, 3, 4]
    assert "more than one integration of 'anthropic'" in said[0]
    assert "no integration of 'groq'" in said[1]
    assert "neither an integration nor a provider" in said[2]
    assert all("--integration NAME" in reason for reason in said)


async def test_takes_an_integration_for_each_provider(workspace: Workspace, gpt: str) -> None:
    claude = await add(workspace, "claude", "anthropic")
    data = line(1, provider="groq") + line(2, provider="anthropic") + line(3)
    wishes = parse_wishes(("gpt", "anthropic=claude"))
    report = await bring(workspace, data.encode(), wishes=wishes)
    assert report.new == 3
    totals = await workspace.usage.top("acme", by="integration")
    assert {total.key: total.calls for total in totals} == {gpt: 2, claude: 1}


async def test_a_record_that_names_its_integration_keeps_it(workspace: Workspace, gpt: str) -> None:
    other = await add(workspace, "other")
    await bring(workspace, line(1, integration="OTHER").encode())
    (total,) = await workspace.usage.top("acme", by="integration")
    assert total.key == other


async def test_an_integration_that_is_not_there_is_said_before_anything_is_read(
    workspace: Workspace, gpt: str, log: Path
) -> None:
    with pytest.raises(NotFound, match="'nope'"):
        await bring(workspace, log, wishes=Wishes(default="nope"))


@pytest.mark.parametrize("told", [("a", "b"), ("=x",), ("openai=",)])
def test_refuses_wishes_that_say_nothing(told: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        parse_wishes(told)


async def test_an_empty_log_is_no_mistake(workspace: Workspace, gpt: str) -> None:
    report = await bring(workspace, b"\n \n")
    assert (report.format, report.read, report.complete) == ("", 0, True)


async def test_read_only_reads_nothing(
    workspace: Workspace, gpt: str, log: Path, settings: Settings
) -> None:
    closed = Workspace.open(Settings(database=settings.database, read_only=True))
    try:
        with pytest.raises(ReadOnlyRefused):
            await bring(closed, log)
    finally:
        await closed.aclose()


async def test_a_full_disk_keeps_what_fitted_and_another_run_goes_on(
    workspace: Workspace, gpt: str, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)

    def limit(pages: int) -> Callable[[Connection], None]:
        return lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # type: ignore[return-value]

    used = await workspace.write(
        lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    )
    await workspace.write(limit(used + 20))
    with pytest.raises(ImportBroken) as caught:
        await bring(workspace, log)
    kept = caught.value.report
    assert isinstance(caught.value.__cause__, WorkspaceError)
    assert "full" in caught.value.__cause__.message
    assert 0 < kept.new < 1_000
    await workspace.write(limit(2**30))
    report = await bring(workspace, log)
    assert kept.new + report.new == 1_000
    assert report.went_on_at > 0


async def test_memory_does_not_grow_with_refusals(
    workspace: Workspace, gpt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "KEPT_REFUSALS", 50)
    report = await bring(workspace, b"{}\n" * 400)
    assert (report.refused, len(report.refusals)) == (400, 50)


def import_in_child(database: Path, log: Path, *killed: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.engine.usage.importing_child"]
    return subprocess.run(
        [*command, f"sqlite:///{database}", str(log), *killed],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.processes
@pytest.mark.parametrize(
    ("point", "batch"), [(POINTS[0], "1"), *((point, "4") for point in POINTS)]
)
async def test_kill_9_at_any_point_and_run_again_is_exact(  # noqa: PLR0917
    workspace: Workspace, gpt: str, log: Path, tmp_path: Path, point: str, batch: str
) -> None:
    whole, broken = tmp_path / "whole.db", workspace.database.path
    assert broken is not None
    workspace.database.backup(whole)
    killed = import_in_child(broken, log, point, batch)
    assert killed.returncode == -9, killed.stderr
    again = import_in_child(broken, log)
    assert again.returncode == 0, again.stderr
    told = Workspace.open(Settings(database=f"sqlite:///{whole}"), clock=workspace.clock)
    try:
        assert (await bring(told, log)).new == 1_000
        assert await workspace.read(contents) == await told.read(contents)
    finally:
        await told.aclose()
    assert await workspace.read(lambda one: UsageDriver(one).feeds("acme")) == []
