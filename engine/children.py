"""Ends processes that were started here, and lets go of what asyncio holds of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.subprocess import Process


async def kill(process: Process) -> None:
    """End a process for good and wait until it is gone; one that has ended is only let go of.

    Args:
        process: Any child; what is still to be read from its pipes is lost.
    """
    with suppress(ProcessLookupError):
        process.kill()
    # Its pipes are closed first: a reader that was paused, or a grandchild that holds them too,
    # would keep them open, and asyncio waits for their end before it tells of the child's.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - nothing public does
    await process.wait()
