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
    "retired": Look(glyph="◌", ascii="-", word="retired", tone="muted"),
}
"""The own status of a source, a connector, an integration or a template of SQL."""

GAUGES: Final[Mapping[str, Look]] = {
    "over": Look(glyph="✖", ascii="x", word="over", tone="failing"),
    "warned": Look(glyph="▲", ascii="!", word="warned", tone="degraded"),
    "ok": Look(glyph="●", ascii="*", word="ok", tone="healthy"),
    "unmeasured": Look(glyph="○", ascii="o", word="not measured", tone="unknown"),
    "unlimited": Look(glyph="◌", ascii="-", word="unlimited", tone="muted"),
}
"""States of a gauge, worst first; see `engine.limits.results`."""


OUTCOMES: Final[Mapping[str, Look]] = {
    "alarm": Look(glyph="✖", ascii="x", word="alarm", tone="failing"),
    "failed": Look(glyph="✖", ascii="x", word="failed", tone="failing"),
    "refused": Look(glyph="▲", ascii="!", word="refused", tone="degraded"),
    "truncated": Look(glyph="▲", ascii="!", word="cut", tone="degraded"),
    "ok": Look(glyph="●", ascii="*", word="ok", tone="healthy"),
    "never": Look(glyph="○", ascii="o", word="never run", tone="unknown"),
}
"""What a run of SQL came to, worst first; see `engine.gateway.results`."""

REFERENCES: Final[Mapping[str, Look]] = {
    "expired": Look(glyph="✖", ascii="x", word="expired", tone="failing"),
    "unreadable": Look(glyph="✖", ascii="x", word="unreadable", tone="failing"),
    "expiring": Look(glyph="▲", ascii="!", word="expiring", tone="degraded"),
    "ok": Look(glyph="●", ascii="*", word="ok", tone="healthy"),
    "untested": Look(glyph="○", ascii="o", word="untested", tone="unknown"),
}
"""States of a credential reference, worst first; see `engine.credentials.results`."""


INCIDENTS: Final[Mapping[str, Look]] = {
    "critical": Look(glyph="✖", ascii="x", word="critical", tone="failing"),
    "warning": Look(glyph="▲", ascii="!", word="warning", tone="degraded"),
}
"""Severities of an incident, worst first; see `engine.incidents.model`."""


def incident_look(severity: object) -> Look:
    """Return how the severity of an incident looks."""
    return INCIDENTS.get(_name(severity), INCIDENTS["warning"])


def reference_look(state: object) -> Look:
    """Return how the state of a credential reference looks."""
    return REFERENCES.get(_name(state), REFERENCES["untested"])


def outcome_look(outcome: object) -> Look:
    """Return how the outcome of a run looks; None is of what never ran."""
    return OUTCOMES.get(_name(outcome), OUTCOMES["never"])


def gauge_look(state: object) -> Look:
    """Return how the state of a gauge looks."""
    return GAUGES.get(_name(state), GAUGES["unmeasured"])


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
    """The characters a board is drawn with; one set for Unicode, one for plain ASCII.

    Of a meter: `full` is used, `held` reserved, `empty` left; `passed` and `level` mark a warning
    level that was passed and one that was not. `shade` and `dash` are a chart's range and limit.
    """

    ascii: bool
    ascending: str
    descending: str
    mark: str
    full: str
    empty: str
    held: str
    passed: str
    level: str
    shade: str
    now: str
    dash: str
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

    def gauge(self, state: object) -> str:
        """Return the glyph of a gauge's state."""
        found = gauge_look(state)
        return found.ascii if self.ascii else found.glyph

    def outcome(self, outcome: object) -> str:
        """Return the glyph of what a run came to."""
        found = outcome_look(outcome)
        return found.ascii if self.ascii else found.glyph

    def reference(self, state: object) -> str:
        """Return the glyph of a credential reference's state."""
        found = reference_look(state)
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
    held="╍",
    passed="┻",
    level="┴",
    shade="░",
    now="▴",
    dash="┄",
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
    held="=",
    passed="|",
    level="|",
    shade=":",
    now="^",
    dash="-",
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
