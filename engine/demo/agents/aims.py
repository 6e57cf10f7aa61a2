"""The demo's limits: each where its aim wants it, seen from what was used until now."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from engine.demo.things import Aim
from engine.usage.period import date_of, day_of, period_of
from engine.usage.records import NANOS_PER_CENT
from engine.usage.results import UsageTotal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from engine.demo.things import Allowance
    from engine.workspace import Workspace

_ALL = 500
_WEEK = 7
_DAY = timedelta(days=1)
# How much of a limit is used, where that is the aim: from one to the other.
_SHARE = {Aim.OVER: (1.02, 1.12), Aim.NEARLY: (0.955, 0.985), Aim.WARNED: (0.82, 0.92)}
_SOON_DAYS = (1.6, 4.8)
# Of the days that are left.
_LATE = (0.6, 0.95)
# So that even on the last day not half of it is used, which would be a warning.
_AMPLE = (2.2, 4.0)
_DIGITS = 3
_NOTHING = UsageTotal(key="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What was used in a month until now, on a day of late, and how many days are left."""

    used: float
    daily: float
    days_left: float


async def allow(workspace: Workspace, tenant_id: str, allowances: Iterable[Allowance]) -> None:
    """Set what may be used of a tenant's things, as everybody sets it."""
    listed = await workspace.integrations.list_integrations(tenant_id, limit=_ALL)
    ids = {one.name: one.id for one in listed.items}
    for one in allowances:
        subject = ids[one.subject] if one.scope == "integration" else one.subject or tenant_id
        await workspace.limits.set_limits(
            tenant_id,
            one.scope,
            subject,
            **await _limits(workspace, tenant_id, subject, one),
            warning_levels=one.levels or None,
        )


def limit_of(aim: Aim, standing: Standing, chance: float) -> int:
    """Return the limit of an aim, as people would set it: three digits and then noughts.

    Args:
        aim: Where it shall stand.
        standing: What was used, and how much is used in a day.
        chance: From 0 to 1; no two limits stand alike.
    """
    used, daily, left = standing.used, standing.daily, standing.days_left
    match aim:
        case Aim.SOON:
            wanted = used + daily * min(_between(_SOON_DAYS, chance), left / 2)
        case Aim.LATE:
            wanted = used + daily * left * _between(_LATE, chance)
        case Aim.AMPLE:
            wanted = (used + daily * left) * _between(_AMPLE, chance)
        case _:
            wanted = used / _between(_SHARE[aim], chance)
    return max(1, _round(wanted))


async def _limits(
    workspace: Workspace, tenant_id: str, subject: str, allowance: Allowance
) -> Mapping[str, int | None]:
    now = workspace.clock.now()
    start = period_of(now).start - _WEEK * _DAY
    told = await workspace.usage.days(tenant_id, allowance.scope, subject, start, now)
    by_date = {day.key: day for day in told}
    numbers = range(day_of(start), day_of(now) + 1)
    days = [by_date.get(date_of(number).isoformat(), _NOTHING) for number in numbers]
    standing = partial(_standing, now)
    chance = random.Random(f"{tenant_id} {allowance.scope} {allowance.subject}").random()  # noqa: S311
    cents = standing([day.cost_nanos / NANOS_PER_CENT for day in days])
    counted = standing([float(day.tokens) for day in days])
    return {
        "budget_limit_cents": _aimed(allowance.budget, cents, chance),
        "token_limit_month": _aimed(allowance.tokens, counted, chance),
        "rate_limit_rpm": allowance.rpm or None,
    }


def _aimed(aim: Aim | None, standing: Standing, chance: float) -> int | None:
    return None if aim is None else limit_of(aim, standing, chance)


def _standing(now: datetime, days: Sequence[float]) -> Standing:
    """Return how a month stands; its days come after those of the week before it."""
    # The last day is today, which is not complete.
    daily = sum(days[-_WEEK - 1 : -1]) / _WEEK
    left = (period_of(now).end - now) / _DAY
    return Standing(used=sum(days[_WEEK:]), daily=daily, days_left=left)


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share


def _round(number: float) -> int:
    digits = len(str(int(number))) - _DIGITS
    return round(round(number), -digits) if digits > 0 else round(number)
