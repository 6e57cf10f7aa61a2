"""The time that passes for the simulated servers, and how long their answers take."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.demo.behaviour import Step

_JITTER = (0.85, 1.25)


class Passing:
    """Seconds since the start, and chance: the same in every run."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._start = self._loop.time()
        self._chance = random.Random(1)  # noqa: S311 - jitter of a simulation

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return self._loop.time() - self._start

    async def wait(self, step: Step) -> None:
        """Take about as long as the step says that an answer takes."""
        await asyncio.sleep(step.latency_ms / 1000 * self._chance.uniform(*_JITTER))
