"""What the doctor looks at on the machine: Python, packages, extras, plug-ins, the terminal."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from tui.cli.finding import Finding, fail, ok, warn
from tui.cli.streams import colours, is_terminal
from tui.cli.table import can_draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
_BUNDLES = frozenset({"all", "demo", "dev"})
_EXTRA = re.compile(r"""^(?P<package>[\w.-]+).*;.*\bextra == ['"](?P<extra>[\w-]+)['"]""")


def machine() -> Iterator[Finding]:
    """Yield what there is to say about this machine."""
    yield _python()
    yield _packages()
    yield _extras()
    yield from _plugins()
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
    known = sorted(extras().items())
    here = [extra for extra, packages in known if all(map(_version, packages))]
    missing = [extra for extra, _ in known if extra not in here]
    told = f"here: {', '.join(here) or 'none'}; not here: {', '.join(missing) or 'none'}"
    return ok("extras", told)


def extras() -> dict[str, list[str]]:
    """Return the packages of each extra that brings a driver, as they are declared."""
    found: dict[str, list[str]] = {}
    for line in metadata.requires(DISTRIBUTION) or []:
        declared = _EXTRA.match(line)
        if declared and declared["extra"] not in _BUNDLES and declared["package"] != DISTRIBUTION:
            found.setdefault(declared["extra"], []).append(declared["package"])
    return found


def _plugins() -> Iterator[Finding]:
    from engine.connectors.loading import broken_connectors, connector_types
    from engine.credentials.backends.brought import backends
    from engine.credentials.references import BUILT_IN
    from engine.integrations.providers import broken_providers, provider_names
    from engine.probes.registry import broken_technologies, technologies
    from engine.usage.sync.registry import broken_sources, known_sources

    yield _plugged("providers", provider_names(), broken_providers())
    names = [one.name for one in technologies()]
    yield _plugged("technologies", names, broken_technologies())
    yield _plugged("connectors", connector_types(), broken_connectors())
    counts = [source.provider for source in known_sources()]
    yield _plugged("usage sources", counts, broken_sources())
    secrets = backends()
    schemes = sorted({*BUILT_IN, *secrets.found})
    yield _plugged("credentials of", schemes, secrets.broken)


def _plugged(what: str, names: Sequence[str], broken: Mapping[str, str]) -> Finding:
    if not broken:
        return ok(what, ", ".join(names))
    told = "; ".join(f"{name}: {reason}" for name, reason in sorted(broken.items()))
    return warn(what, f"Could not be loaded: {told}.", "Update or uninstall them.")


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
