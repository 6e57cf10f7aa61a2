"""Wrong words on the command line: a clear sentence on stderr, the right code, no traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.system.program import Done, Program

pytestmark = pytest.mark.processes
HERE = "http://127.0.0.1:9/v1"
RAW_KEY = "sk-raw-key-typed-in-the-wrong-place"
WRONG, FAILED = 2, 1


def adding(*more: str, name: str = "new", provider: str = "custom", url: str = HERE) -> list[str]:
    place = [f"--base-url={url}"] if url else []
    told = any("credential" in word for word in more)
    credential = [] if told else ["--credential-ref=env://K"]
    names = [f"--name={name}", f"--provider={provider}"]
    return ["integrations", "add", *names, *place, *credential, *more]


def editing(*more: str) -> list[str]:
    return ["integrations", "edit", "gpt", *more]


# The exit code, the field that is to blame (None: no single one), the command line.
CASES: tuple[tuple[int, str | None, list[str]], ...] = (
    (WRONG, "name", adding(name="gpt")),
    (WRONG, "name", adding(name="GPT ")),
    (WRONG, "name", adding(name="")),
    (WRONG, "name", adding(name="   ")),
    (WRONG, "name", adding(name="n" * 5000)),
    (WRONG, "name", adding(name="a\nb")),
    (WRONG, "provider_type", adding(provider="openia")),
    (WRONG, "provider_type", adding(provider="")),
    *((WRONG, "base_url", adding(url=url)) for url in (
        "ftp://x/v1", "http://", "https://user:hunter2@host/v1", "https://hunter2@host/v1", "x",
        "javascript:alert(1)", "file:///etc/passwd", "http://[::1", "http://h:99999/v1",
        "http://h:x/v1", "http://a b/v1", "http://h/\x07", "//h/v1", f"http://{'h' * 3000}/v1",
        "http://h/v1?key=hunter2", "http://h/v1#hunter2",
    )),
    (WRONG, "base_url", adding(url="")),
    *((WRONG, "budget_limit_cents", adding(f"--budget-limit-cents={value}")) for value in (
        "-1", "1.5", "many", "1e9", "9" * 30, "NaN", "0x10", "１２",
    )),
    (WRONG, "token_limit_month", adding("--token-limit-month=-5")),
    (WRONG, "token_limit_month", adding(f"--token-limit-month={2**63}")),
    (WRONG, "rate_limit_rpm", adding("--rate-limit-rpm=-1")),
    (WRONG, "interval_s", adding("--interval-s=0")),
    (WRONG, "interval_s", adding("--interval-s=99999999")),
    (WRONG, "region", adding("--region=eu-west-1")),
    (WRONG, "region", adding("--region=../../x", provider="bedrock")),
    (WRONG, "credential_ref", adding(f"--credential-ref={RAW_KEY}")),
    (WRONG, "credential_ref", adding("--credential-ref=vault://x")),
    (WRONG, "credential_ref", adding("--credential-ref=env://")),
    (FAILED, "credential_ref", adding("--credential-ref=encrypted://no-such-id")),
    (WRONG, "secret", adding("--credential-stdin", "--credential-ref=env://K")),
    (WRONG, None, adding("--credential-file=/no/such/file")),
    (WRONG, None, ["integrations", "add", "--name=x"]),
    (WRONG, None, ["integrations", "add", RAW_KEY, *adding()[2:]]),
    (WRONG, None, adding(f"--api-key={RAW_KEY}")),
    (WRONG, None, editing()),
    (WRONG, "name", editing("--name=other")),
    (WRONG, "name", editing("--name=")),
    (WRONG, "rate_limit_rpm", editing("--rate-limit-rpm=-1")),
    (WRONG, "base_url", editing("--base-url=http://me:hunter2@h/v1")),
    (FAILED, None, editing("--rate-limit-rpm=5", "--expected-version=7")),
    (WRONG, None, editing("--expected-version=0")),
    *((FAILED, None, [*command.split(), "no-such-id"]) for command in (
        "integrations show", "integrations test", "integrations enable", "integrations disable",
        "integrations delete --yes", "integrations health", "integrations limits",
        "integrations edit --rate-limit-rpm 5", "health check", "health history",
    )),
    *((FAILED, "tenant", ["--tenant", "nobody", *command.split()]) for command in (
        "health check", "health summary",
    )),
    *((FAILED, None, ["--tenant", "other", *command.split(), "{id}"]) for command in (
        "integrations show", "integrations test", "integrations enable", "integrations disable",
        "integrations delete --yes", "integrations edit --rate-limit-rpm 5", "health check",
        "integrations health", "integrations limits", "health history",
    )),
    (WRONG, "tenant", ["tenants", "add", "../etc"]),
    (WRONG, "tenant", ["tenants", "add", ""]),
    (WRONG, "tenant", ["--tenant", "a b", *adding()]),
    (WRONG, "output", ["integrations", "list", "--output=xml"]),
    (WRONG, "limit", ["integrations", "list", "--limit=0"]),
    (WRONG, "limit", ["activity", "--limit=-1"]),
    (WRONG, "sort", ["integrations", "list", "--sort=colour"]),
    (WRONG, "status", ["integrations", "list", "--status=gone"]),
    (WRONG, None, ["no-such-command"]),
    (WRONG, None, ["integrations", "no-such-command"]),
    (WRONG, None, ["integrations", "list", "--no-such-option"]),
    (WRONG, "in_flight", ["monitor", "--once", "--workers=0"]),
    (WRONG, "rate_per_minute", ["monitor", "--once", "--rate=fast"]),
    (WRONG, "seconds", ["demo", "--headless", "--seconds=-1"]),
    (WRONG, None, ["integrations", "delete", "gpt"]),
    (WRONG, "config", ["--config=/no/such/file.toml", "doctor"]),
    (FAILED, None, ["--read-only", "integrations", "disable", "gpt"]),
    (FAILED, None, ["--read-only", "monitor", "--once"]),
    (FAILED, None, ["db", "backup", "/no/such/folder/file.db"]),
    (WRONG, None, []),
)  # fmt: skip


@pytest.fixture
def board(program: Program) -> tuple[Program, str]:
    """A database with one integration of acme's, and a tenant who has none."""
    made = program.add("gpt", HERE, secret="sk-good-key-of-acme")
    program.many(
        ["integrations", "add", "--name=other", "--provider=custom", f"--base-url={HERE}",
         "--credential-ref=env://K"],
        ["tenants", "add", "other"],
    )  # fmt: skip
    return program, made.json["id"]


