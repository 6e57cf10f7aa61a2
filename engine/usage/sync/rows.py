"""Feeds as rows: found by their integration, and told without what is secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.usage.period import date_of
from engine.usage.sync.results import FeedResult
from engine.usage.sync.settings import FeedSettings
from engine.usage.sync.source import ORIGIN_ENDING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.usage.sync.source import UsageSource
    from storage.integrations import IntegrationRow
    from storage.usage.driver import UsageDriver
    from storage.usage.rows import FeedRow


def is_count(row: FeedRow) -> bool:
    """Tell whether a feed is a provider's own count, and not a file's position."""
    return row.origin.endswith(ORIGIN_ENDING) and row.integration_id is not None


def name_of(source: UsageSource, integration_id: str) -> str:
    """Return what the feed of an integration is called."""
    return f"{source.origin}:{integration_id}"


def feed_of(connection: Connection, tenant_id: str, integration: str) -> FeedRow:
    """Return the feed of an integration, named by id or name; raises NotFound."""
    thing = integration_of(connection, tenant_id, integration)
    rows = [row for row in driver(connection).feeds(tenant_id) if is_count(row)]
    found = next((row for row in rows if row.integration_id == thing.id), None)
    if found is None:
        raise NotFound(
            f"What the provider of {thing.name!r} has counted is not read yet.",
            hint=f"Set it up: lampboard usage sync {thing.name} --set-up --credential-prompt",
        )
    return found


def integration_of(connection: Connection, tenant_id: str, said: str) -> IntegrationRow:
    """Return the integration of that id or name; raises NotFound."""
    from storage.integrations import IntegrationsDriver
    from storage.usage.places import places

    place = places(connection, tenant_id, {said}).get(said)
    row = None
    if place is not None:
        row = IntegrationsDriver(connection).get(tenant_id, place.integration_id)
    if row is None:
        raise NotFound(
            f"There is no integration {said[:80]!r} in tenant {tenant_id[:80]!r}.",
            hint="See `lampboard integrations list`.",
        )
    return row


def name_of_thing(connection: Connection, row: FeedRow) -> str:
    """Return what people call the integration of a feed; its id once it is deleted."""
    try:
        return integration_of(connection, row.tenant_id, row.integration_id or "").name
    except NotFound:
        return row.integration_id or ""


def drop_feeds(
    connection: Connection, credentials: CredentialStore, tenant_id: str, integration_id: str
) -> None:
    """Forget the feeds of an integration that is deleted, and their admin keys."""
    for row in driver(connection).feeds(tenant_id):
        if is_count(row) and row.integration_id == integration_id:
            driver(connection).drop_feed(tenant_id, row.name)
            credentials.forget(connection, tenant_id, row.credential_ref)


def told(row: FeedRow, name: str) -> FeedResult:
    """Return what may be shown of a feed."""
    settings = FeedSettings.from_config(row.config)
    through = row.cursor.get("through")
    return FeedResult(
        tenant_id=row.tenant_id,
        name=row.name,
        origin=row.origin,
        integration_id=row.integration_id or "",
        integration=name,
        credential_ref=row.credential_ref,
        every_s=settings.every_s,
        since=settings.since,
        base_url=settings.base_url,
        only=settings.only,
        through=date_of(through) if isinstance(through, int) else None,
        due_at=row.due_at,
        read_at=row.read_at,
        error=row.error,
    )


def driver(connection: Connection) -> UsageDriver:
    """Return the driver of usage, which brings SQLAlchemy."""
    from storage.usage.driver import UsageDriver

    return UsageDriver(connection)
