"""A home folder of its own for each test, with the program in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.system.canary import planted
from tests.system.echoes import echo
from tests.system.program import Program
from tests.system.provider import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.provider import Provider


@pytest.fixture
def program(tmp_path: Path) -> Program:
    for name in ("home", "config", "data", "state", "cache"):
        (tmp_path / name).mkdir(mode=0o700)
    return Program(folder=tmp_path)


@pytest.fixture
def secret() -> str:
    return planted()


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Gives back the credential of every request, in the way that the path names."""
    with serving(echo) as found:
        yield found
