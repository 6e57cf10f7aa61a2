"""What every store over HTTP says of servers that are none, and of those that misbehave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.hostile import endless as streaming
from tests.servers.hostile import hostile, reply
from tests.servers.web import web as serving_web

if TYPE_CHECKING:
    import ssl

    from tests.engine.probes.conftest import Probing
    from tests.servers.hostile import Hostile

_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n<ListBucketResult>"
_PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>hi</html>"
_ELSEWHERE = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"

pytestmark = pytest.mark.parametrize("technology", ["s3", "gcs", "azure_blob"])


def _place(technology: str, url: str) -> dict[str, object]:
    key = {"username": "someone", "password": "c2VjcmV0LWtleQ=="}
    return {"technology": technology, "url": url, "database": "lake"} | (
        {} if technology == "gcs" else key
    )


async def test_closed_port_is_refused(probe: Probing, technology: str, closed_port: int) -> None:
    result = await probe(**_place(technology, f"http://127.0.0.1:{closed_port}"))
    assert (result.state, result.error, result.stage) == (
        CusHealthState.FAILING,
        "refused",
        "connect",
    )


async def test_silent_server_ends_by_the_deadline(
    probe: Probing, technology: str, silent: Hostile
) -> None:
    result = await probe(**_place(technology, f"http://127.0.0.1:{silent.port}"), deadline_s=2)
    assert (result.error, result.stage) == ("timeout", "list")
    assert [stage.name for stage in result.stages] == ["connect", "list"]


async def test_answer_without_end_is_cut_off(probe: Probing, technology: str) -> None:
    async with hostile(streaming(_STREAM, b"<Contents/>" * 1000)) as server:
        result = await probe(**_place(technology, f"http://127.0.0.1:{server.port}"))
    assert (result.error, result.stage) == ("too_large", "list")


async def test_bytes_without_end_are_no_http(
    probe: Probing, technology: str, endless: Hostile
) -> None:
    result = await probe(**_place(technology, f"http://127.0.0.1:{endless.port}"))
    assert (result.error, result.stage) == ("not_http", "list")


async def test_web_page_is_another_protocol(probe: Probing, technology: str) -> None:
    async with hostile(reply(_PAGE)) as server:
        result = await probe(**_place(technology, f"http://127.0.0.1:{server.port}"))
    assert (result.state, result.error) == (CusHealthState.FAILING, "wrong_protocol")


async def test_redirect_is_not_followed(probe: Probing, technology: str) -> None:
    async with hostile(reply(_ELSEWHERE)) as server:
        result = await probe(**_place(technology, f"http://127.0.0.1:{server.port}"))
    assert (result.state, result.error) == (CusHealthState.FAILING, "wrong_protocol")


async def test_plain_server_at_an_https_address(
    probe: Probing, technology: str, web: Hostile
) -> None:
    result = await probe(**_place(technology, f"https://127.0.0.1:{web.port}"))
    assert (result.error, result.stage) == ("tls_not_tls", "tls")


async def test_tls_server_at_an_http_address(
    probe: Probing, technology: str, certificates: dict[str, ssl.SSLContext]
) -> None:
    async with serving_web(tls=certificates["valid"]) as server:
        result = await probe(**_place(technology, f"http://127.0.0.1:{server.port}"))
    assert (result.error, result.stage) == ("closed", "list")


@pytest.mark.parametrize("host", ["169.254.169.254", "0xa9fea9fe", "[::ffff:169.254.169.254]"])
async def test_metadata_address_is_not_connected_to(
    probe: Probing, technology: str, host: str
) -> None:
    result = await probe(**_place(technology, f"http://{host}"))
    assert (result.state, result.error, result.stage) == (
        CusHealthState.UNKNOWN,
        "address_blocked",
        "address",
    )


async def test_missing_bucket_is_told_before_anything_is_sent(
    probe: Probing, technology: str
) -> None:
    result = await probe(**_place(technology, "http://127.0.0.1:1") | {"database": ""})
    assert (result.state, result.error, result.stages) == (
        CusHealthState.UNKNOWN,
        "invalid_request",
        (),
    )
