"""What the agents used before the demo began: the same in every run that begins at one moment.

The last hour is told minute by minute, because a rate is of minutes, and all before it in sums of
six hours, as providers' own reports tell it.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from engine.demo.agents.pace import per_minute
from engine.demo.agents.wording import is_embedding
from engine.usage.records import UsageRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.demo.agents.plan import Caller
    from engine.demo.things import Agent

_LAST = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_SPAN = timedelta(hours=6)
_HOUR = timedelta(hours=1)
# What the simulated models answer on the average, if nothing cuts it.
_ANSWER = 330
_CACHED = 1_024
# How much the days of one agent differ from each other.
_SPREAD = 0.16
_FAILING = 0.004


def earlier(caller: Caller, now: datetime) -> Iterator[UsageRecord]:
    """Yield the records of a caller up to `now`, oldest first."""
    agent = caller.agent
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    begin, last = today - timedelta(days=agent.since_days), _floor(now - _LAST)
    while begin < last:
        end = min(begin + _SPAN, last)
        yield from _told(caller, begin, end)
        begin += _SPAN
    while last < now - _MINUTE:
        yield from _told(caller, last, last + _MINUTE)
        last += _MINUTE


def _told(caller: Caller, begin: datetime, end: datetime) -> Iterator[UsageRecord]:
    """Yield the count of a span, and that of its failed calls."""
    agent = caller.agent
    drawn = random.Random(f"{caller.tenant_id} {agent.integration} {begin:%Y%m%d%H%M}")  # noqa: S311
    calls = _about(drawn, _expected(agent, begin, end) * drawn.lognormvariate(0, _SPREAD))
    failed = _about(drawn, calls * _FAILING)
    if calls > failed:
        yield _counted(caller, begin, calls - failed)
    if failed:
        yield _failed(caller, begin, failed)


def _counted(caller: Caller, at: datetime, calls: int) -> UsageRecord:
    agent = caller.agent
    text = not is_embedding(caller.model)
    cached = _CACHED if text and agent.instructions >= _CACHED else 0
    return UsageRecord(
        call_id=_call_id(caller, at, "calls"),
        at=at,
        integration=agent.integration,
        provider=caller.provider,
        model=caller.model,
        agent=agent.name,
        tokens_in=(agent.instructions + agent.question) * calls,
        tokens_out=min(_ANSWER, agent.answer) * calls if text else 0,
        tokens_cached=cached * calls,
        policy="allowed",
        calls=calls,
    )


def _failed(caller: Caller, at: datetime, calls: int) -> UsageRecord:
    return UsageRecord(
        call_id=_call_id(caller, at, "failed"),
        at=at,
        integration=caller.agent.integration,
        provider=caller.provider,
        model=caller.model,
        agent=caller.agent.name,
        error="http_503",
        policy="allowed",
        calls=calls,
    )


def _call_id(caller: Caller, at: datetime, what: str) -> str:
    return f"{caller.agent.name}/{caller.agent.integration}/{at:%Y-%m-%dT%H:%M}/{what}"


def _expected(agent: Agent, begin: datetime, end: datetime) -> float:
    """Return how many calls a span has on the average."""
    total, hour = 0.0, begin
    while hour < end:
        length = min(_HOUR, end - hour)
        total += per_minute(agent, hour) * (length / _MINUTE)
        hour += _HOUR
    return total


def _about(drawn: random.Random, number: float) -> int:
    """Round a number so that many such add up to what they should."""
    return int(number + drawn.random())


def _floor(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
