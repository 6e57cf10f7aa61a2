"""Wrong words about sources and connectors: a sentence, the right code, and nothing stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.system.test_bad_input import FAILED, RAW_KEY, WRONG, faults_of, faults_of_json

if TYPE_CHECKING:
    from tests.system.program import Program

pytestmark = pytest.mark.processes


def source(*more: str, name: str = "new") -> list[str]:
    told = " ".join(more)
    reach = [] if "--url" in told or "--host" in told else ["--host=127.0.0.1"]
    which = [] if "--technology" in told or "--url" in told else ["--technology=redis"]
    return ["sources", "add", f"--name={name}", *which, *reach, *more]


def connector(*more: str, name: str = "new", kind: str = "http") -> list[str]:
    told = " ".join(more)
    reach = [] if "--url" in told or "--host" in told or kind != "http" else ["--url=http://h/"]
    return ["connectors", "add", f"--name={name}", f"--type={kind}", *reach, *more]


# The exit code, the field that is to blame (None: no single one), the command line.
CASES: tuple[tuple[int, str | None, list[str]], ...] = (
    *((WRONG, "name", source(name=name)) for name in ("db", "DB ", "", "  ", "n" * 5000, "a\nb")),
    *((WRONG, "technology", source(f"--technology={name}")) for name in ("postgre", "", "x" * 999)),
    (WRONG, "technology", source("--url=nope://h/db")),
    *((WRONG, None, source(f"--type={kind}")) for kind in ("databse", "mcp", "")),
    (WRONG, None, source("--type=vector", "--technology=redis")),
    *((WRONG, "host", source(f"--host={host}")) for host in (
        "a b", "h/x", "h:6379", "http://h", "[::1", "h\x1b[31m", "h" * 300, "user:hunter2@h", "..",
    )),
    *((WRONG, "port", source(f"--port={port}")) for port in (
        "0", "-1", "65536", "1e3", "６３７９", "9" * 40, "http", "6379.0",
    )),
    *((WRONG, "connection_string", source(f"--url={url}")) for url in (
        "postgresql://", "postgresql://app@", "postgresql://app@h:", "postgresql://app@h:x/db",
        "postgresql://app@h:99999/db", "postgresql:/h/db", "host=", "host=h port=", "jdbc:", "x",
        "postgresql://app:hunter2", "postgresql://app:hunter2@",
        "postgresql://app:hun@ter2@h/db#x", f"postgresql://{'h' * 9000}/db", "postgresql://[::1/db",
    )),
    (WRONG, "url", source("--url=postgresql://app:hunter2@h/db")),
    (WRONG, "url", source("--url=https://h/?token=hunter2")),
    (WRONG, "option", source("--option=token=hunter2")),
    (WRONG, "option", source("--option=novalue")),
    (WRONG, "option", source("--option==hunter2")),
    (WRONG, "metadata", source("--metadata=password=hunter2")),
    *((WRONG, "tags", source(f"--tags={tags}")) for tags in ("a\x1bb", "t" * 300)),
    *((WRONG, "interval_s", source(f"--interval-s={text}")) for text in ("0", "-5", "9" * 12, "x")),
    (WRONG, "credential_ref", source(f"--password-ref={RAW_KEY}")),
    (FAILED, "password", source("--password-ref=encrypted://no-such-id")),
    (WRONG, None, source("--password-ref=env://K", "--password-stdin")),
    (WRONG, None, source(f"--password={RAW_KEY}")),
    (WRONG, None, source(f"--api-key={RAW_KEY}")),
    (WRONG, None, source("--password-file=/no/such/file")),
    (WRONG, None, source("--oauth-file=/no/such/file")),
    (WRONG, "oauth_config", source("--oauth-file=noise", "--technology=rest", "--url=http://h")),
    (WRONG, "oauth_config", source("--oauth-file=list", "--technology=rest", "--url=http://h")),
    (WRONG, None, ["sources", "add", "--name=x"]),
    (WRONG, None, ["sources", "add", RAW_KEY]),
    (WRONG, "connector_type", connector(kind="htp")),
    (WRONG, "technology", connector("--technology=redis")),
    (WRONG, "name", connector(name="tools")),
    (WRONG, "name", connector(name="TOOLS")),
    (WRONG, "url", connector("--url=https://u:hunter2@h")),
    (WRONG, "url", connector("--url=http://hunter2@h")),
    *((WRONG, None, connector(f"--url={url}")) for url in ("x", "ftp://h", "http://")),
    (WRONG, "arguments", connector("--option=command=/bin/true",
                                   "--option=arguments=--token hunter2", kind="mcp")),
    (WRONG, None, connector(kind="mcp")),
    *((WRONG, "max_rows", connector(f"--max-rows={text}")) for text in ("0", "many", "9" * 20)),
    *((WRONG, "timeout_seconds", connector(f"--timeout-seconds={text}")) for text in ("0", "nan")),
    (WRONG, "allow", connector("--allow=GET")),
    (WRONG, None, ["sources", "edit", "db"]),
    (WRONG, None, ["connectors", "edit", "tools"]),
    (WRONG, "name", ["sources", "edit", "db", "--name=cache"]),
    (WRONG, "port", ["sources", "edit", "db", "--port=0"]),
    (WRONG, "name", ["connectors", "edit", "tools", "--name="]),
    (FAILED, None, ["sources", "edit", "db", "--description=x", "--expected-version=7"]),
    (FAILED, None, ["connectors", "edit", "tools", "--description=x", "--expected-version=7"]),
    *((FAILED, None, [*command.split(), "no-such-id"]) for command in (
        "sources show", "sources test", "sources activate", "sources deactivate",
        "sources deprecate", "sources delete --yes", "connectors show",
        "connectors test", "connectors discover", "connectors connect", "connectors disconnect",
        "connectors deprecate", "connectors delete --yes", "connectors edit --description x",
    )),
    *((FAILED, None, ["--tenant", "other", *command.split()]) for command in (
        "sources show {source}", "sources test {source}", "sources delete --yes {source}",
        "sources edit {source} --description x", "sources activate {source}",
        "connectors show {connector}", "connectors test {connector}",
        "connectors delete --yes {connector}", "connectors discover {connector}",
    )),
    (WRONG, "sort", ["sources", "list", "--sort=colour"]),
    (WRONG, "status", ["sources", "list", "--status=gone"]),
    (WRONG, "status", ["connectors", "list", "--status=gone"]),
    (WRONG, "limit", ["connectors", "list", "--limit=0"]),
    (WRONG, None, ["sources", "delete", "db"]),
    (WRONG, None, ["sources", "test"]),
    (FAILED, None, ["sources", "tag", "no-such-id", "pii"]),
    (FAILED, None, ["sources", "grant", "no-such-id", "analyst"]),
    (WRONG, "tags", ["sources", "tag", "db", "a\x1bb"]),
    (WRONG, None, ["connectors", "no-such-command"]),
)  # fmt: skip


@pytest.fixture
def board(program: Program) -> dict[str, str]:
    """Two sources and a connector of acme's, and a tenant who has none."""
    (program.folder / "noise").write_bytes(bytes(range(128, 256)))
    (program.folder / "list").write_text("[hunter2]")
    made = program.many(
        ["sources", "add", "--name=db", "--technology=redis", "--host=127.0.0.1", "-o", "json"],
        ["sources", "add", "--name=cache", "--technology=redis", "--host=127.0.0.1", "-o", "json"],
        [
            "connectors",
            "add",
            "--name=tools",
            "--type=http",
            "--url=http://127.0.0.1:9",
            "-o",
            "json",
        ],
        ["tenants", "add", "other"],
    )
    assert [one.code for one in made] == [0] * len(made), made
    return {"source": made[0].json["source_id"], "connector": made[2].json["id"]}


