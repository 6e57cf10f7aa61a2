"""Command lines that keep things quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Done, Run

ADD = ("silences", "add", "--reason", "Maintenance")


@pytest.fixture
def acme(board: Run) -> Run:
    """The command line on a board with an integration and a source."""
    for argv in (
        ("integrations", "add", "--name", "gpt", "--provider", "openai",
         "--credential-ref", "env://KEY_OF_TESTS"),
        ("sources", "add", "--name", "orders", "--technology", "postgresql", "--host", "db"),
    ):  # fmt: skip
        done = board(*argv)
        assert done.code == 0, done.err
    return board


def added(run: Run, *flags: str) -> dict[str, Any]:
    done = run(*ADD, *flags, "-o", "json")
    assert done.code == 0, done.err
    record: dict[str, Any] = done.json
    return record


def refused(done: Done, words: str) -> None:
    assert (done.code, done.out) == (2, ""), done
    assert words in done.err


def test_for_a_while(acme: Run) -> None:
    made = added(acme, "--provider", "openai", "--for", "2h")
    assert (made["kind"], made["technology"], made["thing_id"]) == ("integration", "openai", None)
    assert (made["active"], made["until"]) == (True, made["ends_at"])
    listed = acme("silences", "list")
    assert listed.out.splitlines()[1].split()[:4] == [
        made["id"][:8], "active", "openai", "integrations",
    ]  # fmt: skip
    assert acme("silences", "list", "-o", "name").out == f"{made['id']}\n"
    shown = acme("silences", "show", made["id"][:6])
    assert ["about", "openai", "integrations"] in [line.split() for line in shown.out.splitlines()]
    assert "Quiet until" in acme(*ADD, "--tag", "staging", "--for", "30min").err


def test_on_days_of_the_week_and_by_cron(acme: Run) -> None:
    flags = ("--source", "orders", "--weekly", "sun", "--at", "02:00", "--for", "2h")
    weekly = added(acme, *flags, "--timezone", "Europe/Berlin")
    assert (weekly["thing_name"], weekly["days"], weekly["minute"]) == ("orders", ["sun"], 120)
    assert (weekly["duration_s"], weekly["timezone"]) == (7200, "Europe/Berlin")
    assert weekly["next_at"] is not None
    cron = added(acme, "--everything", "--all-tenants", "--cron", "0 22 * * 1-5", "--for", "8h")
    assert (cron["tenant_id"], cron["cron"], cron["schedule"]) == (None, "0 22 * * 1-5", "cron")
    shown = acme("silences", "list").out
    assert "sun 02:00 for 2h, Europe/Berlin" in shown
    assert "everything, all tenants" in shown


def test_only_what_is_given_is_changed(acme: Run) -> None:
    flags = ("--source", "orders", "--weekly", "sun", "--at", "02:00", "--for", "2h")
    made = added(acme, *flags, "--timezone", "Europe/Berlin", "--from", "2026-01-01")
    edited = acme("silences", "edit", made["id"], "--for", "3h", "-o", "json").json
    same = {"starts_at", "days", "minute", "timezone", "thing_id", "reason", "schedule"}
    assert {name: edited[name] for name in same} == {name: made[name] for name in same}
    assert (edited["duration_s"], edited["version"]) == (10_800, 2)
    wide = acme("silences", "edit", made["id"], "--everything", "--cron", "0 3 * * *", "-o", "json")
    found = wide.json
    assert (found["thing_id"], found["schedule"], found["days"]) == (None, "cron", [])
    old = acme("silences", "edit", made["id"], "--for", "1h", "--expected-version", "1")
    assert (old.code, "Somebody else changed" in old.err) == (1, True)
    refused(acme("silences", "edit", made["id"]), "nothing to change")


def test_a_span_of_what_holds_once_is_from_its_beginning(acme: Run) -> None:
    made = added(acme, "--tag", "x", "--from", "2199-01-01 10:00", "--for", "2h")
    assert made["ends_at"] == "2199-01-01T12:00:00Z"
    edited = acme("silences", "edit", made["id"], "--for", "3h", "-o", "json").json
    assert (edited["starts_at"], edited["ends_at"]) == (made["starts_at"], "2199-01-01T13:00:00Z")


def test_one_is_ended(acme: Run) -> None:
    made = added(acme, "--everything", "--for", "2h")
    done = acme("silences", "end", made["id"][:8], "-o", "json")
    assert (done.code, done.json["active"]) == (0, False)
    assert "Nothing is kept quiet" in acme("silences", "list").err
    assert acme("silences", "list", "--ended", "-o", "json").json["total"] == 1
    assert acme("silences", "list", "--ended").out.splitlines()[1].split()[1] == "ended"
    again = acme("silences", "end", made["id"])
    assert (again.code, "ended already" in again.err) == (1, True)


REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("--for", "2h"), "What should be kept quiet?"),
    (("--all-tenants", "--for", "2h"), "What should be kept quiet?"),
    (("--everything",), "needs its end"),
    (("--everything", "--for", "2"), "no span"),
    (("--everything", "--for", "2h", "--until", "18:00"), "how long it holds, or until when"),
    (("--everything", "--until", "2001-01-01"), "passed"),
    (("--everything", "--weekly", "sun"), "How long it holds"),
    (("--everything", "--weekly", "someday", "--for", "1h"), "no days"),
    (("--everything", "--weekly", "sun", "--cron", "0 2 * * 0", "--for", "1h"), "or by a line"),
    (("--everything", "--at", "02:00", "--for", "1h"), "Only what holds weekly"),
    (("--everything", "--cron", "0 2 * * 9", "--for", "1h"), "day-of-week"),
    (("--everything", "--for", "1h", "--timezone", "Mars"), "no time zone"),
    (("--integration", "gpt", "--source", "orders", "--for", "1h"), "One silence is of one"),
    (("--integration", "gpt", "--all-tenants", "--for", "1h"), "belongs to one tenant"),
    (("--everything", "--for", "1h", "--reason", ""), "reason must not be empty"),
]


def test_what_makes_no_silence_is_refused(acme: Run) -> None:
    for flags, words in REFUSED:
        refused(acme(*ADD, *flags), words)
    assert acme("silences", "list", "--ended", "-o", "name").out == ""


def test_what_is_not_there_is_told(acme: Run) -> None:
    for argv in (("show", "5e1f"), ("end", "5e1f"), ("edit", "5e1f", "--for", "1h")):
        done = acme("silences", *argv)
        assert (done.code, done.out) == (1, "")
        assert "no such silence" in done.err
    named = acme(*ADD, "--integration", "gtp", "--for", "1h")
    assert (named.code, "Did you mean gpt?" in named.err) == (1, True)
