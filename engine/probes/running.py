"""Running a probe to its end: one result, whatever happens, never later than the deadline."""

from __future__ import annotations

import asyncio
import logging
import ssl
from time import perf_counter
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.probes.attempt import PREPARE, Attempt
from engine.probes.hosts import MAX_PORT
from engine.probes.lateness import judged
from engine.probes.refusals import NO_WAY, Refused, closed, of_error, of_fault
from engine.probes.registry import get_technology
from engine.probes.result import ProbeResult, measured_ms
from engine.probes.states import CusHealthState, slowness
from engine.probes.words import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.probes.place import Place, Tools
    from engine.probes.technology import Technology

logger = logging.getLogger(__name__)

DEADLINE_S = 3.0
"""Seconds for a whole test unless told otherwise."""
# What a driver is given to close its connections once it is told to stop.
_LETS_GO_S = 0.2


async def run_probe(place: Place, tools: Tools, *, deadline_s: float = DEADLINE_S) -> ProbeResult:
    """Check a place for real, in stages; never raises for what driver or server did.

    Args:
        place: Where to go; its technology says how.
        tools: What this process's probes share.
        deadline_s: Seconds for the whole check.
    """
    try:
        technology = get_technology(place.technology)
    except InvalidInput as error:
        return _no_way("technology_missing", error.message, error.hint)
    if missing := technology.missing():
        return _no_way(
            "driver_missing",
            f"The driver of {technology.title} is not installed ({', '.join(missing)}).",
            technology.how_to_install() or f"Install {', '.join(missing)}.",
        )
    if place.port is not None and not 0 < place.port <= MAX_PORT:
        return _no_way(
            "invalid_port", "The port is out of range.", "Enter a port from 1 to 65,535."
        )
    if not technology.is_loaded:
        # Once a process, for up to half a second: nobody's latency.
        try:
            await asyncio.to_thread(technology.prepare)
        except Exception as error:  # noqa: BLE001 - a broken driver is no way to check
            return _no_way(
                "driver_missing",
                f"The driver of {technology.title} cannot be loaded ({type(error).__name__}).",
                technology.how_to_install() or "Install it again.",
            )
    attempt = Attempt(place, tools, deadline_s=deadline_s)
    began = perf_counter()
    tools.lag.begin()
    try:
        result = await _run(technology, attempt)
    finally:
        tools.lag.end()
    return judged(result, tools.lag.worst_since(began), deadline_s)


async def _run(technology: Technology, attempt: Attempt) -> ProbeResult:
    try:
        details = await _by_deadline(technology, attempt)
    except Refused as refused:
        return _refused(attempt, refused)
    except Exception as error:  # noqa: BLE001 - a driver may raise anything: the batch must go on
        secrets = attempt.place.secrets
        return _refused(attempt, explain(error, attempt.stage_name, technology.title, secrets))
    return _passed(attempt, details)


async def _by_deadline(technology: Technology, attempt: Attempt) -> Mapping[str, object]:
    """Return what the probe returns, or give it up: a driver may go on when it is told to stop."""
    work = asyncio.ensure_future(technology.load()(attempt))
    work.add_done_callback(_look_at)
    stage = attempt.stage_name
    try:
        await asyncio.wait({work}, timeout=attempt.remaining_s)
        stage = attempt.stage_name
    finally:
        if late := not work.done():
            work.cancel()
            await asyncio.wait({work}, timeout=_LETS_GO_S)
    if late:
        attempt.stage_name = stage
        raise timed_out(stage)
    return work.result()


def _look_at(work: asyncio.Future[Mapping[str, object]]) -> None:
    # An error that nobody has looked at is reported when it is collected.
    if not work.cancelled():
        work.exception()


