"""Eight processes write to one SQLite file at once: nobody is turned away, and nothing is lost.

`python -m benchmarks.writers [--turns 200] [--processes 8] [--rounds 3]`

A turn is what the product's own processes write: results of checks as a monitor brings them, calls
as an application records them, a record of prevention, which is written through to the disk, and an
entry in the activity; each in a transaction of its own. The baseline is one process that takes
as many turns as all of them together.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Figures, arguments, compile_tree, percentile
from benchmarks.seeding import TENANT, seed_integrations

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sqlalchemy import Connection

    from engine.workspace import Workspace

TARGETS, CALLS, TOKENS, KINDS = 50, 20, 7, 4
"""Of one turn: results, calls, tokens of each call; and how many transactions it is."""

INTEGRATION = "integration-000000"
_CONTEXT = multiprocessing.get_context("spawn")
_START = datetime(2026, 11, 1, tzinfo=UTC)
_ASKED_S = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a process tells: its writes' seconds, what they raised, and when it began and ended."""

    seconds: Sequence[float]
    errors: Sequence[str]
    begin: float
    end: float


def writing(url: str, turns: range, start: Any, done: Any) -> None:
    """A child: takes its turns, as soon as all others can."""
    asyncio.run(_writing(url, turns, start, done))


async def _writing(url: str, turns: range, start: Any, done: Any) -> None:
    from engine.settings import Settings
    from engine.workspace import Workspace

    workspace = Workspace.open(Settings(database=url, operator="bench"), origin="code")
    await workspace.tenants.list_tenants()  # what is loaded at the first use is not a wait
    seconds: list[float] = []
    errors: list[str] = []
    start.wait()
    begin = time.monotonic()
    for turn in turns:
        for write in _writes(workspace, turn):
            asked = time.monotonic()
            try:
                await write()
            except Exception as error:  # noqa: BLE001 - whatever it is, it counts
                errors.append(f"{type(error).__name__}: {error}")
            seconds.append(time.monotonic() - asked)
    end = time.monotonic()
    await workspace.aclose()
    done.put(Told(seconds=seconds, errors=errors, begin=begin, end=end))


def _writes(workspace: Workspace, turn: int) -> tuple[Callable[[], Awaitable[Any]], ...]:
    return (
        partial(_check, workspace, turn),
        partial(_call, workspace, turn),
        partial(_prevent, workspace, turn),
        partial(_act, workspace, turn),
    )


async def _check(workspace: Workspace, turn: int) -> None:
    from engine.incidents import turning
    from storage.health import CheckRow, HealthDriver

    at = _checked_at(turn)
    results = [
        CheckRow(target_number=number, checked_at=at, state="healthy", latency_ms=12.5)
        for number in range(1, TARGETS + 1)
    ]

    def work(connection: Connection) -> None:
        turning.turn(connection, HealthDriver(connection).record(results).turned)

    await workspace.write(work)


async def _call(workspace: Workspace, turn: int) -> None:
    from engine.usage.records import UsageRecord

    at = _START + timedelta(seconds=turn)
    records = [
        UsageRecord(call_id=f"{turn}-{place}", at=at, integration=INTEGRATION, tokens_in=TOKENS)
        for place in range(CALLS)
    ]
    await workspace.usage.record(TENANT, records)


async def _prevent(workspace: Workspace, turn: int) -> None:
    from engine.prevention.candidates import candidate_of

    told = {
        "policy_id": "p",
        "pattern_id": "q",
        "policy_mode": "active",
        "signature_match_confidence": 0.9,
        "incident_created": False,
        "blocked_incident_id": str(turn),
        "original_incident_id": "o",
        "pattern_signature": {"a": 1},
        "request_signature": {"a": 1},
    }
    await workspace.prevention.record(TENANT, candidate_of(told, TENANT))


async def _act(workspace: Workspace, turn: int) -> None:
    from engine.activity.record import note

    what = {"action": "bench.wrote", "concept": "bench", "thing_id": str(turn), "thing_name": "it"}
    await workspace.write(lambda connection: note(connection, workspace, TENANT, **what))


def _checked_at(turn: int) -> datetime:
    """Tells when a turn's checks ended: later than what the lamps were made with."""
    return _START + timedelta(days=365, seconds=turn)


