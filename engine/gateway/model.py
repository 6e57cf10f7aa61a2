"""The words of the gateway: parameters, templates, its configuration, a request and its result."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_MAX_ROWS = 1_000
DEFAULT_MAX_RESULT_BYTES = 5 * 1024 * 1024
DEFAULT_TIMEOUT_SECONDS = 30


class ParameterType(StrEnum):
    """What a value of a parameter may be."""

    STRING = "str"
    INTEGER = "int"
    FLOAT = "float"
    BOOLEAN = "bool"
    DATE = "date"
    TIMESTAMP = "timestamp"
    UUID = "uuid"
    STRING_LIST = "list[str]"
    INTEGER_LIST = "list[int]"


@dataclass(frozen=True, slots=True)
class ParameterSpec(JsonRecord):
    """One declared parameter of a template.

    Attributes:
        name: The placeholder's name, without its colon.
        param_type: What a value may be; nothing is converted that would lose something.
        required: Whether a run must give it; one that is not required and has no default is NULL.
        default: What stands in when it is not given; judged like a given value.
        description: For people.
        max_length: The longest text in characters (of each text in a list).
        min_value: The least number, date or timestamp, as JSON has it.
        max_value: The greatest.
        allowed_values: The only values there are (of each value in a list); empty means any.
        pattern: A regular expression that the whole of each text must match.
        max_items: How many values a list may have at most.
        zone: An IANA zone that timestamps without one are in; without it those are refused.
        logged: Whether its values may be told in the activity.
    """

    name: str
    param_type: ParameterType
    required: bool = True
    default: Any = None
    description: str = ""
    max_length: int | None = None
    min_value: Any = None
    max_value: Any = None
    allowed_values: tuple[Any, ...] = ()
    pattern: str | None = None
    max_items: int = 100
    zone: str | None = None
    logged: bool = False


@dataclass(frozen=True, slots=True)
class QueryTemplate(JsonRecord):
    """A reading statement that was registered, with its parameters.

    Attributes:
        id: What a run names it by.
        name: For people.
        description: For people.
        sql: One statement with `:name` placeholders, or `$1` to `$n` in the order of `parameters`.
        parameters: Every parameter, in order.
        read_only: Always true here; a template that is not is refused.
        max_rows: Its own cap, at most the gateway's; None is the gateway's.
        timeout_seconds: Its own, at most the gateway's; None is the gateway's.
        version: Counted from 1; an edit is a new version.
    """

    id: str
    name: str
    description: str
    sql: str
    parameters: tuple[ParameterSpec, ...] = ()
    read_only: bool = True
    max_rows: int | None = None
    timeout_seconds: float | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class SqlGatewayConfig:
    """What one gateway may do, and where.

    Attributes:
        id: Its id.
        name: For people.
        connection_string_ref: The reference of the credential that holds the connection string;
            None for a stored gateway, whose source or connector says how it is reached.
        allowed_templates: The ids of the templates that may run here.
        max_rows: Rows of a result at most.
        max_result_bytes: Bytes of a result at most, counted as the values' text.
        timeout_seconds: After which a run is ended.
        read_only: Always true here.
        tenant_id: Whose it is; None serves any tenant.
        tripwire: Whether values that look like an injection raise `SqlInjectionAttemptError`.
    """

    id: str
    name: str
    connection_string_ref: str | None
    allowed_templates: frozenset[str] = frozenset()
    max_rows: int = DEFAULT_MAX_ROWS
    max_result_bytes: int = DEFAULT_MAX_RESULT_BYTES
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    read_only: bool = True
    tenant_id: str | None = None
    tripwire: bool = True


@dataclass(frozen=True, slots=True)
class SqlQueryRequest:
    """One run that was asked for: a template, values by name, and the version if it matters."""

    template_id: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultColumn(JsonRecord):
    """A column of a result: its name, and its type in the database's own words."""

    name: str
    type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SqlQueryResult(JsonRecord):
    """What a run brought.

    Attributes:
        template_id: Which template.
        version: Which version of it.
        columns: In order; names may repeat.
        rows: Tuples of the driver's own values, in the order of the columns.
        row_count: How many rows are here.
        result_bytes: What they count for against the cap.
        truncated: Whether there are more.
        truncated_by: `rows` or `bytes`, the cap that cut; None when nothing was cut.
        duration_ms: From asking the database to the last row.
    """

    template_id: str
    version: int
    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    row_count: int
    result_bytes: int
    truncated: bool
    truncated_by: str | None
    duration_ms: int
