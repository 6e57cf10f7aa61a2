"""What screens and the command line ask about alerts: channels, routes, what was told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from engine.alerts import given
from engine.alerts.given import Edit, Secrets
from engine.alerts.model import LOCAL, AlertPage, Channel, ChannelTest, LocalAlert, Route
from engine.alerts.speaking import Speaker
from engine.hop import default_facade
from engine.order import require_limit
from engine.readiness import ready

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from engine.alerts.changing import Keeper
    from engine.alerts.model import Alert
    from engine.alerts.webhook import Sends
    from engine.credentials import CredentialStore
    from engine.hop import Hop
    from storage.filters import Term
    from storage.paging import Anchor

T = TypeVar("T")
_NONE = Secrets()
_NEEDED = ("engine.alerts.changing",)


class AlertsFacade:
    """Everything about who is told. Any method may raise WorkspaceError.

    Args:
        hop: The way to the database.
        credentials: Where URLs and signing secrets are kept.
        http_client: Gives what sends requests, at first use.
    """

    def __init__(
        self, hop: Hop, *, credentials: CredentialStore, http_client: Callable[[], Sends]
    ) -> None:
        self._hop = hop
        self._credentials = credentials
        self._speaker = Speaker(hop, credentials, http_client)

    # Channels

    async def list_channels(self, tenant_id: str) -> tuple[Channel, ...]:
        """Return a tenant's channels by name; their URLs are not in them."""

        def work(connection: Connection) -> tuple[Channel, ...]:
            from engine.alerts.changing import channel_of
            from storage.alerts import ChannelsDriver

            return tuple(map(channel_of, ChannelsDriver(connection).of_tenant(tenant_id)))

        return await self._hop.read(work)

    async def get_channel(self, tenant_id: str, channel_id: str) -> Channel:
        """Return one channel.

        Raises:
            NotFound: This tenant has none such.
        """

        def work(connection: Connection) -> Channel:
            from engine.alerts.changing import channel_of

            return channel_of(self._keeper(connection).channel(tenant_id, channel_id))

        return await self._hop.read(work)

    async def add_channel(  # noqa: PLR0913 - a secret each, by name
        self,
        tenant_id: str,
        name: str,
        type: str,  # noqa: A002 - the field's own name
        *,
        url: str | None = None,
        url_ref: str | None = None,
        signing: str | None = None,
        signing_ref: str | None = None,
        **fields: Any,
    ) -> Channel:
        """Add a channel; its secrets are encrypted before they are stored.

        Args:
            tenant_id: Whose.
            name: What people call it.
            type: apprise, webhook, bell or desktop.
            url: Where alerts go, to be encrypted.
            url_ref: Where that URL already is, such as vault://…
            signing: What signs a webhook's requests, to be encrypted.
            signing_ref: Where that already is.
            fields: More of `engine.alerts.fields.channel_fields` by name.

        Raises:
            InvalidInput: A value cannot be used, or the name is taken.
            NotFound: There is no such tenant.
        """
        secrets = Secrets(url=url, url_ref=url_ref, signing=signing, signing_ref=signing_ref)
        values = given.channel_values({"name": name, **fields}, type)
        given.require_secrets(secrets, type)
        place = await given.place_of(type, url) if url else ""
        return await self._write(
            lambda keeper: keeper.add_channel(tenant_id, type, values, secrets, place),
            secrets=secrets,
        )

    async def edit_channel(  # noqa: PLR0913 - a secret each, by name
        self,
        tenant_id: str,
        channel_id: str,
        *,
        expected_version: int | None = None,
        url: str | None = None,
        url_ref: str | None = None,
        signing: str | None = None,
        signing_ref: str | None = None,
        unsigned: bool = False,
        **changes: Any,
    ) -> Channel:
        """Change what is given of a channel; its type stays. `unsigned` ends signing.

        Raises:
            EditConflict: It is not at `expected_version` any more.
            NotFound: This tenant has none such.
            InvalidInput: A value cannot be used, or the name is taken.
        """
        kind = (await self.get_channel(tenant_id, channel_id)).type
        secrets = Secrets(
            url=url,
            url_ref=url_ref,
            signing=signing,
            signing_ref=signing_ref,
            unsigned=unsigned,
        )
        values = given.channel_values(changes, kind)
        given.require_secrets(secrets, kind)
        place = await given.place_of(kind, url) if url else None
        if url_ref:
            place = ""
        edit = Edit(values=values, secrets=secrets, place=place, expected_version=expected_version)
        return await self._write(
            lambda keeper: keeper.edit_channel(tenant_id, channel_id, edit), secrets=secrets
        )

    async def delete_channel(self, tenant_id: str, channel_id: str) -> Channel:
        """Delete a channel with its routes and secrets; what it told stays in the log.

        Raises:
            NotFound: This tenant has none such.
        """
        return await self._write(
            lambda keeper: keeper.delete_channel(tenant_id, channel_id), durable=True
        )

    async def test_channel(self, tenant_id: str, channel_id: str) -> ChannelTest:
        """Say a word through a channel, for real; bells and desktops of open dashboards too.

        Raises:
            NotFound: This tenant has none such.
            ReadOnlyRefused: The run is read-only.
        """
        from engine.alerts.testing import test_channel

        self._hop.require_writable()
        return await test_channel(self._hop, self._speaker, tenant_id, channel_id)

    async def test_draft(  # noqa: PLR0913 - a secret each, by name
        self,
        tenant_id: str,
        type: str,  # noqa: A002 - the field's own name
        *,
        url: str | None = None,
        url_ref: str | None = None,
        signing: str | None = None,
        signing_ref: str | None = None,
        channel_id: str | None = None,
    ) -> ChannelTest:
        """Say a word through what is not saved yet; nothing is recorded.

        Secrets that are not given are those of the channel `channel_id`, which is edited.

        Raises:
            InvalidInput: There is no URL, or it cannot be used.
            NotFound: This tenant has no such channel.
        """
        from engine.alerts.testing import Draft, test_draft

        self._hop.require_writable()
        if url and type not in LOCAL:
            await given.place_of(type, url)
        secrets = Secrets(url=url, url_ref=url_ref, signing=signing, signing_ref=signing_ref)
        draft = Draft(tenant_id=tenant_id, type=type, secrets=secrets, channel_id=channel_id)
        return await test_draft(self._hop, self._speaker, draft)

    # Routes

    async def list_routes(self, tenant_id: str) -> tuple[Route, ...]:
        """Return a tenant's routes by the names of their channels."""

        def work(connection: Connection) -> tuple[Route, ...]:
            from engine.alerts.changing import route_of
            from storage.alerts import RoutesDriver

            return tuple(map(route_of, RoutesDriver(connection).of_tenant(tenant_id)))

        return await self._hop.read(work)

    async def get_route(self, tenant_id: str, route_id: str) -> Route:
        """Return one route; raises NotFound."""

        def work(connection: Connection) -> Route:
            from engine.alerts.changing import route_of

            return route_of(self._keeper(connection).route(tenant_id, route_id))

        return await self._hop.read(work)

    async def add_route(self, tenant_id: str, channel_id: str, **fields: Any) -> Route:
        """Add a route to a channel.

        Args:
            tenant_id: Whose.
            channel_id: Where it leads.
            fields: Of `engine.alerts.fields.ROUTE_FIELDS` by name; what is not given leaves
                nothing out.

        Raises:
            NotFound: This tenant has no such channel.
            InvalidInput: A value cannot be used; `field` names it.
        """
        values = given.route_values(fields)
        return await self._write(lambda keeper: keeper.add_route(tenant_id, channel_id, values))

    async def edit_route(
        self,
        tenant_id: str,
        route_id: str,
        *,
        expected_version: int | None = None,
        channel_id: str | None = None,
        **changes: Any,
    ) -> Route:
        """Change what is given of a route.

        Raises:
            EditConflict: It is not at `expected_version` any more.
            NotFound: This tenant has none such, or no such channel.
            InvalidInput: A value cannot be used; `field` names it.
        """
        if "timezone" in changes and "hours" not in changes:
            changes["hours"] = _shown(await self.get_route(tenant_id, route_id))
        values = given.route_values(changes)
        return await self._write(
            lambda keeper: keeper.edit_route(
                tenant_id, route_id, values, channel_id, expected_version
            )
        )

    async def delete_route(self, tenant_id: str, route_id: str) -> Route:
        """Delete a route; raises NotFound."""
        return await self._write(lambda keeper: keeper.delete_route(tenant_id, route_id))

    # What was told

    async def page(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        incident: int | None = None,
        channel: str | None = None,
        terms: Sequence[Term] = (),
        query: str = "",
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> AlertPage:
        """Return one page of what was, or is to be, told, newest first.

        Raises:
            InvalidInput: The limit is not 1 to 1,000.
        """
        require_limit(limit)
        wanted = _terms(terms, query)

        def work(connection: Connection) -> AlertPage:
            from engine.alerts.looking import alert_of
            from storage.alerts import AlertLog

            found = AlertLog(connection).page(
                tenant_id,
                incident=incident,
                channel=channel,
                terms=wanted,
                roles=self._hop.settings.roles,
                anchor=anchor,
                limit=limit,
            )
            return AlertPage(items=tuple(map(alert_of, found.rows)), keys=found.keys)

        return await self._hop.read(work)

    async def count(
        self,
        tenant_id: str,
        *,
        incident: int | None = None,
        channel: str | None = None,
        terms: Sequence[Term] = (),
        query: str = "",
    ) -> int:
        """Return how many match."""
        wanted = _terms(terms, query)

        def work(connection: Connection) -> int:
            from storage.alerts import AlertLog

            return AlertLog(connection).count(
                tenant_id,
                incident=incident,
                channel=channel,
                terms=wanted,
                roles=self._hop.settings.roles,
            )

        return await self._hop.read(work)

    async def resend(self, tenant_id: str, alert_id: int) -> Alert:
        """Let an alert be sent again that failed, was dropped, or may not have arrived.

        Raises:
            NotFound: This tenant has none such.
            LifecycleRefused: It was told, or is about to be, or was a test.
        """
        from engine.alerts.looking import resend

        return await self._hop.write(
            partial(resend, run=self._hop, tenant_id=tenant_id, alert_id=alert_id)
        )

    async def local(self, tenant_id: str, since_id: int) -> tuple[LocalAlert, ...]:
        """Return what an open dashboard is to carry out since one that it knows, oldest first."""
        from engine.alerts.looking import local

        return await self._hop.read(partial(local, tenant_id=tenant_id, since_id=since_id))

    async def last_id(self, tenant_id: str) -> int:
        """Return the id of the last of these; 0 where there never was one."""
        from engine.alerts.looking import last_id

        return await self._hop.read(partial(last_id, tenant_id=tenant_id))

    async def _write(
        self, work: Callable[[Keeper], T], *, secrets: Secrets = _NONE, durable: bool = False
    ) -> T:
        self._hop.require_writable()
        stores = bool(secrets.url or secrets.signing)
        await ready(_NEEDED, self._credentials if stores else None)
        return await self._hop.write(
            lambda connection: work(self._keeper(connection)), durable=durable or stores
        )

    def _keeper(self, connection: Connection) -> Keeper:
        from engine.alerts.changing import Keeper

        return Keeper(connection, self._hop, self._credentials)


def _shown(route: Route) -> str:
    from engine.alerts.hours import show_hours

    return show_hours(route.hours)


def _terms(terms: Sequence[Term], query: str) -> tuple[Term, ...]:
    from engine.filters import parse_filter

    return (*terms, *parse_filter(query))


def get_alerts_facade() -> AlertsFacade:
    """Return the facade of the process's default workspace."""
    return cast("AlertsFacade", default_facade("alerts"))
