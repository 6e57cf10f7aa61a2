"""The only way in to integrations, for screens, the command line and callers in code."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.errors import InvalidInput
from engine.hop import default_facade
from engine.integrations.drafts import Draft, NewIntegration
from engine.integrations.inputs import refuse_both
from engine.integrations.readiness import NEEDED
from engine.integrations.results import (
    IntegrationDeleteResult,
    IntegrationLifecycleResult,
    IntegrationListResult,
)
from engine.integrations.selection import order_by, select
from engine.overall import is_stale
from engine.readiness import ready
from engine.tenants.slug import require_slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.documents import Document
    from engine.hop import Hop
    from engine.integrations.drafts import Checker
    from engine.integrations.engine import CusIntegrationEngine
    from engine.integrations.intake import Intake
    from engine.integrations.results import (
        ApplyResult,
        HealthCheckResult,
        HealthStatusResult,
        IntegrationDetailResult,
        IntegrationSummaryResult,
        LimitsStatusResult,
    )
    from storage.filters import Term
    from storage.paging import Anchor, Key


class IntegrationsFacade:
    """Everything that can be asked of, and done to, a tenant's integrations.

    Every method takes the tenant's id and answers for another tenant's id as for a missing one.
    Changes write their activity in the same transaction. Any method may raise WorkspaceError.

    Args:
        hop: The way to the database.
        credentials: The synchronous core of credentials.
        checker: What checks for real.
    """

    def __init__(self, hop: Hop, *, credentials: CredentialStore, checker: Checker) -> None:
        self._hop = hop
        self._credentials = credentials
        self._checker = checker

    async def list_integrations(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        offset: int = 0,
        limit: int = 100,
        status: str | None = None,
        provider_type: str | None = None,
        query: str = "",
        sort: str = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
    ) -> IntegrationListResult:
        """Return one page and how many there are in all, filtered by `query` as people type it.

        `anchor` (storage.paging) goes before `offset` and costs the same at any depth.

        Raises:
            InvalidInput: Limit, offset, sort or status cannot be used.
        """
        if offset < 0:
            raise InvalidInput("The offset must be 0 or more.", field="offset")
        chosen = select(tenant_id, query=query, status=status, provider_type=provider_type)
        order = order_by(sort, descending=descending, limit=limit)

        def work(connection: Connection) -> IntegrationListResult:
            from storage import paging

            items, _ = chosen.page(connection, order, anchor or paging.at(offset))
            return IntegrationListResult(items=list(items), total=chosen.count(connection))

        return await self._hop.read(work)

    async def page_integrations(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        status: str | None = None,
        provider_type: str | None = None,
        sort: str = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> tuple[tuple[IntegrationSummaryResult, ...], tuple[Key, ...]]:
        """Return one page and the key of each row, without counting; for windowed tables.

        Raises:
            InvalidInput: Limit, sort or status cannot be used.
        """
        chosen = select(
            tenant_id, terms=terms, query=query, status=status, provider_type=provider_type
        )
        order = order_by(sort, descending=descending, limit=limit)
        return await self._hop.read(lambda connection: chosen.page(connection, order, anchor))

    async def count_integrations(
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        status: str | None = None,
        provider_type: str | None = None,
    ) -> int:
        """Return how many match."""
        chosen = select(
            tenant_id, terms=terms, query=query, status=status, provider_type=provider_type
        )
        return await self._hop.read(chosen.count)

    async def get_integration(self, tenant_id: str, integration_id: str) -> IntegrationDetailResult:
        """Return one integration.

        Raises:
            NotFound: This tenant has none of that id.
        """

        def work(connection: Connection) -> IntegrationDetailResult:
            from engine.integrations import rows

            return rows.detail(self._engine(connection).get(tenant_id, integration_id))

        return await self._hop.read(work)

    async def create_integration(  # noqa: PLR0913 - an integration's own fields
        self,
        tenant_id: str,
        name: str,
        provider_type: str,
        credential_ref: str | None = None,
        *,
        secret: str | None = None,
        base_url: str | None = None,
        config: Mapping[str, object] | None = None,
        default_model: str | None = None,
        budget_limit_cents: int = 0,
        token_limit_month: int = 0,
        rate_limit_rpm: int = 0,
        interval_s: int | None = None,
        created_by: str | None = None,
    ) -> IntegrationDetailResult:
        """Register an integration; a tenant that is new is made.

        `name` is unique in its tenant, whatever its case. `credential_ref` says where the key is;
        `secret` is the key itself, encrypted at once, in its place. Without `base_url` requests go
        to the provider's own; `config` holds the provider's own fields. Limits of 0 are unlimited:
        cents and tokens a month, requests a minute. `interval_s` are seconds between checks, the
        board's own unless told; `created_by` is the run's operator unless told.

        Raises:
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used; `field`
                names it, and nothing repeats what may be a key.
        """
        refuse_both(secret, credential_ref)
        limits = {
            "budget_limit_cents": budget_limit_cents,
            "token_limit_month": token_limit_month,
            "rate_limit_rpm": rate_limit_rpm,
        }
        said = {"name": name, "default_model": default_model, "interval_s": interval_s}
        new = NewIntegration(
            tenant_id=require_slug(tenant_id),
            provider_type=provider_type,
            values={**said, **limits},
            base_url=base_url,
            config=config,
            credential_ref=credential_ref,
            created_by=created_by,
        )
        return await self._create(new, secret)

    async def _create(self, new: NewIntegration, secret: str | None) -> IntegrationDetailResult:
        def work(connection: Connection) -> IntegrationDetailResult:
            from engine.integrations import rows

            return rows.detail(self._engine(connection).create(new, secret))

        await ready(NEEDED, None if secret is None else self._credentials)
        return await self._hop.write(work, durable=secret is not None)

    async def update_integration(
        self,
        tenant_id: str,
        integration_id: str,
        *,
        expected_version: int | None = None,
        **changes: object,
    ) -> IntegrationDetailResult:
        """Change fields of `create_integration` by name; what is not named stays.

        A new credential brings an integration out of error, to disabled. With
        `expected_version`, a change that somebody else made meanwhile is not overwritten.

        Raises:
            NotFound: This tenant has none of that id.
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            EditConflict: It has another version than expected.
        """
        secret = changes.pop("secret", None)
        if secret is not None and not isinstance(secret, str):
            raise InvalidInput("The credential must be text.", field="secret")
        refuse_both(secret, changes.get("credential_ref"))

        def work(connection: Connection) -> IntegrationDetailResult:
            from engine.integrations import rows

            row = self._engine(connection).update(
                tenant_id,
                integration_id,
                changes,
                secret=secret,
                expected_version=expected_version,
            )
            return rows.detail(row)

        await ready(NEEDED, None if secret is None else self._credentials)
        return await self._hop.write(work, durable=secret is not None)

    async def delete_integration(
        self, tenant_id: str, integration_id: str
    ) -> IntegrationDeleteResult:
        """Delete softly: history and usage stay, the name is free again.

        Raises:
            NotFound: This tenant has none of that id.
        """

        def work(connection: Connection) -> IntegrationDeleteResult:
            deleted = self._engine(connection).delete(tenant_id, integration_id)
            return IntegrationDeleteResult(deleted=True, integration_id=deleted)

        return await self._hop.write(work)

    async def enable_integration(
        self, tenant_id: str, integration_id: str
    ) -> IntegrationLifecycleResult:
        """Enable; enabling what is enabled changes nothing.

        Raises:
            NotFound: This tenant has none of that id.
            LifecycleRefused: It is in error, and neither passed a check nor was edited since.
        """
        return await self._set_status(tenant_id, integration_id, enabled=True)

    async def disable_integration(
        self, tenant_id: str, integration_id: str
    ) -> IntegrationLifecycleResult:
        """Disable: the monitor leaves it alone. Disabling what is disabled changes nothing.

        Raises:
            NotFound: This tenant has none of that id.
            LifecycleRefused: It was never enabled, or is in error.
        """
        return await self._set_status(tenant_id, integration_id, enabled=False)

    async def export_integrations(self, tenant_id: str) -> tuple[dict[str, object], ...]:
        """Return every integration as a document, without secrets, for `documents.envelope`."""
        return await self._intake().export(tenant_id)

    async def apply_integrations(
        self, tenant_id: str, documents: Sequence[Document], *, dry_run: bool = False
    ) -> ApplyResult:
        """Create what is missing and change what differs, by name; leave everything else.

        Each document is applied whole, or refused with its reasons while the others go on. A dry
        run stores nothing, and needs no workspace that can be written.
        """
        return await self._intake().apply(require_slug(tenant_id), documents, dry_run=dry_run)

    async def get_health_status(self, tenant_id: str, integration_id: str) -> HealthStatusResult:
        """Return the last known health, without a new check.

        Raises:
            NotFound: This tenant has none of that id.
        """
        now = self._hop.clock.now()

        def work(connection: Connection) -> HealthStatusResult:
            from engine.integrations import rows

            row = self._engine(connection).get(tenant_id, integration_id)
            return rows.health_status(row, stale=is_stale(row.checked_at, now))

        return await self._hop.read(work)

    async def test_credentials(self, tenant_id: str, integration_id: str) -> HealthCheckResult:
        """Check now, for real, whenever the last check was; the result is recorded.

        Raises:
            NotFound: This tenant has none of that id.
        """
        return await self._checker.check_health(tenant_id, integration_id, force=True)

    async def test_draft(  # noqa: PLR0913 - a form's own fields
        self,
        tenant_id: str,
        provider_type: str,
        *,
        integration_id: str | None = None,
        credential_ref: str | None = None,
        secret: str | None = None,
        base_url: str | None = None,
        config: Mapping[str, object] | None = None,
    ) -> HealthCheckResult:
        """Check values of a form before they are saved; nothing is stored.

        With `integration_id`, what is not given is that integration's, its credential included;
        an empty base URL is the provider's own.

        Raises:
            InvalidInput, CredentialReferenceInvalid: A value cannot be used.
            NotFound: This tenant has none of that id.
        """
        refuse_both(secret, credential_ref)
        self._hop.require_writable()
        draft = Draft(
            tenant_id=tenant_id,
            provider_type=provider_type,
            base_url=base_url,
            config=config,
            secret=secret,
            credential_ref=credential_ref,
            integration_id=integration_id or "",
        )
        ready = await self._hop.read(lambda connection: self._engine(connection).complete(draft))
        return await self._checker.check_draft(ready)

    async def get_limits_status(self, tenant_id: str, integration_id: str) -> LimitsStatusResult:
        """Return usage against limits, as of now; None is used where nothing was ever measured.

        Raises:
            NotFound: This tenant has none of that id.
        """
        now = self._hop.clock.now()

        def work(connection: Connection) -> LimitsStatusResult:
            from engine.integrations import usage

            row = self._engine(connection).get(tenant_id, integration_id)
            return usage.limits_status(connection, row, now)

        return await self._hop.read(work)

    async def _set_status(
        self, tenant_id: str, integration_id: str, *, enabled: bool
    ) -> IntegrationLifecycleResult:
        def work(connection: Connection) -> IntegrationLifecycleResult:
            engine = self._engine(connection)
            found, step = engine.set_status(tenant_id, integration_id, enabled=enabled)
            return IntegrationLifecycleResult(
                integration_id=found, status=str(step.status), message=step.message
            )

        return await self._hop.write(work)

    def _intake(self) -> Intake:
        from engine.integrations.intake import Intake

        return Intake(self._hop, self._engine)

    def _engine(self, connection: Connection) -> CusIntegrationEngine:
        from engine.integrations.engine import CusIntegrationEngine

        return CusIntegrationEngine(connection, self._hop, self._credentials)


def get_integrations_facade() -> IntegrationsFacade:
    """Return the facade of the process's default workspace."""
    return cast("IntegrationsFacade", default_facade("integrations"))
