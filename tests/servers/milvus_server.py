"""Milvus Lite behind the part of Milvus's REST interface (v2) that a check asks.

Started as a program: `python milvus_server.py PORT FILE USER:PASSWORD`. The codes are those of
the engine's own refusals, and of Milvus for a login, which the engine does not know.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from json_server import serve
from pymilvus import MilvusClient, MilvusException

if TYPE_CHECKING:
    from collections.abc import Mapping

COLLECTION = "documents"
_NOT_AUTHENTICATED, _NO_DATABASE, _NO_COLLECTION = 1800, 800, 100
_LIST, _DESCRIBE = "/v2/vectordb/collections/list", "/v2/vectordb/collections/describe"


def main() -> None:
    engine = MilvusClient(sys.argv[2])
    engine.create_collection(COLLECTION, dimension=4)

    def ask(method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, object]:
        if method != "POST" or path not in {_LIST, _DESCRIBE}:
            return 404, {"message": "404 page not found"}
        if headers.get("authorization") != f"Bearer {sys.argv[3]}":
            return 200, {"code": _NOT_AUTHENTICATED, "message": "user hasn't authenticated"}
        if body.get("dbName", "default") != "default":
            return 200, {"code": _NO_DATABASE, "message": "database not found"}
        try:
            return 200, {"code": 0, "data": _asked(engine, path, body)}
        except MilvusException as error:
            return 200, {"code": error.code, "message": error.message}

    serve(ask)


def _asked(engine: MilvusClient, path: str, body: Mapping[str, str]) -> object:
    if path == _LIST:
        return engine.list_collections()
    name = body["collectionName"]
    if not engine.has_collection(name):
        raise MilvusException(code=_NO_COLLECTION, message=f"collection not found[{name}]")
    told = engine.describe_collection(name)
    state = engine.get_load_state(name)["state"]
    return {"collectionName": told["collection_name"], "load": f"LoadState{state.name}"}


if __name__ == "__main__":
    main()
