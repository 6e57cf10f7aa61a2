"""Vector stores over HTTP: Qdrant, Chroma, Weaviate, Pinecone."""

from __future__ import annotations

from engine.demo.behaviour import Mood
from engine.demo.dialects.base import Asked, Said, Service, in_header

_QDRANT = {"catalog": 48_211, "support": 9_304}
_DATABASE = "/api/v2/tenants/default_tenant/databases/default_database"
_WEAVIATE = ("Guideline", "ClinicalNote")
_INDEX = "literature"

QDRANT = Service(
    given=in_header("api-key"),
    answers={
        "/": {"title": "qdrant - vector search engine", "version": "1.16.0"},
        "/collections": {"result": {"collections": [{"name": name} for name in _QDRANT]}},
        **{
            f"/collections/{name}": {"result": {"status": "green", "points_count": points}}
            for name, points in _QDRANT.items()
        },
    },
    error=lambda status, sentence: Said(status=status, body={"status": {"error": sentence}}),
)

CHROMA = Service(
    given=in_header("x-chroma-token"),
    answers={
        "/api/v2/version": "1.3.4",
        _DATABASE: {"name": "default_database", "tenant": "default_tenant"},
        f"{_DATABASE}/collections_count": 5,
    },
    error=lambda status, sentence: Said(
        status=status, body={"error": "ChromaError", "message": sentence}
    ),
)

WEAVIATE = Service(
    given=in_header("authorization", "Bearer "),
    answers={
        "/v1/.well-known/ready": {},
        "/v1/meta": {"hostname": "http://[::]:8080", "version": "1.34.0"},
        "/v1/schema": {"classes": [{"class": name} for name in _WEAVIATE]},
        **{f"/v1/schema/{name}": {"class": name} for name in _WEAVIATE},
    },
    error=lambda status, sentence: Said(status=status, body={"error": [{"message": sentence}]}),
)


def _index(asked: Asked, mood: Mood) -> Said:
    del asked
    ready = mood is Mood.OK
    status = {"ready": ready, "state": "Ready" if ready else "Initializing"}
    told = {"name": _INDEX, "dimension": 1024, "metric": "cosine"}
    return Said(body={**told, "status": status})


PINECONE = Service(
    given=in_header("api-key"),
    answers={"/indexes": {"indexes": [{"name": _INDEX}]}, f"/indexes/{_INDEX}": _index},
    error=lambda status, sentence: Said(
        status=status, body={"error": {"code": "ERROR", "message": sentence}, "status": status}
    ),
)
