from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from engine.connectors.vector import Point
from engine.errors import ConnectorError
from tests.servers.answers import Answers
from tests.servers.hostile import answer, hostile, reply

if TYPE_CHECKING:
    from tests.engine.connectors.conftest import Make

SETTINGS = {"vector_dimension": 4}


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
            database="docs",
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
    refused = {"code": 1100, "message": "the field is not there"}
    async with hostile(reply(answer(refused))) as server:
        place = {"url": f"http://127.0.0.1:{server.port}", "options": {"collection": "docs"}}
        with pytest.raises(ConnectorError, match="field is not there"):
            await make("vector", "milvus", **place, config=SETTINGS).search([1.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize("table", ['docs"; DROP TABLE x; --', "a b", "", "x.y.z", "1x"])
async def test_a_tables_name_is_never_more_than_a_name(make: Make, table: str) -> None:
    from engine.connectors.vector import pgvector

    made = pgvector.PgVector(sql=make("sql", "postgresql"), table=table, metric="cosine")
    with pytest.raises(Exception, match="no table"):
        await made.search([1.0], 1)


async def test_ids_in_a_filter_of_milvus_cannot_end_it() -> None:
    from engine.connectors.vector.milvus import Fields

    texts = Fields(key="id", vector="vector", text=True)
    assert texts.literal('a"] or id > 0 or id in ["') == '"a\\"] or id > 0 or id in [\\""'
    assert Fields(key="id", vector="vector", text=False).literal("7") == "7"


_PINECONE = {"technology": "pinecone", "api_key": "key-of-the-store", "database": "docs"}
_POINTS = [Point(id="a", vector=[1.0, 0.0, 0.0, 0.0], payload={"t": "x"})]


async def test_pinecone_keeps_and_deletes_as_it_documents_it(make: Make) -> None:
    told: dict[str, object] = {"/vectors/upsert": {"upsertedCount": 1}, "/vectors/delete": {}}
    index = Answers(told)
    async with index.serving() as vectors:
        control = Answers({"/indexes/docs": {"host": f"127.0.0.1:{vectors.port}"}})
        async with control.serving() as server:
            url = f"http://127.0.0.1:{server.port}"
            store = make("vector", **_PINECONE, url=url, config=SETTINGS)
            await store.upsert(_POINTS)
            await store.delete(["a", "b"])
    upserted, deleted = (json.loads(body) for _, body in index.asked)
    assert upserted == {
        "vectors": [{"id": "a", "values": [1.0, 0.0, 0.0, 0.0], "metadata": {"t": "x"}}]
    }
    assert deleted == {"ids": ["a", "b"]}
    assert index.headers()["api-key"] == "key-of-the-store"
    assert index.headers()["x-pinecone-api-version"] == "2025-04"


async def test_weaviate_keeps_and_deletes_as_it_documents_it(make: Make) -> None:
    weaviate = Answers({"/v1/batch/objects": []})
    async with weaviate.serving() as server:
        place = {"url": f"http://127.0.0.1:{server.port}", "database": "Docs"}
        store = make("vector", "weaviate", **place, config=SETTINGS)
        await store.upsert(_POINTS)
        await store.delete(["a"])
    (upserted,), match = (
        json.loads(weaviate.asked[0][1])["objects"],
        json.loads(weaviate.asked[1][1])["match"],
    )
    own = upserted.pop("id")
    assert uuid.UUID(own)
    assert upserted == {
        "class": "Docs",
        "vector": [1.0, 0.0, 0.0, 0.0],
        "properties": {"own_id": "a", "payload": '{"t": "x"}'},
    }
    assert weaviate.asked[1][0].startswith("DELETE ")
    wanted = {"path": ["id"], "operator": "ContainsAny", "valueTextArray": [own]}
    assert match == {"class": "Docs", "where": wanted}


async def test_an_object_that_weaviate_refuses_is_told(make: Make) -> None:
    refused = [{"result": {"errors": {"error": [{"message": "vector lengths don't match"}]}}}]
    async with Answers({"/v1/batch/objects": refused}).serving() as server:
        place = {"url": f"http://127.0.0.1:{server.port}", "database": "Docs"}
        with pytest.raises(ConnectorError, match="lengths don't match"):
            await make("vector", "weaviate", **place, config=SETTINGS).upsert(_POINTS)
