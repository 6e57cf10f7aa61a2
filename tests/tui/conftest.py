"""Dashboards under test wait for what they do, not for a machine that looks idle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.settings import Settings
from tests.resting import make_patient
from tests.tui.inventory.driver import TENANT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    make_patient(monkeypatch)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a board that dana opens on a database of its own, and that starts no monitor."""
    return Settings(
        database=f"sqlite:///{tmp_path / 'board.db'}",
        operator="dana",
        tenant=TENANT,
        monitor="off",
        master_key="ab" * 32,
        refresh_s=30.0,
    )
