"""What the list of credentials holds: a reference under the name that people call it by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.credentials.results import CredentialSummary


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A reference as lists and forms need it.

    Attributes:
        id: The reference itself.
        name: Its label; the reference where nobody gave it one.
        status: Its state.
        version: Always 1: two people who date a reference at once do not harm each other.
    """

    id: str
    tenant_id: str
    name: str
    status: str
    credential: CredentialSummary
    version: int = 1


def entry(credential: CredentialSummary) -> Entry:
    """Return a reference as an entry."""
    return Entry(
        id=credential.reference,
        tenant_id=credential.tenant_id,
        name=credential.label or credential.reference,
        status=credential.state,
        credential=credential,
    )
