"""Weaviate's probe, by its documented protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.states import CusHealthState
from tests.servers.hostile import answer, hostile
from tests.servers.routes import routes

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing

READY = {"/v1/.well-known/ready": answer(b"", kind="")}
META = {"/v1/meta": answer({"hostname": "http://[::]:8080", "modules": {}, "version": "1.33.1"})}
SCHEMA = {
    "/v1/schema": answer({"classes": [{"class": "Article"}]}),
    "/v1/schema/Article": answer({"class": "Article", "properties": []}),
}


async def test_collections_are_counted(probe: Probing) -> None:
    async with hostile(routes(READY | META | SCHEMA)) as server:
        result = await probe(technology="weaviate", host="127.0.0.1", port=server.port)
    assert result.state is CusHealthState.HEALTHY
    assert (result.details["server"], result.details["collections"]) == ("Weaviate 1.33.1", 1)


async def test_key_is_sent_as_a_bearer_token(probe: Probing) -> None:
    async with hostile(routes(READY | META | SCHEMA)) as server:
        url = f"http://127.0.0.1:{server.port}"
        assert (await probe(technology="weaviate", url=url, api_key="the-key")).ok
        assert all(b"authorization: Bearer the-key" in head for head in server.requests)


async def test_collection_is_described_or_not_found(probe: Probing) -> None:
    async with hostile(routes(READY | META | SCHEMA)) as server:
        place = {"technology": "weaviate", "url": f"http://127.0.0.1:{server.port}"}
        found = await probe(**place, database="Article")
        missing = await probe(**place, database="Nothing")
    assert found.details["collection"] == "Article"
    assert (missing.error, missing.message) == ("not_found", "There is no collection Nothing.")


async def test_server_that_is_not_ready_is_starting(probe: Probing) -> None:
    wait = {"/v1/.well-known/ready": answer(b"", status="503 Service Unavailable", kind="")}
    async with hostile(routes(wait)) as server:
        result = await probe(technology="weaviate", url=f"http://127.0.0.1:{server.port}")
    assert (result.error, result.status_code) == ("starting", 503)


async def test_wrong_key_is_rejected(probe: Probing) -> None:
    no = {"error": [{"message": "anonymous access not enabled"}]}
    closed = {"/v1/meta": answer(no, status="401 Unauthorized")}
    async with hostile(routes(READY | closed)) as server:
        result = await probe(technology="weaviate", url=f"http://127.0.0.1:{server.port}")
    assert (result.error, result.status_code) == ("auth_failed", 401)
