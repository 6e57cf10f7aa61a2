"""From a request's bytes to an answer: decoded one at a time, written one at a time.

Decoding takes many times the bytes for a moment, and the database has one writer: more at once
would only hold more.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from engine.errors import LampboardError, WorkspaceError
from engine.usage.readers.otlp import records_of_span
from engine.usage.receiver import answers
from engine.usage.receiver.bounds import Bounds, TooLarge
from engine.usage.receiver.decoding import decode
from engine.usage.receiver.points import Point, points_of
from engine.usage.records import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.usage.receiver.answers import Answer
    from engine.usage.receiver.decoding import Told
    from engine.usage.records import Recorded, UsageRecord

SIGNALS = ("traces", "metrics")
_AGAIN_S = "1"
_LATER_S = "5"
_LONGEST = 500
_NOT_COUNTED = (
    "{} are not counted here, because {} are: both tell of the same calls."
    " Start the receiver with --count {} to count these."
)


class Sink(Protocol):
    """Where usage goes; what it returns is committed."""

    async def write_records(self, records: Sequence[UsageRecord]) -> Recorded:
        """Record calls; raises WorkspaceError when nothing was."""
        ...

    async def write_points(self, points: Sequence[Point]) -> Recorded:
        """Record by how much streams grew; raises WorkspaceError when nothing was."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiverCounts:
    """What a receiver has done so far.

    Attributes:
        requests: That were answered with success.
        turned_away: That were answered with anything else.
        new: Records counted.
        duplicate: Records that were counted before.
        refused: Spans and data points that cannot be counted.
        unpriced: Calls whose price is not known.
        last_refusal: Why the last one was refused; empty when none was.
    """

    requests: int = 0
    turned_away: int = 0
    new: int = 0
    duplicate: int = 0
    refused: int = 0
    unpriced: int = 0
    last_refusal: str = ""


class Intake:
    """Makes usage of requests and answers them; within one event loop.

    Args:
        sink: Where usage goes.
        bounds: What is too much.
        count: Which of SIGNALS is counted; the other is taken in and passed over.
    """

    def __init__(self, sink: Sink, bounds: Bounds, *, count: str = "traces") -> None:
        self._sink = sink
        self._bounds = bounds
        self._count = count
        self._decoding = asyncio.Lock()
        self._writing = asyncio.Lock()
        self.counts = ReceiverCounts()

    async def take(self, signal: str, kind: str, body: bytes) -> Answer:
        """Return the answer to an unpacked request; a success means that it is committed."""
        answer = await self._answer(signal, kind, body)
        self.note(answer.status)
        return answer

    def note(self, status: int) -> None:
        """Count an answer."""
        if status == answers.OK:
            self.counts = replace(self.counts, requests=self.counts.requests + 1)
        else:
            self.counts = replace(self.counts, turned_away=self.counts.turned_away + 1)

    async def _answer(self, signal: str, kind: str, body: bytes) -> Answer:
        try:
            async with self._decoding:
                found = await asyncio.to_thread(_read, signal, kind, body, self._bounds)
        except TooLarge as error:
            return answers.refused(413, str(error), kind)
        except ValueError as error:
            return answers.refused(400, f"The request cannot be read: {error}.", kind)
        if signal != self._count:
            return answers.accepted(signal, kind, message=_hint(signal) if found else "")
        return await self._write(signal, kind, found)

    async def _write(
        self, signal: str, kind: str, found: Sequence[UsageRecord | Point | Refusal]
    ) -> Answer:
        refusals = [one for one in found if isinstance(one, Refusal)]
        usage: list[Any] = [one for one in found if not isinstance(one, Refusal)]
        write = self._sink.write_records if signal == "traces" else self._sink.write_points
        try:
            async with self._writing:
                done = await write(usage) if usage else None
        except WorkspaceError as error:
            if error.temporary:
                return answers.refused(503, error.message, kind, Retry_After=_LATER_S)
            return answers.refused(500, error.message, kind)
        except LampboardError as error:
            return answers.refused(500, error.message, kind)
        return self._done(signal, kind, refusals, done)

    def _done(
        self, signal: str, kind: str, refusals: Sequence[Refusal], done: Recorded | None
    ) -> Answer:
        reasons = [refusal.reason for refusal in (*refusals, *(done.refusals if done else ()))]
        rejected = len(refusals) + (done.refused if done else 0)
        before = self.counts
        self.counts = replace(
            before,
            new=before.new + (done.new if done else 0),
            duplicate=before.duplicate + (done.duplicate if done else 0),
            unpriced=before.unpriced + (done.unpriced if done else 0),
            refused=before.refused + rejected,
            last_refusal=reasons[0] if reasons else before.last_refusal,
        )
        return answers.accepted(signal, kind, rejected=rejected, message=_told(reasons, rejected))


def _read(
    signal: str, kind: str, body: bytes, bounds: Bounds
) -> list[UsageRecord | Point | Refusal]:
    told = decode(signal, kind, body, bounds)
    if signal == "metrics":
        return list(points_of(told, attributes_at_most=bounds.attributes))
    return list(_records_of(told, bounds))


def _records_of(told: Iterable[Told], bounds: Bounds) -> Iterable[UsageRecord | Refusal]:
    for own, span in told:
        listed = span.get("attributes")
        many = len(listed) if isinstance(listed, list) else 0
        if max(many, len(own)) > bounds.attributes:
            yield Refusal(
                line=0, reason=f"Span refused: it has more than {bounds.attributes} attributes."
            )
        else:
            yield from records_of_span(own, span)


def _hint(signal: str) -> str:
    if signal == "metrics":
        return _NOT_COUNTED.format("Token metrics", "spans", "metrics")
    return _NOT_COUNTED.format("Spans", "token metrics", "spans")


def _told(reasons: Sequence[str], rejected: int) -> str:
    """Return the first reasons, each once, in one text."""
    if not rejected:
        return ""
    text = " ".join(list(dict.fromkeys(reasons))[:3])
    return text[:_LONGEST]


def busy(kind: str) -> Answer:
    """Return the answer to one request too many."""
    return answers.refused(
        429,
        "The receiver has more to do than it takes at once; send this again.",
        kind,
        Retry_After=_AGAIN_S,
    )
