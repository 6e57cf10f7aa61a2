"""Imports a log in a process of its own, and kills it where the test says."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from engine.clock import FixedClock
from engine.settings import Settings
from engine.usage import importing
from engine.usage.importing import Wanted, import_log
from engine.usage.placing import Wishes
from engine.usage.readers.files import open_log
from engine.workspace import Workspace
from tests.engine.conftest import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

POINTS = ("gathered", "recorded", "noted", "committed")
SIZE = 100


def kill_at(point: str, batch: int) -> None:
    """Ends this process like a power cut would at a point of one batch."""
    run: Any = importing._Import
    count = dict.fromkeys(POINTS, 0)

    def at(name: str) -> None:
        count[name] += 1
        if name == point and count[name] == batch:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(method: str, name: str) -> None:
        _wrap(run, method, lambda: at(name), first=True)

    before("_write", "gathered")
    before("_keep_cursor", "recorded")
    _wrap(run, "_keep_cursor", lambda: at("noted"), first=False)
    before("_note", "committed")


def _wrap(owner: Any, method: str, also: Callable[[], None], *, first: bool) -> None:
    plain = getattr(owner, method)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if first:
            also()
        done = plain(*args, **kwargs)
        if not first:
            also()
        return done

    setattr(owner, method, wrapped)


async def main(database: str, path: str) -> None:
    settings = Settings(database=database, operator="olga")
    workspace = Workspace.open(settings, clock=FixedClock(NOON))
    log = open_log(path)
    try:
        report = await import_log(
            workspace, log, Wanted(tenant_id="acme", wishes=Wishes(default="gpt"))
        )
        print(report.new, report.duplicate, report.refused, report.went_on_at)  # noqa: T201
    finally:
        log.close()
        await workspace.aclose()


if __name__ == "__main__":
    importing.BATCH = SIZE  # type: ignore[misc]
    if len(sys.argv) > 3:
        kill_at(sys.argv[3], int(sys.argv[4]))
    asyncio.run(main(sys.argv[1], sys.argv[2]))
