"""What every test stands on: a machine kept out, a clock that is held, services really there.

The environment is cleaned before anything else is imported, because Textual reads
`NO_COLOR` and `TEXTUAL_THEME` once, when it is first loaded.
"""

from __future__ import annotations

import os
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

import pytest  # noqa: E402  (the environment comes first)

if TYPE_CHECKING:
    from collections.abc import Callable


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
    """Gives loopback ports that nothing listens on at that moment."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


def pytest_sessionfinish() -> None:
    """Takes the throw-away home folder of this worker away."""
    import shutil

    shutil.rmtree(_HOME, ignore_errors=True)
