"""`vault://mount/path#field`: key-value engines of HashiCorp Vault and OpenBao."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.credentials.backends.base import missing_extra
from engine.credentials.backends.vault_kv import KeyValues
from engine.credentials.backends.vault_login import VaultLogin
from engine.credentials.backends.vault_settings import VaultSettings
from engine.credentials.references import vault_place
from engine.credentials.types import Credential
from engine.errors import CredentialUnreadable, InvalidInput
from engine.http import HttpFault

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    import hvac

    from engine.clock import Clock
    from engine.credentials.references import VaultPath
    from engine.settings import Settings

SULK_S = 5.0
"""How long a vault that does not answer, or lets nobody in, is not asked again: thousands of
things may point there, and each would wait for it."""

EXPIRES_AT = "expires_at"
"""The word in a secret's own metadata that tells when it is worthless."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class VaultBackend:
    """Reads fields of secrets of one vault.

    Args:
        settings: Where it is and how to get in.
        clock: Where time comes from.
    """

    scheme = "vault"

    def __init__(self, settings: VaultSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._login = VaultLogin(settings, clock.monotonic)
        self._secrets = KeyValues()
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._sulking: tuple[float, CredentialUnreadable] | None = None

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str], clock: Clock) -> VaultBackend:
        """Return the vault of the settings, or of the vault's own variables."""
        return cls(VaultSettings.of(settings, environment), clock)

    def get(self, path: str) -> Credential:
        """Return the field of a secret, with its expiry where the vault tells it.

        See `CredentialBackend.get`. Raises:
            CredentialUnreadable: There is none, or the vault does not give it.
        """
        place = vault_place(path)
        if not self._settings.address:
            raise CredentialUnreadable(
                "Nobody said where the vault is.",
                hint="Set vault_addr, or VAULT_ADDR or BAO_ADDR, where the check runs.",
            )
        if self._sulking is not None and self._clock.monotonic() < self._sulking[0]:
            known = self._sulking[1]
            raise CredentialUnreadable(known.message, hint=known.hint)
        return _credential(self._asked(place), place)

    def _asked(self, place: VaultPath) -> Mapping[str, Any]:
        """Read the secret; what concerns the vault as a whole is remembered for a moment."""
        try:
            from hvac.exceptions import VaultError

            from engine.credentials.backends import vault_transport
        except ImportError:
            raise missing_extra("The vault", "vault") from None
        try:
            answer = self._read(place)
        except HttpFault as fault:
            raise self._sulk(_silent(fault)) from None
        except vault_transport.Redirected:
            raise self._sulk(_redirected()) from None
        except VaultError as error:
            refusal = _refusal(error)
            raise (self._sulk(refusal) if _of_the_whole(error) else refusal) from None
        self._sulking = None
        return answer

    def _sulk(self, error: CredentialUnreadable) -> CredentialUnreadable:
        self._sulking = (self._clock.monotonic() + SULK_S, error)
        return error

    def _read(self, place: VaultPath) -> Mapping[str, Any]:
        from hvac.exceptions import Forbidden

        client = self._client()
        token = self._login.let_in(client)
        try:
            return self._secrets.read(client, place)
        except Forbidden:
            # The token may have been revoked, or renewed by an agent, since it was good.
            if self._login.let_in(client, anew=token) == token:
                raise
            return self._secrets.read(client, place)

    def _client(self) -> hvac.Client:
        """Return what asks this once: tokens and deadlines are not shared between threads."""
        import hvac

        from engine.credentials.backends.vault_transport import JudgedAdapter

        adapter = JudgedAdapter(self._settings, self._trust())
        return hvac.Client(
            url=self._settings.address, token="", verify=True, adapter=lambda **_: adapter
        )

    def _trust(self) -> ssl.SSLContext:
        from engine.http import make_context

        with self._lock:
            if self._context is None:
                try:
                    self._context = make_context(self._settings.ca_file)
                except InvalidInput as error:
                    raise CredentialUnreadable(error.message, hint="See vault_ca_file.") from None
            return self._context


