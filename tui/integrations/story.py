"""From one integration to the lines of its story, and from a check to its waterfall: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui import text
from tui.health.story import (
    LABEL,
    advice_lines,
    change_lines,
    check_lines,
    fact,
    latency_lines,
    state_lines,
    uptime_lines,
)
from tui.theme import look
from tui.widgets.cells import Cell, Span, cell, fit, status_cell
from tui.widgets.meter import meter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.health.model import Lamp, Story
    from engine.integrations.results import (
        HealthCheckResult,
        IntegrationDetailResult,
        LimitsStatusResult,
    )
    from tui.theme import Glyphs, Tone


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a pane knows of one integration; what is not loaded yet is None."""

    lamp: Lamp
    status: str
    detail: IntegrationDetailResult | None = None
    story: Story | None = None
    limits: LimitsStatusResult | None = None
    test: HealthCheckResult | None = None
    testing: bool = False


def known_lines(
    known: Known, width: int, now: datetime, glyphs: Glyphs, *, plot_height: int = 1
) -> tuple[Cell, ...]:
    """Return the story: state, why, what to do; facts, limits, history; a test's answer on top."""
    inner = max(10, width - 2)
    lamp = known.story.lamp if known.story is not None else known.lamp
    lines = list(test_lines(known, inner, now, glyphs))
    # A test's answer has just said why and what to do.
    said = state_lines(lamp, inner, now, glyphs)[: 1 if known.test is not None else None]
    lines += [*said, (), *fact_lines(known, lamp, inner, now)]
    if known.limits is not None:
        lines += [(), *limit_lines(known.limits, inner, now, glyphs)]
    if known.story is not None:
        lines += [(), *uptime_lines(known.story.uptime, inner)]
        lines += latency_lines(known.story, inner, glyphs, plot_height)
        lines += [(), *change_lines(known.story.transitions, inner, now, glyphs)]
    return tuple((Span(" "), *line) for line in lines)


def fact_lines(known: Known, lamp: Lamp, width: int, now: datetime) -> list[Cell]:
    """Return what it is and how its last check went, a line each."""
    lines = [
        fact("provider", cell(lamp.technology), width),
        fact("status", status_cell(known.status), width),
        *check_lines(lamp, width, now),
    ]
    return lines if known.detail is None else [*lines, *detail_lines(known.detail, width, now)]


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


# A check's answer


def test_lines(known: Known, width: int, now: datetime, glyphs: Glyphs) -> list[Cell]:
    """Return the answer of a test made here, above the story; nothing where none was made."""
    if known.testing:
        return [(Span(f"{glyphs.gap} ", "accent"), Span("testing now", "strong")), ()]
    if known.test is None:
        return []
    made = text.age(known.test.checked_at, now)
    head = (Span("test ", "strong"), Span(f"{made} ago", "muted"))
    rule = (Span(glyphs.rule * width, "muted"),)
    return [head, *answer_lines(known.test, width, glyphs), rule]


def answer_lines(answer: HealthCheckResult, width: int, glyphs: Glyphs) -> list[Cell]:
    """Return a check's answer: state, words, what to do, the time of each stage."""
    found = look(answer.health_state)
    head = [Span(f"{glyphs.lamp(answer.health_state)} {found.word}", found.tone)]
    facts = [f"HTTP {answer.status_code}"] if answer.status_code is not None else []
    if answer.latency_ms is not None:
        facts.append(text.latency(answer.latency_ms))
    # Where there are stages, the waterfall marks the one that failed.
    if answer.stage and answer.health_state == "failing" and not answer.stages:
        facts.append(f"at {text.clean(answer.stage)}")
    if answer.cached:
        facts.append("cached")
    head.append(Span(f"  {'  '.join(facts)}", "muted"))
    lines = [
        fit(tuple(head), width),
        *advice_lines(answer.message, answer.remedy, width, glyphs),
    ]
    return [*lines, *waterfall(steps(answer), width, glyphs)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One stage of a check: what it did, how long it took, whether it went well."""

    name: str
    milliseconds: float
    ok: bool


def steps(answer: HealthCheckResult) -> tuple[Step, ...]:
    """Return the stages of an answer; one that took no measured time counts as 0 ms."""
    return tuple(
        Step(
            name=text.clean(str(stage.get("name", ""))),
            milliseconds=float(stage.get("ms") or 0),
            ok=bool(stage.get("ok", True)),
        )
        for stage in answer.stages
    )


NAME, TIME = 10, 8
"""Cells of a stage's name and of its time in the waterfall."""


def waterfall(stages: Sequence[Step], width: int, glyphs: Glyphs) -> list[Cell]:
    """Return a line a stage, its bar starting where the one before ended."""
    room = width - NAME - TIME - 2
    total = sum(stage.milliseconds for stage in stages)
    if room < 4 or not stages:  # noqa: PLR2004 - a bar of fewer cells says nothing
        return []
    lines: list[Cell] = []
    before = 0.0
    for stage in stages:
        start = min(room - 1, int(room * before / total)) if total else 0
        before += stage.milliseconds
        end = max(start + 1, round(room * before / total)) if total else start + 1
        tone: Tone = "accent" if stage.ok else "failing"
        name = stage.name if stage.ok else f"{glyphs.lamp('failing')} {stage.name}"
        lines.append(
            (
                *fit(cell(name, "muted" if stage.ok else "failing"), NAME),
                *fit(cell(text.latency(stage.milliseconds), "plain"), TIME, right=True),
                Span("  " + " " * start),
                Span(glyphs.full * (end - start), tone),
            )
        )
    return lines
