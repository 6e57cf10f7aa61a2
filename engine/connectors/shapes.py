"""What may be said of a connector beside where it is, as pydantic models.

Where it is and how to get in has the shapes of sources. Imported inside the functions that
validate, never by what only reads; see `engine.shapes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from engine.connectors.config import DEFAULT_MAX_BYTES, DEFAULT_MAX_ROWS
from engine.shapes import whole_number
from engine.sources.shapes import Line, SourceShape, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_TIMEOUT_S = 600
_MAX_RETRIES = 100
_MAX_DELAY_S = 60
_MAX_BYTES = 64 * 1024 * 1024
_MAX_ROWS = 100_000
_MAX_DIMENSION = 65_536
_MAX_REQUESTS = 1_000_000
_MAX_WINDOW_S = 86_400

Whole = BeforeValidator(whole_number)


class PolicyFields(SourceShape):
    """How every connector behaves, by the names of `ConnectorConfig`."""

    LABELS: ClassVar[Mapping[str, str]] = {
        "timeout_seconds": "The timeout",
        "max_retries": "The number of retries",
        "retry_delay_seconds": "The delay between tries",
        "rate_limit_enabled": "The rate limit",
        "rate_limit_requests": "The limit of requests",
        "rate_limit_window_seconds": "The window of the limit",
        "max_bytes": "The limit of bytes",
        "max_rows": "The limit of rows",
        "vector_dimension": "The dimension",
        "distance_metric": "The distance",
        "base_path": "The base path",
    }

    timeout_seconds: Annotated[int, Field(ge=1, le=_MAX_TIMEOUT_S), Whole] = 30
    max_retries: Annotated[int, Field(ge=0, le=_MAX_RETRIES), Whole] = 3
    retry_delay_seconds: Annotated[float, Field(ge=0, le=_MAX_DELAY_S, allow_inf_nan=False)] = 1
    rate_limit_enabled: Truth = False
    rate_limit_requests: Annotated[int, Field(ge=1, le=_MAX_REQUESTS), Whole] = 100
    rate_limit_window_seconds: Annotated[int, Field(ge=1, le=_MAX_WINDOW_S), Whole] = 60
    max_bytes: Annotated[int, Field(ge=1, le=_MAX_BYTES), Whole] = DEFAULT_MAX_BYTES
    max_rows: Annotated[int, Field(ge=1, le=_MAX_ROWS), Whole] = DEFAULT_MAX_ROWS
    vector_dimension: Annotated[int, Field(ge=1, le=_MAX_DIMENSION), Whole] = 1536
    distance_metric: Literal["cosine", "euclidean", "dot"] = "cosine"
    base_path: Line | Literal[""] = ""
