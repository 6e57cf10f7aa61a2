"""Ledgers as files of JSON lines: written from a database, proved without one.

The first line is the head: whose ledger, its last number and digest, faults that were accepted.
Every other line is a record: `seq`, `digest` and `body`, the canonical form as a string.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.jsonable import jsonable
from engine.prevention.checkpoints import anchors_of
from engine.prevention.contract import PREVENTION_CONTRACT_VERSION
from engine.prevention.results import LedgerFault, Verification
from engine.prevention.walking import Anchor, Given, Walk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.hop import Hop
    from engine.prevention.results import Checkpoint
    from storage.prevention import Link

FORMAT = "lampboard-prevention-ledger"
VERSION = 1
MAX_LINE = 1 << 20
_BATCH = 500
_MAX_SEQ = 2**62
_DIGEST = re.compile(r"[0-9a-f]{64}")


async def export_lines(hop: Hop, tenant_id: str) -> AsyncIterator[list[str]]:
    """Yield the lines of a ledger, a batch at a time: the head, then its records.

    Raises:
        NotFound: There is no such tenant.
    """
    head, last = await hop.read(lambda connection: _head(connection, hop, tenant_id))
    yield [json.dumps(head, ensure_ascii=True) + "\n"]
    after = None
    while rows := await hop.read(
        lambda connection, after=after: _links(connection, tenant_id, after)  # type: ignore[misc]
    ):
        yield [_line(row) for row in rows if row[0] <= last]
        after = rows[-1][0]
        if after >= last:
            return


def _head(connection: Connection, hop: Hop, tenant_id: str) -> tuple[dict[str, Any], int]:
    from engine.prevention import reading
    from engine.prevention.proving import head_of
    from engine.tenants import core
    from storage.prevention import LedgerDriver, ProofsDriver

    head = head_of(connection, tenant_id)
    if not head.seq:
        core.summary(connection, tenant_id, hop.settings.roles)
    found = LedgerDriver(connection).last(tenant_id)
    given = [reading.accepted(row).to_dict() for row in ProofsDriver(connection).breaks(tenant_id)]
    told = {
        "format": FORMAT,
        "version": VERSION,
        "tenant_id": tenant_id,
        "contract_version": PREVENTION_CONTRACT_VERSION,
        "exported_at": jsonable(hop.clock.now()),
        "seq": head.seq,
        "digest": head.digest.hex(),
        "breaks": given,
    }
    return told, max(head.seq, found[0][0] if found else 0)


def _links(connection: Connection, tenant_id: str, after: int | None) -> Sequence[Link]:
    from engine.prevention.proving import Stored

    return Stored(tenant_id, connection).links(after, _BATCH)


def _line(row: Link) -> str:
    seq, digest, body = row
    told = {"seq": seq, "digest": digest.hex(), "body": body.decode("utf-8", "replace")}
    return json.dumps(told, ensure_ascii=True, separators=(",", ":")) + "\n"


@dataclass(slots=True)
class File:
    """An exported ledger as a source of records, in the order of its lines.

    What follows the last record that was given is read on from there; anything else means
    reading the file from its beginning.

    Attributes:
        line: The line that was read last.
        unreadable: The first line that is no record; None while there is none.
        unread: The number that it should have had.
    """

    path: Path
    line: int = 0
    unreadable: int | None = None
    unread: int = 0
    _stream: IO[bytes] | None = None
    _last: int | None = None
    _head: dict[str, Any] = field(default_factory=dict)

    def head(self) -> dict[str, Any]:
        """Return the first line.

        Raises:
            InvalidInput: The file cannot be read, or is no exported ledger.
        """
        if not self._head:
            self._rewind()
        return self._head

    def links(self, after: int | None, limit: int) -> list[Link]:
        """Return the records behind the first ones, up to a number, or the first ones.

        What is no record is told as one that holds nowhere, and ends the file.
        """
        found: list[Link] = []
        if after != self._last or self._stream is None:
            self._rewind()
            while after is not None and (row := self._next()) is not None:
                if row[0] > after:
                    found.append(row)
                    break
        while len(found) < limit and (row := self._next()) is not None:
            found.append(row)
        return found

    def close(self) -> None:
        """Let go of the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _rewind(self) -> None:
        self.close()
        try:
            self._stream = self.path.open("rb")
            first = self._stream.readline(MAX_LINE)
        except OSError as error:
            raise InvalidInput(
                f"The file {str(self.path)[:200]!r} cannot be read: {error.strerror}.", field="from"
            ) from None
        self.line, self._last = 1, None
        head = _object(first)
        if head.get("format") != FORMAT or head.get("version") != VERSION:
            raise InvalidInput(
                "The file is no ledger that was exported.",
                hint="`lampboard prevention export > FILE` makes one.",
                field="from",
            )
        self._head = head

    def _next(self) -> Link | None:
        if self._stream is None or self.line == self.unreadable:
            return None
        text = self._stream.readline(MAX_LINE)
        if not text:
            return None
        self.line += 1
        told = _object(text)
        seq, digest, body = (told.get(name) for name in ("seq", "digest", "body"))
        if not (_is_number(seq) and _is_digest(digest) and isinstance(body, str)):
            self.unreadable, self.unread = self.line, (self._last or 0) + 1
            return self.unread, b"", b""
        self._last = int(seq or 0)
        return self._last, bytes.fromhex(str(digest)), body.encode("utf-8", "surrogatepass")


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_number(value: object) -> bool:
    return type(value) is int and -_MAX_SEQ <= value <= _MAX_SEQ


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def prove_file(
    path: Path,
    clock: Clock,
    *,
    tenant_id: str | None = None,
    checkpoints: Sequence[Checkpoint] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Prove an exported ledger, without any database. This blocks.

    Args:
        path: The file.
        clock: Where time comes from.
        tenant_id: Whose ledger it must be; None for whoever's.
        checkpoints: What it must agree with.
        on_progress: Is told now and then how many of how many records were looked at.

    Raises:
        InvalidInput: The file is no exported ledger, is another tenant's, or a checkpoint is.
    """
    began, source = clock.monotonic(), File(path)
    try:
        head = source.head()
        whose = str(head.get("tenant_id"))
        if tenant_id is not None and whose != tenant_id:
            raise InvalidInput("The file is another tenant's ledger.", field="from")
        walk = _walk(source, head, anchors_of(whose, checkpoints))
        _prove(walk, source, on_progress)
    finally:
        source.close()
    return Verification(
        tenant_id=whose,
        at=clock.now(),
        ok=walk.fault is None,
        verified=walk.verified,
        total=max(walk.total, walk.verified),
        head=walk.digest.hex(),
        fault=walk.fault,
        checkpoints=len(checkpoints),
        duration_ms=round((clock.monotonic() - began) * 1000),
        breaks=walk.breaks,
    )


def _prove(walk: Walk, source: File, on_progress: Callable[[int, int], None] | None) -> None:
    last = walk.head.seq if walk.head else 0
    while walk.step():
        if on_progress is not None:
            on_progress(walk.verified, max(last, walk.verified))
    if walk.fault is not None and source.unreadable and walk.fault.seq == source.unread:
        walk.fault = LedgerFault(
            seq=source.unread,
            kind="unreadable",
            message=f"Line {source.unreadable} is no record, so nothing from record"
            f" {source.unread} on is proved.",
        )


def _walk(source: File, head: dict[str, Any], anchors: list[Anchor]) -> Walk:
    seq, digest, breaks = head.get("seq"), head.get("digest"), head.get("breaks")
    if not (_is_number(seq) and _is_digest(digest) and isinstance(breaks, list)):
        raise InvalidInput("The first line of the file is not whole.", field="from")
    told = Anchor(
        seq=int(seq or 0), digest=bytes.fromhex(str(digest)), told_by="the file's first line"
    )
    given = [_given(one) for one in breaks]
    anchors.sort(key=lambda anchor: anchor.seq)
    return Walk(source=source, head=told, anchors=anchors, given={one.seq: one for one in given})


def _given(told: object) -> Given:
    from engine.prevention.breaks import said_of

    fields: dict[str, Any] = told if isinstance(told, dict) else {}
    try:
        return Given(
            seq=int(fields["seq"]),
            until=int(fields["until"]),
            digest=bytes.fromhex(str(fields["digest"])),
            said=said_of(fields),
        )
    except (KeyError, TypeError, ValueError):
        raise InvalidInput("The first line of the file is not whole.", field="from") from None
