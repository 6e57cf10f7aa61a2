"""A ledger as a file: proved without a database, by this program and by any other."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from engine.clock import SystemClock
from engine.errors import InvalidInput
from engine.prevention.checkpoints import read_checkpoints
from engine.prevention.exported import prove_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from engine.prevention import Verification
    from tests.engine.prevention.conftest import Ledger


async def exported(ledger: Ledger, path: Path, many: int = 1203) -> list[str]:
    await ledger.write(many)
    lines = [line async for batch in ledger.facade.export_lines("acme") for line in batch]
    write(path, lines)
    return lines


def write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(lines), encoding="utf-8")


def prove(path: Path, **how: object) -> Verification:
    return prove_file(path, SystemClock(), **how)  # type: ignore[arg-type]


async def test_the_document_is_enough_to_prove_it(ledger: Ledger, tmp_path: Path) -> None:
    """What docs/prevention.md says, and nothing of this program."""
    lines = await exported(ledger, tmp_path / "acme.jsonl", 20)
    head, *records = (json.loads(line) for line in lines)
    digest = bytes(32)
    for number, record in enumerate(records, 1):
        body = record["body"]
        digest = sha256(digest + body.encode("utf-8")).digest()
        assert (record["seq"], record["digest"]) == (number, digest.hex())
        told = json.loads(body)
        assert (told["seq"], told["tenant_id"]) == (number, "acme")
        assert body == json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert (head["seq"], head["digest"]) == (20, digest.hex())


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_file_is_proved(ledger: Ledger, tmp_path: Path) -> None:
    path, seen = tmp_path / "acme.jsonl", list[tuple[int, int]]()
    await exported(ledger, path)
    checkpoint = await ledger.facade.checkpoint("acme")
    found = prove(path, checkpoints=[checkpoint], on_progress=lambda *told: seen.append(told))
    assert (found.ok, found.verified, found.head) == (True, 1203, checkpoint.digest)
    assert seen == [(500, 1203), (1000, 1203)]
    with pytest.raises(InvalidInput, match="another tenant"):
        prove(path, tenant_id="other")


def change(field: str, value: object) -> Callable[[list[str], int], list[str]]:
    def do(lines: list[str], at: int) -> list[str]:
        told = json.loads(lines[at]) | {field: value}
        return [*lines[:at], json.dumps(told) + "\n", *lines[at + 1 :]]

    return do


DEEDS: dict[str, tuple[Callable[[list[str], int], list[str]], str, int]] = {
    "a body": (change("body", "{}"), "altered", 600),
    "a digest": (change("digest", "0" * 64), "altered", 600),
    "a line less": (lambda lines, at: lines[:at] + lines[at + 1 :], "removed", 600),
    "cut off": (lambda lines, at: lines[:at], "removed", 600),
    "swapped": (
        lambda lines, at: [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]],
        "reordered",
        600,
    ),
    "a line twice": (lambda lines, at: [*lines[:at], lines[at - 1], *lines[at:]], "inserted", 599),
    "half a line": (lambda lines, at: [*lines[:at], lines[at][:50]], "unreadable", 600),
    "no digest": (change("digest", "ZZ"), "unreadable", 600),
    "no number": (change("seq", True), "unreadable", 600),
}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("deed", DEEDS.values(), ids=list(DEEDS))
async def test_what_was_done_to_a_file_is_named(
    ledger: Ledger, tmp_path: Path, deed: tuple[Callable[[list[str], int], list[str]], str, int]
) -> None:
    do, kind, seq = deed
    path = tmp_path / "acme.jsonl"
    lines = await exported(ledger, path)
    write(path, do(lines, 600))
    found = prove(path)
    assert found.fault is not None
    assert (found.fault.kind, found.fault.seq) == (kind, seq), found.fault.message


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_accepted_faults_go_with_the_file(ledger: Ledger, tmp_path: Path) -> None:
    await ledger.write(3)
    ledger.tamper("DELETE FROM prevention_records WHERE seq = 2")
    await ledger.facade.resume("acme", "lost")
    path = tmp_path / "acme.jsonl"
    lines = await exported(ledger, path, 2)
    found = prove(path)
    assert (found.ok, found.breaks, found.verified) == (True, 1, 3)
    write(path, [lines[0].replace('"lost"', '"found"'), *lines[1:]])
    assert not prove(path).ok


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "not json", '{"format": "other"}', "\x00" * 50, '{"a":' * 5000]
)
def test_what_is_no_ledger_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput):
        prove(path)
    with pytest.raises(InvalidInput):
        prove(tmp_path / "missing")


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{", "nonsense", "7", '{"tenant_id": "acme"}', '"x"'),
        '{"tenant_id": "acme", "seq": true, "digest": "' + "0" * 64 + '"}',
        '{"tenant_id": "acme", "seq": 0, "digest": "' + "0" * 64 + '"}',
        '{"tenant_id": "acme", "seq": 1, "digest": "' + "0" * 63 + '"}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="checkpoint cannot be used"):
        read_checkpoints(text)


def test_checkpoints_come_one_after_the_other_or_as_a_list() -> None:
    one = {"tenant_id": "acme", "seq": 7, "digest": "ab" * 32, "at": "2026-11-21T12:00:00Z"}
    line = json.dumps(one)
    for text in (line, f"{line}\n{line}\n", f"[{line}, {line}]", f"\ufeff{line}", f"{line}{line}"):
        assert {(found.seq, found.at.year) for found in read_checkpoints(text)} == {(7, 2026)}
