"""What the story of an integration tells that no other kind has: its facts and limits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui import gauges, text
from tui.health.story import LABEL, check_lines, fact
from tui.inventory.answer import Answer
from tui.theme import gauge_look
from tui.widgets.cells import Cell, Span, cell, fit, status_cell, wrap
from tui.widgets.meter import gauge_meter, gauge_tone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.integrations.results import (
        HealthCheckResult,
        IntegrationDetailResult,
        IntegrationSummaryResult,
    )
    from engine.limits.results import GaugeResult
    from tui.inventory.story import Known
    from tui.theme import Glyphs


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What is stored of an integration, and its usage against its limits."""

    detail: IntegrationDetailResult
    gauges: tuple[GaugeResult, ...]


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
    return [*lines, (), *limit_lines(known.detail.gauges, width, now, glyphs)]


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


BAR = 10
"""Cells of a gauge's bar."""


def limit_lines(
    found: Sequence[GaugeResult], width: int, now: datetime, glyphs: Glyphs
) -> list[Cell]:
    """Return usage against limits, and when the month ends."""
    month = next((one for one in found if one.measure != "rate"), None)
    until = f"  until {text.moment(month.resets_at, now)} UTC" if month is not None else ""
    lines = [fit((Span("limits", "strong"), Span(until, "muted")), width)]
    for gauge in found:
        lines.append(fact(gauge.measure, _against(gauge, glyphs), width))
        for said in _said(gauge, now):
            lines += [fact("", line, width) for line in wrap(said, width - LABEL, "muted")]
    if all(gauge.used is None for gauge in found):
        lines.append(fact("usage", cell("not measured yet", "muted"), width))
    return lines


def _against(gauge: GaugeResult, glyphs: Glyphs) -> Cell:
    """Return how much of its limit is used, or why that cannot be told."""
    if not gauge.limit:
        used = "" if gauge.used is None else f", {gauges.amount(gauge.measure, gauge.used)} used"
        return (Span("unlimited", "muted"), Span(used, "muted"))
    limit = gauges.brief(gauge.measure, gauge.limit).removesuffix(".00")
    limit += "/min" if gauge.measure == "rate" else ""
    if gauge.percent is None:
        return (Span(limit), Span(f"  {gauges.state_word(gauge)}", gauge_look(gauge.state).tone))
    share = Span(f" {text.percent(gauge.percent):>4}", gauge_tone(gauge))
    return (*gauge_meter(gauge, BAR, glyphs), share, Span(f" of {limit}", "muted"))


def _said(gauge: GaugeResult, now: datetime) -> list[str]:
    """Return the amount in words, what it leaves out, and when it runs out."""
    if not gauge.limit:
        return []
    if gauge.used is None:
        return [gauges.unpriced_words(gauge)] if gauge.unpriced else []
    used = f"{gauges.amount(gauge.measure, gauge.used)} used"
    unpriced, outlook = gauges.unpriced_words(gauge), gauges.outlook_words(gauge, now)
    return [line for line in (f"{used} {unpriced}".strip(), outlook) if line]


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
