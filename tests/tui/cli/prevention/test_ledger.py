"""Command lines over a ledger: writing, listing, proving, and what they say when it is broken."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Run

RECORD = ("record", "--policy", "no-raw-exports", "--pattern", "bulk-read", "--confidence", "0.93")


@pytest.fixture
def ledger(board: Run) -> Run:
    """`lampboard prevention` on a ledger of three records, one of them a drill."""

    def call(*argv: str, stdin: str = "") -> object:
        return board("prevention", *argv, stdin=stdin)

    for more in (("--blocked", "inc-1"), ("--blocked", "inc-2"), ("--simulated",)):
        done = board("prevention", *RECORD, *more, "-o", "json")
        assert done.code == 0, done.err
    return call  # type: ignore[return-value]


def break_it(database: str, statement: str) -> None:
    """What somebody does who owns the file."""
    raw = sqlite3.connect(database.removeprefix("sqlite:///"))
    triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(statement)
    for _, sql in triggers:
        raw.execute(sql)
    raw.commit()
    raw.close()


def test_what_was_written_is_listed(ledger: Run) -> None:
    done = ledger("list")
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    assert [line[0] for line in lines] == ["NUMBER", "3", "2", "1"]
    assert lines[1][5:8] == ["0.93", "-", "yes"]
    assert "inc-1" in done.out
    found = ledger("list", "simulated:yes", "-o", "json").json
    assert (found["total"], found["items"][0]["seq"]) == (1, 3)
    assert ledger("list", "--oldest", "--limit", "2", "-o", "name").out == "prv-1\nprv-2\n"
    few = ledger("list", "--limit", "1")
    assert "1 of 3 shown" in few.err
    assert ledger("list", "--all", "-o", "json").json["total"] == 3
    assert "No record of acme matches" in ledger("list", "nothing-like-it").err


def test_a_record_is_shown_with_its_hashes(ledger: Run, database: str) -> None:
    shown = ledger("show", "2", "-o", "json").json
    assert ledger("show", "prv-2", "-o", "json").json == shown
    assert shown["previous"] == ledger("show", "1", "-o", "json").json["digest"]
    assert shown["agrees"] is True
    text = ledger("show", "2")
    assert shown["digest"] in text.out
    assert '"blocked_incident_id":"inc-2"' in text.out
    missing = ledger("show", "9")
    assert (missing.code, missing.out) == (1, "")
    break_it(database, "UPDATE prevention_records SET body = '{\"seq\": 2}' WHERE seq = 2")
    done = ledger("show", "2")
    assert done.code == 1
    assert ["agrees", "NO"] in [line.split() for line in done.out.splitlines()]
    assert "does not hold" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--policy", "p", "--pattern", "x", "--confidence", "0.59"), "SIGNATURE_CONFIDENCE"),
        (("--policy", "p", "--pattern", "x", "--confidence", "nan"), "SIGNATURE_CONFIDENCE"),
        (("--policy", "p", "--pattern", "x"), "SIGNATURE_CONFIDENCE"),
        (("--pattern", "x", "--confidence", "0.9"), "POLICY_REQUIRED"),
        (("--policy", "p", "--confidence", "0.9"), "PATTERN_REQUIRED"),
        ((*RECORD[1:], "--mode", "shadow"), "POLICY_MODE"),
        ((*RECORD[1:], "--incident-created"), "INCIDENT_CREATED"),
        ((*RECORD[1:], "--blocked", "a\nb"), "control characters"),
        ((*RECORD[1:], "--jsonl", "-"), "either one record by flags, or --jsonl"),
        (("--jsonl", "/nowhere/at/all"), "cannot be read"),
    ],
)
def test_what_the_contract_refuses_is_not_written(
    ledger: Run, words: tuple[str, ...], said: str
) -> None:
    done = ledger("record", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert ledger("status", "-o", "json").json["records"] == 3


def test_many_are_written_or_none(ledger: Run, tmp_path: Path) -> None:
    good = {
        "policy_id": "p",
        "pattern_id": "x",
        "signature_match_confidence": 0.7,
        "policy_mode": "active",
        "incident_created": False,
        "request_signature": {"path": "/export", "size": 10},
    }
    line = json.dumps(good)
    bad = json.dumps(good | {"policy_mode": "shadow"})
    for text, said in (
        (f"{line}\n{bad}\n", "POLICY_MODE: line 2:"),
        (f"{line}\n{line[:-2]}\n", "Line 2 is no JSON object"),
        (f'{line}\n{{"polcy": 1}}', "Line 2: There is no field 'polcy'"),
        (f'{line}\n{{"policy_id": "p"}}', "Line 2: The field pattern_id is missing"),
        ("", "From 1 to 10,000 records"),
    ):
        done = ledger("record", "--jsonl", "-", stdin=text)
        assert (done.code, done.out) == (2, ""), done.out
        assert said in done.err
    path = tmp_path / "prevented.jsonl"
    path.write_text(f"{line}\n\n{line}\n", encoding="utf-8")
    done = ledger("record", "--jsonl", str(path), "-o", "json")
    assert (done.code, done.json["first"], done.json["last"]) == (0, 4, 5)


def test_a_ledger_is_proved_with_its_checkpoints(
    ledger: Run, database: str, tmp_path: Path
) -> None:
    assert ledger("status").out.startswith("ledger       ○ unknown")
    taken = ledger("checkpoint")
    assert taken.code == 0
    kept = tmp_path / "acme.checkpoints"
    kept.write_text(taken.out, encoding="utf-8")
    done = ledger("verify", "--checkpoint", str(kept), "-o", "json")
    assert (done.code, done.json["ok"], done.json["checkpoints"]) == (0, True, 1)
    assert ledger("verify", "--checkpoint", "-", stdin=taken.out).code == 0
    text = ledger("verify", "--new")
    assert "● healthy" in text.out
    assert "3 records: all hold" in text.err
    assert ledger("status").code == 0
    break_it(database, "DELETE FROM prevention_records WHERE seq = 2")
    done = ledger("verify")
    assert done.code == 1
    assert "✖ failing" in done.out
    assert "first fault  removed at record 2" in done.out
    assert "Record 2 was removed: the next one that is there is number 3." in done.err
    assert ledger("verify", "-o", "json").json["fault"]["kind"] == "removed"
    assert ledger("status").code == 1
    refused = ledger(*RECORD)
    assert refused.code == 1
    assert "does not hold" in refused.err
    assert "lampboard prevention resume" in refused.err
    assert ledger("checkpoint").code == 1


def test_a_broken_ledger_goes_on(ledger: Run, database: str) -> None:
    assert "Nothing" not in ledger("resume", "--reason", "none", "--yes").err
    break_it(database, "UPDATE prevention_records SET digest = 'x' WHERE seq = 3")
    unasked = ledger("resume", "--reason", "why")
    assert unasked.code == 2
    assert "Record 3 was altered" in unasked.err
    done = ledger("resume", "--reason", "restored by hand", "--yes", "-o", "json")
    assert done.code == 0, done.err
    assert (done.json["break"]["seq"], done.json["break"]["until"]) == (3, 4)
    assert ledger(*RECORD).code == 0
    assert "1 accepted fault passed over" in ledger("verify").err
    assert ledger("list", "-o", "name").out.split() == ["prv-5", "prv-3", "prv-2", "prv-1"]


def test_an_exported_ledger_needs_no_database(
    ledger: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "acme.jsonl"
    path.write_text(ledger("export").out, encoding="utf-8")
    monkeypatch.setenv("LAMPBOARD_DATABASE", "sqlite:////nowhere/at/all.db")
    assert ledger("verify", "--from", str(path)).code == 0
    path.write_text(path.read_text(encoding="utf-8").replace("inc-2", "inc-9"), encoding="utf-8")
    done = ledger("verify", "--from", str(path), "-o", "json")
    assert (done.code, done.json["fault"]["seq"]) == (1, 2)
    for words in (("--from", str(tmp_path)), ("--checkpoint", str(path)), ("--from", "nowhere")):
        assert ledger("verify", *words).code == 2


def test_policies_and_their_graduation(ledger: Run) -> None:
    assert "No policy was set yet" in ledger("policies").err
    done = ledger("policies", "set", "no-raw-exports", "--activated", "2020-01-01", "--needed", "2")
    assert done.code == 0, done.err
    assert "2020-01-01 00:00:00Z" in done.out
    found = ledger("graduation", "-o", "json").json["items"][0]
    assert (found["counting"], found["simulated"], found["graduated"]) == (2, 1, True)
    one = ledger("graduation", "no-raw-exports")
    assert "it was simulated" in one.out
    later = ledger("graduation", "no-raw-exports", "--since", "2999-01-01", "-o", "json").json
    assert (later["counting"], later["before"], len(later["uncounted"])) == (0, 2, 3)
    assert "no-raw-exports" in ledger("policies", "list").out
    for words, code in (
        (("graduation", "nobody"), 1),
        (("graduation", "--since", "2020-01-01"), 2),
        (("graduation", "no-raw-exports", "--since", "soon"), 2),
        (("policies", "set", "p", "--needed", "0"), 2),
    ):
        assert ledger(*words).code == code


def test_nothing_is_said_of_a_tenant_that_is_not_there(board: Run) -> None:
    for words in (("list",), ("status",), ("verify",), ("checkpoint",), ("graduation",)):
        done = board("prevention", *words, "--tenant", "nobody")
        assert (done.code, done.out) == (1, ""), words
    export = board("prevention", "export", "--tenant", "nobody")
    assert (export.code, export.out) == (1, "")
