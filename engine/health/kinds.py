"""The kinds of things that can be checked, and what each has to bring for it.

A kind's code is loaded when the first thing of it is met: a monitor of nothing but integrations
never imports that of sources, and a start imports none.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from engine.health.rules import CONNECTOR, INTEGRATION, SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials import Credential
    from engine.probes.place import Tools
    from engine.probes.result import ProbeResult


class Row(Protocol):
    """What the stored rows of all kinds have in common."""

    @property
    def tenant_id(self) -> str:
        """Whose it is."""
        ...

    @property
    def version(self) -> int:
        """How often it was changed."""
        ...

    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted; None while it is there."""
        ...


class Ready(Protocol):
    """A thing ready to be checked, which may hold secrets: no `repr` of it shows one."""

    @property
    def tenant_id(self) -> str:
        """Whose it is."""
        ...

    @property
    def id(self) -> str:
        """Its id; empty for a form that was never saved."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def place(self) -> str | None:
        """The host that its check reaches over the network; None when it never leaves here."""
        ...

    async def check(self, tools: Tools, *, now: datetime, deadline_s: float) -> ProbeResult:
        """Check it for real, at no cost.

        Args:
            tools: What the checks of this kind share.
            now: Aware UTC time, for signatures.
            deadline_s: Seconds for the whole check.
        """
        ...


class Kind(Protocol):
    """How things of one kind are read and made ready."""

    def rows(self, connection: Connection, ids: Sequence[str]) -> Mapping[str, Row]:
        """Return the stored things of these ids, whatever the tenant, in one statement."""
        ...

    # Each kind has a row of its own, which only it knows: it gets back what it gave.
    def references(self, row: Any) -> Iterable[str]:
        """Return the credential references that the check of a row needs."""
        ...

    def prepare(self, row: Any, open_secret: Callable[[str], Credential]) -> Ready:
        """Make a row ready to be checked; may raise CredentialError, which becomes its state."""
        ...


_HOMES = {
    INTEGRATION: ("engine.integrations.checking", "IntegrationKind"),
    SOURCE: ("engine.sources.checking", "SourceKind"),
    CONNECTOR: ("engine.connectors.checking", "ConnectorKind"),
}


class _Kinds(Mapping[str, Kind]):
    """Kinds by name, each loaded at its first use."""

    def __init__(self) -> None:
        self._loaded: dict[str, Kind] = {}

    def __getitem__(self, name: str) -> Kind:
        kind = self._loaded.get(name)
        if kind is None:
            module, word = _HOMES[name]
            kind = self._loaded[name] = cast("Kind", getattr(import_module(module), word)())
        return kind

    def __contains__(self, name: object) -> bool:
        return name in _HOMES

    def __iter__(self) -> Iterator[str]:
        return iter(_HOMES)

    def __len__(self) -> int:
        return len(_HOMES)


KINDS: Mapping[str, Kind] = _Kinds()
