"""What the story of an integration tells that no other kind has: its facts and limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui import text
from tui.health.story import LABEL, check_lines, fact
from tui.inventory.answer import Answer
from tui.widgets.cells import Cell, Span, cell, fit, status_cell
from tui.widgets.meter import meter

if TYPE_CHECKING:
    from datetime import datetime

    from engine.integrations.results import (
        HealthCheckResult,
        IntegrationDetailResult,
        IntegrationSummaryResult,
        LimitsStatusResult,
    )
    from tui.inventory.story import Known
    from tui.theme import Glyphs


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What is stored of an integration, and its usage against its limits."""

    detail: IntegrationDetailResult
    limits: LimitsStatusResult


def fact_lines(
    known: Known[IntegrationSummaryResult, Stored], width: int, now: datetime, glyphs: Glyphs
) -> list[Cell]:
    """Return what it is and how its last check went, a line each; then its limits."""
    lines = [
        fact("provider", cell(known.latest.technology), width),
        fact("status", status_cell(known.item.status), width),
        *check_lines(known.latest, width, now),
    ]
    if known.detail is None:
        return lines
    lines += detail_lines(known.detail.detail, width, now)
    return [*lines, (), *limit_lines(known.detail.limits, width, now, glyphs)]


def detail_lines(detail: IntegrationDetailResult, width: int, now: datetime) -> list[Cell]:
    """Return what is stored of it; of the credential only where it is."""
    facts: list[tuple[str, object]] = [
        ("model", detail.default_model),
        ("base URL", detail.base_url or "the provider's own"),
        *((name.replace("_", " "), value) for name, value in sorted(detail.config.items())),
        ("secret", credential_words(detail.credential_ref)),
        ("created", f"{text.moment(detail.created_at, now)} by {detail.created_by or 'unknown'}"),
        ("id", detail.id),
    ]
    return [
        fact(text.ellipsis(text.clean(name), LABEL - 1), cell(value), width)
        for name, value in facts
    ]


def credential_words(reference: str | None) -> str:
    """Return where a credential is, in words; an encrypted one's id tells nobody anything."""
    if not reference:
        return "none"
    return "encrypted here" if reference.startswith("encrypted://") else reference


def limit_lines(
    limits: LimitsStatusResult, width: int, now: datetime, glyphs: Glyphs
) -> list[Cell]:
    """Return the gauges with their limits, and when the month ends."""
    heading = (
        Span("limits", "strong"),
        Span(f"  until {text.moment(limits.period_end, now)} UTC", "muted"),
    )
    gauges = (
        (
            "budget",
            limits.budget_percent,
            limits.budget_limit_cents,
            f"{text.money(limits.budget_limit_cents).removesuffix('.00')} a month",
        ),
        (
            "tokens",
            limits.token_percent,
            limits.token_limit_month,
            f"{limits.token_limit_month:,} a month",
        ),
        ("rate", limits.rate_percent, limits.rate_limit_rpm, f"{limits.rate_limit_rpm:,} a minute"),
    )
    lines = [fit(heading, width)]
    for name, percent, limit, words in gauges:
        if not limit:
            lines.append(fact(name, cell("unlimited", "muted"), width))
            continue
        if percent is None:
            value: Cell = (Span(words),)
        else:
            value = (*meter(percent, 10, glyphs), Span(f" of {words}", "muted"))
        lines.append(fact(name, value, width))
    if not limits.measured:
        lines.append(fact("usage", cell("not measured yet", "muted"), width))
    return lines


def answer_of(result: HealthCheckResult) -> Answer:
    """Return a check's result as an answer."""
    return Answer(
        state=result.health_state,
        message=result.message,
        remedy=result.remedy,
        error=result.error,
        code="" if result.status_code is None else f"HTTP {result.status_code}",
        stage=result.stage,
        stages=result.stages,
        latency_ms=result.latency_ms,
        checked_at=result.checked_at,
        cached=result.cached,
    )
