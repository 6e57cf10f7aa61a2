from __future__ import annotations

from datetime import UTC, datetime

from engine.health.model import Uptime
from engine.integrations.results import HealthCheckResult, LimitsStatusResult
from tui.health.story import uptime_lines
from tui.integrations.story import (
    Step,
    answer_lines,
    credential_words,
    limit_lines,
    waterfall,
)
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text, cell_width

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)


def limits(**changes: object) -> LimitsStatusResult:
    known: dict[str, object] = {
        "integration_id": "i", "budget_limit_cents": 50_000, "budget_used_cents": None,
        "budget_percent": None, "token_limit_month": 0, "tokens_used_month": None,
        "token_percent": None, "rate_limit_rpm": 60, "requests_this_minute": None,
        "rate_percent": None, "period_start": NOW, "period_end": datetime(2026, 4, 1, tzinfo=UTC),
    }  # fmt: skip
    return LimitsStatusResult(**(known | changes))  # type: ignore[arg-type]


def test_a_stage_begins_where_the_one_before_ended() -> None:
    lines = waterfall(
        (
            Step(name="connect", milliseconds=50, ok=True),
            Step(name="body", milliseconds=50, ok=False),
        ),
        40,
        UNICODE,
    )
    first, second = (cell_text(line) for line in lines)
    assert first.rindex("━") < second.index("━")
    assert "✖ body" in second
    assert all(cell_width(line) <= 40 for line in lines)


def test_stages_without_time_still_show() -> None:
    assert len(waterfall((Step(name="a", milliseconds=0, ok=True),), 40, ASCII)) == 1
    assert waterfall((), 40, ASCII) == []


def test_an_answer_says_state_stage_and_remedy() -> None:
    answer = HealthCheckResult(
        integration_id="i", health_state="failing", message="No\x1b[2J entry", latency_ms=12,
        checked_at=NOW, stage="response", status_code=403, remedy="Ask for access.",
    )  # fmt: skip
    said = "\n".join(cell_text(line) for line in answer_lines(answer, 60, UNICODE))
    assert "✖ failing  HTTP 403  12ms  at response" in said
    assert "No entry" in said
    assert "→ Ask for access." in said


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
