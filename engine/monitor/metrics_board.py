"""The whole board as metrics: lamps, gauges, incidents, alerts, the queue.

Every monitor of one database tells the same, so queries take the `max` of it. What was not read,
because the database is away, is left out; zeros would say that all is well.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from engine.health.rules import age_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from prometheus_client.core import Metric

    from storage.metrics import BoardRow

MOST_TENANTS = 200
OTHER = "other"

_Labels: TypeAlias = "tuple[str, ...]"
_Series: TypeAlias = "tuple[_Labels, float]"
_NAMES = {
    "lamps": ("Lamps, by their state.", ("tenant", "kind", "state")),
    "gauges": ("Usage gauges, by their state.", ("tenant", "state")),
    "limit_used_ratio": (
        "Usage as a part of its limit, of what runs out first.",
        ("tenant", "scope", "name", "measure"),
    ),
    "incidents_open": (
        "Incidents that are open.",
        ("tenant", "severity", "cause", "acknowledged"),
    ),
    "alerts": ("Alerts, by what became of them.", ("state",)),
    "monitors_alive": ("Monitors of this database whose heart beats.", ()),
    "queue_due": ("Targets that are due.", ()),
    "queue_age_seconds": ("For how long the longest due target that nobody holds is due.", ()),
    "database_up": ("Whether the database could be read for this answer.", ()),
}
_NOBODY = ""


class BoardCollector:
    """Makes metrics of what was read last.

    Attributes:
        row: The board as it was read; None while the database cannot be read.
        read_at: When; None before the first time.
    """

    def __init__(self) -> None:
        self.row: BoardRow | None = None
        self.read_at: datetime | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its series."""
        row, at = self.row, self.read_at
        if at is None:
            return
        yield _gauge("database_up", [((), float(row is not None))])
        if row is None:
            return
        tenants = _Few(_tenants(row))
        lamps = ((tenant, (kind, state), count) for tenant, kind, state, count in row.lamps)
        yield _gauge("lamps", tenants.summed(lamps))
        gauges = ((tenant, (state,), count) for tenant, state, count in row.gauges)
        yield _gauge("gauges", tenants.summed(gauges))
        yield _gauge("limit_used_ratio", _unlike(row))
        incidents = (
            (tenant or _NOBODY, (severity, cause, str(acknowledged).lower()), count)
            for tenant, severity, cause, acknowledged, count in row.incidents
        )
        yield _gauge("incidents_open", tenants.summed(incidents))
        yield _gauge("alerts", [((state,), float(count)) for state, count in row.alerts])
        yield _gauge("monitors_alive", [((), float(row.monitors))])
        yield _gauge("queue_due", [((), float(row.due))])
        yield _gauge("queue_age_seconds", [((), age_s(row.next_due, at) or 0.0)])

    def describe(self) -> Iterator[Metric]:
        """Yield what there is, so that the registry need not ask for it."""
        for name in _NAMES:
            yield _gauge(name, ())


class _Few:
    """Tells the first tenants by name, and all others together."""

    def __init__(self, tenants: Iterable[str]) -> None:
        self._shown = frozenset(sorted(set(tenants))[:MOST_TENANTS])

    def summed(self, rows: Iterable[tuple[str, _Labels, int]]) -> Iterator[_Series]:
        """Return the counts by tenant and further labels."""
        found: Counter[_Labels] = Counter()
        for tenant, labels, count in rows:
            shown = tenant if tenant in self._shown or tenant == _NOBODY else OTHER
            found[shown, *labels] += count
        return ((labels, float(count)) for labels, count in found.items())


def _tenants(row: BoardRow) -> set[str]:
    """Return whose things are told of."""
    told = (row.lamps, row.gauges, row.incidents)
    return {str(one[0]) for rows in told for one in rows if one[0]}


def _unlike(row: BoardRow) -> Iterable[_Series]:
    """Return one series for each name: two of the same would make all of them unreadable."""
    found: dict[_Labels, float] = {}
    for *labels, percent in row.shares:
        key = tuple(map(str, labels))
        found[key] = max(percent / 100, found.get(key, 0.0))
    return found.items()


def _gauge(name: str, series: Iterable[_Series]) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    says, labels = _NAMES[name]
    family = GaugeMetricFamily(f"lampboard_{name}", says, labels=labels)
    for values, value in series:
        family.add_metric(values, value)
    return family