def run(url: str, turns: int, processes: int) -> list[Told]:
    """Takes so many turns, shared by so many processes."""
    start, done = _CONTEXT.Barrier(processes), _CONTEXT.Queue()
    shares = [range(first, turns, processes) for first in range(processes)]
    children = [_CONTEXT.Process(target=writing, args=(url, one, start, done)) for one in shares]
    for one in children:
        one.start()
    told = [done.get(timeout=_ASKED_S) for _ in children]
    for one in children:
        one.join()
    return told


def lost(path: Path, turns: int) -> dict[str, int]:
    """How far each total is from what was written, by its name; all 0 where all is there."""
    last = int(_checked_at(turns - 1).timestamp() * 1000)  # whoever came later lit no lamp
    expected = {
        "SELECT count(*) FROM checks": turns * TARGETS,
        f"SELECT count(*) FROM targets WHERE checked_at = {last}": TARGETS,  # noqa: S608
        "SELECT count(*) FROM usage": turns * CALLS,
        # Of the integration, its provider, model and tenant: each sums up all calls.
        "SELECT min(t) FROM (SELECT sum(tokens_in) t FROM usage_days GROUP BY meter_number)": (
            turns * CALLS * TOKENS
        ),
        "SELECT sum(tokens_in) FROM usage_series_days": turns * CALLS * TOKENS,
        "SELECT max(seq) FROM prevention_records": turns,
        "SELECT count(*) FROM prevention_records": turns,
        "SELECT count(*) FROM activity WHERE action = 'bench.wrote'": turns,
        "SELECT count(*) FROM pragma_foreign_key_check": 0,
        "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'": 0,
    }
    raw = sqlite3.connect(path)
    found = {asked: int(raw.execute(asked).fetchone()[0] or 0) for asked in expected}
    raw.close()
    return {asked: abs(found[asked] - wanted) for asked, wanted in expected.items()}


async def faults(url: str) -> int:
    """How many faults the ledger has: its chain is proved from the first record on."""
    from engine.settings import Settings
    from engine.workspace import Workspace

    workspace = Workspace.open(Settings(database=url))
    found = await workspace.prevention.verify(TENANT)
    await workspace.aclose()
    return 0 if found.ok else 1


def measure(figures: Figures, folder: Path, turns: int, processes: int) -> None:
    """One round: takes all turns on a new file, and counts what is there afterwards."""
    path = folder / f"{processes}-{time.monotonic_ns()}.db"
    url = f"sqlite:///{path}"
    seed_integrations(url, TARGETS)
    told = run(url, turns, processes)
    taken = max(one.end for one in told) - min(one.begin for one in told)
    name = f"{processes} processes"
    figures.add(f"{name}: seconds", taken)
    figures.add(f"{name}: wait", *(each for one in told for each in one.seconds))
    figures.add(f"{name}: errors", sum(len(one.errors) for one in told))
    figures.add(f"{name}: lost", sum(lost(path, turns).values()) + asyncio.run(faults(url)))
    for error in {error for one in told for error in one.errors}:
        print(error)


def main() -> None:
    """Measures both, in turn, and prints the figures."""
    options = arguments(__doc__ or "", turns=200, processes=8, rounds=3)
    compile_tree()
    figures = Figures("writers")
    with tempfile.TemporaryDirectory(prefix="bench-writers-") as folder:
        for _ in range(options.rounds):
            for processes in (options.processes, 1):
                measure(figures, Path(folder), options.turns, processes)
    name = f"{options.processes} processes"
    writes = options.turns * KINDS * options.rounds
    errors, wrong = (sum(figures.samples[f"{name}: {what}"]) for what in ("errors", "lost"))
    figures.figure(f"{name}, {writes:,} transactions: errors", errors, at_most=0)
    figures.figure(f"{name}: what is missing from totals", wrong, at_most=0)
    figures.ratio(f"{name} / one: seconds", f"{name}: seconds", "1 processes: seconds")
    for share in (0.5, 0.99, 1.0):
        figures.ratio(
            f"{name} / one: a write, p{share * 100:g}",
            f"{name}: wait",
            "1 processes: wait",
            of=percentile(share),
        )
    figures.print()


if __name__ == "__main__":
    main()
