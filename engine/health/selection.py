"""Which things are asked about: whose, of which kind, matching what, and seen by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.filters import Term


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """A choice of targets.

    Attributes:
        tenant_id: Whose; None is all tenants'.
        kind: integration, source or connector; None is all of them.
        terms: What their search text must match.
        roles: Only what has no roles, or one of these; None is no restriction.
    """

    tenant_id: str | None
    kind: str | None = None
    terms: Sequence[Term] = ()
    roles: Sequence[str] | None = None
