"""How each server that speaks a protocol of its own talks, as far as a check goes.

The messages follow the products' own protocol references; what a check does not ask is refused
in the product's way. A mood for which a protocol has no word is as good as ok.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.demo.wires import kafka, postgresql, redis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.demo.wires.base import Wire

__all__ = ["WIRES"]

WIRES: Mapping[str, Wire] = {
    "kafka": kafka.talk,
    "postgresql": postgresql.talk,
    "redis": redis.talk,
}
