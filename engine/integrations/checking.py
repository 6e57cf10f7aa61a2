"""How integrations are checked: the row made ready, the provider asked for real.

Checks on demand, those of a form and the monitor all go through here, so a lamp means the same
everywhere.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.credentials import Credential
from engine.errors import InvalidInput
from engine.integrations.providers import check_provider, get_provider
from engine.probes.result import ProbeResult
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.integrations.drafts import Draft
    from engine.probes.place import Tools
    from storage.integrations import IntegrationRow

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyIntegration:
    """An integration with its credential in the open: keep it no longer than its check.

    Attributes:
        tenant_id: Whose it is.
        id: The integration's id; empty for a form that was never saved.
        name: What people call it.
        provider_type: The provider's name.
        base_url: Its own base URL; None is the provider's.
        config: The provider's own fields.
        credential: The secret; None where there is none.
    """

    tenant_id: str
    id: str
    name: str
    provider_type: str
    base_url: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    credential: Credential | None = None

    @property
    def place(self) -> str:
        """The host of its base URL; else the provider's name, which is on the internet."""
        return (urlsplit(self.base_url).hostname if self.base_url else "") or self.provider_type

    async def check(self, tools: Tools, *, now: datetime, deadline_s: float) -> ProbeResult:
        """Check it for real, at no cost; never raises for what provider or plug-in did.

        Args:
            tools: What checks of integrations share.
            now: Aware UTC time, for signatures.
            deadline_s: Seconds for the whole exchange.
        """
        try:
            provider = get_provider(self.provider_type)
        except InvalidInput as error:
            return _no_way(error.message, "provider_missing", error.hint)
        try:
            return await check_provider(
                tools.client,
                provider,
                base_url=self.base_url,
                config=self.config,
                credential=self.credential.value if self.credential else None,
                now=now,
                deadline_s=deadline_s,
            )
        except Exception as error:  # noqa: BLE001 - a provider may be foreign code: the batch must go on
            return self._broken(type(error).__name__)

    def _broken(self, error: str) -> ProbeResult:
        # Only the kind of error: its text could hold the request, and so the credential.
        logger.error("The check of %s (%s) broke: %s", self.id, self.provider_type, error)
        return _no_way(
            f"The provider {self.provider_type} could not be checked: its code broke ({error}).",
            "provider_broken",
            "Report this to whoever made that provider.",
        )


class IntegrationKind:
    """How integrations are read and made ready; see `engine.health.kinds`."""

    def rows(self, connection: Connection, ids: Sequence[str]) -> Mapping[str, IntegrationRow]:
        """Return the integrations of these ids, whatever the tenant."""
        from storage.integrations import IntegrationsDriver

        return IntegrationsDriver(connection).get_many(ids)

    def references(self, row: IntegrationRow) -> Iterable[str]:
        """Return the credential reference of a row, where it has one."""
        return (row.credential_ref,) if row.credential_ref else ()

    def prepare(
        self, row: IntegrationRow, open_secret: Callable[[str], Credential]
    ) -> ReadyIntegration:
        """Open the row's credential.

        Raises:
            CredentialError: It cannot be read.
        """
        return ReadyIntegration(
            tenant_id=row.tenant_id,
            id=row.id,
            name=row.name,
            provider_type=row.provider_type,
            base_url=row.base_url,
            config=row.config,
            credential=open_secret(row.credential_ref) if row.credential_ref else None,
        )


def prepare_draft(draft: Draft, open_secret: Callable[[str], Credential]) -> ReadyIntegration:
    """Make the values of a form ready: a typed secret is used as it is, else the stored one.

    Raises:
        CredentialError: The stored one cannot be read.
    """
    credential = Credential(draft.secret) if draft.secret else None
    if credential is None and draft.credential_ref:
        credential = open_secret(draft.credential_ref)
    return ReadyIntegration(
        tenant_id=draft.tenant_id,
        id=draft.integration_id,
        name=draft.name,
        provider_type=draft.provider_type,
        base_url=draft.base_url,
        config=draft.config or {},
        credential=credential,
    )


def _no_way(message: str, error: str, remedy: str) -> ProbeResult:
    return ProbeResult(
        state=CusHealthState.UNKNOWN, message=message, error=error, stage="request", remedy=remedy
    )
