"""Watching what no check tells of: limits, credentials, ledgers, other monitors, retired things.

A task of its own beside the checks. It looks when something changed that can matter, and once a
minute anyway, because time alone makes credentials expire; it writes only where an incident is to
open, change or close. Several monitors may watch at once: each decides in its turn, over what is
there then.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from engine.errors import LampboardError
from engine.health.rules import BEAT_TIMEOUT, SILENCE
from engine.incidents.model import CREDENTIAL, LEDGER, LIMIT, MONITOR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.settings import Settings
    from storage.incidents import IncidentDraft

LOOK_S = 5.0
"""How often to ask whether anything changed."""
ANYWAY_S = 60.0
"""How often to look though nothing did."""
_CONCEPTS: Mapping[str, frozenset[str]] = {
    LIMIT: frozenset({"limits", "integrations"}),
    CREDENTIAL: frozenset({"credentials"}),
    LEDGER: frozenset({"prevention"}),
    MONITOR: frozenset({"monitors"}),
}
"""What must have changed for a cause to be looked at again."""
_THINGS = frozenset({"integrations", "sources", "connectors"})

logger = logging.getLogger(__name__)


async def watch_conditions(hop: Hop, *, look_s: float = LOOK_S, once: bool = False) -> None:
    """Bring incidents to what holds, again and again until it is cancelled; or once.

    Never raises for what goes wrong: a database that cannot be used is told by the monitor's
    own errands.
    """
    watcher = Watcher(hop)
    while True:
        try:
            await watcher.look()
        except LampboardError as error:
            logger.warning("Conditions could not be looked at: %s", error.message)
            watcher.forget()
        except Exception:  # the next look must come
            logger.exception("Looking at conditions failed.")
            watcher.forget()
        if once:
            return
        await asyncio.sleep(look_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a look found to be done."""

    causes: tuple[str, ...] = ()
    gap: bool = False
    retired: bool = False


class Watcher:
    """Looks at what changed since its last look, and settles it."""

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._looked_at: datetime | None = None
        self._deaf_until = float("-inf")
        self.forget()

    def forget(self) -> None:
        """Look at everything the next time."""
        self._known: Mapping[str, int] = {}
        self._anyway_at = float("-inf")

    async def look(self) -> bool:
        """Settle what is to be settled; return whether anything was.

        Raises:
            WorkspaceError: The database cannot be used.
        """
        from storage import revisions

        monotonic = self._hop.clock.monotonic()
        newer = await self._hop.read(revisions.read)
        changed = frozenset(name for name, rev in newer.items() if rev != self._known.get(name))
        if monotonic >= self._anyway_at:
            changed = frozenset(newer)
            self._anyway_at = monotonic + ANYWAY_S
        if self._is_deaf(monotonic):
            changed -= _CONCEPTS[MONITOR]
        done = await self._settle(changed)
        self._known = newer
        return done

    def _is_deaf(self, monotonic: float) -> bool:
        """Tell whether heartbeats say nothing yet: this monitor itself saw nothing for a while.

        The database was away, or this machine slept, or its clock was set: the others, and this
        monitor too, are given time to be heard of again before one is told as dead.
        """
        now = self._hop.clock.now()
        if self._looked_at is not None and now - self._looked_at > BEAT_TIMEOUT:
            self._deaf_until = monotonic + SILENCE.total_seconds()
        self._looked_at = now
        return monotonic < self._deaf_until

    async def _settle(self, changed: frozenset[str]) -> bool:
        causes = [cause for cause, concepts in _CONCEPTS.items() if concepts & changed]
        things = bool(_THINGS & changed)
        if not causes and not things:
            return False
        now = self._hop.clock.now()
        find = partial(_find, now=now, settings=self._hop.settings)
        seen = await self._hop.read(
            partial(_look, causes=causes, things=things, find=find, now=now)
        )
        if seen == Seen():
            return False
        for line in await self._hop.write(partial(_write, seen=seen, find=find, now=now)):
            logger.info("%s", line)
        return True


def _find(
    connection: Connection, cause: str, *, now: datetime, settings: Settings
) -> list[IncidentDraft]:
    """Return everything of a cause that holds now."""
    from engine.monitor import conditions
    from storage.incidents import IncidentsDriver

    if cause in {LIMIT, CREDENTIAL}:
        known = IncidentsDriver(connection).open_of(cause)
        if cause == LIMIT:
            return conditions.limits(connection, now, known, least=settings.incident_limit_percent)
        warning = timedelta(days=settings.credential_warning_days)
        return conditions.credentials(connection, now, warning, known)
    return (conditions.ledgers if cause == LEDGER else conditions.monitors)(connection, now)


def _look(
    connection: Connection,
    *,
    causes: Sequence[str],
    things: bool,
    find: Callable[[Connection, str], list[IncidentDraft]],
    now: datetime,
) -> Seen:
    """Return what is to be written, on a reading connection: mostly nothing is."""
    from engine.incidents.conditions import any_retired, is_told, plan
    from engine.monitor import conditions

    gap = conditions.gap(connection, now) if MONITOR in causes else None
    return Seen(
        causes=tuple(one for one in causes if plan(connection, one, find(connection, one))),
        gap=gap is not None and not is_told(connection, gap[0]),
        retired=things and any_retired(connection),
    )


def _write(
    connection: Connection,
    *,
    seen: Seen,
    find: Callable[[Connection, str], list[IncidentDraft]],
    now: datetime,
) -> list[str]:
    """Write it, as it is by now; return lines for the log."""
    from engine.incidents.conditions import close_retired, settle, tell
    from engine.monitor import conditions

    lines = []
    if seen.gap and (found := conditions.gap(connection, now)) and tell(connection, *found):
        lines.append(found[0].title)
    for cause in seen.causes:
        done = settle(connection, cause, find, now)
        lines += [f"Opened: {draft.title}" for draft in done.begin]
        lines += [f"Closed: {row.title}" for row in done.end]
    if seen.retired:
        close_retired(connection, now)
    return lines
