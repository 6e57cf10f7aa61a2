"""Several processes append to one ledger, and some of them are killed: one chain, no gap."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from tests.engine.prevention.conftest import Ledger

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[3]
# Both are larger where somebody asks for it: 10 processes and 50 kills hold as well.
PROCESSES = int(os.environ.get("LAMPBOARD_TEST_LEDGER_PROCESSES", "3"))
KILLS = int(os.environ.get("LAMPBOARD_TEST_LEDGER_KILLS", "3"))


def appending(url: str, salt: str, batches: int, size: int) -> subprocess.Popen[str]:
    words = ("tests.engine.prevention.appending", url, salt, str(batches), str(size))
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_several_processes_make_one_chain(ledger: Ledger, url: str) -> None:
    await ledger.write(1)
    batches, size = 15, 3
    running = [appending(url, f"w{place}", batches, size) for place in range(PROCESSES)]
    told = [one.communicate(timeout=300) for one in running]
    assert [one.returncode for one in running] == [0] * PROCESSES, told
    found = await ledger.verify()
    total = 1 + PROCESSES * batches * size
    assert (found.ok, found.verified) == (True, total), found.fault
    records = {one.seq: one for one in await ledger.records()}
    spans = sorted(
        tuple(map(int, line.split()[:2])) for out, _ in told for line in out.splitlines()
    )
    assert [first for first, _ in spans] == list(range(2, total, size))
    for out, _ in told:
        for line in out.splitlines():
            first, last, head = line.split()
            assert records[int(last)].digest == head
            assert int(last) - int(first) == size - 1
    written = {one.blocked_incident_id for one in records.values()}
    assert len(written) == total


async def test_nothing_acknowledged_is_lost_by_a_kill(ledger: Ledger, url: str) -> None:
    """Killed while the next batch is under way, after one more acknowledged batch each time."""
    await ledger.write(1)
    heads: dict[int, str] = {}
    for point in range(KILLS):
        process = appending(url, f"k{point}", 0, 5)
        out = cast("IO[str]", process.stdout)
        for _ in range(1 + point % 7):
            first, last, head = out.readline().split()
            assert int(last) - int(first) == 4
            heads[int(last)] = head
        process.send_signal(signal.SIGKILL)
        rest = out.read().splitlines()
        process.communicate()
        for line in rest:
            if len(words := line.split()) == 3 and len(words[2]) == 64:
                heads[int(words[1])] = words[2]
        found = await ledger.verify()
        assert found.ok, found.fault
        assert found.verified >= max(heads)
        assert (found.verified - 1) % 5 == 0  # all of a batch, or none of it
    records = {one.seq: one.digest for one in await ledger.records()}
    assert all(records[seq] == head for seq, head in heads.items())
    assert (await ledger.write(1)).first == len(records) + 1
