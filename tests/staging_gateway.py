"""How the pictures of the gateway come about: templates run, written and refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from tests.resting import quiet, until
from tests.staging import After, Scene, five_states, full, settle, typed
from tests.world_connectors import CONNECTORS
from tests.world_gateway import ANSWERS, ATTACK, TEMPLATES, answering, hostile
from tests.world_sources import SOURCES
from tests.worlds import TENANT, World
from tui.gateway.running import RunForm

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from tui.app import BoardApp
    from tui.gateway.form import TemplateForm

WRONG = """\
select o.id, o.total, pg_sleep(30)
  from orders o
  join pg_shadow s on true
 where o.placed_at >= :day
   and o.country = :country"""
RIGHT = """\
select o.id, o.customer, sum(l.count * l.price) as total
  from orders o
  join order_lines l on l.order_id = o.id   -- what it is made of
 where o.placed_at >= :day
   and o.status <> 'cancelled'
 group by o.id, o.customer
 order by total desc"""
DECLARED = "day date required min=2026-01-01"


def governed(world: World, _corpora: Path) -> None:
    """Sources and connectors with templates over them, which were run."""
    world.fill([(TENANT, (*SOURCES, *CONNECTORS))], templates=TEMPLATES)


def undermined(world: World, corpora: Path) -> None:
    """Templates over a database whose rows attack the terminal."""
    governed(world, corpora)
    ANSWERS["order-lines"] = hostile(corpora)


def runs(name: str, values: dict[str, str], *keys: str) -> After:
    """Runs a template with these values, then presses keys."""

    async def run(_world: World, pilot: Pilot[None]) -> None:
        await _find(pilot, name)
        await pilot.press("r")
        await settle(pilot)
        form = pilot.app.screen
        if isinstance(form, RunForm):
            for field, value in values.items():
                form.form.set_value(field, value)
            await pilot.press("f5")
            await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return run


def asks(name: str, values: dict[str, str]) -> After:
    """Types values into the form of a run; nothing is run."""

    async def ask(_world: World, pilot: Pilot[None]) -> None:
        await _find(pilot, name)
        await pilot.press("r")
        await settle(pilot)
        form = cast("RunForm", pilot.app.screen)
        for field, value in values.items():
            form.form.set_value(field, value)

    return ask


async def _find(pilot: Pilot[None], name: str) -> None:
    workspace = await cast("BoardApp", pilot.app).desk.workspace()
    answering(workspace)
    await pilot.press("slash", *typed(name), "enter")
    await settle(pilot)


def writes(sql: str, *keys: str) -> After:
    """Writes a new template, and waits until it is judged."""

    async def write(_world: World, pilot: Pilot[None]) -> None:
        await pilot.press("n")
        await settle(pilot)
        form = cast("TemplateForm", pilot.app.screen)
        form.form.set_value("where", next(iter(_places(form, "orders "))))
        form.form.set_value("name", "orders-worth")
        form.statement.parameters.load_text(DECLARED)
        form.statement.sql.load_text(sql)
        form.statement.sql.focus()
        await quiet(pilot.app)  # the statement has heard of its new text
        await until(lambda: form.statement.judged)
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        for editor in (form.statement.sql, form.statement.parameters):
            editor.cursor_blink = False

    return write


def _places(form: TemplateForm, start: str) -> list[str]:
    return [place for place, title in form.titles().items() if title.startswith(start)]


_GATEWAY = Scene(name="gateway", place="Gateway", title="Gateway", keys=("7",), fill=governed)
_WORTH = {"day": "2026-03-12"}

GATEWAY_SCENES: tuple[Scene, ...] = (
    *(
        replace(scene, fill=governed) if scene.fill is full else scene
        for scene in five_states("gateway", "7")
    ),
    replace(
        _GATEWAY,
        name="gateway-story",
        title="One template",
        keys=("7", "slash", *typed("by-day"), "enter", "enter"),
    ),
    replace(
        _GATEWAY,
        name="gateway-version",
        title="An older version",
        keys=("7", "slash", *typed("by-day"), "enter", "left_square_bracket"),
    ),
    replace(
        _GATEWAY,
        name="gateway-filter",
        title="Filtered",
        keys=("7", "slash", *typed("outcome:alarm"), "enter"),
    ),
    replace(
        _GATEWAY,
        name="gateway-run",
        title="Values for a run, one of them wrong",
        after=asks("orders-by-day", {"day": "2025-12-31", "statuses": "open, paid"}),
    ),
    replace(_GATEWAY, name="gateway-rows", title="Its rows", after=runs("orders-by-day", _WORTH)),
    replace(
        _GATEWAY,
        name="gateway-row",
        title="One row whole",
        after=runs("orders-by-day", _WORTH, "down", "enter"),
    ),
    replace(
        _GATEWAY,
        name="gateway-cut",
        title="Rows that were cut: there are more",
        after=runs("open-invoices", {}, "right", "right", "right"),
    ),
    replace(
        _GATEWAY,
        name="gateway-write",
        title="Rows written into a file",
        after=runs("open-invoices", {}, "w"),
    ),
    replace(
        _GATEWAY,
        name="gateway-alarm",
        title="A value that looks like an injection",
        after=runs("customer-orders", {"who": ATTACK}),
    ),
    replace(
        _GATEWAY,
        name="gateway-failed",
        title="A run that failed",
        after=runs("refunds-since", {"since": "2026-03-01T00:00:00"}),
    ),
    replace(
        _GATEWAY,
        name="gateway-new",
        title="A new one, refused at its places",
        after=writes(WRONG, "f8"),
    ),
    replace(_GATEWAY, name="gateway-accepted", title="A new one, accepted", after=writes(RIGHT)),
    replace(_GATEWAY, name="gateway-limits", title="What SQL may do there", keys=("7", "l")),
    replace(_GATEWAY, name="gateway-delete", title="Asked before deleting", keys=("7", "d")),
    replace(_GATEWAY, name="gateway-read-only", title="Read-only", settings={"read_only": True}),
    replace(
        _GATEWAY,
        name="gateway-hostile",
        title="Rows that attack the terminal",
        fill=undermined,
        after=runs("order-lines", {"ids": "1, 2"}, "down", "down"),
    ),
    replace(_GATEWAY, name="gateway-ascii", title="ASCII glyphs", settings={"ascii": True}),
    replace(
        _GATEWAY,
        name="gateway-ascii-new",
        title="ASCII glyphs, refused",
        settings={"ascii": True},
        after=writes(WRONG),
    ),
    replace(
        _GATEWAY,
        name="gateway-no-color",
        title="NO_COLOR",
        environment={"NO_COLOR": "1"},
        after=writes(WRONG),
    ),
    replace(
        _GATEWAY,
        name="gateway-light",
        title="The light theme",
        settings={"theme": "lampboard-light"},
        keys=("7", "slash", *typed("by-day"), "enter"),
    ),
)
