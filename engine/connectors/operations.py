"""What an API says that it can do, read from its OpenAPI document or its GraphQL schema."""

from __future__ import annotations

from typing import Any

from engine.connectors.allowed import METHODS
from engine.errors import InvalidInput
from engine.probes import json_body
from engine.probes.refusals import Refused

_MAX_FOUND = 500
_MAX_SUMMARY = 200


def of_openapi(body: bytes) -> dict[str, Any]:
    """Return the operations of a document in JSON or YAML, at most 500.

    Raises:
        Refused: It is none.
    """
    document = _document(body)
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict):
        raise Refused("unexpected_body", "The answer is no OpenAPI document.", "Check its URL.")
    found = [
        {
            "operation": f"{method.upper()} {path}",
            "summary": str(told.get("summary") or "")[:_MAX_SUMMARY],
        }
        for path, methods in paths.items()
        if isinstance(methods, dict)
        for method, told in methods.items()
        if str(method).upper() in METHODS and isinstance(told, dict)
    ]
    return {"operations": found[:_MAX_FOUND]}


def of_graphql(answer: bytes) -> dict[str, Any]:
    """Return the names of queries and mutations, from the answer to an introspection.

    Raises:
        Refused: The server does not tell its schema.
    """
    body = _document(answer)
    data = body.get("data") if isinstance(body, dict) else None
    schema = data.get("__schema") if isinstance(data, dict) else None
    if not isinstance(schema, dict):
        raise Refused(
            "access_denied",
            "The GraphQL server does not tell its schema.",
            "Switch introspection on for this key, or do without discovery.",
        )
    return {
        "queries": _names(schema.get("queryType")),
        "mutations": _names(schema.get("mutationType")),
    }


def _document(body: bytes) -> object:
    try:
        return json_body.parse(body)
    except json_body.InvalidJson:
        from engine.documents.yaml_text import load_all  # its parser is for YAML alone

    try:
        return next(iter(load_all(body.decode("utf-8", "replace"))), None)
    except InvalidInput:
        return None


def _names(kind: object) -> list[str]:
    listed = kind.get("fields") if isinstance(kind, dict) else None
    found = [str(one.get("name")) for one in listed or () if isinstance(one, dict)]
    return found[:_MAX_FOUND]
