"""Secrets of a vault's key-value engines, of version 1 and 2: the mount itself says which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import CredentialUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import hvac

    from engine.credentials.references import VaultPath

_ENGINES = frozenset({"kv", "generic"})


class KeyValues:
    """Reads secrets, and remembers what was told of their mounts; to be used by any thread."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}

    def read(self, client: hvac.Client, place: VaultPath) -> Mapping[str, Any]:
        """Return a secret with its `data` and its `metadata`, none of which version 1 has.

        Raises:
            VaultError: The vault refused.
            CredentialUnreadable: There is no such engine, or it keeps no versions.
        """
        from hvac.exceptions import InvalidPath

        known = self._versions.get(place.mount)
        version = known or self._asked(client, place.mount)
        try:
            return _read(client, place, version)
        except InvalidPath:
            # A mount may have been given versions, or been made anew, since it was asked.
            if known is None or (now := self._asked(client, place.mount)) == known:
                raise
            return _read(client, place, now)

    def _asked(self, client: hvac.Client, mount: str) -> int:
        """Return the version of a mount's engine; where nobody says it, that is 2."""
        from hvac.exceptions import Forbidden, InvalidPath
        from hvac.utils import format_url

        url = format_url("/v1/sys/internal/ui/mounts/{mount}", mount=mount)
        try:
            told = client.adapter.get(url=url).get("data")
        except (Forbidden, InvalidPath):
            told = None  # whoever may not even know of the mount is refused by it, too
        engine = told.get("type") if isinstance(told, dict) else None
        if not isinstance(told, dict) or not isinstance(engine, str):
            return 2
        if engine not in _ENGINES:
            raise CredentialUnreadable(
                "What the vault has there is not a key-value engine.",
                hint="Point to a mount of one: others may make a secret each time they are asked.",
            )
        options = told.get("options")
        versioned = isinstance(options, dict) and options.get("version") == "2"
        self._versions[mount] = 2 if versioned else 1
        return self._versions[mount]


def _read(client: hvac.Client, place: VaultPath, version: int) -> Mapping[str, Any]:
    engines = client.secrets.kv
    if version == 1:
        if place.version is not None:
            raise CredentialUnreadable(
                "The vault keeps no versions of this secret.",
                hint="Take ?version= out of the reference.",
            )
        found = engines.v1.read_secret(path=place.path, mount_point=place.mount)
        return {"data": found.get("data"), "metadata": {}}
    found = engines.v2.read_secret_version(
        path=place.path,
        mount_point=place.mount,
        version=place.version,
        raise_on_deleted_version=True,
    )
    data = found.get("data")
    return data if isinstance(data, dict) else {}
