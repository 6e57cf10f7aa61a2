"""Vector stores: what is declared of each; one probe a module."""

from __future__ import annotations

from dataclasses import replace

from engine.fields import FieldSpec
from engine.probes.common_fields import (
    API_KEY,
    DATABASE,
    HOST,
    PASSWORD,
    TLS,
    TLS_CA,
    TLS_VERIFY,
    URL,
    USERNAME,
    called,
    port,
)
from engine.probes.technology import Technology

_COLLECTION = FieldSpec(
    name="collection",
    label="Collection",
    maximum=255,
    help="One that must be there; empty to see all.",
)
_ONE = "One that must be there; empty to see all."

QDRANT = Technology(
    name="qdrant",
    title="Qdrant",
    type="vector",
    probe="engine.probes.vectors.qdrant:probe",
    fields=(
        replace(URL, placeholder="https://qdrant.example.com:6333"),
        API_KEY,
        called(DATABASE, "Collection", help=_ONE),
        TLS_VERIFY,
        TLS_CA,
    ),
    schemes=("qdrant",),
    default_port=6333,
    tested="emulator",
)

CHROMA = Technology(
    name="chroma",
    title="Chroma",
    type="vector",
    probe="engine.probes.vectors.chroma:probe",
    fields=(
        replace(URL, placeholder="https://chroma.example.com:8000"),
        called(API_KEY, "Token", help="Sent as X-Chroma-Token."),
        called(DATABASE, "Database", help="Empty for default_database."),
        TLS_VERIFY,
        TLS_CA,
    ),
    options=(
        FieldSpec(name="tenant", label="Tenant", maximum=255, default="default_tenant"),
        _COLLECTION,
    ),
    schemes=("chroma",),
    default_port=8000,
)

WEAVIATE = Technology(
    name="weaviate",
    title="Weaviate",
    type="vector",
    probe="engine.probes.vectors.weaviate:probe",
    fields=(
        replace(URL, placeholder="https://weaviate.example.com"),
        API_KEY,
        called(DATABASE, "Collection", help=_ONE),
        TLS_VERIFY,
        TLS_CA,
    ),
    schemes=("weaviate",),
    default_port=8080,
    tested="protocol",
)

PINECONE = Technology(
    name="pinecone",
    title="Pinecone",
    type="vector",
    probe="engine.probes.vectors.pinecone:probe",
    fields=(
        called(API_KEY, "API key", required=True),
        called(DATABASE, "Index", help=_ONE),
        replace(URL, required=False, help="Empty for Pinecone's own control plane."),
    ),
    schemes=("pinecone",),
    default_port=443,
    tested="protocol",
)

MILVUS = Technology(
    name="milvus",
    title="Milvus",
    type="vector",
    probe="engine.probes.vectors.milvus:probe",
    fields=(
        replace(URL, placeholder="https://milvus.example.com:19530"),
        USERNAME,
        PASSWORD,
        called(API_KEY, "Token", help="Instead of user and password, as in Zilliz Cloud."),
        called(DATABASE, "Database", help="Empty for the database default."),
        TLS_VERIFY,
        TLS_CA,
    ),
    options=(_COLLECTION,),
    schemes=("milvus",),
    default_port=19530,
    tested="emulator",
)

PGVECTOR = Technology(
    name="pgvector",
    title="pgvector",
    type="vector",
    probe="engine.probes.vectors.pgvector:probe",
    fields=(
        HOST,
        port(5432),
        DATABASE,
        called(USERNAME, "User", required=True),
        PASSWORD,
        TLS,
        TLS_VERIFY,
        TLS_CA,
    ),
    default_port=5432,
    extra="postgres",
    needs=("psycopg",),
)

TECHNOLOGIES = (PGVECTOR, QDRANT, CHROMA, WEAVIATE, PINECONE, MILVUS)
