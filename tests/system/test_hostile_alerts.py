"""Text that attacks in incidents, notes, reasons, channels and alerts: it is text all over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from storage.database import Database
from storage.tables import (
    alert_channels,
    alert_routes,
    alerts,
    incident_events,
    incident_members,
    incidents,
    silences,
    targets,
)
from tests.system.attacks import alien, alien_in_table, fill
from tests.system.program import TENANT
from tests.system.test_hostile_text import COLOURED, attacks, done

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.system.program import Program

pytestmark = pytest.mark.processes
__all__ = ["attacks"]
READINGS = (
    "incidents list --all", "incidents list --state any --all", "incidents list n0 --sort title",
    "silences list", "silences list --ended", "alerts channels list", "alerts routes list",
    "alerts log --limit 999", "alerts log state:failed", "health board --limit 500",
)  # fmt: skip
DAY = timedelta(days=1)


def stock(program: Program, values: list[str]) -> None:
    """Put each value into every text of incidents, silences, channels, routes and alerts."""
    fill(program.url, values)
    database = Database.open(program.url)
    storable = [value.encode("utf-8", "replace").decode() for value in values]
    with database.write() as connection:
        numbers = list(connection.execute(select(targets.c.number)).scalars())
        for place, value in enumerate(storable):
            _incident(connection, place, value, numbers[place % len(numbers)])
            _silence(connection, place, value)
            _channel(connection, place, value)
    database.close()


def _incident(connection: Connection, place: int, value: str, target: int) -> None:
    now = datetime.now(UTC)
    acknowledged = {"acknowledged_at": now, "acknowledged_by": value, "acknowledged_because": value}
    row = {
        "number": place + 1,
        "tenant_id": TENANT if place % 7 else None,
        "cause": value if place % 5 == 0 else "lamp",
        "key": f"{place} {value}",
        "title": f"n{place:03d} {value}",
        "severity": ("critical", "warning", value)[place % 3],
        "severity_rank": place % 2,
        "kind": ("integration", value)[place % 2],
        "thing_id": value,
        "thing_name": value,
        "technology": value,
        "target_number": target,
        "error": value,
        "message": value,
        "opened_at": now - timedelta(hours=1),
        "flapping": place % 2 == 0,
        "assignee": value,
        "search": value.casefold(),
        **(acknowledged if place % 2 else {}),
        **({"closed_at": now, "closed_because": value} if place % 4 == 0 else {}),
    }
    connection.execute(insert(incidents).values(row))
    member = {"incident_number": place + 1, "target_number": target, "joined_at": now}
    connection.execute(insert(incident_members).values(member))
    for what in ("note", "acknowledged", value):
        event = {"incident_number": place + 1, "at": now, "what": what, "actor": value}
        event |= {"said": value, "detail": {value: value, "changed": [value]}}
        connection.execute(insert(incident_events).values(event))


def _silence(connection: Connection, place: int, value: str) -> None:
    now = datetime.now(UTC)
    row = {
        "id": f"silence-{place}{value}",
        "tenant_id": TENANT if place % 5 else None,
        "kind": ("source", value)[place % 2],
        "thing_id": f"nothing {value}",
        "thing_name": value,
        "tag": value,
        "technology": value,
        "schedule": "once",
        "starts_at": now - DAY,
        "ends_at": now + DAY,
        "timezone": ("UTC", value)[place % 2],
        "reason": value,
        "created_at": now,
        "created_by": value,
        "ended_by": value,
    }
    connection.execute(insert(silences).values(row))


def _channel(connection: Connection, place: int, value: str) -> None:
    now, name = datetime.now(UTC), f"n{place:03d} {value}"
    told: dict[str, Any] = {
        "id": f"channel-{place}{value}",
        "tenant_id": TENANT,
        "name": name,
        "sort_name": name.casefold(),
        "type": ("desktop", "webhook", value)[place % 3],
        "credential_ref": f"env://{value}",
        "options": {value: value},
        "title_template": value,
        "body_template": value,
        "per_hour": 60,
        "enabled": True,
        "created_at": now,
        "last_error": value,
        "last_error_at": now,
    }
    connection.execute(insert(alert_channels).values(told))
    route = {
        "id": f"route-{place}{value}", "tenant_id": TENANT, "channel_id": told["id"],
        "all_tenants": True, "severity": "warning", "tag": value, "technology": value,
        "wait_s": 0, "remind_s": 0, "on_recovery": True, "on_acknowledged": True, "enabled": True,
        "created_at": now,
    }  # fmt: skip
    connection.execute(insert(alert_routes).values(route))
    alert = {
        "tenant_id": TENANT, "channel_id": told["id"], "incident_number": place + 1,
        "event": ("opened", value)[place % 2], "ordinal": 0,
        "state": ("failed", "sent", value)[place % 3], "due_at": now, "title": value,
        "body": value, "error": value, "created_at": now, "sent_at": now,
    }  # fmt: skip
    connection.execute(insert(alerts).values(alert))


def test_no_command_steers_a_terminal(program: Program, attacks: list[str]) -> None:
    stock(program, attacks)
    program.extra.update(COLOURED)
    runs = [tuple(line.split()) for line in READINGS]
    runs += [(*line.split(), "-o", kind) for line in READINGS[:8:2] for kind in ("csv", "name")]
    numbers = [str(place + 1) for place in range(0, len(attacks), 40)]
    runs += [("incidents", verb, number) for number in numbers for verb in ("show", "export")]
    typed = [one for one in attacks if one and "\0" not in one and max(one) < "\ud800"][::36]
    for value in typed:
        runs += [
            ("incidents", "note", "2", f"--{value}" if value == "-" else f"n {value}"),
            ("incidents", "list", f"{value}:{value}"),
            ("incidents", "acknowledge", "2", f"--reason={value}"),
            ("silences", "add", f"--tag={value}", "--for=2h", f"--reason={value}"),
            ("silences", "add", "--everything", f"--for={value}", f"--timezone={value}"),
            ("alerts", "channels", "add", f"--name={value}", "--type=bell"),
            ("alerts", "channels", "test", "--", value),
            ("alerts", "routes", "add", f"--hours={value}", "--", value),
            ("health", "board", f"--at={value}"),
        ]
    for one in program.many(*runs):
        assert one.code in {0, 1, 2}, one
        assert "Traceback" not in one.said, one
        assert "inside Lampboard" not in one.err, one
        assert not alien_in_table(one.out), one.argv
        assert not alien_in_table(one.err), one.argv


def test_a_monitor_tells_them_as_text(program: Program, attacks: list[str]) -> None:
    """Every incident goes out by every route; what is logged of it is one line each."""
    stock(program, attacks)
    logged = {"LAMPBOARD_LOG_FILE": "-", "LAMPBOARD_LOG_LEVEL": "info"}
    once = program.run("monitor", "--once", env=logged)
    assert once.code == 0, once.err
    assert "Traceback" not in once.err
    assert not alien_in_table(once.said)


LIST = ("!", "b", "\x1b[H")
WALK = (
    (("!", *["j"] * 30), "INCIDENT"),
    (("\r", *["j"] * 12), "number"),
    (("m",), "esc leaves"),
    ((*LIST, "j", "\r", *["j"] * 8), "ENDED"),
    ((*LIST, *["j"] * 2, "\r", *["j"] * 8), "Silences"),
    (("e",), "esc leaves"),
    ((*LIST, *["j"] * 3, "\r", *["j"] * 8), "Channels"),
    (("e",), "esc leaves"),
    ((*LIST, *["j"] * 4, "\r", *["j"] * 8), "Routes"),
    ((*LIST, *["j"] * 5, "\r", *["j"] * 8), "Alerts"),
    (("5",), "CHECKED"),
    (("[",), "as it was"),
)
"""Keys, and a word that is on the screen when the last of them has done its work."""


def test_no_screen_steers_a_terminal(program: Program, attacks: list[str]) -> None:
    stock(program, attacks)
    with program.dashboard(env={"LAMPBOARD_MONITOR": "off"}) as board:
        board.shows("n000")
        for keys, word in WALK:
            board.press(*keys)
            board.shows(word)
            done(board)
        board.press("q")
        assert board.ends() == 0
        raw = bytes(board.raw)
    assert not alien(raw)
