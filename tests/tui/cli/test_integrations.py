from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from engine.fields import FieldSpec
from engine.integrations.providers import known_providers
from tui.cli.integrations import writes as integration_writes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Add, Run

SECRET = "sk-canary-8d1f0c6b2a"
LIST = ("integrations", "list")


def test_add_as_written_on_a_new_database(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    done = run(
        *("--database", f"sqlite:///{path}", "integrations", "add", "--tenant", "acme"),
        *("--name", "gpt", "--provider", "custom", "--base-url", "http://127.0.0.1:9999/v1"),
        *("--credential-stdin", "-o", "json"),
        stdin=SECRET + "\n",
    )
    assert done.code == 0
    assert done.json["name"] == "gpt"
    assert done.json["tenant_id"] == "acme"
    assert done.json["credential_ref"].startswith("encrypted://")
    assert SECRET not in done.out + done.err
    everything = b"".join(item.read_bytes() for item in tmp_path.rglob("*") if item.is_file())
    assert SECRET.encode() not in everything


def test_an_empty_list_is_a_list(board: Run) -> None:
    done = board("tenants", "add", "acme")
    assert done.code == 0
    done = board(*LIST, "-o", "json")
    assert (done.code, done.json) == (0, {"items": [], "total": 0})
    assert "integrations add" in done.err


def test_list_in_every_format(board: Run, add: Add) -> None:
    first, second = add("a-one"), add("b-two")
    assert board(*LIST, "-o", "json").json["total"] == 2
    assert [item["id"] for item in board(*LIST, "-o", "json").json["items"]] == [
        first["id"],
        second["id"],
    ]
    assert yaml.safe_load(board(*LIST, "-o", "yaml").out) == board(*LIST, "-o", "json").json
    assert board(*LIST, "-o", "name").out == "a-one\nb-two\n"
    lines = board(*LIST, "-o", "csv").out.splitlines()
    assert lines[0].startswith("id,name,provider_type,status,health_state")
    assert len(lines) == 3
    table = board(*LIST).out
    assert table.splitlines()[0].split()[:4] == ["NAME", "PROVIDER", "STATUS", "HEALTH"]
    assert "○ unknown" in table


def test_global_options_stand_before_or_after(run: Run, add: Add, database: str) -> None:
    add("gpt")
    before = run("--database", database, "--tenant", "acme", "-o", "name", *LIST)
    after = run(*LIST, "--database", database, "--tenant", "acme", "-o", "name")
    both = run("--tenant", "other", *LIST, "--database", database, "--tenant", "acme", "-oname")
    assert before.out == after.out == both.out == "gpt\n"


def test_filters_sorting_and_a_cut_that_is_said(board: Run, add: Add) -> None:
    for name in ("alpha", "beta", "gamma"):
        add(name)
    assert board(*LIST, "name:a", "!beta", "-o", "name").out == "alpha\ngamma\n"
    assert board(*LIST, "--desc", "-o", "name").out == "gamma\nbeta\nalpha\n"
    cut = board(*LIST, "--limit", "2", "-o", "name")
    assert cut.out == "alpha\nbeta\n"
    assert "2 of 3 shown; use --all" in cut.err
    whole = board(*LIST, "--all", "-o", "json")
    assert len(whole.json["items"]) == whole.json["total"] == 3
    assert whole.err == ""


def test_all_goes_over_every_page(board: Run, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.cli.inventory.listing.PAGE", 2)
    for number in range(5):
        add(f"n{number}")
    assert board(*LIST, "--all", "-o", "name").out.split() == [f"n{n}" for n in range(5)]


def test_one_is_found_by_id_and_by_name(board: Run, add: Add) -> None:
    made = add("Gpt-Prod")
    by_id = board("integrations", "show", made["id"], "-o", "json")
    by_name = board("integrations", "show", "gpt-prod", "-o", "json")
    assert by_id.json == by_name.json == made
    facts = board("integrations", "show", "gpt-prod").out
    assert facts.startswith("name               Gpt-Prod\n")


def test_unknown_ones_get_the_nearest_name(board: Run, add: Add) -> None:
    add("gpt-prod")
    done = board("integrations", "show", "gpt-prd")
    assert (done.code, done.out) == (1, "")
    assert "Did you mean gpt-prod?" in done.err


def test_another_tenants_are_not_found(board: Run, add: Add) -> None:
    made = add("gpt")
    board("tenants", "add", "other")
    done = board("integrations", "show", made["id"], "--tenant", "other", "-o", "json")
    assert done.code == 1
    assert json.loads(done.err)["error"]["code"] == "not_found"


def test_edit_changes_what_is_given_and_takes_away_what_is_empty(board: Run, add: Add) -> None:
    add("gpt", "--default-model", "m-1", "--budget-limit-cents", "500")
    done = board("integrations", "edit", "gpt", "--default-model", "", "--rate-limit-rpm", "60")
    assert done.code == 0
    shown = board("integrations", "show", "gpt", "-o", "json").json
    assert shown["default_model"] is None
    assert (shown["rate_limit_rpm"], shown["budget_limit_cents"]) == (60, 500)


def test_edit_without_a_change_is_wrong_usage(board: Run, add: Add) -> None:
    add("gpt")
    done = board("integrations", "edit", "gpt")
    assert done.code == 2
    assert "nothing to change" in done.err


def test_edit_refuses_an_old_version(board: Run, add: Add) -> None:
    add("gpt")
    assert board("integrations", "edit", "gpt", "--rate-limit-rpm", "1").code == 0
    done = board("integrations", "edit", "gpt", "--rate-limit-rpm", "2", "--expected-version", "1")
    assert done.code == 1
    assert "changed" in done.err


def test_a_config_field_joins_those_that_are_there(board: Run) -> None:
    made = board(
        *("integrations", "add", "--name", "az", "--provider", "azure_openai"),
        *("--base-url", "https://r.openai.azure.com", "--deployment", "d1"),
        *("--credential-ref", "env://AZ_KEY", "-o", "json"),
    )
    assert made.json["config"]["deployment"] == "d1"
    done = board("integrations", "edit", "az", "--api-version", "v1", "-o", "json")
    assert done.json["config"] == {**made.json["config"], "api_version": "v1"}


def test_enable_disable_delete(board: Run, add: Add) -> None:
    add("gpt")
    assert board("integrations", "enable", "gpt", "-o", "json").json["status"] == "enabled"
    assert "gpt is disabled." in board("integrations", "disable", "gpt").out
    refused = board("integrations", "delete", "gpt")
    assert refused.code == 2
    assert "Delete gpt (custom) of acme?" in refused.err
    assert board("integrations", "delete", "gpt", "--dry-run").out == ""
    assert board("integrations", "delete", "gpt", "--yes", "-o", "json").json["deleted"] is True
    assert board("integrations", "show", "gpt").code == 1


def test_limits_without_usage_are_not_measured(board: Run, add: Add) -> None:
    add("gpt", "--budget-limit-cents", "50000")
    done = board("integrations", "limits", "gpt", "-o", "json")
    assert done.json["measured"] is False
    assert done.json["budget_used_cents"] is None
    assert "not the same as none" in done.err
    assert "$500.00 a month" in board("integrations", "limits", "gpt").out


def test_health_of_one_without_a_check(board: Run, add: Add) -> None:
    add("gpt")
    assert board("integrations", "health", "gpt", "-o", "json").json["health_state"] == "unknown"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (("--base-url", "ftp://x"), "base_url"),
        (("--base-url", "http://me:hunter2@x/v1"), "base_url"),
        (("--budget-limit-cents", "-1"), "budget_limit_cents"),
        (("--rate-limit-rpm", "many"), "rate_limit_rpm"),
        (("--region", "eu-west-1"), "region"),
        (("--credential-ref", "sk-raw-key-0123456789"), None),
    ],
)
def test_bad_values_are_refused_in_one_sentence(
    board: Run, more: tuple[str, ...], field: str | None
) -> None:
    base = ("--base-url", "http://127.0.0.1:9/v1") if "--base-url" not in more else ()
    done = board(
        "integrations", "add", "--name", "x", "--provider", "custom", *base, *more, "-o", "json"
    )
    assert (done.code, done.out) == (2, "")
    error = json.loads(done.err)["error"]
    assert error["message"].endswith(".")
    assert field is None or error["field"] == field
    assert "hunter2" not in done.err
    assert "sk-raw-key" not in done.err


