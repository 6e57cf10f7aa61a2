"""Judges every relation that is read: by its name, and where given by the list of allowed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from engine.gateway.judging.calls import unquoted
from engine.gateway.judging.findings import Finding, named
from engine.gateway.judging.functions import TABLE_FUNCTIONS
from engine.gateway.judging.lexemes import QUOTED, WORD
from engine.gateway.judging.relations import SECRET, file, secret, system

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlglot import exp

    from engine.gateway.judging.lexemes import Lexeme

_NO_FILES: Final = "A template reads tables of its database, and nothing else."


class Read(NamedTuple):
    """A relation that the statement reads.

    Attributes:
        parts: Its name, and before it what it is in; as the server compares them.
        text: As written.
        start: Where, in characters from 0.
        length: How many characters.
    """

    parts: tuple[str, ...]
    text: str
    start: int
    length: int


def reads(
    sql: str, tree: exp.Expr, pieces: Sequence[Lexeme], dialect: str
) -> Iterator[Read | Finding]:
    """Yield each relation that is read, parts of WITH left out, or why it is none."""
    from sqlglot import exp as nodes

    at = {piece.start: piece for piece in pieces}
    withs = _Withs(tree, at, dialect)
    for table in tree.find_all(nodes.Table):
        one = _read(sql, table, at, dialect)
        if isinstance(one, Finding) or (
            one is not None and not (len(one.parts) == 1 and withs.names(table, one.parts[0]))
        ):
            yield one


def _read(sql: str, table: Any, at: Mapping[int, Lexeme], dialect: str) -> Read | Finding | None:
    from sqlglot import exp as nodes

    if isinstance(table.this, nodes.Func) or table.args.get("rows_from"):
        return _table_function(table, at, dialect)
    if isinstance(table.this, (nodes.Query, nodes.UDTF)):
        return None
    parts = [part for part in table.parts if isinstance(part, nodes.Identifier)]
    pieces = [at.get(part.meta.get("start", -1)) for part in parts]
    written = [piece for piece in pieces if piece is not None]
    if not written or len(written) != len(table.parts) or any(_no_name(one) for one in written):
        return Finding(
            "not_a_table",
            "Only a table's own name may stand here.",
            _NO_FILES,
            written[0].start if written else _place(table),
            len(written[0].text) if written else 1,
        )
    if _alone_in_brackets(table):
        return Finding(
            "not_a_query",
            f"{named(written[0].text)} does not begin a query.",
            "Write the name of a table without brackets.",
            written[0].start,
            len(written[0].text),
        )
    start, end = written[0].start, written[-1].end
    names = tuple(_folded(piece, dialect) for piece in written)
    return Read(names, sql[start:end], start, end - start)


def _alone_in_brackets(table: Any) -> bool:
    """Tell whether this is `(name name)` or `(name)`, which may be a statement: `(SHOW t)`."""
    from sqlglot import exp as nodes

    inside = isinstance(table.parent, (nodes.Subquery, nodes.Paren))
    return inside and not table.args.get("joins")


def _no_name(piece: Lexeme) -> bool:
    return piece.kind not in {WORD, QUOTED}


def _place(table: Any) -> int | None:
    from engine.gateway.judging.nodes import place_of

    return place_of(table)


def _table_function(table: Any, at: Mapping[int, Lexeme], dialect: str) -> Finding | None:
    """Refuse functions that stand where a table stands and read something else."""
    known = TABLE_FUNCTIONS.get(dialect)
    if known is None:
        return None
    piece = at.get(_place(table.this) or 0)
    if piece is not None and unquoted(piece).lower() in known:
        return None
    return Finding(
        "function_not_allowed",
        f"The function {named(piece.text) if piece else ''} may not stand in the place of a table.",
        _NO_FILES,
        piece.start if piece else None,
        len(piece.text) if piece else 1,
    )


def _folded(piece: Lexeme, dialect: str) -> str:
    """Return a name as the server compares it."""
    if piece.kind == QUOTED:
        name = unquoted(piece)
        return name if dialect in {"postgres", "mysql", "generic"} else name.lower()
    return piece.text if dialect == "mysql" else piece.text.lower()


class _Withs:
    """The names that the parts of each WITH have, to look them up from a table inside."""

    def __init__(self, tree: exp.Expr, at: Mapping[int, Lexeme], dialect: str) -> None:
        from sqlglot import exp as nodes

        self._first: dict[int, dict[str, int]] = {}
        self._place: dict[int, int] = {}
        for clause in tree.find_all(nodes.With):
            first = self._first.setdefault(id(clause), {})
            for place, part in enumerate(clause.expressions):
                self._place[id(part)] = place
                name = _part_name(part, at, dialect)
                if name is not None:
                    first.setdefault(name, place)

    def names(self, table: Any, name: str) -> bool:
        """Tell whether a name is that of a part of a WITH which is in sight of a table.

        A part sees those before it, and itself where the WITH is recursive; what is not surely in
        sight counts as a table.
        """
        inside, node = table, table.parent
        while node is not None:
            clause = node.args.get("with_")
            if clause is not None and clause is not inside:
                if name in self._first[id(clause)]:
                    return True
            elif id(node) in self._first and self._before(node, inside, name):
                return True
            inside, node = node, node.parent
        return False

    def _before(self, clause: Any, part: Any, name: str) -> bool:
        first = self._first[id(clause)].get(name)
        if first is None:
            return False
        place = self._place[id(part)]
        return first < place or (first == place and bool(clause.args.get("recursive")))


def _part_name(part: Any, at: Mapping[int, Lexeme], dialect: str) -> str | None:
    alias = part.args.get("alias")
    identifier = alias.this if alias is not None else None
    start = identifier.meta.get("start", -1) if identifier is not None else -1
    piece = at.get(start)
    return None if piece is None else _folded(piece, dialect)


def judge_tables(found: Sequence[Read], dialect: str, tables: Collection[str]) -> Iterator[Finding]:
    """Yield each relation that may not be read.

    Args:
        found: What the statement reads.
        dialect: One of `results.DIALECTS`.
        tables: The only ones that may be, as templates must write them; empty means any but the
            server's own.
    """
    listed = {_listed(name, dialect) for name in tables}
    for one in found:
        refused = _refused(one, dialect, listed)
        if refused is not None:
            code, message, hint = refused
            yield Finding(code, message, hint, one.start, one.length)


def _refused(
    one: Read, dialect: str, listed: Collection[tuple[str, ...]]
) -> tuple[str, str, str] | None:
    shown = named(one.text)
    if secret(one.parts, dialect):
        return "table_not_allowed", f"{shown} holds secrets of the server.", _NO_FILES
    if file(one.parts, dialect):
        return "table_not_allowed", f"{shown} may be read as the name of a file.", _NO_FILES
    if one.parts in listed:
        return None
    if system(one.parts, dialect):
        hint = "Only a gateway whose list of tables names it may read it."
        return "table_not_allowed", f"{shown} is one of the server's own tables.", hint
    if listed:
        hint = "Read one of the tables on the list, written as it is there."
        return "table_not_allowed", f"{shown} is not on this gateway's list of tables.", hint
    return None


def _listed(name: str, dialect: str) -> tuple[str, ...]:
    """Return the parts of a name on the list; quotes are as in SQL, bare parts are folded."""
    from engine.gateway.judging.lexemes import Unreadable
    from engine.gateway.judging.lexing import lex

    try:
        pieces = tuple(lex(name.strip(), dialect))
    except Unreadable:
        return (name,)
    names = [piece for piece in pieces if piece.kind in {WORD, QUOTED}]
    if len(names) * 2 - 1 != len(pieces):
        return (name,)
    return tuple(_folded(piece, dialect) for piece in names)


def judge_secret_names(pieces: Sequence[Lexeme]) -> Iterator[Finding]:
    """Yield names of relations with secrets wherever they stand, without asking the tree."""
    for piece in pieces:
        if piece.kind in {WORD, QUOTED} and unquoted(piece).lower() in SECRET:
            message = f"{named(piece.text)} holds secrets of the server."
            yield Finding("table_not_allowed", message, _NO_FILES, piece.start, len(piece.text))
