"""Warning levels that were reached: each once in a period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage.limits.meters import MetersDriver
from storage.limits.transitions import note_transition, transitions

if TYPE_CHECKING:
    from storage.database import Database
    from storage.limits.rows import TransitionRow

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)


def note(database: Database, subject: str, tenant: str = "acme", **values: Any) -> bool:
    given = {"measure": "budget", "period_start": NOVEMBER, "level": 80.0, "at": NOW, **values}
    with database.write() as connection:
        driver = MetersDriver(connection)
        number = driver.ensure(tenant, "model", subject, name=subject.upper(), now=NOW)
        return note_transition(
            connection, tenant_id=tenant, meter_number=number, used=9, limit_value=10, **given
        )


def listed(database: Database, tenant: str | None, **values: Any) -> list[TransitionRow]:
    with database.read() as connection:
        return transitions(connection, tenant, **values)


def test_a_level_is_noted_once_a_period(database: Database) -> None:
    assert note(database, "m")
    assert not note(database, "m", at=NOW + timedelta(days=1))
    assert note(database, "m", level=95.0)
    assert note(database, "m", measure="tokens")
    assert note(database, "m", period_start=datetime(2026, 12, 1, tzinfo=UTC))
    assert note(database, "n")
    assert len(listed(database, "acme")) == 5


def test_they_come_newest_first_with_their_meters(database: Database) -> None:
    note(database, "m", level=50.0)
    note(database, "n")
    note(database, "m")
    note(database, "m", tenant="other")
    found = listed(database, "acme")
    assert [(row.subject, row.level) for row in found] == [("m", 80.0), ("n", 80.0), ("m", 50.0)]
    first = found[0]
    assert (first.scope, first.name, first.used, first.limit_value) == ("model", "M", 9, 10)
    assert (first.at, first.period_start, first.tenant_id) == (NOW, NOVEMBER, "acme")
    mine = listed(database, "acme", meter=first.meter_number)
    assert [row.level for row in mine] == [80.0, 50.0]
    assert listed(database, None, meter=first.meter_number) == mine
    assert listed(database, "other", meter=first.meter_number) == []
    assert len(listed(database, None)) == 4
    assert listed(database, None, limit=1)[0].tenant_id == "other"
