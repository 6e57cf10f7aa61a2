from __future__ import annotations

from datetime import UTC, datetime

from engine.health.model import Uptime
from engine.integrations.results import LimitsStatusResult
from tui.health.story import uptime_lines
from tui.integrations.story import credential_words, limit_lines
from tui.theme import UNICODE
from tui.widgets.cells import cell_text

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)


def limits(**changes: object) -> LimitsStatusResult:
    known: dict[str, object] = {
        "integration_id": "i", "budget_limit_cents": 50_000, "budget_used_cents": None,
        "budget_percent": None, "token_limit_month": 0, "tokens_used_month": None,
        "token_percent": None, "rate_limit_rpm": 60, "requests_this_minute": None,
        "rate_percent": None, "period_start": NOW, "period_end": datetime(2026, 4, 1, tzinfo=UTC),
    }  # fmt: skip
    return LimitsStatusResult(**(known | changes))  # type: ignore[arg-type]


def test_what_is_not_measured_is_not_zero() -> None:
    said = "\n".join(cell_text(line) for line in limit_lines(limits(), 36, NOW, UNICODE))
    assert "$500 a month" in said
    assert "not measured yet" in said
    assert "0%" not in said
    assert "until Apr 1 00:00 UTC" in said


def test_a_limit_can_be_passed() -> None:
    passed = limits(measured=True, budget_percent=118.0, rate_percent=10.0)
    said = "\n".join(cell_text(line) for line in limit_lines(passed, 50, NOW, UNICODE))
    assert "118%" in said


def test_uptimes_take_a_second_line_where_there_is_no_room() -> None:
    uptime = Uptime(day=0.996, week=0.999, month=0.999)
    assert len(uptime_lines(uptime, 36)) == 2
    assert len(uptime_lines(uptime, 60)) == 1


def test_a_credential_is_only_ever_told_by_where_it_is() -> None:
    assert credential_words("encrypted://1234") == "encrypted here"
    assert credential_words(None) == "none"
