"""From data points to records: by how much each stream grew since it was last told. Pure.

What was last told of a stream is kept with the records, in the same transaction: a receiver that
is killed and started again counts nothing twice and loses nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

from engine.usage.receiver.points import CACHED, INPUT, OUTPUT
from engine.usage.records import UsageRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.usage.receiver.points import Point

MOST_STREAMS = 4096
"""Streams that are remembered: those of one program are some tens, and it may be restarted."""

Last: TypeAlias = "tuple[int, int, int]"
"""Tokens and calls of a stream when it was last told, and when that was, in milliseconds."""

_Whose: TypeAlias = "tuple[str | None, str | None, str, str]"


@dataclass(slots=True)
class _Growth:
    """What the points of one model and agent in one request come to."""

    tokens: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    calls: int = 0
    points: list[Point] = field(default_factory=list)


class Streams:
    """What is known of streams.

    Args:
        last: What `told` gave before.
    """

    def __init__(self, last: Mapping[str, Sequence[int]]) -> None:
        self._last: dict[str, Last] = {
            name: (int(one[0]), int(one[1]), int(one[2])) for name, one in last.items()
        }

    def told(self) -> dict[str, list[int]]:
        """Return what is to be remembered, those longest silent left out."""
        newest = sorted(self._last.items(), key=lambda item: item[1][2])[-MOST_STREAMS:]
        return {name: list(last) for name, last in newest}

    def records(self, points: Iterable[Point]) -> list[UsageRecord]:
        """Return what the points add, a record for each model and agent."""
        growths: dict[_Whose, _Growth] = defaultdict(_Growth)
        for point in points:
            grown = self._grown(point)
            if grown is None or not (grown.tokens or grown.calls):
                continue
            growth = growths[point.integration, point.provider, point.model, point.agent]
            growth.tokens[point.kind] += grown.tokens
            growth.calls += grown.calls
            growth.points.append(point)
        return [_record(whose, growth) for whose, growth in growths.items()]

    def _grown(self, point: Point) -> Point | None:
        """Return the point as growth; None for one that is older than what is known."""
        if not point.cumulative:
            return point
        at = int(point.at.timestamp() * 1000)
        last = self._last.get(point.stream)
        if last is not None and at <= last[2]:
            return None
        self._last[point.stream] = (point.tokens, point.calls, at)
        # One that became less was begun anew without saying so, as counters may be.
        if last is None or point.tokens < last[0] or point.calls < last[1]:
            return point
        return replace(point, tokens=point.tokens - last[0], calls=point.calls - last[1])


def _record(whose: _Whose, growth: _Growth) -> UsageRecord:
    integration, provider, model, agent = whose
    tokens_in = growth.tokens[INPUT]
    return UsageRecord(
        call_id=_id(growth.points),
        at=max(point.at for point in growth.points),
        integration=integration,
        provider=provider,
        model=model,
        agent=agent,
        tokens_in=tokens_in,
        tokens_out=growth.tokens[OUTPUT],
        tokens_cached=min(growth.tokens[CACHED], tokens_in),
        # A counter does not say how many; there was at least one.
        calls=growth.calls or 1,
    )


def _id(points: Sequence[Point]) -> str:
    """Return the same id for the same points, however often they are sent."""
    told = sorted(f"{point.stream}@{point.at.isoformat()}" for point in points)
    digest = blake2b("\0".join(told).encode(), digest_size=16).hexdigest()
    return f"otlp-metrics/{digest}"
