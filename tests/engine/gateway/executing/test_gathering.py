"""Counting rows: batches are counted as their values would be one by one, and cut exactly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gateway.executing.gathering import Gathered, size_of

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.sampled_from([date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), UUID(int=5)]),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def one_by_one(value: Any) -> int:
    """What one value counts, told the plain way."""
    return size_of([(value,)])


@settings(max_examples=100)
@given(st.lists(st.tuples(VALUES, VALUES), max_size=30))
def test_a_batch_counts_what_its_values_count(rows: list[tuple[Any, ...]]) -> None:
    plain = [row for row in rows if not any(isinstance(value, Decimal) for value in row)]
    assert size_of(plain) == sum(one_by_one(value) for row in plain for value in row)


def test_values_count_what_they_take() -> None:
    assert [one_by_one(value) for value in (None, True, 5, 0.5, date(2026, 1, 1))] == [8] * 5
    assert [one_by_one(value) for value in ("", "abc", "é", b"\0\0")] == [0, 3, 2, 2]
    assert one_by_one(UUID(int=5)) == 36
    assert one_by_one(Decimal("1.5")) == 16
    assert one_by_one(Decimal("1" * 500)) == 500
    assert one_by_one(["ab", {"c": "d"}]) == 2 + 2 + 2 + 1 + 1


@settings(max_examples=100)
@given(
    sizes=st.lists(st.integers(0, 40), max_size=60),
    max_rows=st.integers(1, 50),
    max_bytes=st.integers(1, 600),
)
def test_the_cut_is_exact_whatever_the_batches(
    sizes: list[int], max_rows: int, max_bytes: int
) -> None:
    source = [("x" * size,) for size in sizes]
    gathered, at = Gathered(max_rows, max_bytes), 0
    while not gathered.full:
        counts = gathered.batches()
        assert counts
        assert all(count > 0 for count in counts)
        batch = source[at : at + counts[0]]
        at += len(batch)
        gathered.take(batch)
        if len(batch) < counts[0]:
            break
    expected: list[tuple[str]] = []
    while len(expected) < min(len(source), max_rows):
        if sum(len(row[0]) for row in [*expected, source[len(expected)]]) > max_bytes:
            break
        expected.append(source[len(expected)])
    assert gathered.rows == expected
    assert gathered.size == sum(len(row[0]) for row in expected)
    assert gathered.full == (len(expected) < len(source))
