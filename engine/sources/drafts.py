"""What callers say of a source before it is stored: to register it, or only to check it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.health.kinds import Ready
    from engine.probes.result import Checked
    from engine.sources.config import DataSourceConfig
    from storage.filters import Term


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSource:
    """What a caller said of a new source, not checked yet; `values` are the common fields."""

    tenant_id: str
    source_type: str
    values: Mapping[str, object]
    technology: str | None = None
    config: DataSourceConfig | Mapping[str, object] | None = field(default=None, repr=False)
    created_by: str | None = None
    activate: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceDraft:
    """Values to be checked before they are saved.

    Attributes:
        tenant_id: Whose form it is.
        source_type: Which type of source.
        technology: Which technology; None lets the config tell.
        config: How it is reached; no `repr` shows it.
        name: What the result calls it.
        source_id: The stored source that is being edited, if any: `***` in the config is then
            what is stored, and so is what the config does not name.
    """

    tenant_id: str
    source_type: str
    technology: str | None = None
    config: DataSourceConfig | Mapping[str, object] | None = field(default=None, repr=False)
    name: str = ""
    source_id: str = ""


class CheckedThing(Protocol):
    """One of many that were checked."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def checked(self) -> Checked:
        """What its check came to."""
        ...


class Checker(Protocol):
    """What the facade needs of the service of health, which stands above it."""

    async def check(
        self,
        kind: str,
        tenant_id: str,
        thing_id: str,
        *,
        force: bool = False,
        roles: Sequence[str] | None = None,
    ) -> Checked:
        """Check a stored source and record the result."""
        ...

    async def check_ready(self, ready: Ready) -> Checked:
        """Check values of a form; nothing is recorded."""
        ...

    async def check_all(  # noqa: PLR0913 - which things, and how, by name
        self,
        kind: str,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        roles: Sequence[str] | None = None,
        force: bool = False,
        at_once: int | None = None,
        told: Callable[[CheckedThing], None] | None = None,
    ) -> Sequence[CheckedThing]:
        """Check many, and record each result."""
        ...
