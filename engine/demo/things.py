"""What lives in the demo, as it is written down: integrations, sources, connectors, agents."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.demo.trusted import Trusted

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
        variable: Name of an environment variable that should hold its key.
        exported: Whether that variable is set while the demo runs.
        mounted: Whether its key is in a file of the run, as a cluster mounts secrets.
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
    exported: bool = False
    mounted: bool = False


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
class Agent:
    """One application that calls a model through an integration.

    Attributes:
        name: What usage records call it.
        integration: The name of what it calls through.
        per_minute: Calls in a minute of an average working hour.
        instructions: Tokens that begin each of its prompts.
        question: Tokens that follow, on the average.
        answer: The most tokens that it lets a model answer with.
        weekend: How busy it is on Saturdays and Sundays, compared with other days.
        since_days: For how many days it has been calling.
    """

    name: str
    integration: str
    per_minute: float
    instructions: int = 1_200
    question: int = 500
    answer: int = 800
    weekend: float = 0.4
    since_days: int = 62


class Aim(StrEnum):
    """Where a monthly limit stands compared with what was used when the demo starts.

    The demo begins on any day of any month, so its limits follow from its usage: used up already;
    nearly; past a warning level; used up within days; not before the month is nearly over; never.
    """

    OVER = "over"
    NEARLY = "nearly"
    WARNED = "warned"
    SOON = "soon"
    LATE = "late"
    AMPLE = "ample"


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What may be used of one thing.

    Attributes:
        scope: One of `engine.limits.results.SCOPES`.
        subject: What of it; an integration's name, empty for the tenant.
        budget: Where its monthly budget stands; None for what is set already.
        tokens: Likewise of its tokens.
        rpm: Requests a minute; 0 for what is set already.
        levels: Warning levels in per cent; none for the board's own.
    """

    scope: str = "integration"
    subject: str = ""
    budget: Aim | None = None
    tokens: Aim | None = None
    rpm: int = 0
    levels: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenant:
    """A customer of the demo."""

    id: str
    name: str
    accounts: tuple[Account, ...] = ()
    sources: tuple[Source, ...] = ()
    connectors: tuple[Connector, ...] = ()
    agents: tuple[Agent, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    trusted: Trusted = field(default_factory=Trusted)
