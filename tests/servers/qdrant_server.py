"""Qdrant's own local engine behind the part of its REST interface that is asked for.

Started as a program: `python qdrant_server.py PORT KEY`. What is asked is read by the models of
the official client, which refuse a field that the interface does not have; the answers are its
models too, filled by the engine.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from json_server import serve
from pydantic import ValidationError
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointIdsList, PointsList, QueryRequest, VectorParams

if TYPE_CHECKING:
    from collections.abc import Mapping

COLLECTION = "documents"


def main() -> None:
    engine = QdrantClient(":memory:")
    engine.create_collection(COLLECTION, VectorParams(size=4, distance=Distance.COSINE))

    def ask(method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, object]:
        if (method, path) == ("GET", "/"):
            told = {"title": "qdrant - vector search engine", "version": version("qdrant-client")}
            return 200, told
        if headers.get("api-key") != sys.argv[2]:
            return _wrong(401, "Invalid API key or JWT")
        name, _, what = path.removeprefix("/collections").strip("/").partition("/")
        if not name:
            return 200, _fine(engine.get_collections())
        if not engine.collection_exists(name):
            return _wrong(404, f"Not found: Collection `{name}` doesn't exist!")
        try:
            return 200, _fine(_asked(engine, name, f"{method} {what}".strip(), body))
        except (ValidationError, ValueError) as error:
            return _wrong(400, f"Wrong input: {error}")

    serve(ask)


def _asked(engine: QdrantClient, name: str, what: str, body: Any) -> Any:
    match what:
        case "GET":
            return engine.get_collection(name)
        case "PUT points?wait=true":
            return engine.upsert(name, PointsList(**body).points)
        case "POST points/query":
            query = QueryRequest(**body)
            return engine.query_points(
                name, query.query, limit=query.limit, with_payload=query.with_payload
            )
        case "POST points/delete?wait=true":
            return engine.delete(name, PointIdsList(**body).points)
    raise ValueError(what)


def _fine(result: Any) -> dict[str, object]:
    return {"result": result.model_dump(mode="json"), "status": "ok", "time": 0.0}


def _wrong(status: int, said: str) -> tuple[int, object]:
    return status, {"status": {"error": said}, "time": 0.0}


if __name__ == "__main__":
    main()
