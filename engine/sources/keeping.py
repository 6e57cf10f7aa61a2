"""The secrets of sources on one connection: stored where they are new, pointed to where they are.

Loaded in the worker thread only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput, LampboardError
from engine.probes.words import MASK
from engine.sources.secrets import CONNECTION_STRING, is_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.sources.secrets import Parted
    from storage.things import ReachedRow


class SecretKeeper:
    """Puts a config's secrets into the credential store.

    Args:
        connection: Inside a transaction of the caller.
        credentials: The synchronous core of credentials.
    """

    def __init__(self, connection: Connection, credentials: CredentialStore) -> None:
        self._connection = connection
        self._credentials = credentials

    def stored(
        self, tenant_id: str, name: str, parted: Parted, row: ReachedRow | None = None
    ) -> dict[str, str]:
        """Return a reference for each secret, those in the open encrypted at once.

        Args:
            tenant_id: Whose they are.
            name: What the source is called: a label of each secret.
            parted: What was said.
            row: What is stored already, for `***`.

        Raises:
            InvalidInput, CredentialReferenceInvalid, NotFound: One cannot be used; `field` names
                it, and nothing repeats it.
        """
        pointed = self.pointed(tenant_id, parted, row)
        return {
            path: value if is_reference(value, path) else self._store(tenant_id, name, path, value)
            for path, value in pointed.items()
        }

    def pointed(
        self, tenant_id: str, parted: Parted, row: ReachedRow | None = None
    ) -> dict[str, str]:
        """Return each secret as a reference, or in the open where it is new; stores nothing.

        Raises: as `stored`.
        """
        return {
            path: self._pointed(tenant_id, path, value, parted, row)
            for path, value in parted.secrets.items()
        }

    def forget(self, row: ReachedRow, kept: Mapping[str, str] | None) -> None:
        """Remove the stored secrets of a row that are not among those kept; None keeps all."""
        if kept is None:
            return
        for reference in set(row.secrets.values()) - set(kept.values()):
            self._credentials.forget(self._connection, row.tenant_id, reference)

    def _pointed(
        self, tenant_id: str, path: str, value: str, parted: Parted, row: ReachedRow | None
    ) -> str:
        if value == MASK:
            return _as_it_is(path, parted, row)
        if not is_reference(value, path):
            return value
        try:
            return self._credentials.require(self._connection, tenant_id, value)
        except LampboardError as error:
            error.field = _field_of(path)
            raise

    def _store(self, tenant_id: str, name: str, path: str, value: str) -> str:
        try:
            return self._credentials.store(self._connection, tenant_id, value, f"{name}: {path}")
        except InvalidInput as error:
            error.field = _field_of(path)
            raise


def _as_it_is(path: str, parted: Parted, row: ReachedRow | None) -> str:
    """Return the stored reference that a mask stands for."""
    field = _field_of(path)
    if row is None or path not in row.secrets:
        raise InvalidInput(
            "*** stands for a stored secret, and there is none to be kept.",
            hint="Enter the secret itself.",
            field=field,
        )
    if path == CONNECTION_STRING:
        said = parted.config.setdefault(path, row.config.get(path))
        if said is None:
            del parted.config[path]
        if said != row.config.get(path):
            # Else whoever may edit a source could have its password sent to a host of their own.
            raise InvalidInput(
                "The connection string was changed, so its password has to be entered again.",
                hint="Replace *** in it by the password.",
                field=field,
            )
    return row.secrets[path]


def _field_of(path: str) -> str:
    return path.rpartition(".")[2]
