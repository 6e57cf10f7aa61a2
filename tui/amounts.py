"""Amounts as people type them: `$500.50`, `2M`, `50,80,95`. Pure; for the form and the flags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from engine.errors import InvalidInput
from engine.integrations.fields import MAX_BUDGET_CENTS, MAX_RPM, MAX_TOKENS
from engine.limits.results import MAX_LEVEL, MAX_LEVELS

UNLIMITED = frozenset({"unlimited", "none", "off", "0"})
"""What takes a limit away."""

DEFAULT = "default"
"""What gives warning levels back to the board."""

_AMOUNT = re.compile(
    r"\s*(?P<dollar>\$?)\s*(?P<whole>[0-9]{1,3}(?:[,_][0-9]{3})+|[0-9]+|)"
    r"(?P<part>\.[0-9]+)?\s*(?P<unit>[kKmMbBtT]?)\s*"
)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_LEVEL = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?")
_LONGEST = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class _Limit:
    """How a limit is typed: its words in sentences, and what it is kept in."""

    field: str
    kind: str
    examples: str
    what: str
    unit: str
    most: int


_BUDGET = _Limit(
    field="budget",
    kind="an amount of dollars",
    examples="dollars such as 500, 500.50, $2k",
    what="A budget",
    unit="cents",
    most=MAX_BUDGET_CENTS,
)
_TOKENS = _Limit(
    field="tokens",
    kind="a number of tokens",
    examples="a number such as 300k, 2M, 1.5B, 2000000",
    what="A number of tokens",
    unit="tokens",
    most=MAX_TOKENS,
)
_RATE = _Limit(
    field="rate",
    kind="a number of requests a minute",
    examples="a number such as 60, 1.5k",
    what="A rate",
    unit="requests",
    most=MAX_RPM,
)


def cents(typed: str) -> int:
    """Return dollars as whole cents: `500`, `$500.50`, `2k`, `1,500`; `unlimited` is 0.

    Raises:
        InvalidInput: It is not an amount of dollars, or finer than a cent.
    """
    return _limit(typed, _BUDGET)


def count(typed: str) -> int:
    """Return tokens as a whole number: `300k`, `1.5B`, `2,000,000`; `unlimited` is 0.

    Raises:
        InvalidInput: It is not a count, or not a whole one.
    """
    return _limit(typed, _TOKENS)


def rate(typed: str) -> int:
    """Return requests a minute: `60`, `1.5k`; `unlimited` is 0.

    Raises:
        InvalidInput: It is not a count, or not a whole one.
    """
    return _limit(typed, _RATE)


def dollars(typed: str) -> Decimal:
    """Return dollars of any fineness, for one call: `0.25`, `$0.0042`.

    Raises:
        InvalidInput: It is not an amount of dollars.
    """
    value = _number(typed, dollars=True)
    if value is None or value * 100 > MAX_BUDGET_CENTS:
        raise InvalidInput(
            f"{typed[:40]!r} is not an amount of dollars.",
            hint="Give dollars such as 0.25.",
            field="cost",
        )
    return value


def levels(typed: str) -> tuple[float, ...]:
    """Return warning levels in per cent of a limit, ascending: `50,80,95`, `80%`.

    `default` is none of its own, so that the board's hold.

    Raises:
        InvalidInput: One is not a percentage above 0, or there are none, or too many.
    """
    if typed.strip().lower() == DEFAULT:
        return ()
    words = [word.removesuffix("%").strip() for word in re.split(r"[,\s]+", typed.strip()) if word]
    found = {float(word) for word in words if _LEVEL.fullmatch(word)}
    right = all(_LEVEL.fullmatch(word) for word in words) and all(
        0 < level <= MAX_LEVEL for level in found
    )
    if not right or not 0 < len(found) <= MAX_LEVELS:
        raise InvalidInput(
            f"{typed[:40]!r} are not warning levels.",
            hint=f"Give up to {MAX_LEVELS} percentages, such as 50,80,95, or `default`.",
            field="warn",
        )
    return tuple(sorted(found))


def _number(typed: str, *, dollars: bool) -> Decimal | None:
    match = _AMOUNT.fullmatch(typed) if len(typed) <= _LONGEST else None
    if match is None or not (match["whole"] or match["part"]) or (match["dollar"] and not dollars):
        return None
    plain = match["whole"].replace(",", "").replace("_", "") or "0"
    return Decimal(plain + (match["part"] or "")) * _UNITS[match["unit"].lower()]


def _limit(typed: str, of: _Limit) -> int:
    if typed.strip().lower() in UNLIMITED:
        return 0
    value = _number(typed, dollars=of is _BUDGET)
    if value is None:
        raise InvalidInput(
            f"{typed[:40]!r} is not {of.kind}.",
            hint=f"Give {of.examples}, or `unlimited`.",
            field=of.field,
        )
    return _whole(value * 100 if of is _BUDGET else value, of)


def _whole(value: Decimal, of: _Limit) -> int:
    if value > of.most:
        most = f"${of.most // 100:,}" if of is _BUDGET else f"{of.most:,} {of.unit}"
        raise InvalidInput(
            f"{of.what} can be at most {most}.", hint="`unlimited` sets none.", field=of.field
        )
    if value != value.to_integral_value():
        hint = "Give two decimals at most." if of is _BUDGET else "Leave the decimals away."
        raise InvalidInput(f"{of.what} is counted in whole {of.unit}.", hint=hint, field=of.field)
    return int(value)
