"""Channels, routes and alerts as rows: every state by glyph and word, text from outside clean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.alerts import Alert, Channel, Route
from engine.alerts.model import ALERT_STATES
from tests.engine.conftest import NOON
from tui.alerts import rows, story
from tui.alerts.entries import Entry, alert_entry, channel_entry, route_entry
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text
from tui.widgets.columns import place

CHANNEL = Channel(
    id="c", tenant_id="acme", name="on-call", type="webhook", created_at=NOON, routes=1
)
ROUTE = Route(id="r", tenant_id="acme", channel_id="c", channel_name="on-call", created_at=NOON)
ALERT = Alert(
    id=7,
    tenant_id="acme",
    channel_id="c",
    channel_name="on-call",
    channel_type="webhook",
    incident_number=3,
    event="opened",
    state="sent",
    due_at=NOON,
    attempts=1,
    title="[critical] New: gpt",
    error=None,
    created_at=NOON,
    sent_at=NOON,
)


def told(channel: Channel) -> list[str]:
    row = rows.channel_row(channel_entry(channel), channel, None, NOON, UNICODE)
    return [cell_text(cell) for cell in row.cells]


def test_a_channel_says_how_it_is() -> None:
    assert told(CHANNEL)[:6] == ["○", "on-call", "webhook", "-", "untried", "1"]
    sent = replace(
        CHANNEL, last_sent_at=NOON - timedelta(minutes=2), options={"place": "https://x"}
    )
    assert told(sent)[0] == "●"
    assert told(sent)[3:5] == ["https://x", "told"]
    broken = replace(sent, last_error="HTTP 500\x1b[2J")
    assert told(broken)[0] == "✖"
    assert told(broken)[-1] == "HTTP 500"
    assert told(replace(broken, enabled=False))[4] == "disabled"


def test_a_route_says_what_goes_where_and_when() -> None:
    def row(route: Route) -> list[str]:
        made = rows.route_row(route_entry(route), route, None, UNICODE)
        return [cell_text(cell) for cell in made.cells]

    assert row(ROUTE) == ["●", "on-call", "warning", "everything", "always", "10 s", "-", "yes"]
    hours = {"days": ["sat", "sun"], "from": "22:00", "to": "06:00", "timezone": "Asia/Tokyo"}
    narrow = replace(
        ROUTE,
        severity="critical",
        cause="lamp",
        technology="openai",
        kind="integration",
        tag="prod",
        all_tenants=True,
        hours=hours,
        wait_s=0,
        remind_s=1800,
    )
    assert row(narrow)[2:7] == [
        "critical",
        "lamps openai integrations tagged prod of all tenants",
        "sat,sun 22:00-06:00 Asia/Tokyo",
        "at once",
        "30 min",
    ]


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("state", ALERT_STATES)
def test_every_state_of_an_alert_has_its_word(state: str, glyphs: object) -> None:
    alert = replace(ALERT, state=state, error="HTTP 500" if state != "sent" else None)
    row = rows.alert_row(alert_entry(alert, "acme"), alert, None, NOON, glyphs)  # type: ignore[arg-type]
    said = [cell_text(cell) for cell in row.cells]
    assert said[4] == state
    assert said[-1] == ("[critical] New: gpt" if state == "sent" else "HTTP 500")


def pane(entry: Entry) -> list[str]:
    return [cell_text(line).strip() for line in story.told_lines(entry, 60, NOON, UNICODE)]


def test_the_pane_shows_the_lamp_of_the_list_and_where_a_channel_leads() -> None:
    assert pane(route_entry(ROUTE))[0] == "● enabled"
    assert pane(route_entry(replace(ROUTE, enabled=False)))[0] == "○ disabled"
    there = replace(CHANNEL, options={"place": "https://hooks.example"})
    assert "to          https://hooks.example" in pane(channel_entry(there))


def test_the_pane_of_an_uncertain_alert_says_why_and_what_to_do() -> None:
    alert = replace(ALERT, state="uncertain", error="The receiver did not answer.")
    said = pane(alert_entry(alert, "acme"))
    assert said[:2] == ["▲ uncertain", "The receiver did not answer."]
    assert said[-1] == "It may have arrived: r sends it again."


@pytest.mark.parametrize(
    ("width", "least", "what"), [(75, 30, False), (76, 32, False), (88, 30, True), (100, 35, True)]
)
def test_the_title_has_what_is_left(width: int, least: int, what: bool) -> None:
    shown = {one.column.name: one for one in place(rows.ALERT_COLUMNS, width)}
    assert ("event" in shown) is what
    assert shown["said"].width >= least
    assert shown["said"].x + shown["said"].width == width


def test_what_was_not_said_yet_says_what_it_is_about() -> None:
    alert = replace(ALERT, state="waiting", title=None)
    row = rows.alert_row(alert_entry(alert, "acme"), alert, None, NOON, UNICODE)
    assert cell_text(row.cells[-1]) == "opened"


@pytest.mark.parametrize("width", [75, 78])
def test_the_log_says_what_was_told_before_how_often_it_was_tried(width: int) -> None:
    shown = [placed.column.name for placed in place(rows.ALERT_COLUMNS, width)]
    assert "said" in shown
    assert "tries" not in shown
