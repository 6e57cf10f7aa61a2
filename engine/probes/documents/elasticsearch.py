"""Elasticsearch and OpenSearch: version, the cluster's own health, and an index if one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from engine.probes.http_service import KeyHeader, object_of, open_service, text_of
from engine.probes.refusals import Refused, no_such, wrong_protocol
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt
    from engine.probes.http_service import HttpService

_PORT = 9200
_TITLE = "Elasticsearch"
_KEY = KeyHeader(name="Authorization", prefix="ApiKey ")
# Serverless Elasticsearch has no cluster that one could look at, and says so.
_NO_CLUSTER = 410
_FORBIDDEN = Refused(
    "access_denied",
    "These credentials may not look at the cluster.",
    "Give them the cluster privilege monitor, or use others.",
    status_code=403,
)
_GONE = Refused("no_cluster", "There is no cluster to look at.")


async def probe(attempt: Attempt) -> dict[str, object]:
    """Ask for version and health; yellow is degraded, red failing."""
    service = await open_service(attempt, port=_PORT, key_header=_KEY)
    details = _described(await service.get("/", refusals={403: _FORBIDDEN}))
    if index := attempt.place.database:
        details["documents"] = await _documents(service, index)
    health = await _health(service)
    details |= {
        name: health[name] for name in ("cluster_name", "number_of_nodes") if health.get(name)
    }
    _require_green(health, details)
    return details


async def _health(service: HttpService) -> dict[str, Any]:
    try:
        found = await service.get(
            "/_cluster/health", refusals={403: _FORBIDDEN, _NO_CLUSTER: _GONE}
        )
    except Refused as refused:
        if refused is _GONE:
            return {}
        raise
    return object_of(found, _TITLE)


async def _documents(service: HttpService, index: str) -> int:
    absent = no_such("index", index, "Check the index's name; an alias will do as well.")
    forbidden = Refused(
        "access_denied",
        f"These credentials may not read the index {index}.",
        "Give them the index privilege read, or use others.",
        status_code=403,
    )
    answer = await service.get(
        f"/{quote(index, safe='')}/_count", refusals={403: forbidden, 404: absent}
    )
    count = object_of(answer, _TITLE).get("count")
    return count if isinstance(count, int) else 0


def _described(root: object) -> dict[str, object]:
    body = object_of(root, _TITLE)
    version = body.get("version")
    if not isinstance(version, dict) or not text_of(version.get("number")):
        raise wrong_protocol(_TITLE)
    title = "OpenSearch" if version.get("distribution") == "opensearch" else _TITLE
    return {"server": f"{title} {version['number']}"}


def _require_green(health: dict[str, Any], details: dict[str, object]) -> None:
    unassigned = health.get("unassigned_shards")
    how_many = f" ({unassigned} shards unassigned)" if unassigned else ""
    if health.get("status") == "red":
        raise Refused(
            "cluster_red",
            f"The cluster is red: a primary shard is missing{how_many}.",
            "Ask /_cluster/allocation/explain why it is not allocated; look at the nodes.",
            details=details,
        )
    if health.get("status") == "yellow":
        raise Refused(
            "cluster_yellow",
            f"The cluster is yellow: replicas are missing{how_many}.",
            "Add a node, or lower number_of_replicas.",
            state=CusHealthState.DEGRADED,
            details=details,
        )
