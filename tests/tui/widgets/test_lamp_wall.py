from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from tui.widgets.lamp_wall import LampWall, Tile, tile_width


def tile(number: int, **changes: object) -> Tile:
    values = {"key": f"k{number}", "glyph": "●", "tone": "healthy", "label": f"lamp-{number}"}
    return Tile(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "width", "tile_cells"), [(10, 66, 22), (75, 76, 18), (120, 66, 10), (500, 66, 2)]
)
def test_the_widest_tile_that_shows_all_wins(count: int, width: int, tile_cells: int) -> None:
    assert tile_width(count, width, 20) == tile_cells


def test_more_than_fit_are_packed() -> None:
    assert tile_width(5_000, 66, 20) == 1


class Board(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.wall = LampWall()
        self.drawn: list[int] = []
        self.pointed: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield self.wall

    def on_mount(self) -> None:
        self.wall.focus()

    def on_lamp_wall_pointed(self, event: LampWall.Pointed) -> None:
        self.pointed.append(event.key)


async def test_keys_move_by_tiles() -> None:
    app = Board()
    async with app.run_test(size=(45, 10)) as pilot:
        app.wall.show([tile(n) for n in range(9)])
        await pilot.press("l", "j")
        assert app.wall.cursor_key == "k3"
        await pilot.press("G", "down", "right")
        assert app.wall.cursor_key == "k8"
        await pilot.press("g", "up", "left")
        assert app.wall.cursor_key == "k0"
        await pilot.hover(app.wall, offset=(25, 2))
        assert app.wall.cursor_key == "k5"
        assert app.pointed[-1] == "k5"


async def test_the_cursor_is_on_the_worst_until_it_was_moved() -> None:
    app = Board()
    async with app.run_test(size=(45, 10)) as pilot:
        tiles = [tile(n) for n in range(9)]
        app.wall.show(tiles)
        app.wall.show([tiles[4], *tiles[:4], *tiles[5:]])
        await pilot.pause()
        assert app.wall.cursor_key == "k4"
        assert app.pointed[-1] == "k4"
        await pilot.press("l")
        app.wall.show(tiles)
        assert app.wall.cursor_key == "k0"
        app.wall.show([*tiles[1:], tiles[0]])
        assert app.wall.cursor_key == "k0"


async def test_only_lines_that_differ_are_drawn_again() -> None:
    app = Board()
    async with app.run_test(size=(45, 10)) as pilot:
        tiles = [tile(n) for n in range(18)]
        app.wall.show(tiles)
        await pilot.pause()
        real = app.wall.render_line

        def counting(y: int) -> object:
            app.drawn.append(y)
            return real(y)

        app.wall.render_line = counting  # type: ignore[method-assign, assignment]
        app.wall.show(tiles)
        await pilot.pause()
        assert not app.drawn
        app.wall.show([*tiles[:7], tile(7, tone="failing"), *tiles[8:]])
        await pilot.pause()
        assert set(app.drawn) == {3}


async def test_an_empty_wall_takes_every_key() -> None:
    app = Board()
    async with app.run_test(size=(45, 10)) as pilot:
        app.wall.show([])
        await pilot.press("l", "j", "G", "g", "enter")
        assert app.wall.cursor_key is None
