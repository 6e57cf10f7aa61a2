"""Milvus Lite behind the part of Milvus's REST interface (v2) that is asked for.

Started as a program: `python milvus_server.py PORT FILE USER:PASSWORD`. The codes are those of
the engine's own refusals, and of Milvus for a login, which the engine does not know.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from json_server import serve
from pymilvus import DataType, MilvusClient, MilvusException

if TYPE_CHECKING:
    from collections.abc import Mapping

# One with whole numbers as keys, one with texts.
COLLECTION, TEXTS = "documents", "texts"
_NOT_AUTHENTICATED, _NO_DATABASE, _NO_COLLECTION = 1800, 800, 100
_ROOT = "/v2/vectordb/"
_TYPES = {
    DataType.INT64: "Int64",
    DataType.VARCHAR: "VarChar",
    DataType.FLOAT_VECTOR: "FloatVector",
}


def main() -> None:
    engine = MilvusClient(sys.argv[2])
    engine.create_collection(COLLECTION, dimension=4)

    def ask(method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, object]:
        what = path.removeprefix(_ROOT)
        if method != "POST" or what not in _ASKED:
            return 404, {"message": "404 page not found"}
        if headers.get("authorization") != f"Bearer {sys.argv[3]}":
            return 200, {"code": _NOT_AUTHENTICATED, "message": "user hasn't authenticated"}
        if body.get("dbName", "default") != "default":
            return 200, {"code": _NO_DATABASE, "message": "database not found"}
        try:
            return 200, {"code": 0, "data": _answer(engine, what, body)}
        except MilvusException as error:
            return 200, {"code": error.code, "message": error.message}

    serve(ask)


def _answer(engine: MilvusClient, what: str, body: Mapping[str, Any]) -> object:
    name = body.get("collectionName")
    if name == TEXTS and not engine.has_collection(TEXTS):
        engine.create_collection(TEXTS, dimension=4, id_type="string", max_length=64)
    if name is not None and not engine.has_collection(name):
        raise MilvusException(code=_NO_COLLECTION, message=f"collection not found[{name}]")
    return _ASKED[what](engine, body)


def _describe(engine: MilvusClient, body: Mapping[str, Any]) -> object:
    name = body["collectionName"]
    told = engine.describe_collection(name)
    state = engine.get_load_state(name)["state"]
    fields = [
        {
            "name": field["name"],
            "type": _TYPES[field["type"]],
            "primaryKey": bool(field.get("is_primary")),
        }
        for field in told["fields"]
    ]
    return {
        "collectionName": told["collection_name"],
        "fields": fields,
        "load": f"LoadState{state.name}",
    }


def _upsert(engine: MilvusClient, body: Mapping[str, Any]) -> object:
    done = engine.upsert(body["collectionName"], body["data"])
    return {"upsertCount": done["upsert_count"]}


def _delete(engine: MilvusClient, body: Mapping[str, Any]) -> object:
    engine.delete(body["collectionName"], filter=body["filter"])
    return {}


def _search(engine: MilvusClient, body: Mapping[str, Any]) -> object:
    found = engine.search(
        body["collectionName"],
        body["data"],
        limit=body["limit"],
        anns_field=body["annsField"],
        output_fields=body["outputFields"],
    )
    return [
        {**hit["entity"], "id": hit["id"], "distance": float(hit["distance"])} for hit in found[0]
    ]


_ASKED = {
    "collections/list": lambda engine, _: engine.list_collections(),
    "collections/describe": _describe,
    "entities/upsert": _upsert,
    "entities/search": _search,
    "entities/delete": _delete,
}


if __name__ == "__main__":
    main()
