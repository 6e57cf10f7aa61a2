"""The pass figures, on the shared corpora."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from engine.gateway.tripwire import look

if TYPE_CHECKING:
    from pathlib import Path

EVERYDAY = ("name", "place", "address", "city", "email", "model", "company")


def _read(corpora: Path, name: str) -> list[dict[str, Any]]:
    path = corpora / name
    if not path.is_file():
        pytest.skip(f"no {name} in the corpora folder")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _missed(rows: list[dict[str, Any]]) -> list[str]:
    assert len(rows) > 100
    return [row["value"] for row in rows if look(row["value"]) is None]


@pytest.mark.parametrize(("tier", "share"), [("clear", 0.97), ("exotic", 0.80)])
def test_attacks_are_caught(corpora: Path, tier: str, share: float) -> None:
    rows = [row for row in _read(corpora, "sqli_attacks.jsonl") if row["tier"] == tier]
    missed = _missed(rows)
    assert 1 - len(missed) / len(rows) >= share, missed


def test_required_evasions_are_caught(corpora: Path) -> None:
    rows = [row for row in _read(corpora, "sqli_evasions.jsonl") if row["required"]]
    missed = _missed(rows)
    assert 1 - len(missed) / len(rows) >= 0.98, missed


def test_what_people_type_passes(corpora: Path) -> None:
    rows = [row for row in _read(corpora, "benign_values.jsonl") if not row["hard"]]
    stopped = [row for row in rows if look(row["value"]) is not None]
    assert len(stopped) / len(rows) <= 0.01, [row["value"] for row in stopped]
    everyday = [row for row in stopped if any(word in row["family"] for word in EVERYDAY)]
    assert not everyday
