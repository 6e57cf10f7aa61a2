"""Where the demo's things live in one run: their sites, their secrets, how they are reached."""

from __future__ import annotations

import secrets
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from engine.demo.plan import Site
from engine.demo.things import Account, Connector, Source
from engine.probes.registry import get_technology

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.demo.behaviour import Script
    from engine.demo.things import Reached, Tenant

    Thing: TypeAlias = Account | Source | Connector

_MCP_SERVER = Path(__file__).with_name("mcp_server.py")
_PREFIXES = {"openai": "sk-proj-", "anthropic": "sk-ant-api03-", "google": "AIzaSy"}
# Below the plain path of each provider's API, where its base URL differs from the door itself.
_BASE_PATHS = {"openai": "/v1", "custom": "/v1"}
# What is given as KEY_ID:SECRET and proved by a signature.
_SIGNED = frozenset({"bedrock", "aws_lambda"})
# Whoever has no simulator has nobody at its port: any site that is always closed will do.
_NOBODY = "rest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A thing with the site it lives at and the secret that its owner holds."""

    tenant: Tenant
    thing: Thing
    site: str
    secret: str = field(repr=False)


def place(tenant: Tenant) -> tuple[Placed, ...]:
    """Return the tenant's things with secrets that are made anew."""
    things: tuple[Thing, ...] = (*tenant.accounts, *tenant.sources, *tenant.connectors)
    return tuple(
        Placed(tenant=tenant, thing=thing, site=_site_name(tenant, thing), secret=_secret(thing))
        for thing in things
    )


def sites(everyone: Iterable[Placed]) -> list[Site]:
    """Return the sites at which these live, each with those whom it knows."""
    accounts: dict[str, dict[str, Script]] = {}
    dialects: dict[str, str] = {}
    for placed in everyone:
        thing = placed.thing
        if thing.script is None:
            continue
        known = accounts.setdefault(placed.site, {})
        dialects[placed.site] = _dialect(thing)
        if isinstance(thing, Account):
            if not thing.unknown_key:
                known[placed.secret] = thing.script
        else:
            known[_login(thing, _known_secret(placed))] = thing.script
    return [
        Site(name=name, dialect=dialects[name], accounts=known) for name, known in accounts.items()
    ]


def base_url(account: Account, port: int) -> str:
    """Return where an account's provider is asked in this run."""
    return f"http://127.0.0.1:{port}{_BASE_PATHS.get(account.provider, '')}"


def config_of(
    thing: Source | Connector, secret: str, port: int | None, folder: Path
) -> dict[str, object]:
    """Return how a thing is reached in this run, its secret in the open.

    Args:
        thing: The source or connector.
        secret: Its password or key; empty for none.
        port: Its server's port on loopback; None where it has none.
        folder: Where the run's files are.
    """
    config = {**thing.config}
    if port is not None:
        config |= _address(thing, port)
    if thing.user:
        config |= {"username": thing.user, "password": secret}
    elif secret:
        config["api_key"] = secret
    if thing.file:
        config["database"] = str(folder / thing.file)
    if thing.technology == "mcp_stdio":
        config["options"] = {**_command(), **_options(thing)}
    return config


def _address(thing: Reached, port: int) -> dict[str, object]:
    url = f"http://127.0.0.1:{port}{thing.path}"
    declared = {spec.name for spec in get_technology(thing.technology).fields}
    if "host" in declared:
        return {"host": "127.0.0.1", "port": port}
    if "connection_string" in declared:
        return {"connection_string": url}
    return {"options": {**_options(thing), "endpoint": url}}


def _command() -> dict[str, object]:
    """Return what starts the MCP server: isolated, so that nothing lies in its way."""
    return {"command": sys.executable, "arguments": shlex.join(["-I", str(_MCP_SERVER)])}


def _options(thing: Reached) -> Mapping[str, object]:
    found = thing.config.get("options")
    return found if isinstance(found, dict) else {}


def _site_name(tenant: Tenant, thing: Thing) -> str:
    if isinstance(thing, Account):
        return f"{tenant.id}/{thing.name}" if thing.own_door else thing.provider
    kind = "source" if isinstance(thing, Source) else "connector"
    return f"{tenant.id}/{kind}/{thing.name}"


def _dialect(thing: Thing) -> str:
    from engine.demo.dialects import DIALECTS
    from engine.demo.wires import WIRES

    if isinstance(thing, Account):
        return "keyless" if thing.keyless else thing.provider
    return thing.technology if thing.technology in {*DIALECTS, *WIRES} else _NOBODY


def _secret(thing: Thing) -> str:
    """Return a secret of the form that its kind has; empty where none is wanted."""
    if isinstance(thing, Account):
        return "" if thing.keyless else _made(thing.provider)
    return _made(thing.technology) if thing.key or thing.user else ""


def _made(form: str) -> str:
    if form in _SIGNED:
        return f"AKIA{secrets.token_hex(8).upper()}:{secrets.token_urlsafe(30)}"
    return _PREFIXES.get(form, "") + secrets.token_urlsafe(24)


def _known_secret(placed: Placed) -> str:
    """Return the secret that the server knows, which may have been changed meanwhile."""
    changed = isinstance(placed.thing, Source | Connector) and placed.thing.unknown_secret
    return _secret(placed.thing) if changed else placed.secret


def _login(thing: Reached, secret: str) -> str:
    return f"{thing.user}:{secret}" if thing.user else secret
