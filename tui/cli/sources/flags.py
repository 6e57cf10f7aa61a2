"""The flags of `sources add|edit`, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.fields import FieldSpec
from engine.sources.fields import COMMON
from tui.cli.inventory import reach
from tui.cli.inventory.flags import options_of, pairs_of, values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.cli.session import Session

POOL = (
    FieldSpec(name="pool_size", label="Pool size", kind="int", help="Connections at a time."),
    FieldSpec(name="pool_timeout", label="Pool timeout", kind="int", help="Seconds to wait."),
    FieldSpec(name="max_retries", label="Retries", kind="int", help="How often to try again."),
)
PANELS = {**reach.PANELS, "Pool": tuple(spec.flag for spec in POOL)}


def source_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add every flag that says what a source is and how it is reached."""
    function = reach.reach_options(options_of(POOL)(function))
    function = metadata_option(function)
    return options_of(COMMON)(function)


def metadata_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--metadata`."""
    return click.option(
        "--metadata", metavar="NAME=VALUE", multiple=True, help="A fact worth keeping; no secret."
    )(function)


def common_values(told: dict[str, Any]) -> dict[str, Any]:
    """Return what was told of the fields that every source has."""
    values = values_of(COMMON, told)
    if told["metadata"]:
        values["metadata"] = pairs_of("metadata", told["metadata"])
    return values


def config_changes(
    session: Session, told: dict[str, Any], technology: str | None = None
) -> tuple[str | None, dict[str, Any]]:
    """Return the technology, where the URL tells it, and the fields of the config; see `reach`."""
    found, changes = reach.reach_changes(session, told, technology)
    return found, {**changes, **values_of(POOL, told)}
