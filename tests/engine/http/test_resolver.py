"""Looking names up: shared while under way, in threads that hold nothing up."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from engine.http import HttpClient, HttpFault, HttpRequest
from engine.http.resolver import Resolver


async def test_lookups_of_one_name_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    gate = threading.Event()

    def look_up(name: str, *_: object, **__: object) -> list[object]:
        asked.append(name)
        gate.wait(60)
        entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 0))
        return [entry, entry]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    resolver = Resolver()
    waiting = [asyncio.create_task(resolver("a.example")) for _ in range(5)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*waiting) == [("10.0.0.1",)] * 5
    assert asked == ["a.example"]
    await resolver("a.example")
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no"), "dns_not_found"),
        (socket.gaierror(socket.EAI_AGAIN, "later"), "dns_failed"),
        (UnicodeError("label too long"), "dns_not_found"),
    ],
)
async def test_a_name_that_is_not_found(
    error: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    client = HttpClient()
    with pytest.raises(HttpFault) as caught:
        await client.send(HttpRequest(url="http://a.example/"))
    await client.aclose()
    assert (caught.value.code, caught.value.stage) == (code, "resolve")


async def test_a_silent_name_server_is_a_fault_of_its_own() -> None:
    async def never(_: str) -> tuple[str, ...]:
        return await asyncio.get_running_loop().create_future()

    client = HttpClient(resolve=never)
    with pytest.raises(HttpFault) as caught:
        await client.send(HttpRequest(url="http://a.example/", deadline_s=30.0, connect_s=0.5))
    assert (caught.value.code, caught.value.stage) == ("dns_timeout", "resolve")
    with pytest.raises(HttpFault) as caught:
        await client.send(HttpRequest(url="http://a.example/", deadline_s=0.5))
    await client.aclose()
    assert (caught.value.code, caught.value.stage) == ("dns_timeout", "resolve")
