"""What the story of a connector tells: where it leads, how it behaves, what it offers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.fields import ALLOWED, BEHAVIOUR, OWN
from tui import text
from tui.connectors.discovered import counted, names_line, offers
from tui.connectors.rows import can
from tui.health.story import LABEL, check_lines, fact
from tui.inventory.answer import Answer
from tui.widgets.cells import Cell, Span, cell, status_cell, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.connectors.results import ConnectorInfo, TestResult
    from tui.inventory.story import Known

    KnownConnector = Known[ConnectorInfo, ConnectorInfo]

LABELS: Mapping[str, str] = {
    "connection_string": "endpoint",
    "username": "user",
    "auth_type": "auth",
    "api_key": "API key",
    "ssl_enabled": "TLS",
    "ssl_verify": "verify",
    "ssl_cert_path": "CA file",
    "timeout_seconds": "timeout",
    "max_retries": "retries",
    "retry_delay_seconds": "delay",
    "rate_limit_enabled": "limited",
    "rate_limit_requests": "limit",
    "rate_limit_window_seconds": "window",
    "max_rows": "rows",
    "max_bytes": "bytes",
    "vector_dimension": "vectors",
    "distance_metric": "distance",
    "base_path": "path",
    **{spec.name: "allowed" for spec in ALLOWED.values()},
}
"""Names of a config's fields that are too long for the pane, or no words for people."""

GROUPS = ("oauth_config", "options")
"""Fields of a config that hold others."""
SECONDS = frozenset({"timeout_seconds", "retry_delay_seconds", "rate_limit_window_seconds"})
_BEHAVIOUR = frozenset(
    spec.name for spec in (*BEHAVIOUR, *(s for own in OWN.values() for s in own))
)


def fact_lines(known: KnownConnector, width: int, now: datetime) -> list[Cell]:
    """Return what it is, where it leads, what it can do and offers, whose it is, a line each."""
    item = known.item
    kind = " ".join(part for part in (item.connector_type, item.technology) if part)
    lines = [
        fact("kind", cell(kind), width),
        fact("status", status_cell(item.status), width),
        fact("where", cell(item.where), width),
        fact("can", cell(can(item.capabilities)), width),
    ]
    if known.detail is not None:
        lines += offer_lines(known.detail, width)
        lines += [fact(name, cell(value), width) for name, value in config_facts(known.detail)]
    lines += [
        fact("tags", cell(", ".join(item.tags)), width),
        fact("owner", cell(item.owner_id), width),
        *check_lines(known.latest, width, now),
    ]
    return lines if known.detail is None else [*lines, *_kept(known.detail, width, now)]


def offer_lines(detail: ConnectorInfo, width: int) -> list[Cell]:
    """Return how much the other side offers, and the first names; `o` opens all of it."""
    found = offers(detail.discovered)
    if not found:
        return [fact("offers", cell("not asked yet, i asks", "muted"), width)]
    head: Cell = (Span(counted(found)), Span("  o opens", "muted"))
    names = cell(names_line(found, width - LABEL), "muted")
    return [fact("offers", head, width), fact("", names, width)]


def config_facts(detail: ConnectorInfo) -> list[tuple[str, object]]:
    """Return its config: how it is reached, secrets masked, then how it behaves."""
    said = {name: value for name, value in detail.config.items() if name not in GROUPS}
    inner = {k: v for group in GROUPS for k, v in (detail.config.get(group) or {}).items()}
    reached = {name: value for name, value in said.items() if name not in _BEHAVIOUR}
    behaves = {name: value for name, value in said.items() if name in _BEHAVIOUR}
    return [
        (_label(name), _value(name, value))
        for name, value in (reached | inner | behaves).items()
        if value not in (None, "", detail.where)
    ]


def _label(name: str) -> str:
    return text.ellipsis(LABELS.get(name) or text.clean(name).replace("_", " "), LABEL - 1)


def _value(name: str, value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in SECONDS:
        return f"{value} s"
    if isinstance(value, int) and name in _BEHAVIOUR:
        return f"{value:,}"
    return "*** stored" if value == "***" else value


def _kept(detail: ConnectorInfo, width: int, now: datetime) -> list[Cell]:
    last, used = text.age(detail.last_connected, now), text.age(detail.last_used_at, now)
    times = text.plural(detail.connection_count, "time")
    reached = "never" if detail.last_connected is None else f"{last} ago, {times}"
    lines = [
        fact("reached", cell(reached), width),
        fact("errors", cell(f"{detail.error_count:,}"), width),
        fact("used", cell("never" if detail.last_used_at is None else f"{used} ago"), width),
    ]
    if detail.last_error:
        lines += _wrapped("last", detail.last_error, width)
    if detail.description:
        lines += _wrapped("about", detail.description, width)
    created = f"{text.moment(detail.created_at, now)} by {detail.created_by or 'unknown'}"
    every = text.seconds(detail.interval_s) if detail.interval_s else "the board's own"
    return [
        *lines,
        fact("every", cell(every), width),
        fact("created", cell(created), width),
        fact("id", cell(detail.id), width),
    ]


def _wrapped(name: str, words: str, width: int) -> list[Cell]:
    wrapped = wrap(words, max(10, width - LABEL), most=3)
    return [fact(name if not number else "", line, width) for number, line in enumerate(wrapped)]


def answer_of(result: TestResult) -> Answer:
    """Return a test's result as an answer."""
    facts = tuple(
        (text.clean(str(name)).replace("_", " "), str(value))
        for name, value in result.details.items()
        if isinstance(value, str | int | float)
    )
    return Answer(
        state=result.state,
        message=result.message,
        remedy=result.remedy,
        error=result.error,
        code=result.error or "",
        stage=result.stage,
        stages=result.stages,
        latency_ms=result.latency_ms,
        checked_at=result.checked_at,
        cached=result.cached,
        facts=facts,
    )
