"""`test` of one thing or of all that match: real connections, a line each, one exit code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tui.cli.inventory.facts import show_facts
from tui.cli.session import Session, narrate
from tui.lookup import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.workspace import Workspace
    from tui.cli.table import Column
    from tui.nouns import Noun

FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Tested:
    """One thing's test as a line of a table."""

    thing: Any
    result: Any

    def __getattr__(self, name: str) -> Any:
        owner = self.thing if name in {"id", "name", "technology"} else self.result
        return getattr(owner, name)

    def to_dict(self) -> dict[str, Any]:
        """Return the thing's id, name and technology with its result, JSON-ready."""
        thing = {name: getattr(self.thing, name) for name in ("id", "name", "technology")}
        return {**thing, **self.result.to_dict()}


async def test_one(session: Session, workspace: Workspace, noun: Noun, given: str) -> bool:
    """Test one and print how it went; tell whether it did not fail."""
    tenant = await session.tenant(workspace)
    found = await find(workspace, tenant, given, noun)
    result = await noun.test(workspace, tenant, noun.id_of(found))
    show_facts(session, result, answer_columns())
    return str(result.state) != FAILING


async def test_all(
    session: Session, workspace: Workspace, noun: Noun, words: Sequence[str]
) -> bool:
    """Test all that match and print a line each; tell whether none failed."""
    tenant = await session.tenant(workspace)
    found = await noun.facade(workspace).test_all(tenant, query=" ".join(words))
    tested = [Tested(thing, result) for thing, result in found]
    session.output.listing([tested], len(tested), tested_columns())
    states = Counter(str(one.result.state) for one in tested)
    narrate(_summary(noun, len(tested), states))
    return not states[FAILING]


def require_one_or_all(words: Sequence[str], *, everything: bool) -> None:
    """Refuse a test of nothing, and of several by name.

    Raises:
        UsageError: Neither one thing nor --all was given.
    """
    if not everything and len(words) != 1:
        raise click.UsageError("Name one thing, or give --all, which takes a filter.")


def answer_columns() -> tuple[Column, ...]:
    """Return what is shown of one test."""
    from tui.cli.shows import details, latency, stages, time
    from tui.cli.table import Column

    return (
        Column(title="health", key="state", state=True),
        Column(title="error", key="error"),
        Column(title="message", key="message"),
        Column(title="next", key="remedy"),
        Column(title="stage", key="stage"),
        Column(title="stages", key="stages", show=stages),
        Column(title="latency", key="latency_ms", show=latency),
        Column(title="details", key="details", show=details),
        Column(title="checked", key="checked_at", show=time),
    )


def tested_columns() -> tuple[Column, ...]:
    """Return what is shown of each of many tests."""
    from tui.cli.shows import latency
    from tui.cli.table import Column

    return (
        Column(title="NAME", key="name"),
        Column(title="TECHNOLOGY", key="technology"),
        Column(title="HEALTH", key="state", state=True),
        Column(title="STAGE", key="stage"),
        Column(title="ERROR", key="error"),
        Column(title="LATENCY", key="latency_ms", show=latency, right=True),
        Column(title="MESSAGE", key="message"),
    )


def _summary(noun: Noun, total: int, states: Counter[str]) -> str:
    if not total:
        return f"No {noun.one} matches, so nothing was tested."
    said = ", ".join(f"{number:,} {state}" for state, number in states.most_common())
    return f"{total:,} tested: {said}."
