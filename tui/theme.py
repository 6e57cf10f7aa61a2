"""The one table from a state to its glyph, word and tone, and the glyphs a board is drawn with.

A state is never shown by colour alone: always glyph + word + colour. A tone is a name for a
colour; `tui.palette` turns tones into the colours of the theme in use. Nothing here knows Textual,
so the command line uses the same table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tui import text

if TYPE_CHECKING:
    from collections.abc import Mapping

Tone = Literal[
    "plain",  # running text
    "strong",  # names and headings
    "muted",  # what stands back: units, hints, what is switched off
    "accent",  # the one accent: keys, the place in focus
    "healthy",
    "degraded",
    "failing",
    "unknown",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How one state looks: a glyph, the same in ASCII, a word, a tone."""

    glyph: str
    ascii: str
    word: str
    tone: Tone


HEALTH: Final[Mapping[str, Look]] = {
    "failing": Look(glyph="✖", ascii="x", word="failing", tone="failing"),
    "degraded": Look(glyph="▲", ascii="!", word="degraded", tone="degraded"),
    "unknown": Look(glyph="○", ascii="o", word="unknown", tone="unknown"),
    "healthy": Look(glyph="●", ascii="*", word="healthy", tone="healthy"),
}
"""Health states, worst first; the order of groups, counts and lamps on every screen."""

STATUS: Final[Mapping[str, Look]] = {
    "enabled": Look(glyph="●", ascii="*", word="enabled", tone="plain"),
    "created": Look(glyph="○", ascii="o", word="created", tone="muted"),
    "disabled": Look(glyph="◌", ascii="-", word="disabled", tone="muted"),
    "error": Look(glyph="✖", ascii="x", word="error", tone="failing"),
    "active": Look(glyph="●", ascii="*", word="active", tone="plain"),
    "pending": Look(glyph="○", ascii="o", word="pending", tone="muted"),
    "registered": Look(glyph="○", ascii="o", word="registered", tone="muted"),
    "configuring": Look(glyph="○", ascii="o", word="configuring", tone="muted"),
    "ready": Look(glyph="○", ascii="o", word="ready", tone="plain"),
    "connected": Look(glyph="●", ascii="*", word="connected", tone="plain"),
    "inactive": Look(glyph="◌", ascii="-", word="inactive", tone="muted"),
    "disconnected": Look(glyph="◌", ascii="-", word="disconnected", tone="muted"),
    "deprecated": Look(glyph="◌", ascii="-", word="deprecated", tone="muted"),
}
"""The own status of a source, a connector or an integration."""


def look(state: object) -> Look:
    """Return how a health state looks; takes a name or an enum of it, else shows unknown."""
    return HEALTH.get(_name(state), HEALTH["unknown"])


def status_look(status: object) -> Look:
    """Return how a status looks."""
    return STATUS.get(_name(status), STATUS["created"])


def _name(state: object) -> str:
    # A str enum hashes by its member's name, so it can't be looked up by value as it is.
    return str(getattr(state, "value", state))


@dataclass(frozen=True, kw_only=True, slots=True)
class Glyphs:
    """The characters a board is drawn with; one set for Unicode, one for plain ASCII."""

    ascii: bool
    ascending: str
    descending: str
    mark: str
    full: str
    empty: str
    spark: str
    gap: str
    rule: str
    arrow: str
    left: str
    right: str
    down: str
    more: str

    def lamp(self, state: object) -> str:
        """Return a health state's glyph."""
        found = look(state)
        return found.ascii if self.ascii else found.glyph

    def status(self, status: object) -> str:
        """Return a status' glyph."""
        found = status_look(status)
        return found.ascii if self.ascii else found.glyph


UNICODE: Final = Glyphs(
    ascii=False,
    ascending="▴",
    descending="▾",
    mark="◆",
    full="━",
    empty="─",
    spark="▁▂▃▄▅▆▇█",
    gap="·",
    rule="─",
    arrow="→",
    left="‹",
    right="›",
    down="▾",
    more="…",
)
ASCII: Final = Glyphs(
    ascii=True,
    ascending="^",
    descending="v",
    mark="+",
    full="#",
    empty=".",
    spark="_.,-=+*#",
    gap=" ",
    rule="-",
    arrow="->",
    left="<",
    right=">",
    down="v",
    more="...",
)


def glyphs(*, ascii_only: bool) -> Glyphs:
    """Return the set that a terminal can show."""
    return ASCII if ascii_only else UNICODE


def ascii_marks(value: str) -> str:
    """Return a text whose mark of something cut is plain ASCII too; what people wrote stays."""
    return value.replace(text.ELLIPSIS, "~")
