"""One deed done to several integrations: each on its own, and a summary that names the failures."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import LampboardError
from tui import text
from tui.health.rows import reason
from tui.theme import HEALTH, look
from tui.widgets.cells import Cell, Span, cell, fit, wrap

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from engine.integrations import IntegrationsFacade
    from engine.integrations.results import HealthCheckResult
    from tui.theme import Glyphs

AT_ONCE = 8
"""Tests in flight at once: enough not to wait for a silent provider, too few to flood one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """An integration by id and name."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a deed came to for one thing: what it said, or why not; a test's answer too."""

    thing: Thing
    said: str = ""
    error: str = ""
    answer: HealthCheckResult | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """Something that can be done: its words for one and for the summary, and the call."""

    name: str
    title: str
    done: str
    at_once: int
    do: Callable[[IntegrationsFacade, str, Thing], Awaitable[Outcome]]


async def run(
    deed: Deed, facade: IntegrationsFacade, tenant_id: str, things: Sequence[Thing]
) -> tuple[Outcome, ...]:
    """Do a deed to each thing, in their order; what is refused becomes an outcome of its own."""
    free = asyncio.Semaphore(deed.at_once)

    async def one(thing: Thing) -> Outcome:
        async with free:
            try:
                return await deed.do(facade, tenant_id, thing)
            except LampboardError as error:
                return Outcome(thing=thing, error=f"{error.message} {error.hint}".strip())

    return tuple(await asyncio.gather(*(one(thing) for thing in things)))


async def _enable(facade: IntegrationsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.enable_integration(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _disable(facade: IntegrationsFacade, tenant_id: str, thing: Thing) -> Outcome:
    result = await facade.disable_integration(tenant_id, thing.id)
    return Outcome(thing=thing, said=result.message)


async def _delete(facade: IntegrationsFacade, tenant_id: str, thing: Thing) -> Outcome:
    await facade.delete_integration(tenant_id, thing.id)
    return Outcome(thing=thing, said=f"{thing.name} is deleted.")


async def _test(facade: IntegrationsFacade, tenant_id: str, thing: Thing) -> Outcome:
    answer = await facade.test_credentials(tenant_id, thing.id)
    return Outcome(thing=thing, said=answer.message or "", answer=answer)


# Writers wait for each other in the database anyway, so only tests gain by running together.
ENABLE = Deed(name="enable", title="Enable", done="enabled", at_once=1, do=_enable)
DISABLE = Deed(name="disable", title="Disable", done="disabled", at_once=1, do=_disable)
DELETE = Deed(name="delete", title="Delete", done="deleted", at_once=1, do=_delete)
TEST = Deed(name="test", title="Test", done="tested", at_once=AT_ONCE, do=_test)


def headline(deed: Deed, outcomes: Sequence[Outcome]) -> str:
    """Return the summary in one sentence, such as `3 of 4 integrations enabled, 1 not.`."""
    refused = sum(bool(outcome.error) for outcome in outcomes)
    done = len(outcomes) - refused
    if not refused:
        return f"{text.plural(done, 'integration')} {deed.done}."
    return f"{done:,} of {text.plural(len(outcomes), 'integration')} {deed.done}, {refused:,} not."


def summary_lines(
    deed: Deed, outcomes: Sequence[Outcome], width: int, glyphs: Glyphs
) -> tuple[Cell, ...]:
    """Return the headline, the states of tests, then each failure with its reason."""
    lines: list[Cell] = [(Span(headline(deed, outcomes), "strong"),)]
    states = Counter(one.answer.health_state for one in outcomes if one.answer is not None)
    if states:
        counts = [
            Span(f"{glyphs.lamp(state)} {states[state]} {state}   ", HEALTH[state].tone)
            for state in HEALTH
            if states[state]
        ]
        lines.append(tuple(counts))
    for outcome in outcomes:
        lines += _outcome_lines(outcome, width, glyphs)
    return tuple(lines)


NAME = 22


def _outcome_lines(outcome: Outcome, width: int, glyphs: Glyphs) -> list[Cell]:
    if outcome.error:
        head = (Span(f"{glyphs.lamp('failing')} ", "failing"), *cell(outcome.thing.name, "strong"))
        said = wrap(outcome.error, width - 2, "muted", most=3)
        return [(), fit(head, width), *((Span("  "), *line) for line in said)]
    answer = outcome.answer
    if answer is None:
        return []
    tone = look(answer.health_state).tone
    line = (
        Span(f"{glyphs.lamp(answer.health_state)} ", tone),
        *fit(cell(outcome.thing.name), NAME),
        Span(f" {text.latency(answer.latency_ms):>8}  ", "muted"),
        Span(reason(answer.health_state, answer.error), tone),
    )
    return [fit(line, width)]
