"""Judges SQL before it may become a template: everything that is not known to be fine is refused.

First the text is read as the server reads it, then its shape and each call are judged from that
reading, then a parser makes a tree of it, whose nodes, names and tables are judged, and every word
must be accounted for. What two of these see differently is refused too.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from engine.gateway.judging.calls import judge_calls
from engine.gateway.judging.findings import Finding, of_unreadable, refusals
from engine.gateway.judging.lexemes import PLACEHOLDER, Unreadable
from engine.gateway.judging.parameter_use import judge_parameter_use
from engine.gateway.judging.placeholders import placeholder_of, read
from engine.gateway.judging.shape import (
    empty_lists,
    misplaced_placeholders,
    mixed_placeholders,
    nested_statements,
    one_statement,
    outline,
    writing,
)
from engine.gateway.judging.sizes import judge_recursion, judge_sizes
from engine.gateway.judging.tables import Read, judge_secret_names, judge_tables, reads
from engine.gateway.results import DIALECTS, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlglot import exp

    from engine.gateway.judging.lexemes import Lexeme
    from engine.gateway.model import ParameterSpec

MAX_REFUSALS: Final = 20


def judge(
    sql: str,
    dialect: str,
    parameters: Sequence[ParameterSpec] | None,
    *,
    tables: Collection[str] = (),
) -> Verdict:
    """Say whether a statement may become a template, and where it may not, why and where.

    Nothing is run, and no database is asked. It takes a bounded time and never raises.

    Args:
        sql: The statement, with `:name` placeholders, or `$1` to `$n`.
        dialect: One of `results.DIALECTS`; SQL of another is refused.
        parameters: The declarations; None leaves them out of account.
        tables: The only tables that may be read, as the SQL must write them; empty means any but
            the server's own.
    """
    if dialect not in DIALECTS:
        finding = Finding(
            "dialect_without_rules",
            "There are no rules for this dialect of SQL, so nothing of it is accepted.",
            f"The dialects are {', '.join(DIALECTS)}.",
        )
        return Verdict(accepted=False, refusals=refusals(sql, [finding]))
    try:
        pieces = one_statement(read(sql, dialect))
    except Unreadable as error:
        return Verdict(accepted=False, refusals=refusals(sql, [of_unreadable(error)]))
    found: list[Read] = []
    findings = list(islice(_findings(sql, pieces, dialect, tables, found), MAX_REFUSALS))
    if parameters is not None:
        findings += islice(judge_parameter_use(pieces, parameters), MAX_REFUSALS)
    return Verdict(
        accepted=not findings,
        refusals=refusals(sql, findings),
        placeholders=_placeholders(pieces),
        tables=tuple(dict.fromkeys(one.text for one in found)),
    )


def _placeholders(pieces: Sequence[Lexeme]) -> tuple[str, ...]:
    names = (placeholder_of(piece).name for piece in pieces if piece.kind == PLACEHOLDER)
    return tuple(dict.fromkeys(names))


def _findings(
    sql: str,
    pieces: Sequence[Lexeme],
    dialect: str,
    tables: Collection[str],
    found: list[Read],
) -> Iterator[Finding]:
    """Yield all that is wrong; `found` is filled with what the statement reads."""
    from engine.gateway.judging.parsing import Refused, parse

    outer = list(outline(pieces, dialect))
    if outer:
        yield from outer
        return
    rules = (mixed_placeholders, nested_statements, writing, judge_secret_names, judge_sizes)
    inner = [finding for rule in rules for finding in rule(pieces)]
    inner += empty_lists(pieces, dialect)
    yield from inner
    known = {finding.code for finding in inner}
    try:
        tree = parse(sql, pieces, dialect)
    except Refused as refused:
        yield refused.finding
        yield from judge_calls(pieces, dialect, None)
        return
    yield from _judge_tree(tree, pieces, dialect, known)
    for one in reads(sql, tree, pieces, dialect):
        if isinstance(one, Read):
            found.append(one)
        else:
            yield one
    found.sort(key=lambda one: one.start)
    yield from judge_tables(found, dialect, tables)


def _judge_tree(
    tree: exp.Expr, pieces: Sequence[Lexeme], dialect: str, known: Collection[str]
) -> Iterator[Finding]:
    """Yield what the tree tells; of the codes in `known` the text has told already, and where."""
    from engine.gateway.judging.nodes import judge_nodes, judge_words, names_of

    names, listing = names_of(tree)
    yield from (finding for finding in judge_nodes(tree, pieces) if finding.code not in known)
    yield from judge_calls(pieces, dialect, listing)
    if "locks_rows" not in known:  # Its words would be told a second time.
        yield from judge_words(pieces, names)
    yield from misplaced_placeholders(pieces, names)
    yield from judge_recursion(tree, pieces)
