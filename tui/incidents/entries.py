"""What a row of a list of incidents stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.incidents.model import Incident


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row: an incident.

    Attributes:
        id: Its number, as text.
        name: Its title.
        status: open, acknowledged, silenced or closed.
    """

    id: str
    tenant_id: str
    name: str
    status: str
    incident: Incident


def incident_entry(incident: Incident, tenant_id: str) -> Entry:
    """Return an incident as an entry of the tenant whose list it is in."""
    return Entry(
        id=str(incident.number),
        tenant_id=tenant_id,
        name=incident.title,
        status=incident.state,
        incident=incident,
    )
