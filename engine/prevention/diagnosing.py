"""What happened where a ledger stops to hold: altered, removed, reordered or inserted.

Asked only once a fault is found, so it may read the whole ledger again; never more than a chunk
of it is held. Each body says its own number and the digest of the record that it followed, so a
record that nobody touched tells where it belonged.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.prevention.results import LedgerFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.prevention.walking import Source
    from storage.prevention import Link

_CHUNK = 500
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a ledger stops to hold.

    Attributes:
        seq: The number of the record that should be there; `before` is the digest before it.
        row: The record that is there.
    """

    source: Source
    seq: int
    before: bytes
    row: Link


def diagnose(
    source: Source, proved: int, digest: bytes, row: Link, last: int | None
) -> LedgerFault:
    """Return what happened at the record behind the last one that is proved, or at that one.

    Args:
        source: Where records come from.
        proved: The last number that holds.
        digest: Its digest.
        row: The record that is found behind it.
        last: The last number that the ledger says it has given; None if unknown.
    """
    place = Place(source=source, seq=proved + 1, before=digest, row=row)
    if row[0] < place.seq:
        return _fault(row[0], "inserted", "no record was written with that number there")
    if last is not None and last < place.seq:
        return _fault(row[0], "inserted", f"number {last} is the last that was written")
    if row[0] > place.seq:
        return _gap(place)
    told = told_by(row)
    return _unfit(place) if told is None else _misplaced(place, *told)


def _gap(place: Place) -> LedgerFault:
    """Nothing has the number that comes next."""
    number = place.row[0]
    moved = _follower(place)
    if moved is not None:
        return _fault(place.seq, "reordered", f"it stands at number {moved[0]} now")
    return _fault(place.seq, "removed", f"the next one that is there is number {number}")


def _unfit(place: Place) -> LedgerFault:
    """What is there does not even agree with itself."""
    moved = _follower(place)
    if moved is not None:
        why = f"what was written as such is number {moved[0]} now"
        return _fault(place.seq, "inserted", why)
    return _fault(place.seq, "altered", "its content and its digest do not agree")


def _misplaced(place: Place, seq: int, previous: bytes) -> LedgerFault:
    """What is there agrees with itself, but does not follow from what is proved."""
    moved = _follower(place)
    if moved is not None:
        if _belongs_elsewhere(place, previous):
            return _fault(place.seq, "reordered", f"it stands at number {moved[0]} now")
        why = f"what was written as such is number {moved[0]} now"
        return _fault(place.seq, "inserted", why)
    if seq > place.seq:
        return _fault(place.seq, "removed", "those behind it have moved up")
    if 1 <= seq < place.seq:
        return _moved_down(place, seq, previous)
    if seq == place.seq > 1:
        why = f"record {seq} follows from another one, so its digest was made anew"
        return _fault(seq - 1, "altered", why)
    return _fault(place.seq, "altered", "it does not follow from the one before it")


def _moved_down(place: Place, seq: int, previous: bytes) -> LedgerFault:
    """What is there had a lower number: something was put before it, unless it is a copy."""
    if _digest_of(place, seq) == place.row[1]:
        return _fault(place.seq, "inserted", f"it is a copy of record {seq}")
    if _digest_of(place, seq - 1) == previous:
        return _fault(seq, "inserted", f"what was written as such is number {place.seq} now")
    return _fault(place.seq, "altered", "it does not follow from the one before it")


def _follower(place: Place) -> Link | None:
    """Return the record that follows from what is proved, wherever it stands."""
    for row in _rows(place):
        if sha256(place.before + row[2]).digest() == row[1]:
            return row
    return None


def _belongs_elsewhere(place: Place, previous: bytes) -> bool:
    """Tell whether a record was written here, at another place: what it followed is there.

    One that is there twice was copied.
    """
    followed, times = False, 0
    for row in _rows(place):
        followed = followed or row[1] == previous
        times += row[1] == place.row[1]
    return followed and times == 1


def _digest_of(place: Place, seq: int) -> bytes | None:
    if not seq:
        return bytes(32)
    found = place.source.links(seq - 1 or None, 1)
    return found[0][1] if found and found[0][0] == seq else None


def _rows(place: Place) -> Iterator[Link]:
    """Yield all records behind the last one that is proved."""
    after = place.seq - 1
    while chunk := place.source.links(after or None, _CHUNK):
        yield from chunk
        if chunk[-1][0] <= after:
            return  # numbers of other kinds, which no order holds for
        after = chunk[-1][0]


def told_by(row: Link) -> tuple[int, bytes] | None:
    """Return the number and the previous digest that a record says of itself.

    None for one whose digest is not the one over them: somebody changed it.
    """
    try:
        told = json.loads(row[2])
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    seq, previous = told.get("seq"), told.get("previous")
    if type(seq) is not int or not isinstance(previous, str) or not _DIGEST.fullmatch(previous):
        return None
    before = bytes.fromhex(previous)
    return (seq, before) if sha256(before + row[2]).digest() == row[1] else None


def _fault(seq: int, kind: str, why: str) -> LedgerFault:
    return LedgerFault(seq=seq, kind=kind, message=f"Record {seq} was {kind}: {why}.")
