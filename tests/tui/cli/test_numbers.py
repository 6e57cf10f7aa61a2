"""Numbers of the command line: what cannot be told by looking at it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from engine import numbers
from tests.tui.cli.test_main import every_command
from tui.cli import main as cli_main
from tui.cli.numbers import Number, NumberRange, Whole, WholeRange

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Run

OTHER = ("\uff11\uff10", "\u0661\u0660", "\u00b2", "1_000", "+5", "--5", "1,000", "0x10")


@pytest.mark.parametrize("typed", [*OTHER, "", "ten", "nan", "1e3", "1.5", "5.", "9" * 5000])
def test_what_is_no_whole_number(typed: str) -> None:
    assert numbers.whole(typed) is None


@pytest.mark.parametrize("typed", [*OTHER, "", "ten", ".", "-", "1.5.5", "e3", "1e", "infinity"])
def test_what_is_no_number(typed: str) -> None:
    assert numbers.decimal(typed) is None


def test_what_is_a_number() -> None:
    assert [numbers.whole(typed) for typed in ("0", " 12 ", "-3", "007")] == [0, 12, -3, 7]
    assert [numbers.decimal(typed) for typed in ("2", "2.5", ".5", "-1.", "1e3")] == [
        *(2, 2.5, 0.5, -1, 1000)
    ]


OPTIONS = (
    ("gateway", "set", "--source", "orders", "--max-rows"),
    ("prevention", "policies", "set", "no-exports", "--needed"),
)


@pytest.mark.parametrize("typed", OTHER)
@pytest.mark.parametrize("argv", OPTIONS, ids=" ".join)
def test_a_number_of_other_signs_is_wrong_usage(
    board: Run, argv: tuple[str, ...], typed: str
) -> None:
    done = board(*argv, typed)
    assert (done.code, done.out) == (2, "")
    assert f"{typed!r} is not a whole number; give it in the digits 0 to 9" in done.err
    assert done.err.startswith("Error: ")
    assert done.err.count("\n") <= 2


@pytest.mark.parametrize("typed", ["\uff11\uff10", "1_0", "1_0" * 400])
def test_a_time_of_other_signs_is_wrong_usage(board: Run, typed: str) -> None:
    done = board("gateway", "set", "--source", "orders", "--timeout", typed)
    assert (done.code, done.out) == (2, "")
    assert "is not a number" in done.err
    assert len(done.err) < 300


@pytest.mark.parametrize("typed", ["nan", "inf", "\uff11", "1_0"])
def test_what_is_between_no_bounds_is_wrong_usage(board: Run, typed: str) -> None:
    done = board("demo", "--headless", "--seconds", typed)
    assert (done.code, done.out) == (2, "")
    assert "--seconds" in done.err


def test_no_option_is_read_by_click_alone() -> None:
    ours = (Whole, WholeRange, Number, NumberRange)
    theirs = (click.types.IntParamType, click.types.FloatParamType)
    found = 0
    for path in every_command():
        context, command = click.Context(cli_main.root), cli_main.root
        for name in path:
            assert isinstance(command, click.Group)
            inner = command.get_command(context, name)
            assert inner is not None
            command = inner
        for param in command.params:
            if isinstance(param.type, theirs):
                found += 1
                assert isinstance(param.type, ours), (path, param.name)
    assert found > 20
