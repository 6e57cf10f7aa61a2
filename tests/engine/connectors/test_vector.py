from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from engine.connectors.vector import Point
from engine.errors import ConnectorError
from tests.servers.hostile import answer, hostile, reply
from tests.servers.programs import free_port, running, server_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.connectors.conftest import Make

POINTS = [
    Point(id="first", vector=[1.0, 0.0, 0.0, 0.0], payload={"title": "one"}),
    Point(id="second", vector=[0.9, 0.1, 0.0, 0.0], payload={"title": "two"}),
    Point(id="third", vector=[0.0, 0.0, 1.0, 0.0], payload={"title": "three"}),
]
SETTINGS = {"vector_dimension": 4}


@pytest.fixture(scope="session")
def chroma_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    folder, port = tmp_path_factory.mktemp("chroma"), free_port()
    where = ("--host", "127.0.0.1", "--port", str(port), "--path", folder / "data")
    with running([server_program("chroma"), "run", *where], port, folder):
        yield {"technology": "chroma", "url": f"http://127.0.0.1:{port}"}


@pytest.fixture
async def chroma(make: Make, chroma_place: dict[str, Any], tools: Any) -> Any:
    from engine.http import HttpRequest

    root = "/api/v2/tenants/default_tenant/databases/default_database/collections"
    body = json.dumps(
        {"name": "docs", "get_or_create": True, "configuration": {"hnsw": {"space": "cosine"}}}
    ).encode()
    made = await tools.client.send(
        HttpRequest(
            method="POST",
            url=chroma_place["url"] + root,
            headers={"Content-Type": "application/json"},
            body=body,
        )
    )
    assert made.status == 200, made.body
    return make("vector", **chroma_place, config=SETTINGS, options={"collection": "docs"})


async def test_points_are_kept_found_and_deleted(chroma: Any) -> None:
    await chroma.upsert(POINTS)
    found = await chroma.search([1.0, 0.0, 0.0, 0.0], 2)
    assert [match.id for match in found] == ["first", "second"]
    assert found[0].payload == {"title": "one"}
    assert found[0].score == pytest.approx(1.0, abs=1e-3)
    await chroma.delete(["first", "never-there"])
    assert (await chroma.search([1.0, 0.0, 0.0, 0.0], 1))[0].id == "second"


async def test_collections_are_discovered(chroma: Any) -> None:
    assert "docs" in (await chroma.discover()).found["collections"]


async def test_a_collection_that_is_not_there_is_told(
    make: Make, chroma_place: dict[str, Any]
) -> None:
    connector = make("vector", **chroma_place, config=SETTINGS, options={"collection": "nope"})
    with pytest.raises(ConnectorError) as told:
        await connector.search([1.0, 0.0, 0.0, 0.0])
    assert told.value.code == "not_found"


@pytest.mark.parametrize(
    "vector", [[1.0], [1.0] * 5, [1.0, 0.0, 0.0, float("nan")], [1.0, 0.0, 0.0, float("inf")]]
)
async def test_a_vector_that_does_not_fit_is_never_sent(make: Make, vector: list[float]) -> None:
    connector = make("vector", "qdrant", url="http://127.0.0.1:9", config=SETTINGS)
    for deed in (connector.search(vector), connector.upsert([Point(id="1", vector=vector)])):
        with pytest.raises(ConnectorError) as told:
            await deed
        assert told.value.code == "invalid_vector"


async def test_too_many_points_or_bytes_are_never_sent(make: Make) -> None:
    many = [Point(id=str(number), vector=[0.0] * 4) for number in range(501)]
    connector = make("vector", "qdrant", url="http://127.0.0.1:9", config=SETTINGS)
    small = make(
        "vector", "qdrant", url="http://127.0.0.1:9", config={**SETTINGS, "max_bytes": 1000}
    )
    for deed in (connector.upsert(many), connector.delete(["1"] * 501), small.upsert(many[:50])):
        with pytest.raises(ConnectorError) as told:
            await deed
        assert told.value.code == "too_large"


async def test_an_answer_larger_than_allowed_is_refused(make: Make) -> None:
    large = {"result": {"points": [{"id": 1, "score": 1, "payload": {"a": "x" * 50_000}}]}}
    async with hostile(reply(answer(large))) as server:
        place = {"url": f"http://127.0.0.1:{server.port}", "database": "docs"}
        config = {**SETTINGS, "max_bytes": 10_000}
        with pytest.raises(ConnectorError) as told:
            await make("vector", "qdrant", **place, config=config).search([1.0, 0.0, 0.0, 0.0])
    assert told.value.code == "too_large"


