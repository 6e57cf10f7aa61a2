"""What every test stands on: a machine kept out, a clock that is held, services really there.

The environment is cleaned before anything else is imported, because Textual reads
`NO_COLOR` and `TEXTUAL_THEME` once, when it is first loaded.
"""

from __future__ import annotations

import gc
import logging
import math
import os
import signal
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

for _name in ("NO_COLOR", "TEXTUAL_THEME", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TEXTUAL"):
    os.environ.pop(_name, None)
_KEPT = {"LAMPBOARD_CORPORA", "LAMPBOARD_REQUIRE_SERVICES", "LAMPBOARD_SERVICES"}
for _name in [name for name in os.environ if name.startswith("LAMPBOARD_")]:
    if _name not in _KEPT and not _name.startswith("LAMPBOARD_TEST_"):
        del os.environ[_name]
_HOME = Path(tempfile.mkdtemp(prefix="lampboard-tests-"))
for _name, _folder in {
    "HOME": "home",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
}.items():
    os.environ[_name] = str(_HOME / _folder)
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
# A script's background jobs ignore ctrl-c, and so would every program that a test starts and stops.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import pytest  # noqa: E402  (the environment comes first)
from hypothesis import HealthCheck, settings  # noqa: E402

# The same examples in every run, and no word of how long one took: machines are busy.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def _no_log_left_behind() -> Iterator[None]:
    """A command line that ran in this process keeps no later test from hearing the log."""
    yield
    for name in ("tui", "engine", "storage"):
        logger = logging.getLogger(name)
        for handler in logger.handlers:
            handler.close()
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def _never_too_busy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent server is a timeout here, and an answer not slow, however busy the machine is.

    What a check says of time itself has tests of its own, marked `busy_machine`.
    """
    if request.node.get_closest_marker("busy_machine") is None:
        monkeypatch.setattr("engine.probes.lateness._OWN_LEAST_MS", float("inf"))
        monkeypatch.setattr("engine.probes.running.slowness", lambda _: None)
        monkeypatch.setattr("engine.probes.http_json.slowness", lambda _: None)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of hostile data; tests that need it are skipped where it is not."""
    root = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("LAMPBOARD_CORPORA", root.parent / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip("no corpora folder: set LAMPBOARD_CORPORA to one")
    return folder


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Gives ports that nothing listens on, and that no other process of tests is given."""
    from tests.servers import programs

    return programs.free_port


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A loopback port that nothing listens on, and that nobody is given while the test lasts."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


def pytest_xdist_auto_num_workers() -> int:
    """Uses the third of the time in which a test waits for servers, timers and children."""
    return math.ceil(1.5 * (os.cpu_count() or 1))


def pytest_collection_finish() -> None:
    """Keeps what was collected out of every later look for garbage: it lives to the end."""
    gc.collect()
    gc.freeze()
    # Boards come and go by the thousand objects; at Python's 700 a fifth of the time is looking.
    gc.set_threshold(20_000, 20, 20)


def pytest_sessionfinish() -> None:
    """Takes the throw-away home folder of this worker away."""
    import shutil

    gc.unfreeze()  # or libraries count at the end what was never let go
    shutil.rmtree(_HOME, ignore_errors=True)
