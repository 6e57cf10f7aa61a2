"""Logs of one's own in every container, and what is wrong with them."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.usage.readers.detecting import LOOK, detect
from engine.usage.readers.files import LogFile
from engine.usage.readers.lines import LONGEST
from engine.usage.readers.log import Log, Position
from engine.usage.readers.plain import parse_mapping
from engine.usage.records import Refusal, UsageRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from engine.usage.readers.base import Found

AT = "2026-11-20T10:00:00Z"


def read(
    data: bytes, wanted: str = "auto", mapping: Mapping[str, str] | None = None
) -> list[tuple[int, Found]]:
    return list(LogFile(io.BytesIO(data), wanted=wanted, mapping=mapping).read({}))


def one(data: bytes | str, **more: str) -> UsageRecord:
    encoded = data.encode() if isinstance(data, str) else data
    ((_, found),) = read(encoded, mapping=more or None)
    assert isinstance(found, UsageRecord), found
    return found


def reasons(data: bytes) -> list[tuple[int, str]]:
    return [(line, found.reason) for line, found in read(data) if isinstance(found, Refusal)]


def line(call_id: str, **more: object) -> str:
    return json.dumps({"call_id": call_id, "at": AT, **more}) + "\n"


def test_reads_every_field() -> None:
    told = {
        "call_id": "c-1",
        "at": "2026-11-20T12:00:00+02:00",
        "integration": "gpt",
        "provider": "azure",
        "model": "gpt-4o",
        "agent": "checkout",
        "session": "s",
        "tokens_in": 10,
        "tokens_out": "20",
        "tokens_cached": 5.0,
        "cost": 0.1,
        "latency_ms": 12.4,
        "policy": "Warned",
        "error": "rate_limited",
        "calls": 1,
        "reservation_id": "r",
    }
    found = one(json.dumps(told))
    assert found.at.isoformat() == "2026-11-20T12:00:00+02:00"
    assert (found.integration, found.provider, found.model) == ("gpt", "azure_openai", "gpt-4o")
    assert (found.tokens_in, found.tokens_out, found.tokens_cached) == (10, 20, 5)
    assert (found.cost_nanos, found.latency_ms) == (100_000_000, 12)
    assert (found.policy, found.error, found.reservation_id) == ("warned", "rate_limited", "r")


@pytest.mark.parametrize(
    "data",
    [
        line("a") + line("b"),
        "\n" + line("a") + "\n\r\n" + line("b").rstrip(),
        "\ufeff" + line("a") + line("b"),
        f"[{line('a')},{line('b')}]",
        json.dumps({"data": [json.loads(line("a")), json.loads(line("b"))]}, indent=2),
        json.dumps({"meta": {"n": 2}, "data": [json.loads(line("a")), json.loads(line("b"))]}),
        json.dumps([json.loads(line("a"))]) + "\n" + json.dumps([json.loads(line("b"))]),
        f"call_id,at\na,{AT}\nb,{AT}\n",
        f"call_id;at\r\na;{AT}\r\nb;{AT}",
        f'"call_id"\t"at"\na\t{AT}\n\nb\t{AT}\n',
        f"\ufeffat|id\n{AT}|a\n{AT}|b\n",
    ],
)
def test_reads_every_container(data: str) -> None:
    found = [record for _, record in read(data.encode())]
    assert [record.call_id for record in found if isinstance(record, UsageRecord)] == ["a", "b"]
    assert len(found) == 2


def test_maps_columns_and_reaches_into_objects() -> None:
    data = json.dumps({"uid": "x", "when": 1_795_000_000, "usage": {"prompt": 7}, "a.b": 3})
    mapping = {"call_id": "uid", "at": "when", "tokens_in": "usage.prompt", "tokens_out": "a.b"}
    found = one(data, **mapping)
    assert (found.call_id, found.tokens_in, found.tokens_out) == ("x", 7, 3)
    assert found.at.year == 2026


def test_a_mapping_comes_before_the_usual_names() -> None:
    data = json.dumps({"id": "wrong", "uid": "right", "at": AT})
    assert one(data, call_id="uid").call_id == "right"


@pytest.mark.parametrize("pair", ["call_id", "call_id=", "nonsense=x", "=x"])
def test_refuses_a_mapping_that_says_nothing(pair: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_mapping((pair,))
    assert caught.value.field == "map"


def test_a_header_without_the_least_is_said_once_and_names_its_columns() -> None:
    with pytest.raises(InvalidInput, match=r"no column for call_id: 'who', 'at'") as caught:
        read(b"who,at\nx,y\n")
    assert "--map call_id=" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{bad\n", "not JSON"),
        (b'"text"\n', "no record"),
        (b"[1]\n", "no record"),
        (b"\xff\xfe\xfd\n", "not UTF-8"),
        (b'{"call_id":"\xe4"}\n', "not UTF-8"),
        (b'{"call_id":"x"}\n', "no time"),
        (line("").encode(), "no call_id"),
        (line("x" * 201).encode(), "longer than 200"),
        (line("x", at="soon").encode(), "no moment"),
        (line("x", at=True).encode(), "no number"),
        (line("x", at=1e300).encode(), "out of bounds"),
        (line("x", tokens_in="many").encode(), "no number"),
        (line("x", tokens_in=1.5).encode(), "not whole"),
        (line("x", tokens_in=True).encode(), "no number"),
        (line("x", tokens_in=10**17).encode(), "too large"),
        (line("x", tokens_in=10**4000).encode(), "too large"),
        (line("x", tokens_in=float("nan")).encode(), "no number to count with"),
        (line("x", cost=float("inf")).encode(), "no number to count with"),
        (line("x", cost=float("-inf")).encode(), "no number to count with"),
        (line("x", cost="1e999").encode(), "too large"),
        (line("x", cost="NaN").encode(), "no number"),
        (line("x", cost=2_000_000).encode(), "too large"),
        (line("x", latency_ms=-1).encode(), "out of bounds"),
        (line("x", latency_ms=10**12).encode(), "out of bounds"),
        (line("x", policy="maybe").encode(), "policy"),
        (line("x", model=["gpt"]).encode(), "no text"),
        (b"{" * 100_000 + b"\n", ""),
        (b"[" * 100_000 + b"\n", ""),
        (b'{"call_id":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", ""),
        (b'{"call_id":"x","tokens_in":' + b"9" * 5_000 + b"}\n", "digits"),
    ],
)
def test_refuses_a_bad_line_and_reads_on(data: bytes, told: str) -> None:
    found = read(line("before").encode() + data + line("after").encode())
    refused = [one for _, one in found if isinstance(one, Refusal)]
    assert [one.line for one in refused] == [2]
    assert told in refused[0].reason
    assert refused[0].reason.endswith(".")
    assert len(refused[0].reason) < 200
    assert [one.call_id for _, one in found if isinstance(one, UsageRecord)] == ["before", "after"]


def test_no_reason_repeats_a_whole_value() -> None:
    secret = "sk-live-" + "a1b2c3d4" * 8
    told = reasons(
        line("x", tokens_in=secret).encode()
        + line("y", at=secret).encode()
        + line("z", policy=secret).encode()
        + f'{{"call_id": "{secret}'.encode()
    )
    assert len(told) == 4
    assert not any(secret in reason for _, reason in told)


def test_an_error_that_is_a_sentence_is_only_said_to_be_one() -> None:
    said = "Incorrect API key provided: sk-live-not-a-key"
    assert one(line("x", error=said)).error == "error"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (f"call_id,at\na,{AT},more\nb,{AT}\n", [(2, "has 3 columns where the header has 2")]),
        (f"call_id,at\na\nb,{AT}\n", [(2, "has 1 columns where the header has 2")]),
        (f"call_id,at,model\na,{AT},\xff\nb,{AT},m\n", [(2, "not UTF-8")]),
    ],
)
def test_refuses_a_bad_row_and_reads_on(data: str, told: list[tuple[int, str]]) -> None:
    found = read(data.encode("latin-1"))
    refused = [(number, one.reason) for number, one in found if isinstance(one, Refusal)]
    assert [
        (number, part in reason) for (number, reason), (_, part) in zip(refused, told, strict=True)
    ] == [(number, True) for number, _ in told]
    assert [one.call_id for _, one in found if isinstance(one, UsageRecord)] == ["b"]


def test_a_formula_in_a_cell_is_text_and_the_quote_of_our_own_export_is_taken_off() -> None:
    data = f"call_id,at,agent\n=1+1,{AT},\"'=HYPERLINK(1)\"\n'@x,{AT},'quoted\n"
    first, second = (found for _, found in read(data.encode()))
    assert isinstance(first, UsageRecord)
    assert isinstance(second, UsageRecord)
    assert (first.call_id, first.agent) == ("=1+1", "=HYPERLINK(1)")
    assert (second.call_id, second.agent) == ("@x", "'quoted")


class Endless(io.RawIOBase):
    """So many bytes without a line end, and then a record; holds none of them."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._tail = b"\n" + line("after").encode()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        piece = b"x" * min(self._left, len(target))
        self._left -= len(piece)
        if not piece:
            piece, self._tail = self._tail[: len(target)], self._tail[len(target) :]
        target[: len(piece)] = piece
        return len(piece)


