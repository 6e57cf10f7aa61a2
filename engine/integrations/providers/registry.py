"""The table of providers: those of this package, and those that other distributions bring.

An installed distribution adds one by an entry point of the group `lampboard.providers` whose
object is a `Provider` (or a function that returns one) and whose name is the provider's; see
`engine.plugins`.
"""

from __future__ import annotations

import difflib
from functools import cache
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.integrations.providers.anthropic import ANTHROPIC
from engine.integrations.providers.azure_openai import AZURE_OPENAI
from engine.integrations.providers.base import Provider
from engine.integrations.providers.bedrock import BEDROCK
from engine.integrations.providers.custom import CUSTOM
from engine.integrations.providers.google import GOOGLE
from engine.integrations.providers.openai import OPENAI
from engine.plugins import Brought, UnfitPluginError, brought, made

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "lampboard.providers"

BUILT_IN: dict[str, Provider] = {
    provider.name: provider
    for provider in (OPENAI, ANTHROPIC, AZURE_OPENAI, BEDROCK, GOOGLE, CUSTOM)
}


def get_provider(name: str) -> Provider:
    """Return the provider of that name.

    Raises:
        InvalidInput: There is none; the error names those there are.
    """
    found = BUILT_IN.get(name) or _brought().found.get(name)
    if found is None:
        raise _unknown(name)
    return found


def known_providers() -> tuple[Provider, ...]:
    """Return every provider, built in first, then brought ones by name."""
    others = _brought().found
    return (*BUILT_IN.values(), *(others[name] for name in sorted(others)))


def provider_names() -> tuple[str, ...]:
    """Return every provider's name, in the order of `known_providers`."""
    return tuple(provider.name for provider in known_providers())


def broken_providers() -> Mapping[str, str]:
    """Return what could not be loaded: entry point's name to the reason, for `doctor`."""
    return dict(_brought().broken)


@cache
def _brought() -> Brought[Provider]:
    return brought(GROUP, _taken)


def _taken(name: str, loaded: object) -> Provider:
    provider = made(loaded, Provider)
    if provider.name != name:
        raise UnfitPluginError(f"the provider calls itself {provider.name!r}")
    if provider.name in BUILT_IN:
        raise UnfitPluginError("a built-in provider has this name")
    return provider


def _unknown(name: str) -> InvalidInput:
    known = provider_names()
    close = difflib.get_close_matches(name.strip().lower().replace("-", "_"), known, n=1)
    meant = f"Did you mean {close[0]}? " if close else ""
    return InvalidInput(
        f"There is no provider {name[:40]!r}.",
        hint=f"{meant}Known providers: {', '.join(known)}.",
        field="provider_type",
    )
