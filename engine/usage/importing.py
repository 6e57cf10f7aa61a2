"""Importing a log: read in batches, each counted in one transaction with how far it was read.

Whatever ends an import, what was counted is there once, and another run goes on after it or
reads all again: both come to the same.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from engine.jsonable import JsonRecord
from engine.usage.placing import Placing, Wishes
from engine.usage.preparing import get_ready
from engine.usage.records import BATCH, Recorded, Refusal

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.usage.readers.base import Found
    from engine.usage.records import UsageRecord

KEPT_REFUSALS = 10_000
"""Refusals that a report holds in full; the others are counted."""


class Source(Protocol):
    """What an import reads: a file, standard input, a database's table."""

    @property
    def name(self) -> str:
        """What it is called among the feeds; empty where it cannot be read again."""
        ...

    @property
    def origin(self) -> str:
        """Where its records come from."""
        ...

    @property
    def format(self) -> str:
        """What it is, for people; empty where there is nothing to read."""
        ...

    @property
    def cursor(self) -> Mapping[str, object]:
        """Where `read` goes on from: behind the last entry that was yielded in full."""
        ...

    @property
    def progress(self) -> tuple[int, int]:
        """How much of it was read, of how much; 0 where that is not known."""
        ...

    @property
    def naive(self) -> int:
        """How many times named no zone and were taken as UTC."""
        ...

    @property
    def keeps_cursor(self) -> bool:
        """Whether it is read on after its end next time, and not from its beginning."""
        ...

    def read(self, cursor: Mapping[str, object]) -> Iterator[tuple[int, Found]]:
        """Yield what it says, from its beginning where the cursor is empty or no longer fits."""
        ...


class Stopped(Exception):  # noqa: N818 - what happened
    """Whoever started the import wants it to end; raised by a source that waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport(JsonRecord):
    """What became of a log.

    Attributes:
        format: What it was taken for.
        origin: Where its records come from.
        new: Records counted now.
        duplicate: Those that were counted before.
        refused: Those that cannot be counted.
        skipped: Entries that are no calls of a model.
        unpriced: Calls of the new ones for which no price is known.
        naive_times: Times that named no zone and were taken as UTC.
        went_on_at: The line after which an earlier, interrupted run was continued; 0 for none.
        complete: Whether it was read to its end.
        dry_run: Whether all was undone.
        refusals: Where and why, the first KEPT_REFUSALS of them.
    """

    format: str = ""
    origin: str = ""
    new: int = 0
    duplicate: int = 0
    refused: int = 0
    skipped: int = 0
    unpriced: int = 0
    naive_times: int = 0
    went_on_at: int = 0
    complete: bool = False
    dry_run: bool = False
    refusals: tuple[Refusal, ...] = ()

    @property
    def read(self) -> int:
        """How many entries were read."""
        return self.new + self.duplicate + self.refused + self.skipped


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """How to import.

    Attributes:
        tenant_id: Whose usage it is.
        wishes: Which integration records mean that name none.
        origin: Where records come from, when it is not the format.
        dry_run: Undo everything.
        again: Read from the beginning, also where an earlier run was interrupted.
        stop: Ends the import after the batch at hand when it is set.
        on_progress: Told the report so far, and how much was read of how much.
    """

    tenant_id: str
    wishes: Wishes = field(default_factory=Wishes)
    origin: str | None = None
    dry_run: bool = False
    again: bool = False
    stop: threading.Event | None = None
    on_progress: Callable[[ImportReport, int, int], None] | None = None


async def import_log(hop: Hop, source: Source, wanted: Wanted) -> ImportReport:
    """Read a log and count what it tells, each call once; return what became of it.

    Raises:
        ReadOnlyRefused: The run is read-only.
        NotFound: An integration that was named is not there.
        InvalidInput: The log cannot be read at all.
        ImportBroken: The database failed, or the log could not be read on; it holds the report.
    """
    hop.require_writable()
    return await _Import(hop, source, wanted).run()


class ImportBroken(Exception):  # noqa: N818 - what happened
    """An import ended early by an error; `report` tells what was kept."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__("the import ended early")
        self.report = report


