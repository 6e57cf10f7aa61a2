from __future__ import annotations

import random

from tests.tui.widgets.sources import ListSource
from tui.widgets.row_source import Ask, Row
from tui.widgets.window import KEPT, Window


def rows(count: int) -> list[Row]:
    return [Row(key=f"k{n}", cells=(), anchor=n) for n in range(count)]


async def drive(window: Window, source: ListSource, top: int, height: int = 30) -> int:
    """Ask until nothing is wanted; return how often the source was asked."""
    asked = 0
    while (ask := window.wanted(top, height)) is not None:
        window.take(ask, await source.fetch(ask))
        if window.total is None:
            window.counted(await source.count())
        asked += 1
        assert asked < 20
    return asked


def seen(window: Window, top: int, height: int = 30) -> list[str | None]:
    found = [window.row(index) for index in range(top, min(top + height, window.length))]
    return [None if row is None else row.key for row in found]


async def test_scrolling_down_asks_only_ahead() -> None:
    window, source = Window(), ListSource(rows(100_000))
    await drive(window, source, 0)
    asked = 0
    for top in range(0, 5000, 25):
        asked += await drive(window, source, top)
        assert seen(window, top) == [f"k{n}" for n in range(top, top + 30)]
        assert len(window.rows) <= KEPT
    assert asked <= 5000 / 100 + 2


async def test_jumping_to_the_end_and_back_up() -> None:
    window, source = Window(), ListSource(rows(10_000))
    await drive(window, source, 0)
    for top in range(9_970, 9_000, -20):
        await drive(window, source, top)
        assert seen(window, top) == [f"k{n}" for n in range(top, top + 30)]


async def test_a_window_is_whole_where_it_holds_every_row() -> None:
    for count, whole in ((0, True), (99, True), (100, True), (10_000, False)):
        window = Window()
        await drive(window, ListSource(rows(count)), 0)
        assert window.is_whole is whole, count
    await drive(window, ListSource(rows(10_000)), 9_970)
    assert not window.is_whole, "the end alone is not all"
    uncounted = Window()
    uncounted.take(Ask(position="start", limit=100), rows(100))
    assert not uncounted.is_whole


async def test_any_jump_shows_the_right_rows() -> None:
    chance = random.Random(7)  # noqa: S311 - the same jumps in every run
    window, source = Window(), ListSource(rows(3_000))
    await drive(window, source, 0)
    for _ in range(200):
        top = chance.randrange(0, 2_970)
        await drive(window, source, top)
        assert seen(window, top) == [f"k{n}" for n in range(top, top + 30)]


async def test_a_list_without_a_count_grows_until_its_end() -> None:
    class Uncounted(ListSource):
        async def count(self) -> None:  # type: ignore[override]
            return None

    window, source = Window(), Uncounted(rows(250))
    for top in range(0, 300, 20):
        await drive(window, source, min(top, max(0, window.length - 30)))
    assert window.total == 250
    assert seen(window, 220)[-1] == "k249"


async def test_an_empty_list_is_asked_once() -> None:
    window = Window()
    assert await drive(window, ListSource([]), 0) == 1
    assert window.length == 0


async def test_rows_inserted_above_are_noticed_at_the_start() -> None:
    held = rows(1_000)
    window, source = Window(), ListSource(lambda: held)
    await drive(window, source, 500)
    held = [Row(key=f"new{n}", cells=(), anchor=-5 + n) for n in range(5)] + held
    for top in range(500, -1, -20):
        await drive(window, source, top)
    await drive(window, source, 0)
    assert window.row(0) is not None
    assert window.rows[0].key == "new0"
    assert window.first == 0


async def test_reloading_stays_where_it_is() -> None:
    held = rows(1_000)
    window, source = Window(), ListSource(lambda: held)
    await drive(window, source, 0)
    await drive(window, source, 500)
    held = [Row(key=row.key, cells=(), anchor=row.anchor, record="fresh") for row in held]
    ask = window.again(500, 30)
    assert ask.position == "after"
    window.replace(ask, await source.fetch(ask))
    assert seen(window, 500) == [f"k{n}" for n in range(500, 530)]
    assert window.row(505).record == "fresh"  # type: ignore[union-attr]


async def test_reloading_after_most_rows_went_away() -> None:
    held = rows(1_000)
    window, source = Window(), ListSource(lambda: held)
    await drive(window, source, 0)
    await drive(window, source, 970)
    held = held[:3]
    ask = window.again(970, 30)
    window.replace(ask, await source.fetch(ask))
    window.counted(await source.count())
    assert seen(window, 0) == ["k0", "k1", "k2"]


def test_far_requests_use_the_ends_where_they_can() -> None:
    window = Window()
    window.replace(Ask(position="start", limit=100), rows(100))
    window.counted(100_000)
    assert window.wanted(99_970, 30).position == "end"  # type: ignore[union-attr]
    assert window.wanted(50_000, 30).position == "at"  # type: ignore[union-attr]


async def test_what_a_reload_asks_for_lies_within_reach() -> None:
    window, source = Window(), ListSource(rows(1_000))
    for top in (0, 35, 250, 960):
        await drive(window, source, top)
        again = await source.fetch(window.again(top, 30))
        within = {row.key for row in rows(window.reach(top, 30))}
        assert {row.key for row in again} <= within, top
        assert len(within) <= top + 150 or top == 960
