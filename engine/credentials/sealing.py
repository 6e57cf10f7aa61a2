"""Sealing a secret under the key that the database is under, in the transaction that stores it.

A process may have read its keys before a rotation began, and the former key may be dropped any
time after. So which key is the right one is the database's to say, and the transaction that
stores the secret holds a rotation off until it has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.credentials.cipher import Cipher, Sealed


def seal(
    connection: Connection, cipher: Cipher, tenant_id: str, credential_id: str, secret: str
) -> Sealed:
    """Return the secret, sealed for a row that this transaction writes.

    Raises:
        MasterKeyRefused: The key that this database is under is not among ours: to mix keys
            would lose the secrets of one of them.
    """
    from storage.credentials import CredentialsDriver
    from storage.rotations import RotationsDriver

    driver = RotationsDriver(connection)
    driver.hold()
    key_id = driver.current_key()
    # Nothing is stored, and the key of before is gone: somebody begins anew.
    unknown = key_id is not None and not cipher.holds(key_id)
    if unknown and not CredentialsDriver(connection).any_stored():
        key_id = None
    return cipher.seal(tenant_id, credential_id, secret, key_id)
