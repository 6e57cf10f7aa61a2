"""The cipher: AES-256-GCM with a key per tenant, each secret bound to its place.

The tenant's key comes from the master key by HKDF-SHA256 (RFC 5869), so one tenant's key says
nothing about another's. Tenant, credential and key id are associated data: a ciphertext that was
moved to another row or tenant does not open. Nonces are 96 random bits (NIST SP 800-38D, 8.2.2),
which stays safe for 2^32 secrets of one tenant.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from engine.errors import CredentialUnreadable, MasterKeyRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from engine.credentials.masterkey import KeyRing, MasterKey

NONCE_BYTES = 12
TAG_BYTES = 16
MAX_SECRET_BYTES = 64 * 1024
_VERSION = b"lampboard credential 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """An encrypted secret: 12 bytes of nonce, the ciphertext with its tag, the key's id."""

    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    key_id: str


class Cipher:
    """Seals and opens secrets under the master keys of a ring.

    Args:
        master: The newest key; its `repr` does not show it.
        former: Keys that secrets may still be sealed under.
        renew: Returns the ring anew where it may hold this key by now, else None; asked when a
            secret names a key that is not known.

    Attributes:
        master: The newest key.
        key_id: Which one that is: a name that says nothing about the key.
    """

    def __init__(
        self,
        master: MasterKey,
        former: Iterable[MasterKey] = (),
        renew: Callable[[str], KeyRing | None] | None = None,
    ) -> None:
        self.master = master
        # Asked for with every secret, and derived: once is enough.
        self.key_id = master.id
        self._keys = {self.key_id: master} | {key.id: key for key in former}
        self._renew = renew
        self._ciphers: dict[tuple[str, str], AESGCM] = {}

    @classmethod
    def of(cls, ring: KeyRing, *, renew: Callable[[str], KeyRing | None] | None = None) -> Cipher:
        """Return the cipher under the keys of a ring."""
        return cls(ring.first, ring.keys[1:], renew)

    def __repr__(self) -> str:
        return f"Cipher(key_id={self.key_id!r})"

    def holds(self, key_id: str) -> bool:
        """Return whether secrets under this key can be opened; looks for it where keys are kept.

        Raises:
            MasterKeyRefused: The keys have changed and cannot be used now.
        """
        if key_id not in self._keys and self._renew is not None:
            ring = self._renew(key_id)
            if ring is not None:
                # Those that were dropped stay known here: a snapshot of the database that was
                # begun before that may still show secrets under them.
                self._keys.update({key.id: key for key in ring.keys})
                self.master, self.key_id = ring.first, ring.first.id
        return key_id in self._keys

    def seal(
        self, tenant_id: str, credential_id: str, secret: str, key_id: str | None = None
    ) -> Sealed:
        """Encrypt `secret` for this place alone, under a nonce that was never used.

        Args:
            tenant_id: Whose it is.
            credential_id: The row that it is for.
            secret: What to encrypt.
            key_id: Under which key; the newest by default.

        Raises:
            MasterKeyRefused: That key is not known here.
        """
        under = key_id or self.key_id
        nonce = os.urandom(NONCE_BYTES)
        place = _place(tenant_id, credential_id, under)
        text = secret.encode("utf-8")
        ciphertext = self._cipher(under, tenant_id).encrypt(nonce, text, place)
        return Sealed(nonce=nonce, ciphertext=ciphertext, key_id=under)

    def open(self, tenant_id: str, credential_id: str, sealed: Sealed) -> str:
        """Decrypt what was sealed for this place.

        Raises:
            MasterKeyRefused: It was sealed under a master key that is not known here.
            CredentialUnreadable: It was changed, or belongs to another row or tenant.
        """
        from cryptography.exceptions import InvalidTag

        cipher = self._cipher(sealed.key_id, tenant_id)
        if len(sealed.nonce) != NONCE_BYTES or len(sealed.ciphertext) < TAG_BYTES:
            raise _unreadable()
        place = _place(tenant_id, credential_id, sealed.key_id)
        try:
            text = cipher.decrypt(sealed.nonce, sealed.ciphertext, place)
        except InvalidTag:
            raise _unreadable() from None
        return text.decode("utf-8")

    def _cipher(self, key_id: str, tenant_id: str) -> AESGCM:
        cipher = self._ciphers.get((key_id, tenant_id))
        if cipher is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM

            if not self.holds(key_id):
                raise wrong_key(key_id, self.master)
            cipher = AESGCM(self._keys[key_id].derive(b"tenant", tenant_id.encode("utf-8")))
            self._ciphers[key_id, tenant_id] = cipher
        return cipher


def load_ciphers() -> None:
    """Import what sealing and opening need, which takes 80 ms."""
    for name in ("ciphers.aead", "hashes", "kdf.hkdf"):
        import_module(f"cryptography.hazmat.primitives.{name}")


def wrong_key(stored_key_id: str, master: MasterKey) -> MasterKeyRefused:
    """Return the refusal for a secret that was encrypted under another master key."""
    return MasterKeyRefused(
        f"The master key from {master.origin} is not the one that this credential was encrypted "
        f"with (it is key {master.id}, the credential needs {stored_key_id}).",
        hint="Bring the former master key back, or enter the credential again.",
    )


def _place(tenant_id: str, credential_id: str, key_id: str) -> bytes:
    """Join the parts so that no two different places give the same bytes."""
    parts = [_VERSION, *(text.encode("utf-8") for text in (tenant_id, credential_id, key_id))]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _unreadable() -> CredentialUnreadable:
    return CredentialUnreadable(
        "The stored credential cannot be decrypted: it was damaged, or moved from another place.",
        hint="Enter the credential again.",
    )
