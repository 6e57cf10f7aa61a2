"""The whole check of one integration's provider: request, network, evaluation.

Both checks on demand and the monitor go through here, so a lamp means the same everywhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import CredentialUnreadable, InvalidInput
from engine.probes.redaction import redact_result
from engine.probes.result import ProbeResult
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.errors import LampboardError
    from engine.http import HttpClient, HttpRequest
    from engine.integrations.providers.base import Provider


async def check_provider(  # noqa: PLR0913 - one integration's facts, all by name
    client: HttpClient,
    provider: Provider,
    *,
    base_url: str | None,
    config: Mapping[str, object],
    credential: str | None,
    now: datetime,
    deadline_s: float,
) -> ProbeResult:
    """Check one integration for real, at no cost; never raises for what the provider did.

    Args:
        client: The shared client.
        provider: Whose API it is.
        base_url: The integration's own base URL, if it has one.
        config: The provider's own fields, as stored.
        credential: The secret in the open; None where the integration has none.
        now: Aware UTC time, for signatures.
        deadline_s: Seconds for the whole exchange.

    Returns:
        The result, with the credential masked wherever the provider echoed it. A credential
        without a usable form is failing (`credential_unreadable`), a field without a usable
        value is unknown (`misconfigured`): then nothing was sent.
    """
    try:
        request = provider.build_check(
            config, credential, base_url=base_url, now=now, deadline_s=deadline_s
        )
    except CredentialUnreadable as error:
        return _unsent(error, CusHealthState.FAILING, "credential_unreadable", "credential")
    except InvalidInput as error:
        return _unsent(error, CusHealthState.UNKNOWN, "misconfigured", "request")
    result = await _probe(client, provider, request, deadline_s)
    return redact_result(result, (credential or "").strip())


async def _probe(
    client: HttpClient, provider: Provider, request: HttpRequest, deadline_s: float
) -> ProbeResult:
    # Imported here: the HTTP libraries must not be on the path of whoever lists providers.
    from engine.probes.http_json import probe_json
    from engine.probes.lateness import judged

    details: dict[str, object] = {}

    def accept(body: object) -> str | None:
        reading = provider.read_answer(body)
        details.update(reading.details)
        return reading.problem

    result = await probe_json(client, request, accept=accept, classify=provider.classify)
    result = judged(result, result.loop_lag_ms or 0.0, deadline_s)
    return replace(result, details={**details, **result.details})


def _unsent(error: LampboardError, state: CusHealthState, code: str, stage: str) -> ProbeResult:
    return ProbeResult(
        state=state, message=error.message, error=code, stage=stage, remedy=error.hint
    )
