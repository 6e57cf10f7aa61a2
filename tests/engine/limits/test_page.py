"""The program that docs/limits.md shows: asks, calls, records, and is settled."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest

from engine.workspace import set_default_workspace
from tests.markdown import ROOT, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.limits.conftest import Board

SHOWN = marked((ROOT / "docs" / "limits.md").read_text("utf-8"), "asking-before-a-call").text


@pytest.fixture
def everywhere(board: Board) -> Iterator[Board]:
    set_default_workspace(board.workspace)
    yield board
    set_default_workspace(None)


async def shown(board: Board) -> None:
    names: dict[str, Any] = {"answered_at": board.clock.now()}
    program = indent(SHOWN.replace('"acme"', repr(board.tenant)), "    ")
    exec(f"async def program():\n{program}", names)  # noqa: S102 - our own page
    await names["program"]()


async def test_the_program_shown_holds_and_settles(everywhere: Board) -> None:
    await everywhere.integration("gpt-prod", token_limit_month=10_000)
    await shown(everywhere)
    limits = everywhere.workspace.limits
    (tokens,) = [
        gauge
        for gauge in (await limits.page_gauges(everywhere.tenant, scope="integration"))[0]
        if gauge.measure == "tokens"
    ]
    assert (tokens.used, tokens.held) == (812 + 401, 0)


async def test_the_program_shown_stops_when_it_is_blocked(everywhere: Board) -> None:
    await everywhere.integration("gpt-prod", token_limit_month=3_999)
    with pytest.raises(RuntimeError, match=r"Blocked by the monthly tokens of .* Again from"):
        await shown(everywhere)
