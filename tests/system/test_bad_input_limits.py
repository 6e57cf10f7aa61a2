"""Wrong words about usage and limits: a sentence, the right code, and nothing stored."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.system.children import PATIENCE_S
from tests.system.test_bad_input import FAILED, HERE, RAW_KEY, WRONG, faults_of, faults_of_json

if TYPE_CHECKING:
    from tests.system.program import Done, Program

pytestmark = pytest.mark.processes
PART = 60
SET, CHECK = ["limits", "set", "gpt"], ["limits", "check", "gpt"]
IMPORT, SYNC = ["usage", "import"], ["usage", "sync"]
SETTING_UP = [*SYNC, "gpt", "--set-up"]
AMOUNTS = (
    *("-1", "1e9", "9" * 30, "NaN", "inf", "0x10", "１２", "", " ", "five", "1,00", "--", "1.2.3"),
    f"5{' ' * 70}6",
)
# The minute that a rate is of, which passes whether or not anything was stored.
ONE_MINUTE = re.compile(r'("measure": "rate".*?), "period_start": "[^"]*", "resets_at": "[^"]*"')
DATES = (
    "yesterday",
    "2026-02-30",
    "1999-12-31",
    "9999-12-31",
    "2026-1-1",
    "",
    "0",
    "２０２６-01-01",
)

# The exit code, the field that is to blame (None: no single one), the command line.
CASES: tuple[tuple[int, str | None, list[str]], ...] = (
    *((WRONG, "budget", [*SET, f"--budget={one}"]) for one in (*AMOUNTS, "0.001")),
    *((WRONG, "tokens", [*SET, f"--tokens={one}"]) for one in (*AMOUNTS, "$5", "1.5")),
    *((WRONG, "rate", [*SET, f"--rate={one}"]) for one in (*AMOUNTS, "0.5", "$1")),
    *((WRONG, "warn", [*SET, f"--warn={one}"]) for one in (
        "0", "-5", "1001", "nan", "80;90", "x", "", ",", "1e2", ",".join(map(str, range(1, 99))),
    )),
    (WRONG, None, SET),
    (WRONG, None, ["limits", "set"]),
    (WRONG, None, ["limits", "set", "--budget=5"]),
    (WRONG, None, [*SET, "--provider=openai", "--budget=5"]),
    (WRONG, None, [*SET, "--whole-tenant", "--budget=5"]),
    (WRONG, None, [*SET, "--budget=5", "--expected-version=0"]),
    (FAILED, None, [*SET, "--budget=5", "--expected-version=77"]),
    *((WRONG, None, ["limits", "set", f"--{scope}={name}", "--budget=5"])
      for scope in ("model", "agent") for name in ("", "m" * 5000)),
    *((FAILED, None, [*line.split(), "no-such-name"]) for line in (
        "limits set --budget 5", "limits status", "limits status --scope model",
        "limits forecast", "limits history", "limits check", "limits release",
        "usage top --integration", "usage receive --port 0 --integration",
        "usage sync", "usage sync --set-up --credential-ref env://K", "usage sync --remove",
        "usage import calls.jsonl --integration", "integrations limits",
    )),
    *((FAILED, None, ["--tenant", "nobody", *line.split()]) for line in (
        "limits status", "limits forecast", "limits history", "limits check gpt",
        "limits set --whole-tenant --budget 5", "limits set --model m --budget 5",
        "limits status --by model", "limits release x",
        "usage top", "usage export", "usage import calls.jsonl", "usage receive --port 0",
        "usage sync gpt",
    )),
    *((FAILED, None, ["--tenant", "other", *line.split()]) for line in (
        "limits status {id}", "limits set {id} --budget 5", "limits forecast {id}",
        "limits check {id}", "limits history {id}", "usage top --integration {id}",
        "usage sync {id}", "usage sync {id} --set-up --credential-ref env://K",
        "usage import calls.jsonl --integration {id}", "usage receive --port 0 --integration {id}",
    )),
    (WRONG, "scope", ["limits", "status", "--scope=colour"]),
    (WRONG, "measure", ["limits", "status", "--measure=colour"]),
    (WRONG, "by", ["limits", "status", "--by=colour"]),
    (WRONG, "sort", ["limits", "status", "--sort=colour"]),
    *((WRONG, "limit", ["limits", "status", f"--limit={one}"]) for one in ("0", "-1", "9" * 30)),
    (WRONG, "limit", ["limits", "history", "--limit=1001"]),
    *((WRONG, "tokens", [*CHECK, f"--tokens={one}"]) for one in (*AMOUNTS, "10000000000001")),
    *((WRONG, "cost", [*CHECK, f"--cost={one}"]) for one in AMOUNTS),
    *((WRONG, "ttl_s", [*CHECK, f"--ttl={one}"]) for one in ("0", "-1", "86401", "x", "nan")),
    (FAILED, None, ["limits", "release", "x" * 5000]),
    *((WRONG, None, [*IMPORT, *words]) for words in (
        [], ["calls.jsonl", "--from-database=postgresql://h/db"], ["no-such-file"], ["."],
        ["/dev/null/x"], ["x" * 5000], ["a\x01b"], ["calls.jsonl", "--since=2026-01-01"],
        ["noise"], ["picture.png"], ["prose.txt"], ["calls.jsonl", "--format=csv"],
        ["calls.jsonl", "--integration="], ["calls.jsonl", "--integration=openai="],
    )),
    *((WRONG, "map", [*IMPORT, "calls.jsonl", f"--map={one}"]) for one in (
        "", "=", "nonsense", "colour=x", "at=", "=at", "tokens_in",
    )),
    (WRONG, None, [*IMPORT, "calls.jsonl", "--format=xml"]),
    *((WRONG, "origin", [*IMPORT, "calls.jsonl", f"--origin={one}"]) for one in (
        "", "a b", "o" * 500, "openai_usage", "x\x1b[31m", "é",
    )),
    *((WRONG, None, [*IMPORT, f"--from-database={one}"]) for one in (
        "", "x", "mysql://h/db", "env://NO_SUCH_VARIABLE", "postgresql:/h/db", "sqlite:///x.db",
        "postgresql://app:hunter2@h/db",
    )),
    (FAILED, None, [*IMPORT, "--from-database=postgresql://app@127.0.0.1:9/db"]),
    *((WRONG, "since", [*IMPORT, "--from-database=postgresql://h/db", f"--since={one}"])
      for one in ("yesterday", "2026-02-30", "nan", "1e400", "9" * 40)),
    *((WRONG, "month", ["usage", kind, f"--month={one}"])
      for kind in ("top", "export") for one in ("2026-13", "march", "2026", "", "1999-12")),
    *((WRONG, "from", ["usage", "top", f"--from={one}"]) for one in DATES if one != "2026-1-1"),
    *((WRONG, "to", ["usage", "export", f"--to={one}"]) for one in DATES if one != "2026-1-1"),
    (WRONG, "to", ["usage", "top", "--from=2026-02-01", "--to=2026-01-01"]),
    (WRONG, None, ["usage", "top", "--month=2026-02", "--from=2026-02-01"]),
    (WRONG, "by", ["usage", "top", "--by=session"]),
    (WRONG, "limit", ["usage", "top", "--limit=0"]),
    (WRONG, "output", ["usage", "export", "--output=yaml"]),
    (WRONG, "output", ["usage", "top", "--output=xml"]),
    *((WRONG, None, [*SETTING_UP, *words]) for words in (
        [], [f"--credential-ref={RAW_KEY}"], ["--credential-ref=env://"],
        ["--credential-file=/no/such/file"], [f"--admin-key={RAW_KEY}"],
        ["--credential-ref=env://K", "--credential-stdin"],
    )),
    *((WRONG, field, [*SETTING_UP, "--credential-ref=env://K", f"--{flag}={value}"])
      for flag, field, values in (
        ("every", None, ("-1", "x", "1", "9" * 30)),
        ("since", "since", DATES[:2]),
        ("only", "only", ("x", "=", "a=", "colour=x", "project_ids=")),
        ("base-url", "base_url", ("x", "ftp://h", "http://u:hunter2@h", "http://h?k=hunter2")),
      ) for value in values),
    (FAILED, None, [*SETTING_UP, "--credential-ref=encrypted://no-such-id"]),
    (WRONG, None, [*SYNC, "--list", "--set-up"]),
    (WRONG, None, [*SYNC, "--every=60"]),
    (WRONG, None, [*SYNC, "--set-up", "--credential-ref=env://K"]),
    (WRONG, None, [*SYNC, "--remove"]),
    (WRONG, "count", ["usage", "receive", "--count=both"]),
    *((WRONG, "port", ["usage", "receive", f"--port={one}"]) for one in ("-1", "65536", "x", "")),
    *((WRONG, "token", ["usage", "receive", "--port=0", f"--host={one}"])
      for one in ("no.such.host.invalid", "256.1.1.1", "0.0.0.0", "::", "")),
    (WRONG, "token", ["usage", "receive", "--port=0", "--token-stdin"]),
    (WRONG, None, ["usage", "receive", f"--token={RAW_KEY}"]),
    (WRONG, None, ["usage", "no-such-command"]),
    (WRONG, None, ["limits", "no-such-command"]),
)  # fmt: skip


def line(number: int, **more: object) -> str:
    told = {"call_id": f"c{number}", "at": "2026-11-01T00:00:00Z", "integration": "gpt"}
    return json.dumps({**told, "tokens_in": 5, "model": "m", **more}) + "\n"


@pytest.fixture
def board(program: Program) -> dict[str, str]:
    """An integration with some usage, files of every kind, and a tenant who has nothing."""
    made = program.run(
        *("integrations", "add", "--name=gpt", "--provider=openai", f"--base-url={HERE}"),
        *("--credential-ref=env://K", "-o", "json"),
    )
    files = {
        "calls.jsonl": line(1).encode(),
        "noise": bytes(range(128, 256)) * 99,
        "picture.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(500),
        "prose.txt": b"Dear diary, today I was imported as a log.\n" * 99,
    }
    for name, data in files.items():
        (program.folder / name).write_bytes(data)
    done = program.many(["tenants", "add", "other"], [*IMPORT, "calls.jsonl"])
    assert [one.code for one in done] == [0, 0], done
    return {"id": made.json["id"]}


def many(program: Program, runs: list[list[str]]) -> list[Done]:
    """Run them in parts: all together would take longer than a test waits for a process."""
    return [
        one for start in range(0, len(runs), PART) for one in program.many(*runs[start:][:PART])
    ]


def everything(program: Program) -> list[str]:
    lists = (
        "integrations list", "limits status --all", "limits history", "usage top", "usage export",
        "usage sync --list", "activity", "tenants list",
    )  # fmt: skip
    runs = [(*line.split(), "-o", "jsonl" if "export" in line else "json") for line in lists]
    return [ONE_MINUTE.sub(r"\1", one.out) for one in program.many(*runs)]


def test_every_wrong_word_gets_its_sentence(program: Program, board: dict[str, str]) -> None:
    cases = [
        (code, field, [word.format(**board) if word == "{id}" else word for word in argv])
        for code, field, argv in CASES
    ]
    before = everything(program)
    told = many(program, [argv for _, _, argv in cases])
    wrong = [
        fault
        for (code, _, _), done in zip(cases, told, strict=True)
        if (fault := faults_of(done, code))
    ]
    blamed = [(code, field, [*argv, "-o", "json"]) for code, field, argv in cases
              if field not in {None, "output"} and "export" not in argv]  # fmt: skip
    as_json = many(program, [argv for _, _, argv in blamed])
    wrong += [
        fault
        for (code, field, _), done in zip(blamed, as_json, strict=True)
        if (fault := faults_of_json(done, code, field))
    ]
    assert not wrong, "\n".join(wrong)
    assert everything(program) == before


WRITING = (
    *(line.split() for line in (
        "limits set gpt --budget 5", "limits set --model m --tokens 5k --rate 6",
        "limits set --whole-tenant --warn 50", "limits check gpt --tokens 5",
        "limits check gpt --tokens 5 --dry-run", "limits release x",
        "usage import calls.jsonl", "usage import calls.jsonl --dry-run", "usage import -",
        "usage import --from-database postgresql://app@127.0.0.1:9/db",
        "usage receive --port 0", "usage sync", "usage sync gpt", "usage sync gpt --remove",
        "usage sync gpt --set-up --credential-ref env://K",
    )),
)  # fmt: skip


def test_read_only_run_writes_nothing_and_says_why(program: Program, board: dict[str, str]) -> None:
    assert board
    feed = program.run(*SETTING_UP, "--credential-ref=env://K")
    assert feed.code == 0, feed.err
    before = everything(program)
    program.extra["LAMPBOARD_READ_ONLY"] = "yes"
    told = program.many(*WRITING, stdin=[line(2).encode()] * len(WRITING))
    wrong = [fault for done in told if (fault := faults_of(done, FAILED))]
    assert not wrong, "\n".join(wrong)
    assert [done.argv for done in told if "read-only" not in done.err] == []
    assert everything(program) == before


def test_tokens_that_are_none(program: Program, board: dict[str, str]) -> None:
    assert board
    told = (
        b"",
        b"\n \n",
        b"\x00\xff\xfe" * 9,
        "ключ-ключ-ключ-ключ".encode(),
        b"k" * 9999,
        b"short",
    )
    argv = ["usage", "receive", "--port=0", "--token-stdin"]
    for done in program.many(*([argv] * len(told)), stdin=told):
        assert not faults_of(done, WRONG)
        assert "token" in done.err


LOOKING = (
    "limits status --all", "limits status --by model", "limits forecast", "limits history",
    "limits set gpt --budget 5", "limits check gpt --tokens 1", "usage top --from 2026-01-01",
    "usage import calls.jsonl", "usage sync --list", "usage sync", "usage export",
)  # fmt: skip


def test_every_command_speaks_every_format(program: Program, board: dict[str, str]) -> None:
    assert board
    kinds = ("table", "json", "yaml", "csv", "name", "jsonl")
    runs = [[*text.split(), "-o", kind] for text in LOOKING for kind in kinds]
    for done in many(program, runs):
        known = (done.argv[-1] in {"csv", "jsonl"}) if "export" in done.argv else (
            done.argv[-1] != "jsonl"
        )  # fmt: skip
        if known:
            assert done.code == 0, done
        else:
            assert not faults_of(done, WRONG) or done.err.startswith("{"), done
        assert "Traceback" not in done.said
        if known and done.argv[-1] == "json":
            json.loads(done.out)


def closed(program: Program, *argv: str, streams: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command line in a shell that closed some of its streams."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {streams}', "sh", sys.executable, "-m", "tui", *argv],
        cwd=program.folder,
        env=program.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full"])
def test_streams_that_are_not_there(program: Program, board: dict[str, str], streams: str) -> None:
    assert board
    for argv in (
        "usage import -", "usage export", "limits status", "limits set gpt --budget 5",
        "usage receive --port 0 --token-stdin", "usage sync gpt --set-up --credential-stdin",
        "limits status --by model -o json", "usage top",
    ):  # fmt: skip
        done = closed(program, *argv.split(), streams=streams)
        said = done.stdout + done.stderr
        assert b"Traceback" not in said, said.decode()
        assert b"inside Lampboard" not in said, (argv, said.decode())
        assert done.returncode in {0, 1, 2}, (argv, done)


def test_a_reader_that_goes_away_ends_an_export(program: Program, board: dict[str, str]) -> None:
    assert board
    log = program.folder / "many.jsonl"
    log.write_text("".join(line(number, at="2026-11-02T00:00:00Z") for number in range(9, 20_000)))
    assert program.run(*IMPORT, str(log)).code == 0
    child = program.start("usage", "export", "--from=2026-01-01")
    assert child.stdout is not None
    assert child.stderr is not None
    assert child.stdout.readline()
    child.stdout.close()
    assert child.stdin is not None
    child.stdin.close()
    said = child.stderr.read()
    child.stderr.close()
    assert child.wait(PATIENCE_S) in {0, 1, 141, -13}
    assert b"Traceback" not in said
    assert b"inside Lampboard" not in said
