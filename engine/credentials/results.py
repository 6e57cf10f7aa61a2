"""What the facade of credentials answers with: never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from datetime import datetime

KINDS = ("encrypted", "env", "file", "keyring", "vault")
"""Where a secret can be; other distributions bring more."""

STATES = ("expired", "unreadable", "expiring", "ok", "untested")
"""Of a reference, worst first. `untested`: nobody has asked for its secret yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialUser(JsonRecord):
    """A thing that points to a credential: `integration`, `source`, `connector` or `gateway`."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialSummary(JsonRecord):
    """A reference as lists show it.

    Attributes:
        reference: How things point to it.
        kind: One of KINDS, or another distribution's.
        label: What a person called it; empty when nobody did.
        state: One of STATES.
        problem: Why it is unreadable, in one sentence.
        created_at: When it was stored, or first pointed to.
        updated_at: When its secret was last replaced; None when never, or not here.
        expires_at: When it is worthless; None when nobody said.
        used: How many things point to it.
        accessed_at: When its secret was last asked for.
        accesses: How often, in all.
        key_id: Which master key it is encrypted under; None for other kinds.
    """

    tenant_id: str
    reference: str
    kind: str
    label: str
    state: str
    problem: str | None
    created_at: datetime
    updated_at: datetime | None
    expires_at: datetime | None
    used: int
    accessed_at: datetime | None
    accesses: int
    key_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialAccess(JsonRecord):
    """How often a secret was asked for on one UTC day, by whom (dashboard, cli, monitor, code)."""

    day: str
    origin: str
    count: int
    last_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialDetail(JsonRecord):
    """A reference with who uses it and who asked for it in the last 30 days, newest first."""

    credential: CredentialSummary
    users: tuple[CredentialUser, ...]
    accesses: tuple[CredentialAccess, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialsHeadline(JsonRecord):
    """How many references are in each state, and the next expiry."""

    counts: dict[str, int]
    next_expiry: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialTest(JsonRecord):
    """What asking for a secret came to; it says nothing about the secret but that it is there."""

    reference: str
    ok: bool
    message: str
    latency_ms: int
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RotationProgress(JsonRecord):
    """How far a rotation of the master key is.

    Attributes:
        from_keys: The ids of the keys that are left behind.
        to_key: The id of the new one.
        done: Secrets that are under the new key.
        total: Secrets in all.
        unreadable: Secrets that are damaged, and so stay as they are.
        kept: The ids of former keys that stay beside the new one, since others may need them.
        finished: Whether no secret needs a former key any more.
    """

    from_keys: tuple[str, ...]
    to_key: str
    done: int
    total: int
    finished: bool
    unreadable: int = 0
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyStatus(JsonRecord):
    """The master keys, by their ids, and what a rotation would do.

    Attributes:
        place: Where they are, such as `the key file /srv/board.db.key`.
        keys: The ids of those that are there, the newest first.
        current: The one that secrets are sealed under; None where nothing is stored yet.
        counts: How many secrets are under which key.
        next_key: The one that a rotation moves to; None when it would make a new one.
        drops: Whether a rotation drops the former keys at its end.
        elsewhere: Other machines that had a monitor on this database lately.
        rotation: The last one, finished or not.
    """

    place: str
    keys: tuple[str, ...]
    current: str | None
    counts: dict[str, int]
    next_key: str | None
    drops: bool
    elsewhere: tuple[str, ...]
    rotation: RotationProgress | None
