"""What every vector store's probe says of servers that are none, and of those that misbehave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.hostile import answer, hostile, reply
from tests.servers.web import web as serving_web

if TYPE_CHECKING:
    import ssl

    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile

pytestmark = pytest.mark.parametrize(
    "technology", ["qdrant", "chroma", "weaviate", "pinecone", "milvus"]
)


def _place(technology: str, url: str) -> dict[str, object]:
    return {"technology": technology, "url": url, "api_key": "a-key-of-ours"}


async def test_closed_port_is_refused(probe: Probing, technology: str, closed_port: int) -> None:
    result = await probe(**_place(technology, f"http://127.0.0.1:{closed_port}"))
    assert (result.error, result.stage) == ("refused", "connect")


async def test_silent_server_ends_by_the_deadline(
    probe: Probing, technology: str, silent: Hostile
) -> None:
    result = await probe(**_place(technology, f"http://127.0.0.1:{silent.port}"), deadline_s=1.5)
    assert (result.error, result.stage) == ("timeout", "response")


async def test_bytes_without_end_are_no_http(
    probe: Probing, technology: str, endless: Hostile
) -> None:
    result = await probe(**_place(technology, f"http://127.0.0.1:{endless.port}"))
    assert (result.error, result.stage) == ("not_http", "response")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"words"', b"{}"])
async def test_other_json_is_not_healthy(probe: Probing, technology: str, body: bytes) -> None:
    async with hostile(reply(answer(body))) as server:
        result = await probe(**_place(technology, f"http://127.0.0.1:{server.port}"))
    assert result.state is CusHealthState.FAILING


async def test_web_page_is_not_healthy(probe: Probing, technology: str) -> None:
    async with hostile(reply(answer(b"<html>hi</html>", kind="text/html"))) as server:
        result = await probe(**_place(technology, f"http://127.0.0.1:{server.port}"))
    assert (result.state, result.error) == (CusHealthState.FAILING, "unexpected_content_type")


async def test_plain_server_at_an_https_address(
    probe: Probing, technology: str, web: Hostile
) -> None:
    result = await probe(**_place(technology, f"https://127.0.0.1:{web.port}"))
    assert (result.error, result.stage) == ("tls_not_tls", "tls")


async def test_unknown_authority_is_not_trusted(
    probe: Probing, technology: str, certificates: dict[str, ssl.SSLContext]
) -> None:
    async with serving_web(tls=certificates["valid"]) as server:
        result = await probe(**_place(technology, f"https://127.0.0.1:{server.port}"))
    assert (result.error, result.stage) == ("tls_untrusted", "tls")


async def test_metadata_address_is_not_connected_to(probe: Probing, technology: str) -> None:
    result = await probe(**_place(technology, "http://169.254.169.254"))
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "address_blocked")
