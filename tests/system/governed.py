"""A tenant with something of each that is trusted: templates, a ledger, credentials."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.system.program import Program

ADD_TEMPLATE = ("gateway", "templates", "add", "--source=shop")
BY_ID = "SELECT id, name FROM orders WHERE id >= :least ORDER BY id"
RECORD = ("prevention", "record", "--policy=p", "--pattern=bulk", "--confidence=0.9")
LABEL = "kept here"


def write_shop(path: Path, rows: Iterable[tuple[object, ...]] = ((1, "ann"), (2, "=cmd()"))) -> str:
    """Write a database of orders; return its path."""
    raw = sqlite3.connect(path)
    with raw:
        raw.execute("CREATE TABLE orders (id INTEGER, name TEXT)")
        raw.executemany("INSERT INTO orders VALUES (?, ?)", rows)
    raw.close()
    return str(path)


def stock(program: Program, *, key: str = "sk-of-acme-0123456789") -> dict[str, str]:
    """Register a source, two templates, a policy with records, credentials; return their ids."""
    shop = write_shop(program.folder / "shop.db")
    first = program.run(
        *("sources", "add", "--name=shop", "--technology=sqlite", "--activate", "-o", "json"),
        f"--database-name={shop}",
    )
    assert first.code == 0, first.err
    told = program.many(
        (*ADD_TEMPLATE, "--name=by-id", f"--sql={BY_ID}", "--param=least:int min=0", "-o", "json"),
        (*ADD_TEMPLATE, "--name=by-name", "--param=name:str max_length=99", "-o", "json",
         "--sql=SELECT id, name FROM orders WHERE name = :name"),
        ("gateway", "run", "by-id", "least=1"),
        ("prevention", "policies", "set", "p", "--activated=2026-01-01", "--needed=2"),
        RECORD,
        (*RECORD, "--simulated"),
        ("credentials", "set", f"--label={LABEL}", "--secret-stdin", "-o", "json"),
        ("credentials", "set", "env://LISTED", "--label=elsewhere"),
        ("tenants", "add", "other"),
        stdin=[b"", b"", b"", b"", b"", b"", key.encode(), b"", b""],
    )  # fmt: skip
    assert {done.code for done in told} == {0}, [done for done in told if done.code]
    return {
        "source": first.json["source_id"],
        "template": told[0].json["id"],
        "reference": told[6].json["reference"],
    }


def everything(program: Program, *, tenants: tuple[str, ...] = ("acme",)) -> list[object]:
    """Return what there is; that a run was tried is on record, and not looked at here."""
    lists = (
        "gateway list", "gateway templates list", "gateway templates versions by-id",
        "prevention list", "prevention policies list", "credentials list", "activity",
        "sources list",
    )  # fmt: skip
    runs = [["--tenant", one, *text.split(), "-o", "json"] for one in tenants for text in lists]
    return [_lasting(json.loads(done.out or "[]")) for done in program.many(*runs)]


def _lasting(said: object) -> object:
    if isinstance(said, list):
        return [_lasting(one) for one in said if not _is_run(one)]
    if not isinstance(said, dict):
        return said
    passing = {"runs", "last_run_at", "last_outcome", "total"}
    return {name: _lasting(value) for name, value in said.items() if name not in passing}


def _is_run(said: object) -> bool:
    return isinstance(said, dict) and said.get("action") == "gateway.run"
