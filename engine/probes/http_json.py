"""Checks of anything that answers HTTP with JSON, evaluated to a state with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.http import HttpClient, HttpRequest
    from engine.probes.result import ProbeResult


async def probe_json(
    client: HttpClient,
    request: HttpRequest,
    *,
    accept: Callable[[object], str | None],
) -> ProbeResult:
    """Send the request and evaluate what came back; never raises for what the provider did.

    Args:
        client: The shared client.
        request: What to send.
        accept: Looks at the parsed JSON; returns None when it is what the provider promises, else
            one sentence that says what is missing.
    """
    raise NotImplementedError
