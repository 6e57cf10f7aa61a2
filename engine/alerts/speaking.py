"""Saying a message through a channel: its secrets are opened here, for the one request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.alerts import services, webhook
from engine.alerts.delivery import REFUSED, Delivery
from engine.alerts.model import APPRISE
from engine.errors import LampboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.alerts.messages import Message
    from engine.alerts.webhook import Sends
    from engine.credentials import CredentialStore
    from engine.hop import Hop

_NOTHING: Mapping[str, str | None] = {}
SIGNING = "signing_ref"
"""The option that says where the signing secret is."""


class Speaker:
    """Says messages through apprise's services and webhooks.

    Args:
        hop: The way to the database.
        credentials: Where URLs and signing secrets are kept.
        client: Gives what sends requests, at first use.
    """

    def __init__(self, hop: Hop, credentials: CredentialStore, client: Callable[[], Sends]) -> None:
        self._hop, self._credentials, self._client = hop, credentials, client

    async def say(  # noqa: PLR0913 - what a channel is, and what is said
        self,
        tenant_id: str,
        kind: str,
        credential_ref: str | None,
        options: Mapping[str, object],
        message: Message,
        *,
        typed: Mapping[str, str | None] = _NOTHING,
    ) -> Delivery:
        """Say a message; never raises for a secret that cannot be had: nobody was told then.

        Args:
            tenant_id: Whose secrets are opened.
            kind: apprise or webhook.
            credential_ref: Where the URL is.
            options: The channel's; `signing_ref` says where the signing secret is.
            message: What is said.
            typed: `url` and `signing` as they were just typed, in the place of what is stored.
        """
        url, secret = typed.get("url"), typed.get("signing")
        signing = options.get(SIGNING)
        wanted = {
            "url": None if url else credential_ref,
            "signing": None if secret or not isinstance(signing, str) else signing,
        }
        try:
            found = await self._opened(tenant_id, wanted)
        except LampboardError as error:
            return Delivery(outcome=REFUSED, message=f"{error.message} {error.hint}".strip())
        url, secret = url or found.get("url"), secret or found.get("signing")
        if not url:
            return Delivery(outcome=REFUSED, message="The channel has no URL.")
        return await self._say_to(kind, url, secret, message)

    async def _opened(self, tenant_id: str, wanted: Mapping[str, str | None]) -> dict[str, str]:
        from engine.credentials.service import WorkspaceCredentials

        references = {name: ref for name, ref in wanted.items() if ref}
        if not references:
            return {}
        opener = WorkspaceCredentials(self._hop, self._credentials, tenant_id)
        async with opener.opened(list(references.values())) as open_secret:
            return {name: open_secret(ref).value for name, ref in references.items()}

    async def _say_to(self, kind: str, url: str, signing: str | None, message: Message) -> Delivery:
        if kind == APPRISE:
            return await services.notify(self._hop.settings, url, message)
        return await webhook.post(self._client(), url, message, signing=signing)
