"""The providers of LLM integrations: what each asks for, and how each is checked for nothing.

`get_provider(name)` and `known_providers()` are the table; a provider is one small file here, or
one entry point of the group `lampboard.providers` in any installed distribution. `check_provider`
is the whole check of one integration: request, network, evaluation.
"""

from __future__ import annotations

from engine.integrations.providers.base import Provider, Reading
from engine.integrations.providers.checking import check_provider
from engine.integrations.providers.registry import (
    broken_providers,
    get_provider,
    known_providers,
    provider_names,
)

__all__ = [
    "Provider",
    "Reading",
    "broken_providers",
    "check_provider",
    "get_provider",
    "known_providers",
    "provider_names",
]
