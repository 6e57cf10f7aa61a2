"""Sending what is due: each alert by one sender, and never twice.

A look plans what is to be told, takes for lost what dead senders left, and lets each channel
that is due say what it has to, one message after the other, channels beside one another.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from engine.alerts.delivery import LONGEST_PAUSE_S, UNSURE, Delivery
from engine.alerts.model import SENT
from engine.alerts.speaking import Speaker
from engine.errors import LampboardError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.alerts.claiming import Claimed, Work
    from engine.alerts.recording import Outcome
    from engine.alerts.webhook import Sends
    from engine.credentials import CredentialStore
    from engine.hop import Hop

AT_ONCE = 8
"""Channels that are spoken through at once, at most."""
REFUSALS = 3
"""In a row: then the channel itself is taken to be in trouble, and not only one alert."""
REST_S = 30
"""For which a channel in trouble is left alone, whatever else it has to say."""
_TRIES, _PAUSE_S = 20, 1.0
_STOPPED = "The monitor was stopped while it was being sent."

logger = logging.getLogger(__name__)


class Sender:
    """Plans and sends alerts of everybody; `look` again and again, `end` once.

    Args:
        hop: The way to the database.
        credentials: Where the channels' URLs are kept.
        client: Gives what sends requests, at first use.

    Attributes:
        next_at: When something is due that is known by now; None where nothing is.
    """

    def __init__(self, hop: Hop, credentials: CredentialStore, client: Callable[[], Sends]) -> None:
        self._hop = hop
        self._speaker = Speaker(hop, credentials, client)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._later: dict[str, datetime] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self.next_at: datetime | None = None

    async def look(self) -> int:
        """Plan, and begin to send what is due; return how many channels began to speak.

        Raises:
            WorkspaceError: The database cannot be used.
        """
        now = self._hop.clock.now()
        lost, changed = await self._hop.read(partial(_what_to_write, now=now))
        if lost:
            logger.warning("%d alerts are uncertain.", await self._hop.write(self._lose))
        if changed:
            await self._hop.write(partial(_plan, now=now))
        due, self.next_at = await self._hop.read(partial(_due, now=now))
        # What is further away is of a clock that was set back since.
        furthest = now + timedelta(seconds=LONGEST_PAUSE_S)
        self._later = {one: at for one, at in self._later.items() if now < at <= furthest}
        self.next_at = min((*self._later.values(), *filter(None, [self.next_at])), default=None)
        begun = [one for one in due if one not in self._busy and one not in self._later]
        for channel_id in begun:
            task = asyncio.create_task(self._speak(channel_id))
            self._busy[channel_id] = task
            task.add_done_callback(partial(self._spoken, channel_id))
        return len(begun)

    async def settle(self) -> None:
        """Wait until every channel that speaks has said what it had to."""
        while self._busy:
            await asyncio.wait(self._busy.values())
            await asyncio.sleep(0)

    async def end(self) -> None:
        """Stop; what is under way is written down as not known."""
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _spoken(self, channel_id: str, task: asyncio.Task[None]) -> None:
        self._busy.pop(channel_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("A channel could not be spoken through: %s", type(error).__name__)

    def _lose(self, connection: Connection) -> int:
        from engine.alerts.recording import lose

        return lose(connection, self._hop)

    async def _speak(self, channel_id: str) -> None:
        refusals = 0
        async with self._room:
            try:
                while (said := await self._say_next(channel_id)) is not None:
                    refusals = 0 if said else refusals + 1
                    if refusals == REFUSALS:
                        self._rest(channel_id, REST_S)
                        return
            except WorkspaceError as error:
                logger.warning("Alerts could not be sent: %s", error.message)
            except LampboardError as error:
                logger.warning("A channel could not be spoken through: %s", error.message)

    def _rest(self, channel_id: str, seconds: int) -> None:
        self._later[channel_id] = self._hop.clock.now() + timedelta(seconds=seconds)

    async def _say_next(self, channel_id: str) -> bool | None:
        """Say what is next; tell whether it was taken, or None where nothing is to follow now."""
        owner, now = self._hop.ids(), self._hop.clock.now()
        claiming = partial(_claim, channel_id=channel_id, owner=owner, now=now)
        taking = asyncio.create_task(self._hop.write(claiming, durable=True))
        try:
            claimed = await asyncio.shield(taking)
        except asyncio.CancelledError:
            await self._give_back(await taking)
            raise
        if claimed.later is not None:
            self._later[channel_id] = claimed.later
        if claimed.work is None:
            return claimed.done or None
        return await self._send(claimed.work)

    async def _give_back(self, claimed: Claimed) -> None:
        """Let another send what was taken and not begun."""
        if claimed.work is not None:
            await self._hop.write(partial(_give_back, work=claimed.work))

    async def _send(self, work: Work) -> bool | None:
        """Say it and write down what came of it; tell as `_say_next` does.

        Whoever asks for a pause gets it, and whoever does not answer is given one: what went out
        and was not answered is not sent again, so the rest is better kept.
        """
        channel = work.channel
        try:
            delivery = await self._speaker.say(
                channel.tenant_id,
                channel.type,
                channel.credential_ref,
                channel.options,
                work.message,
            )
        except asyncio.CancelledError:
            unsure = Delivery(outcome=UNSURE, message=_STOPPED)
            await asyncio.shield(asyncio.create_task(self._record(work, unsure)))
            raise
        outcome = await self._record(work, delivery)
        if outcome is None:
            return None
        if outcome.state != SENT:
            logger.warning("Channel %s: %s", channel.name, outcome.error)
            pause = REST_S if delivery.outcome == UNSURE else delivery.retry_after_s
            if not pause:
                return False
            self._rest(channel.id, pause)
            return None
        told = {"tenant": channel.tenant_id, "alerts": len(work.ids)}
        logger.info("Channel %s told: %s", channel.name, work.message.title, extra=told)
        return True

    async def _record(self, work: Work, delivery: Delivery) -> Outcome | None:
        """Write down what came of it, however often the database has to be asked.

        What cannot be written while the lease holds is uncertain then, and so is what a power cut
        takes back: only an outcome that is known is worth waiting for the disk.
        """
        known = delivery.outcome != UNSURE
        for turn in range(_TRIES):
            try:
                writing = partial(_record, run=self._hop, work=work, delivery=delivery)
                return await self._hop.write(writing, durable=known)
            except WorkspaceError as error:
                if not error.temporary or turn == _TRIES - 1:
                    raise
                await asyncio.sleep(_PAUSE_S)
        return None


def _what_to_write(connection: Connection, *, now: datetime) -> tuple[bool, bool]:
    from engine.alerts.planning import plan
    from storage.alerts import SendingDriver

    return SendingDriver(connection).any_lost(now), bool(plan(connection, now, write=False))


def _plan(connection: Connection, *, now: datetime) -> None:
    from engine.alerts.planning import plan

    plan(connection, now, write=True)


def _due(connection: Connection, *, now: datetime) -> tuple[list[str], datetime | None]:
    from storage.alerts import PlanDriver, SendingDriver

    due = SendingDriver(connection).due_channels(now)
    return due, PlanDriver(connection).next_moment(now)


def _claim(connection: Connection, *, channel_id: str, owner: str, now: datetime) -> Claimed:
    from engine.alerts.claiming import claim

    return claim(connection, channel_id, owner, now)


def _record(connection: Connection, *, run: Hop, work: Work, delivery: Delivery) -> Outcome:
    from engine.alerts.recording import record

    return record(connection, run, work, delivery)


def _give_back(connection: Connection, *, work: Work) -> None:
    from engine.alerts.recording import give_back

    give_back(connection, work)
