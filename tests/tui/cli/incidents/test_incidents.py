"""Incidents on the command line, opened by real checks of a provider that refuses the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Add, Done, Run


@pytest.fixture
def incidents(board: Run, add: Add) -> Run:
    """`lampboard incidents` where the integration `bad` has had three failing checks."""
    add("bad", secret="sk-wrong")
    for _ in range(3):
        assert board("health", "check", "--force").code == 1

    def call(*argv: str, stdin: str = "") -> object:
        return board("incidents", *argv, stdin=stdin)

    return call  # type: ignore[return-value]


def test_checks_open_one_and_close_it(incidents: Run, board: Run, provider: str, add: Add) -> None:
    add("good")
    found = incidents("list", "-o", "json").json
    assert found["total"] == 1
    row = found["items"][0]
    assert (row["title"], row["error"], row["state"]) == (
        *("bad is failing", "auth_failed", "open"),
    )
    lines = [line.split() for line in incidents("list").out.splitlines()]
    assert lines[1][:6] == ["1", "critical", "open", "bad", "is", "failing"]
    assert incidents("list", "-o", "name").out == "1\n"
    edit = ("integrations", "edit", "bad", "--credential-stdin")
    assert board(*edit, stdin="sk-canary-8d1f0c6b2a\n").code == 0
    for _ in range(2):
        assert board("health", "check", "--force").code == 0
    assert "acme has no open incident." in incidents("list").err
    (row,) = incidents("list", "--state", "closed", "-o", "json").json["items"]
    assert (row["number"], row["closed_because"]) == (1, "recovered")
    assert "recovered" in incidents("list", "--state", "any").out


def test_the_order_is_turned_round_and_all_of_it_is_read(
    incidents: Run, board: Run, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("worse", secret="sk-wrong")
    for _ in range(3):
        board("health", "check", "--force")
    sorted_by = ("list", "--sort", "opened", "-o", "name")
    assert incidents(*sorted_by).out == "1\n2\n"
    for turned in ("--desc", "--reverse"):
        assert incidents(*sorted_by, turned).out == "2\n1\n"
    first = incidents(*sorted_by, "--limit", "1")
    assert (first.out, first.err) == ("1\n", "1 of 2 shown; use --all.\n")
    monkeypatch.setattr("tui.cli.incidents.listing.PAGE", 1)
    assert incidents(*sorted_by, "--all").out == "1\n2\n"


def test_a_filter_finds_it_by_its_fields(incidents: Run) -> None:
    def count(*words: str) -> int:
        total: int = incidents("list", "-o", "json", *words).json["total"]
        return total

    assert count("severity:critical", "state:open", "name:bad", "cause:lamp", "#1") == 1
    assert count("!state:open") == 0
    assert "No open incident of acme matches." in incidents("list", "number:2").err


def test_somebody_sees_to_it(incidents: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMPBOARD_OPERATOR", "olga")
    done = incidents("acknowledge", "1", "--reason", "Looking into it", "-o", "json")
    assert (done.json["state"], done.json["assignee"]) == ("acknowledged", "olga")
    assert "olga sees to it" in done.err
    assert incidents("list", "state:ack", "-o", "json").json["total"] == 1
    assert incidents("assign", "1", "otto", "-o", "json").json["assignee"] == "otto"
    assert incidents("assign", "1", "-o", "json").json["assignee"] == "olga"
    assert incidents("assign", "1", "--nobody", "-o", "json").json["assignee"] is None
    assert incidents("assign", "1", "otto", "--nobody").code == 2
    assert incidents("unacknowledge", "1", "-o", "json").json["state"] == "open"
    assert incidents("note", "1", "Rotated the key").code == 0
    done = incidents("close", "1", "--reason", "Not ours to fix", "-o", "json")
    assert (done.json["state"], done.json["closed_because"]) == ("closed", "Not ours to fix")
    again = incidents("close", "1", "--reason", "Twice")
    assert again.code == 1
    assert "is over" in again.err
    told = [one["what"] for one in incidents("show", "1", "-o", "json").json["timeline"]]
    wanted = [
        *("opened", "acknowledged", "assigned", "assigned", "assigned", "unacknowledged"),
        *("noted", "closed"),
    ]
    assert [one for one in told if one in wanted] == wanted


def test_who_read_it_before_somebody_else_changed_it_is_told(incidents: Run) -> None:
    assert incidents("note", "1", "A note changes nothing that is shown").code == 0
    first = ("acknowledge", "1", "--reason", "Mine", "--expected-version", "1")
    assert incidents(*first).code == 0
    done = incidents("close", "1", "--reason", "Mine", "--expected-version", "1")
    assert done.code == 1
    assert "Somebody else changed this" in done.err


def test_a_story_tells_what_happened(incidents: Run) -> None:
    incidents("note", "1", "Called them")
    told = incidents("show", "1").out
    assert "bad is failing" in told
    assert "Called them" in told
    facts = told.split("\n\n", 1)[0].splitlines()
    assert {line[:9] for line in facts} >= {"incident ", "checks   "}
    places = {len(line) - len(line.split(None, 1)[1]) for line in facts if line[0] in "ack"}
    assert len(places) == 1, "all facts are in one column"
    story = incidents("show", "1", "-o", "json").json
    assert (story["number"], story["members"][0]["name"]) == (1, "bad")
    assert story["failures"] >= 1


def test_its_story_is_written_as_markdown(incidents: Run, tmp_path: Path) -> None:
    text = incidents("export", "1").out
    assert text.startswith("# ")
    assert "bad is failing" in text
    place = tmp_path / "post-mortem.md"
    done = incidents("export", "1", "--to", str(place))
    assert (done.code, done.out) == (0, "")
    assert place.read_text().startswith("# ")
    assert "there already" in incidents("export", "1", "--to", str(place)).err
    assert incidents("export", "1", "--to", str(place), "--force").code == 0
    missing = incidents("export", "1", "--to", str(tmp_path / "none" / "x.md"))
    assert (missing.code, "cannot be written" in missing.err) == (2, True)


def test_its_story_is_written_as_data(incidents: Run, board: Run, tmp_path: Path) -> None:
    incidents("note", "1", "Called them")

    def story(done: Done) -> object:
        assert done.code == 0, done.err
        return {**done.json, "taken_at": None}

    wanted = story(incidents("show", "1", "-o", "json"))
    assert story(incidents("export", "1", "-o", "json")) == wanted
    assert story(board("-o", "json", "incidents", "export", "1")) == wanted
    place = tmp_path / "1.yaml"
    assert incidents("export", "1", "-o", "yaml", "--to", str(place)).out == ""
    assert {**yaml.safe_load(place.read_text()), "taken_at": None} == wanted


@pytest.mark.parametrize("told", ["csv", "name", "table"])
def test_a_story_is_not_written_otherwise(board: Run, told: str) -> None:
    for argv in (
        ("incidents", "export", "1", "-o", told),
        ("-o", told, "incidents", "export", "1"),
    ):
        done = board(*argv)
        assert (done.code, done.out) == (2, ""), argv
        assert "use -o markdown or -o json or -o yaml" in done.err


def test_one_that_is_not_there_is_not_found(incidents: Run, board: Run) -> None:
    for argv in (
        ("show", "9"),
        ("export", "9"),
        ("note", "9", "text"),
        ("acknowledge", "9", "--reason", "Mine"),
        ("assign", "9"),
    ):
        done = incidents(*argv)
        assert (done.code, "no incident 9" in done.err) == (1, True), argv
    assert board("tenants", "add", "other").code == 0
    assert incidents("show", "1", "--tenant", "other").code == 1
    assert incidents("list", "--tenant", "nobody").code == 1


def test_what_cannot_be_used_is_refused(incidents: Run) -> None:
    for argv in (
        ("acknowledge", "1", "--reason", " "),
        ("acknowledge", "1", "--reason", "x" * 501),
        ("note", "1", "two\x07bells"),
        ("assign", "1", "o" * 201),
        ("show", "0"),
        ("show", "one"),
        ("acknowledge", "1"),
        ("list", "--state", "some"),
        ("list", "--sort", "age"),
    ):
        assert incidents(*argv).code == 2, argv


def test_a_run_that_only_reads_changes_nothing(incidents: Run) -> None:
    done = incidents("acknowledge", "1", "--reason", "Mine", "--read-only")
    assert done.code == 1
    assert "read-only" in done.err
    assert incidents("list", "state:open", "-o", "json").json["total"] == 1


def test_thresholds_are_shown_and_set(incidents: Run, board: Run, add: Add) -> None:
    told = incidents("thresholds", "bad", "-o", "json").json
    assert (told["failures"], told["passes"], told["own_failures"]) == (3, 2, False)
    add("new", secret="sk-wrong")
    done = incidents("thresholds", "new", "--failures", "1", "-o", "json")
    assert (done.json["failures"], done.json["own_failures"]) == (1, True)
    assert "as the settings say" in incidents("thresholds", "new").out
    board("health", "check", "new", "--force")
    assert incidents("list", "name:new", "-o", "json").json["total"] == 1
    again = incidents("thresholds", "new", "--passes", "4", "-o", "json").json
    assert (again["failures"], again["passes"]) == (1, 4)
    back = incidents("thresholds", "new", "--failures", "default", "-o", "json").json
    assert (back["failures"], back["own_failures"], back["own_passes"]) == (3, False, True)
    assert "integration.thresholds" in board("activity", "list").out
    for value in ("0", "21", "many"):
        assert incidents("thresholds", "new", "--failures", value).code == 2
    assert incidents("thresholds", "nothing-like-it").code == 1
