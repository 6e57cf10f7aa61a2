from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import InvalidInput, WorkspaceError
from engine.usage.receiver import server as server_module
from engine.usage.receiver.server import Endpoint
from engine.usage.records import Recorded, Refusal
from tests.engine.usage.receiver.conftest import span, traces

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.usage.receiver.conftest import Kept

TOKEN = "0123456789abcdef-planted"


async def test_spans_become_calls_and_are_acknowledged(
    listen: Callable[..., Any], sink: Kept
) -> None:
    line = await listen()
    answer = await line.post("/v1/traces", traces(span(1), span(2, gen_ai__agent__name="buyer")))
    assert (answer.status, answer.told) == (200, {})
    assert answer.headers["Content-Type"] == "application/json"
    first, second = sink.records
    assert (first.tokens_in, first.tokens_out, first.model) == (1000, 100, "gpt-4o-mini")
    assert (first.agent, second.agent, first.latency_ms) == ("shop", "buyer", 250)
    assert line.intake.counts.new == 2


async def test_spans_that_are_no_calls_are_passed_over(
    listen: Callable[..., Any], sink: Kept
) -> None:
    line = await listen()
    plain = {"traceId": "a" * 32, "spanId": "b" * 16, "name": "GET /", "attributes": []}
    answer = await line.post("/v1/traces", traces(plain))
    assert (answer.status, answer.told, sink.records) == (200, {}, [])
    assert (await line.post("/v1/traces", {})).status == 200


async def test_what_is_refused_is_named_in_a_partial_success(
    listen: Callable[..., Any], sink: Kept
) -> None:
    line = await listen()
    sink.answer = Recorded(new=0, refused=1, refusals=(Refusal(line=1, reason="Unknown."),))
    broken = span(2, gen_ai__usage__input_tokens="many")
    many = span(3, **{f"a{n}": n for n in range(300)})
    answer = await line.post("/v1/traces", traces(span(1), broken, many))
    partial = answer.told["partialSuccess"]
    assert (answer.status, partial["rejectedSpans"]) == (200, "3")
    assert "more than 256 attributes" in partial["errorMessage"]
    assert "Unknown." in partial["errorMessage"]
    assert "many" not in partial["errorMessage"].split("Unknown")[1]


@pytest.mark.parametrize(
    ("path", "kind", "body", "headers", "status"),
    [
        ("/v1/logs", "application/json", b"{}", {}, 404),
        ("/v1/traces", "text/plain", b"{}", {}, 415),
        ("/v1/traces", "application/json", b"{", {}, 400),
        ("/v1/traces", "application/json", b"[]", {}, 400),
        ("/v1/traces", "application/json", b'{"a": 1}', {}, 400),
        ("/v1/traces", "application/json", b"[" * 100_000, {}, 400),
        ("/v1/traces", "application/json", b'{"resourceSpans": ' + b"9" * 5000 + b"}", {}, 400),
        ("/v1/traces", "application/json", b"\xff\xfe", {}, 400),
        ("/v1/traces", "application/json", b"{}", {"Content_Encoding": "gzip"}, 400),
        ("/v1/traces", "application/json", b"{}", {"Content_Encoding": "br"}, 415),
        ("/v1/traces", "application/json", b"{}", {"Host": "evil.example"}, 403),
        ("/v1/traces", "application/json", b"{}", {"Origin": "https://evil.example"}, 403),
        ("/v1/traces", "application/x-protobuf", b"\x0a\xff", {}, 400),
        ("/v1/traces", "application/x-protobuf", b"\x0b", {}, 400),
    ],
)
async def test_what_is_not_taken_is_told_and_counted(  # noqa: PLR0917 - a table's columns
    listen: Callable[..., Any],
    sink: Kept,
    path: str,
    kind: str,
    body: bytes,
    headers: dict[str, str],
    status: int,
) -> None:
    line = await listen()
    answer = await line.post(path, body, kind=kind, **headers)
    assert answer.status == status
    assert answer.body
    assert (line.intake.counts.turned_away, sink.records) == (1, [])


async def test_only_post_is_taken(listen: Callable[..., Any]) -> None:
    line = await listen()
    async with line.session.get(line.url + "/v1/traces") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")


async def test_packed_bodies_are_read_and_bombs_are_not(
    listen: Callable[..., Any], sink: Kept
) -> None:
    line = await listen(unpacked=100_000)
    packed = gzip.compress(json.dumps(traces(span(1))).encode())
    answer = await line.post("/v1/traces", packed, Content_Encoding="gzip")
    assert (answer.status, len(sink.records)) == (200, 1)
    bomb = gzip.compress(b" " * 20_000_000)
    answer = await line.post("/v1/traces", bomb, Content_Encoding="gzip")
    assert answer.status == 413


async def test_bodies_are_bounded_with_and_without_a_length(listen: Callable[..., Any]) -> None:
    line = await listen(body=1000)
    assert (await line.post("/v1/traces", b" " * 1001)).status == 413

    async def chunks() -> Any:
        for _ in range(11):
            yield b" " * 100

    told = {"Content-Type": "application/json"}
    async with line.session.post(line.url + "/v1/traces", data=chunks(), headers=told) as answer:
        assert answer.status == 413


