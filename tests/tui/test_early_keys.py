"""Keys that are typed before a place has read its list: they wait for it, in their order."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from textual.events import Key
from textual.widgets import Input

from engine.clock import FixedClock
from engine.errors import WorkspaceError
from tests.tui.inventory import driver
from tests.tui.inventory.driver import TENANT, workspace_of
from tui.app import BoardApp
from tui.widgets.dialogs import Choose, Confirm
from tui.widgets.filter_bar import FilterBar
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from engine.settings import Settings
    from engine.workspace import Workspace
    from tui.widgets.screen import BoardScreen

    Opened = Callable[..., AbstractAsyncContextManager["Early"]]

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
KEYS = {
    "overview": "1", "sources": "2", "connectors": "3", "integrations": "4", "health": "5",
    "limits": "6", "gateway": "7", "prevention": "8", "activity": "9", "credentials": "0",
}  # fmt: skip
LISTS = ("sources", "connectors", "integrations", "limits", "gateway", "prevention", "credentials")
FACADES = (
    *("sources", "connectors", "integrations", "limits", "gateway", "prevention", "credentials"),
    *("activity", "health"),
)


class Gate:
    """Holds requests back: all of them, or those for a page of rows alone."""

    def __init__(self) -> None:
        self.rows_alone = False
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.waiting = 0

    def holds(self, asked: dict[str, object]) -> bool:
        """The look whether there is any asks for one; a page asks for many."""
        return not self.rows_alone or asked.get("limit", 1) != 1

    async def passed(self) -> None:
        self.waiting += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error


class HeldBack:
    """A facade that answers once the gate is open."""

    def __init__(self, facade: object, gate: Gate) -> None:
        self._facade, self._gate = facade, gate

    def __getattr__(self, name: str) -> object:
        found = getattr(self._facade, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def asked(*args: object, **named: object) -> object:
            if self._gate.holds(named):
                await self._gate.passed()
            return await found(*args, **named)

        return asked


class Early(driver.Board[Any, Gate]):
    """The board with the gate that its facades wait at."""

    @property
    def here(self) -> BoardScreen[object]:
        """The place, whatever stands over it."""
        return cast("BoardScreen[object]", self.app.screen_stack[0])

    @property
    def gate(self) -> Gate:
        return self.checks

    async def go(self, place: str, *, rows_alone: bool = False) -> None:
        """Goes to a place and waits until it waits at the gate."""
        self.gate.rows_alone = rows_alone
        await self.pilot.press(KEYS[place])
        await self.until(lambda: place == self.here.MODE and self.gate.waiting > 0)

    async def type(self, *keys: str) -> None:
        """Presses keys while the place is held back."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    def names(self) -> list[str]:
        """The names in the list, in its order."""
        rows = self.here.query_one(WindowTable)._window.rows
        return [cast("Any", row.record).name for row in rows]


