"""PyMySQL's connection with prepared statements, which PyMySQL itself only imitates.

It escapes values and writes them into the text. Here they go apart from it, as the server's
binary protocol has them, and a statement that is prepared is one statement.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.connectors.sql import watched
from engine.gateway.executing.mysql_binary import Column, bound, row_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PREPARE, _EXECUTE, _CLOSE, _RESET = 0x16, 0x17, 0x19, 0x1F


class Prepared(NamedTuple):
    """A statement that the server has parsed: its number, and how many values and columns."""

    number: int
    columns: int
    values: int


class _Preparing:
    """What a connection of PyMySQL's is given beside its own.

    Attributes:
        brought: Bytes of all rows so far.
    """

    _execute_command: Callable[[int, bytes], None]
    _read_packet: Callable[..., Any]
    _by_row: bool
    _taken: int
    _read_timeout: float
    _write_timeout: float
    brought = 0

    def wait(self, seconds: float) -> None:
        """Wait so long at most for each part of an answer."""
        self._read_timeout = self._write_timeout = seconds

    def prepare(self, text: str) -> Prepared:
        """Have one statement parsed."""
        self._by_row = False
        self._taken = 0
        self._execute_command(_PREPARE, text.encode())
        raw = self._read_packet().get_all_data()
        number, columns, values = struct.unpack_from("<IHH", raw, 1)
        # Each list of descriptions ends with a packet of its own; only results need them.
        for count in (values, columns):
            for _ in range(count + 1 if count else 0):
                self._read_packet()
        return Prepared(number, columns, values)

    def execute(self, statement: Prepared, values: Sequence[Any]) -> list[Column]:
        """Execute a statement and return its columns; then read `rows`."""
        from pymysql.protocol import FieldDescriptorPacket

        head = struct.pack("<IBI", statement.number, 0, 1)
        self._execute_command(_EXECUTE, head + bound(values))
        count = self._read_packet().read_length_encoded_integer()
        columns = []
        for _ in range(count or 0):
            told = self._read_packet(FieldDescriptorPacket)
            columns.append(Column(told.name, told.type_code, told.flags, told.charsetnr))
        self._read_packet()
        return columns

    def rows(self, columns: Sequence[Column]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows; where some are left, the connection is to be dropped."""
        read = row_reader(columns)
        self._by_row = True
        while True:
            packet = self._read_packet()
            if packet.is_eof_packet():
                return
            raw = packet.get_all_data()
            self.brought += len(raw)
            yield read(raw)

    def reset(self, statement: Prepared | None) -> None:
        """Forget a statement, and everything else that the session has."""
        self._by_row = False
        self._taken = 0
        if statement is not None:
            self._execute_command(_CLOSE, struct.pack("<I", statement.number))
        self._execute_command(_RESET, b"")
        self._read_packet()


@cache
def line_class() -> type[Any]:
    """Return the class of connections for templates; PyMySQL is loaded by it."""
    base: Any = watched.mysql()
    return type("Line", (_Preparing, base), {})
