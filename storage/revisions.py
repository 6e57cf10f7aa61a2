"""One counter a concept, so that screens can watch for changes without reading tables.

Counters are raised together, right before the commit, and in the order of their names: on a
shared server two writers that raised them as they went would wait for each other in a circle,
and a counter raised early would hold up every other writer for the rest of the transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text

from storage.tables import revisions as table

if TYPE_CHECKING:
    from sqlalchemy import Connection

CONCEPTS = (
    *("activity", "alerts", "connectors", "credentials", "gateway", "health", "incidents"),
    *("integrations", "limits", "monitors", "prevention", "silences", "sources", "tenants"),
    "usage",
)
OF_KIND = {"integration": "integrations", "source": "sources", "connector": "connectors"}
_PENDING = "lampboard_changed"
_RAISE = text(
    "INSERT INTO revisions (concept, revision) VALUES (:concept, 1) "
    "ON CONFLICT (concept) DO UPDATE SET revision = revisions.revision + 1"
)
# One round trip for all of them, in their order, and everybody who listens is told at the commit.
# The server lets nobody else commit meanwhile who tells something, for as long as it takes to
# queue this; writers wait for each other at the counters anyway.
_RAISE_AND_TELL = text(
    "WITH raised AS (INSERT INTO revisions (concept, revision) "
    "SELECT said, 1 FROM unnest(CAST(:concepts AS text[])) AS said "
    "ON CONFLICT (concept) DO UPDATE SET revision = revisions.revision + 1 "
    "RETURNING concept, revision) "
    "SELECT pg_notify('lampboard_' || CAST(CAST('revisions' AS regclass) AS oid), "
    "string_agg(concept || '=' || revision, ' ')) FROM raised"
)
_TELL = text(
    "SELECT pg_notify('lampboard_' || CAST(CAST('revisions' AS regclass) AS oid), "
    "string_agg(concept || '=' || revision, ' ')) FROM revisions HAVING count(*) > 0"
)
_READ = select(table.c.concept, table.c.revision)


def bump(connection: Connection, concept: str) -> None:
    """Notes that a concept changed in this transaction; its counter rises at the commit."""
    connection.info.setdefault(_PENDING, set()).add(concept)


def flush(connection: Connection) -> None:
    """Raises the counters of what changed in this transaction; `Database.write` calls it."""
    changed = connection.info.pop(_PENDING, None)
    if not changed:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_RAISE_AND_TELL, {"concepts": sorted(changed)})
    else:
        connection.execute(_RAISE, [{"concept": concept} for concept in sorted(changed)])


def tell(connection: Connection) -> None:
    """Tells everybody who listens of all counters as they stand, at the commit."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TELL)


def forget(connection: Connection) -> None:
    """Drops what was noted, because the transaction did not come to its commit."""
    connection.info.pop(_PENDING, None)


def read(connection: Connection) -> dict[str, int]:
    """Gives every concept's counter; one that never changed is 0."""
    found = {concept: revision for concept, revision in connection.execute(_READ)}  # noqa: C416
    return {concept: found.get(concept, 0) for concept in CONCEPTS}
