"""A process that rotates and is killed for good (SIGKILL) at its n-th step; 0 is never.

Run as `python -m tests.engine.credentials.rotation_child URL KEY_FILE STEP BATCH`. It says when it
begins, so that whoever started it may kill it at any moment instead.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from engine.credentials.rotation import MasterKeys
from tests.engine.credentials.rotation_kit import (
    Countdown,
    MortalHop,
    count_files,
    opened,
    settings_for,
)


class Deadly(Countdown):
    """Kills the whole process: nothing is tidied up after it."""

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, key_file: str, step: str, batch: str) -> None:
    workspace = opened(settings_for(url, Path(key_file)))
    countdown = Deadly(int(step))
    count_files(countdown)
    hop = MortalHop(workspace, countdown)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    keys = MasterKeys(hop, workspace.credentials.core.keys, batch=int(batch))  # type: ignore[arg-type]
    done = await keys.rotate(keep=False)
    sys.stdout.write(f"{done.finished} after {-countdown.left} steps\n")
    await workspace.aclose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
