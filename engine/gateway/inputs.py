"""What may be said of a gateway and of a template, each value checked before it is stored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.gateway.errors import SqlGatewayError
from engine.gateway.model import ParameterSpec
from engine.text import require_line

if TYPE_CHECKING:
    from engine.gateway.results import GatewaySummary

MOST_ROWS = 1_000_000
MOST_BYTES = 1024 * 1024 * 1024
MOST_SECONDS = 3_600.0
MAX_SQL = 100_000
"""Characters of a statement at most."""

MAX_TABLES = 500
MAX_DESCRIPTION = 2_000

CAPS = ("max_rows", "max_result_bytes", "timeout_seconds", "tripwire", "tables")
LOGIN = ("username", "credential_ref", "password")
GATEWAY_FIELDS = (*CAPS, *LOGIN)
TEMPLATE_FIELDS = (
    *("name", "description", "sql", "parameters"),
    *("max_rows", "timeout_seconds"),
)


def refuse_unknown(changes: Mapping[str, object], known: Iterable[str]) -> None:
    """Raise InvalidInput for a field that there is not; `field` names it."""
    for name in changes:
        if name not in known:
            raise InvalidInput(
                f"There is no field {str(name)[:40]!r} that can be set.",
                hint="Fields: " + ", ".join(known),
                field=str(name)[:40],
            )


def clean_gateway(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a gateway as they are stored; a password stays as it is.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    refuse_unknown(changes, GATEWAY_FIELDS)
    clean: dict[str, Any] = {}
    for name, value in changes.items():
        if name in {"max_rows", "max_result_bytes"}:
            clean[name] = whole(name, value, MOST_ROWS if name == "max_rows" else MOST_BYTES)
        elif name == "timeout_seconds":
            clean[name] = seconds(name, value)
        elif name == "tripwire":
            clean[name] = _truth(name, value)
        elif name == "tables":
            clean[name] = _tables(value)
        elif name == "username":
            clean[name] = require_line(value, "The user name", name) if value else None
        else:
            clean[name] = value or None
    return clean


def whole(name: str, value: object, most: int) -> int:
    """Return a whole number from 1 to `most`; raises InvalidInput."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidInput(f"{_label(name)} must be a whole number from 1 to {most:,}.", field=name)
    return value


def seconds(name: str, value: object) -> float:
    """Return seconds above 0, at most an hour; raises InvalidInput."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    found = float(value) if number else math.nan  # type: ignore[arg-type]
    if not 0 < found <= MOST_SECONDS:
        raise InvalidInput(
            f"{_label(name)} must be seconds, more than 0 and at most {MOST_SECONDS:,.0f}.",
            field=name,
        )
    return found


def template_caps(
    gateway: GatewaySummary | None, max_rows: object, timeout_seconds: object
) -> tuple[int | None, float | None]:
    """Return a template's own caps, each at most the gateway's; None is the gateway's.

    Raises:
        InvalidInput: A value cannot be used.
    """
    rows = None if max_rows is None else whole("max_rows", max_rows, MOST_ROWS)
    limit = None if timeout_seconds is None else seconds("timeout_seconds", timeout_seconds)
    if gateway is not None and rows is not None and rows > gateway.max_rows:
        raise _above("max_rows", f"{gateway.max_rows:,}")
    if gateway is not None and limit is not None and limit > gateway.timeout_seconds:
        raise _above("timeout_seconds", f"{gateway.timeout_seconds:g}")
    return rows, limit


def clean_sql(value: object) -> str:
    """Return a statement that can be stored; whether it may run is judged elsewhere.

    Raises:
        InvalidInput: It is no text, empty, too long, or has characters that nothing can keep.
    """
    if not isinstance(value, str):
        raise InvalidInput("The SQL must be text.", field="sql")
    if not value.strip():
        raise InvalidInput("The SQL is empty.", field="sql")
    if len(value) > MAX_SQL:
        raise InvalidInput(f"The SQL must have at most {MAX_SQL:,} characters.", field="sql")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise InvalidInput("The SQL has characters that no database can keep.", field="sql")
    return value


def clean_description(value: object) -> str:
    """Return a description, which may be empty; raises InvalidInput."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    if isinstance(value, str):
        value = " ".join(value.split())
    return require_line(value, "The description", "description", maximum=MAX_DESCRIPTION)


def clean_parameters(value: object) -> tuple[ParameterSpec, ...]:
    """Return declarations, each judged; raises SqlGatewayError, InvalidInput."""
    from engine.gateway.parameters import check_specs

    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidInput("The parameters must be a list.", field="parameters")
    for one in value:
        if not isinstance(one, ParameterSpec):
            raise InvalidInput("A parameter must be a ParameterSpec.", field="parameters")
    found = tuple(value)
    check_specs(found)
    return found


def require_kind(kind: str) -> None:
    """Raise InvalidInput unless it is a kind of things that gateways are for."""
    if kind not in {"source", "connector"}:
        raise InvalidInput(
            f"There is no kind {str(kind)[:40]!r}.", hint="Kinds: source, connector", field="kind"
        )


def no_rules(technology: str) -> SqlGatewayError:
    """Return the error for a technology that templates cannot be registered for."""
    return SqlGatewayError(no_rules_sentence(technology), code="no_rules", hint=_WITH_RULES)


def no_rules_sentence(technology: str) -> str:
    """Return why nothing can be registered for a technology."""
    named = technology or "what it is"
    return f"The gateway has no rules for {named}, so nothing can be registered or run there."


_WITH_RULES = "It has rules for PostgreSQL, MySQL and MariaDB, SQLite and DuckDB."


def _above(name: str, cap: str) -> InvalidInput:
    return InvalidInput(
        f"{_label(name)} is above the gateway's, which is {cap}.",
        hint="Raise the gateway's own first, with `lampboard gateway set`.",
        field=name,
    )


def _truth(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(f"{_label(name)} must be true or false.", field=name)
    return value


def _tables(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidInput("The tables must be a list of names.", field="tables")
    found = tuple(dict.fromkeys(require_line(one, "A table", "tables") for one in value))
    if len(found) > MAX_TABLES:
        raise InvalidInput(f"There must be at most {MAX_TABLES} tables.", field="tables")
    return found


def _label(name: str) -> str:
    return {
        "max_rows": "The cap of rows",
        "max_result_bytes": "The cap of bytes",
        "timeout_seconds": "The timeout",
        "tripwire": "The tripwire",
    }[name]
