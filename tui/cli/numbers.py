"""The types of options that take numbers; click's own read `１０` and `1_0` as ten."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from engine import numbers

if TYPE_CHECKING:
    from collections.abc import Callable


class _Typed(click.ParamType[Any]):
    """Refuses what is no number to the eye, before click reads it."""

    read: Callable[[str], float | None]
    what: str

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, in the bounds that the type has."""
        if isinstance(value, str) and type(self).read(value) is None:
            self.fail(f"{value[:40]!r} is not {self.what}.", param, ctx)
        return super().convert(value, param, ctx)


class _TypedWhole(_Typed):
    read = staticmethod(numbers.whole)
    what = "a whole number; give it in the digits 0 to 9 alone"


class _TypedDecimal(_Typed):
    read = staticmethod(numbers.decimal)
    what = "a number; give it in the digits 0 to 9, such as 2.5"


class Whole(_TypedWhole, click.types.IntParamType):
    """A whole number."""


class WholeRange(_TypedWhole, click.IntRange):
    """A whole number between bounds, as `click.IntRange` takes them."""


class Number(_TypedDecimal, click.types.FloatParamType):
    """A number with or without decimals."""


class NumberRange(_TypedDecimal, click.FloatRange):
    """A number between bounds, as `click.FloatRange` takes them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; `nan` is between no bounds, which click does not see."""
        found = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(f"{value!r} is not {self.what}.", param, ctx)
        return found
