"""Incidents as rows, in the headline and in every header: pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.incidents.model import IncidentHeadline
from tests.tui.incidents.made import NOW, OPENED, incident
from tui.incidents import rows
from tui.incidents.entries import incident_entry
from tui.incidents.headline import headline_cell
from tui.theme import ASCII, UNICODE
from tui.waiting import waiting_cell
from tui.widgets.cells import cell_text, cell_width

if TYPE_CHECKING:
    from engine.incidents.model import Incident
    from tui.theme import Glyphs


def texts(found: Incident, glyphs: Glyphs = UNICODE) -> list[str]:
    row = rows.incident_row(incident_entry(found, "acme-prod"), None, NOW, glyphs)
    return [cell_text(value) for value in row.cells]


def test_what_is_open_tells_how_bad_what_why_whose_and_since_when() -> None:
    found = texts(incident(assignee="ana"))
    assert found == [
        *("✖", "12", "claude-batch is failing", "login refused", "open", "ana", "11 min")
    ]


def test_what_flaps_says_so() -> None:
    assert texts(incident(flapping=True))[3] == "login refused, flapping"


def test_without_an_error_its_cause_is_the_reason() -> None:
    assert texts(incident(error=None, cause="ledger"))[3] == "ledger"


@pytest.mark.parametrize("state", ["acknowledged", "silenced"])
def test_what_waits_for_nobody_stands_back(state: str) -> None:
    row = rows.incident_row(incident_entry(incident(state=state), "a"), None, NOW, UNICODE)
    assert row.muted
    assert row.cells[0][0].tone == "muted"
    assert not rows.incident_row(incident_entry(incident(), "a"), None, NOW, UNICODE).muted


def test_what_is_over_tells_why_it_ended_and_how_long_it_lasted() -> None:
    over = incident(
        state="closed", closed_at=OPENED + timedelta(minutes=4), closed_because="recovered"
    )
    row = rows.past_row(incident_entry(over, "acme-prod"), None, NOW, UNICODE)
    assert [cell_text(value) for value in row.cells][4:] == ["recovered", "-", "13:51", "4 min"]


def test_plain_letters_and_hostile_text() -> None:
    found = texts(incident(severity="warning", title="\x1b[31mred\u202e[bold]"), ASCII)
    assert found[0] == "!"
    assert found[2] == "red[bold]"


HEAD = IncidentHeadline(critical=2, warning=1, acknowledged=1, silenced=0, since=OPENED)


def test_the_headline_counts_by_severity_and_tells_the_oldest() -> None:
    said = cell_text(headline_cell(HEAD, 100, NOW, UNICODE))
    assert said.startswith(" ✖ 2 critical   ▲ 1 warning   1 acknowledged   0 silenced")
    assert said.endswith("the oldest 11 min ")
    assert cell_width(headline_cell(HEAD, 60, NOW, UNICODE)) <= 60


def test_the_headline_says_that_nothing_waits() -> None:
    said = cell_text(headline_cell(IncidentHeadline(acknowledged=1), 100, NOW, UNICODE))
    assert said.startswith(" ● nothing waits   1 acknowledged   0 silenced")


def test_every_header_says_how_many_wait_under_the_key_of_the_place() -> None:
    assert cell_text(waiting_cell(HEAD)) == "  ! 3 incidents"
    assert cell_text(waiting_cell(HEAD, brief=True)) == "  ! 3"
    assert waiting_cell(HEAD)[0].tone == "failing"
    assert waiting_cell(IncidentHeadline(warning=1))[0].tone == "degraded"
    assert waiting_cell(IncidentHeadline(acknowledged=4)) == waiting_cell(None) == ()
