"""Every picture, declared once: which world, which keys, which size.

The snapshot tests and the gallery in `screenshots/` both come from this list, so each screen in
each of its states is looked at, tested and shown from the same place.
"""

from __future__ import annotations

from dataclasses import replace

from tests.staging import (
    Scene,
    attacked,
    besieged,
    collide,
    crowd,
    five_states,
    paste,
    reconsider,
    refuse,
    typed,
    unwatched,
)
from tests.staging_gateway import GATEWAY_SCENES
from tests.staging_governed import GOVERNED_SCENES
from tests.staging_on_call import ON_CALL_SCENES

SIZES = ((80, 24), (120, 40))

_OVERVIEW = Scene(name="overview", place="Overview", title="Overview")
_SOURCES = Scene(name="sources", place="Sources", title="Sources", keys=("2",))
_CONNECTORS = Scene(name="connectors", place="Connectors", title="Connectors", keys=("3",))
_LIST = Scene(name="integrations", place="Integrations", title="Integrations", keys=("4",))
_HEALTH = Scene(name="health", place="Health", title="Health", keys=("5",))
_LIMITS = Scene(name="limits", place="Limits", title="Limits", keys=("6",))
_ACTIVITY = Scene(name="activity", place="Activity", title="Activity", keys=("9",))
_BOARD = Scene(name="board", place="Everywhere", title="Everywhere")

_DECLARED: tuple[Scene, ...] = (
    *five_states("overview", "1"),
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
    *five_states("sources", "2"),
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
    *five_states("connectors", "3"),
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
    *five_states("integrations", "4"),
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
    ),
    replace(
        _LIST,
        name="integrations-light",
        title="The light theme",
        settings={"theme": "lampboard-light"},
    ),
    *five_states("health", "5"),
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
    replace(
        _HEALTH,
        name="health-past",
        title="Wound back by some changes",
        keys=("5", *("left_square_bracket",) * 5),
    ),
    replace(
        _HEALTH,
        name="health-past-day",
        title="As it was a day before",
        keys=("5", "left_parenthesis", "g", "down"),
    ),
    replace(
        _HEALTH,
        name="health-past-ascii",
        title="Wound back, in ASCII glyphs",
        keys=("5", *("left_square_bracket",) * 5),
        settings={"ascii": True},
    ),
    *five_states("limits", "6"),
    replace(
        _LIMITS,
        name="limits-story",
        title="One gauge",
        keys=("6", "slash", *typed("gpt-prod budget"), "enter", "enter"),
    ),
    replace(
        _LIMITS,
        name="limits-over",
        title="A gauge that is used up",
        keys=("6", "enter"),
    ),
    replace(
        _LIMITS,
        name="limits-unpriced",
        title="Calls that nobody knows the price of",
        keys=("6", "slash", *typed("llama budget"), "enter", "enter"),
    ),
    replace(
        _LIMITS,
        name="limits-filter",
        title="Filtered",
        keys=("6", "slash", *typed("provider:openai !state:ok"), "enter"),
    ),
    replace(_LIMITS, name="limits-by", title="What to show", keys=("6", "b")),
    replace(
        _LIMITS,
        name="limits-models",
        title="Usage by model",
        keys=("6", "b", "down", "down", "down", "enter"),
    ),
    replace(_LIMITS, name="limits-sort", title="The order", keys=("6", "s")),
    replace(_LIMITS, name="limits-edit", title="Limits edited", keys=("6", "down", "e")),
    replace(
        _LIMITS,
        name="limits-preview",
        title="What another limit would mean",
        keys=("6", "down", "down", "down", "e"),
        after=reconsider,
    ),
    replace(_LIMITS, name="limits-write", title="Written into a file", keys=("6", "w")),
    replace(_LIMITS, name="limits-read-only", title="Read-only", settings={"read_only": True}),
    replace(
        _LIMITS,
        name="limits-hostile",
        title="Names that attack the terminal",
        fill=besieged,
        keys=("6", "down", "down"),
    ),
    replace(
        _LIMITS,
        name="limits-hostile-agents",
        title="Agents whose names attack the terminal",
        fill=besieged,
        keys=("6", "b", "down", "down", "down", "down", "enter", "down"),
    ),
    replace(
        _LIMITS,
        name="limits-light",
        title="The light theme",
        settings={"theme": "lampboard-light"},
    ),
    replace(_LIMITS, name="limits-ascii", title="ASCII glyphs", settings={"ascii": True}),
    replace(_LIMITS, name="limits-no-color", title="NO_COLOR", environment={"NO_COLOR": "1"}),
    *GATEWAY_SCENES,
    *GOVERNED_SCENES,
    *ON_CALL_SCENES,
    *five_states("activity", "9"),
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
