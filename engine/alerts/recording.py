"""What came of an alert, written down: told, to be tried again, given up, or not known.

Loaded in the worker thread only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.activity.record import note
from engine.alerts.claiming import along
from engine.alerts.delivery import TOLD, UNSURE
from engine.alerts.model import FAILED, SENT, UNCERTAIN, WAITING
from storage.alerts import SendingDriver

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.alerts.claiming import Work
    from engine.alerts.delivery import Delivery
    from engine.hop import Run

PAUSES_S = (30, 60, 120, 300, 600)
"""After each try that was refused; the last one again and again."""
GIVE_UP_AFTER_S = 86_400
MAX_ATTEMPTS = len(PAUSES_S) + (GIVE_UP_AFTER_S - sum(PAUSES_S)) // PAUSES_S[-1]
"""How many tries that makes: about a day of them."""
DIED = "Its sender ended before it was known whether it was told; it is not sent again by itself."


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What is written of alerts: their state, when to try again, and why."""

    state: str
    error: str | None = None
    due_at: datetime | None = None


def outcome_of(work: Work, delivery: Delivery, now: datetime) -> Outcome:
    """Return what one try comes to.

    What may have arrived is not sent again, unless the receiver is said to drop repeats: the
    same alert has the same key, but the same many told together may not come together again.
    """
    if delivery.outcome == TOLD:
        return Outcome(state=SENT)
    drops = work.channel.options.get("again") == "yes" and len(work.ids) == 1
    if delivery.outcome == UNSURE and not drops:
        return Outcome(state=UNCERTAIN, error=delivery.message)
    if work.attempts >= MAX_ATTEMPTS:
        return Outcome(state=FAILED, error=f"Given up after a day: {delivery.message}")
    pause = PAUSES_S[min(work.attempts, len(PAUSES_S)) - 1]
    due_at = now + timedelta(seconds=max(pause, delivery.retry_after_s))
    return Outcome(state=WAITING, error=delivery.message, due_at=due_at)


def record(connection: Connection, run: Run, work: Work, delivery: Delivery) -> Outcome:
    """Write down what came of work, unless it was taken for lost and sent again meanwhile."""
    now = run.clock.now()
    driver, outcome = SendingDriver(connection), outcome_of(work, delivery, now)
    changes: dict[str, object] = {"state": outcome.state, "error": outcome.error}
    if outcome.due_at is not None:
        changes["due_at"] = outcome.due_at
    if outcome.state == SENT:
        changes["sent_at"] = now
    lead, *rest = work.ids
    words = {"title": work.message.title, "body": work.message.body}
    driver.end([lead], work.owner, changes | words)
    if rest:
        told = along(lead) if outcome.state == SENT else outcome.error
        driver.end(rest, work.owner, changes | {"error": told})
    if outcome.state == SENT:
        driver.tell(work.channel.id, last_sent_at=now, last_error=None)
    else:
        driver.tell(work.channel.id, last_error=outcome.error, last_error_at=now)
    if outcome.state in {FAILED, UNCERTAIN}:
        _note(connection, run, work, outcome)
    return outcome


def give_back(connection: Connection, work: Work) -> None:
    """Make alerts wait again that were taken and of which nothing went out."""
    driver = SendingDriver(connection)
    lead, *rest = work.ids
    driver.end([lead], work.owner, {"state": WAITING, "attempts": work.attempts - 1})
    if rest:
        driver.end(rest, work.owner, {"state": WAITING})


def lose(connection: Connection, run: Run) -> int:
    """Make uncertain what dead senders left behind; say how many alerts that were."""
    now = run.clock.now()
    driver = SendingDriver(connection)
    lost = driver.lose(now, DIED)
    for channel_id in sorted({channel_id for _, channel_id in lost}):
        channel = driver.channel(channel_id)
        driver.tell(channel_id, last_error=DIED, last_error_at=now)
        if channel is None:
            continue
        ids = [number for number, its in lost if its == channel_id]
        note(
            connection,
            run,
            channel.tenant_id,
            action="alert.uncertain",
            concept="alerts",
            thing_id=channel.id,
            thing_name=channel.name,
            detail={"alerts": ids[:100], "why": DIED},
        )
    return len(lost)


def _note(connection: Connection, run: Run, work: Work, outcome: Outcome) -> None:
    note(
        connection,
        run,
        work.channel.tenant_id,
        action=f"alert.{outcome.state}",
        concept="alerts",
        thing_id=work.channel.id,
        thing_name=work.channel.name,
        detail={"alerts": list(work.ids[:100]), "why": outcome.error},
    )