def everything(program: Program) -> list[str]:
    lists = ("sources list", "connectors list", "tenants list", "activity")
    return [one.out for one in program.many(*((*line.split(), "-o", "json") for line in lists))]


def test_every_wrong_word_gets_its_sentence(program: Program, board: dict[str, str]) -> None:
    cases = [
        (code, field, [word.format(**board) if word.startswith("{") else word for word in argv])
        for code, field, argv in CASES
    ]
    before = everything(program)
    # To a program the field is told too, so what has one is asked for as a program asks.
    runs = [run if field is None else [*run, "-o", "json"] for _, field, run in cases]
    told = program.many(*runs)
    wrong = [
        fault
        for (code, field, _), done in zip(cases, told, strict=True)
        if (fault := faults_of_json(done, code, field) if field else faults_of(done, code))
    ]
    assert not wrong, "\n".join(wrong)
    assert everything(program) == before


def test_sentence_is_for_a_person_too(program: Program, board: dict[str, str]) -> None:
    assert board
    blamed = [(code, argv) for code, field, argv in CASES if field][::6]
    told = program.many(*(argv for _, argv in blamed))
    wrong = [faults_of(done, code) for (code, _), done in zip(blamed, told, strict=True)]
    assert not any(wrong), "\n".join(wrong)


WRITING = (
    source(), source("--test"), source("--activate"), connector("--test"), connector(),
    *(line.split() for line in (
        "sources edit db --description x", "sources edit db --description x --test",
        "sources activate db", "sources deactivate db", "sources deprecate db",
        "sources delete db --yes", "sources tag db pii", "sources untag db pii",
        "sources grant db dba", "sources revoke db dba", "sources test db", "sources test --all",
        "connectors edit tools --description x", "connectors connect tools",
        "connectors disconnect tools", "connectors deprecate tools",
        "connectors delete tools --yes", "connectors test tools", "connectors test --all",
        "connectors discover tools",
    )),
)  # fmt: skip


def test_read_only_run_writes_nothing_and_says_why(program: Program, board: dict[str, str]) -> None:
    assert board
    before = everything(program)
    program.extra["LAMPBOARD_READ_ONLY"] = "yes"
    told = program.many(*WRITING)
    wrong = [fault for done in told if (fault := faults_of(done, FAILED))]
    assert not wrong, "\n".join(wrong)
    assert [done.argv for done in told if "read-only" not in done.err] == []
    assert everything(program) == before
