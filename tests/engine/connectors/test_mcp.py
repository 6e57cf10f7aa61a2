from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import ConnectorError
from engine.probes.states import CusHealthState
from tests.engine.connectors.conftest import MCP_SERVER, all_ended, children
from tests.servers.hostile import hostile, reply
from tests.timing import within

if TYPE_CHECKING:
    from tests.engine.connectors.conftest import Make

pytest.importorskip("mcp")
ALLOWED = "add flood fail variables variable"


def stdio(make: Make, *, command: str = sys.executable, **options: str) -> Any:
    given = {"command": command, "arguments": str(MCP_SERVER), "allow_tools": ALLOWED}
    return make("mcp", "mcp_stdio", options=given | options, api_key=options.pop("key", None))


def http(make: Make, url: str, **config: int) -> Any:
    return make("mcp", "mcp_http", url=url, options={"allow_tools": ALLOWED}, config=config)


@pytest.fixture(params=["stdio", "http"])
def connector(request: pytest.FixtureRequest, make: Make) -> Any:
    if request.param == "stdio":
        return stdio(make)
    return http(make, request.getfixturevalue("mcp_url"))


async def test_tools_are_listed_with_their_schemas(connector: Any) -> None:
    tools = {tool["name"]: tool for tool in await connector.list_tools()}
    assert set(tools) == {"add", "flood", "fail", "variables", "variable"}
    assert tools["add"]["description"] == "Add two numbers."
    assert set(tools["add"]["input_schema"]["properties"]) == {"left", "right"}


async def test_a_tool_on_the_allow_list_is_called(connector: Any) -> None:
    result = await connector.call_tool("add", {"left": 19, "right": 23})
    assert result.content[0]["text"] == "42"


async def test_a_tool_that_fails_says_so(connector: Any) -> None:
    with pytest.raises(ConnectorError, match="The tool failed"):
        await connector.call_tool("fail")


async def test_a_check_tells_server_protocol_and_tools(connector: Any) -> None:
    result = await connector.check(deadline_s=60)
    assert result.state in {CusHealthState.HEALTHY, CusHealthState.DEGRADED}
    assert result.details["server"] == "loopback 1.2.3"
    assert result.details["tools"] == 5
    assert [stage.name for stage in result.stages][-2:] == ["initialize", "list"]


async def test_a_tool_that_is_not_listed_is_never_called(make: Make, mcp_url: str) -> None:
    connector = make("mcp", "mcp_http", url=mcp_url, options={"allow_tools": "add"})
    with pytest.raises(ConnectorError) as told:
        await connector.call_tool("variables")
    assert told.value.code == "not_allowed"


async def test_the_child_gets_a_minimal_environment_and_its_token(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMPBOARD_MASTER_KEY", "never-to-be-seen")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "never-to-be-seen")
    given = {"command": sys.executable, "arguments": str(MCP_SERVER), "allow_tools": ALLOWED}
    options = given | {"key_variable": "API_TOKEN"}
    connector = make("mcp", "mcp_stdio", options=options, api_key="token-of-the-tool")
    names = (await connector.call_tool("variables")).structured["result"]
    assert set(names) <= {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "API_TOKEN"}
    assert (await connector.call_tool("variable", {"name": "API_TOKEN"})).structured[
        "result"
    ] == "token-of-the-tool"


async def test_the_child_ends_with_what_it_was_started_for(make: Make) -> None:
    before = children()
    await stdio(make).list_tools()
    assert await all_ended(before)


@pytest.mark.parametrize(
    ("command", "arguments", "code"),
    [
        ("/nowhere/to/be/found", "", "command_failed"),
        ("true", "", "closed"),
        ("yes", "", "wrong_protocol"),
        ("cat", "/dev/zero", "too_large"),
        ("sleep", "60", "timeout"),
        ("sh", "-c 'sleep 60 & sleep 60'", "timeout"),
    ],
)
async def test_a_command_that_is_no_server_is_told_and_ended_in_time(
    make: Make, command: str, arguments: str, code: str
) -> None:
    before = children()
    connector = make("mcp", "mcp_stdio", options={"command": command, "arguments": arguments})
    deadline_s = 1.0 if code == "timeout" else 30.0
    with within(deadline_s + 2):
        result = await connector.check(deadline_s=deadline_s)
    assert (result.state, result.error) == (CusHealthState.FAILING, code)
    assert await all_ended(before)


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_an_answer_that_is_too_large_is_refused(
    make: Make, mcp_url: str, transport: str
) -> None:
    given = {"command": sys.executable, "arguments": str(MCP_SERVER), "allow_tools": ALLOWED}
    place = {"url": mcp_url} if transport == "http" else {}
    connector = make(
        "mcp", f"mcp_{transport}", config={"max_bytes": 100_000}, options=given, **place
    )
    assert len((await connector.call_tool("flood", {"size": 20_000})).content[0]["text"]) == 20_000
    with pytest.raises(ConnectorError) as told:
        await connector.call_tool("flood", {"size": 400_000})
    assert told.value.code == "too_large"


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]"]
)
async def test_metadata_addresses_are_never_connected_to(make: Make, host: str) -> None:
    result = await http(make, f"http://{host}/mcp").check(deadline_s=60)
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")


async def test_a_path_without_a_server_is_told(make: Make, mcp_url: str) -> None:
    result = await http(make, mcp_url + "/nope").check(deadline_s=60)
    assert (result.state, result.error) == (CusHealthState.FAILING, "not_found")


@pytest.mark.parametrize(
    ("status", "code"), [("401 Unauthorized", "auth_failed"), ("403 Forbidden", "access_denied")]
)
async def test_a_rejected_token_is_told_and_never_repeated(
    make: Make, status: str, code: str
) -> None:
    answer = f"HTTP/1.1 {status}\r\nContent-Length: 17\r\n\r\ntoken-of-the-tool".encode()
    async with hostile(reply(answer)) as server:
        connector = make("mcp", "mcp_http", url=server.url, api_key="token-of-the-tool")
        result = await connector.check(deadline_s=60)
        assert b"Bearer token-of-the-tool" in server.requests[0]
    assert result.error == code
    assert "token-of-the-tool" not in f"{result.message} {result.remedy} {result!r}"


async def test_a_web_page_is_no_mcp_server(make: Make) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    async with hostile(reply(page)) as server:
        result = await http(make, server.url).check(deadline_s=60)
    assert (result.state, result.error) == (CusHealthState.FAILING, "wrong_protocol")


async def test_the_tools_are_what_is_discovered(connector: Any) -> None:
    found = await connector.discover()
    assert len(found.found["tools"]) == 5
    assert found.capabilities == frozenset({"read", "write", "query"})
