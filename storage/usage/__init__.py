"""Usage in the database: calls, what they are summed up to, and where they are read from.

`UsageDriver` is the way in; the rows are what it takes and gives.
"""

from __future__ import annotations

from storage.usage.driver import UsageDriver
from storage.usage.rows import (
    FACT_COLUMNS,
    DaySums,
    Fact,
    FactRow,
    FeedRow,
    SeriesKey,
    Sums,
    TopSums,
    Written,
)

__all__ = [
    "FACT_COLUMNS",
    "DaySums",
    "Fact",
    "FactRow",
    "FeedRow",
    "SeriesKey",
    "Sums",
    "TopSums",
    "UsageDriver",
    "Written",
]
