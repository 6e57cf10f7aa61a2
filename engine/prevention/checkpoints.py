"""Checkpoints: what a ledger was at a time, as a line of JSON that is kept elsewhere."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput, NotFound
from engine.prevention.contract import PREVENTION_CONTRACT_VERSION, in_utc
from engine.prevention.results import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from engine.hop import Run
    from engine.prevention.walking import Anchor

MAX_CHECKPOINTS = 100_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MAX_SEQ = 2**62


def take(connection: Connection, run: Run, tenant_id: str) -> Checkpoint:
    """Return what a ledger is now.

    Raises:
        NotFound: There is no such tenant, or nothing was recorded of it.
        LedgerBroken: The last record does not hold, or the last verification found a fault.
    """
    from engine.prevention.ledger import require_holding
    from storage.prevention import LedgerDriver

    driver = LedgerDriver(connection)
    head = driver.head(tenant_id)
    if head is None or not head.seq:
        raise NotFound(
            "Nothing was recorded for this tenant yet, so there is nothing to keep.",
            hint="`lampboard prevention record` adds to its ledger.",
            field="tenant",
        )
    require_holding(driver, tenant_id, head)
    return Checkpoint(
        tenant_id=tenant_id,
        seq=head.seq,
        digest=head.digest.hex(),
        at=run.clock.now(),
        contract_version=PREVENTION_CONTRACT_VERSION,
    )


def read_checkpoints(text: str) -> tuple[Checkpoint, ...]:
    """Return the checkpoints of a file: JSON objects one after the other, or a list of them.

    Raises:
        InvalidInput: The text is something else. The sentence does not repeat it.
    """
    found = tuple(_checkpoint(one) for one in _objects(text))
    if not found or len(found) > MAX_CHECKPOINTS:
        raise _unusable("There is no checkpoint in it." if not found else "There are too many.")
    return found


def _objects(text: str) -> Iterator[object]:
    decoder, at = json.JSONDecoder(), 0
    text = text.lstrip("\ufeff")
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            raise _unusable("It is not JSON.") from None
        yield from value if isinstance(value, list) else [value]


def _checkpoint(told: object) -> Checkpoint:
    fields: dict[str, Any] = told if isinstance(told, dict) else {}
    tenant, seq, digest = (fields.get(name) for name in ("tenant_id", "seq", "digest"))
    right = (
        isinstance(tenant, str)
        and type(seq) is int
        and 1 <= seq <= _MAX_SEQ
        and isinstance(digest, str)
        and _DIGEST.fullmatch(digest)
    )
    if not right:
        raise _unusable("A checkpoint has tenant_id, seq and digest.")
    return Checkpoint(
        tenant_id=str(tenant),
        seq=int(seq or 0),
        digest=str(digest),
        at=_moment(fields.get("at")),
        contract_version=str(fields.get("contract_version") or ""),
    )


def _moment(told: object) -> datetime:
    try:
        return in_utc(datetime.fromisoformat(str(told)))
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)


def _unusable(why: str) -> InvalidInput:
    return InvalidInput(
        f"The checkpoint cannot be used. {why}",
        hint="`lampboard prevention checkpoint > FILE` makes one.",
        field="checkpoint",
    )


def anchors_of(tenant_id: str, checkpoints: Sequence[Checkpoint]) -> list[Anchor]:
    """Return what checkpoints say of a tenant's ledger.

    Raises:
        InvalidInput: One is of another tenant's ledger.
    """
    from engine.prevention.walking import Anchor

    if any(one.tenant_id != tenant_id for one in checkpoints):
        raise InvalidInput(
            "A checkpoint is of another tenant's ledger.",
            hint="Give --tenant as it was when the checkpoint was made.",
            field="checkpoint",
        )
    return [
        Anchor(
            seq=one.seq,
            digest=bytes.fromhex(one.digest),
            told_by=f"the checkpoint of {one.at:%Y-%m-%d %H:%M:%SZ}",
        )
        for one in checkpoints
    ]
