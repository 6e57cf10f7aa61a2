"""Drivers of stored gateways, kept open between runs and made anew when what they reach changed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from engine.gateway.executing import SqlDriver
    from engine.probes.place import Place, Tools

MOST = 32
"""Gateways that are kept open; the one that was idle for longest is closed for another."""


@dataclass(eq=False, slots=True)
class _Kept:
    """One driver: where it leads, how many runs are at it, whether another has its place."""

    place: Place
    driver: SqlDriver
    runs: int = 0
    replaced: bool = False
    closed: bool = False

    async def close(self) -> None:
        """Close the driver, once."""
        if not self.closed:
            self.closed = True
            await self.driver.close()


class OpenDrivers:
    """One driver for each gateway, by its id; used in one event loop.

    A place that is another than before, be it by its address, login or secret, gets a new driver;
    the old one is closed when the last run at it has ended.

    Args:
        tools: Gives what runs use to reach out, in the running loop.
        make: Makes a driver; nothing is connected yet.
    """

    def __init__(
        self, tools: Callable[[], Tools], make: Callable[[Place, Tools], SqlDriver]
    ) -> None:
        self._tools = tools
        self._make = make
        self._kept: dict[str, _Kept] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def driver(self, gateway_id: str, place: Place) -> AsyncIterator[SqlDriver]:
        """Give the driver of a gateway for as long as one run takes."""
        kept = self._found(gateway_id, place)
        kept.runs += 1
        try:
            yield kept.driver
        finally:
            kept.runs -= 1
            if kept.replaced and not kept.runs:
                await kept.close()

    async def aclose(self) -> None:
        """Close all of them; calling it again does nothing."""
        kept, self._kept = list(self._kept.values()), {}
        for one in kept:
            one.replaced = True
            await one.close()
        await asyncio.gather(*self._closing)

    def _found(self, gateway_id: str, place: Place) -> _Kept:
        kept = self._kept.pop(gateway_id, None)
        if kept is None or kept.place != place:
            if kept is not None:
                self._replace(kept)
            self._make_room()
            kept = _Kept(place=place, driver=self._make(place, self._tools()))
        self._kept[gateway_id] = kept  # the last one is the one that was used last
        return kept

    def _make_room(self) -> None:
        idle = [name for name, kept in self._kept.items() if not kept.runs]
        for name in idle[: max(0, len(self._kept) - MOST + 1)]:
            self._replace(self._kept.pop(name))

    def _replace(self, kept: _Kept) -> None:
        kept.replaced = True
        if not kept.runs:
            task = asyncio.get_running_loop().create_task(kept.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