def test_passes_over_a_line_of_100_megabytes_without_holding_it() -> None:
    import tracemalloc

    stream = io.BufferedReader(Endless(100 * 1024 * 1024), 1 << 16)
    tracemalloc.start()
    try:
        found = list(LogFile(stream, wanted="jsonl").read({}))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    (number, refused), (after, record) = found
    assert isinstance(refused, Refusal)
    assert (number, after) == (1, 2)
    assert "longer than 16 MiB" in refused.reason
    assert isinstance(record, UsageRecord)
    assert peak < 4 * LONGEST


def test_says_where_a_document_breaks_and_that_the_rest_was_not_read() -> None:
    data = f"[{line('a')},{line('b')},{{bad}}, {line('c')}]".encode()
    found = read(data)
    assert [one.call_id for _, one in found if isinstance(one, UsageRecord)] == ["a", "b"]
    ((number, reason),) = [(n, one.reason) for n, one in found if isinstance(one, Refusal)]
    assert number == 3
    assert "not read" in reason


@pytest.mark.parametrize("data", [b"[", b'[{"call_id":"a"', b'{"data":[', b"[[[[", b'{"a"', b"[]]"])
def test_a_document_that_ends_early_is_no_crash(data: bytes) -> None:
    assert all(not isinstance(found, UsageRecord) for _, found in read(data))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\x1f\x8b\x08\x00", "gunzip"),
        (b"PK\x03\x04....", "CSV"),
        (b"PAR1xxxx", "Parquet"),
        (b"SQLite format 3\0", "database"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b"\x00\xff\xff\xff\xffbinary", "UTF-8"),
    ],
)
def test_says_what_a_file_is_that_is_no_log(data: bytes, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(data)
    assert told in caught.value.message


def test_counts_times_without_a_zone() -> None:
    log = LogFile(io.BytesIO((line("a") + line("b", at="2026-11-20 10:00")).encode()))
    found = list(log.read({}))
    assert len(found) == 2
    assert log.naive == 1


def test_every_hostile_text_is_read_or_refused(corpora: Path) -> None:
    texts = [
        json.loads(entry)["value"]
        for name in ("hostile_text.jsonl", "sqli_attacks.jsonl", "benign_values.jsonl")
        for entry in (corpora / name).read_text(encoding="utf-8").splitlines()
    ]
    data = "".join(line(f"c-{n}", model=text, agent=text) for n, text in enumerate(texts))
    found = read(data.encode())
    assert len(found) == len(texts)
    for _, record in found:
        if isinstance(record, UsageRecord):
            record.model.encode()
            assert "\0" not in record.model
            assert len(record.model) <= 200


_LOGS = st.lists(
    st.one_of(
        st.integers(0, 99).map(lambda number: line(f"c-{number}")),
        st.just("{bad\n"),
        st.just("\n"),
        st.integers(1, 5).map(lambda many: json.dumps([json.loads(line("x"))] * many) + "\n"),
    ),
    max_size=12,
)


def _said(found: Iterator[tuple[int, Found]]) -> list[object]:
    return [getattr(one, "call_id", getattr(one, "reason", None)) for _, one in found]


@given(lines=_LOGS, cut=st.integers(0, 40), kind=st.sampled_from(["lines", "document", "csv"]))
@settings(max_examples=150)
def test_a_log_that_is_left_anywhere_is_read_on_without_a_gap(
    lines: list[str], cut: int, kind: str
) -> None:
    if kind == "csv":
        good = [one for one in lines if one.startswith('{"')]
        rows = [f'{json.loads(one)["call_id"]},"{AT}"' for one in good]
        data = "\n".join(["call_id,at", *rows]).encode()
    elif kind == "document":
        data = ("[" + ",".join(one for one in lines if one.startswith(('{"', "["))) + "]").encode()
    else:
        data = (line("first") + "".join(lines)).encode()
    told = detect(data[:LOOK])
    whole = _said(Log(io.BytesIO(data), told, {}).read(Position()))
    begun = Log(io.BytesIO(data), told, {})
    before = _said(found for _, found in zip(range(cut), begun.read(Position()), strict=False))
    after = _said(Log(io.BytesIO(data), told, {}).read(begun.position))
    # What was begun is read again, and nothing is left out.
    assert after == whole[len(whole) - len(after) :]
    assert len(before) + len(after) >= len(whole)
    assert before == whole[: len(before)]
