"""What a caller asks before a call, checked and in whole units. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.usage.records import MAX_COST_NANOS, MAX_TOKENS, NANOS_PER_DOLLAR
from storage.limits import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TTL_S = rows.MAX_TTL_S
"""The longest that a reservation may be open, in seconds: a day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What one call will use.

    Attributes:
        integration: Id or name, as the caller said it.
        amounts: By measure, in its unit; of requests it is one.
        ttl_ms: How long it is held when no record of it comes.
    """

    tenant_id: str
    integration: str
    model: str
    agent: str
    amounts: Mapping[str, int]
    ttl_ms: int

    @property
    def asker(self) -> tuple[str, str, str, str]:
        """What its limits are looked for by; many checks have the same."""
        return self.tenant_id, self.integration, self.model, self.agent


def ask(  # noqa: PLR0913 - what a call will use
    tenant_id: str,
    integration: str,
    *,
    tokens: int,
    cost: Decimal | float | str,
    model: str,
    agent: str,
    ttl_s: float,
) -> Asked:
    """Return what is asked.

    Raises:
        InvalidInput: An amount is negative or more than one call can use, a cost is no number,
            or the time is not from a second to a day; `field` names it.
    """
    if not 0 <= tokens <= MAX_TOKENS:
        raise InvalidInput(
            f"Tokens must be from 0 to {MAX_TOKENS:,}.", hint="Estimate one call.", field="tokens"
        )
    if not 1 <= ttl_s <= MAX_TTL_S:
        raise InvalidInput(
            f"A reservation is open from 1 to {MAX_TTL_S:,} seconds.",
            hint="300 suits most calls; the usage record settles it earlier.",
            field="ttl_s",
        )
    return Asked(
        tenant_id=tenant_id,
        integration=integration,
        model=model,
        agent=agent,
        amounts={"budget": nanos_of(cost), "tokens": int(tokens), "rate": 1},
        ttl_ms=int(ttl_s * 1000),
    )


def nanos_of(cost: Decimal | float | str) -> int:
    """Return dollars as billionths of one, upwards: no more is used than was asked.

    Raises:
        InvalidInput: It is no amount from 0 to a million dollars.
    """
    if isinstance(cost, int) and 0 <= cost <= MAX_COST_NANOS // NANOS_PER_DOLLAR:
        return cost * NANOS_PER_DOLLAR
    try:
        nanos = (Decimal(str(cost)) * NANOS_PER_DOLLAR).to_integral_value(ROUND_CEILING)
        if 0 <= nanos <= MAX_COST_NANOS:
            return int(nanos)
    except ArithmeticError:  # no number, or beyond all that a Decimal can hold
        pass
    raise InvalidInput(
        f"{str(cost)[:40]!r} is not a cost from 0 to 1,000,000 dollars.",
        hint="Say dollars, such as 0.0125.",
        field="cost",
    )
