"""The only way in to sources, for screens, the command line and callers in code."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.hop import default_facade
from engine.sources.drafts import NewSource
from engine.sources.listing import SourceLists
from engine.sources.model import DataSourceStatus
from engine.sources.results import (
    SourceDeleteResult,
    SourceLifecycleResult,
)
from engine.sources.testing import SourceTests, get_ready
from engine.tenants.slug import require_slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.hop import Hop
    from engine.sources.config import DataSourceConfig
    from engine.sources.drafts import Checker, SourceDraft
    from engine.sources.engine import SourceEngine
    from engine.sources.model import CustomerDataSource
    from engine.sources.registry import DataSourceRegistry
    from engine.sources.results import SourceSummary, TestConnectionResult
    from storage.filters import Term
    from storage.sources import SourceListRow


class DataSourcesFacade(SourceLists):
    """Facade for data source operations.

    Every method takes the tenant's id and answers for another tenant's id as for a missing one,
    and so it does for a source whose roles the operator does not have (`settings.roles`). What
    it returns has `***` in place of secrets. Changes write their activity in the same
    transaction. Any method may raise WorkspaceError.

    Args:
        hop: The way to the database.
        credentials: The synchronous core of credentials.
        checker: What checks for real.
        registry: Makes the synchronous registry on the same database.
    """

    def __init__(
        self,
        hop: Hop,
        *,
        credentials: CredentialStore,
        checker: Checker,
        registry: Callable[[], DataSourceRegistry],
    ) -> None:
        super().__init__(hop)
        self._credentials = credentials
        self._tests = SourceTests(hop, self._engine, credentials, checker)
        self._make_registry = registry
        self._registry: DataSourceRegistry | None = None

    @property
    def registry(self) -> DataSourceRegistry:
        """The synchronous registry on the same database, which knows no roles and blocks."""
        if self._registry is None:
            self._registry = self._make_registry()
        return self._registry

    async def register_source(  # noqa: PLR0913 - a source's own fields
        self,
        tenant_id: str,
        name: str,
        source_type: str,
        config: DataSourceConfig | Mapping[str, object] | None = None,
        *,
        technology: str | None = None,
        description: str | None = None,
        tags: Iterable[str] = (),
        metadata: Mapping[str, object] | None = None,
        access_roles: Iterable[str] = (),
        owner_id: str | None = None,
        interval_s: int | None = None,
        activate: bool = False,
    ) -> CustomerDataSource:
        """Register a source; a tenant that is new is made.

        `name` is unique among the tenant's sources, whatever its case. Without `technology` the
        connection string, or the port, tells it. Passwords, API keys, OAuth values and
        connection strings with a password are encrypted at once; `encrypted://…` and `env://…`
        are kept as references. `interval_s` are seconds between checks, the board's own unless
        told. One that is not activated at once is pending.

        Raises:
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used; `field`
                names it, and nothing repeats what may be a secret.
        """
        said: dict[str, object] = {"name": name, "description": description, "owner_id": owner_id}
        said |= {"tags": tags, "metadata": metadata, "access_roles": access_roles}
        new = NewSource(
            tenant_id=require_slug(tenant_id),
            source_type=source_type,
            values={**said, "interval_s": interval_s},
            technology=technology,
            config=config,
            activate=activate,
        )
        return await self._change(lambda engine: engine.create(new), secrets=config is not None)

    async def get_source(self, tenant_id: str, source_id: str) -> CustomerDataSource:
        """Return one source, its secrets masked.

        Raises:
            NotFound: This tenant has none of that id, or the operator may not see it.
        """

        def work(connection: Connection) -> CustomerDataSource:
            from engine.sources import rows

            return rows.source(self._engine(connection).get(tenant_id, source_id))

        return await self._hop.read(work)

    async def update_source(
        self,
        tenant_id: str,
        source_id: str,
        *,
        expected_version: int | None = None,
        **changes: object,
    ) -> CustomerDataSource:
        """Change fields of `register_source` by name; what is not named stays.

        In a `config` of some fields by name, the others stay as well; `***` keeps a secret, None
        takes a field away. What is active stays active and is checked at once. With
        `expected_version`, a change that somebody else made meanwhile is not overwritten.

        Raises:
            NotFound: There is no such source to be seen.
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            EditConflict: It has another version than expected.
        """
        return await self._change(
            lambda engine: engine.update(
                tenant_id, source_id, changes, expected_version=expected_version
            ),
            secrets=changes.get("config") is not None,
        )

    async def delete_source(self, tenant_id: str, source_id: str) -> SourceDeleteResult:
        """Delete softly: history stays, the name is free again, stored secrets are removed.

        Raises:
            NotFound: There is no such source to be seen.
        """

        def work(connection: Connection) -> SourceDeleteResult:
            deleted = self._engine(connection).delete(tenant_id, source_id)
            return SourceDeleteResult(deleted=True, source_id=deleted)

        return await self._hop.write(work)

    async def activate_source(self, tenant_id: str, source_id: str) -> SourceLifecycleResult:
        """Let the monitor check it, at once and from then on; clears the last error.

        Raises:
            NotFound: There is no such source to be seen.
        """
        return await self._set_status(tenant_id, source_id, DataSourceStatus.ACTIVE)

    async def deactivate_source(self, tenant_id: str, source_id: str) -> SourceLifecycleResult:
        """Let the monitor leave it alone.

        Raises:
            NotFound: There is no such source to be seen.
            LifecycleRefused: It is deprecated.
        """
        return await self._set_status(tenant_id, source_id, DataSourceStatus.INACTIVE)

    async def deprecate_source(self, tenant_id: str, source_id: str) -> SourceLifecycleResult:
        """Say that it is not to be used any more; the monitor leaves it alone.

        Raises:
            NotFound: There is no such source to be seen.
        """
        return await self._set_status(tenant_id, source_id, DataSourceStatus.DEPRECATED)

    async def add_tag(self, tenant_id: str, source_id: str, value: str) -> CustomerDataSource:
        """Add a tag, on top of what others changed; raises NotFound, InvalidInput."""
        return await self._change(
            lambda engine: engine.add_word(tenant_id, source_id, "tags", value)
        )

    async def remove_tag(self, tenant_id: str, source_id: str, value: str) -> CustomerDataSource:
        """Remove a tag, if it is there; raises NotFound."""
        return await self._change(
            lambda engine: engine.remove_word(tenant_id, source_id, "tags", value)
        )

    async def grant_access(self, tenant_id: str, source_id: str, value: str) -> CustomerDataSource:
        """Let a role see it; from its first role on, only those with a role do.

        Raises:
            NotFound: There is no such source to be seen.
            InvalidInput: It cannot be a role.
        """
        return await self._change(
            lambda engine: engine.add_word(tenant_id, source_id, "access_roles", value)
        )

    async def revoke_access(self, tenant_id: str, source_id: str, value: str) -> CustomerDataSource:
        """Take a role's access away; with its last role it is open to all. Raises NotFound."""
        return await self._change(
            lambda engine: engine.remove_word(tenant_id, source_id, "access_roles", value)
        )

    async def test_connection(
        self, tenant_id: str, source_id: str, *, force: bool = True
    ) -> TestConnectionResult:
        """Test it now, for real; the result is recorded.

        Args:
            tenant_id: Whose it is.
            source_id: Which one.
            force: Test even if the last check is less than a minute old.

        Raises:
            NotFound: There is no such source to be seen.
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
        """
        return await self._tests.one(tenant_id, source_id, force=force)

    async def test_draft(self, draft: SourceDraft) -> TestConnectionResult:
        """Test values of a form before they are saved; nothing is stored or recorded.

        Raises:
            InvalidInput, CredentialReferenceInvalid, CredentialUnreadable: A value cannot be used.
            NotFound: There is no such source to be seen.
        """
        return await self._tests.draft(draft)

    async def test_all(  # noqa: PLR0913 - which ones, and how, by name
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        at_once: int | None = None,
        force: bool = True,
        tested: Callable[[str, TestConnectionResult], None] | None = None,
    ) -> list[tuple[SourceSummary, TestConnectionResult]]:
        """Test all that match and are in use, many at once; the results are recorded.

        Args:
            tenant_id: Whose they are.
            terms: What they must match.
            query: The same as people type it.
            at_once: Tests at the same time; by default what suits them.
            force: Test even what was checked less than a minute ago.
            tested: Is told of each source's id and result as soon as it is recorded.

        Returns:
            Each source as it is afterwards, with its result, sorted by name.

        Raises:
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
        """
        return await self._tests.all(
            self._select(tenant_id, terms=terms, query=query),
            at_once=at_once,
            force=force,
            tested=tested,
        )

    async def _set_status(
        self, tenant_id: str, source_id: str, to: DataSourceStatus
    ) -> SourceLifecycleResult:
        def work(connection: Connection) -> SourceLifecycleResult:
            found, step = self._engine(connection).set_status(tenant_id, source_id, to)
            return SourceLifecycleResult(
                source_id=found, status=str(step.status), message=step.message
            )

        return await self._hop.write(work)

    async def _change(
        self, change: Callable[[SourceEngine], SourceListRow], *, secrets: bool = False
    ) -> CustomerDataSource:
        def work(connection: Connection) -> CustomerDataSource:
            from engine.sources import rows

            return rows.source(change(self._engine(connection)))

        await get_ready(self._credentials if secrets else None)
        return await self._hop.write(work, durable=secrets)

    def _engine(self, connection: Connection) -> SourceEngine:
        from engine.sources.engine import SourceEngine

        return SourceEngine(
            connection, self._hop, self._credentials, roles=self._hop.settings.roles
        )


def get_datasources_facade() -> DataSourcesFacade:
    """Return the facade of the process's default workspace."""
    return cast("DataSourcesFacade", default_facade("sources"))