def test_names_do_not_repeat(board: Run, add: Add) -> None:
    add("gpt")
    done = board(
        *("integrations", "add", "--name", "GPT", "--provider", "custom", "-o", "json"),
        *("--base-url", "http://127.0.0.1:9/v1", "--credential-ref", "env://KEY"),
    )
    assert done.code == 2
    assert json.loads(done.err)["error"]["code"] == "name_taken"


def test_read_only_refuses_changes(board: Run, add: Add) -> None:
    add("gpt")
    done = board("integrations", "disable", "gpt", "--read-only", "-o", "json")
    assert done.code == 1
    assert json.loads(done.err)["error"]["code"] == "read_only"


def test_add_can_be_tried_without_storing(board: Run) -> None:
    argv = ("integrations", "add", "--name", "x", "--provider", "openai")
    done = board(*argv, "--credential-ref", "env://KEY", "--dry-run")
    assert (done.code, done.out) == (0, "")
    assert "Nothing was stored" in done.err


def test_every_declared_field_has_its_flag() -> None:
    flags = {opt for param in integration_writes.add.params for opt in param.opts}
    for provider in known_providers():
        for spec in provider.fields:
            assert isinstance(spec, FieldSpec)
            assert (spec.flag in flags) is not spec.secret
    assert not {"--credential", "--secret", "--api-key"} & flags


