"""The only way in to limits, for screens, the command line and callers in code."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from engine.errors import InvalidInput
from engine.hop import default_facade
from engine.limits.asking import ask
from engine.limits.measuring import Moment
from engine.limits.results import LimitsHeadline
from engine.limits.selection import order_by, select
from engine.order import require_limit
from engine.usage.scopes import require_scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.hop import Hop
    from engine.limits.checking import Checker
    from engine.limits.results import (
        Decision,
        GaugeResult,
        LimitTransition,
        MeterStory,
        Preview,
    )
    from engine.limits.setting import Limits
    from engine.usage.results import UsageTotal
    from storage.filters import Term
    from storage.paging import Anchor, Key

# What a change imports: loaded before the database is locked for it.
_NEEDED = (
    "engine.integrations.engine",
    "engine.integrations.shapes",
    "engine.limits.setting",
    "engine.limits.story",
)
CHUNK = 2000
"""Meters that are reckoned in one transaction."""


class LimitsFacade:
    """Usage against limits: gauges, what they mean, setting them, and the word before a call.

    Gauges are as of now, whichever method returns them. The order of lists, and what `state:over`
    finds, is as of the last reckoning, which the monitor does every two seconds where anything
    changed; where no monitor runs, `reckon` does it. Every method takes the tenant's id and
    answers for what is another tenant's as for what is missing. Any may raise WorkspaceError.

    Args:
        hop: The way to the database.
        credentials: The synchronous core of credentials.
    """

    def __init__(self, hop: Hop, *, credentials: CredentialStore) -> None:
        self._hop = hop
        self._credentials = credentials

    async def list_gauges(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str | None,
        *,
        offset: int = 0,
        limit: int = 100,
        query: str = "",
        scope: str | None = None,
        measure: str | None = None,
        sort: str = "urgency",
        descending: bool = False,
    ) -> tuple[tuple[GaugeResult, ...], int]:
        """Return one page and how many there are in all, filtered by `query` as people type it.

        Raises:
            InvalidInput: Limit, offset, sort, scope or measure cannot be used.
        """
        if offset < 0:
            raise InvalidInput("The offset must be 0 or more.", field="offset")
        chosen = select(tenant_id, query=query, scope=scope, measure=measure)
        order = order_by(sort, descending=descending, limit=limit)
        moment = Moment.of(self._hop.clock.now())

        def work(connection: Connection) -> tuple[tuple[GaugeResult, ...], int]:
            from storage import paging

            items, _ = chosen.page(connection, order, moment, paging.at(offset))
            return items, chosen.count(connection)

        return await self._hop.read(work)

    async def page_gauges(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str | None,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        scope: str | None = None,
        measure: str | None = None,
        sort: str = "urgency",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> tuple[tuple[GaugeResult, ...], tuple[Key, ...]]:
        """Return one page and the key of each row, without counting; for windowed tables.

        `tenant_id` None is all tenants. What runs out first comes first, unless told otherwise.

        Raises:
            InvalidInput: Limit, sort, scope or measure cannot be used.
        """
        chosen = select(tenant_id, terms=terms, query=query, scope=scope, measure=measure)
        order = order_by(sort, descending=descending, limit=limit)
        moment = Moment.of(self._hop.clock.now())
        return await self._hop.read(
            lambda connection: chosen.page(connection, order, moment, anchor)
        )

    async def count_gauges(
        self,
        tenant_id: str | None,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        scope: str | None = None,
        measure: str | None = None,
    ) -> int:
        """Return how many match.

        Raises:
            InvalidInput: Scope or measure cannot be used.
        """
        chosen = select(tenant_id, terms=terms, query=query, scope=scope, measure=measure)
        return await self._hop.read(chosen.count)

    async def gauges_of(self, tenant_id: str, scope: str, subject: str) -> tuple[GaugeResult, ...]:
        """Return the three gauges of one integration, provider, model, agent or tenant.

        Raises:
            NotFound: This tenant has none of that name.
            InvalidInput: There is no such scope.
        """
        require_scope(scope)
        moment = Moment.of(self._hop.clock.now())

        def work(connection: Connection) -> tuple[GaugeResult, ...]:
            from engine.limits import reading, story

            meter = story.found(connection, tenant_id, scope, subject)
            return reading.gauges(connection, reading.rows_of(connection, meter), moment)

        return await self._hop.read(work)

    async def gauges_of_integrations(
        self, tenant_id: str, ids: Sequence[str]
    ) -> dict[str, tuple[GaugeResult, ...]]:
        """Return the gauges of several integrations at once; an unknown id is left out."""
        moment = Moment.of(self._hop.clock.now())

        def work(connection: Connection) -> dict[str, tuple[GaugeResult, ...]]:
            from engine.limits import reading

            return reading.of_integrations(connection, tenant_id, ids, moment)

        return await self._hop.read(work)

    async def get_meter(self, tenant_id: str, scope: str, subject: str) -> MeterStory:
        """Return everything about one integration, provider, model, agent or tenant.

        Raises:
            NotFound: This tenant has none of that name.
            InvalidInput: There is no such scope.
        """
        require_scope(scope)
        moment = Moment.of(self._hop.clock.now())

        def work(connection: Connection) -> MeterStory:
            from engine.limits import story

            meter = story.found(connection, tenant_id, scope, subject)
            return story.tell(connection, meter, moment)

        return await self._hop.read(work)

    async def groups(self, tenant_id: str | None, by: str) -> tuple[UsageTotal, ...]:
        """Return what each provider, model, agent, integration or tenant used this month.

        By `tenant` these are all tenants where `tenant_id` is None. The costliest comes first.

        Raises:
            InvalidInput: Usage is not summed up by that.
        """
        require_scope(by, field="by")
        moment = Moment.of(self._hop.clock.now())

        def work(connection: Connection) -> tuple[UsageTotal, ...]:
            from engine.limits import story

            return story.groups(connection, tenant_id, by, moment)

        return await self._hop.read(work)

    async def transitions(
        self, tenant_id: str | None, limit: int = 50
    ) -> tuple[LimitTransition, ...]:
        """Return the warning levels that were reached, newest first; of all tenants with None."""
        require_limit(limit)

        def work(connection: Connection) -> tuple[LimitTransition, ...]:
            from engine.limits import story

            return story.transitions(connection, tenant_id, limit=limit)

        return await self._hop.read(work)

    async def headline(self, tenant_id: str | None) -> LimitsHeadline:
        """Return how many gauges are in each state, and the one that runs out first."""
        moment = Moment.of(self._hop.clock.now())

        def work(connection: Connection) -> LimitsHeadline:
            from engine.limits import reading
            from storage.limits.gauges import GaugesDriver

            driver = GaugesDriver(connection)
            first = driver.most_urgent(tenant_id)
            told = reading.gauges(connection, [first] if first else [], moment)
            states = driver.states(tenant_id)
            return LimitsHeadline(states=states, first=told[0] if told else None)

        return await self._hop.read(work)

    async def set_limits(  # noqa: PLR0913 - a meter's own limits
        self,
        tenant_id: str,
        scope: str,
        subject: str,
        *,
        budget_limit_cents: int | None = None,
        token_limit_month: int | None = None,
        rate_limit_rpm: int | None = None,
        warning_levels: Sequence[float] | None = None,
        expected_version: int | None = None,
    ) -> MeterStory:
        """Set limits; what is None stays, 0 is unlimited, no warning levels are the board's own.

        Those of an integration are its own fields, and changed there. A model, agent or provider
        may be limited before its first call.

        Raises:
            NotFound: This tenant has no such integration.
            InvalidInput: A value cannot be used; `field` names it.
            EditConflict: It has another version than expected.
        """
        wanted = await self._limits(
            budget_limit_cents, token_limit_month, rate_limit_rpm, warning_levels
        )
        require_scope(scope)
        moment = Moment.of(self._hop.clock.now())

        def work(connection: Connection) -> MeterStory:
            from engine.limits import story
            from engine.limits.setting import Setter

            setter = Setter(connection, self._hop, self._credentials)
            meter = setter.set(tenant_id, scope, subject, wanted, expected_version)
            return story.tell(connection, meter, moment)

        return await self._hop.write(work)

    async def preview(  # noqa: PLR0913 - a meter's own limits
        self,
        tenant_id: str,
        scope: str,
        subject: str,
        *,
        budget_limit_cents: int | None = None,
        token_limit_month: int | None = None,
        rate_limit_rpm: int | None = None,
        warning_levels: Sequence[float] | None = None,
    ) -> tuple[Preview, ...]:
        """Return what limits would mean, a sentence each, without setting them; see `set_limits`.

        Raises:
            NotFound: This tenant has no such integration.
            InvalidInput: A value cannot be used; `field` names it.
        """
        wanted = await self._limits(
            budget_limit_cents, token_limit_month, rate_limit_rpm, warning_levels
        )
        require_scope(scope)
        moment = Moment.of(self._hop.clock.now())

        def work(connection: Connection) -> tuple[Preview, ...]:
            from engine.limits import story

            return story.preview(connection, tenant_id, scope, subject, wanted, moment)

        return await self._hop.read(work)

    async def reckon(self, limit: int = CHUNK) -> int:
        """Bring up to `limit` gauges' meters up to date that changed; return how many those were.

        Notes the warning levels that were reached, each once a period. Fewer than `limit` means
        that nothing is left.
        """
        now = self._hop.clock.now()

        def work(connection: Connection) -> int:
            from engine.limits import reckoning

            return reckoning.reckon(connection, now, limit=limit)

        return await self._hop.write(work)

    async def check(  # noqa: PLR0913 - what a call will use
        self,
        tenant_id: str,
        integration: str,
        *,
        tokens: int = 0,
        cost: Decimal | float | str = 0,
        model: str = "",
        agent: str = "",
        ttl_s: float = 300,
    ) -> Decision:
        """Return whether a call may be made, and reserve what it will use in the same transaction.

        What is reserved is held until a record names the reservation, or until it expires.

        Args:
            tenant_id: The tenant.
            integration: Id or name.
            tokens: That it will use, in and out.
            cost: Dollars that it will cost.
            model: Whose limits count too.
            agent: Likewise.
            ttl_s: Seconds after which the reservation is given up, 1 to 86,400.

        Raises:
            NotFound: This tenant has no such integration.
            InvalidInput: A value cannot be used; `field` names it.
            ReadOnlyRefused: The run is read-only.
        """
        asked = ask(
            tenant_id, integration, tokens=tokens, cost=cost, model=model, agent=agent, ttl_s=ttl_s
        )
        return await self._checker.check(asked)

    async def release(self, tenant_id: str, reservation_id: str) -> bool:
        """Give a reservation back whose call was not made; return whether it was still there."""

        def work(connection: Connection) -> bool:
            from storage.limits.reservations import settle

            return settle(connection, [reservation_id], tenant_id=tenant_id) > 0

        return await self._hop.write(work)

    @cached_property
    def _checker(self) -> Checker:
        from engine.limits.checking import Checker

        return Checker(self._hop)

    async def _limits(
        self,
        budget: int | None,
        tokens: int | None,
        rate: int | None,
        levels: Sequence[float] | None,
    ) -> Limits:
        from engine.limits.setting import clean_limits
        from engine.readiness import ready

        values: Mapping[str, int | None] = {
            "budget_limit_cents": budget,
            "token_limit_month": tokens,
            "rate_limit_rpm": rate,
        }
        given = {name: value for name, value in values.items() if value is not None}
        await ready(_NEEDED, None)
        return clean_limits(given, levels)


def get_limits_facade() -> LimitsFacade:
    """Return the facade of the process's default workspace."""
    return cast("LimitsFacade", default_facade("limits"))
