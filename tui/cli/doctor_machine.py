"""What the doctor looks at on the machine: Python, packages, extras, providers, the terminal."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from tui.cli.finding import Finding, fail, ok, warn
from tui.cli.streams import colours, is_terminal
from tui.cli.table import can_draw

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST = (3, 11)
DISTRIBUTION = "lampboard"
PACKAGES = (
    "aiohttp",
    "alembic",
    "cryptography",
    "httpx",
    "httpx-aiohttp",
    "platformdirs",
    "pydantic",
    "pyyaml",
    "rich-click",
    "sqlalchemy",
    "textual",
)
EXTRAS = {"postgres": "psycopg", "keyring": "keyring"}


def machine() -> Iterator[Finding]:
    """Yield what there is to say about this machine."""
    yield _python()
    yield _packages()
    yield _extras()
    yield _providers()
    yield _terminal()


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < OLDEST:
        return fail("python", f"{version} is too old.", "Install Python 3.11 or newer.")
    return ok("python", f"{version} at {sys.executable} on {platform.system()}")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _packages() -> Finding:
    found = {name: _version(name) for name in PACKAGES}
    missing = [name for name, version in found.items() if version is None]
    if missing:
        remedy = f"Install it again: pip install --force-reinstall {DISTRIBUTION}"
        return fail("packages", f"Missing: {', '.join(missing)}.", remedy)
    return ok("packages", " ".join(f"{name}={version}" for name, version in found.items()))


def _extras() -> Finding:
    words = [
        f"{extra}: {_version(name) or 'not installed'}" for extra, name in sorted(EXTRAS.items())
    ]
    return ok("extras", ", ".join(words))


def _providers() -> Finding:
    from engine.integrations.providers import broken_providers, provider_names

    broken = broken_providers()
    if broken:
        names = ", ".join(sorted(broken))
        return warn("providers", f"Could not be loaded: {names}.", "Update or uninstall them.")
    return ok("providers", ", ".join(provider_names()))


def _terminal() -> Finding:
    if not is_terminal(sys.stdout):
        return ok("terminal", "None here: output goes to a pipe or a file.")
    kind = os.environ.get("TERM", "")
    colour = "colour" if colours(sys.stdout) else "no colour"
    size = os.get_terminal_size(sys.stdout.fileno())
    told = f"{kind or 'unknown'}, {size.columns}x{size.lines}, {colour}"
    if kind in {"", "dumb"}:
        return warn("terminal", told, "Set TERM, such as TERM=xterm-256color, for the dashboard.")
    if not can_draw(sys.stdout):
        return warn("terminal", f"{told}, no Unicode", "Use a UTF-8 locale, or LAMPBOARD_ASCII=1.")
    return ok("terminal", f"{told}, Unicode")
