"""The flags of `connectors add|edit`, and what they come to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.connectors.fields import ALLOWED, BEHAVIOUR, COMMON, OWN
from tui.cli.inventory import reach
from tui.cli.inventory.flags import options_of, pairs_of, values_of
from tui.cli.sources.flags import metadata_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.cli.session import Session

_OWN = tuple(
    replace(spec, help=f"[{type_}] {spec.help}") for type_, specs in OWN.items() for spec in specs
)
_ALLOWED = tuple(replace(spec, help=f"[{type_}] {spec.help}") for type_, spec in ALLOWED.items())
PANELS = {
    **reach.PANELS,
    "Bounds": tuple(spec.flag for spec in (*_ALLOWED, *_OWN, *BEHAVIOUR)),
}


def connector_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add every flag that says what a connector is, where it leads and what bounds it."""
    function = reach.reach_options(options_of((*_ALLOWED, *_OWN, *BEHAVIOUR))(function))
    return options_of(COMMON)(metadata_option(function))


def common_values(told: dict[str, Any]) -> dict[str, Any]:
    """Return what was told of the fields that every connector has."""
    values = values_of(COMMON, told)
    if told["metadata"]:
        values["metadata"] = pairs_of("metadata", told["metadata"])
    return values


def config_changes(
    session: Session, told: dict[str, Any], technology: str | None = None
) -> tuple[str | None, dict[str, Any]]:
    """Return the technology, where the URL tells it, and the fields of the config; see `reach`."""
    found, changes = reach.reach_changes(session, told, technology, web_is_plain=True)
    own = values_of((*_OWN, *BEHAVIOUR), told)
    if own.get("rate_limit_enabled") is not None:
        own["rate_limit_enabled"] = own["rate_limit_enabled"] == "yes"
    if allowed := values_of(_ALLOWED, told):
        changes["options"] = {**changes.get("options", {}), **allowed}
    return found, {**changes, **own}
