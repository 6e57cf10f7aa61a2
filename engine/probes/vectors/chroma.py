"""Chroma, over the second version of its HTTP interface."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from engine.probes.http_service import KeyHeader, object_of, open_service, text_of
from engine.probes.refusals import Refused, no_such

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

_TITLE = "Chroma"
_PORT = 8000
_NOT_FOUND = 404
_TENANT, _DATABASE = "default_tenant", "default_database"


async def probe(attempt: Attempt) -> dict[str, object]:
    """Ask for its version, then see the database, and the collection that must be there."""
    place = attempt.place
    service = await open_service(attempt, port=_PORT, key_header=KeyHeader(name="X-Chroma-Token"))
    version = text_of(await service.get("/api/v2/version", refusals={_NOT_FOUND: _too_old()}))
    if not version:
        raise _too_old()
    database = place.database or _DATABASE
    missing = no_such("database", database, "Check tenant and database, or create it.")
    where = f"/api/v2/tenants/{_part(place.option('tenant', _TENANT))}/databases/{_part(database)}"
    found = object_of(await service.get(where, refusals={_NOT_FOUND: missing}), _TITLE)
    details: dict[str, object] = {
        "server": f"{_TITLE} {version}",
        "database": text_of(found.get("name"), database),
    }
    if name := place.option("collection"):
        missing = no_such("collection", name, "Check the collection's name, or create it.")
        await service.get(f"{where}/collections/{_part(name)}", refusals={_NOT_FOUND: missing})
        return details | {"collection": name}
    return details | {"collections": await service.get(f"{where}/collections_count")}


def _part(text: str) -> str:
    return quote(text, safe="")


def _too_old() -> Refused:
    return Refused(
        "wrong_protocol",
        "What answers has no second version of Chroma's interface.",
        "Check host and port; a Chroma before 0.6 must be upgraded.",
    )
