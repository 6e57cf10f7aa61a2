from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.engine.usage.receiver.conftest import span, traces

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Run


def _at(moment: float, document: dict[str, object]) -> bytes:
    """Move the calls to a moment of these days: the program under test has the machine's clock."""
    now = str(int(moment) * 10**9)
    text = json.dumps(document)
    return re.sub(r'("(?:start|end)TimeUnixNano": )"\d+"', rf'\g<1>"{now}"', text).encode()


@pytest.mark.processes
@pytest.mark.parametrize("ending", ["signal", "input"])
def test_what_was_acknowledged_is_there_after_the_end(board: Run, ending: str) -> None:
    add = ("integrations", "add", "--name", "gpt", "--provider", "openai", "--credential-stdin")
    assert board(*add, stdin="sk-proj-planted-for-calls").code == 0
    began = time.time()
    command = [sys.executable, "-m", "tui", "usage", "receive", "--port", "0", "-o", "json"]
    process = subprocess.Popen(
        [*command, *(("--child",) if ending == "input" else ())],
        env=dict(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
        assert found is not None
        request = urllib.request.Request(  # noqa: S310 - loopback, just found
            found[0] + "/v1/traces",
            data=_at(began, traces(span(1), span(2))),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - see above
            assert json.load(answer) == {}
        if ending == "signal":
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == (130 if ending == "signal" else 0), err
    assert (json.loads(out)["new"], "Traceback" in err) == (2, False)
    month = time.strftime("%Y-%m", time.gmtime(began))
    (top,) = board("usage", "top", "--month", month, "-o", "json").json["items"]
    assert (top["calls"], top["tokens_in"]) == (2, 2000)


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (("--host", "0.0.0.0"), "needs a token"),
        (("--count", "logs"), "is not one of spans, metrics"),
        (("--token-stdin",), "no usable token"),
        (("--integration", "nobody"), "no integration 'nobody'"),
    ],
)
def test_wrong_usage_is_told(board: Run, argv: tuple[str, ...], why: str) -> None:
    board("tenants", "add", "acme")
    done = board("usage", "receive", *argv)
    assert done.code in {1, 2}
    assert why in done.err


def test_the_token_is_no_flag_and_short_ones_are_refused(board: Run) -> None:
    board("tenants", "add", "acme")
    done = board("usage", "receive", "--token-stdin", "--host", "0.0.0.0", stdin="planted")
    assert (done.code, "planted" in done.err) == (2, False)
    assert "less than 16" in done.err
