"""What a check changes, against the two tables of the design."""

from __future__ import annotations

import pytest

from engine.health.kinds import KINDS
from engine.health.rules import LEFT_OUT, deadline_s, status_after
from engine.settings import Settings

STATES = ("healthy", "degraded", "failing", "unknown")


@pytest.mark.parametrize(
    ("kind", "status", "after"),
    [
        ("source", "active", ("active", "active", "error", "active")),
        ("source", "error", ("active", "active", "error", "error")),
        *(
            ("source", status, (status,) * 4)
            for status in ("pending", "configuring", "inactive", "deprecated")
        ),
        *(
            ("connector", status, ("connected", "connected", "error", status))
            for status in ("registered", "configuring", "ready", "connected")
        ),
        ("connector", "error", ("connected", "connected", "error", "error")),
        ("connector", "disconnected", ("disconnected",) * 4),
        ("connector", "deprecated", ("deprecated",) * 4),
        ("integration", "enabled", ("enabled",) * 4),
    ],
)
def test_what_a_check_makes_of_a_status(kind: str, status: str, after: tuple[str, ...]) -> None:
    assert tuple(status_after(kind, status, state) for state in STATES) == after


def test_every_kind_says_what_is_out_of_use() -> None:
    assert set(LEFT_OUT) == set(KINDS)


def test_integrations_have_a_deadline_of_their_own() -> None:
    settings = Settings(deadline_s=9, test_deadline_s=2)
    assert [deadline_s(kind, settings) for kind in KINDS] == [9, 2, 2]
