"""Checks of anything that answers HTTP with JSON, evaluated to a state with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.http import HttpClient, HttpRequest
    from engine.probes.result import ProbeResult


async def probe_json(
    client: HttpClient,
    request: HttpRequest,
    *,
    accept: Callable[[object], str | None],
    classify: Callable[[int, Mapping[str, str], object], str | None] | None = None,
) -> ProbeResult:
    """Send the request and evaluate what came back; never raises for what the provider did.

    Args:
        client: The shared client.
        request: What to send.
        accept: Looks at the parsed JSON; returns None when it is what the provider promises, else
            one sentence that says what is missing.
        classify: Recognises refusals that a provider does not express by the usual status (a wrong
            key answered with 400). Takes status, headers (names in lower case) and the parsed
            body (None when there is none), and returns `auth_failed`, `access_denied` or
            `rate_limited`, or None to go by the status. Asked for answers from 400 to 499.
    """
    raise NotImplementedError
