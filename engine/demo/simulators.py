"""The other side of the demo, served on loopback: `python -m engine.demo.simulators`.

A process of its own, so that a slow answer is the server's and not this program's. It reads its
plan (`engine.demo.plan`) as one line from stdin, answers with one line of JSON that tells each
site's port, and ends when stdin does: it never outlives whoever started it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack

from engine.demo.passing import Passing
from engine.demo.plan import Site, from_line
from engine.demo.web_sites import WebSite
from engine.demo.wire_sites import WireSite
from engine.demo.wires import WIRES

_PLAN_BYTES = 4 * 1024 * 1024


async def serve(sites: list[Site], reader: asyncio.StreamReader) -> None:
    """Serve the sites, tell their ports on stdout, and end with the reader's end."""
    passing = Passing()
    async with AsyncExitStack() as stack:
        ports: dict[str, int] = {}
        for site in sites:
            served: WireSite | WebSite = (
                WireSite(site, passing) if site.dialect in WIRES else WebSite(site, passing)
            )
            await stack.enter_async_context(served)
            ports[site.name] = served.port
        sys.stdout.write(json.dumps(ports) + "\n")
        sys.stdout.flush()
        while await reader.read(4096):
            pass


async def main() -> None:
    """Read the plan from stdin and serve it."""
    reader = asyncio.StreamReader(limit=_PLAN_BYTES)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await serve(from_line((await reader.readline()).decode()), reader)


if __name__ == "__main__":
    asyncio.run(main())
