"""What is given of channels and routes, checked against their declared fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.alerts.fields import (
    ANY,
    CHANNEL_FIELDS,
    ROUTE_FIELDS,
    YES,
    YES_NO,
    channel_fields,
)
from engine.alerts.hours import read_hours, show_hours
from engine.alerts.model import CHANNEL_TYPES, WEBHOOK
from engine.alerts.templates import require_template
from engine.errors import InvalidInput
from engine.text import require_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.fields import FieldSpec

_SPECS = {spec.name: spec for spec in (*CHANNEL_FIELDS, *ROUTE_FIELDS)}
_FLAGS = frozenset({"on_recovery", "on_acknowledged", "all_tenants", "enabled"})
_CHOSEN = frozenset({"cause", "kind"})
_LEAST_REMINDER_S = 60
_SECRETS = frozenset({"url", "signing"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """The secrets of a channel on their way in: in the open, or where they are.

    `unsigned` takes the signing secret away.
    """

    url: str | None = field(default=None, repr=False)
    url_ref: str | None = None
    signing: str | None = field(default=None, repr=False)
    signing_ref: str | None = None
    unsigned: bool = False

    def __bool__(self) -> bool:
        given = (self.url, self.url_ref, self.signing, self.signing_ref)
        return any(given) or self.unsigned


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """What is to change of a channel; `place` is None where its URL stays."""

    values: Mapping[str, Any]
    secrets: Secrets
    place: str | None
    expected_version: int | None


def require_secrets(secrets: Secrets, kind: str) -> None:
    """Refuse secrets that a channel of a type has no use for.

    Raises:
        InvalidInput: It has no URL, or signs nothing.
    """
    names = {spec.name for spec in channel_fields(kind)}
    if (secrets.url or secrets.url_ref) and "url" not in names:
        raise InvalidInput(f"A channel of type {kind} has no URL.", field="url")
    if (secrets.signing or secrets.signing_ref) and "signing" not in names:
        raise InvalidInput(f"A channel of type {kind} signs nothing.", field="signing")


def channel_values(given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the values of a channel's columns that were given, as they are stored.

    Args:
        given: By the names of the declared fields, as texts, numbers or truth.
        kind: The channel's type.

    Raises:
        InvalidInput: A value cannot be used, or that type has no such field.
    """
    if kind not in CHANNEL_TYPES:
        hint = "Types are " + ", ".join(CHANNEL_TYPES) + "."
        raise InvalidInput("There is no such type of channel.", hint=hint, field="type")
    _require_known(given, {spec.name for spec in channel_fields(kind)} - _SECRETS)
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name == "name":
            values["name"] = require_line(value, "The name", "name")
        elif name in {"title_template", "body_template"}:
            values[name] = require_template(_text(name, value), name)
        elif name != "type":
            values[name] = _value(name, value)
    return values


def route_values(given: Mapping[str, Any], timezone: str = "UTC") -> dict[str, Any]:
    """Return the values of a route's columns that were given, as they are stored.

    Args:
        given: By the names of the declared fields, without the channel; `hours` may be the
            mapping that a route has.
        timezone: In which hours are meant that say no zone.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    _require_known(given, {spec.name for spec in ROUTE_FIELDS} - {"channel"})
    values = {
        name: _value(name, value)
        for name, value in given.items()
        if name not in {"hours", "timezone"}
    }
    if 0 < values.get("remind_s", 0) < _LEAST_REMINDER_S:
        raise InvalidInput("Reminders are a minute apart at the least.", field="remind_s")
    if "hours" in given:
        said = given["hours"] or ""
        zone = str(given.get("timezone") or timezone)
        if not isinstance(said, str):
            zone, said = str(said.get("timezone", zone)), show_hours(said)
        values["hours"] = read_hours(said, zone)
    return values


def require_webhook(url: str) -> str:
    """Return the place of a webhook's URL that may be shown: scheme, host and port.

    Raises:
        InvalidInput: It is no URL to send to. It is not repeated.
    """
    from urllib.parse import urlsplit

    from engine.http.messages import HttpFault
    from engine.http.urls import require_url

    try:
        require_url(url)
    except HttpFault as fault:
        raise InvalidInput(str(fault), hint=fault.remedy, field="url") from None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


async def place_of(kind: str, url: str) -> str:
    """Return what may be shown of where a URL leads: a webhook's host, or a service's name.

    Raises:
        InvalidInput: It cannot be used.
    """
    if kind == WEBHOOK:
        return require_webhook(url)
    from engine.alerts.services import service_of

    return await service_of(url)


def _require_known(given: Mapping[str, Any], known: Iterable[str]) -> None:
    for name in given:
        if name not in known:
            label = _SPECS[name].label if name in _SPECS else name[:40]
            raise InvalidInput(f"There is no {label!r} here.", field=name)


def _value(name: str, value: Any) -> Any:
    spec = _SPECS[name]
    if name in _FLAGS:
        return _truth(spec, value)
    text = _text(name, value)
    if not text:
        text = spec.default
    if name in _CHOSEN:
        return None if text == ANY else text
    if spec.kind == "int":
        return int(text)
    return require_line(text, spec.label, name) if text else None


def _text(name: str, value: Any) -> str:
    """Return a value as text that its field takes."""
    text = "" if value is None else str(value).strip()
    problem = _SPECS[name].problem(text)
    if problem:
        raise InvalidInput(problem, hint=_SPECS[name].help, field=name)
    return text


def _truth(spec: FieldSpec, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value) not in YES_NO:
        raise InvalidInput(f"{spec.label} must be yes or no.", field=spec.name)
    return str(value) == YES