def credential_file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "key"
    path.write_text(text)
    return str(path)


def test_a_credential_from_a_file(board: Run, tmp_path: Path) -> None:
    path = credential_file(tmp_path, f"\n {SECRET} \n")
    argv = ("integrations", "add", "--name", "x", "--provider", "openai", "-o", "json")
    done = board(*argv, "--credential-file", path)
    assert done.json["credential_ref"].startswith("encrypted://")


def test_a_credential_is_given_in_one_way(board: Run, tmp_path: Path) -> None:
    path = credential_file(tmp_path, SECRET)
    argv = ("integrations", "add", "--name", "x", "--provider", "openai")
    done = board(*argv, "--credential-file", path, "--credential-stdin", stdin=SECRET)
    assert done.code == 2
    assert "--credential-stdin, --credential-file" in done.err


def test_a_missing_credential_without_a_terminal_says_the_ways(board: Run) -> None:
    done = board("integrations", "add", "--name", "x", "--provider", "openai")
    assert done.code == 2
    assert "--credential-stdin" in done.err


def test_a_custom_server_may_want_no_credential(board: Run) -> None:
    argv = ("integrations", "add", "--name", "x", "--provider", "custom", "-o", "json")
    done = board(*argv, "--base-url", "http://127.0.0.1:9/v1", "--credential-stdin", stdin="")
    assert done.code == 0
    assert done.json["credential_ref"] is None


def test_the_only_tenant_need_not_be_named(
    run: Run, add: Add, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("gpt")
    monkeypatch.delenv("LAMPBOARD_TENANT")
    assert run("--database", database, *LIST, "-o", "name").out == "gpt\n"
    run("--database", database, "tenants", "add", "other")
    done = run("--database", database, *LIST)
    assert done.code == 2
    assert "acme, other" in done.err
