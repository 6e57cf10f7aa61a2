"""docs/prevention.md says what is so, and its proof proves."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from engine.prevention.canonical import canonical
from engine.prevention.contract import RULES
from engine.prevention.policies import NEEDED
from engine.prevention.writing import MAX_SIGNATURE
from tests.markdown import ROOT, code, marked, table

if TYPE_CHECKING:
    from tests.engine.prevention.conftest import Ledger

TEXT = (ROOT / "docs" / "prevention.md").read_text(encoding="utf-8")


def test_rules_and_bounds_are_the_codes_own() -> None:
    assert tuple(code(row[0])[0] for row in table(TEXT, "rules")) == RULES
    assert f"{MAX_SIGNATURE:,}" in TEXT
    assert f"({NEEDED} unless told otherwise)" in TEXT


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_names_and_the_proof_hold(ledger: Ledger) -> None:
    await ledger.write(7)
    await ledger.write(1, request_signature={"ü": [1.0, 0.5]}, blocked_incident_id=None)
    names = [code(row[0])[0] for row in table(TEXT, "body")]
    record = (await ledger.records())[0]
    assert record.body == canonical({name: _value(record.body, name) for name in names})
    lines = [line async for batch in ledger.facade.export_lines("acme") for line in batch]
    proof = marked(TEXT, "proof").text
    for text, holds in (("".join(lines), True), ("".join(lines).replace("0.93", "0.61"), False)):
        assert proves(proof, text) is holds


def proves(program: str, text: str) -> bool:
    """Whether another program ends well with a ledger at its standard input."""
    done = subprocess.run(
        [sys.executable, "-c", program], input=text, text=True, capture_output=True, check=False
    )
    return done.returncode == 0


def _value(body: str, name: str) -> object:
    import json

    return json.loads(body)[name]
