"""The health service: checks on demand, in the words of integrations and for every kind."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from engine.health.checker import Checker
from engine.health.rules import INTEGRATION
from engine.health.selection import Selection
from engine.hop import default_facade
from engine.overall import overall_health

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.health.kinds import Ready
    from engine.health.model import HealthSummary
    from engine.integrations.drafts import Draft
    from engine.integrations.results import HealthCheckResult
    from engine.probes.result import Checked


class CusHealthService(Checker):
    """Service for health checking customer LLM integrations, sources and connectors.

    `check`, `check_ready` and `check_all` are for things of every kind; what is named here
    speaks of integrations.
    """

    async def check_health(
        self, tenant_id: str, integration_id: str, *, force: bool = False
    ) -> HealthCheckResult:
        """Check one integration and record the result.

        Raises:
            NotFound: This tenant has none of that id.
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
        """
        thing = await self._one(INTEGRATION, tenant_id, integration_id)
        checked = await self._answer(thing, force=force)
        return _result(integration_id, thing.target.name, thing.target.technology, checked)

    async def check_all_integrations(
        self, tenant_id: str, *, force: bool = False
    ) -> list[HealthCheckResult]:
        """Check all of a tenant's integrations that are not disabled; results sorted by name.

        Starts are spread by the settings' rate and bounded by what may be in flight; results are
        recorded in batches as they come.

        Raises:
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
            WorkspaceError: The database cannot be used; what was recorded stays.
        """
        done = await self.check_all(INTEGRATION, tenant_id, force=force)
        return [_result(one.id, one.name, one.technology, one.checked) for one in done]

    async def check_draft(self, draft: Draft) -> HealthCheckResult:
        """Check values of a form for real; nothing is recorded."""
        from engine.integrations.checking import prepare_draft

        wanted = [(draft.tenant_id, draft.credential_ref)] if draft.credential_ref else []
        sealed = await self._hop.read(partial(self._credentials.sealed, wanted=wanted))

        async def opened() -> Ready:
            await sealed.fetch()
            return prepare_draft(draft, partial(sealed.open, draft.tenant_id))

        checked = await self._checked(INTEGRATION, opened)
        return _result(draft.integration_id, draft.name, draft.provider_type, checked)

    async def get_health_summary(self, tenant_id: str, *, kind: str | None = None) -> HealthSummary:
        """Return the tenant's health in numbers, of one kind or all, without a new check."""
        now = self._hop.clock.now()
        which = Selection(tenant_id=tenant_id, kind=kind, roles=self._hop.settings.roles)

        def work(connection: Connection) -> HealthSummary:
            from engine.health import reading

            return reading.summary(connection, tenant_id, which, now)

        return await self._hop.read(work)

    @staticmethod
    def _calculate_overall_health(counts: Mapping[str, int]) -> str:
        return overall_health(counts)


def _result(
    integration_id: str, name: str, provider_type: str, checked: Checked
) -> HealthCheckResult:
    from engine.integrations.results import HealthCheckResult
    from engine.probes.result import stages_of

    found = checked.result
    return HealthCheckResult(
        integration_id=integration_id,
        health_state=found.state.value,
        message=found.message or None,
        latency_ms=found.latency_ms,
        checked_at=checked.checked_at,
        name=name,
        provider_type=provider_type,
        error=found.error,
        stage=found.stage,
        status_code=found.status_code,
        remedy=found.remedy or None,
        stages=stages_of(found),
        details=found.details,
        cached=checked.cached,
        previous_state=checked.previous_state,
    )


def get_health_service() -> CusHealthService:
    """Return the service of the process's default workspace."""
    return cast("CusHealthService", default_facade("checks"))
