"""Many integrations of one provider that fail together: one incident, which names the provider.

It takes the place of those that its targets have already, and of those that they would get. What
turns bad later joins it; it closes when nothing in it is bad any more, however few that were: as
recovered when one of the last did, as retired when none of them is in use any more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from engine.incidents import keeping, lamps
from engine.incidents.model import CRITICAL, PROVIDER, WARNING
from engine.probes.states import CusHealthState
from storage.health.verdicts import GOOD
from storage.incidents import IncidentDraft

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.health import TurnRow
    from storage.incidents import BadRow, IncidentRow, IncidentsDriver, MemberRow

INTEGRATION = "integration"
NEEDED = 3
"""So many at least, and half of those that are in use, are the provider's fault."""
APART = frozenset({"custom"})
"""What is no one provider: each of these is at another server."""
_NAMED = 20


def key_of(tenant_id: str, technology: str) -> str:
    """Return the key of a provider's incidents."""
    return f"provider:{tenant_id}:{technology}"


def provider_of(one: TurnRow) -> tuple[str, str] | None:
    """Return whose and which provider a target is of, where there can be an incident of it."""
    grouped = one.kind == INTEGRATION and one.technology not in APART
    return (one.tenant_id, one.technology) if grouped else None


def turn(driver: IncidentsDriver, provider: tuple[str, str], turned: Sequence[TurnRow]) -> set[int]:
    """Bring a provider's incident to how its targets are now.

    Returns the numbers of the targets that it takes care of: they have none of their own.
    """
    tenant_id, technology = provider
    key, at = key_of(tenant_id, technology), max(one.at for one in turned)
    row = driver.last_of(key)
    if row is not None and row.closed_at is None:
        inside = driver.in_it(row.number)
        before = {one.target_number for one in inside}
        bad = {one.number for one in driver.not_good(tenant_id, technology)}
        if bad - before:
            _join(driver, row, bad - before, at)
            inside = driver.in_it(row.number)
        _settle(driver, row, inside, at)
        return before | bad
    if not _is_news(driver, row, turned):
        return set()
    bad_ones = driver.not_good(tenant_id, technology)
    enough = len(bad_ones) >= NEEDED
    if not enough or len(bad_ones) * 2 < driver.active_count(tenant_id, technology):
        return set()
    _begin(driver, provider, bad_ones, at)
    return {one.number for one in bad_ones}


def _is_news(driver: IncidentsDriver, last: IncidentRow | None, turned: Sequence[TurnRow]) -> bool:
    """Tell whether there may be an incident of a provider that has none.

    Not where some only fail otherwise than before: somebody closed the incident of those, and
    that holds unless they fail where it was closed as degraded.
    """
    if any(one.before == GOOD != one.verdict for one in turned):
        return True
    failing = any(one.state == CusHealthState.FAILING for one in turned)
    return failing and keeping.closed_as_less(driver, last, CRITICAL)


def _begin(
    driver: IncidentsDriver, provider: tuple[str, str], bad: Sequence[BadRow], at: datetime
) -> None:
    tenant_id, technology = provider
    draft = IncidentDraft(
        tenant_id=tenant_id,
        cause=PROVIDER,
        key=key_of(tenant_id, technology),
        opened_at=at,
        kind=INTEGRATION,
        technology=technology,
        **asdict(_looks(technology, bad)),
    )
    row = keeping.begin(driver, draft)
    _join(driver, row, {one.number for one in bad}, at)


def _join(driver: IncidentsDriver, row: IncidentRow, numbers: set[int], at: datetime) -> None:
    """Take targets in, and close the incidents that they have themselves."""
    if not numbers:
        return
    driver.join(row.number, sorted(numbers), at)
    joined = [one for one in driver.in_it(row.number) if one.target_number in numbers]
    _tell(driver, row, at, "joined", joined)
    own = driver.open_by_keys(lamps.key_of(number) for number in numbers)
    driver.merge(list(own.values()), row.number, at, keeping.MERGED)


def settle(driver: IncidentsDriver, row: IncidentRow, at: datetime) -> None:
    """Let go of what is good again or not in use; show how the rest is, or close it."""
    _settle(driver, row, driver.in_it(row.number), at)


def _settle(
    driver: IncidentsDriver, row: IncidentRow, inside: Sequence[MemberRow], at: datetime
) -> None:
    bad = [one for one in inside if _is_bad(one)]
    left = [one for one in inside if not _is_bad(one)]
    if left:
        driver.leave(row.number, [one.target_number for one in left], at)
        _tell(driver, row, at, "left", left)
    if not bad:
        keeping.end(driver, row, at, _why_over(left))
        return
    # One that passed once is not good yet, and says nothing of what is wrong.
    shown = [one for one in bad if one.state in keeping.SEVERITY_OF]
    if shown:
        keeping.look(driver, row, at, _looks(row.technology or "", shown))


def _looks(technology: str, bad: Sequence[BadRow | MemberRow]) -> keeping.Looks:
    """Return how a provider is, by those that are bad: the worst, and what most of them have."""
    failing = any(one.state == CusHealthState.FAILING for one in bad)
    severity = CRITICAL if failing else WARNING
    error, message = _most(bad)
    title = f"Provider {technology} is {keeping.WORDS[severity]}"
    return keeping.Looks(title=title, severity=severity, error=error, message=message)


def _is_bad(one: MemberRow) -> bool:
    return one.verdict != GOOD and _is_used(one)


def _is_used(one: MemberRow) -> bool:
    return one.active and one.retired_at is None


def _why_over(last: Sequence[MemberRow]) -> str:
    """Return what ended an incident, by those that were in it to the last.

    What is not in use any more counts as good, since its checks are forgotten: it did not recover.
    """
    return keeping.RECOVERED if any(_is_used(one) for one in last) else keeping.RETIRED


def _most(bad: Sequence[BadRow | MemberRow]) -> tuple[str | None, str | None]:
    """Return the error that most have, and what the first of these was told."""
    errors = Counter(one.error for one in bad if one.error)
    if not errors:
        return None, None
    # Of those as many have, always the same one: else it would change with every look.
    error = min(errors, key=lambda code: (-errors[code], code))
    return error, next(one.message for one in bad if one.error == error)


def _tell(
    driver: IncidentsDriver,
    row: IncidentRow,
    at: datetime,
    what: str,
    members: Sequence[MemberRow],
) -> None:
    names = [one.name for one in members[:_NAMED]]
    more = len(members) - len(names)
    said = ", ".join(names) + (f" and {more} more" if more else "")
    detail = {"count": len(members), "numbers": [one.target_number for one in members[:_NAMED]]}
    driver.append_event(row.number, at, what, None, said, detail)
