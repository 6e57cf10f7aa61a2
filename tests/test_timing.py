"""Tests that time is lost to the machine only where this process neither worked nor waited."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.timing import within

STOPPER = """
import os, signal, sys, time
whom = int(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
os.kill(whom, signal.SIGSTOP)
time.sleep(3)
os.kill(whom, signal.SIGCONT)
print("done", flush=True)
"""


def work(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def waits_too_long() -> bool:
    try:
        with within(0.2):
            time.sleep(0.4)
    except AssertionError:
        return True
    return False


def test_waiting_counts() -> None:
    # The machine may take the time of one of them away, but hardly of all.
    assert any(waits_too_long() for _ in range(5))


def test_own_work_counts() -> None:
    with pytest.raises(AssertionError), within(0.1):
        work(0.3)


@pytest.mark.processes
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes cannot be stopped here")
def test_time_in_which_nothing_ran_does_not() -> None:
    command = [sys.executable, "-I", "-c", STOPPER, str(os.getpid())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stopper:
        assert stopper.stdin is not None
        assert stopper.stdout is not None
        assert stopper.stdout.readline() == b"ready\n"
        with within(3.0):
            stopper.stdin.write(b"go\n")
            stopper.stdin.flush()
            assert stopper.stdout.readline() == b"done\n"
