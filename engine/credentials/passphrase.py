"""Keys locked with a passphrase: one line of text in the place of the keys.

The line is `lampboard-keys-1 scrypt LOG2N R P SALT NONCE CIPHERTEXT`, the last three in hex. The
passphrase becomes a key by scrypt (RFC 7914), which encrypts the ring with AES-256-GCM; all words
before the nonce are associated data. N = 2^17, r = 8, p = 1 is what OWASP's Password Storage Cheat
Sheet asks for first: each guess costs 128 MiB and about 0.3 s, so a stolen file is guessed at a
few passphrases a second and core, not at billions. A wrong passphrase and a damaged file look
alike, and nothing else is told about either.
"""

from __future__ import annotations

import os
import unicodedata
from functools import lru_cache

from engine.errors import InvalidInput, MasterKeyRefused

MARK = "lampboard-keys-1"
SHORTEST = 8
LONGEST = 1024
_COST = ("scrypt", "17", "8", "1")
_SALT_BYTES = 16
_NONCE_BYTES = 12
_WORDS = 8


def is_locked(text: str) -> bool:
    """Return whether this is a ring that a passphrase has to open."""
    return text.startswith("lampboard-keys-")


def require_passphrase(text: str) -> str:
    """Return a new passphrase that may be used; no error repeats it.

    Raises:
        InvalidInput: It is shorter than 8 characters (NIST SP 800-63B, 5.1.1.1) or too long.
    """
    text = text.strip()
    if len(text) < SHORTEST:
        raise InvalidInput(
            f"A passphrase has {SHORTEST} characters at least.",
            hint="Four or five words that do not belong together are better.",
            field="passphrase",
        )
    if len(text) > LONGEST:
        raise InvalidInput(f"A passphrase has {LONGEST} characters at most.", field="passphrase")
    return text


def lock(text: str, passphrase: str, like: str | None = None) -> str:
    """Return `text` locked with the passphrase.

    Args:
        text: A ring, spelled.
        passphrase: What will open it.
        like: What was locked with the same passphrase before: its salt is kept, so that deriving
            the key is not paid for again. The nonce is always a new one.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt = like.split()[5] if like is not None else os.urandom(_SALT_BYTES).hex()
    head = " ".join((MARK, *_COST, salt))
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_derive(_normal(passphrase), salt)).encrypt(
        nonce, text.encode("ascii"), head.encode("ascii")
    )
    return f"{head} {nonce.hex()} {sealed.hex()}\n"


def unlock(text: str, passphrase: str, origin: str) -> str:
    """Return the ring that was locked.

    Raises:
        MasterKeyRefused: The passphrase is wrong, or the text was changed or cut.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    words = text.split()
    if len(words) != _WORDS or (words[0], *words[1:5]) != (MARK, *_COST):
        raise _damaged(origin)
    try:
        salt, nonce, sealed = (bytes.fromhex(word) for word in words[5:])
        if len(salt) != _SALT_BYTES or len(nonce) != _NONCE_BYTES:
            raise _damaged(origin)
        head = " ".join(words[:6]).encode("ascii")
        opened = AESGCM(_derive(_normal(passphrase), words[5])).decrypt(nonce, sealed, head)
        return opened.decode("ascii")
    except InvalidTag:
        raise MasterKeyRefused(
            f"The passphrase does not open {origin}.",
            hint="Is it the right one, and the file as it was saved?",
        ) from None
    except ValueError:
        raise _damaged(origin) from None


def _normal(passphrase: str) -> bytes:
    """Return the bytes of a passphrase, the same however and wherever it is typed (NFC)."""
    return unicodedata.normalize("NFC", passphrase.strip()).encode("utf-8", "surrogatepass")


# Reading, then writing, the same file needs the same key; each costs 0.3 s.
@lru_cache(maxsize=2)
def _derive(passphrase: bytes, salt: str) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=bytes.fromhex(salt), length=32, n=2**17, r=8, p=1).derive(passphrase)


def _damaged(origin: str) -> MasterKeyRefused:
    return MasterKeyRefused(
        f"What is in {origin} is not whole, or a newer Lampboard wrote it.",
        hint="Bring the key file back from where it was saved.",
    )
