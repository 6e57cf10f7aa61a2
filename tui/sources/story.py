"""What the story of a source tells: where it is, how it is reached, whose it is. Pure."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from engine.sources.config import DataSourceConfig
from tui import text
from tui.health.story import LABEL, check_lines, fact, last_check_lines, state_lines
from tui.inventory.answer import Answer
from tui.inventory.story import history_lines, test_lines
from tui.widgets.cells import Cell, Span, cell, fit, status_cell, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from engine.sources.model import CustomerDataSource
    from engine.sources.results import SourceSummary, TestConnectionResult
    from tui.inventory.story import Known
    from tui.theme import Glyphs

    KnownSource = Known[SourceSummary, CustomerDataSource]

TWO = 90
"""Cells from which the story stands in two columns."""

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


def source_lines(
    known: KnownSource, width: int, now: datetime, glyphs: Glyphs, *, plot_height: int = 1
) -> tuple[Cell, ...]:
    """Return the story: state and facts, then what its checks came to; side by side if wide."""
    if width < TWO:
        inner = max(10, width - 2)
        left = [*test_lines(known, inner, now, glyphs), *_state(known, inner, now, glyphs)]
        lines = [*left, *fact_lines(known, inner, now), *_checks(known, inner, now, glyphs, 1)]
        return tuple((Span(" "), *line) for line in lines)
    half = (width - 4) // 2
    left = [*_state(known, half, now, glyphs), *fact_lines(known, half, now)]
    right = [
        *test_lines(known, half, now, glyphs),
        *_checks(known, half, now, glyphs, plot_height),
    ]
    return tuple(_beside(left, right, half))


def _beside(left: list[Cell], right: list[Cell], half: int) -> Iterator[Cell]:
    right = right[1:] if right and not right[0] else right
    for number in range(max(len(left), len(right))):
        one = left[number] if number < len(left) else ()
        other = right[number] if number < len(right) else ()
        yield (Span(" "), *fit(one, half), Span("  "), *other)


def _state(known: KnownSource, width: int, now: datetime, glyphs: Glyphs) -> list[Cell]:
    # A test's answer has just said why and what to do.
    most = 1 if known.test is not None else None
    return [*state_lines(known.latest, width, now, glyphs)[:most], ()]


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
    usual, said = DataSourceConfig(), detail.config
    facts = [
        (LABELS.get(spec.name, spec.name), _value(getattr(said, spec.name)))
        for spec in fields(said)
        if spec.name not in {"options", "oauth_config"}
        and getattr(said, spec.name) != getattr(usual, spec.name)
    ]
    named = {**(said.oauth_config or {}), **said.to_dict()["options"]}
    return facts + [
        (text.ellipsis(text.clean(name).replace("_", " "), 8), _value(value))
        for name, value in named.items()
    ]


def _value(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "*** stored" if value == "***" else value


def _kept(detail: CustomerDataSource, width: int, now: datetime) -> list[Cell]:
    last = text.age(detail.last_connected, now)
    connected = "never" if detail.last_connected is None else f"{last} ago"
    lines = [
        fact(
            "reached", cell(f"{connected}, {text.plural(detail.connection_count, 'time')}"), width
        ),
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


def _checks(
    known: KnownSource, width: int, now: datetime, glyphs: Glyphs, plot_height: int
) -> list[Cell]:
    """Return the stages of the last check, then history; a test's answer has its own stages."""
    if known.story is None:
        return []
    lines = last_check_lines(known.story, width, now, glyphs) if known.test is None else []
    return [*lines, *history_lines(known.story, width, now, glyphs, plot_height)]


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
