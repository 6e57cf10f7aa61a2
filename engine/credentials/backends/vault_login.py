"""Being let in by a vault: a token that is given, or one that AppRole gives and that is renewed.

Where the token has a span, it is renewed once a third of it is left; where that is refused,
Lampboard logs in again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import CredentialUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import hvac

    from engine.credentials.backends.vault_settings import VaultSettings

_LONGEST = 64 * 1024
_RENEW_AT = 2 / 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Pass:
    """A token, and when (monotonic seconds) it is to be renewed and when it ends; None is never."""

    token: str = field(repr=False)
    renew_at: float | None = None
    ends_at: float | None = None
    renewable: bool = False


class VaultLogin:
    """Keeps the token with which a vault is asked.

    Args:
        settings: How to get in.
        monotonic: Seconds that only grow.
    """

    def __init__(self, settings: VaultSettings, monotonic: Callable[[], float]) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._pass: Pass | None = None

    def let_in(self, client: hvac.Client, *, anew: str | None = None) -> str:
        """Give the client a token that should be good, and return it.

        Args:
            client: What asks the vault; its deadline is the caller's.
            anew: A token that was refused just now: another one is got where there is a way.

        Raises:
            CredentialUnreadable: There is no way in.
            VaultError, HttpFault: The vault refused, or did not answer.
        """
        # Many ask at once: the first one logs in, within its own deadline, for all.
        if not self._lock.acquire(timeout=self._settings.deadline_s):
            raise CredentialUnreadable(
                "The vault did not let Lampboard in within its time.", hint=_SLOW
            )
        try:
            if self._pass is not None and self._pass.token == anew:
                self._pass = None
            self._pass = self._current(client)
            client.token = self._pass.token
            return self._pass.token
        finally:
            self._lock.release()

    def _current(self, client: hvac.Client) -> Pass:
        if self._settings.role_id:
            return self._role(client)
        token = self._given()
        if self._pass is None or self._pass.token != token:
            return self._looked_up(client, token)
        return self._renewed(client, self._pass) or self._pass

    def _role(self, client: hvac.Client) -> Pass:
        known = self._pass
        if known is not None and (known.ends_at is None or self._monotonic() < known.ends_at):
            renewed = self._renewed(client, known)
            if renewed is not None:
                return renewed
        client.token = ""
        answer = client.auth.approle.login(
            role_id=self._settings.role_id,
            secret_id=_content(self._settings.secret_id_file, "vault_secret_id_file"),
            use_token=False,
            mount_point=self._settings.approle_mount,
        )
        return self._pass_of(answer["auth"]["client_token"], answer["auth"], "lease_duration")

    def _given(self) -> str:
        if self._settings.token_file:
            return _content(self._settings.token_file, "vault_token_file")
        if self._settings.token:
            return self._settings.token
        raise CredentialUnreadable(
            "Lampboard has no way into the vault.",
            hint="Set vault_token_file, or vault_role_id with vault_secret_id_file, where the "
            "check runs.",
        )

    def _looked_up(self, client: hvac.Client, token: str) -> Pass:
        """Ask for the span of a token that was given; one that may not be told has none."""
        from hvac.exceptions import VaultError

        client.token = token
        try:
            told: Mapping[str, Any] = client.auth.token.lookup_self()["data"]
        except (VaultError, KeyError, TypeError):
            return Pass(token=token)
        return self._pass_of(token, told, "ttl")

    def _renewed(self, client: hvac.Client, known: Pass) -> Pass | None:
        """Return the pass, renewed where it is time; None where that was refused."""
        from hvac.exceptions import VaultError

        if known.renew_at is None or self._monotonic() < known.renew_at:
            return known
        if not known.renewable:
            return None
        client.token = known.token
        try:
            answer = client.auth.token.renew_self()
        except VaultError:
            return None
        return self._pass_of(known.token, answer.get("auth") or {}, "lease_duration")

    def _pass_of(self, token: str, told: Mapping[str, Any], span: str) -> Pass:
        seconds, now = told.get(span), self._monotonic()
        if not isinstance(seconds, int | float) or seconds <= 0:
            return Pass(token=token)
        return Pass(
            token=token,
            renew_at=now + seconds * _RENEW_AT,
            ends_at=now + seconds,
            renewable=told.get("renewable") is True,
        )


_SLOW = "Check that the vault answers from where the check runs."


def _content(path: str, setting: str) -> str:
    """Return what a small file of ours holds, without white space around it."""
    hint = f"See {setting} where the check runs."
    if not path:
        raise CredentialUnreadable(f"The setting {setting} is missing.", hint=hint)
    try:
        with Path(path).expanduser().open("rb") as file:
            text = file.read(_LONGEST).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise CredentialUnreadable(
            f"The file of {setting} cannot be read: {reason}.", hint=hint
        ) from None
    if not text:
        raise CredentialUnreadable(f"The file of {setting} is empty.", hint=hint)
    return text
