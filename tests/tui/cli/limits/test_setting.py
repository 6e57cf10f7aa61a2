from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.cli.limits.conftest import DOLLAR

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Run


def test_a_limit_says_what_it_means_and_holds(used: Run) -> None:
    done = used("limits", "set", "gpt-prod", "--budget", "$200", "--tokens", "2M", "--rate", "60")
    assert done.code == 0, done.err
    assert "$200.00 a month  At this pace it lasts until the 20th." in done.out
    assert "2,000,000 tokens a month  At this pace it lasts the month" in done.out
    assert "60 requests a minute" in done.out
    assert "The limits of integration gpt-prod are set." in done.err
    shown = used("integrations", "show", "gpt-prod", "-o", "json").json
    limits = (shown["budget_limit_cents"], shown["token_limit_month"], shown["rate_limit_rpm"])
    assert limits == (20_000, 2_000_000, 60)
    assert used("activity", "list", "updated", "-o", "json").json["total"] == 1


def test_only_what_is_given_changes(used: Run) -> None:
    used("limits", "set", "gpt-prod", "--budget", "200", "--rate", "60")
    used("limits", "set", "gpt-prod", "--budget", "unlimited", "--warn", "70,90%")
    gauges = {one["measure"]: one for one in _gauges(used, "gpt-prod")}
    assert (gauges["budget"]["limit"], gauges["budget"]["state"]) == (0, "unlimited")
    assert gauges["rate"]["limit"] == 60
    assert gauges["rate"]["levels"] == [70.0, 90.0]
    used("limits", "set", "gpt-prod", "--warn", "default")
    assert _gauges(used, "gpt-prod")[0]["levels"] == [50.0, 80.0, 95.0, 100.0]


def test_a_dry_run_changes_nothing(used: Run) -> None:
    done = used("limits", "set", "gpt-prod", "--budget", "200", "--dry-run", "-o", "json")
    assert done.code == 0
    assert done.json["dry_run"] is True
    budget = next(one for one in done.json["gauges"] if one["measure"] == "budget")
    assert budget["limit"] == 200 * DOLLAR
    assert budget["sentence"].startswith("At this pace it lasts until the 20th")
    assert "Nothing was changed" in done.err
    assert {one["limit"] for one in _gauges(used, "gpt-prod")} == {0}


def test_a_dry_run_is_possible_where_nothing_may_be_changed(used: Run) -> None:
    words = ("limits", "set", "gpt-prod", "--budget", "200", "--read-only")
    assert used(*words, "--dry-run").code == 0
    done = used(*words)
    assert done.code == 1
    assert "read-only" in done.err


@pytest.mark.parametrize(
    ("whose", "scope", "subject"),
    [
        (("--provider", "openai"), "provider", "openai"),
        (("--provider", "azure"), "provider", "azure_openai"),
        (("--model", "gpt-4o"), "model", "gpt-4o"),
        (("--agent", "chat"), "agent", "chat"),
        (("--whole-tenant",), "tenant", "acme"),
    ],
)
def test_limits_of_what_is_no_integration(
    used: Run, whose: tuple[str, ...], scope: str, subject: str
) -> None:
    done = used("limits", "set", *whose, "--budget", "1k", "-o", "json")
    assert done.code == 0, done.err
    assert (done.json["scope"], done.json["subject"]) == (scope, subject)
    found = used("limits", "status", "--scope", scope, "--measure", "budget", "-o", "json").json
    limits = {one["subject"]: one["limit"] for one in found["items"]}
    assert limits[subject] == 1000 * DOLLAR


def test_a_name_that_nothing_was_recorded_for_is_asked_about(used: Run) -> None:
    typo = used("limits", "set", "--model", "gpt-40", "--budget", "5")
    assert typo.code == 0
    assert "is the name spelt right?" in typo.err
    assert "spelt" not in used("limits", "set", "--model", "gpt-4o", "--budget", "5").err
    assert "spelt" not in used("limits", "set", "idle", "--budget", "5").err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--budget", "5"), 2, "Say whose limits to set"),
        (("gpt-prod",), 2, "There is nothing to set"),
        (("gpt-prod", "--model", "x", "--budget", "5"), 2, "Only one can be set at a time"),
        (("gpt-prod", "--budget", "1.005"), 2, "A budget is counted in whole cents."),
        (("gpt-prod", "--budget", "lots"), 2, "'lots' is not an amount of dollars."),
        (("gpt-prod", "--warn", "0"), 2, "'0' are not warning levels."),
        (("gpt-prd", "--budget", "5"), 1, "There is no integration 'gpt-prd'"),
        (("gpt-prod", "--budget", "5", "--expected-version", "9"), 1, "Somebody else"),
        (("gpt-prod", "--budget", "5", "--tenant", "nobody"), 1, "no such tenant"),
    ],
)
def test_what_cannot_be_set_says_why(
    used: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    done = used("limits", "set", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert "Traceback" not in done.err


def _gauges(run: Run, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = run("limits", "status", name, "-o", "json").json["items"]
    return found
