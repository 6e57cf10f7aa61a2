"""How a picture comes about: its world, the keys that are pressed, what happens meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from textual.events import Paste
from textual.widgets import Input

from tests.resting import quiet, rest
from tests.world_accounts import ACCOUNTS, OTHERS, hostile, many
from tests.world_connectors import CONNECTORS
from tests.world_sources import REFUSED_LOGIN, SOURCES
from tests.world_usage import ALLOWED, CONSUMERS
from tests.world_usage import hostile as assailants
from tests.worlds import TENANT, World
from tui.app import BoardApp
from tui.inventory.form import DraftForm

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from engine.probes.result import Checked

Filler = Callable[["World", "Path"], None]
After = Callable[["World", "Pilot[None]"], Awaitable[None]]


class NeverOpens(BoardApp):
    """A dashboard at its first frame: what it waits for does not come."""

    def begin(self) -> None:
        """Opens nothing."""


def full(world: World, _corpora: Path) -> None:
    """Three tenants, the first with something of everything."""
    world.fill(
        [(TENANT, (*SOURCES, *CONNECTORS, *ACCOUNTS)), *OTHERS],
        allowed=ALLOWED,
        consumers=CONSUMERS,
    )


def empty(world: World, _corpora: Path) -> None:
    """A tenant that has nothing yet."""
    world.fill([(TENANT, ())], monitor_age_s=None)


def crowd(world: World, _corpora: Path) -> None:
    """Hundreds of lamps."""
    world.fill([(TENANT, many(360))])


def attacked(world: World, corpora: Path) -> None:
    """Providers whose messages attack the terminal."""
    world.fill([(TENANT, hostile(corpora))])


def besieged(world: World, corpora: Path) -> None:
    """Agents and models whose names attack the terminal, each with a limit."""
    world.fill([(TENANT, hostile(corpora)[:1])], consumers=assailants(corpora))
    # A limit takes no name with control characters, unless calls had it before.
    world.limit_agents(TENANT, 4_000)


ATTACKS = (attacked, besieged)
"""What fills a world with the corpora of hostile text."""


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
    pilot.app.clear_notifications()  # it would lie over what the picture is of
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


async def reconsider(_world: World, pilot: Pilot[None]) -> None:
    """Another budget is typed into the form that is open; what it would mean is said."""
    form = pilot.app.screen
    assert isinstance(form, DraftForm)
    form.form.set_value("budget_limit_cents", "2k")


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


async def settle(pilot: Pilot[None]) -> None:
    """Waits until no work is under way but what waits for the world or for a person."""
    app = pilot.app
    # What never opens is never done with its first load.
    await (quiet(app) if isinstance(app, NeverOpens) else rest(app))
    for entry in app.screen.query(Input):
        entry.cursor_blink = False  # half of the time a blinking cursor is not in the picture
    await quiet(app)


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


def five_states(place: str, key: str) -> tuple[Scene, ...]:
    """A place as it is, with nothing in it, loading, failing and stale."""
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
