"""The table of usage sources: those of this package, and those that other distributions bring.

A distribution adds one by an entry point of the group `lampboard.usage_sources` whose object is a
`UsageSource` (or a function that returns one) and whose name is the provider's; see
`engine.plugins`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.plugins import Brought, UnfitPluginError, brought, made
from engine.usage.sync.anthropic import ANTHROPIC
from engine.usage.sync.openai import OPENAI
from engine.usage.sync.source import ORIGIN_ENDING, UsageSource

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "lampboard.usage_sources"
BUILT_IN: dict[str, UsageSource] = {source.provider: source for source in (OPENAI, ANTHROPIC)}


def get_source(provider: str) -> UsageSource:
    """Return how a provider's own count is read.

    Raises:
        InvalidInput: It cannot be; the error names the providers that can.
    """
    found = BUILT_IN.get(provider) or _brought().found.get(provider)
    if found is None:
        names = ", ".join(source.provider for source in known_sources())
        raise InvalidInput(
            f"What {provider[:40]!r} has counted cannot be read from here.",
            hint=f"That can be done for: {names}. Others: `lampboard usage import` or `receive`.",
            field="integration",
        )
    return found


def known_sources() -> tuple[UsageSource, ...]:
    """Return every source, built in first, then brought ones by name."""
    others = _brought().found
    return (*BUILT_IN.values(), *(others[name] for name in sorted(others)))


def broken_sources() -> Mapping[str, str]:
    """Return what could not be loaded: entry point's name to the reason."""
    return dict(_brought().broken)


@cache
def _brought() -> Brought[UsageSource]:
    return brought(GROUP, _taken)


def _taken(name: str, loaded: object) -> UsageSource:
    source = made(loaded, UsageSource)
    if source.provider != name:
        raise UnfitPluginError(f"the source is of the provider {source.provider!r}")
    if source.provider in BUILT_IN:
        raise UnfitPluginError("a built-in source has this provider")
    if not source.origin.endswith(ORIGIN_ENDING):
        raise UnfitPluginError(f"its origin {source.origin!r} does not end with {ORIGIN_ENDING!r}")
    return source
