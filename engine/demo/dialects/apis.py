"""A company's own APIs: REST with a health page, GraphQL, one that describes itself, a webhook."""

from __future__ import annotations

import json

from engine.demo.behaviour import Mood
from engine.demo.dialects.base import Asked, Said, Service, in_header

_WELL = {Mood.OK: "ok", Mood.IMPAIRED: "degraded", Mood.BROKEN: "down"}
_QUERIES = ("vehicles", "routes", "drivers")
_MUTATIONS = ("assignRoute",)


def _problem(status: int, sentence: str) -> Said:
    return Said(status=status, body={"type": "about:blank", "title": sentence, "status": status})


def _health(asked: Asked, mood: Mood) -> Said:
    del asked
    return Said(body={"status": _WELL[mood], "version": "4.11.2"})


REST = Service(given=in_header("x-api-key"), answers={"/health": _health}, error=_problem)


def _type(names: tuple[str, ...]) -> dict[str, object]:
    return {"name": "Query", "fields": [{"name": name} for name in names]}


def _query(asked: Asked, mood: Mood) -> Said:
    del mood
    try:
        query = str(json.loads(asked.body)["query"])
    except (ValueError, KeyError, TypeError):
        return _graphql_error(400, "The body has no query.")
    if "__schema" in query:
        schema = {"queryType": _type(_QUERIES), "mutationType": _type(_MUTATIONS)}
        return Said(body={"data": {"__schema": schema}})
    if query != "{__typename}":
        return _graphql_error(400, "This simulator tells its schema, and nothing else.")
    return Said(body={"data": {"__typename": "Query"}})


def _graphql_error(status: int, sentence: str) -> Said:
    code = {401: "UNAUTHENTICATED", 403: "FORBIDDEN"}.get(status, "BAD_REQUEST")
    error = {"message": sentence, "extensions": {"code": code}}
    return Said(status=status, body={"errors": [error]})


GRAPHQL = Service(
    given=in_header("authorization", "Bearer "),
    answers={"/graphql": _query},
    error=_graphql_error,
    methods=("POST",),
)

OPENAPI = Service(
    given=in_header("x-api-key"),
    answers={
        "/openapi.json": {
            "openapi": "3.1.1",
            "info": {"title": "Billing", "version": "2.4.0"},
            "paths": {
                "/v1/invoices": {
                    "get": {"summary": "List invoices"},
                    "post": {"summary": "Issue an invoice"},
                },
                "/v1/invoices/{id}": {"get": {"summary": "One invoice"}},
            },
        }
    },
    error=_problem,
)

RECEIVER = Service(
    given=lambda _: "",
    answers={"/alerts": Said(status=202, body={"accepted": True})},
    error=_problem,
    methods=("POST",),
)
