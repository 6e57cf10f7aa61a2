from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from engine.integrations.model import IntegrationStatus
from engine.jsonable import JsonRecord, jsonable


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner(JsonRecord):
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer(JsonRecord):
    inner: tuple[Inner, ...]
    status: IntegrationStatus
    nothing: None = None


def test_records_become_plain_json() -> None:
    at = datetime(2026, 11, 21, 13, tzinfo=timezone(timedelta(hours=1)))
    told = Outer(inner=(Inner(at=at),), status=IntegrationStatus.ENABLED).to_dict()
    assert told == {
        "inner": [{"at": "2026-11-21T12:00:00Z"}],
        "status": "enabled",
        "nothing": None,
    }
    assert json.loads(json.dumps(told)) == told


def test_what_json_does_not_know_becomes_text() -> None:
    assert jsonable({"span": timedelta(seconds=1), "at": datetime(2026, 1, 1, tzinfo=UTC)}) == {
        "span": "0:00:01",
        "at": "2026-01-01T00:00:00Z",
    }


def test_a_time_without_a_zone_is_not_given_one() -> None:
    at = datetime(2026, 1, 1, 7, 30)  # noqa: DTZ001 - as a database tells it
    assert jsonable(at) == "2026-01-01T07:30:00"