# What each documents of its interface: the answer to a search, and what was asked for it.
_PROTOCOLS = {
    "qdrant": (
        {"result": {"points": [{"id": "u", "score": 0.9, "payload": {"_id": "a", "t": "x"}}]}},
        b"POST /collections/docs/points/query HTTP/1.1",
        b"api-key: key-of-the-store",
    ),
    "weaviate": (
        {
            "data": {
                "Get": {
                    "docs": [
                        {
                            "own_id": "a",
                            "payload": '{"t": "x"}',
                            "_additional": {"id": "u", "distance": 0.1},
                        }
                    ]
                }
            }
        },
        b"POST /v1/graphql HTTP/1.1",
        b"authorization: bearer key-of-the-store",
    ),
    "milvus": (
        {"code": 0, "data": [{"id": "a", "distance": 0.9, "t": "x"}]},
        b"POST /v2/vectordb/entities/search HTTP/1.1",
        b"authorization: bearer key-of-the-store",
    ),
}


@pytest.mark.parametrize("technology", _PROTOCOLS)
async def test_a_search_is_worded_as_its_store_documents_it(make: Make, technology: str) -> None:
    told, asked, credential = _PROTOCOLS[technology]
    async with hostile(reply(answer(told))) as server:
        connector = make(
            "vector",
            technology,
            url=f"http://127.0.0.1:{server.port}",
            api_key="key-of-the-store",
            database="docs" if technology != "milvus" else None,
            options={"collection": "docs"} if technology == "milvus" else {},
            config=SETTINGS,
        )
        found = await connector.search([1.0, 0.0, 0.0, 0.0], 5)
        assert server.requests[0].startswith(asked)
        assert credential in server.requests[0].lower()
    assert [(match.id, match.score, match.payload) for match in found] == [
        ("a", pytest.approx(0.9), {"t": "x"})
    ]


async def test_pinecone_is_searched_at_the_host_that_its_control_plane_names(make: Make) -> None:
    matches = {"matches": [{"id": "a", "score": 0.9, "metadata": {"t": "x"}}]}
    async with hostile(reply(answer(matches))) as index:
        named = {"name": "docs", "host": f"127.0.0.1:{index.port}"}
        async with hostile(reply(answer(named))) as control:
            connector = make(
                "vector",
                "pinecone",
                url=f"http://127.0.0.1:{control.port}",
                api_key="key-of-the-store",
                database="docs",
                config=SETTINGS,
            )
            found = await connector.search([1.0, 0.0, 0.0, 0.0])
        assert index.requests[0].startswith(b"POST /query HTTP/1.1")
    assert [match.id for match in found] == ["a"]


async def test_a_store_that_names_a_metadata_address_is_not_followed(make: Make) -> None:
    named = {"name": "docs", "host": "169.254.169.254"}
    async with hostile(reply(answer(named))) as control:
        place = {"url": f"http://127.0.0.1:{control.port}", "api_key": "k", "database": "docs"}
        with pytest.raises(ConnectorError) as told:
            await make("vector", "pinecone", **place, config=SETTINGS).search([1.0, 0.0, 0.0, 0.0])
    assert told.value.code == "address_blocked"


async def test_a_refusal_of_milvus_is_told_although_its_status_is_fine(make: Make) -> None:
    refused = {"code": 1800, "message": "user hasn't authenticated"}
    async with hostile(reply(answer(refused))) as server:
        place = {"url": f"http://127.0.0.1:{server.port}", "options": {"collection": "docs"}}
        with pytest.raises(ConnectorError, match="hasn't authenticated"):
            await make("vector", "milvus", **place, config=SETTINGS).search([1.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize("table", ['docs"; DROP TABLE x; --', "a b", "", "x.y.z", "1x"])
async def test_a_tables_name_is_never_more_than_a_name(make: Make, table: str) -> None:
    from engine.connectors.vector import pgvector

    made = pgvector.PgVector(sql=make("sql", "postgresql"), table=table, metric="cosine")
    with pytest.raises(Exception, match="no table"):
        await made.search([1.0], 1)


async def test_ids_in_a_filter_of_milvus_cannot_end_it(make: Make) -> None:
    from engine.connectors.vector.milvus import _literal

    assert _literal('a"] or id > 0 or id in ["') == '"a\\"] or id > 0 or id in [\\""'
    assert _literal("7") == "7"
