"""The forms of a channel and of a route, new or edited; a channel is tried before it is saved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from engine.alerts import fields
from engine.alerts.hours import show_hours
from tui.alerts.entries import Entry, channel_entry, route_entry
from tui.inventory.answer import Answer
from tui.inventory.form import DraftForm
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.alerts import Channel, Route
    from engine.fields import FieldSpec
    from tui.desk import Desk

_SECRETS = (fields.URL.name, fields.SIGNING.name)
_WORDS = {
    "apprise": "apprise: a service by its URL",
    "webhook": "webhook: JSON to a URL",
    "bell": "bell of open dashboards",
    "desktop": "desktop notification of open dashboards",
}


class ChannelForm(DraftForm[Entry]):
    """Answers with the channel after saving; None when it was left."""

    NOUN = "channel"

    def texts(self, detail: Entry) -> dict[str, str]:
        """Return a channel as texts; never its URL."""
        channel = _channel(detail)
        return {
            fields.NAME.name: channel.name,
            fields.TYPE.name: channel.type,
            fields.PER_HOUR_FIELD.name: str(channel.per_hour),
            fields.TITLE.name: channel.title_template or "",
            fields.BODY.name: channel.body_template or "",
            fields.AGAIN.name: str(channel.options.get("again") or fields.NO),
            fields.IN_USE.name: _yes(channel.enabled),
        }

    def first_sections(self) -> tuple[Section, ...]:
        """Return the fields; one that is there keeps its type."""
        if self.edited is None:
            return self._of(fields.TYPE.default)
        specs = fields.channel_fields(_channel(self.edited).type)
        return (Section(title="", fields=tuple(one for one in specs if one is not fields.TYPE)),)

    def _of(self, kind: str) -> tuple[Section, ...]:
        first = (fields.NAME, fields.TYPE)
        rest = tuple(spec for spec in fields.channel_fields(kind) if spec not in first)
        return Section(title="", fields=first), Section(title="", fields=rest)

    def sections_after(self, name: str, value: str) -> tuple[Section, ...] | None:
        """Ask for the fields of another type."""
        new = self.edited is None and name == fields.TYPE.name
        return self._of(value) if new else None

    def titles(self) -> Mapping[str, str]:
        """Return words for the types."""
        return _WORDS

    def stored(self, values: Mapping[str, str]) -> frozenset[str]:  # noqa: ARG002 - the base's own
        """Return which secrets are there already."""
        if self.edited is None:
            return frozenset()
        channel = _channel(self.edited)
        there = {fields.URL.name: channel.credential_ref, fields.SIGNING.name: _signed(channel)}
        return frozenset(name for name, found in there.items() if found)

    def field_of(self, field: str) -> str:
        """Return the field that is to blame."""
        return fields.URL.name if field in {"credential_ref", "secret"} else field

    async def test(self, values: dict[str, str]) -> Answer:
        """Say a word through it, for real."""
        workspace = await self.desk.workspace()
        done = await workspace.alerts.test_draft(
            self.desk.tenant_id,
            self._type(values),
            channel_id=None if self.edited is None else self.edited.id,
            **_typed_secrets(values),
        )
        return Answer(
            state="healthy" if done.ok else "failing",
            message=done.message,
            latency_ms=done.latency_ms,
            checked_at=self.desk.now(),
        )

    async def create(self, values: dict[str, str]) -> Entry:
        """Add the channel."""
        workspace = await self.desk.workspace()
        plain = {name: value for name, value in values.items() if name not in _SECRETS}
        name, kind = plain.pop(fields.NAME.name), plain.pop(fields.TYPE.name)
        made = await workspace.alerts.add_channel(
            self.desk.tenant_id, name, kind, **_typed_secrets(values), **plain
        )
        return channel_entry(made)

    async def update(
        self,
        edited: Entry,
        values: dict[str, str],  # noqa: ARG002 - what was not changed stays
        changed: dict[str, str],
    ) -> Entry:
        """Save what was changed."""
        workspace = await self.desk.workspace()
        plain: dict[str, Any] = {
            name: value for name, value in changed.items() if name not in _SECRETS
        }
        made = await workspace.alerts.edit_channel(
            edited.tenant_id,
            edited.id,
            expected_version=edited.version,
            **_typed_secrets(changed),
            **plain,
        )
        return channel_entry(made)

    async def latest(self, edited: Entry) -> Entry:
        """Return the channel as it is now."""
        workspace = await self.desk.workspace()
        return channel_entry(await workspace.alerts.get_channel(edited.tenant_id, edited.id))

    def _type(self, values: Mapping[str, str]) -> str:
        return values[fields.TYPE.name] if self.edited is None else _channel(self.edited).type


class RouteForm(DraftForm[Entry]):
    """Answers with the route after saving; None when it was left.

    Args:
        desk: The board's own.
        detail: The route to edit; None for a new one.
        channels: The tenant's channels, one of which it leads to.
    """

    NOUN = "route"
    TESTS: ClassVar[bool] = False

    def __init__(
        self, desk: Desk, detail: Entry | None = None, *, channels: Sequence[Channel]
    ) -> None:
        self._channels = {channel.name: channel.id for channel in channels}
        super().__init__(desk, detail)

    def texts(self, detail: Entry) -> dict[str, str]:
        """Return a route as texts."""
        route = _route(detail)
        return {
            fields.CHANNEL.name: route.channel_name,
            fields.SEVERITY.name: route.severity,
            fields.CAUSE.name: route.cause or fields.ANY,
            fields.KIND.name: route.kind or fields.ANY,
            fields.TAG.name: route.tag or "",
            fields.TECHNOLOGY.name: route.technology or "",
            fields.HOURS.name: show_hours(route.hours),
            fields.TIMEZONE.name: str(route.hours.get("timezone", "")),
            fields.WAIT.name: str(route.wait_s),
            fields.REMIND.name: str(route.remind_s),
            fields.ON_RECOVERY.name: _yes(route.on_recovery),
            fields.ON_ACKNOWLEDGED.name: _yes(route.on_acknowledged),
            fields.ALL_TENANTS.name: _yes(route.all_tenants),
            fields.IN_USE.name: _yes(route.enabled),
        }

    def first_sections(self) -> tuple[Section, ...]:
        """Return the fields: always the same."""
        return (Section(title="", fields=tuple(map(self._spec, fields.ROUTE_FIELDS))),)

    def _spec(self, spec: FieldSpec) -> FieldSpec:
        """Return a field; of the channel there is a choice."""
        if spec is not fields.CHANNEL or not self._channels:
            return spec
        return replace(spec, kind="choice", choices=tuple(self._channels))

    async def create(self, values: dict[str, str]) -> Entry:
        """Add the route."""
        workspace = await self.desk.workspace()
        plain = dict(values)
        channel = self._channel_id(plain.pop(fields.CHANNEL.name))
        made = await workspace.alerts.add_route(self.desk.tenant_id, channel, **plain)
        return route_entry(made)

    async def update(self, edited: Entry, values: dict[str, str], changed: dict[str, str]) -> Entry:
        """Save what was changed."""
        workspace = await self.desk.workspace()
        plain = dict(changed)
        to = plain.pop(fields.CHANNEL.name, None)
        if {fields.HOURS.name, fields.TIMEZONE.name} & plain.keys():
            both = (fields.HOURS.name, fields.TIMEZONE.name)
            plain |= {name: values[name] for name in both}
        made = await workspace.alerts.edit_route(
            edited.tenant_id,
            edited.id,
            expected_version=edited.version,
            channel_id=None if to is None else self._channel_id(to),
            **plain,
        )
        return route_entry(made)

    async def latest(self, edited: Entry) -> Entry:
        """Return the route as it is now."""
        workspace = await self.desk.workspace()
        return route_entry(await workspace.alerts.get_route(edited.tenant_id, edited.id))

    def _channel_id(self, name: str) -> str:
        return self._channels.get(name, name)


def _typed_secrets(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the secrets that were typed, by the facade's names."""
    return {name: values[name] for name in _SECRETS if values.get(name)}


def _channel(entry: Entry) -> Channel:
    assert entry.channel is not None  # noqa: S101 - this form is of channels
    return entry.channel


def _route(entry: Entry) -> Route:
    assert entry.route is not None  # noqa: S101 - this form is of routes
    return entry.route


def _signed(channel: Channel) -> bool:
    return bool(channel.options.get("signed"))


def _yes(value: bool) -> str:
    return fields.YES if value else fields.NO
