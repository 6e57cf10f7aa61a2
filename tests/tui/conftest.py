"""Dashboards under test wait for what they do, not for a machine that looks idle."""

from __future__ import annotations

import pytest

from tests.resting import make_patient


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    make_patient(monkeypatch)
