"""The kinds of nodes that a template's tree may have, and where each bare word of it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.gateway.judging.findings import Finding, at, named
from engine.gateway.judging.keywords import KEYWORDS, NAMING
from engine.gateway.judging.lexemes import NUMBER, STRING, WORD, words
from engine.gateway.judging.shape import no_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot import exp

    from engine.gateway.judging.lexemes import Lexeme

_ROOTS: Final = words("Select Union Except Intersect Values Subquery Pivot")

_QUERIES: Final = words(
    """
    Select Union Except Intersect Subquery Values CTE With From Where Join Lateral Group Having
    Order Ordered Limit Offset Fetch LimitOptions Qualify Distinct Window WindowSpec Table
    TableAlias TableSample TableFromRows Pivot PivotAlias PivotAny Cube Rollup GroupingSets
    RecursiveWithSearch WithTableHint IndexTableHint Tuple Paren Star Version
    """
)

_VALUES: Final = words(
    """
    Alias Aliases Boolean Column Columns Dot HexString BitString ByteString RawString UnicodeString
    National Introducer Heredoc Identifier Literal Null Placeholder Var Interval IntervalSpan
    IntervalOp DataType DataTypeParam PseudoType ObjectIdentifier ColumnDef Bracket Slice Kwarg
    PropertyEQ JSONKeyValue JSONColumnDef JSONSchema JSONPath JSONPathKey JSONPathRoot
    JSONPathFilter JSONPathScript JSONPathSelector JSONPathSlice JSONPathSubscript JSONPathUnion
    JSONPathWildcard JSONPathRecursive JSONTable FormatJson OpenJSONColumnDef Comprehension Lambda
    Struct PositionalColumn TableColumn Unicode AtTimeZone FromTimeZone Collate
    CharacterSet CharacterSetProperty Escape Filter WithinGroup IgnoreNulls RespectNulls HavingMax
    OnCondition JSONExtractQuote XMLNamespace XMLTable ParameterizedAgg
    Case If Schema JSON JSONValue Partition UnpivotColumns XMLKeyValueOption Variadic
    OverflowTruncateBehavior TranslateCharacters DistanceNd Pseudocolumn SkipJSONColumn
    ColumnConstraint NotNullColumnConstraint DefaultColumnConstraint PathColumnConstraint
    """
)

_OPERATORS: Final = words(
    """
    Add Sub Mul Div IntDiv Mod Pow Neg DPipe Not And Or Xor EQ NEQ NullSafeEQ NullSafeNEQ
    GT GTE LT LTE Is In Between Like ILike     SimilarTo Glob
    RegexpLike RegexpILike RegexpFullMatch Match MatchAgainst Exists All Any Distance Overlaps
    BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift ArrayContainsAll
    ArrayContainedBy ArrayOverlaps JSONArrayContains JSONBContains JSONBContainsTopKey
    JSONBContainsAllTopKeys JSONBContainsAnyTopKeys JSONBDeleteAtPath JSONBExtract
    JSONBExtractScalar JSONBPathExists JSONExtract JSONExtractScalar ExtendsLeft
    ExtendsRight Adjacent Collation PropertyEQ Sqrt Cbrt Factorial CollateProperty
    """
)

_NODES: Final = _QUERIES | _VALUES | _OPERATORS

# These calls need no allowed name before a bracket, or do more than their name says.
_NO_CALLS: Final = words(
    """
    NextValueFor ReadCSV ReadParquet ToFile Secret DynamicIdentifier NetFunc SafeFunc ConnectByRoot
    Predict VectorSearch GenerateTable GenerateText GenerateEmbedding AIAgg AIClassify AIEmbed
    AIForecast AIGenerate AISimilarity AISummarizeAgg MLForecast MLTranslate
    """
)

_WHY: Final = {
    "Into": ("writes", "INTO writes the result somewhere, and a template only reads."),
    "Lock": ("locks_rows", "A template may not lock the rows that it reads."),
    "Insert": ("writes", "INSERT writes, and a template only reads."),
    "Update": ("writes", "UPDATE writes, and a template only reads."),
    "Delete": ("writes", "DELETE writes, and a template only reads."),
    "Merge": ("writes", "MERGE writes, and a template only reads."),
    "Command": ("not_a_query", "This is a command, and a template is a query."),
    "Parameter": ("variable", "Variables of the session may not be in a template."),
    "SessionParameter": ("variable", "Variables of the session may not be in a template."),
    "NextValueFor": ("writes", "Drawing a number from a sequence changes it."),
}


def judge_nodes(tree: exp.Expr, pieces: Sequence[Lexeme]) -> Iterator[Finding]:
    """Yield what the tree has that no reading statement needs."""
    from sqlglot import exp as nodes

    root = type(tree).__name__
    if root not in _ROOTS:
        yield _unwanted(root, tree, pieces)
        return
    for node in tree.walk():
        kind = type(node).__name__
        call = isinstance(node, nodes.Func) and kind not in _NO_CALLS
        if kind not in _NODES and not call:
            yield _unwanted(kind, node, pieces)
        elif kind == "CTE" and type(node.this).__name__ not in _ROOTS:
            yield _no_query(node.this, pieces)
        elif kind == "Select" and not (node.expressions or isinstance(node.parent, nodes.Exists)):
            yield no_columns(next((one for one in pieces if one.word == "select"), pieces[0]))


def _no_query(node: Any, pieces: Sequence[Lexeme]) -> Finding:
    """Return the refusal of a part of WITH that the parser takes for an expression."""
    start = place_of(node)
    piece = next((one for one in pieces if one.start == start), pieces[0])
    return at(piece, "not_a_query", f"{named(piece.text)} does not begin a query.")


def place_of(node: Any) -> int | None:
    """Return where a node begins: the first place that any part of it knows."""
    starts = [
        part.meta["start"]
        for part in node.walk()
        if part._meta and "start" in part._meta  # noqa: SLF001 - `meta` makes a dict for each node
    ]
    return min(starts, default=None)


def _unwanted(kind: str, node: Any, pieces: Sequence[Lexeme]) -> Finding:
    code, message = _WHY.get(
        kind, ("not_allowed", f"This construct ({kind}) is not allowed in a template.")
    )
    keyword = kind.lower()
    for piece in pieces:
        if piece.word == keyword:
            return at(piece, code, message)
    start = place_of(node)
    for piece in pieces:
        if start is not None and piece.start == start:
            return at(piece, code, message)
    return at(pieces[0], code, message)


def judge_words(pieces: Sequence[Lexeme], names: frozenset[int]) -> Iterator[Finding]:
    """Yield each bare word that is neither a name, nor a call, nor a known keyword.

    Args:
        pieces: Of one statement.
        names: Where the parser found names.
    """
    for index, piece in enumerate(pieces):
        if piece.kind != WORD or piece.start in names or piece.word in KEYWORDS:
            continue
        before = pieces[index - 1] if index else None
        if _named_before(before, pieces[index - 2] if index > 1 else None):
            continue
        if _named_after(piece, before, pieces[index + 1 : index + 3]):
            continue
        yield at(
            piece,
            "word_not_allowed",
            f"{named(piece.text)} has no known meaning in a reading statement.",
            "Quote it if it is a name.",
        )


def _named_before(before: Lexeme | None, first: Lexeme | None) -> bool:
    """Tell whether what stands before makes the next word a name, a type or a unit."""
    if before is None:
        return False
    if before.text in {".", "::"} or before.word in NAMING:
        return True
    charset = before.word == "set" and first is not None and first.word == "character"
    extract = before.text == "(" and first is not None and first.word == "extract"
    return charset or extract


def _named_after(piece: Lexeme, before: Lexeme | None, after: Sequence[Lexeme]) -> bool:
    """Tell whether what follows makes a word a name: a call, a full stop, a comma."""
    if not after:
        return False
    following = after[0]
    if following.text == "(":
        # Every word before a bracket is judged as a call.
        return True
    if following.kind in {STRING, NUMBER}:
        return piece.text[0] == "_"
    argument = before is not None and before.text in {"(", ","} and following.text in {",", ")"}
    named_argument = following.text == ":=" or [one.text for one in after] == ["=", ">"]
    return argument or named_argument or following.text in {".", ":"}


def names_of(tree: exp.Expr) -> tuple[frozenset[int], frozenset[int]]:
    """Return where the parser found names, and where such that may have a list of columns."""
    from sqlglot import exp as nodes

    names: set[int] = set()
    listing: set[int] = set()
    for node in tree.find_all(nodes.Identifier):
        start = node.meta.get("start")
        if start is not None:
            names.add(start)
            if isinstance(node.parent, nodes.TableAlias) and node.arg_key == "this":
                listing.add(start)
    return frozenset(names), frozenset(listing)