@dataclass(kw_only=True, slots=True)
class _Batch:
    """What is counted in one transaction."""

    records: list[UsageRecord] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    skipped: int = 0
    cursor: Mapping[str, object] = field(default_factory=dict)
    last: bool = False

    def take(self, line: int, found: Found) -> None:
        """Sort in what an entry says."""
        if found is None:
            self.skipped += 1
        elif isinstance(found, Refusal):
            self.refusals.append(found)
        else:
            self.records.append(found)
            self.lines.append(line)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was read: then there is nothing to note either."""
        return not (self.records or self.refusals or self.skipped or self.last)

    @property
    def is_full(self) -> bool:
        """Whether it is time to count it: others who write wait as long as that takes."""
        return len(self.records) >= BATCH or self.skipped + len(self.refusals) >= 5 * BATCH


class _Undo(Exception):  # noqa: N818 - what is wanted
    """Rolls a dry run back; it carries what would have become of the batch."""

    def __init__(self, done: Recorded) -> None:
        super().__init__("a dry run")
        self.done = done


class _Import:
    """One run over one source."""

    def __init__(self, hop: Hop, source: Source, wanted: Wanted) -> None:
        from engine.usage.recording import Recorder

        self._hop, self._source, self._wanted = hop, source, wanted
        self._origin = wanted.origin or source.origin
        self._placing = Placing(wanted.tenant_id, wanted.wishes)
        self._recorder = Recorder(wanted.tenant_id, origin=self._origin, clock=hop.clock)
        self._report = ImportReport(
            format=source.format, origin=self._origin, dry_run=wanted.dry_run
        )

    async def run(self) -> ImportReport:
        """Read to the end, or until it shall stop."""
        await get_ready()
        cursor = await self._hop.read(self._begin)
        line = cursor.get("line")
        self._report = replace(self._report, went_on_at=line if isinstance(line, int) else 0)
        entries = self._source.read(cursor)
        try:
            await self._run(entries)
        except Exception as error:
            if not self._report.read:
                raise
            raise ImportBroken(self._report) from error
        return self._report

    async def _run(self, entries: Iterator[tuple[int, Found]]) -> None:
        while not self._report.complete:
            batch = await asyncio.to_thread(self._gather, entries)
            done = await self._count(batch)
            self._note(batch, done)
            if self._stopping:
                return

    @property
    def _stopping(self) -> bool:
        return self._wanted.stop is not None and self._wanted.stop.is_set()

    def _begin(self, connection: Connection) -> Mapping[str, object]:
        """Check what was named, and return where an earlier run ended."""
        from storage.usage.driver import UsageDriver

        self._placing.check(connection)
        if self._wanted.again or not self._source.name:
            return {}
        row = UsageDriver(connection).get_feed(self._wanted.tenant_id, self._source.name)
        return {} if row is None else row.cursor

    def _gather(self, entries: Iterator[tuple[int, Found]]) -> _Batch:
        """Read until a batch is full, or there is no more."""
        batch = _Batch()
        try:
            for line, found in entries:
                batch.take(line, found)
                if batch.is_full:
                    break
            else:
                batch.last = True
        except Stopped:
            pass
        batch.cursor = self._source.cursor
        return batch

    async def _count(self, batch: _Batch) -> Recorded:
        if not batch.records and (batch.is_empty or not self._source.name):
            return Recorded()
        try:
            return await self._hop.write(lambda connection: self._write(connection, batch))
        except _Undo as undone:
            self._recorder.forget()
            return undone.done

    def _write(self, connection: Connection, batch: _Batch) -> Recorded:
        records, lines = self._placed(connection, batch)
        done = self._recorder.record(connection, records, lines=lines)
        self._keep_cursor(connection, batch)
        if self._wanted.dry_run:
            raise _Undo(done)
        return done

    def _placed(self, connection: Connection, batch: _Batch) -> tuple[list[UsageRecord], list[int]]:
        records, lines = [], []
        for line, record in zip(batch.lines, batch.records, strict=True):
            found = self._placing.place(connection, line, record)
            if isinstance(found, Refusal):
                batch.refusals.append(found)
            else:
                records.append(found)
                lines.append(line)
        return records, lines

    def _keep_cursor(self, connection: Connection, batch: _Batch) -> None:
        """Note how far was read; at the end forget it, so that another run reads all again."""
        from storage.usage.driver import UsageDriver
        from storage.usage.rows import FeedRow

        if not self._source.name:
            return
        driver = UsageDriver(connection)
        if batch.last and not self._source.keeps_cursor:
            driver.drop_feed(self._wanted.tenant_id, self._source.name)
            return
        driver.put_feed(
            FeedRow(
                tenant_id=self._wanted.tenant_id,
                name=self._source.name,
                origin=self._origin,
                cursor=batch.cursor,
                read_at=self._hop.clock.now(),
            )
        )

    def _note(self, batch: _Batch, done: Recorded) -> None:
        report = self._report
        refusals = sorted((*batch.refusals, *done.refusals), key=lambda one: one.line)
        self._report = replace(
            report,
            new=report.new + done.new,
            duplicate=report.duplicate + done.duplicate,
            refused=report.refused + len(refusals),
            skipped=report.skipped + batch.skipped,
            unpriced=report.unpriced + done.unpriced,
            naive_times=self._source.naive,
            complete=batch.last,
            refusals=(*report.refusals, *refusals)[:KEPT_REFUSALS],
        )
        if self._wanted.on_progress is not None:
            self._wanted.on_progress(self._report, *self._source.progress)
