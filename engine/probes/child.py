"""Drivers that must not run in this process, each check in a process of its own.

pymssql keeps the number of the last error for all connections and never forgets it, so that one
wrong password names every later failure (2.4.6); oracledb never returns from a run of zeros and
holds the whole process meanwhile (26.1). A child is ended with its check, whatever it does. It
costs some 0.1 s, and is told everything, secrets too, through its standard input.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from engine.children import talking
from engine.probes.attempt import PREPARE
from engine.probes.place import Place
from engine.probes.refusals import Refused
from engine.probes.registry import get_technology
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from engine.probes.attempt import Attempt

# Each takes some 30 MB.
_AT_ONCE = 8
_START = "from engine.probes.child import main; main()"
_KEPT = ("LD_LIBRARY_PATH", "ODBCSYSINI", "SYSTEMROOT")
# By loop, because a semaphore belongs to one; gone with it.
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def in_child(
    attempt: Attempt, work: str, first: str, **given: object
) -> Mapping[str, object]:
    """Run blocking `work` in a process of its own; its turns are stages of the attempt.

    Args:
        attempt: The check under way.
        work: `module:function`; it gets the place, a function to tell its turns, and `given`, and
            returns details or raises `Refused`.
        first: The stage in which it begins.
        given: What it needs beside the place, fit for JSON.

    Raises:
        Refused: It refused, broke, or found no room to run.
    """
    needs = get_technology(attempt.place.technology).needs
    async with (
        _room(attempt),
        talking(_START, *needs, environment=_environment()) as (orders, answers),
    ):
        # Loading the driver takes longer than most servers, so it is told apart.
        async with attempt.stage(PREPARE):
            await answers.readline()
        order = {"work": work, "place": _told(attempt.place), "given": given}
        orders.write(json.dumps(order).encode() + b"\n")
        with attempt.turns(first) as turn:
            async for line in answers:
                said = json.loads(line)
                if "turn" in said:
                    turn(said["turn"])
                else:
                    return _outcome(said)
            raise Refused("driver_error", "The driver broke down.", "Report it with its version.")


def main() -> None:
    """Do one order: what a child runs."""
    for driver in sys.argv[1:]:
        import_module(driver)
    say({})
    order = json.loads(sys.stdin.readline())
    module, _, name = order["work"].partition(":")
    work: Callable[..., Mapping[str, object]] = getattr(import_module(module), name)
    place = Place(**order["place"])
    try:
        details = work(place, lambda stage: say({"turn": stage}), **order["given"])
        say({"details": dict(details)})
    except Refused as refused:
        say({"refused": [refused.code, refused.message, refused.remedy, refused.state]})
    # No goodbye of a driver's threads: what was asked is answered.
    os._exit(0)


def say(words: object) -> None:
    """Tell the parent one line."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _environment() -> dict[str, str]:
    """Return what finds the libraries; nothing else decides where a driver goes."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LANG": "C.UTF-8"}


def _outcome(said: Mapping[str, Any]) -> Mapping[str, object]:
    if "refused" in said:
        code, message, remedy, state = said["refused"]
        raise Refused(code, message, remedy, state=CusHealthState(state))
    details: Mapping[str, object] = said["details"]
    return details


def _told(place: Place) -> dict[str, object]:
    return asdict(place) | {"oauth": dict(place.oauth), "options": dict(place.options)}


@asynccontextmanager
async def _room(attempt: Attempt) -> AsyncIterator[None]:
    """Hold one of the few places; to find none in time says nothing about the server."""
    slots = _slots.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))
    try:
        await asyncio.wait_for(slots.acquire(), attempt.remaining_s / 2)
    except TimeoutError:
        raise Refused(
            "local_limit",
            "Too many checks of this kind ran at once on this machine.",
            "Nothing is wrong with the server; the next check will tell.",
        ) from None
    try:
        yield
    finally:
        slots.release()
