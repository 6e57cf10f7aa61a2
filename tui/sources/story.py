"""What the story of a source tells: where it is, how it is reached, whose it is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.sources.config import DataSourceConfig
from tui import text
from tui.health.story import LABEL, check_lines, fact
from tui.inventory import reach
from tui.inventory.answer import Answer
from tui.widgets.cells import Cell, cell, status_cell, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.sources.model import CustomerDataSource
    from engine.sources.results import SourceSummary, TestConnectionResult
    from tui.inventory.story import Known

    KnownSource = Known[SourceSummary, CustomerDataSource]

LABELS: Mapping[str, str] = {
    "connection_string": "string",
    "username": "user",
    "auth_type": "auth",
    "api_key": "API key",
    "oauth_config": "OAuth",
    "ssl_enabled": "TLS",
    "ssl_verify": "verify",
    "ssl_cert_path": "CA file",
    "pool_size": "pool",
    "pool_timeout": "pool wait",
    "max_retries": "retries",
}
"""Names of a config's fields that are too long for the pane, or no words for people."""


def fact_lines(known: KnownSource, width: int, now: datetime) -> list[Cell]:
    """Return what it is, where, how it is reached and whose it is, a line each."""
    item = known.item
    kind = " ".join(part for part in (item.source_type, item.technology) if part)
    lines = [
        fact("source", cell(kind), width),
        fact("status", status_cell(item.status), width),
        fact("where", cell(item.where), width),
    ]
    if known.detail is not None:
        lines += [fact(name, cell(value), width) for name, value in config_facts(known.detail)]
    lines += [
        fact("tags", cell(", ".join(item.tags)), width),
        fact("roles", cell(", ".join(item.access_roles) or "open to all"), width),
        fact("owner", cell(item.owner_id), width),
        *check_lines(known.latest, width, now),
    ]
    return lines if known.detail is None else [*lines, *_kept(known.detail, width, now)]


def config_facts(detail: CustomerDataSource) -> list[tuple[str, object]]:
    """Return the fields of its config that say something, secrets masked, then its options."""
    # Of a string only the password is a mask, while `to_dict()` masks the whole.
    said = detail.config.to_dict() | {"connection_string": detail.config.connection_string}
    usual = reach.flat(DataSourceConfig().to_dict())
    return [
        (text.ellipsis(LABELS.get(name) or text.clean(name).replace("_", " "), LABEL - 1), value)
        for name, value in ((name, _value(value)) for name, value in told(said, usual))
    ]


def told(said: Mapping[str, Any], usual: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the values of a config that are not as they always are."""
    return [(name, one) for name, one in reach.flat(said).items() if one != usual.get(name)]


def _value(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "*** stored" if value == "***" else value


def _kept(detail: CustomerDataSource, width: int, now: datetime) -> list[Cell]:
    last, times = text.age(detail.last_connected, now), text.plural(detail.connection_count, "time")
    reached = "never" if detail.last_connected is None else f"{last} ago, {times}"
    lines = [
        fact("reached", cell(reached), width),
        fact("errors", cell(f"{detail.error_count:,}"), width),
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
        fact("id", cell(detail.source_id), width),
    ]


def _wrapped(name: str, words: str, width: int) -> list[Cell]:
    wrapped = wrap(words, max(10, width - LABEL), most=3)
    return [fact(name if not number else "", line, width) for number, line in enumerate(wrapped)]


def answer_of(result: TestConnectionResult) -> Answer:
    """Return a test's result as an answer."""
    facts = tuple(
        (str(name).replace("_", " "), str(value))
        for name, value in (result.details or {}).items()
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
