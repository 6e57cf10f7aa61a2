"""Wrong words about templates, ledgers and credentials: a sentence, the code, nothing stored."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.system.canary import files_under
from tests.system.governed import ADD_TEMPLATE, RECORD, everything, stock
from tests.system.test_bad_input import FAILED, RAW_KEY, WRONG, faults_of, faults_of_json

if TYPE_CHECKING:
    from tests.system.program import Done, Program

pytestmark = pytest.mark.processes
PART = 70
ADD = [*ADD_TEMPLATE, "--name=new"]
GOOD = [*ADD, "--sql=SELECT 1"]
EDIT = ["gateway", "templates", "edit", "by-id"]
SET = ["gateway", "set", "--source=shop"]
RUN = ["gateway", "run", "by-id"]
KEEP = ["credentials", "set"]
POLICY = ["prevention", "policies", "set", "p"]
NUMBERS = ("-1", "1.5", "", "9" * 30)
LONG = "n" * 5000
FORBIDDEN = (
    "DELETE FROM orders", "SELECT 1; SELECT 2", "", ";",  "PRAGMA user_version",
    "SELECT load_extension('x')", "ATTACH 'x' AS y", "SELECT * FROM sqlite_master", "\x00",
    "SELECT :a", "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
)  # fmt: skip

# The exit code, the field that is to blame (None: no single one), the command line.
CASES: tuple[tuple[int, str | None, list[str]], ...] = (
    *((WRONG, None, [*ADD, f"--sql={sql}"]) for sql in FORBIDDEN),
    (WRONG, "name", [*ADD_TEMPLATE, "--name=", "--sql=SELECT 1"]),
    (WRONG, "name", [*ADD_TEMPLATE, "--name= By-ID ", "--sql=SELECT 1"]),
    (WRONG, "name", [*ADD_TEMPLATE, f"--name={LONG}", "--sql=SELECT 1"]),
    (WRONG, "name", [*ADD_TEMPLATE, "--name=a\nb", "--sql=SELECT 1"]),
    (WRONG, None, ["gateway", "templates", "add", "--name=x", "--sql=SELECT 1"]),
    (WRONG, None, [*ADD, "--connector=x", "--sql=SELECT 1"]),
    (WRONG, None, ADD),
    (WRONG, None, [*GOOD, "--file=x.sql"]),
    (WRONG, None, [*ADD, "--file=/no/such/file"]),
    (WRONG, None, [*ADD, "--file=."]),
    *((WRONG, None, [*ADD, "--sql=SELECT :a", f"--param={one}"]) for one in (
        "", "a", "a:colour", "a:int min=x", "a:int min=5 max=1", "a:str pattern=(", "a:int a=b",
        "a:date min=2026-02-30", "1:int", "a:int\nb", "a:str max_length=-1", f"a:str {LONG}",
        "a:int default=x", "a:str allowed=", "a:timestamp zone=Moon/Base",
    )),
    *((WRONG, None, [*ADD, "--sql=SELECT :a", f"--params-file={one}"]) for one in (
        "/no/such", "noise", "list.json", "bomb.yaml",
    )),
    (WRONG, None, [*GOOD, "--param=a:int"]),
    *((WRONG, "max_rows", [*GOOD, f"--max-rows={one}"]) for one in NUMBERS),
    *((WRONG, "timeout_seconds", [*GOOD, f"--timeout={one}"]) for one in ("-1", "nan", "1e9")),
    *((WRONG, "max_rows", [*SET, f"--max-rows={one}"]) for one in (*NUMBERS, "0")),
    *((WRONG, "max_result_bytes", [*SET, f"--max-bytes={one}"]) for one in ("1.5", "0", "5 in")),
    *((WRONG, "timeout_seconds", [*SET, f"--timeout={one}"]) for one in ("0", "inf")),
    (WRONG, "tripwire", [*SET, "--tripwire=maybe"]),
    (WRONG, "tables", [*SET, f"--tables={LONG}"]),
    (WRONG, None, SET),
    (WRONG, None, ["gateway", "set", "--max-rows=5"]),
    (WRONG, None, [*SET, "--own-login", "--username=x"]),
    (WRONG, None, [*SET, "--password-stdin", "--password-ref=env://K"]),
    (WRONG, "username", [*SET, "--username=r", "--password-ref=env://K"]),
    (WRONG, None, [*SET, f"--password={RAW_KEY}"]),
    (FAILED, None, [*SET, "--max-rows=5", "--expected-version=77"]),
    (WRONG, None, EDIT),
    (WRONG, None, [*EDIT, "--sql=DROP TABLE orders"]),
    (WRONG, "name", [*EDIT, "--name=by-name"]),
    (FAILED, None, [*EDIT, "--max-rows=5", "--expected-version=77"]),
    (WRONG, None, [*EDIT, "--no-params", "--param=a:int"]),
    *((WRONG, "least", [*RUN, f"least={one}"]) for one in (*NUMBERS, "true", "１２", "1e400")),
    (WRONG, "least", RUN),
    (WRONG, None, [*RUN, "least=1", "more=2"]),
    (WRONG, None, [*RUN, "least"]),
    (WRONG, None, [*RUN, f"least={RAW_KEY}"]),
    (WRONG, None, [*RUN, "least=1", "--json-params=/no/such"]),
    (WRONG, None, [*RUN, "--json-params=noise"]),
    (WRONG, None, [*RUN, "--json-params=list.json"]),
    (FAILED, None, [*RUN, "least=1", "--version=77"]),
    (WRONG, "name", ["gateway", "run", "by-name", f"name={'x' * 100}"]),
    *((WRONG, None, ["gateway", "check", *words]) for words in (
        ["/no/such"], ["noise"], ["--dialect=oracle", "x.sql"], ["--jsonl", "/no/such"], ["."],
    )),
    (WRONG, None, ["gateway", "role-sql"]),
    (WRONG, None, ["gateway", "role-sql", "r\x1b[31m", "--schema=public"]),
    (WRONG, None, ["gateway", "role-sql", "", "--schema=public"]),
    (WRONG, "sort", ["gateway", "templates", "list", "--sort=colour"]),
    (WRONG, "status", ["gateway", "templates", "list", "--status=colour"]),
    (WRONG, "limit", ["gateway", "templates", "list", "--limit=0"]),
    (WRONG, None, ["gateway", "templates", "delete", "by-id"]),
    (WRONG, None, ["gateway", "no-such-command"]),
    *((WRONG, "signature_match_confidence", [*RECORD[:-1], f"--confidence={one}"]) for one in (
        "0.59", "1.01", "nan", "x",
    )),
    (WRONG, None, ["prevention", "record"]),
    (WRONG, None, [*RECORD[:-1]]),
    *((WRONG, None, [*RECORD, f"--mode={one}"]) for one in ("shadow", "")),
    *((WRONG, None, ["prevention", "record", "--policy", one, *RECORD[3:]]) for one in (
        LONG, "\x1b[31m",
    )),
    (WRONG, None, [*RECORD, "--jsonl=-"]),
    *((WRONG, None, ["prevention", "record", f"--jsonl={one}"]) for one in (
        "/no/such", "noise", "list.json", "half.jsonl", ".",
    )),
    *((WRONG, "needed", [*POLICY, f"--needed={one}"]) for one in (*NUMBERS, "0")),
    *((WRONG, None, [*POLICY, f"--activated={one}"]) for one in ("yesterday", "2026-02-30", "")),
    (WRONG, None, [*POLICY, f"--name={LONG}"]),
    (WRONG, None, [*POLICY, "--mode="]),
    *((WRONG, None, ["prevention", "verify", f"--{flag}={one}"])
      for flag in ("from", "checkpoint") for one in ("/no/such", "noise", "list.json", ".")),
    (WRONG, None, ["prevention", "graduation", "p", "--since=yesterday"]),
    (WRONG, "sort", ["prevention", "list", "--sort=colour"]),
    (WRONG, "limit", ["prevention", "list", "--limit=1001"]),
    (WRONG, None, ["prevention", "resume"]),
    (WRONG, None, ["prevention", "resume", "--yes", "--reason="]),
    (WRONG, None, ["prevention", "no-such-command"]),
    *((WRONG, None, [*KEEP, one]) for one in (
        RAW_KEY, "env://", "vault://", "file://relative", "x://y", "encrypted://", "keyring://",
    )),
    *((WRONG, "expires_at", [*KEEP, "env://LISTED", f"--expires={one}"]) for one in (
        "2026-02-30", "", "9" * 30 + "d", "-5d", "１２d",
    )),
    (WRONG, "label", [*KEEP, "env://LISTED", f"--label={LONG}"]),
    (WRONG, "label", [*KEEP, "env://LISTED", "--label=a\nb"]),
    (WRONG, None, [*KEEP, "env://LISTED", "--secret-stdin"]),
    (WRONG, None, [*KEEP, "--secret-file=/no/such"]),
    (WRONG, None, [*KEEP, "--secret-stdin"]),
    (WRONG, None, [*KEEP, "--label=x"]),
    (WRONG, None, [*KEEP, f"--secret={RAW_KEY}"]),
    (WRONG, None, ["credentials", "test"]),
    (WRONG, None, ["credentials", "delete", "env://LISTED"]),
    (WRONG, "sort", ["credentials", "list", "--sort=colour"]),
    (WRONG, None, ["credentials", "rotate", "--new-key-file=/no/such"]),
    (FAILED, None, ["credentials", "rotate", "--new-key-file=noise"]),
    (FAILED, None, ["credentials", "rotate", "--new-key-stdin"]),
    (WRONG, None, ["credentials", "rotate", "--prepare", "--drop-only"]),
    (WRONG, None, ["credentials", "no-such-command"]),
    # What another tenant has is answered as what nobody has.
    *((FAILED, None, [*tenant, *line.split(), "{template}"])
      for tenant in (["--tenant", "other"],) for line in (
        "gateway templates show", "gateway templates versions", "gateway templates runs",
        "gateway templates edit --max-rows 5", "gateway templates retire",
        "gateway templates restore", "gateway templates delete --yes", "gateway run",
    )),
    *((FAILED, None, ["--tenant", "other", *line.split()]) for line in (
        "gateway set --max-rows 5 --source {source}", "prevention show 1",
        "gateway delete --yes --source {source}",
        "gateway templates add --name x --sql VALUES(1) --source {source}",
        "prevention graduation p",
        "credentials show {reference}", "credentials delete --yes {reference}",
    )),
    (FAILED, None, ["--tenant", "other", "credentials", "set", "{reference}", "--label=x"]),
    (FAILED, None, ["--tenant", "other", "gateway", "set", "--source={source}", "--max-rows=5"]),
    *((FAILED, None, [*line.split(), "no-such-name"]) for line in (
        "gateway templates show", "gateway run", "gateway templates edit --max-rows 5",
        "prevention show", "prevention graduation", "credentials show env://NO",
    ) if "env" not in line),
    (FAILED, None, ["credentials", "show", "env://NOBODY_HAS_IT"]),
    (FAILED, None, ["credentials", "delete", "--yes", "env://NOBODY_HAS_IT"]),
)  # fmt: skip


@pytest.fixture
def board(program: Program) -> dict[str, str]:
    made = stock(program)
    folder = program.folder
    (folder / "noise").write_bytes(bytes(range(128, 256)) * 9)
    (folder / "list.json").write_text("[1, [2]]\n")
    (folder / "x.sql").write_text("SELECT 1")
    (folder / "bomb.yaml").write_text(
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        )
    )
    good = {"policy_id": "p", "pattern_id": "q", "confidence": 0.9}
    (folder / "half.jsonl").write_text(json.dumps(good) + "\n{\n")
    return made


def many(program: Program, runs: list[list[str]]) -> list[Done]:
    """Run them in parts: all together would take longer than a test waits for a process."""
    return [
        one for start in range(0, len(runs), PART) for one in program.many(*runs[start:][:PART])
    ]


def filled(board: dict[str, str], argv: list[str]) -> list[str]:
    for name, value in board.items():
        argv = [word.replace("{" + name + "}", value) for word in argv]
    return argv


def test_every_wrong_word_gets_its_sentence(program: Program, board: dict[str, str]) -> None:
    """To people where no field is to blame, to programs where one is."""
    before = everything(program, tenants=("acme", "other"))
    runs = [[*filled(board, argv), *(["-o", "json"] if field else [])] for _, field, argv in CASES]
    told = many(program, runs)
    wrong = [
        fault
        for (code, field, _), done in zip(CASES, told, strict=True)
        if (fault := faults_of_json(done, code, field) if field else said_badly(done, code))
    ]
    assert not wrong, "\n".join(wrong)
    assert everything(program, tenants=("acme", "other")) == before


def said_badly(done: Done, code: int) -> str:
    """Return what is wrong; a refused statement has its places below the sentence."""
    first, _, rest = done.err.partition("\n")
    if first == "Error: The statement was refused; nothing was stored." and rest:
        return faults_of(replace(done, err=first + "\n"), code)
    return faults_of(done, code)


WRITING = (
    *(line.split() for line in (
        "gateway set --source shop --max-rows 5", "gateway templates edit by-id --max-rows 5",
        "gateway templates add --name new --sql VALUES(1) --source shop",
        "gateway templates retire by-id", "gateway templates delete by-id --yes",
        "gateway delete --source shop --yes",
        "gateway run by-id least=1", "prevention policies set p --needed 5",
        "prevention record --policy p --pattern q --confidence 0.9",
        "credentials set --label x --secret-stdin", "credentials set env://NEW",
        "credentials set env://LISTED --expires 90d", "credentials delete env://LISTED --yes",
        "credentials rotate", "credentials rotate --prepare",
        "credentials passphrase set --new-stdin",
    )),
)  # fmt: skip


def test_read_only_writes_nothing_and_says_why(program: Program, board: dict[str, str]) -> None:
    assert board
    before = everything(program)
    key = files_under(program.path.parent)
    program.extra["LAMPBOARD_READ_ONLY"] = "yes"
    told = program.many(*WRITING, stdin=[b"sk-another-one"] * len(WRITING))
    wrong = [fault for done in told if (fault := faults_of(done, FAILED))]
    assert not wrong, "\n".join(wrong)
    assert [done.argv for done in told if "read-only" not in done.err] == []
    looking = program.many(
        ("prevention", "verify"), ("credentials", "test", "--all"), ("gateway", "list"),
        ("prevention", "checkpoint"), ("prevention", "export"), ("credentials", "list"),
    )  # fmt: skip
    assert [done.code for done in looking] == [0, 1, 0, 0, 0, 0], looking
    assert everything(program) == before
    assert {name: data for name, data in files_under(program.path.parent).items()
            if name.endswith("key")} == {
        name: data for name, data in key.items() if name.endswith("key")
    }  # fmt: skip


LOOKING = (
    "gateway list", "gateway list --offers", "gateway templates list",
    "gateway templates show by-id", "gateway templates runs by-id", "gateway run by-id least=1",
    "gateway check x.sql", "gateway tripwire fine", "prevention list", "prevention show 1",
    "prevention status", "prevention graduation", "prevention graduation p", "prevention verify",
    "prevention policies list", "credentials list", "credentials show env://LISTED",
    "credentials rotate --status",
)  # fmt: skip


def test_every_command_speaks_every_format(program: Program, board: dict[str, str]) -> None:
    assert board
    kinds = ("table", "json", "yaml", "csv", "name")
    runs = [
        [*text.split(), "-o", kind]
        for place, text in enumerate(LOOKING)
        for kind in ("json", kinds[place % len(kinds)])
    ]
    for done in many(program, runs):
        assert done.code == 0, done
        assert done.out, done
        assert "Traceback" not in done.said
        if done.argv[-1] == "json":
            json.loads(done.out)
