from __future__ import annotations

from datetime import UTC, datetime

from engine.sources import DataSourceStatus, DataSourceType, rows
from storage.sources import SourceListRow

NOW = datetime(2026, 3, 13, 14, 2, tzinfo=UTC)


def test_words_that_a_newer_version_wrote_are_read_as_the_nearest_known() -> None:
    row = SourceListRow(
        id="s-1",
        tenant_id="acme",
        name="lake",
        type="lakehouse",
        technology="iceberg",
        status="sleeping",
        created_at=NOW,
        number=1,
        active=False,
        state="unknown",
        error=None,
        message=None,
        remedy=None,
        stage=None,
        latency_ms=None,
        status_code=None,
        checked_at=None,
        since=None,
        failures_in_row=0,
        due_at=None,
        passed_at=None,
        passes=0,
        failures=0,
        last_error=None,
    )
    source = rows.source(row)
    assert source.source_type is DataSourceType.CUSTOM
    assert source.status is DataSourceStatus.INACTIVE
    assert (source.name, source.technology) == ("lake", "iceberg")
