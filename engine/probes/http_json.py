"""Checks of anything that answers HTTP with JSON, evaluated to a state with its reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.http.messages import HttpFault
from engine.probes.answers import Answer
from engine.probes.refusals import NO_WAY, Refused
from engine.probes.result import ProbeResult, measured_ms
from engine.probes.states import CusHealthState, slowness
from engine.probes.words import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.http import HttpAnswer, HttpClient, HttpRequest
    from engine.probes.answers import Classify

    Accept = Callable[[object], str | Mapping[str, object] | None]


async def probe_json(
    client: HttpClient,
    request: HttpRequest,
    *,
    accept: Accept,
    classify: Classify | None = None,
    now: Callable[[], datetime] | None = None,
) -> ProbeResult:
    """Send the request and evaluate what came back; never raises for what the provider did.

    Args:
        client: The shared client.
        request: What to send.
        accept: Looks at the parsed JSON; returns one sentence that says what is missing, or None
            (or details worth keeping) when it is what the provider promises.
        classify: Recognises refusals that are not told by the status; gets status, headers and
            parsed body (None when there is none) and returns `auth_failed`, `access_denied`,
            `rate_limited` or None.
        now: The time at which the answer came, for a Retry-After that is a date.
    """
    try:
        answer = await client.send(request)
    except HttpFault as fault:
        return _of_fault(fault)
    came = datetime.now(UTC) if now is None else now()
    said = Answer(request=request, answer=answer, came=came)
    try:
        verdict = accept(said.read(classify))
        if isinstance(verdict, str):
            raise said.degraded("unexpected_body", verdict)
    except Refused as refused:
        return _refused(answer, refused)
    return _passed(answer, verdict or {})


def _passed(answer: HttpAnswer, details: Mapping[str, object]) -> ProbeResult:
    slow = slowness(answer.latency_ms)
    if slow is None:
        return _say(answer, CusHealthState.HEALTHY, None, "Healthy.", details=details)
    return _say(
        answer,
        CusHealthState.DEGRADED,
        "slow",
        slow,
        remedy="Look at the provider's status page and at the network between.",
        details=details,
    )


def _refused(answer: HttpAnswer, refused: Refused) -> ProbeResult:
    return _say(
        answer,
        refused.state,
        refused.code,
        refused.message,
        remedy=refused.remedy,
        retry_after_s=refused.retry_after_s,
        details=refused.details,
    )


def _say(  # noqa: PLR0913 - the record's own fields, most by name
    answer: HttpAnswer,
    state: CusHealthState,
    error: str | None,
    message: str,
    *,
    remedy: str = "",
    retry_after_s: float | None = None,
    details: Mapping[str, object] | None = None,
) -> ProbeResult:
    return ProbeResult(
        state=state,
        message=message,
        error=error,
        stage="evaluate",
        latency_ms=measured_ms(answer.latency_ms),
        stages=answer.stages,
        status_code=answer.status,
        retry_after_s=retry_after_s,
        remedy=remedy,
        details=details or {},
        loop_lag_ms=round(answer.loop_lag_ms),
    )


def _of_fault(fault: HttpFault) -> ProbeResult:
    asked = fault.code not in NO_WAY
    return ProbeResult(
        state=CusHealthState.FAILING if asked else CusHealthState.UNKNOWN,
        message=one_line(fault.message),
        error=fault.code,
        stage=fault.stage,
        latency_ms=None if fault.latency_ms is None else measured_ms(fault.latency_ms),
        stages=fault.stages,
        remedy=fault.remedy,
        loop_lag_ms=round(fault.loop_lag_ms),
    )
