"""The page on alerts says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from engine.alerts import fields
from engine.alerts.claiming import LEASE_S
from engine.alerts.delivery import LONGEST_PAUSE_S
from engine.alerts.messages import _FACTS
from engine.alerts.model import ALERT_STATES, CHANNEL_TYPES
from engine.alerts.recording import MAX_ATTEMPTS, PAUSES_S
from engine.alerts.sending import REFUSALS, REST_S
from engine.alerts.templates import FIELDS, USUAL_BODY, USUAL_TITLE
from storage.forgetting import KEEP_INCIDENTS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "alerts.md").read_text(encoding="utf-8")


def test_every_field_of_templates_is_there_and_no_other() -> None:
    assert re.findall(r"^\| `\{(\w+)\}`", PAGE, re.MULTILINE) == list(FIELDS)
    assert USUAL_TITLE in PAGE
    assert USUAL_BODY in PAGE


def test_every_type_state_and_fact_is_there() -> None:
    for word in (*CHANNEL_TYPES, *ALERT_STATES):
        assert f"| `{word}` |" in PAGE, word
    for fact in _FACTS:
        assert f"`{fact}`" in PAGE or f'"{fact}"' in PAGE, fact


def test_every_flag_of_routes_and_channels_is_there() -> None:
    for spec in (*fields.ROUTE_FIELDS, *fields.CHANNEL_FIELDS):
        if spec not in {fields.CHANNEL, fields.NAME, fields.TYPE}:
            assert spec.flag in PAGE, spec.flag


def test_its_figures_are_those_of_the_code() -> None:
    assert PAUSES_S == (30, 60, 120, 300, 600)
    assert "30 s, 1, 2, 5, then every 10 min" in PAGE
    assert f"({MAX_ATTEMPTS} tries)" in PAGE
    assert REFUSALS == 3
    assert f"refused three alerts in a row, or gave no answer, is left alone for {REST_S} s" in PAGE
    assert LONGEST_PAUSE_S == 3_600
    assert "(an hour at the most)" in PAGE
    assert f"{KEEP_INCIDENTS.days} days](history.md#what-is-kept)" in PAGE
    assert LEASE_S == 120
    assert "after two minutes" in PAGE
