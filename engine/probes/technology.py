"""What is declared of a technology: its name, its fields, its driver, and where its probe is."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from engine.fields import FieldSpec
    from engine.probes.attempt import Attempt

    Probe: TypeAlias = Callable[[Attempt], Awaitable[Mapping[str, object]]]


TYPES = (
    *("database", "document", "file", "vector", "api", "stream", "custom"),
    *("mcp", "serverless"),
)
"""The types of data source, then those that only connectors have."""


# What every way over the network needs, 120 ms at its first import: nobody's latency either.
_SHARED = ("aiohappyeyeballs", "engine.http.faults")


@dataclass(frozen=True, kw_only=True, slots=True)
class Technology:
    """One technology that can be reached.

    Attributes:
        name: Its key everywhere: in rows, filters, flags and extras.
        title: What people call it.
        type: What it is, one of `TYPES`.
        probe: `module:function` of its probe, imported at its first check. The function takes
            an `Attempt`, writes stages into it, raises `Refused`, and returns details worth
            keeping (`server`: what answered, with its version).
        fields: Which fields of a place it uses, labelled in its own words (`database` may be
            its bucket), in the order in which a form asks for them.
        options: Its own fields, kept in `options`.
        schemes: The schemes of connection strings that mean it.
        default_port: The port where none is given.
        extra: The extra of this distribution that brings its driver; None needs none.
        needs: Modules that must be importable for a check.
        tested: How its probe is proved: `server` (a real one), `emulator` or `protocol` (its
            documented protocol, played by a local server).
    """

    name: str
    title: str
    type: str
    probe: str
    fields: tuple[FieldSpec, ...] = ()
    options: tuple[FieldSpec, ...] = ()
    schemes: tuple[str, ...] = ()
    default_port: int | None = None
    extra: str | None = None
    needs: tuple[str, ...] = ()
    tested: str = "server"

    def missing(self) -> tuple[str, ...]:
        """Return the modules it needs that are not installed; imports none of them."""
        return tuple(name for name in self.needs if not is_installed(name))

    def how_to_install(self) -> str:
        """Return the command that brings its driver."""
        return f"pip install 'lampboard[{self.extra}]'" if self.extra else ""

    @property
    def is_loaded(self) -> bool:
        """Whether its probe and its driver are imported already."""
        return all(name in sys.modules for name in (self.probe.partition(":")[0], *self.needs))

    def prepare(self) -> None:
        """Import its probe and its driver.

        Raises:
            ImportError: One of them cannot be imported.
        """
        self.load()
        for name in (*self.needs, *_SHARED):
            importlib.import_module(name)

    def load(self) -> Probe:
        """Import and return its probe."""
        module, _, name = self.probe.partition(":")
        return cast("Probe", getattr(importlib.import_module(module), name))


@lru_cache(maxsize=256)
def is_installed(module: str) -> bool:
    """Tell whether a module could be imported, without importing it."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