async def test_documents_are_bounded_by_what_they_hold(listen: Callable[..., Any]) -> None:
    line = await listen(values=50_000, elements=10)
    assert (await line.post("/v1/traces", b"[" + b"[]," * 50_000 + b"[]]")).status == 413
    answer = await line.post("/v1/traces", traces(*(span(n) for n in range(11))))
    assert answer.status == 413
    assert "more than 10 spans" in answer.told["message"]
    # A group of two bytes, and a span of two bytes in one: each would take a hundred times that.
    for body in (b"\x0a\x00" * 11, b"\x0a\x18\x12\x16" + b"\x12\x00" * 11):
        answer = await line.post("/v1/traces", body, kind="application/x-protobuf")
        assert answer.status == 413


async def test_a_full_receiver_asks_to_come_again(listen: Callable[..., Any], sink: Kept) -> None:
    line = await listen(waiting=1)
    sink.gate = asyncio.Event()
    first = asyncio.create_task(line.post("/v1/traces", traces(span(1))))
    await asyncio.wait_for(sink.entered.wait(), 60)
    second = await line.post("/v1/traces", traces(span(2)))
    assert (second.status, second.headers["Retry-After"]) == (429, "1")
    sink.gate.set()
    assert (await first).status == 200
    assert (await line.post("/v1/traces", traces(span(2)))).status == 200


async def test_a_request_that_does_not_arrive_is_given_up(listen: Callable[..., Any]) -> None:
    line = await listen(request_s=1.0)
    reader, writer = await asyncio.open_connection("127.0.0.1", line.receiver.port)
    writer.write(
        b"POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 10\r\n\r\n{"
    )
    head = await asyncio.wait_for(reader.readline(), 60)
    assert b" 408 " in head
    writer.close()
    # One that sends no request at all is closed as well.
    reader, writer = await asyncio.open_connection("127.0.0.1", line.receiver.port)
    writer.write(b"POST /v1/tra")
    assert await asyncio.wait_for(reader.read(), 60) == b""
    writer.close()


async def test_connections_are_counted(listen: Callable[..., Any]) -> None:
    line = await listen(connections=2)
    ends = [await asyncio.open_connection("127.0.0.1", line.receiver.port) for _ in range(3)]
    with pytest.raises((ConnectionError, AssertionError)):
        # Aborted: the end of the stream, or a reset, whichever is seen first.
        assert await asyncio.wait_for(ends[2][0].read(), 60)
    for _, writer in ends:
        writer.close()


async def test_a_token_is_asked_for_where_there_is_one(
    listen: Callable[..., Any], sink: Kept
) -> None:
    line = await listen(token=TOKEN)
    for given in ("", "Bearer wrong", f"Basic {TOKEN}x"):
        answer = await line.post("/v1/traces", traces(span(1)), Authorization=given)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert TOKEN.encode() not in answer.body
    answer = await line.post("/v1/traces", traces(span(1)), Authorization=f"Bearer {TOKEN}")
    assert (answer.status, len(sink.records)) == (200, 1)


def test_beyond_loopback_a_token_is_needed() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "::", "collector.example"):
        with pytest.raises(InvalidInput, match="needs a token"):
            Endpoint(host=host)
        assert TOKEN not in repr(Endpoint(host=host, token=TOKEN))
    for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost"):
        assert Endpoint(host=host).local
    with pytest.raises(InvalidInput, match="less than 16"):
        Endpoint(token="short")


@pytest.mark.parametrize(("temporary", "status"), [(True, 503), (False, 500)])
async def test_what_was_not_committed_is_not_acknowledged(
    listen: Callable[..., Any], sink: Kept, *, temporary: bool, status: int
) -> None:
    line = await listen()
    sink.error = WorkspaceError("The database is locked.", temporary=temporary)
    answer = await line.post("/v1/traces", traces(span(1)))
    assert answer.status == status
    assert ("Retry-After" in answer.headers) == temporary
    sink.error = None
    assert (await line.post("/v1/traces", traces(span(1)))).status == 200


async def test_an_end_waits_for_what_is_under_way(listen: Callable[..., Any], sink: Kept) -> None:
    line = await listen()
    sink.gate = asyncio.Event()
    sent = asyncio.create_task(line.post("/v1/traces", traces(span(1))))
    await asyncio.wait_for(sink.entered.wait(), 60)
    ending = asyncio.create_task(line.receiver.__aexit__(None, None, None))
    sink.gate.set()
    assert (await sent).status == 200
    await ending
    assert len(sink.records) == 1


async def test_without_the_extra_protobuf_is_refused_with_what_to_do(
    listen: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "can_read_protobuf", lambda: False)
    line = await listen()
    answer = await line.post("/v1/traces", b"", kind="application/x-protobuf")
    assert answer.status == 415
    assert "lampboard[otlp]" in answer.told["message"]


async def test_a_port_that_is_taken_is_told(listen: Callable[..., Any]) -> None:
    from engine.usage.receiver.bounds import Bounds
    from engine.usage.receiver.server import Receiver

    line = await listen()
    second = Receiver(line.intake, Endpoint(port=line.receiver.port), Bounds())
    with pytest.raises(InvalidInput, match="cannot be listened on"):
        await second.__aenter__()
