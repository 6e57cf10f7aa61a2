"""Values to PostgreSQL and rows from it, by psycopg's own conversions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.gateway.model import ResultColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.abc import Buffer
    from psycopg.pq.abc import PGresult

    Kind = tuple[int, int]
    Bound = tuple[list[Buffer | None] | None, tuple[int, ...] | None, Sequence[Any] | None]


class Decoder:
    """Converts for one connection; it remembers what types are called."""

    def __init__(self) -> None:
        self._names: dict[Kind, str] = {}
        self._columns: list[tuple[str, Kind]] = []
        self._transformer: Any = None

    @property
    def columns(self) -> tuple[ResultColumn, ...]:
        """The columns of the last result, as far as their types have names."""
        return tuple(
            ResultColumn(name=name, type=self._names.get(kind) or _usual(kind))
            for name, kind in self._columns
        )

    @property
    def unnamed(self) -> tuple[Kind, ...]:
        """Types of the last result whose names are not known: their numbers and modifiers."""
        return tuple({kind for _, kind in self._columns if kind not in self._names})

    def name(self, kinds: Sequence[Kind], answer: PGresult) -> None:
        """Take note of names, as the answer to `naming` has them."""
        for at, kind in enumerate(kinds):
            self._names[kind] = _text(answer.get_value(0, at))

    def bound(self, values: Sequence[Any]) -> Bound:
        """Return values as the protocol has them: bytes, types and formats.

        Texts go without a type, so that PostgreSQL gives them the one of their place.
        """
        from psycopg.adapt import PyFormat, Transformer

        if not values:
            return None, None, None
        transformer = Transformer()
        given = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
        return list(given), transformer.types, transformer.formats

    def begin(self, result: PGresult) -> None:
        """Take note of a result's columns, as any part of it has them."""
        from psycopg.adapt import Transformer

        self._transformer = Transformer()
        self._transformer.set_pgresult(result)
        self._columns = [
            (_text(result.fname(at)), (result.ftype(at), result.fmod(at)))
            for at in range(result.nfields)
        ]

    def rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        """Return a part's rows; a value that Python cannot hold, such as infinity, is its text."""
        from psycopg import DataError

        self._transformer.set_pgresult(result, set_loaders=False)
        try:
            found: list[tuple[Any, ...]] = self._transformer.load_rows(0, result.ntuples, tuple)
        except DataError:
            return [self._careful(result, at) for at in range(result.ntuples)]
        return found

    def _careful(self, result: PGresult, at: int) -> tuple[Any, ...]:
        return tuple(self._value(result, at, column) for column in range(result.nfields))

    def _value(self, result: PGresult, at: int, column: int) -> Any:
        from psycopg import DataError

        raw = result.get_value(at, column)
        if raw is None:
            return None
        try:
            return self._transformer.get_loader(result.ftype(column), 0).load(raw)
        except DataError:
            return _text(raw)


def naming(kinds: Sequence[Kind]) -> bytes:
    """Return a statement that asks what types are called, one column for each."""
    asked = ", ".join(f"format_type({oid}, {modifier})" for oid, modifier in kinds)
    return f"SELECT {asked}".encode()


def _usual(kind: Kind) -> str:
    from psycopg import adapters

    known = adapters.types.get(kind[0])
    return known.regtype if known is not None else "unknown"


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace")
