"""Pinecone's probe, by its documented protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.states import CusHealthState
from tests.servers.hostile import answer, hostile
from tests.servers.routes import routes

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing


def _index(name: str, *, ready: bool) -> dict[str, object]:
    return {
        "name": name,
        "dimension": 1536,
        "metric": "cosine",
        "host": f"{name}-abc.svc.pinecone.io",
        "status": {"ready": ready, "state": "Ready" if ready else "Initializing"},
    }


INDEXES = {
    "/indexes": answer({"indexes": [_index("docs", ready=True), _index("new", ready=False)]}),
    "/indexes/docs": answer(_index("docs", ready=True)),
    "/indexes/new": answer(_index("new", ready=False)),
}


async def test_indexes_are_counted_by_the_key(probe: Probing) -> None:
    async with hostile(routes(INDEXES)) as server:
        url = f"http://127.0.0.1:{server.port}"
        result = await probe(technology="pinecone", url=url, api_key="pcsk_key")
        (request,) = server.requests
    assert result.details["indexes"] == 2
    assert b"\r\napi-key: pcsk_key\r\n" in request.replace(b"Api-Key", b"api-key")
    assert b"x-pinecone-api-version: 2025-04" in request.lower()


async def test_index_that_is_ready_is_described(probe: Probing) -> None:
    async with hostile(routes(INDEXES)) as server:
        place = {"technology": "pinecone", "url": f"http://127.0.0.1:{server.port}"}
        ready = await probe(**place, api_key="pcsk_key", database="docs")
        starting = await probe(**place, api_key="pcsk_key", database="new")
        missing = await probe(**place, api_key="pcsk_key", database="gone")
    assert (ready.details["dimension"], ready.details["metric"]) == (1536, "cosine")
    assert (starting.state, starting.error) == (CusHealthState.DEGRADED, "starting")
    assert "Initializing" in starting.message
    assert (missing.error, missing.message) == ("not_found", "There is no index gone.")


async def test_wrong_key_is_rejected(probe: Probing) -> None:
    no = {"error": {"code": "UNAUTHENTICATED", "message": "Invalid API key"}, "status": 401}
    async with hostile(routes({"/indexes": answer(no, status="401 Unauthorized")})) as server:
        url = f"http://127.0.0.1:{server.port}"
        result = await probe(technology="pinecone", url=url, api_key="pcsk_key")
    assert (result.error, result.status_code) == ("auth_failed", 401)


async def test_missing_key_is_told_before_anything_is_sent(probe: Probing) -> None:
    result = await probe(technology="pinecone")
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_request")
