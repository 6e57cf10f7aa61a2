"""Reading ledgers inside a unit of work: rows become what the facade answers with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.prevention.results import (
    LedgerBreak,
    LedgerFault,
    LedgerStatus,
    PreventionRecord,
    Verification,
)
from storage.prevention import LedgerDriver, ProofsDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from storage.prevention import BreakRow, RecordRow, VerificationRow

PREFIX = "prv-"
"""What a record's id begins with; its number follows, so an id is unique within its tenant."""
ZEROS = "0" * 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_SEQ = 2**62


def record(connection: Connection, tenant_id: str, seq_or_id: int | str) -> PreventionRecord:
    """Return one record.

    Raises:
        NotFound: This tenant's ledger has none of that number.
    """
    seq = _seq(seq_or_id)
    row = None if seq is None else LedgerDriver(connection).get(tenant_id, seq)
    if row is None:
        raise NotFound(
            f"There is no record {str(seq_or_id)[:40]!r} in this ledger.",
            hint="`lampboard prevention list` shows the last ones.",
            field="record",
        )
    return told(tenant_id, row)


def _seq(seq_or_id: int | str) -> int | None:
    digits = str(seq_or_id).removeprefix(PREFIX)
    if not (digits.isascii() and digits.isdigit() and len(digits) < len(str(_MAX_SEQ))):
        return None
    return int(digits)


def told(tenant_id: str, row: RecordRow) -> PreventionRecord:
    """Return a row as a record; one whose body cannot be read is told as far as it can be."""
    fields = _fields(row.body)
    return PreventionRecord(
        tenant_id=tenant_id,
        seq=row.seq,
        id=f"{PREFIX}{row.seq}",
        created_at=_moment(fields.get("created_at")),
        policy_id=_words(fields.get("policy_id")) or "",
        pattern_id=_words(fields.get("pattern_id")) or "",
        policy_mode=_words(fields.get("policy_mode")) or "",
        signature_match_confidence=_number(fields.get("signature_match_confidence")),
        blocked_incident_id=_words(fields.get("blocked_incident_id")),
        original_incident_id=_words(fields.get("original_incident_id")),
        pattern_signature=_words(fields.get("pattern_signature")),
        request_signature=_words(fields.get("request_signature")),
        is_simulated=fields.get("is_simulated") is True,
        contract_version=_words(fields.get("contract_version")) or "",
        previous=_words(fields.get("previous")) or "",
        digest=row.digest.hex(),
        body=row.body,
    )


def _fields(body: str) -> Mapping[str, Any]:
    """Return what a body says; nothing where somebody made it unreadable."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e9 else 0.0  # noqa: PLR2004


def _moment(value: object) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=value if isinstance(value, int) else 0)
    except OverflowError:
        return _EPOCH


def status(connection: Connection, tenant_id: str) -> LedgerStatus:
    """Return a ledger's lamp."""
    driver = LedgerDriver(connection)
    head, kept = driver.head(tenant_id), ProofsDriver(connection).newest(tenant_id)
    last = verification(kept[0]) if kept else None
    seq = head.seq if head else 0
    proved = kept[0].seq if kept and kept[0].ok else 0
    return LedgerStatus(
        tenant_id=tenant_id,
        state="unknown" if last is None else "healthy" if last.ok else "failing",
        records=seq,
        unverified=max(0, seq - proved),
        head=head.digest.hex() if head else ZEROS,
        last_at=head.written_at if head else None,
        verification=last,
    )


def verification(row: VerificationRow) -> Verification:
    """Return a stored verification as the facade answers with it."""
    fault = None
    if not row.ok:
        fault = LedgerFault(
            seq=row.fault_seq or 0,
            kind=row.fault_kind or "unreadable",
            message=row.fault_message or "",
        )
    return Verification(
        tenant_id=row.tenant_id,
        at=row.at,
        ok=row.ok,
        verified=row.verified,
        total=row.total,
        head=row.head.hex(),
        fault=fault,
        checkpoints=row.checkpoints,
        duration_ms=row.duration_ms,
        since=row.since,
        breaks=row.breaks,
    )


def verifications(connection: Connection, tenant_id: str, limit: int) -> tuple[Verification, ...]:
    """Return the last verifications, newest first."""
    return tuple(verification(row) for row in ProofsDriver(connection).newest(tenant_id, limit))


def breaks(connection: Connection, tenant_id: str) -> tuple[LedgerBreak, ...]:
    """Return the faults that were accepted."""
    return tuple(accepted(row) for row in ProofsDriver(connection).breaks(tenant_id))


def accepted(row: BreakRow) -> LedgerBreak:
    """Return an accepted fault as the facade answers with it."""
    return LedgerBreak(
        tenant_id=row.tenant_id,
        seq=row.seq,
        kind=row.kind,
        until=row.until,
        digest=row.digest.hex(),
        at=row.at,
        actor=row.actor,
        reason=row.reason,
    )
