"""Text that attacks: the corpus, a database full of it, and what a terminal may be sent."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage.activity import ActivityDriver, ActivityRow
from storage.connectors import ConnectorRow, ConnectorsDriver
from storage.database import Database
from storage.health import CheckRow, HealthDriver, MonitorRow
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.sources import SourceRow, SourcesDriver
from storage.tenants import TenantsDriver
from tests.system.program import TENANT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

# Attacks of our own, so that no list is what the product was built to.
OWN = (
    *(
        "\x1b]52;c;cHduZWQ=\x07",
        "\x1b]0;owned\x1b\\",
        "\x9b31mred",
        "\x1bP$q\x1b\\",
        "\x1bc",
        "\x07",
    ),
    *("\x1b]8;;https://evil.example\x07x\x1b]8;;\x07", "\x1b[6n", "\x1b[?1049l", "\x85\x84\x8d"),
    *("\u202edrow\u202c", "a\u200b\u2060b", "\r\x1b[2K0 failing", "\x1b[1;1HX", "\x1b[>c\x1b[>q"),
    *(
        "[@click=app.exit()]x[/]",
        "[link=javascript:1]x",
        "\x00\x1b\x00[31m",
        "\u2028\u2029\x0b\x0c",
    ),
    *("[on red]", "\\[b]", "e" + "\u0301" * 400, "\U000e0041\U000e007f", "\x1b[31m" * 200, "[[[[/"),
)


def corpus(folder: Path | None) -> list[str]:
    """Return all attacks, those of the corpus too where there is one."""
    if folder is None:
        return list(OWN)
    lines = (folder / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines()
    return [*OWN, *(json.loads(line)["value"] for line in lines)]


def fill(url: str, values: Sequence[str]) -> None:
    """Put each value into every text of the database, past all that would refuse it."""
    database = Database.open(url, make_folder=True)
    storable = [value.encode("utf-8", "replace").decode() for value in values]
    with database.write() as connection:
        _write(connection, storable)
    database.close()


def _write(connection: Connection, values: Sequence[str]) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    tenants, things = TenantsDriver(connection), IntegrationsDriver(connection)
    tenants.ensure(TENANT, TENANT, now)
    for index, value in enumerate(values):
        if index < 40:
            tenants.ensure(f"t{index}{value}", f"t{index:03d} {value}", now)
        things.insert(_integration(index, value, now), active=True, interval_s=60, due_at=now)
        if index % 3 == 0:  # they are many, and each kind has all that others have
            given = {"active": True, "interval_s": 60, "due_at": now}
            SourcesDriver(connection).insert(_source(index, value, now), **given)
            ConnectorsDriver(connection).insert(_connector(index, value, now), **given)
        _activity(connection, index, value, now)
    _health(connection, values, now)


def _integration(index: int, value: str, now: datetime) -> IntegrationRow:
    return IntegrationRow(
        id=f"id-{index}{value}",
        tenant_id=TENANT,
        name=f"n{index:03d} {value}",
        provider_type=("custom", "openai", value or "none")[index % 3],
        status="enabled",
        credential_ref=f"env://{value}",
        base_url=f"https://h/{value}",
        config={"deployment": value, value: value},
        default_model=value,
        created_at=now,
        created_by=value,
    )


def _reached(index: int, value: str, now: datetime) -> dict[str, Any]:
    return {
        "tenant_id": TENANT,
        "name": f"n{index:03d} {value}",
        "description": value,
        "config": {"host": value, "database": value, "options": {"region": value, value: value}},
        "secrets": {"password": f"env://{value}"},
        "tags": (_word(value), "pii"),
        "metadata": {value: value},
        "owner_id": value,
        "created_at": now,
        "created_by": value,
    }


def _source(index: int, value: str, now: datetime) -> SourceRow:
    return SourceRow(
        **_reached(index, value, now),
        id=f"s-{index}{value}",
        type=("database", "stream", value or "none")[index // 3 % 3],
        technology=("redis", value or "none")[index // 3 % 2],
        status=("active", value or "none")[index // 3 % 2],
    )


def _connector(index: int, value: str, now: datetime) -> ConnectorRow:
    tool = {"name": value, "description": value, "input_schema": {value: value}}
    return ConnectorRow(
        **_reached(index, value, now),
        id=f"c-{index}{value}",
        type=("mcp", value or "none")[index // 3 % 2],
        technology=("mcp_http", value or "none")[index // 3 % 2],
        status=("connected", value or "none")[index // 3 % 2],
        endpoint=f"https://h/{value}",
        capabilities=(value,),
        discovered={
            "tools": [tool],
            value: [value],
            "tables": [{"name": value, "columns": [tool]}],
        },
    )


def _word(value: str) -> str:
    """Return what a tag may hold of it: what parts the tags in storage is in none."""
    return value.replace("\x1f", "") or "none"


def _activity(connection: Connection, index: int, value: str, now: datetime) -> None:
    ActivityDriver(connection).append(
        ActivityRow(
            tenant_id=TENANT,
            at=now,
            actor=value or "nobody",
            origin=value,
            action=value,
            concept=value,
            thing_id=value,
            thing_name=f"n{index:03d} {value}",
            detail={value: value, "changed": [value]},
        )
    )


def _health(connection: Connection, values: Sequence[str], now: datetime) -> None:
    driver = HealthDriver(connection)
    states = ("failing", "degraded", "healthy", "unknown")
    ids = [("integration", f"id-{index}{value}", index) for index, value in enumerate(values)]
    ids += [
        (kind, f"{kind[0]}-{index}{values[index]}", index)
        for kind in ("source", "connector")
        for index in range(0, len(values), 3)
    ]
    for kind, thing_id, index in ids:
        target, value = driver.target(kind, thing_id), values[index]
        assert target is not None
        for age, state in ((9, states[(index + 1) % 4]), (3, states[index % 4])):
            check = CheckRow(
                target_number=target.number,
                checked_at=now - timedelta(seconds=age),
                state=state,
                error=value,
                message=value,
                remedy=value,
                stage=value,
                latency_ms=12.0,
                status_code=500,
                stages=json.dumps([{"name": value, "ms": 1.0, "ok": False}]),
            )
            driver.record([check])
    value = values[0]
    driver.beat(MonitorRow(id=value, host=value, pid=1, started_at=now, beat_at=now, version=value))


# What a screen of the dashboard is made of: colours and attributes, the cursor's place, modes.
_COLOUR = r"(?:[34]8;2;\d+;\d+;\d+|[0-4]|7|9|2[2-9])"
_OWN = re.compile(
    rf"\x1b\[(?:{_COLOUR}(?:;{_COLOUR})*)?m|\x1b\[\d+;\d+H|\x1b\[\?\d+[hl]|\x1b\[\?\d+\$p"
    r"|\x1b\[[<>]\d*u|\x1b\]22;[a-z]+\x07|\r\n"
)
_PLAIN = re.compile(r"\x1b\[[0-9;]*m|\n")


def alien(raw: bytes) -> set[str]:
    """Return what a dashboard wrote to its terminal that is neither text nor its own sequence."""
    return _odd(_OWN.sub("", raw.decode("utf-8")))


def alien_in_table(printed: str) -> set[str]:
    """Return what a command printed that is neither text nor a colour nor a line's end."""
    return _odd(_PLAIN.sub("", printed))


def _odd(text: str) -> set[str]:
    found = {ascii(text[max(0, at - 8) : at + 12]) for at, one in enumerate(text) if _steers(one)}
    return set(sorted(found)[:10])


def _steers(character: str) -> bool:
    return not character.isprintable()
