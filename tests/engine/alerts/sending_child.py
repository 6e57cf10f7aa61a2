"""A monitor's sender in a process of its own: `python -m tests.engine.alerts.sending_child URL`.

It looks again and again until it is killed; the lease of what it takes is told by a second word.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from engine.alerts import claiming
from engine.alerts.sending import Sender
from engine.errors import WorkspaceError
from engine.settings import Settings
from engine.workspace import Workspace


async def main(url: str, lease_s: float) -> None:
    """Sends what is due, as the monitor does, without its pause between two looks."""
    claiming.LEASE_S = lease_s
    workspace = Workspace.open(Settings(database=url, master_key="ab" * 32), origin="monitor")
    sender = Sender(workspace, workspace.credentials.core, workspace.http_client)
    print("ready", flush=True)  # noqa: T201 - read by the test
    while True:
        try:
            await sender.look()
        except WorkspaceError as error:
            if not error.temporary:
                raise
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
