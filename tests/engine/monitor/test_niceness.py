"""The monitor stays under the dashboard, also where Linux shares the processor by session."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from engine.monitor.supervisor import NICENESS, make_nice


def _of_session(pid: int) -> int | None:
    """Return the niceness of the process's session, None where they are not grouped by it."""
    group = Path(f"/proc/{pid}/autogroup")
    words = group.read_text(encoding="ascii").split() if group.exists() else []
    return int(words[-1]) if words else None


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="this system knows no niceness")
async def test_a_process_and_its_session_become_nice() -> None:
    waiting = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "input()"),
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        make_nice(waiting.pid)
        assert os.getpriority(os.PRIO_PROCESS, waiting.pid) == NICENESS
        assert _of_session(waiting.pid) in {None, NICENESS}
    finally:
        await waiting.communicate(b"\n")


async def test_a_process_that_is_gone_is_nobodys_trouble() -> None:
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
    await gone.wait()
    make_nice(gone.pid)
