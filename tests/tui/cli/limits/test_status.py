from __future__ import annotations

import asyncio
import contextlib
import csv
import io
from typing import TYPE_CHECKING

from engine.settings import Settings
from engine.usage.records import UsageRecord
from engine.workspace import Workspace
from tests.tui.cli.limits.conftest import DOLLAR, NOW
from tui.cli.limits.status import CONCEPTS, Wanted, _show
from tui.cli.session import Session
from tui.cli.watching import shown

if TYPE_CHECKING:
    import pytest

    from tests.tui.cli.conftest import Run


def test_what_runs_out_first_comes_first(used: Run) -> None:
    used("limits", "set", "--whole-tenant", "--budget", "10k")
    used("limits", "set", "gpt-prod", "--budget", "200")
    used("limits", "set", "--model", "gpt-4o", "--budget", "100")
    done = used("limits", "status", "--measure", "budget")
    lines = [line.split() for line in done.out.splitlines()]
    assert [line[0] for line in lines[1:4]] == ["gpt-4o", "gpt-prod", "acme"]
    assert "✖ over" in done.out
    assert "over until Apr 1" in done.out
    assert "$140.00" in done.out
    assert "◌ unlimited" in done.out


def test_what_is_not_known_is_never_zero(used: Run) -> None:
    used("limits", "set", "idle", "--budget", "20")
    used("limits", "set", "gemini-new", "--budget", "20")
    used("limits", "set", "--whole-tenant", "--budget", "10k")
    done = used("limits", "status", "idle", "gemini-new", "--measure", "budget")
    assert "○ not measured" in done.out
    assert "3 calls unpriced" in done.out
    assert "not known: unpriced" in done.out
    assert "$0.00" not in done.out
    whole = used("limits", "status", "--scope", "tenant", "--measure", "budget")
    assert "$140.00 + 3 calls unpriced" in whole.out


def test_an_integration_tells_its_own(used: Run) -> None:
    used("limits", "set", "gpt-prod", "--tokens", "1M")
    used("limits", "check", "gpt-prod", "--tokens", "4k", "--cost", "0.5")
    lines = used("integrations", "limits", "gpt-prod").out.splitlines()
    told = {line[:17].strip(): line[17:].strip() for line in lines}
    assert (told["spent"], told["held"]) == ("$140.00", "$0.50")
    assert (told["tokens used"], told["tokens held"]) == ("14,000", "4,000")
    assert "3 calls, so more was spent" in used("integrations", "limits", "gemini-new").out


def test_filters_narrow_and_say_when_nothing_matches(used: Run) -> None:
    used("limits", "set", "gpt-prod", "--budget", "100")
    over = used("limits", "status", "--filter", "state:over", "-o", "json").json
    assert [(one["name"], one["measure"]) for one in over["items"]] == [("gpt-prod", "budget")]
    none = used("limits", "status", "--filter", "state:over claude")
    assert (none.code, none.out) == (0, "")
    assert "No gauge of acme matches." in none.err


def test_a_page_says_that_there_is_more_and_all_gives_it(used: Run) -> None:
    some = used("limits", "status", "--limit", "2", "-o", "json")
    assert len(some.json["items"]) == 2
    total = some.json["total"]
    assert f"2 of {total} shown; use --all." in some.err
    every = used("limits", "status", "--all", "-o", "json")
    assert len(every.json["items"]) == every.json["total"] == total


def test_names_are_of_any_scope_and_a_slip_is_answered(used: Run) -> None:
    found = used("limits", "status", "gpt-prod", "openai", "-o", "json").json["items"]
    assert {one["scope"] for one in found} == {"integration", "provider"}
    slip = used("limits", "status", "gpt")
    assert slip.code == 1
    assert "Did you mean gpt-prod?" in slip.err


def test_csv_has_a_column_for_each_part_of_the_forecast(used: Run) -> None:
    used("limits", "set", "gpt-prod", "--budget", "200")
    rows = list(csv.DictReader(io.StringIO(used("limits", "status", "gpt-prod", "-o", "csv").out)))
    assert len(rows) == 3
    assert rows[0]["measure"] == "budget"
    assert rows[0]["used"] == str(140 * DOLLAR)
    assert rows[0]["unit"] == "billionths of a dollar"
    assert rows[0]["forecast_runs_out_at"].startswith("2026-03-2")


def test_by_provider_shows_use_beside_limits(used: Run) -> None:
    used("limits", "set", "--provider", "openai", "--budget", "280")
    done = used("limits", "status", "--by", "provider")
    lines = {line.split()[0]: line for line in done.out.splitlines()}
    assert "50% of $280" in lines["openai"]
    assert "unpriced" in lines["google"]
    assert "$0.00" not in done.out
    told = used("limits", "status", "--by", "provider", "-o", "json").json["items"]
    assert told[0]["key"] == "openai"
    assert told[0]["tokens"] == 14_000
    assert told[0]["gauges"]["budget"]["limit"] == 280 * DOLLAR


def test_forecasts_say_what_they_are_made_of_or_why_there_is_none(used: Run) -> None:
    nothing = used("limits", "forecast")
    assert nothing.out == ""
    assert "Nothing here has a monthly limit" in nothing.err
    used("limits", "set", "gpt-prod", "--budget", "200", "--rate", "60")
    used("limits", "set", "gemini-new", "--tokens", "1k")
    done = used("limits", "forecast")
    assert "28 days, by weekday" in done.out
    assert "$10.00/day" in done.out
    assert "A forecast takes 3 complete days" in done.out
    assert "rate" not in done.out
    told = used("limits", "forecast", "gpt-prod", "-o", "json").json["items"]
    assert [one["measure"] for one in told] == ["budget"]
    assert told[0]["forecast"]["runs_out_at"].startswith("2026-03-2")


def test_levels_that_were_reached_are_history(used: Run) -> None:
    assert "No warning level was reached" in used("limits", "history").err
    used("limits", "set", "gpt-prod", "--budget", "160")
    used("limits", "status")
    found = used("limits", "history", "-o", "json").json["items"]
    assert sorted(one["level"] for one in found) == [50.0, 80.0]
    assert found[0]["used"] == 140 * DOLLAR
    used("limits", "status")
    assert used("limits", "history", "gpt-prod", "-o", "json").json["total"] == 2
    assert used("limits", "history", "idle", "-o", "json").json["total"] == 0
    assert "$140.00  $160.00" in used("limits", "history").out


async def test_watching_prints_again_when_usage_arrives(
    used: Run, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await asyncio.to_thread(used, "limits", "set", "gpt-prod", "--budget", "200")
    session = Session(dashboard=lambda _: 0)
    wanted = Wanted(
        names=("gpt-prod",), query="", scope=None, measure="budget", sort="urgency",
        descending=False, limit=100,
    )  # fmt: skip
    workspace = Workspace.open(Settings(database=database, operator="dana", refresh_s=0.05))
    printed = asyncio.Event()

    async def show() -> None:
        await _show(session, workspace, "acme", wanted)
        printed.set()

    task = asyncio.create_task(shown(session, workspace, show, watch=CONCEPTS))
    try:
        await asyncio.wait_for(printed.wait(), 60)
        printed.clear()
        call = UsageRecord(call_id="new", at=NOW, integration="gpt-prod", cost_nanos=5 * DOLLAR)
        await workspace.usage.record("acme", [call])
        await asyncio.wait_for(printed.wait(), 60)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await workspace.aclose()
    out = capsys.readouterr().out
    assert out.index("$140.00") < out.index("$145.00")
