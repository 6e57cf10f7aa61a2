"""Work that is claimed and waits for its start: a lane a technology, each with its own cap. Pure.

A thousand targets of one technology that hang fill its lane and nothing else: its cap bounds
what they hold in flight, and its length what is claimed for it in advance.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar


class Work(Protocol):
    """What waits: its lane, and the monotonic second from which it may start."""

    @property
    def lane(self) -> str:
        """The lane's name: the technology."""
        ...

    @property
    def ready_at(self) -> float:
        """Monotonic seconds."""
        ...


W = TypeVar("W", bound=Work)


@dataclass(slots=True)
class _Lane(Generic[W]):
    waiting: deque[W] = field(default_factory=deque)
    in_flight: int = 0


class Lanes(Generic[W]):
    """Chooses what starts next, and says where more is wanted.

    Args:
        in_flight: Checks at once over all lanes.
        per_lane: Checks at once of one lane.
        length: How many may wait in a lane before it is passed over when claiming.
    """

    def __init__(self, *, in_flight: int, per_lane: int, length: int) -> None:
        self._in_flight = in_flight
        self._per_lane = per_lane
        self._length = length
        self._lanes: dict[str, _Lane[W]] = {}
        self.waiting = 0
        self.flying = 0

    def add(self, work: W) -> None:
        """Let work wait in its lane; within a lane it starts in the order of adding."""
        self._lanes.setdefault(work.lane, _Lane()).waiting.append(work)
        self.waiting += 1

    def start(self, now: float) -> W | None:
        """Take out what is to start now: the longest ready of all lanes below their caps."""
        lane = self._next_lane()
        if lane is None or lane.waiting[0].ready_at > now:
            return None
        lane.in_flight += 1
        self.flying += 1
        self.waiting -= 1
        return lane.waiting.popleft()

    def done(self, lane: str) -> None:
        """Give the slot of a check that ended back."""
        self._lanes[lane].in_flight -= 1
        self.flying -= 1

    def ready_at(self) -> float | None:
        """Return when the next work is ready; None when a slot or work must come first."""
        lane = self._next_lane()
        return None if lane is None else lane.waiting[0].ready_at

    def crowded(self) -> tuple[str, ...]:
        """Return the lanes that have enough waiting, in order."""
        full = (name for name, lane in self._lanes.items() if len(lane.waiting) >= self._length)
        return tuple(sorted(full))

    def wanting(self) -> bool:
        """Tell whether work that could be started soon is running out."""
        open_lanes = (lane for lane in self._lanes.values() if lane.in_flight < self._per_lane)
        return sum(len(lane.waiting) for lane in open_lanes) < self._length // 2

    def clear(self) -> list[W]:
        """Take out all that waits."""
        left = [work for lane in self._lanes.values() for work in lane.waiting]
        for lane in self._lanes.values():
            lane.waiting.clear()
        self.waiting = 0
        return left

    def _next_lane(self) -> _Lane[W] | None:
        if self.flying >= self._in_flight:
            return None
        usable = (
            lane
            for lane in self._lanes.values()
            if lane.waiting and lane.in_flight < self._per_lane
        )
        return min(usable, key=lambda lane: lane.waiting[0].ready_at, default=None)
