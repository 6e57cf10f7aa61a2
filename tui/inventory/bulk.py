"""One deed done to several things: each on its own, and a summary that names the failures."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from engine.errors import LampboardError
from tui import text
from tui.health.rows import reason
from tui.theme import HEALTH, look
from tui.widgets.cells import Cell, Span, cell, fit, wrap

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tui.inventory.answer import Answer
    from tui.theme import Glyphs

FacadeT = TypeVar("FacadeT")

AT_ONCE = 8
"""Tests in flight at once: enough not to wait for a silent server, too few to flood one."""

ONE_BY_ONE = 1
"""Writers wait for each other in the database anyway, so only tests gain by running together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """Something to be done a deed to, by id and name."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a deed came to for one thing: what it said, or why not; a test's answer too."""

    thing: Thing
    said: str = ""
    error: str = ""
    answer: Answer | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed(Generic[FacadeT]):
    """Something that can be done: its words for one and for the summary, and the call."""

    noun: str
    title: str
    done: str
    do: Callable[[FacadeT, str, Thing], Awaitable[Outcome]]
    at_once: int = ONE_BY_ONE


async def run(
    deed: Deed[FacadeT],
    facade: FacadeT,
    tenant_id: str,
    things: Sequence[Thing],
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """Do a deed to each thing, in their order; what is refused becomes an outcome of its own.

    Args:
        deed: What to do.
        facade: What does it.
        tenant_id: Whose things they are.
        things: What to do it to.
        progress: Told after each how many are done.
    """
    free = asyncio.Semaphore(deed.at_once)
    done = 0

    async def one(thing: Thing) -> Outcome:
        nonlocal done
        async with free:
            try:
                return await deed.do(facade, tenant_id, thing)
            except LampboardError as error:
                return Outcome(thing=thing, error=f"{error.message} {error.hint}".strip())
            finally:
                done += 1
                progress(done)

    return tuple(await asyncio.gather(*(one(thing) for thing in things)))


def needs_report(outcomes: Sequence[Outcome]) -> bool:
    """Whether a summary in one sentence would leave something out."""
    return any(outcome.error or outcome.answer is not None for outcome in outcomes)


def headline(deed: Deed[FacadeT], outcomes: Sequence[Outcome]) -> str:
    """Return the summary in one sentence, such as `3 of 4 integrations enabled, 1 not.`."""
    refused = sum(bool(outcome.error) for outcome in outcomes)
    done = len(outcomes) - refused
    if not refused:
        return f"{text.plural(done, deed.noun)} {deed.done}."
    return f"{done:,} of {text.plural(len(outcomes), deed.noun)} {deed.done}, {refused:,} not."


def summary_lines(
    deed: Deed[FacadeT], outcomes: Sequence[Outcome], width: int, glyphs: Glyphs
) -> tuple[Cell, ...]:
    """Return the headline, the states of tests, then each failure with its reason."""
    lines: list[Cell] = [(Span(headline(deed, outcomes), "strong"),)]
    states = Counter(one.answer.state for one in outcomes if one.answer is not None)
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
    tone = look(answer.state).tone
    line = (
        Span(f"{glyphs.lamp(answer.state)} ", tone),
        *fit(cell(outcome.thing.name), NAME),
        Span(f" {text.latency(answer.latency_ms):>8}  ", "muted"),
        Span(reason(answer.state, answer.error), tone),
    )
    return [fit(line, width)]
