"""The thresholds that a target has for itself, and forgetting what its checks came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from storage import revisions
from storage.health.verdicts import GOOD
from storage.tables import targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_OF = targets.c.number == bindparam("_number", required=True)
_READ = select(targets.c.fail_after, targets.c.pass_after).where(_OF)
_SET = update(targets).where(_OF)
_NOTHING = 1
"""No check is remembered: the leading bit alone."""
_FORGET = (
    update(targets)
    .where(targets.c.number.in_(bindparam("_numbers", expanding=True, required=True)))
    .values(recent=_NOTHING, verdict=GOOD)
)
_OUT_OF_USE = (
    update(targets)
    .where(targets.c.kind == bindparam("_kind", required=True))
    .where(targets.c.id == bindparam("_id", required=True))
    .where(targets.c.verdict == GOOD)
    .values(recent=_NOTHING)
)
_UNUSED = (
    select(targets.c.number, targets.c.tenant_id)
    .where(targets.c.verdict != GOOD)
    .where(targets.c.retired_at.is_not(None) | ~targets.c.active)
    .order_by(targets.c.number)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnThresholds:
    """After how many checks in a row a target is bad and good; None is as everywhere."""

    failures: int | None
    passes: int | None


def own_thresholds(connection: Connection, number: int) -> OwnThresholds:
    """Gives the thresholds that a target has for itself."""
    failures, passes = connection.execute(_READ, {"_number": number}).one()
    return OwnThresholds(failures=failures, passes=passes)


def set_thresholds(connection: Connection, number: int, kind: str, own: OwnThresholds) -> None:
    """Gives a target thresholds of its own; they hold from its next check on."""
    values = {"fail_after": own.failures, "pass_after": own.passes}
    connection.execute(_SET.values(values), {"_number": number})
    revisions.bump(connection, revisions.OF_KIND[kind])


def out_of_use(connection: Connection, kind: str, thing_id: str) -> None:
    """Forgets the checks of what is taken out of use while it is good: too few bad ones so far.

    What is not good keeps them until whoever watches has closed its incident, and forgets it then.
    """
    connection.execute(_OUT_OF_USE, {"_kind": kind, "_id": thing_id})


def unused(connection: Connection, *, locked: bool = False) -> dict[int, str]:
    """Gives the targets that are not good and not there or in use any more, with their tenants.

    `locked` lets nobody write results of them until the commit. Whoever writes some locks targets
    first and takes turns then; so must whoever locks these.
    """
    statement = _UNUSED.with_for_update(key_share=True) if locked else _UNUSED
    return {number: tenant_id for number, tenant_id in connection.execute(statement)}  # noqa: C416


def forget(connection: Connection, numbers: Sequence[int]) -> None:
    """Judges targets as if they had never been checked."""
    if numbers:
        connection.execute(_FORGET, {"_numbers": list(numbers)})
