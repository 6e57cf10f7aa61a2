"""Drivers that are kept open between runs."""

from __future__ import annotations

from engine.gateway.open_drivers import MOST, OpenDrivers
from engine.probes.place import Place
from tests.engine.gateway.conftest import Waiting


def place(name: str) -> Place:
    return Place(technology="sqlite", database=name)


def opening() -> tuple[OpenDrivers, list[Waiting]]:
    made: list[Waiting] = []

    def make(*_: object) -> Waiting:
        made.append(Waiting())
        return made[-1]

    return OpenDrivers(lambda: None, make), made  # type: ignore[arg-type, return-value]


async def test_a_driver_is_kept_and_replaced_once_nobody_is_at_it() -> None:
    kept, made = opening()
    async with kept.driver("g", place("a")) as first:
        pass
    async with kept.driver("g", place("a")) as again:
        assert again is first
        async with kept.driver("g", place("b")) as second:
            assert second is not first
        assert made[0].closed == 0
    assert (made[0].closed, made[1].closed, len(made)) == (1, 0, 2)
    await kept.aclose()
    await kept.aclose()
    assert [one.closed for one in made] == [1, 1]


async def test_no_more_than_so_many_are_kept() -> None:
    kept, made = opening()
    async with kept.driver("busy", place("busy")):
        for number in range(MOST + 3):
            async with kept.driver(f"g{number}", place("a")):
                pass
        await kept.aclose()
    assert [one.closed for one in made] == [1] * len(made)
