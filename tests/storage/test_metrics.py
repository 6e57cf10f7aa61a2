from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, update

from storage.health import CheckRow, HealthDriver, MonitorRow
from storage.metrics import MOST_SHARES, board
from storage.tables import alert_channels, alerts, gauges, incidents, meters, targets

from .conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database

LONG_AGO = NOW - timedelta(hours=1)


def _incident(number: int, tenant: str | None, **more: object) -> dict[str, object]:
    return {
        "tenant_id": tenant,
        "cause": "lamp",
        "key": str(number),
        "title": "t",
        "severity": "critical",
        "severity_rank": 0,
        "opened_at": NOW,
        "search": "",
        "acknowledged_at": None,
        "closed_at": None,
        **more,
    }


def _trouble(connection: Connection) -> None:
    rows = [
        _incident(1, "acme"),
        _incident(2, "acme", acknowledged_at=NOW),
        _incident(3, None, cause="monitor"),
        _incident(4, "acme", closed_at=NOW),
    ]
    connection.execute(insert(incidents), rows)
    connection.execute(
        insert(alert_channels).values(
            id="c",
            tenant_id="acme",
            name="c",
            sort_name="c",
            type="bell",
            per_hour=1,
            enabled=True,
            created_at=NOW,
        )
    )
    told = {"channel_id": "c", "event": "opened", "due_at": NOW, "created_at": NOW}
    states = ("waiting", "failed", "failed")
    connection.execute(
        insert(alerts),
        [{**told, "ordinal": place, "state": state} for place, state in enumerate(states)],
    )


def test_a_board_is_counted(database: Database, add: Callable[..., int]) -> None:
    number = add("a")
    add("b")
    add("gone")
    add("theirs", tenant="other", active=False)
    with database.write() as connection:
        health = HealthDriver(connection)
        connection.execute(
            update(targets).where(targets.c.name == "gone").values(retired_at=NOW, due_at=None)
        )
        health.record([CheckRow(target_number=number, checked_at=NOW, state="failing")])
        for name, beat_at in (("alive", NOW), ("dead", LONG_AGO)):
            row = MonitorRow(id=name, host="h", pid=1, started_at=LONG_AGO, beat_at=beat_at)
            health.beat(row)
        _trouble(connection)
    with database.read() as connection:
        found = board(connection, NOW + timedelta(seconds=9), NOW - timedelta(seconds=10))
    assert sorted(found.lamps) == [
        ("acme", "integration", "failing", 1),
        ("acme", "integration", "unknown", 1),
        ("other", "integration", "unknown", 1),
    ]
    assert set(found.incidents) == {
        ("acme", "critical", "lamp", False, 1),
        ("acme", "critical", "lamp", True, 1),
        (None, "critical", "monitor", False, 1),
    }
    assert dict(found.alerts) == {"waiting": 1, "failed": 2}
    assert (found.monitors, found.due, found.next_due) == (1, 1, NOW)


def test_the_gauges_that_run_out_first_are_told(
    database: Database, add: Callable[..., int]
) -> None:
    add("a")
    with database.write() as connection:
        meter = connection.execute(
            insert(meters)
            .values(tenant_id="acme", scope="model", subject="m", name="m", created_at=NOW)
            .returning(meters.c.number)
        ).scalar_one()
        gauge = {"meter_number": meter, "tenant_id": "acme", "scope": "model", "name": "m"}
        rows = [
            {**gauge, "measure": f"{n}", "sort_name": "m", "percent": float(n), "urgency": -n}
            | {"limit_value": 100, "state": "ok"}
            for n in range(MOST_SHARES + 5)
        ]
        rows[0] |= {"percent": -1.0, "state": "unmeasured"}
        connection.execute(insert(gauges), rows)
    with database.read() as connection:
        found = board(connection, NOW, NOW)
    assert len(found.shares) == MOST_SHARES
    assert found.shares[0] == ("acme", "model", "m", f"{MOST_SHARES + 4}", MOST_SHARES + 4.0)
    counted = {(tenant, state): count for tenant, state, count in found.gauges}
    assert counted["acme", "ok"] == MOST_SHARES + 4
