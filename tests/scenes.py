"""Every picture, declared once: which world, which keys, which size.

The snapshot tests and the gallery in `screenshots/` both come from this list, so each screen in
each of its states is looked at, tested and shown from the same place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from textual.command import CommandPalette
from textual.events import Paste
from textual.widgets import Input
from textual.worker import WorkerFailed

from tests.world_accounts import ACCOUNTS, OTHERS, hostile, many
from tests.world_connectors import CONNECTORS
from tests.world_sources import REFUSED_LOGIN, SOURCES
from tests.worlds import TENANT, World
from tui.app import BoardApp
from tui.inventory.form import DraftForm
from tui.widgets.filter_bar import FilterBar
from tui.widgets.screen import BoardScreen
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot
    from textual.worker import Worker

    from engine.probes.result import Checked

SIZES = ((80, 24), (120, 40))
Filler = Callable[["World", "Path"], None]
After = Callable[["World", "Pilot[None]"], Awaitable[None]]


class NeverOpens(BoardApp):
    """A dashboard at its first frame: what it waits for does not come."""

    def begin(self) -> None:
        """Opens nothing."""


def full(world: World, _corpora: Path) -> None:
    """Three tenants, the first with something of everything."""
    world.fill([(TENANT, (*SOURCES, *CONNECTORS, *ACCOUNTS)), *OTHERS])


def empty(world: World, _corpora: Path) -> None:
    """A tenant that has nothing yet."""
    world.fill([(TENANT, ())], monitor_age_s=None)


def crowd(world: World, _corpora: Path) -> None:
    """Hundreds of lamps."""
    world.fill([(TENANT, many(360))])


def attacked(world: World, corpora: Path) -> None:
    """Providers whose messages attack the terminal."""
    world.fill([(TENANT, hostile(corpora))])


async def measured(_world: World, pilot: Pilot[None]) -> None:
    """Shares the width among the columns once the scrollbar is there."""
    pilot.app.screen.query_one(WindowTable).on_resize()


def unwatched(world: World, _corpora: Path) -> None:
    """The monitor died a while ago."""
    world.fill([(TENANT, ACCOUNTS)], monitor_age_s=240)


def broken(world: World, _corpora: Path) -> None:
    """A file that is not a database."""
    (world.folder / "board.db").write_text("Dear diary, today I was opened as a database.\n" * 40)


async def silence(world: World, pilot: Pilot[None]) -> None:
    """The database has not answered for over a minute."""
    app = pilot.app
    assert isinstance(app, BoardApp)
    world.clock.advance(72)
    app.pulse.repeat()


async def paste(_world: World, pilot: Pilot[None]) -> None:
    """A connection string goes into the form that is open."""
    form = pilot.app.screen
    assert isinstance(form, DraftForm)
    entry = form.query_one("#field-paste")
    form.set_focus(entry)
    entry.post_message(Paste("postgresql://app:planted@localhost:5432/orders?sslmode=disable"))
    await settle(pilot)
    pilot.app.clear_notifications()  # a toast that fades is half of the time not in the picture
    form.form.set_value("name", "orders-copy")
    await settle(pilot)


async def refuse(world: World, pilot: Pilot[None]) -> None:
    """What was pasted is tested, and the server refuses it."""
    await paste(world, pilot)
    workspace = await cast("BoardApp", pilot.app).desk.workspace()

    async def answered(*_: object, **__: object) -> Checked:
        return REFUSED_LOGIN

    workspace.checks.check_ready = answered  # type: ignore[method-assign]
    await pilot.press("f5")


async def collide(_world: World, pilot: Pilot[None]) -> None:
    """Somebody else saves a source while it is edited."""
    app = cast("BoardApp", pilot.app)
    workspace = await app.desk.workspace()
    items, _ = await workspace.sources.page_sources(TENANT, limit=1)
    await pilot.press("e")
    await settle(pilot)
    form = app.screen
    assert isinstance(form, DraftForm)
    form.form.set_value("database", "billing_v2")
    await workspace.sources.update_source(
        TENANT, items[0].id, owner_id="sam", config={"database": "billing_2026"}
    )
    await settle(pilot)
    await pilot.press("ctrl+s")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """One picture."""

    name: str
    place: str
    title: str
    fill: Filler = full
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 40)
    after: After | None = None
    settings: dict[str, object] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    app: type[BoardApp] = BoardApp

    async def play(self, world: World, pilot: Pilot[None]) -> None:
        """Presses the keys, each when the work of the one before is done."""
        await settle(pilot)
        for key in self.keys:
            await pilot.press(key)
            await settle(pilot)
        if self.after is not None:
            await self.after(world, pilot)
            await settle(pilot)


ENDLESS = frozenset({"pulse", "keeper"})
ASKING = frozenset({"form", "deed", "conflict"})
"""Work that goes on until a person has answered: done for a picture once the question is there."""


async def settle(pilot: Pilot[None]) -> None:
    """Waits until no work is under way but what waits for the world or for a person."""
    app = pilot.app
    assert isinstance(app, BoardApp)
    quiet = 0
    # A key travels through several queues before the work it asks for can be seen, so the board
    # counts as at rest once nothing was under way on several looks in a row.
    while quiet < 4:
        await pilot.pause(0.02)
        busy = [] if isinstance(app, NeverOpens) else [w for w in app.workers if _works(w, app)]
        planned = any(bar.planned for bar in app.screen.query(FilterBar))
        quiet = 0 if busy or planned else quiet + 1
        for entry in app.screen.query(Input):
            entry.cursor_blink = False  # half of the time a blinking cursor is not in the picture
        if busy and not any(worker.name in ASKING for worker in busy):
            # A load that fails is what an error scene shows.
            with suppress(WorkerFailed):
                await app.workers.wait_for_complete(busy)


def _works(worker: Worker[object], app: BoardApp) -> bool:
    if worker.name in ENDLESS or isinstance(worker.node, CommandPalette):
        return False
    return not (worker.name in ASKING and not isinstance(app.screen, BoardScreen))


def typed(text: str) -> tuple[str, ...]:
    """The keys that type `text`."""
    names = {
        " ": "space",
        "-": "minus",
        ":": "colon",
        "!": "exclamation_mark",
        "/": "slash",
        ".": "full_stop",
        "_": "underscore",
    }
    return tuple(names.get(letter, letter) for letter in text)


def _five_states(place: str, key: str) -> tuple[Scene, ...]:
    at = (key,) if key != "1" else ()
    base = Scene(name=place, place=place.title(), title=f"{place.title()}", keys=at)
    return (
        base,
        replace(
            base, name=f"{place}-empty", title=f"{place.title()}, nothing there yet", fill=empty
        ),
        replace(base, name=f"{place}-loading", title=f"{place.title()}, loading", app=NeverOpens),
        replace(base, name=f"{place}-error", title=f"{place.title()}, not a database", fill=broken),
        replace(base, name=f"{place}-stale", title=f"{place.title()}, stale", after=silence),
    )


_OVERVIEW = Scene(name="overview", place="Overview", title="Overview")
_SOURCES = Scene(name="sources", place="Sources", title="Sources", keys=("2",))
_CONNECTORS = Scene(name="connectors", place="Connectors", title="Connectors", keys=("3",))
_LIST = Scene(name="integrations", place="Integrations", title="Integrations", keys=("4",))
_HEALTH = Scene(name="health", place="Health", title="Health", keys=("5",))
_ACTIVITY = Scene(name="activity", place="Activity", title="Activity", keys=("9",))
_BOARD = Scene(name="board", place="Everywhere", title="Everywhere")

_DECLARED: tuple[Scene, ...] = (
    *_five_states("overview", "1"),
    replace(_OVERVIEW, name="overview-crowd", title="360 lamps", fill=crowd),
    replace(
        _OVERVIEW, name="overview-moved", title="A lamp's story", keys=("right", "right", "down")
    ),
    replace(_OVERVIEW, name="overview-unwatched", title="The monitor is gone", fill=unwatched),
    replace(
        _OVERVIEW,
        name="overview-light",
        title="The light theme",
        settings={"theme": "lampboard-light"},
    ),
    replace(
        _OVERVIEW,
        name="overview-contrast",
        title="The high-contrast theme",
        settings={"theme": "lampboard-contrast"},
    ),
    replace(_OVERVIEW, name="overview-no-color", title="NO_COLOR", environment={"NO_COLOR": "1"}),
    replace(_OVERVIEW, name="overview-ascii", title="ASCII glyphs", settings={"ascii": True}),
    replace(
        _OVERVIEW,
        name="overview-filter",
        title="One kind",
        keys=("slash", *typed("kind:connector"), "enter"),
    ),
    *_five_states("sources", "2"),
    replace(_SOURCES, name="sources-story", title="One source", keys=("2", "enter")),
    replace(
        _SOURCES,
        name="sources-filter",
        title="Filtered",
        keys=("2", "slash", *typed("type:database tag:pii !status:active"), "enter"),
    ),
    replace(
        _SOURCES,
        name="sources-marked",
        title="Marked, to be activated or not",
        keys=("2", "space", "down", "space", "x"),
    ),
    replace(_SOURCES, name="sources-tags", title="Its tags", keys=("2", "number_sign")),
    replace(
        _SOURCES,
        name="sources-roles",
        title="Its roles, and who would lose sight of it",
        keys=("2", "r", *typed("dba")),
    ),
    replace(_SOURCES, name="sources-new", title="A new one", keys=("2", "n")),
    replace(_SOURCES, name="sources-edit", title="Edited", keys=("2", "down", "e")),
    replace(
        _SOURCES,
        name="sources-pasted",
        title="A connection string is pasted",
        keys=("2", "n"),
        after=paste,
    ),
    replace(
        _SOURCES,
        name="sources-tested",
        title="Tested before it is saved",
        keys=("2", "n"),
        after=refuse,
    ),
    replace(_SOURCES, name="sources-conflict", title="Edited by two", after=collide),
    replace(_SOURCES, name="sources-read-only", title="Read-only", settings={"read_only": True}),
    replace(_SOURCES, name="sources-ascii", title="ASCII glyphs", settings={"ascii": True}),
    replace(_SOURCES, name="sources-no-color", title="NO_COLOR", environment={"NO_COLOR": "1"}),
    *_five_states("connectors", "3"),
    replace(_CONNECTORS, name="connectors-story", title="One connector", keys=("3", "enter")),
    replace(_CONNECTORS, name="connectors-offers", title="What it offers", keys=("3", "o")),
    replace(
        _CONNECTORS,
        name="connectors-filter",
        title="Filtered",
        keys=("3", "slash", *typed("type:http !status:connected"), "enter"),
    ),
    replace(
        _CONNECTORS,
        name="connectors-marked",
        title="Marked, to be connected or not",
        keys=("3", "space", "down", "space", "x"),
    ),
    replace(_CONNECTORS, name="connectors-deprecate", title="Asked first", keys=("3", "D")),
    replace(_CONNECTORS, name="connectors-new", title="A new one", keys=("3", "n")),
    replace(_CONNECTORS, name="connectors-edit", title="Edited", keys=("3", "down", "e")),
    replace(
        _CONNECTORS, name="connectors-read-only", title="Read-only", settings={"read_only": True}
    ),
    replace(_CONNECTORS, name="connectors-ascii", title="ASCII glyphs", settings={"ascii": True}),
    replace(
        _CONNECTORS, name="connectors-no-color", title="NO_COLOR", environment={"NO_COLOR": "1"}
    ),
    *_five_states("integrations", "4"),
    replace(
        _LIST,
        name="integrations-story",
        title="One integration",
        keys=("4", "down", "down", "down", "enter"),
    ),
    replace(
        _LIST,
        name="integrations-filter",
        title="Filtered",
        keys=("4", "slash", *typed("openai !azure"), "enter"),
    ),
    replace(
        _LIST,
        name="integrations-nothing-found",
        title="Nothing matches",
        keys=("4", "slash", *typed("nosuch"), "enter"),
    ),
    replace(_LIST, name="integrations-sort", title="The order", keys=("4", "s")),
    replace(
        _LIST,
        name="integrations-marked",
        title="Marked",
        keys=("4", "space", "down", "down", "space"),
    ),
    replace(_LIST, name="integrations-delete", title="Asked before deleting", keys=("4", "d")),
    replace(_LIST, name="integrations-new", title="A new one", keys=("4", "n")),
    replace(_LIST, name="integrations-edit", title="Edited", keys=("4", "down", "e")),
    replace(_LIST, name="integrations-read-only", title="Read-only", settings={"read_only": True}),
    replace(
        _LIST,
        name="integrations-hostile",
        title="Providers that attack the terminal",
        fill=attacked,
        keys=("4", "down", "down"),
        after=measured,
    ),
    replace(
        _LIST,
        name="integrations-light",
        title="The light theme",
        settings={"theme": "lampboard-light"},
    ),
    *_five_states("health", "5"),
    replace(_HEALTH, name="health-story", title="One lamp", keys=("5", "down", "enter")),
    replace(
        _HEALTH,
        name="health-filter",
        title="Filtered",
        keys=("5", "slash", *typed("failing"), "enter"),
    ),
    replace(
        _HEALTH,
        name="health-kind",
        title="One kind",
        keys=("5", "slash", *typed("kind:con"), "enter"),
    ),
    replace(_HEALTH, name="health-no-color", title="NO_COLOR", environment={"NO_COLOR": "1"}),
    *_five_states("activity", "9"),
    replace(_ACTIVITY, name="activity-entry", title="One entry", keys=("9", "enter")),
    replace(
        _ACTIVITY,
        name="activity-filter",
        title="Filtered",
        keys=("9", "slash", *typed("enabled"), "enter"),
    ),
    replace(_BOARD, name="help", title="The keys of a place", keys=("4", "question_mark")),
    replace(_BOARD, name="commands", title="The command palette", keys=("ctrl+p",)),
    replace(_BOARD, name="tenants", title="Another tenant", keys=("ctrl+t",)),
    replace(_BOARD, name="go-to", title="Go to a place by name", keys=("colon",)),
)

SCENES: tuple[Scene, ...] = tuple(
    replace(scene, name=f"{scene.name}-{size[0]}x{size[1]}", size=size)
    for scene in _DECLARED
    for size in SIZES
)
