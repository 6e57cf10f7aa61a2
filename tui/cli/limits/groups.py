"""`lampboard limits status --by`: usage of this month and the gauges beside it, a line each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui import gauges, text
from tui.cli.session import Session, narrate
from tui.cli.shows import count
from tui.cli.table import Column
from tui.cli.usage.totals import Total

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.limits.results import GaugeResult
    from engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupLine(Total):
    """What one provider, model or agent used this month, and its gauges by measure."""

    gauges: Mapping[str, GaugeResult]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        told = {name: gauges.exported(gauge) for name, gauge in self.gauges.items()}
        return Total.to_dict(self) | {"gauges": told}

    @property
    def budget(self) -> str:
        """How much of the budget."""
        return self._of("budget")

    @property
    def token_limit(self) -> str:
        """How much of the monthly tokens."""
        return self._of("tokens")

    @property
    def rate(self) -> str:
        """How much of the rate."""
        return self._of("rate")

    def _of(self, measure: str) -> str:
        gauge = self.gauges.get(measure)
        if gauge is None or not gauge.limit:
            return ""
        if gauge.percent is None:
            return gauges.state_word(gauge)
        limit = gauges.brief(measure, gauge.limit).removesuffix(".00")
        share = "unpriced" if gauges.priceless(gauge) else text.percent(gauge.percent)
        return f"{share} of {limit}"


COLUMNS = (
    Column(title="NAME", key="name"),
    Column(title="CALLS", key="calls", show=count, right=True),
    Column(title="TOKENS", key="tokens", show=count, right=True),
    Column(title="COST", key="cost", right=True),
    Column(title="BUDGET", key="budget", right=True),
    Column(title="TOKEN LIMIT", key="token_limit", right=True),
    Column(title="RATE", key="rate", right=True),
)


async def show_groups(
    session: Session, workspace: Workspace, tenant: str, by: str, names: Sequence[str]
) -> None:
    """Print the groups of this month, those with the highest cost first."""
    from tui.cli.limits.status import every

    totals = await workspace.limits.groups(tenant, by)
    beside: dict[str, dict[str, GaugeResult]] = {}
    for gauge in await every(workspace, tenant, scope=by):
        beside.setdefault(gauge.subject, {})[gauge.measure] = gauge
    rows = [GroupLine(total=one, gauges=beside.get(one.key, {})) for one in totals]
    kept = [row for row in rows if not names or {row.name, row.total.key} & set(names)]
    session.output.listing([kept], len(kept), COLUMNS)
    if not kept:
        narrate(f"No usage by {by} was recorded this month.")
