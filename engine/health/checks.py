"""One check of one integration, from its credential to the row that records it.

Checks on demand and the monitor both go through here, so a lamp means the same everywhere.
`prepare` opens the credential on a connection (in a worker thread, for a whole batch at a time),
`check_target` sends the request on the event loop, `to_row` writes the result down.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.errors import CredentialError, InvalidInput
from engine.integrations.providers import check_provider, get_provider
from engine.probes.result import ProbeResult
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials import Credential, CredentialStore
    from engine.http import HttpClient
    from storage.health import CheckRow
    from storage.integrations import IntegrationRow

logger = logging.getLogger(__name__)

CREDENTIAL_UNREADABLE = "credential_unreadable"
# What a provider says may be long; a lamp and its history keep this much of it.
MAX_MESSAGE = 500
_JSON_BOOL = {True: "true", False: "false"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetToCheck:
    """An integration with its credential in the open: keep it no longer than its check.

    Attributes:
        tenant_id: Whose it is.
        id: The integration's id; empty for a form that was never saved.
        name: What people call it.
        provider_type: The provider's name.
        base_url: Its own base URL; None is the provider's.
        config: The provider's own fields.
        credential: The secret; None where there is none, or where it cannot be read.
        problem: Why the credential cannot be read.
    """

    tenant_id: str
    id: str
    name: str
    provider_type: str
    base_url: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    credential: Credential | None = None
    problem: CredentialError | None = None


def prepare(
    connection: Connection, credentials: CredentialStore, row: IntegrationRow
) -> TargetToCheck:
    """Open what the check of `row` needs; a credential that cannot be read is its problem."""
    credential, problem = open_credential(
        connection, credentials, row.tenant_id, row.credential_ref
    )
    return TargetToCheck(
        tenant_id=row.tenant_id,
        id=row.id,
        name=row.name,
        provider_type=row.provider_type,
        base_url=row.base_url,
        config=row.config,
        credential=credential,
        problem=problem,
    )


def open_credential(
    connection: Connection, credentials: CredentialStore, tenant_id: str, reference: str | None
) -> tuple[Credential | None, CredentialError | None]:
    """Return the secret behind a reference, or why there is none to be had."""
    if not reference:
        return None, None
    try:
        return credentials.resolve(connection, tenant_id, reference), None
    except CredentialError as error:
        # An error of one integration's credential is a state of it; all others go on.
        return None, error


async def check_target(
    client: HttpClient, target: TargetToCheck, *, now: datetime, deadline_s: float
) -> ProbeResult:
    """Check one target for real, at no cost; never raises for what provider or plug-in did.

    Args:
        client: The shared client.
        target: What to check.
        now: Aware UTC time, for signatures.
        deadline_s: Seconds for the whole exchange.
    """
    if target.problem is not None:
        return _unreadable(target.problem)
    try:
        provider = get_provider(target.provider_type)
    except InvalidInput as error:
        return _no_way(error.message, "provider_missing", error.hint)
    try:
        return await check_provider(
            client,
            provider,
            base_url=target.base_url,
            config=target.config,
            credential=target.credential.value if target.credential else None,
            now=now,
            deadline_s=deadline_s,
        )
    except Exception as error:  # noqa: BLE001 - a provider may be foreign code: the batch must go on
        # Only the kind of error: its text could hold the request, and so the credential.
        kind = type(error).__name__
        logger.error("The check of %s (%s) broke: %s", target.id, target.provider_type, kind)  # noqa: TRY400 - no traceback, for the same reason
        return _no_way(
            f"The provider {target.provider_type} could not be checked: its code broke ({kind}).",
            "provider_broken",
            "Report this to whoever made that provider.",
        )


def to_row(
    number: int,
    result: ProbeResult,
    checked_at: datetime,
    *,
    next_due_at: datetime | None = None,
    retry_at: datetime | None = None,
) -> CheckRow:
    """Return the result as it is recorded, cut to length.

    Args:
        number: The target's number.
        result: What the check came to.
        checked_at: Aware UTC time at which it ended.
        next_due_at: When the target is due again; None leaves that to its interval.
        retry_at: Until when the provider asked to be left alone.
    """
    from storage.health import CheckRow

    return CheckRow(
        target_number=number,
        checked_at=checked_at,
        state=result.state.value,
        error=result.error,
        message=result.message[:MAX_MESSAGE] or None,
        remedy=result.remedy[:MAX_MESSAGE] or None,
        stage=result.stage,
        latency_ms=result.latency_ms,
        status_code=result.status_code,
        loop_lag_ms=result.loop_lag_ms,
        stages=stages_text(result),
        next_due_at=next_due_at,
        retry_at=retry_at,
    )


def stages_of(result: ProbeResult) -> tuple[dict[str, object], ...]:
    """Return the steps as JSON-ready values: name, milliseconds and whether each passed."""
    return tuple(
        {"name": stage.name, "ms": round(stage.ms, 1), "ok": stage.ok} for stage in result.stages
    )


def stages_text(result: ProbeResult) -> str | None:
    """Return the steps as the JSON text that the history keeps."""
    if not result.stages:
        return None
    # Written by hand: it is done for every check, and the general writer took a tenth of its CPU.
    steps = (
        f'{{"name":{_quoted(stage.name)},"ms":{stage.ms:.1f},"ok":{_JSON_BOOL[stage.ok]}}}'
        for stage in result.stages
    )
    return f"[{','.join(steps)}]"


@lru_cache(maxsize=64)
def _quoted(name: str) -> str:
    return json.dumps(name)


def _unreadable(problem: CredentialError) -> ProbeResult:
    return ProbeResult(
        state=CusHealthState.FAILING,
        message=problem.message,
        error=CREDENTIAL_UNREADABLE,
        stage="credential",
        remedy=problem.hint or "Edit the integration and enter its credential again.",
    )


def _no_way(message: str, error: str, remedy: str) -> ProbeResult:
    return ProbeResult(
        state=CusHealthState.UNKNOWN, message=message, error=error, stage="request", remedy=remedy
    )
