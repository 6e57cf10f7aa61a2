"""One check of anything, from what is ready to the row that records it.

Checks on demand and the monitor both go through here, so a lamp means the same everywhere: what
a check raises, whatever it is, becomes the state of that one thing.
"""

from __future__ import annotations

import asyncio
import json
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.errors import CredentialError, LampboardError
from engine.probes.result import Checked, ProbeResult, whole_ms
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from engine.health.kinds import Ready
    from engine.probes.place import Tools
    from storage.health import CheckRow, TargetRow

logger = logging.getLogger(__name__)

CREDENTIAL_UNREADABLE = "credential_unreadable"
# What the other side says may be long; a lamp and its history keep this much of it.
MAX_MESSAGE = 500
# A check keeps its own deadline, and says better where its time went; this ends one that doesn't.
_GRACE_S = 0.5


async def check_opened(
    opened: Callable[[], Awaitable[Ready]], tools: Tools, *, now: datetime, deadline_s: float
) -> tuple[ProbeResult, str | None]:
    """Open a thing's secrets, check it for real, and return the result with the host it reached.

    Never raises for what a credential, a driver or the other side did.

    Args:
        opened: Makes the thing ready, secrets in the open; asking for them has a deadline of its
            own.
        tools: What the checks of its kind share.
        now: Aware UTC time, for signatures.
        deadline_s: Seconds for the whole check.
    """
    try:
        ready = await opened()
    except Exception as error:  # noqa: BLE001 - a state of this one thing; all others go on
        return _of_error(error), None
    return await _check(ready, tools, now, deadline_s), ready.place


async def _check(ready: Ready, tools: Tools, now: datetime, deadline_s: float) -> ProbeResult:
    limit = asyncio.timeout(deadline_s + _GRACE_S)
    try:
        async with limit:
            return await ready.check(tools, now=now, deadline_s=deadline_s)
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except asyncio.CancelledError as error:
        # Libraries cancel within themselves; only when this very task was told to stop, it does.
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        return _of_error(error)
    except BaseException as error:  # noqa: BLE001 - a driver may even try to end the process
        return _overdue() if limit.expired() else _of_error(error)


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
        retry_at: Until when the other side asked to be left alone.
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


def stages_text(result: ProbeResult) -> str | None:
    """Return the steps as the JSON text that the history keeps.

    A list a step: its name, its milliseconds, and `false` where it failed. With its fields named
    each time a step took 40 bytes and not 16, which was half of a year's database.
    """
    if not result.stages:
        return None
    # Written by hand: it is done for every check, and the general writer took a tenth of its CPU.
    steps = (
        f"[{_quoted(stage.name)},{stage.ms:.1f}{'' if stage.ok else ',false'}]"
        for stage in result.stages
    )
    return f"[{','.join(steps)}]"


def stages_in(text: str | None) -> tuple[Mapping[str, Any], ...]:
    """Return the steps that a text of the history tells of: name, milliseconds, whether it passed.

    Texts of earlier releases have named fields, and are read as well.
    """
    return tuple(map(_step, json.loads(text))) if text else ()


def _step(kept: Any) -> Mapping[str, Any]:
    if isinstance(kept, dict):
        return kept
    name, ms, *failed = kept
    return {"name": name, "ms": ms, "ok": not failed}


@lru_cache(maxsize=64)
def _quoted(name: str) -> str:
    return json.dumps(name)


def last_of(target: TargetRow) -> Checked | None:
    """Return the last check of a target, marked as cached; None when there was none."""
    if target.checked_at is None:
        return None
    state = CusHealthState(target.state)
    result = ProbeResult(
        state=state,
        message=target.message or "",
        error=target.error,
        stage=target.stage,
        latency_ms=whole_ms(target.latency_ms),
        status_code=target.status_code,
        remedy=target.remedy or "",
    )
    return Checked(result=result, checked_at=target.checked_at, cached=True, previous_state=state)


def _of_error(error: BaseException) -> ProbeResult:
    if isinstance(error, CredentialError):
        return _unreadable(error)
    if isinstance(error, LampboardError):
        return _no_way(error.message, "misconfigured", error.hint)
    # Only the kind of error: its text could hold a secret.
    kind = type(error).__name__
    logger.error("A check broke: %s", kind)
    return _no_way(
        f"It could not be checked: the code of its check broke ({kind}).",
        "check_broken",
        "Check its fields; report this when they are right.",
    )


def _unreadable(problem: CredentialError) -> ProbeResult:
    return ProbeResult(
        state=CusHealthState.FAILING,
        message=problem.message,
        error=CREDENTIAL_UNREADABLE,
        stage="credential",
        remedy=problem.hint or "Edit it and enter its credential again.",
    )


def _overdue() -> ProbeResult:
    return ProbeResult(
        state=CusHealthState.FAILING,
        message="The check did not end within its time.",
        error="timeout",
        stage="response",
        remedy="Check that the right service answers there, and that it is not overloaded.",
    )


def _no_way(message: str, error: str, remedy: str) -> ProbeResult:
    return ProbeResult(
        state=CusHealthState.UNKNOWN, message=message, error=error, stage="request", remedy=remedy
    )
