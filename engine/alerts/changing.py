"""What is done to channels and routes on one connection. Loaded in the worker thread only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.activity.record import note
from engine.alerts.fields import PER_HOUR, WAIT_S
from engine.alerts.model import LOCAL, Channel, Route
from engine.alerts.speaking import SIGNING
from engine.errors import InvalidInput, NotFound
from engine.translate import changed_meanwhile
from storage.alerts import ChannelRow, ChannelsDriver, RouteRow, RoutesDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.alerts.given import Edit, Secrets
    from engine.credentials import CredentialStore
    from engine.hop import Run

_KEPT_IN_OPTIONS = ("again", "place")


class Keeper:
    """The rules of channels and routes, on one connection inside a transaction of the caller."""

    def __init__(self, connection: Connection, run: Run, credentials: CredentialStore) -> None:
        self._connection, self._run, self._credentials = connection, run, credentials
        self._channels, self._routes = ChannelsDriver(connection), RoutesDriver(connection)

    # Channels

    def add_channel(
        self, tenant_id: str, kind: str, values: Mapping[str, Any], secrets: Secrets, place: str
    ) -> Channel:
        """Add a channel; see the facade."""
        _require_tenant(self._connection, tenant_id)
        now, name = self._run.clock.now(), str(values["name"])
        url, options = self._secrets(tenant_id, name, secrets, None, {})
        if kind not in LOCAL and url is None:
            raise InvalidInput("The channel needs the URL that alerts go to.", field="url")
        options |= {"place": place} if place else {}
        options |= {one: values[one] for one in ("again",) if values.get(one)}
        row = ChannelRow(
            id=self._run.ids(),
            tenant_id=tenant_id,
            name=name,
            type=kind,
            credential_ref=url,
            options=options,
            title_template=values.get("title_template"),
            body_template=values.get("body_template"),
            per_hour=values.get("per_hour", PER_HOUR),
            enabled=values.get("enabled", True),
            created_at=now,
        )
        self._channels.add(row)
        self._note("channel.created", row, {"type": kind, "place": place})
        return channel_of(row)

    def edit_channel(self, tenant_id: str, channel_id: str, edit: Edit) -> Channel:
        """Change a channel; see the facade."""
        before, values, secrets = self.channel(tenant_id, channel_id), edit.values, edit.secrets
        _require_version(before.version, edit.expected_version)
        changes = {name: value for name, value in values.items() if name != "again"}
        options = dict(before.options) | {one: values[one] for one in values if one == "again"}
        url, options = self._secrets(tenant_id, before.name, secrets, before, options)
        if edit.place is not None:
            options["place"] = edit.place
        changes |= {"credential_ref": url, "options": options}
        row = replace(before, **changes)
        self._channels.change(row, changes, before.version, self._run.clock.now())
        self._let_go(before, row)
        told = sorted({*values, *(["url"] if secrets.url or secrets.url_ref else [])})
        self._note("channel.updated", row, {"changed": told})
        return channel_of(self.channel(tenant_id, channel_id))

    def delete_channel(self, tenant_id: str, channel_id: str) -> Channel:
        """Delete a channel with its routes and secrets; see the facade."""
        before = self.channel(tenant_id, channel_id)
        self._channels.delete(before, self._run.clock.now())
        self._let_go(before, None)
        self._note("channel.deleted", before, {"type": before.type, "routes": before.routes})
        return channel_of(before)

    def channel(self, tenant_id: str, channel_id: str) -> ChannelRow:
        """Return a channel's row; raises NotFound."""
        row = self._channels.get(tenant_id, channel_id)
        if row is None:
            raise NotFound(
                "This tenant has no such channel.",
                hint="`lampboard alerts channels list` shows those that there are.",
                field="channel",
            )
        return row

    def _secrets(
        self,
        tenant_id: str,
        name: str,
        secrets: Secrets,
        before: ChannelRow | None,
        options: Mapping[str, object],
    ) -> tuple[str | None, dict[str, Any]]:
        """Store what was given, and return where the URL is and the options with the rest."""
        url = None if before is None else before.credential_ref
        kept = dict(options)
        if secrets.url or secrets.url_ref:
            url = self._reference(tenant_id, secrets.url, secrets.url_ref, f"URL of {name}")
        if secrets.signing or secrets.signing_ref:
            label = f"signing secret of {name}"
            kept[SIGNING] = self._reference(tenant_id, secrets.signing, secrets.signing_ref, label)
        elif secrets.unsigned:
            kept.pop(SIGNING, None)
        return url, kept

    def _reference(
        self, tenant_id: str, secret: str | None, reference: str | None, label: str
    ) -> str:
        if secret:
            return self._credentials.store(self._connection, tenant_id, secret, label)
        return self._credentials.require(self._connection, tenant_id, reference or "")

    def _let_go(self, before: ChannelRow, after: ChannelRow | None) -> None:
        """Forget the secrets that the channel no longer points to."""
        kept = set() if after is None else {after.credential_ref, after.options.get(SIGNING)}
        for reference in (before.credential_ref, before.options.get(SIGNING)):
            if isinstance(reference, str) and reference not in kept:
                self._credentials.forget(self._connection, before.tenant_id, reference)

    # Routes

    def add_route(self, tenant_id: str, channel_id: str, values: Mapping[str, Any]) -> Route:
        """Add a route; see the facade."""
        channel = self.channel(tenant_id, channel_id)
        usual: dict[str, Any] = {
            "severity": "warning",
            "wait_s": WAIT_S,
            "remind_s": 0,
            "enabled": True,
        }
        usual |= {"on_recovery": True, "on_acknowledged": False, "all_tenants": False}
        row = RouteRow(
            id=self._run.ids(),
            tenant_id=tenant_id,
            channel_id=channel.id,
            created_at=self._run.clock.now(),
            channel_name=channel.name,
            **(usual | dict(values)),
        )
        self._routes.add(row)
        self._note("route.created", channel, {"route": row.id, **_told(values)})
        return route_of(row)

    def edit_route(
        self,
        tenant_id: str,
        route_id: str,
        values: Mapping[str, Any],
        channel_id: str | None,
        expected_version: int | None,
    ) -> Route:
        """Change a route; see the facade."""
        before = self.route(tenant_id, route_id)
        _require_version(before.version, expected_version)
        changes = dict(values)
        if channel_id is not None:
            changes["channel_id"] = self.channel(tenant_id, channel_id).id
        self._routes.change(before.id, changes, before.version, self._run.clock.now())
        after = self.route(tenant_id, route_id)
        channel = self.channel(tenant_id, after.channel_id)
        self._note("route.updated", channel, {"route": route_id, **_told(values)})
        return route_of(after)

    def delete_route(self, tenant_id: str, route_id: str) -> Route:
        """Delete a route; see the facade."""
        before = self.route(tenant_id, route_id)
        self._routes.delete(before)
        channel = self.channel(tenant_id, before.channel_id)
        self._note("route.deleted", channel, {"route": route_id})
        return route_of(before)

    def route(self, tenant_id: str, route_id: str) -> RouteRow:
        """Return a route's row; raises NotFound."""
        row = self._routes.get(tenant_id, route_id)
        if row is None:
            raise NotFound(
                "This tenant has no such route.",
                hint="`lampboard alerts routes list` shows those that there are.",
                field="route",
            )
        return row

    def _note(self, action: str, row: ChannelRow, detail: Mapping[str, object]) -> None:
        note(
            self._connection,
            self._run,
            row.tenant_id,
            action=action,
            concept="alerts",
            thing_id=row.id,
            thing_name=row.name,
            detail=detail,
        )


