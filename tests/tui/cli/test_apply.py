from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Add, Run

ROOT = Path(__file__).resolve().parents[3]
KEY = "sk-canary-8d1f0c6b2a"
EXPORT = ("integrations", "export")
APPLY = ("integrations", "apply", "-f")
GPT = """\
lampboard: 1
items:
- kind: integration
  name: gpt
  provider_type: openai
  credential_ref: env://OPENAI_KEY
  enabled: true
  rate_limit_rpm: 60
"""


def test_apply_creates_then_changes_then_leaves(board: Run, tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(GPT)
    done = board(*APPLY, str(path))
    assert (done.code, done.err) == (0, "1 created.\n")
    assert done.out.splitlines()[1].split()[:4] == ["1", "3", "gpt", "created"]
    path.write_text(GPT.replace("60", "90"))
    done = board(*APPLY, str(path), "-o", "json")
    assert done.code == 0
    assert done.json["counts"] == {"created": 0, "changed": 1, "unchanged": 0, "refused": 0}
    assert done.json["results"][0]["changes"] == {"rate_limit_rpm": [60, 90]}
    assert "1 unchanged" in board(*APPLY, str(path)).err
    shown = board("integrations", "show", "gpt", "-o", "json").json
    assert (shown["rate_limit_rpm"], shown["status"]) == (90, "enabled")


@pytest.mark.parametrize("output", [(), ("-o", "yaml"), ("-o", "json")])
def test_an_export_can_be_applied_elsewhere(board: Run, output: tuple[str, ...]) -> None:
    odd = "\n".join(
        f"- {{kind: integration, name: {json.dumps(name)}, provider_type: openai}}"
        for name in ("=1+1", "@x", "-3", "null", "2024-06-01", "Ünicode \u2028", "\u202egnp")
    )
    assert board(*APPLY, "-", stdin=GPT + odd).code == 0
    exported = board(*EXPORT, *output)
    assert exported.code == 0
    assert "\u202e" not in exported.out
    assert "8 unchanged" in board(*APPLY, "-", stdin=exported.out).err
    applied = board(*APPLY, "-", "--tenant", "other", stdin=exported.out)
    assert (applied.code, "8 created" in applied.err) == (0, True)
    assert board(*EXPORT, "--tenant", "other", *output).out == exported.out


def test_an_export_is_one_document_however_long(
    board: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.cli.integrations.documents.PART", 2)
    items = [{"kind": "integration", "name": f"n{n}", "provider_type": "openai"} for n in range(5)]
    assert board(*APPLY, "-", stdin=json.dumps({"lampboard": 1, "items": items})).code == 0
    found = yaml.safe_load(board(*EXPORT).out)
    assert (found["lampboard"], len(found["items"])) == (1, 5)


def test_nothing_to_export_is_a_document_too(board: Run) -> None:
    done = board(*EXPORT)
    assert yaml.safe_load(done.out) == {"lampboard": 1, "items": []}
    assert "no items" in done.err
    done = board(*APPLY, "-", stdin=done.out)
    assert (done.code, "nothing to do" in done.err) == (0, True)


@pytest.mark.parametrize("output", ["table", "csv", "name"])
def test_a_document_is_yaml_or_json(board: Run, output: str) -> None:
    done = board(*EXPORT, "-o", output)
    assert (done.code, done.out) == (2, "")
    assert "-o yaml" in done.err


def test_an_export_has_the_reference_and_not_the_key(board: Run, add: Add) -> None:
    made = add("gpt")
    for output in ("yaml", "json"):
        done = board(*EXPORT, "-o", output)
        assert made["credential_ref"] in done.out
        assert KEY not in done.out + done.err


BAD = (
    GPT
    + f"""\
- kind: integration
  name: raw
  provider_type: openai
  credential_ref: {KEY}
- kind: integration
  name: slip
  provider_type: openai
  defalt_model: m
- kind: integration
  name: yes
  provider_type: openai
- kind: integration
  name: "=cmd|'/c calc'!A0"
  provider_type: openai
  api_key: {KEY}
"""
)


def test_what_is_refused_is_told_beside_its_line_and_the_rest_applied(board: Run) -> None:
    done = board(*APPLY, "-", stdin=BAD)
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[2].split()[:5] == ["2", "9", "raw", "refused", "credential_ref"]
    assert "did you mean 'default_model'?" in lines[3]
    assert lines[4].split()[:5] == ["4", "17", "-", "refused", "name"]
    assert "never contains secrets" in lines[5]
    assert "1 created, 4 refused." in done.err
    assert "in quotes" in done.err
    assert board("integrations", "list", "-o", "name").out == "gpt\n"


@pytest.mark.parametrize("output", ["table", "json", "yaml", "csv", "name"])
def test_a_key_is_never_repeated_and_a_formula_never_active(board: Run, output: str) -> None:
    done = board(*APPLY, "-", "-o", output, stdin=BAD)
    assert done.code == 1
    assert KEY not in done.out + done.err
    if output == "csv":
        assert "'=cmd" in done.out
        assert ",=cmd" not in done.out.replace('"', "")


def test_a_key_in_a_document_is_stored_nowhere(board: Run, tmp_path: Path) -> None:
    assert board(*APPLY, "-", stdin=BAD).code == 1
    everything = b"".join(item.read_bytes() for item in tmp_path.rglob("*") if item.is_file())
    assert KEY.encode() not in everything


def test_a_dry_run_stores_nothing_and_needs_no_write(board: Run) -> None:
    done = board(*APPLY, "-", "--dry-run", stdin=GPT)
    assert (done.code, "would be registered" in done.out.lower()) == (0, True)
    assert "a dry run" in done.err
    assert board("integrations", "list", "-o", "name").out == ""
    done = board(*APPLY, "-", "--dry-run", "--read-only", stdin=GPT)
    assert (done.code, "1 created" in done.err) == (0, True)
    assert board(*APPLY, "-", "--read-only", stdin=GPT).code == 1
    assert board(*APPLY, "-", "--dry-run", stdin=BAD).code == 1


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("name: gpt", "not a file of Lampboard"),
        ("lampboard: 2\nitems: []", "version 2"),
        ("lampboard: 1\nitems: [*a]", "no anchor"),
        ("lampboard: 1\nitems: [!!python/name:os.system x]", "tag"),
        ("lampboard: 1\nitems: []\nitems: []", "second time"),
        ("lampboard: 1\nitems: " + "[" * 1000, "20 levels"),
        ('{"lampboard": 1, "items": [NaN]}', "NaN"),
        (f"lampboard: 1\nitems: [{{a: '{KEY}]", "Line"),
        ("lampboard: 1\nitems: [\x1b]", "character"),
        ("#" * (5 * 1024 * 1024 + 1), "5 MiB"),
    ],
    ids=lambda text: text[:24],
)
def test_a_file_that_cannot_be_used_is_wrong_usage(board: Run, text: str, word: str) -> None:
    done = board(*APPLY, "-", "-o", "json", stdin=text)
    assert (done.code, done.out) == (2, "")
    error = json.loads(done.err)["error"]
    assert word in error["message"]
    assert KEY not in done.err


@pytest.mark.parametrize("path", ["nowhere.yaml", ".", "a\x00b"])
def test_a_file_that_cannot_be_read_is_wrong_usage(
    board: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = board(*APPLY, path)
    assert (done.code, done.out) == (2, "")
    assert "cannot be read" in done.err


def test_the_file_must_be_named(board: Run) -> None:
    done = board("integrations", "apply")
    assert done.code == 2
    assert "--file" in done.err


def test_what_only_reads_loads_no_model_and_no_yaml(board: Run, database: str) -> None:
    assert board(*APPLY, "-", stdin=GPT).code == 0
    argv = ["--database", database, "integrations", "list", "--tenant", "acme", "-o", "json"]
    code = (
        "import sys\nfrom tui.__main__ import main\n"
        f"code = main({argv!r})\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "sys.exit(code or (3 if loaded & {'pydantic', 'pydantic_core', 'yaml'} else 0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["total"] == 1
