"""A home folder of its own for each test, with the program in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.system.program import Program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Program:
    for name in ("home", "config", "data", "state", "cache"):
        (tmp_path / name).mkdir(mode=0o700)
    return Program(folder=tmp_path)
