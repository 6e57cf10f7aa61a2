"""The feeds of providers' own counts: set up, listed, read now, read when they are due.

Every window of days is one transaction with its cursor, so a run that is killed goes on there;
what it had read is there, and nothing is counted twice.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.errors import InvalidInput, LampboardError, WorkspaceError
from engine.usage.sync.feed_reading import Reading
from engine.usage.sync.registry import get_source
from engine.usage.sync.rows import (
    driver,
    feed_of,
    integration_of,
    is_count,
    name_of,
    name_of_thing,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.hop import Hop
    from engine.usage.sync.reading import Sends
    from engine.usage.sync.results import FeedResult, SyncResult
    from engine.usage.sync.settings import FeedSettings
    from engine.usage.sync.source import UsageSource
    from storage.integrations import IntegrationRow
    from storage.usage.rows import FeedRow

LEASE_S = 600
"""How long a feed that a monitor took is its alone: it is read again after, should that die."""

_DUE_AT_ONCE = 20


class UsageFeeds:
    """Everything about feeds of providers' own counts.

    Args:
        hop: The way to the database.
        credentials: Where admin keys are kept.
        client: Gives what sends requests, at first use.
    """

    def __init__(self, hop: Hop, credentials: CredentialStore, client: Callable[[], Sends]) -> None:
        self._hop = hop
        self._credentials = credentials
        self._client = client

    async def set_up(
        self,
        tenant_id: str,
        integration: str,
        settings: FeedSettings,
        *,
        credential_ref: str | None = None,
        secret: str | None = None,
    ) -> FeedResult:
        """Make the feed of an integration, or change it; an admin key is needed the first time.

        Raises:
            NotFound: This tenant has no such integration.
            InvalidInput: Its provider's count cannot be read, or a value cannot be used.
        """
        if secret is not None:
            await asyncio.to_thread(self._credentials.prepare)

        def work(connection: Connection) -> FeedResult:
            thing = integration_of(connection, tenant_id, integration)
            source = get_source(thing.provider_type)
            before = driver(connection).get_feed(tenant_id, name_of(source, thing.id))
            ref = self._reference(connection, before, thing, credential_ref, secret)
            row = self._row(before, thing, source, settings.checked(source), ref)
            driver(connection).put_feed(row)
            driver(connection).point_feed(row, self._hop.clock.now())
            if before is not None and before.credential_ref != ref:
                self._credentials.forget(connection, tenant_id, before.credential_ref)
            found = told(row, thing.name)
            self._note(connection, "set_up", found, row.config)
            return found

        return await self._hop.write(work, durable=secret is not None)

    def _note(
        self, connection: Connection, what: str, feed: FeedResult, detail: Mapping[str, object]
    ) -> None:
        from engine.activity.record import note

        note(
            connection,
            self._hop,
            feed.tenant_id,
            action=f"usage_feed.{what}",
            concept="usage",
            thing_id=feed.integration_id,
            thing_name=feed.integration,
            detail=detail,
        )

    def _reference(
        self,
        connection: Connection,
        before: FeedRow | None,
        thing: IntegrationRow,
        credential_ref: str | None,
        secret: str | None,
    ) -> str:
        if secret is not None:
            label = f"admin key of {thing.name}"
            return self._credentials.store(connection, thing.tenant_id, secret, label)
        if credential_ref is not None:
            return self._credentials.require(connection, thing.tenant_id, credential_ref)
        if before is not None and before.credential_ref:
            return before.credential_ref
        source = get_source(thing.provider_type)
        raise InvalidInput(
            f"To read what {source.title} has counted takes an {source.key_label}.",
            hint=f"{source.key_help} Give it with --credential-stdin.",
            field="secret",
        )

    def _row(
        self,
        before: FeedRow | None,
        thing: IntegrationRow,
        source: UsageSource,
        settings: FeedSettings,
        ref: str,
    ) -> FeedRow:
        from storage.usage.rows import FeedRow

        config = settings.to_config()
        # Another span or another part of the organization is read from its start.
        same = before is not None and {**before.config, "every_s": 0} == {**config, "every_s": 0}
        return FeedRow(
            tenant_id=thing.tenant_id,
            name=name_of(source, thing.id),
            origin=source.origin,
            integration_id=thing.id,
            credential_ref=ref,
            config=config,
            cursor=before.cursor if before is not None and same else {},
            due_at=self._hop.clock.now() if settings.every_s else None,
            read_at=before.read_at if before is not None else None,
        )

    async def list_all(self, tenant_id: str) -> tuple[FeedResult, ...]:
        """Return the feeds of a tenant, by name."""

        def work(connection: Connection) -> tuple[FeedResult, ...]:
            rows = [row for row in driver(connection).feeds(tenant_id) if is_count(row)]
            return tuple(told(row, name_of_thing(connection, row)) for row in rows)

        return await self._hop.read(work)

    async def remove(self, tenant_id: str, integration: str) -> FeedResult:
        """Forget a feed and its admin key; what was read stays.

        Raises:
            NotFound: There is none.
        """

        def work(connection: Connection) -> FeedResult:
            row = feed_of(connection, tenant_id, integration)
            found = told(row, name_of_thing(connection, row))
            driver(connection).drop_feed(tenant_id, row.name)
            self._credentials.forget(connection, tenant_id, row.credential_ref)
            self._note(connection, "removed", found, {})
            return found

        return await self._hop.write(work, durable=True)

    async def sync(self, tenant_id: str, integration: str) -> SyncResult:
        """Read one feed now, to its end or to what stops it, which the result tells.

        Raises:
            NotFound: There is no such feed.
            ReadOnlyRefused: The run is read-only.
        """
        self._hop.require_writable()
        row = await self._hop.read(lambda connection: feed_of(connection, tenant_id, integration))
        return await self._read(row)

    async def sync_all(self, tenant_id: str) -> tuple[SyncResult, ...]:
        """Read all feeds of a tenant, one after the other."""
        self._hop.require_writable()
        rows = await self._hop.read(lambda connection: driver(connection).feeds(tenant_id))
        return tuple([await self._read(row) for row in rows if is_count(row)])

    async def sync_due(self) -> tuple[SyncResult, ...]:
        """Read the feeds of all tenants that are due; for the monitor.

        They are taken first, so that another monitor passes them over; one that dies leaves
        them due again after LEASE_S.
        """
        rows = await self._hop.read(self._due)
        if not rows:
            return ()
        taken = await self._hop.write(self._take)
        return tuple([await self._read(row) for row in taken])

    def _due(self, connection: Connection) -> Sequence[FeedRow]:
        rows = driver(connection).due_feeds(self._hop.clock.now(), limit=_DUE_AT_ONCE)
        return [row for row in rows if is_count(row)]

    def _take(self, connection: Connection) -> Sequence[FeedRow]:
        until = self._hop.clock.now() + timedelta(seconds=LEASE_S)
        rows = [replace(row, due_at=until) for row in self._due(connection)]
        for row in rows:
            driver(connection).put_feed(row)
        return rows

    async def _read(self, row: FeedRow) -> SyncResult:
        """Read a feed; what stops it is kept with it, and in the result."""
        reading = Reading(self._hop, self._credentials, self._client, row)
        error: LampboardError | None = None
        try:
            await reading.run()
        except WorkspaceError:
            raise  # then nothing can be kept either, and the monitor tries again
        except LampboardError as found:
            error = found
        await reading.end(error)
        return reading.result(error)
