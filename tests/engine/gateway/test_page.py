"""docs/gateway.md says what is so: types, rules, caps, and an example that runs."""

from __future__ import annotations

import ast
import asyncio
import re
import sqlite3
from typing import TYPE_CHECKING, Any

from engine.credentials import Credential
from engine.gateway import (
    DEFAULT_MAX_RESULT_BYTES,
    DEFAULT_MAX_ROWS,
    DEFAULT_TIMEOUT_SECONDS,
    ParameterType,
)
from engine.gateway.parameters.notation import FLAGS, RULES
from engine.gateway.runs import MAX_TOLD
from tests.markdown import ROOT, code, table

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (ROOT / "docs" / "gateway.md").read_text(encoding="utf-8")


def test_types_and_rules() -> None:
    assert [code(row[0])[0] for row in table(TEXT, "parameter-types")] == list(ParameterType)
    (told,) = re.findall(r"^Rules: (.*?)\. ", TEXT, re.MULTILINE | re.DOTALL)
    words = {word.partition("=")[0] for word in code(told)}
    assert words | {"logged"} == {*RULES, *FLAGS}


def test_caps() -> None:
    told = {row[0]: row[1] for row in table(TEXT, "caps")}
    assert told["rows"] == f"{DEFAULT_MAX_ROWS:,}"
    assert told["bytes"] == f"{DEFAULT_MAX_RESULT_BYTES >> 20} MiB"
    assert told["seconds"] == str(DEFAULT_TIMEOUT_SECONDS)
    assert f"cut to {MAX_TOLD} characters" in " ".join(TEXT.split())


def test_the_example_runs(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, total REAL, day TEXT)")
        connection.execute("INSERT INTO orders VALUES (7, 2.5, '2026-11-01')")
    connection.close()

    class Credentials:
        async def get(self, credential_ref: str) -> Credential:
            assert credential_ref == "env://ORDERS_URL"
            return Credential(f"sqlite:///{path}")

    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {"credentials": Credentials()}
    compiled = compile(example, "gateway.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> None:
        done = eval(compiled, names)  # noqa: S307 - our own page
        if done is not None:
            await done
        await names["service"].aclose()

    asyncio.run(run())
    assert names["result"].rows == ((7, 2.5),)
