"""What a reference resolves to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret, in the open: keep it only as long as the request that needs it.

    Attributes:
        value: The secret itself; no `repr` shows it.
        expires_at: Aware UTC time after which it is worthless; None when that is not known.
    """

    value: str = field(repr=False)
    expires_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Credential(value=***, expires_at={self.expires_at!r})"

    def __str__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        # A pickled or copied secret would outlive its use, in a cache or in another process.
        raise TypeError("A credential is not pickled or copied; pass its reference on instead.")
