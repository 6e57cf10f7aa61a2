"""How each server over HTTP talks: its paths, who is let in, what it tells, how it says no.

Shapes, codes and headers follow the products' own API references. Nothing here knows about time or
sockets: `engine.demo.simulators` serves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.demo.dialects import apis, databases, vectors
from engine.demo.dialects.anthropic import Anthropic
from engine.demo.dialects.aws_lambda import AwsLambda
from engine.demo.dialects.azure_openai import AzureOpenAi
from engine.demo.dialects.base import Asked, Dialect, Said
from engine.demo.dialects.bedrock import Bedrock
from engine.demo.dialects.google import Google
from engine.demo.dialects.openai import OpenAi

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DIALECTS", "Asked", "Dialect", "Said"]

DIALECTS: Mapping[str, Dialect] = {
    "openai": OpenAi(("gpt-4o", "gpt-4.1", "o4-mini", "text-embedding-3-small")),
    "anthropic": Anthropic(),
    "azure_openai": AzureOpenAi(),
    "bedrock": Bedrock(),
    "google": Google(),
    "custom": OpenAi(("llama-3.3-70b-instruct", "qwen2.5-coder-32b"), "vllm"),
    "keyless": OpenAi(("mistral-small-3.2", "nomic-embed-text"), "library", keyless=True),
    "aws_lambda": AwsLambda(),
    "clickhouse": databases.CLICKHOUSE,
    "snowflake": databases.SNOWFLAKE,
    "elasticsearch": databases.ELASTICSEARCH,
    "couchdb": databases.COUCHDB,
    "qdrant": vectors.QDRANT,
    "chroma": vectors.CHROMA,
    "weaviate": vectors.WEAVIATE,
    "pinecone": vectors.PINECONE,
    "rest": apis.REST,
    "graphql": apis.GRAPHQL,
    "openapi": apis.OPENAPI,
    "receiver": apis.RECEIVER,
}