def channel_of(row: ChannelRow) -> Channel:
    """Return a row as the facade answers with it."""
    names = (
        *("id", "tenant_id", "name", "type", "credential_ref", "title_template", "body_template"),
        *("per_hour", "enabled", "created_at", "updated_at", "last_sent_at", "last_error"),
        *("last_error_at", "routes", "version"),
    )
    told = {name: value for name, value in row.options.items() if name in _KEPT_IN_OPTIONS}
    signed = {"signed": True} if row.options.get(SIGNING) else {}
    return Channel(options=told | signed, **{name: getattr(row, name) for name in names})


def route_of(row: RouteRow) -> Route:
    """Return a row as the facade answers with it."""
    names = (
        *("id", "tenant_id", "channel_id", "channel_name", "all_tenants", "severity", "cause"),
        *("kind", "tag", "technology", "hours", "wait_s", "remind_s", "on_recovery"),
        *("on_acknowledged", "enabled", "created_at", "version"),
    )
    return Route(**{name: getattr(row, name) for name in names})


def _require_version(version: int, expected: int | None) -> None:
    if expected is not None and expected != version:
        raise changed_meanwhile()


def _told(values: Mapping[str, Any]) -> dict[str, object]:
    from engine.jsonable import jsonable

    return {name: jsonable(value) for name, value in values.items()}


def _require_tenant(connection: Connection, tenant_id: str) -> None:
    from storage.tenants import TenantsDriver

    if TenantsDriver(connection).get(tenant_id) is None:
        raise NotFound(
            "There is no such tenant.",
            hint="`lampboard tenants list` shows those that there are.",
            field="tenant",
        )
