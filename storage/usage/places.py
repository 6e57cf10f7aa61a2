"""Which integration a record means: by its id, or by its name in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from storage.limits.rows import IntegrationKey
from storage.tables import integrations

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import BindParameter, Connection

_FOUND = (
    select(integrations.c.id, integrations.c.sort_name, integrations.c.provider_type)
    .where(integrations.c.tenant_id == bindparam("tenant", required=True))
    .where(integrations.c.deleted_at.is_(None))
)
_WORDS: BindParameter[Any] = bindparam("words", expanding=True, required=True)
_BY_ID = _FOUND.where(integrations.c.id.in_(_WORDS))
_BY_NAME = _FOUND.where(integrations.c.sort_name.in_(_WORDS))

_OF_PROVIDER = (
    select(integrations.c.id)
    .where(integrations.c.tenant_id == bindparam("tenant", required=True))
    .where(integrations.c.provider_type == bindparam("provider", required=True))
    .where(integrations.c.deleted_at.is_(None))
    .limit(bindparam("limit", required=True))
)


def places(
    connection: Connection, tenant_id: str, words: Collection[str]
) -> dict[str, IntegrationKey]:
    """Gives the integration that each word means, by id before name; what none means is out."""
    found: dict[str, IntegrationKey] = {}
    if not words:
        return found
    values = {"tenant": tenant_id, "words": list({word.casefold() for word in words})}
    named = {
        name: IntegrationKey(thing_id, provider)
        for thing_id, name, provider in connection.execute(_BY_NAME, values)
    }
    values["words"] = list(words)
    known = {
        thing_id: IntegrationKey(thing_id, provider)
        for thing_id, _, provider in connection.execute(_BY_ID, values)
    }
    for word in words:
        place = known.get(word) or named.get(word.casefold())
        if place is not None:
            found[word] = place
    return found


def ids_of_provider(
    connection: Connection, tenant_id: str, provider: str, *, limit: int
) -> list[str]:
    """Gives the ids of a tenant's integrations at one provider, a few of them."""
    values = {"tenant": tenant_id, "provider": provider, "limit": limit}
    return list(connection.execute(_OF_PROVIDER, values).scalars())
