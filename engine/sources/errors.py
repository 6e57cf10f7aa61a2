"""The error of sources, for callers who know only this one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.errors import LampboardError

if TYPE_CHECKING:
    from collections.abc import Iterator


class DataSourceError(LampboardError):
    """Exception for data source errors.

    Args:
        message: One sentence: what and why. Never a secret.
        source_id: Which source; None where there is none yet.
        hint: What to do about it.
        field: The input field to blame, when there is one.
    """

    title = "Data source error"
    code = "data_source_error"

    def __init__(
        self,
        message: str,
        source_id: str | None = None,
        *,
        hint: str = "",
        field: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, field=field)
        self.source_id = source_id

    def to_dict(self) -> dict[str, str | None]:
        """Return the error as JSON-ready values."""
        return {**super().to_dict(), "source_id": self.source_id}


@contextmanager
def as_source_error(source_id: str | None = None) -> Iterator[None]:
    """Turn the house's errors into the one that callers of a registry catch."""
    try:
        yield
    except DataSourceError:
        raise
    except LampboardError as error:
        raise DataSourceError(
            error.message, source_id, hint=error.hint, field=error.field
        ) from error
