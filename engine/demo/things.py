"""What lives in the demo, as it is written down: integrations, sources, connectors, tenants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.demo.behaviour import Script


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One integration of the demo and how its provider treats it.

    Attributes:
        name: What people call it.
        provider: Its provider's name.
        model: Its default model.
        script: How its requests fare.
        config: The provider's own fields.
        budget_cents: Cents a month; 0 is unlimited.
        tokens: Tokens a month; 0 is unlimited.
        rpm: Requests a minute; 0 is unlimited.
        status: `enabled`, `disabled`, or `created` (registered, not in use yet).
        own_door: Whether its server is its own, on a port of its own.
        keyless: Whether that server asks for no key.
        unknown_key: Whether the provider does not know its key any more.
        variable: Name of an environment variable that should hold its key; nobody set it.
    """

    name: str
    provider: str
    model: str
    script: Script
    config: Mapping[str, str] = field(default_factory=dict)
    budget_cents: int = 0
    tokens: int = 0
    rpm: int = 0
    status: str = "enabled"
    own_door: bool = False
    keyless: bool = False
    unknown_key: bool = False
    variable: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """What sources and connectors share: where they lead, and how that server fares.

    Attributes:
        name: What people call it.
        technology: The technology that it is reached by.
        script: How its simulated server fares; None where there is none.
        user: Whom it logs in as, with a password that is made anew in each run.
        key: Whether it has an API key, made anew as well.
        unknown_secret: Whether the server does not know password or key any more.
        path: What follows the server's address in its URL.
        file: Its file or folder below that of the run; see `engine.demo.files`.
        config: Its other fields, `options` among them.
        description: What it is for.
        tags: Words to find it by.
        owner: Who answers for it.
        status: The status that it is given; a check may change it.
        interval_s: Seconds between its checks; None is the demo's own.
    """

    name: str
    technology: str
    script: Script | None = None
    user: str = ""
    key: bool = False
    unknown_secret: bool = False
    path: str = ""
    file: str = ""
    config: Mapping[str, object] = field(default_factory=dict)
    description: str = ""
    tags: tuple[str, ...] = ()
    owner: str = ""
    status: str = ""
    interval_s: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Source(Reached):
    """One source of the demo; `roles` are those that may see it, none for everybody."""

    roles: tuple[str, ...] = ()
    status: str = "active"


@dataclass(frozen=True, kw_only=True, slots=True)
class Connector(Reached):
    """One connector of the demo, of one of the connectors' types."""

    type: str
    status: str = "registered"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenant:
    """A customer of the demo."""

    id: str
    name: str
    accounts: tuple[Account, ...] = ()
    sources: tuple[Source, ...] = ()
    connectors: tuple[Connector, ...] = ()
