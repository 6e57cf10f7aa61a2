from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_ended_takes_its_world_with_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "demo", "--headless", "--seconds", "3000"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stderr is not None
        # It says so once everything is registered.
        assert any("Checking them" in line for line in demo.stderr)
        assert list(tmp_path.glob("lampboard-demo-*"))
        demo.send_signal(number)
        assert "Traceback" not in demo.stderr.read()
        assert demo.wait(60) == 128 + number
    assert not list(tmp_path.glob("lampboard-demo-*"))
