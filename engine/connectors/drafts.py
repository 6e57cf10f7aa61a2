"""What callers say of a connector before it is stored: to register it, or only to check it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class NewConnector:
    """What a caller said of a new connector, not checked yet; `values` are the common fields."""

    tenant_id: str
    connector_type: str
    values: Mapping[str, object]
    endpoint: str | None = field(default=None, repr=False)
    config: object = field(default=None, repr=False)
    technology: str | None = None
    created_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectorDraft:
    """Values to be checked before they are saved.

    Attributes:
        tenant_id: Whose form it is.
        connector_type: Which type of connector.
        endpoint: Base URL or connection string, which may hold a password.
        config: How it is reached; no `repr` shows it.
        technology: Which technology; None lets type and config tell.
        name: What the result calls it.
        connector_id: The stored connector that is being edited, if any: `***` in the config is
            then what is stored, and so is what the config does not name.
    """

    tenant_id: str
    connector_type: str
    endpoint: str | None = field(default=None, repr=False)
    config: object = field(default=None, repr=False)
    technology: str | None = None
    name: str = ""
    connector_id: str = ""