def test_every_wrong_word_gets_its_sentence(board: tuple[Program, str]) -> None:
    program, made = board
    runs = [[word.replace("{id}", made) for word in argv] for _, _, argv in CASES]
    before = program.run("integrations", "list", "-o", "json").out
    told = program.many(*runs)
    wrong = [
        fault
        for (code, _, _), done in zip(CASES, told, strict=True)
        if (fault := faults_of(done, code))
    ]
    blamed = [
        (code, field, [*run, "-o", "json"])
        for (code, field, _), run in zip(CASES, runs, strict=True)
        if field not in {None, "output"}
    ]
    as_json = program.many(*(run for _, _, run in blamed))
    wrong += [
        fault
        for (code, field, _), done in zip(blamed, as_json, strict=True)
        if (fault := faults_of_json(done, code, field))
    ]
    assert not wrong, "\n".join(wrong)
    assert program.run("integrations", "list", "-o", "json").out == before


def faults_of(done: Done, code: int) -> str:
    """Return what is wrong with how a mistake was told to a person."""
    lines = done.err.splitlines()
    problems = [
        *(["exit code"] if done.code != code else []),
        *(["something on stdout"] if done.out else []),
        *(["no sentence"] if not lines or not lines[0].startswith("Error: ") else []),
        *(["more than a sentence and a hint"] if len(lines) > 2 else []),
        *(["no full stop"] if lines and lines[0][-1] not in ".?" else []),
        *(["too long"] if lines and len(lines[0]) > 400 else []),
        *_leaks(done),
    ]
    return f"{problems} {done}" if problems else ""


def faults_of_json(done: Done, code: int, field: str | None) -> str:
    """Return what is wrong with how it was told to a program."""
    try:
        error = json.loads(done.err)["error"]
    except (ValueError, KeyError):
        return f"no JSON: {done}"
    problems = [
        *(["exit code"] if done.code != code else []),
        *(["something on stdout"] if done.out else []),
        *(["keys"] if set(error) != {"code", "title", "message", "hint", "field"} else []),
        *([f"blames {error['field']}"] if field is not None and error["field"] != field else []),
        *_leaks(done),
    ]
    return f"{problems} {done}" if problems else ""


def _leaks(done: Done) -> list[str]:
    never = ("hunter2", RAW_KEY, "Traceback", "inside Lampboard")
    return [f"says {word}" for word in never if word in done.err]


NO_SECRETS = (
    *(b"", b"\n \n", b"\x00\x01\x02\xff\xfe" * 50, bytes(range(128, 256)), b"sk-\x1b[31mred"),
    *("sk-ключ".encode(), b"sk-two\nlines", b"k" * 2_000_000),
)


def test_secrets_that_are_none(program: Program) -> None:
    argv = ("integrations", "add", "--name=x", "--provider=openai", "--credential-stdin")
    runs = [[*argv, "-o", "table"] for _ in NO_SECRETS]
    for done in program.many(*runs, stdin=NO_SECRETS):
        assert not faults_of(done, WRONG)
        assert "credential" in done.err or "API key" in done.err
    runs = [[*argv, "-o", "json"] for _ in NO_SECRETS]
    for done in program.many(*runs, stdin=NO_SECRETS):
        assert not faults_of_json(done, WRONG, "secret")
    assert program.run("tenants", "list", "-o", "json").json["items"] == []


def test_bad_settings_are_named(program: Program) -> None:
    """From the environment and from files: one sentence that says which, and from where."""
    config = program.folder / "bad.toml"
    for text, says in {
        "not toml": "not valid TOML",
        "colour = 1": "unknown setting",
        "check_interval_s = -5": "check_interval_s",
        'master_key = "hunter2"': "master key",
        "deadline_s = true": "deadline_s",
        'refresh_s = "nan"': "refresh_s",
    }.items():
        config.write_text(text)
        (done,) = program.many([f"--config={config}", "integrations", "list"])
        assert not faults_of(done, WRONG)
        assert says in done.err
    for name, value in {"MONITOR": "maybe", "IN_FLIGHT": "1e99", "DATABASE": "mysql://h/x"}.items():
        done = program.run("integrations", "list", env={f"LAMPBOARD_{name}": value})
        assert done.code in {FAILED, WRONG}
        assert not _leaks(done)
        assert done.err.startswith("Error: ")
