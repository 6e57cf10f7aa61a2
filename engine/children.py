"""Starts processes of this Python, ends any that were started here, and lets go of their pipes."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Mapping

MAX_LINE = 65_536
"""Bytes of one line that a child may say."""


@asynccontextmanager
async def talking(
    code: str, *arguments: str, environment: Mapping[str, str]
) -> AsyncIterator[tuple[asyncio.StreamWriter, asyncio.StreamReader]]:
    """Run code in a process of its own, and give what one writes to it and reads from it.

    Args:
        code: Python's `-c`.
        arguments: What stands behind it; every user of the machine can read them.
        environment: All that the child finds in its own.

    It is ended with the block, whatever it is at.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=MAX_LINE,
        env=environment,
    )
    try:
        yield (
            cast("asyncio.StreamWriter", process.stdin),
            cast("asyncio.StreamReader", process.stdout),
        )
    finally:
        await kill(process)


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
