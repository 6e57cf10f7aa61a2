from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.connectors.allowed import AllowList
from engine.errors import ConnectorError
from tests.servers.hostile import answer, endless, healthy, hostile, reply

if TYPE_CHECKING:
    from tests.engine.connectors.conftest import Make

ALLOW = "GET /v1/users  POST,PUT /v1/items/*  /v1/open/**"


def http(make: Make, url: str, **config: Any) -> Any:
    return make(
        "http",
        "rest",
        url=url.removesuffix("/v1/models"),
        api_key="key-of-the-api",
        options={"allow": ALLOW, "api_key_header": "X-Key"},
        config=config,
    )


async def test_a_listed_request_is_sent_with_its_credential(make: Make) -> None:
    async with hostile(reply(answer({"ok": True}))) as server:
        result = await http(make, server.url).request("GET", "/v1/users", query={"page": "2 3"})
        assert server.requests[0].startswith(b"GET /v1/users?page=2+3 HTTP/1.1\r\n")
        assert b"x-key: key-of-the-api" in server.requests[0].lower()
    assert (result.status, result.json()) == (200, {"ok": True})


async def test_any_status_is_an_answer(make: Make) -> None:
    async with hostile(reply(answer({}, status="404 Not Found"))) as server:
        assert (await http(make, server.url).request("GET", "/v1/users")).status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/users"),
        ("POST", "/v1/items/7"),
        ("put", "/v1/items/seven"),
        ("GET", "/v1/open/a/b/c"),
    ],
)
async def test_what_is_listed_may_be_asked_for(make: Make, method: str, path: str) -> None:
    async with hostile(healthy()) as server:
        assert (await http(make, server.url).request(method, path)).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v1/users"),
        ("GET", "/v1/users/1"),
        ("GET", "/v1/items/7"),
        ("POST", "/v1/items/7/8"),
        ("POST", "/v1/open/a"),
        ("GET", "/v2/users"),
        ("GET", "v1/users"),
        ("GET", "//evil.example/v1/users"),
        ("GET", "http://evil.example/v1/users"),
        ("GET", "/v1/open/../users2"),
        ("GET", "/v1/open/./x"),
        ("GET", "/v1/open/%2e%2e/admin"),
        ("GET", "/v1/open/..%2fadmin"),
        ("GET", "/v1/open/%252e%252e/admin"),
        ("GET", "/v1/open/a\\..\\admin"),
        ("GET", "/v1/users?admin=1"),
        ("GET", "/v1/users#x"),
        ("GET", "/v1/open/a b"),
        ("GET", "/v1/open/a\r\nHost: evil.example"),
        ("CONNECT", "/v1/users"),
        ("TRACE", "/v1/users"),
    ],
)
async def test_what_is_not_listed_is_never_sent(make: Make, method: str, path: str) -> None:
    async with hostile(healthy()) as server:
        with pytest.raises(ConnectorError) as told:
            await http(make, server.url).request(method, path)
        assert server.connects == 0
    assert told.value.code == "not_allowed"


async def test_without_a_list_nothing_may_be_asked_for(make: Make) -> None:
    connector = make("http", "rest", url="http://127.0.0.1:9")
    with pytest.raises(ConnectorError) as told:
        await connector.request("GET", "/")
    assert told.value.code == "not_allowed"


async def test_an_endless_answer_is_cut_off_as_too_large(make: Make) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    async with hostile(endless(head, b"x" * 65536)) as server:
        with pytest.raises(ConnectorError) as told:
            await http(make, server.url, max_bytes=300_000).request("GET", "/v1/users")
    assert told.value.code == "too_large"


async def test_an_answer_above_the_limit_of_checks_arrives_where_it_is_allowed(make: Make) -> None:
    body = b"x" * (3 * 1024 * 1024)
    async with hostile(reply(answer(body, kind="text/plain"))) as server:
        result = await http(make, server.url).request("GET", "/v1/users")
    assert len(result.body) == len(body)


async def test_the_host_of_a_request_cannot_be_changed_by_its_headers(make: Make) -> None:
    async with hostile(healthy()) as server:
        connector = http(make, server.url)
        await connector.request("GET", "/v1/users", headers={"Host": "evil.example", "X-Key": "o"})
        sent = server.requests[0].lower()
    assert b"evil.example" not in sent
    assert b"x-key: key-of-the-api" in sent


async def test_a_redirect_is_not_followed(make: Make) -> None:
    moved = answer({}, status="302 Found", headers=("Location: http://169.254.169.254/",))
    async with hostile(reply(moved)) as server:
        assert (await http(make, server.url).request("GET", "/v1/users")).status == 302


async def test_reading_is_tried_again_and_writing_is_not(make: Make) -> None:
    async with hostile(hang_up_once()) as server:
        connector = http(make, server.url, max_retries=2, retry_delay_seconds=0)
        assert (await connector.request("GET", "/v1/users")).status == 200
        assert server.connects == 2
    async with hostile(hang_up_once()) as server:
        connector = http(make, server.url, max_retries=2, retry_delay_seconds=0)
        with pytest.raises(ConnectorError):
            await connector.request("POST", "/v1/items/1", json_value={"a": 1})
        assert server.connects == 1


def hang_up_once() -> Any:
    async def script(peer: Any) -> None:
        await peer.request()
        if peer.server.connects > 1:
            await peer.send(answer({}))

    return script


async def test_a_used_up_limit_is_told_before_anything_is_sent(make: Make) -> None:
    limit = {"rate_limit_enabled": True, "rate_limit_requests": 2}
    async with hostile(healthy()) as server:
        connector = http(make, server.url, **limit)
        for _ in range(2):
            await connector.request("GET", "/v1/users")
        with pytest.raises(ConnectorError) as told:
            await connector.request("GET", "/v1/users")
        assert server.connects == 2
    assert told.value.code == "rate_limited"


async def test_an_openapi_document_tells_the_operations(make: Make) -> None:
    document = (
        b"openapi: 3.1.0\npaths:\n  /pets:\n    get: {summary: All pets}\n    post: {}\n"
        b"    parameters: []\n"
    )
    async with hostile(reply(answer(document, kind="application/yaml"))) as server:
        found = await make("http", "openapi", url=server.url).discover()
    assert [one["operation"] for one in found.found["operations"]] == ["GET /pets", "POST /pets"]


async def test_graphql_tells_queries_and_mutations(make: Make) -> None:
    schema = {"queryType": {"name": "Q", "fields": [{"name": "pets"}]}, "mutationType": None}
    async with hostile(reply(answer({"data": {"__schema": schema}}))) as server:
        found = await make("http", "graphql", url=server.url).discover()
    assert found.found == {"queries": ["pets"], "mutations": []}


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("", True),
        ("GET /v1/users POST,PUT /v1/items/*\n/v1/**", True),
        ("* /v1", True),
        ("GET", False),
        ("GET v1/users", False),
        ("GTE /v1/users", False),
        ("GET /v1 and more", False),
    ],
)
def test_an_allow_list_is_read_whole_or_not_at_all(text: str, readable: bool) -> None:
    assert AllowList.is_readable(text) is readable
