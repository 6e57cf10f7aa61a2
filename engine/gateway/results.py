"""What the facade of the gateway answers with: frozen, JSON-ready records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.gateway.model import ParameterSpec

DIALECTS = ("postgres", "mysql", "sqlite", "duckdb", "generic")


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal(JsonRecord):
    """Why a template is refused, and where.

    Attributes:
        code: Which rule, such as `more_than_one_statement` or `function_not_allowed`.
        message: One sentence for people.
        hint: What to do; empty where there is nothing to add.
        line: Where in the SQL, counted from 1; None where no place is to blame.
        column: Counted from 1, in characters.
        length: How many characters are to blame.
    """

    code: str
    message: str
    hint: str = ""
    line: int | None = None
    column: int | None = None
    length: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict(JsonRecord):
    """What registration says of a statement.

    Attributes:
        accepted: Whether it may become a template.
        refusals: Why not, in the order of their places.
        placeholders: Names in the order in which they first appear.
        tables: The tables it reads, as written.
    """

    accepted: bool
    refusals: tuple[Refusal, ...] = ()
    placeholders: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewaySummary(JsonRecord):
    """A gateway: the caps under which templates run on one source or SQL connector.

    Attributes:
        kind: `source` or `connector`.
        thing_id: Which of them.
        name: The thing's name.
        technology: What it is, such as `postgresql`.
        dialect: One of DIALECTS; None where no rules exist for the technology, so nothing runs.
        tables: The only tables that templates may read; empty means any.
        username: The role that runs log in as; None is the thing's own login.
        credential_ref: That role's password.
        templates: How many templates are in use.
        version: Counts its changes.
        problem: Why nothing can run here, in one sentence; None where it can.
    """

    id: str
    tenant_id: str
    kind: str
    thing_id: str
    name: str
    technology: str
    dialect: str | None
    max_rows: int
    max_result_bytes: int
    timeout_seconds: float
    tripwire: bool
    tables: tuple[str, ...]
    username: str | None
    credential_ref: str | None
    templates: int
    version: int
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayOffer(JsonRecord):
    """A source or SQL connector that templates can be registered for, or why they cannot.

    Attributes:
        kind: `source` or `connector`.
        thing_id: Which of them.
        name: Its name.
        technology: What it is, such as `postgresql`.
        dialect: One of DIALECTS; None where no rules exist for the technology.
        gateway_id: The gateway that it has already; one is made with its first template.
        problem: Why nothing can be registered, in one sentence; None where it can.
    """

    kind: str
    thing_id: str
    name: str
    technology: str
    dialect: str | None
    gateway_id: str | None
    problem: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateSummary(JsonRecord):
    """A template as lists show it.

    Attributes:
        status: `active`, or `retired`: it cannot be run.
        gateway: The name of the source or connector that it runs on.
        version: The newest.
        parameters: How many.
        last_outcome: Of the last run: `ok`, `truncated`, `refused`, `alarm` or `failed`.
        problem: Why it cannot be run, in one sentence; None where it can.
    """

    id: str
    tenant_id: str
    name: str
    description: str
    status: str
    gateway_id: str
    gateway: str
    dialect: str | None
    version: int
    parameters: int
    runs: int
    last_run_at: datetime | None
    last_outcome: str | None
    created_at: datetime
    updated_at: datetime | None
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplatesHeadline(JsonRecord):
    """How many templates a tenant has, and what their last runs came to.

    Attributes:
        templates: All of them.
        retired: How many of those are retired.
        outcomes: How many have that outcome of their last run; those never run are in none.
    """

    templates: int
    retired: int
    outcomes: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateDetail(JsonRecord):
    """One version of a template, whole.

    Attributes:
        template: As lists show it.
        version: Which version this is.
        sql: Its text.
        parameters: Its declarations, in order.
        max_rows: Its own cap; None is the gateway's.
        timeout_seconds: Its own; None is the gateway's.
        written_at: When this version was made.
        written_by: By whom.
        versions: The numbers of all versions, newest first.
        gateway: Where it runs.
    """

    template: TemplateSummary
    version: int
    sql: str
    parameters: tuple[ParameterSpec, ...]
    max_rows: int | None
    timeout_seconds: float | None
    written_at: datetime
    written_by: str | None
    versions: tuple[int, ...]
    gateway: GatewaySummary


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateRun(JsonRecord):
    """One run as the activity has it.

    Attributes:
        outcome: `ok`, `truncated`, `refused`, `alarm` or `failed`.
        message: Why, where it did not go well.
        parameters: The given values by name; `***` where the declaration does not allow to tell it.
    """

    id: int
    at: datetime
    actor: str
    origin: str
    version: int
    outcome: str
    message: str | None
    rows: int | None
    result_bytes: int | None
    duration_ms: int | None
    parameters: Mapping[str, Any]
