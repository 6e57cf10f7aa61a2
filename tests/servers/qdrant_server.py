"""Qdrant's own local engine behind the part of its REST interface that a check asks.

Started as a program: `python qdrant_server.py PORT KEY`. Its answers are the models of the
official client, filled by the engine.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from json_server import serve
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, VectorParams

if TYPE_CHECKING:
    from collections.abc import Mapping

COLLECTION = "documents"


def main() -> None:
    engine = QdrantClient(":memory:")
    engine.create_collection(COLLECTION, VectorParams(size=4, distance=Distance.COSINE))

    def ask(method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, object]:
        del body
        if (method, path) == ("GET", "/"):
            told = {"title": "qdrant - vector search engine", "version": version("qdrant-client")}
            return 200, told
        if headers.get("api-key") != sys.argv[2]:
            return 401, {"status": {"error": "Invalid API key or JWT"}, "time": 0.0}
        return _collections(engine, path)

    serve(ask)


def _collections(engine: QdrantClient, path: str) -> tuple[int, object]:
    name = path.removeprefix("/collections").strip("/")
    if not name:
        return 200, _fine(engine.get_collections())
    if not engine.collection_exists(name):
        wrong = f"Not found: Collection `{name}` doesn't exist!"
        return 404, {"status": {"error": wrong}, "time": 0.0}
    return 200, _fine(engine.get_collection(name))


def _fine(result: Any) -> dict[str, object]:
    return {"result": result.model_dump(mode="json"), "status": "ok", "time": 0.0}


if __name__ == "__main__":
    main()
