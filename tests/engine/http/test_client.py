"""The client itself: one connection a request, closed at once, timed without its own queue."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from engine.http import HttpClient, HttpFault, HttpRequest
from engine.probes.http_json import probe_json
from tests.servers import hostile as serve
from tests.servers.hostile import hostile
from tests.timing import within

if TYPE_CHECKING:
    import ssl

    from tests.servers.certificates import Authority
    from tests.servers.hostile import Peer, Script


async def test_an_answer_comes_with_its_steps(
    client: HttpClient, certificates: dict[str, ssl.SSLContext]
) -> None:
    async with hostile(serve.healthy(), tls=certificates["valid"]) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        answer = await client.send(HttpRequest(url=url))
    assert answer.status == 200
    assert [stage.name for stage in answer.stages] == [
        "resolve",
        "connect",
        "tls",
        "response",
        "body",
    ]
    assert all(stage.ok for stage in answer.stages)
    assert answer.latency_ms >= sum(stage.ms for stage in answer.stages) * 0.99
    assert answer.headers["content-type"] == "application/json"


async def test_a_fault_comes_with_the_step_that_failed(client: HttpClient) -> None:
    async with hostile(serve.hang_up) as server:
        with pytest.raises(HttpFault) as caught:
            await client.send(HttpRequest(url=server.url))
    assert caught.value.code == "closed"
    assert [(stage.name, stage.ok) for stage in caught.value.stages] == [
        ("connect", True),
        ("response", False),
    ]


async def test_what_is_sent_is_exactly_what_was_asked(client: HttpClient) -> None:
    headers = {"Authorization": "Bearer key", "X-Own": "1", "Accept-Encoding": "br"}
    async with hostile(serve.healthy()) as server:
        await client.send(HttpRequest(url=f"{server.url}?a=1", headers=headers))
    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == "GET /v1/models?a=1 HTTP/1.1"
    assert {line.lower() for line in lines[1:] if line} == {
        f"host: 127.0.0.1:{server.port}",
        "user-agent: lampboard",
        "accept: application/json",
        "authorization: bearer key",
        "x-own: 1",
        "accept-encoding: identity",
        "connection: close",
    }


async def test_a_body_is_sent(client: HttpClient) -> None:
    got: list[bytes] = []

    async def script(peer: Peer) -> None:
        await peer.request()
        got.append(await peer.reader.readexactly(4))
        await peer.send(serve.answer())

    async with hostile(script) as server:
        await client.send(HttpRequest(url=server.url, method="POST", body=b"body"))
    assert got == [b"body"]
    assert server.requests[0].startswith(b"POST ")


@pytest.mark.parametrize(
    ("script", "code"),
    [(serve.reset, "reset"), (serve.hang_up, "closed")],
    ids=["reset", "closed"],
)
async def test_a_broken_connection_is_not_tried_again(
    script: Script, code: str, client: HttpClient
) -> None:
    async with hostile(script) as server:
        with pytest.raises(HttpFault) as caught:
            await client.send(HttpRequest(url=server.url))
    assert caught.value.code == code
    assert server.connects == 1


async def test_an_answer_cut_short_is_incomplete(client: HttpClient) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
    async with hostile(serve.reply(head)) as server:
        with pytest.raises(HttpFault) as caught:
            await client.send(HttpRequest(url=server.url))
    assert (caught.value.code, caught.value.stage) == ("incomplete", "body")


async def test_a_port_where_nothing_listens_refuses(client: HttpClient, closed_port: int) -> None:
    with pytest.raises(HttpFault) as caught:
        await client.send(HttpRequest(url=f"http://127.0.0.1:{closed_port}/"))
    assert (caught.value.code, caught.value.stage) == ("refused", "connect")


async def test_bytes_after_an_answer_reach_no_other_check(client: HttpClient) -> None:
    stray = serve.answer({"error": {"message": "not yours"}}, status="401 Unauthorized")
    async with hostile(serve.reply(serve.answer() + stray)) as server:
        for number in (1, 2):
            result = await probe_json(client, HttpRequest(url=server.url), accept=lambda _: None)
            assert result.ok
            assert server.connects == number


async def test_cookies_are_not_kept(client: HttpClient) -> None:
    script = serve.reply(serve.answer(headers=("Set-Cookie: who=acme; Path=/",)))
    async with hostile(script) as server:
        await client.send(HttpRequest(url=server.url))
        await client.send(HttpRequest(url=server.url))
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


async def test_many_silent_targets_end_together(authority: Authority) -> None:
    deadline_s, at_once, targets = 0.2, 50, 200
    client = HttpClient(max_connections=at_once, ssl_context=authority.trusted())
    async with hostile(serve.silence) as server:
        request = HttpRequest(url=server.url, deadline_s=deadline_s)
        # One after the other they would take ten times as long.
        with within(deadline_s * targets / at_once + 3.0):
            ends = await asyncio.gather(
                *(client.send(request) for _ in range(targets)), return_exceptions=True
            )
    await client.aclose()
    # On a busy machine the time may run out before the connection stands.
    codes = [end.code for end in ends if isinstance(end, HttpFault)]
    assert len(codes) == targets
    assert set(codes) <= {"timeout", "connect_timeout"}


async def test_waiting_for_a_place_counts_neither_as_latency_nor_against_the_deadline() -> None:
    gate = asyncio.Event()
    arrived = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        arrived.set()
        await gate.wait()
        await peer.send(serve.answer())

    held_s, opened = 3.2, 0.0

    def open_gate() -> None:
        nonlocal opened
        opened = perf_counter()
        gate.set()

    client = HttpClient(max_connections=1)
    async with hostile(script) as server:
        first = asyncio.create_task(client.send(HttpRequest(url=server.url, deadline_s=60)))
        await arrived.wait()
        second = asyncio.create_task(client.send(HttpRequest(url=server.url, deadline_s=3.0)))
        asyncio.get_running_loop().call_later(held_s, open_gate)
        waited, answer = (await first).latency_ms, await second
        since_opened_ms = (perf_counter() - opened) * 1000
    await client.aclose()
    assert waited >= held_s * 1000 - 100
    assert answer.latency_ms <= since_opened_ms


async def test_a_held_up_loop_is_told_beside_the_latency(client: HttpClient) -> None:
    def hold_up() -> None:
        end = perf_counter() + 0.2
        while perf_counter() < end:
            pass

    async def script(peer: Peer) -> None:
        await peer.request()
        asyncio.get_running_loop().call_soon(hold_up)
        await asyncio.sleep(0)
        await peer.send(serve.answer())

    async with hostile(script) as server:
        answer = await client.send(HttpRequest(url=server.url))
    assert answer.latency_ms >= 190
    assert answer.loop_lag_ms >= 100


async def test_a_sweep_over_tls_leaves_no_socket_open(
    client: HttpClient, certificates: dict[str, ssl.SSLContext]
) -> None:
    async with hostile(serve.healthy(), tls=certificates["valid"]) as server:
        asked = HttpRequest(url=server.url, deadline_s=60, connect_s=60)
        requests = [asked] * 100
        answers = await asyncio.gather(*map(client.send, requests))
        # The server sees the end of each connection without a word from the client's pool.
        await asyncio.wait_for(server.idle.wait(), 60)
    assert {answer.status for answer in answers} == {200}
    assert server.connects == 100


async def test_a_cancelled_check_closes_its_connection(client: HttpClient) -> None:
    arrived = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        arrived.set()
        await peer.reader.read()

    async with hostile(script) as server:
        task = asyncio.create_task(client.send(HttpRequest(url=server.url)))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.idle.wait(), 60)


async def test_closing_ends_what_is_under_way_with_a_fault() -> None:
    arrived = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        arrived.set()
        await peer.reader.read()

    client = HttpClient()
    async with hostile(script) as server:
        task = asyncio.create_task(client.send(HttpRequest(url=server.url)))
        await arrived.wait()
        await client.aclose()
        with pytest.raises(HttpFault):
            await task


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "invalid_url"),
        ("ftp://127.0.0.1/", "invalid_url"),
        ("http://", "invalid_url"),
        ("http://host name/", "invalid_url"),
        ("http://127.0.0.1:99999/", "invalid_url"),
        ("http://127.0.0.1\\@evil.example/", "address_blocked"),
        ("http://a\r\nX: 1/", "invalid_url"),
        ("http://bücher.example/", "invalid_url"),
        ("http://999.1.1.1/", "invalid_url"),
        ("http://[::1/", "invalid_url"),
        ("http://[:::]/", "invalid_url"),
        ("http://127.0.0.1/#part", "invalid_url"),
    ],
)
async def test_an_unusable_address_is_unknown_not_failing(
    url: str, code: str, client: HttpClient
) -> None:
    result = await probe_json(client, HttpRequest(url=url), accept=lambda _: None)
    assert (result.state, result.error, result.latency_ms) == ("unknown", code, None)


@pytest.mark.parametrize("value", ["key\r\nX-Evil: 1", "key\x00", "schlüssel", "key\t"])
async def test_a_value_that_cannot_be_sent_is_never_repeated(
    value: str, client: HttpClient
) -> None:
    request = HttpRequest(url="http://127.0.0.1:9/", headers={"X-Api-Key": value})
    result = await probe_json(client, request, accept=lambda _: None)
    assert (result.state, result.error) == ("unknown", "invalid_request")
    assert "X-Api-Key" in result.message
    assert value not in repr(result)
