from __future__ import annotations

import pytest

from engine.monitor.batching import Batch


def test_rows_are_ripe_when_there_are_enough() -> None:
    batch: Batch[int] = Batch(max_rows=3, max_age_s=9)
    for row in range(3):
        batch.add(row, now=1.0)
    assert batch.ripe_in(1.0) == 0


def test_the_oldest_row_waits_no_longer_than_the_age() -> None:
    batch: Batch[int] = Batch(max_rows=3, max_age_s=0.25)
    assert batch.ripe_in(5.0) is None
    batch.add(1, now=5.0)
    batch.add(2, now=5.2)
    assert batch.ripe_in(5.2) == pytest.approx(0.05)
    assert batch.ripe_in(6.0) == 0


def test_rows_stay_until_they_are_confirmed() -> None:
    batch: Batch[int] = Batch(max_rows=2)
    for row in range(3):
        batch.add(row, now=0.0)
    assert batch.offer() == [0, 1]
    assert batch.offer() == [0, 1]
    batch.confirm(2, now=1.0)
    assert batch.offer() == [2]
    assert len(batch) == 1