async def fill(workspace: Workspace, path: Path) -> None:
    """Two things of each kind; what leads to a database leads to a real SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table orders (id integer)")
    config = {"database": str(path)}
    for name in ("alpha", "beta"):
        source = await workspace.sources.register_source(
            TENANT, name, "database", config, technology="sqlite", activate=True
        )
        await workspace.connectors.register_connector(
            TENANT, name, "sql", config=config, technology="sqlite"
        )
        await workspace.integrations.create_integration(
            TENANT, name, "openai", "env://A_KEY", created_by="dana"
        )
        await workspace.gateway.register_template(
            TENANT, kind="source", thing_id=source.source_id, name=name, sql="select 1 as one"
        )
        await workspace.credentials.store(TENANT, name, "s3cret-value")
        await workspace.prevention.set_policy(TENANT, name, mode="active")


@pytest.fixture
def opened(settings: Settings, tmp_path: Path) -> Opened:
    """Opens the dashboard at the activity, whose list was read; the gate is closed."""

    @asynccontextmanager
    async def opening(start: str = "activity", *, filled: bool = True) -> AsyncIterator[Early]:
        told = replace(settings, screen=start, refresh_s=3600.0)
        workspace = await workspace_of(told, FixedClock(NOW))
        if filled:
            await fill(workspace, tmp_path / "shop.db")
        gate = Gate()
        app = BoardApp(told, lambda _: workspace)
        async with app.run_test(size=(120, 40)) as pilot:
            board = Early(pilot, workspace, gate)
            await board.until(lambda: board.here.snapshot is not None)
            await board.settled()
            for name in FACADES:
                workspace.__dict__[name] = HeldBack(getattr(workspace, name), gate)
            yield board
            gate.open.set()

    return opening


@pytest.mark.parametrize("place", LISTS)
async def test_enter_opens_the_first_row_once_it_is_read(opened: Opened, place: str) -> None:
    async with opened() as board:
        if place == "prevention":
            await record(board.workspace)
        await board.go(place)
        await board.type("enter")
        assert not board.here.has_class("-full")
        board.gate.open.set()
        await board.until(lambda: board.here.has_class("-full"))


async def record(workspace: Workspace) -> None:
    """One record of what a policy blocked."""
    from tests.tui.prevention.conftest import candidate

    await workspace.prevention._facade.record(TENANT, candidate(1))  # type: ignore[attr-defined]


@pytest.mark.parametrize("rows_alone", [False, True])
@pytest.mark.parametrize(
    ("place", "key", "form"),
    [
        ("sources", "n", "SourceForm"),
        ("sources", "e", "SourceForm"),
        ("connectors", "c", "ConnectorForm"),
        ("integrations", "e", "IntegrationForm"),
        ("limits", "e", "LimitsForm"),
        ("gateway", "n", "TemplateForm"),
        ("gateway", "l", "CapsForm"),
        ("gateway", "v", "Choose"),
        ("credentials", "e", "ReferenceForm"),
    ],
)
async def test_a_key_of_the_list_opens_its_form_then(
    opened: Opened, place: str, key: str, form: str, rows_alone: bool
) -> None:
    async with opened() as board:
        await board.go(place, rows_alone=rows_alone)
        await board.type(key)
        assert board.app.screen is board.here
        board.gate.open.set()
        await board.until(lambda: type(board.app.screen).__name__ == form)


@pytest.mark.parametrize("place", [*LISTS, "activity", "health", "overview"])
async def test_a_filter_that_was_typed_early_is_whole(opened: Opened, place: str) -> None:
    async with opened("sources" if place == "activity" else "activity") as board:
        await board.go(place)
        # The digit would lead elsewhere, were it not for the filter.
        await board.type("slash", *"zz9")
        board.gate.open.set()
        await board.until(lambda: board.here.query_one(FilterBar).text == "zz9")
        assert place == board.here.MODE


@pytest.mark.parametrize("place", ["sources", "connectors", "integrations", "gateway"])
async def test_keys_keep_their_order(opened: Opened, place: str) -> None:
    async with opened() as board:
        await board.go(place)
        await board.type("j", "d")
        board.gate.open.set()
        await board.until(lambda: isinstance(board.app.screen, Confirm))
        await board.until(lambda: "Delete beta?" in board.shown())


async def test_an_empty_place_takes_the_key_that_makes_the_first(opened: Opened) -> None:
    async with opened("sources", filled=False) as board:
        await board.go("integrations")
        await board.type("d", "n")
        board.gate.open.set()
        await board.until(lambda: type(board.app.screen).__name__ == "IntegrationForm")


async def test_enter_on_the_live_board_folds_its_first_group(opened: Opened) -> None:
    async with opened() as board:
        await board.go("health")
        await board.type("enter")
        board.gate.open.set()
        await board.until(lambda: "folded" in board.shown())


async def test_enter_on_the_wall_goes_to_its_first_lamp(opened: Opened) -> None:
    async with opened() as board:
        await board.go("overview")
        await board.type("enter")
        board.gate.open.set()
        await board.until(lambda: board.here.MODE != "overview")


async def test_keys_wait_for_the_row_that_another_place_sent_here_for(opened: Opened) -> None:
    async with opened("overview") as board:
        second = await board.workspace.integrations._facade.list_integrations(TENANT)  # type: ignore[attr-defined]
        wanted = next(one for one in second.items if one.name == "beta")
        board.here.desk.wanted = wanted.id
        await board.go("integrations")
        await board.type("d")
        board.gate.open.set()
        await board.until(lambda: "Delete beta?" in board.shown())


async def test_escape_takes_back_what_was_typed_early(opened: Opened) -> None:
    async with opened() as board:
        await board.go("sources")
        await board.type("d", "escape", "s")
        board.gate.open.set()
        await board.until(lambda: isinstance(board.app.screen, Choose))


async def test_a_key_to_another_place_is_never_held(opened: Opened) -> None:
    async with opened() as board:
        await board.go("sources")
        await board.type("d", KEYS["connectors"])
        await board.until(lambda: board.here.MODE == "connectors")
        await board.type("s")
        board.gate.open.set()
        await board.until(lambda: isinstance(board.app.screen, Choose))
        await board.type("escape", KEYS["sources"])
        await board.until(lambda: board.here.MODE == "sources" and bool(board.here.snapshot))
        await board.settled()
        assert board.app.screen is board.here


async def test_what_waited_for_a_list_that_could_not_be_read_is_forgotten(opened: Opened) -> None:
    async with opened() as board:
        board.gate.error = WorkspaceError("The database is locked by another program.")
        await board.go("sources")
        await board.type("d")
        board.gate.open.set()
        await board.until(lambda: board.here.state == "error")
        board.gate.error = None
        await board.type("R")
        await board.until(lambda: board.here.state == "normal" and board.names() == NAMES)
        await board.settled()
        assert board.app.screen is board.here


NAMES = ["alpha", "beta"]


async def test_keys_of_another_tenant_wait_for_its_own_list(opened: Opened) -> None:
    async with opened() as board:
        await board.workspace.tenants.ensure("other")
        sources = board.workspace.sources._facade  # type: ignore[attr-defined]
        await sources.register_source("other", "gamma", "database", {"database": "none.db"})
        board.gate.open.set()
        await board.go("sources")
        await board.until(lambda: board.names() == NAMES)
        board.gate.open.clear()
        board.gate.waiting = 0
        board.gate.rows_alone = True
        board.app.show_tenant("other")  # type: ignore[attr-defined]
        await board.until(lambda: board.gate.waiting > 0)
        await board.type("d")
        assert board.app.screen is board.here
        board.gate.open.set()
        await board.until(lambda: "Delete gamma?" in board.shown())


async def test_a_key_to_another_place_chooses_no_row(opened: Opened) -> None:
    async with opened("sources") as board:
        board.gate.open.set()
        await board.go("connectors")
        sources = board.workspace.sources._facade  # type: ignore[attr-defined]
        await sources.register_source(TENANT, "aaa", "database", {"database": "none.db"})
        await board.app.pulse.look()  # type: ignore[attr-defined]
        await board.type(KEYS["sources"])
        await board.until(lambda: board.here.MODE == "sources" and board.names()[0] == "aaa")
        await board.settled()
        assert board.here.item.name == "aaa"  # type: ignore[attr-defined]


async def at_rest(board: Early, place: str) -> None:
    """Goes to a place and waits until its list is read."""
    board.gate.open.set()
    await board.go(place)
    await board.settled()


def type_at_once(board: Early, *keys: str) -> None:
    """Sends keys as a terminal does whose line was slow: all before the first one acts."""
    for key in keys:
        board.app.post_message(Key(key, key if len(key) == 1 else None).set_sender(board.app))


def typed(board: Early) -> list[str]:
    """What stands in the fields of the form in sight, in their order."""
    return [field.value for field in board.app.screen.query(Input)]


@pytest.mark.parametrize("place", [place for place in LISTS if place != "limits"])
async def test_what_is_typed_before_a_form_is_there_goes_into_it(
    opened: Opened, place: str
) -> None:
    """Also what is a key of the list, or leads to another place."""
    # The first field of some is a choice.
    keys = ["n", "tab"] if place in {"gateway", "credentials"} else ["n"]
    async with opened() as board:
        await at_rest(board, place)
        board.gate.open.clear()
        type_at_once(board, *keys, *"qd4x")
        await board.type("R")
        board.gate.open.set()
        await board.until(lambda: typed(board)[:1] == ["qd4xR"])
        assert place == board.here.MODE


async def test_a_tab_leads_what_is_typed_early_to_the_next_field(opened: Opened) -> None:
    async with opened() as board:
        await at_rest(board, "integrations")
        type_at_once(board, "n", *"ab", "tab", "tab", *"cd")
        await board.until(lambda: typed(board)[:2] == ["ab", "cd"])


async def test_escape_takes_back_what_was_typed_for_a_form(opened: Opened) -> None:
    async with opened() as board:
        await at_rest(board, "sources")
        board.gate.open.clear()
        await board.type("e", "x", "escape")
        board.gate.open.set()
        await board.until(lambda: typed(board)[:1] == ["alpha"])
        await board.settled()
        assert typed(board)[0] == "alpha"


async def test_keys_act_again_when_a_form_did_not_come(opened: Opened) -> None:
    async with opened() as board:
        await at_rest(board, "gateway")
        board.gate.error = WorkspaceError("The database is locked by another program.")
        board.gate.open.clear()
        await board.type("e", "x")
        board.gate.open.set()
        await board.settled()
        board.gate.error = None
        assert board.app.screen is board.here
        await board.type("s")
        await board.until(lambda: isinstance(board.app.screen, Choose))
