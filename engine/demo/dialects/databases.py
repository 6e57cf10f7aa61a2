"""Databases that speak HTTP: ClickHouse, Snowflake, Elasticsearch, CouchDB."""

from __future__ import annotations

import json

from engine.demo.behaviour import Mood
from engine.demo.dialects.base import Asked, Said, Service, basic, in_header

_CLICKHOUSE = "25.8.11.66"
# By ClickHouse's own numbers (ErrorCodes.cpp): a login, too many queries, no such database.
_CODES = {401: 516, 403: 497, 503: 202, 404: 81}
_TABLES = {"events": 14, "telemetry": 6}
_INDICES = {"products": 48_211, "lab-results": 1_204_339}
_DOCUMENTS = {"customs": 91_204, "consents": 3_118}


def _query(asked: Asked, mood: Mood) -> Said:
    del mood
    database = asked.query.get("database", "default")
    if database not in _TABLES:
        return _clickhouse_error(404, f"Database {database} does not exist.")
    row = {"version": _CLICKHOUSE, "tables": str(_TABLES[database])}
    return Said(body={"data": [row], "rows": 1})


def _clickhouse_error(status: int, sentence: str) -> Said:
    code = _CODES.get(status, 1000)
    headers = {"X-ClickHouse-Exception-Code": str(code)}
    return Said(status=status, body=f"Code: {code}. DB::Exception: {sentence}", headers=headers)


CLICKHOUSE = Service(
    given=basic, answers={"/": _query}, error=_clickhouse_error, methods=("GET", "POST")
)


def _statement(asked: Asked, mood: Mood) -> Said:
    del mood
    try:
        statement = str(json.loads(asked.body)["statement"])
    except (ValueError, KeyError, TypeError):
        return _snowflake_error(422, "The body is not a statement.")
    if statement != "SELECT CURRENT_VERSION()":
        return _snowflake_error(422, "This simulator tells its version, and nothing else.")
    columns = [{"name": "CURRENT_VERSION()", "type": "text"}]
    meta = {"numRows": 1, "format": "jsonv2", "rowType": columns}
    return Said(body={"code": "090001", "resultSetMetaData": meta, "data": [["9.34.1"]]})


def _snowflake_error(status: int, sentence: str) -> Said:
    code = {401: "390303", 403: "003001"}.get(status, "000000")
    return Said(status=status, body={"code": code, "message": sentence})


SNOWFLAKE = Service(
    given=in_header("authorization", "Bearer "),
    answers={"/api/v2/statements": _statement},
    error=_snowflake_error,
    methods=("POST",),
)

_COLOURS = {Mood.IMPAIRED: ("yellow", 4), Mood.BROKEN: ("red", 9)}


def _cluster(asked: Asked, mood: Mood) -> Said:
    del asked
    status, unassigned = _COLOURS.get(mood, ("green", 0))
    told = {"cluster_name": "search", "status": status, "number_of_nodes": 3}
    return Said(body={**told, "unassigned_shards": unassigned})


def _elastic_error(status: int, sentence: str) -> Said:
    kind = "security_exception" if status in {401, 403} else "exception"
    return Said(status=status, body={"error": {"type": kind, "reason": sentence}, "status": status})


ELASTICSEARCH = Service(
    given=in_header("authorization", "ApiKey "),
    answers={
        "/": {"cluster_name": "search", "version": {"number": "9.2.1"}},
        "/_cluster/health": _cluster,
        **{f"/{name}/_count": {"count": count} for name, count in _INDICES.items()},
    },
    error=_elastic_error,
)


def _session(asked: Asked, mood: Mood) -> Said:
    del mood
    name = basic(asked).partition(":")[0] or None
    return Said(body={"ok": True, "userCtx": {"name": name, "roles": []}})


def _up(asked: Asked, mood: Mood) -> Said:
    del asked
    if mood is Mood.OK:
        return Said(body={"status": "ok"})
    return Said(status=404, body={"status": "maintenance_mode"})


def _couchdb_error(status: int, sentence: str) -> Said:
    words = {401: "unauthorized", 403: "forbidden", 404: "not_found"}
    return Said(status=status, body={"error": words.get(status, "error"), "reason": sentence})


COUCHDB = Service(
    given=basic,
    answers={
        "/": {"couchdb": "Welcome", "version": "3.5.1", "vendor": {"name": "Simulated"}},
        "/_session": _session,
        "/_up": _up,
        **{f"/{name}": {"db_name": name, "doc_count": n} for name, n in _DOCUMENTS.items()},
    },
    error=_couchdb_error,
)