def _credential(answer: Mapping[str, Any], place: VaultPath) -> Credential:
    fields, metadata = answer.get("data"), answer.get("metadata")
    if not isinstance(fields, dict) or not isinstance(metadata, dict):
        raise CredentialUnreadable(
            "What the vault has there is not a secret of a key-value engine.",
            hint="Check mount and path.",
        )
    if place.field not in fields:
        raise CredentialUnreadable(
            "The vault's secret has no such field.",
            hint="Correct what follows the # of the reference.",
        )
    value = fields[place.field]
    if not isinstance(value, str):
        raise CredentialUnreadable(
            "The field of the vault's secret is not text.", hint="Keep the credential as a string."
        )
    return Credential(value, _expiry(metadata))


def _expiry(metadata: Mapping[str, Any]) -> datetime | None:
    """Return when the secret is worthless: what its own metadata say, or when it is deleted."""
    own = metadata.get("custom_metadata")
    said = own.get(EXPIRES_AT) if isinstance(own, dict) else None
    times = [_time(text) for text in (said, metadata.get("deletion_time"))]
    return min((time for time in times if time is not None), default=None)


def _time(text: object) -> datetime | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        # Good on that day: what says no more than a day is over with it.
        found += timedelta(days=_DAY.fullmatch(text) is not None)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


_POLICY = (
    'Its policy needs: path "<mount>/data/<path>" { capabilities = ["read"] }, without data/ where '
    "the engine keeps no versions; or the token has expired."
)


def _of_the_whole(error: Exception) -> bool:
    """Tell whether a refusal has nothing to do with the one secret that was asked for."""
    from hvac import exceptions

    return not isinstance(error, exceptions.Forbidden | exceptions.InvalidPath)


def _refusal(error: Exception) -> CredentialUnreadable:
    """Return what a refusal means; its own text is not shown, which may hold anything."""
    from hvac import exceptions

    if isinstance(error, exceptions.InvalidPath):
        return _gone(getattr(error, "json", None))
    for kind, (message, hint) in {
        exceptions.Forbidden: (
            "The vault does not let Lampboard read this secret.",
            _POLICY,
        ),
        exceptions.VaultDown: ("The vault is sealed, or in maintenance.", "Unseal it."),
        exceptions.RateLimitExceeded: (
            "The vault was asked too often.",
            "Raise its quota for Lampboard, or check less often.",
        ),
        exceptions.InvalidRequest: (
            "The vault does not let Lampboard in, or did not take the request.",
            "Check vault_role_id, vault_secret_id_file, vault_approle_mount and vault_namespace.",
        ),
        exceptions.Unauthorized: (
            "The vault does not let Lampboard in.",
            "Check its token, or the role and secret id.",
        ),
    }.items():
        if isinstance(error, kind):
            return CredentialUnreadable(message, hint=hint)
    return CredentialUnreadable(
        "The vault failed to answer.", hint="Look into the vault's own log."
    )


def _gone(told: object) -> CredentialUnreadable:
    """Return what a missing secret means: deleted, destroyed, or never there."""
    data = told.get("data") if isinstance(told, dict) else None
    metadata = data.get("metadata") if isinstance(data, dict) else None
    if isinstance(metadata, dict) and metadata.get("destroyed"):
        return CredentialUnreadable(
            "The vault's secret was destroyed.", hint="Write a new version of it."
        )
    if isinstance(metadata, dict) and metadata.get("deletion_time"):
        return CredentialUnreadable(
            "The vault's secret was deleted.", hint="Undelete it, or write a new version."
        )
    return CredentialUnreadable(
        "The vault has no such secret, or no such version of it.",
        hint="Check mount and path.",
    )


def _silent(fault: HttpFault) -> CredentialUnreadable:
    return CredentialUnreadable(
        f"The vault cannot be asked: {fault.message}",
        hint=fault.remedy or "Check vault_addr, and that it answers from where the check runs.",
    )


def _redirected() -> CredentialUnreadable:
    return CredentialUnreadable(
        "The vault sent the request elsewhere, which is not followed.",
        hint="Set vault_addr to the address of the node that answers.",
    )
