"""Upsert, search and delete on the stores themselves: the same story on each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from engine.connectors.vector import Point
from engine.errors import ConnectorError
from engine.http import HttpRequest
from tests.servers import vector_stores
from tests.servers.postgres import postgres_server, programs_with_pgvector
from tests.servers.programs import free_port
from tests.servers.vector_stores import COLLECTION, KEY, LOGIN, TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.connectors.conftest import Make

NEAR, SECOND, FAR = [1.0, 0.0, 0.0, 0.0], [0.9, 0.1, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]
SETTINGS = {"vector_dimension": 4}


@pytest.fixture(scope="session")
def pgvector_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    columns = "embedding vector(4), payload jsonb)"
    with postgres_server(programs_with_pgvector(), free_port()) as server:
        server.run("CREATE DATABASE shelf")
        server.run(
            "CREATE EXTENSION vector",
            f"CREATE TABLE {TEXTS} (id text PRIMARY KEY, {columns}",
            f"CREATE TABLE {COLLECTION} (id bigint PRIMARY KEY, {columns}",
            database="shelf",
        )
        yield {
            "host": "127.0.0.1",
            "port": server.port,
            "username": "postgres",
            "password": server.password,
            "database": "shelf",
        }


@pytest.fixture(scope="session")
def qdrant_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with vector_stores.qdrant(tmp_path_factory.mktemp("qdrant")) as port:
        yield {"url": f"http://127.0.0.1:{port}", "api_key": KEY}


@pytest.fixture(scope="session")
def milvus_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    user, password = LOGIN
    with vector_stores.milvus(tmp_path_factory.mktemp("milvus")) as port:
        yield {"url": f"http://127.0.0.1:{port}", "username": user, "password": password}


@pytest.fixture(scope="session")
def chroma_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with vector_stores.chroma(tmp_path_factory.mktemp("chroma")) as port:
        yield {"url": f"http://127.0.0.1:{port}"}


# Each store with a collection whose keys are texts, and those of whole numbers where keys differ.
_TEXTS = {"pgvector": TEXTS, "qdrant": COLLECTION, "milvus": TEXTS, "chroma": TEXTS}
_NUMBERS = {"pgvector": COLLECTION, "milvus": COLLECTION}


@pytest.fixture
async def opened(request: pytest.FixtureRequest, make: Make, tools: Any) -> Any:
    """Opens a collection of a technology."""

    async def one(technology: str, collection: str) -> Any:
        place = request.getfixturevalue(f"{technology}_place")
        if technology == "chroma":
            await _make_in_chroma(tools, place["url"], collection)
        field = {"pgvector": "table"}.get(technology, "collection")
        return make("vector", technology, **place, config=SETTINGS, options={field: collection})

    return one


async def _make_in_chroma(tools: Any, url: str, name: str) -> None:
    told = {"name": name, "get_or_create": True, "configuration": {"hnsw": {"space": "cosine"}}}
    root = "/api/v2/tenants/default_tenant/databases/default_database/collections"
    request = HttpRequest(
        method="POST",
        url=url + root,
        headers={"Content-Type": "application/json"},
        body=json.dumps(told).encode(),
    )
    assert (await tools.client.send(request)).status == 200


def _points(*ids: str) -> list[Point]:
    told = zip(ids, (NEAR, SECOND, FAR), ("one", "two", "three"), strict=True)
    return [Point(id=own, vector=vector, payload={"title": title}) for own, vector, title in told]


async def _story(store: Any, ids: tuple[str, str, str]) -> None:
    await store.upsert(_points(*ids))
    found = await store.search(NEAR, 2)
    assert [match.id for match in found] == [ids[0], ids[1]]
    assert found[0].payload == {"title": "one"}
    assert found[0].score == pytest.approx(1.0, abs=1e-3)
    await store.upsert([Point(id=ids[0], vector=FAR, payload={"title": "again"})])
    moved = {match.id: match.payload for match in await store.search(FAR, 2)}
    assert moved == {ids[0]: {"title": "again"}, ids[2]: {"title": "three"}}
    await store.delete([ids[0], ids[2]])
    assert [match.id for match in await store.search(NEAR, 5)] == [ids[1]]
    await store.delete([ids[1], ids[2]])
    assert await store.search(NEAR, 5) == []


@pytest.mark.parametrize("technology", _TEXTS)
# The last looks like a number, and one that ends a text of SQL or of a filter.
async def test_points_are_kept_found_replaced_and_deleted(opened: Any, technology: str) -> None:
    store = await opened(technology, _TEXTS[technology])
    await _story(store, ("first", 'it\'s "quoted" \\', "7"))


@pytest.mark.parametrize("technology", _NUMBERS)
async def test_keys_that_are_numbers_are_kept_as_numbers(opened: Any, technology: str) -> None:
    store = await opened(technology, _NUMBERS[technology])
    await _story(store, ("1", "23", "456"))
    with pytest.raises(ConnectorError):
        await store.upsert(_points("one", "two", "three"))


@pytest.mark.parametrize("technology", _TEXTS)
async def test_collections_are_discovered(opened: Any, technology: str) -> None:
    store = await opened(technology, _TEXTS[technology])
    await store.upsert(_points("a", "b", "c"))
    found = await store.discover()
    assert _TEXTS[technology] in found.found["collections"]
    assert found.capabilities == {"read", "write", "vector_search"}
    await store.delete(["a", "b", "c"])


@pytest.mark.parametrize("technology", _TEXTS)
async def test_a_collection_that_is_not_there_is_told(
    request: pytest.FixtureRequest, make: Make, technology: str
) -> None:
    place = request.getfixturevalue(f"{technology}_place")
    field = "table" if technology == "pgvector" else "collection"
    store = make("vector", technology, **place, config=SETTINGS, options={field: "nope"})
    for deed in (store.search(NEAR), store.upsert(_points("a", "b", "c")), store.delete(["a"])):
        with pytest.raises(ConnectorError) as told:
            await deed
        assert told.value.code == "not_found"


@pytest.mark.parametrize("technology", ["pgvector", "qdrant", "milvus"])
async def test_a_wrong_secret_is_told(
    request: pytest.FixtureRequest, make: Make, technology: str
) -> None:
    place = request.getfixturevalue(f"{technology}_place")
    wrong = {name: "wrong-one" for name in ("password", "api_key") if name in place}
    field = "table" if technology == "pgvector" else "collection"
    options = {field: _TEXTS[technology]}
    store = make("vector", technology, **{**place, **wrong}, config=SETTINGS, options=options)
    with pytest.raises(ConnectorError) as told:
        await store.search(NEAR)
    assert told.value.code == "auth_failed"
    assert "wrong-one" not in f"{told.value!r} {told.value.hint}"
