"""What the list of silences holds: a silence under what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.silences.words import about

if TYPE_CHECKING:
    from engine.silences.model import Silence

ACTIVE, PLANNED, ENDED = STATES = ("active", "planned", "ended")
"""How a silence is now: it holds, it will, it never does again."""

KIND: Final = "silence"


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceEntry:
    """A silence as lists and forms need it.

    Attributes:
        tenant_id: Whose list it is in; the silence itself may be of all tenants.
        name: What it is about.
        status: One of `STATES`.
    """

    id: str
    tenant_id: str
    name: str
    status: str
    silence: Silence

    @property
    def version(self) -> int:
        """What changes with every edit."""
        return self.silence.version


def silence_entry(silence: Silence, tenant_id: str) -> SilenceEntry:
    """Return a silence as an entry of the tenant whose list it is in."""
    return SilenceEntry(
        id=silence.id,
        tenant_id=tenant_id,
        name=about(silence, silence.thing_name),
        status=state_of(silence),
        silence=silence,
    )


def state_of(silence: Silence) -> str:
    """Return in a word how a silence is now."""
    if silence.active:
        return ACTIVE
    return PLANNED if silence.next_at is not None else ENDED