def explain(error: BaseException, stage: str, title: str, secrets: tuple[str, ...] = ()) -> Refused:
    """Return what an error that no probe recognised means, from the system's own kinds.

    Args:
        error: What was raised.
        stage: The stage in which it was.
        title: What the technology is called.
        secrets: What is masked in the error's words before they are cut to one line.
    """
    from engine.http.tls import tls_fault

    for cause in causes(error):
        if isinstance(cause, Refused):
            return cause
        if isinstance(cause, ssl.SSLError):
            return of_fault(tls_fault(cause))
        if isinstance(cause, EOFError):
            return closed(stage, title)
        if isinstance(cause, TimeoutError):
            return timed_out(stage)
        if isinstance(cause, OSError) and cause.errno is not None:
            return of_error(cause, stage)
    kind = type(error).__name__
    logger.debug("A check of %s broke at %s: %s", title, stage, kind)
    said = one_line(str(error), secrets) or kind
    return Refused("driver_error", f"{title} could not be checked: {said}", "Check its fields.")


def timed_out(stage: str) -> Refused:
    """Return the refusal of a check whose time ran out in that stage."""
    from engine.http.faults import timeout_fault

    if stage == PREPARE:
        return Refused(
            "local_limit",
            "This machine did not get the driver ready in time, so the server was not asked.",
            "Look at this machine's load; the next check will tell.",
        )
    known = {"resolve", "connect", "tls", "body"}
    fault = timeout_fault(stage)
    if stage in known:
        return of_fault(fault)
    return Refused(
        fault.code,
        f"The server did not answer in time (stage: {stage}).",
        "Check that the right service listens there, and that it is not overloaded.",
    )


def causes(error: BaseException) -> list[BaseException]:
    """Return the error and what it stands on, outermost first."""
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    return chain


def _passed(attempt: Attempt, details: Mapping[str, object]) -> ProbeResult:
    slow = slowness(attempt.elapsed_ms)
    if slow is None:
        return _result(attempt, CusHealthState.HEALTHY, "Healthy.", details=details)
    return _result(
        attempt,
        CusHealthState.DEGRADED,
        slow,
        error="slow",
        remedy="Look at the stages: which one took the time?",
        details=details,
    )


def _refused(attempt: Attempt, refused: Refused) -> ProbeResult:
    state = CusHealthState.UNKNOWN if refused.code in NO_WAY else refused.state
    secrets = attempt.place.secrets
    return _result(
        attempt,
        state,
        one_line(refused.message, secrets),
        error=refused.code,
        remedy=one_line(refused.remedy, secrets),
        details=refused.details,
        retry_after_s=refused.retry_after_s,
        status_code=refused.status_code,
    )


def _result(  # noqa: PLR0913 - the record's own fields, all by name
    attempt: Attempt,
    state: CusHealthState,
    message: str,
    *,
    error: str | None = None,
    remedy: str = "",
    details: Mapping[str, object] | None = None,
    retry_after_s: float | None = None,
    status_code: int | None = None,
) -> ProbeResult:
    tried = bool(attempt.stages)
    return ProbeResult(
        state=state,
        message=message,
        error=error,
        stage=attempt.stage_name,
        latency_ms=measured_ms(attempt.elapsed_ms) if tried else None,
        stages=tuple(attempt.stages),
        remedy=remedy,
        details=_fit(details or {}, attempt.place.secrets),
        retry_after_s=retry_after_s,
        status_code=status_code,
    )


def _fit(details: Mapping[str, object], secrets: tuple[str, ...]) -> dict[str, object]:
    """Make what the other side said of itself fit to be kept and shown."""

    def fit(value: object) -> object:
        if isinstance(value, str):
            return one_line(value, secrets)
        if isinstance(value, (list, tuple)):
            return [fit(one) for one in value]
        return (
            {one_line(str(key), secrets): fit(one) for key, one in value.items()}
            if isinstance(value, dict)
            else value
        )

    return {name: fit(value) for name, value in details.items()}


def _no_way(error: str, message: str, remedy: str) -> ProbeResult:
    return ProbeResult(
        state=CusHealthState.UNKNOWN,
        message=message,
        error=error,
        stage=PREPARE,
        remedy=remedy,
    )
