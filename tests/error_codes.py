"""The error codes that the code of checks can give, found by reading it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tests.markdown import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACES = (
    *(ROOT / "engine" / "http").glob("*.py"),
    *(ROOT / "engine" / "probes").rglob("*.py"),
    ROOT / "engine" / "health" / "checks.py",
    ROOT / "engine" / "integrations" / "checking.py",
    ROOT / "engine" / "integrations" / "providers" / "checking.py",
)
# Functions that make a result or a fault: their first word that looks like a code is one.
_MAKERS = frozenset(
    {"_fault", "_not_promised", "_say", "_unsent", "_no_way", "degraded", "Refused"}
)
_CODE = re.compile(r"[a-z]+(?:_[a-z]+)*")


def error_codes() -> set[str]:
    """Every code but those made of a status (`http_404`)."""
    found: set[str] = set()
    for path in _PLACES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found.update(_codes(node))
    return found


def _codes(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if (
            name in _MAKERS
        ):
            yield from [word for word in map(_word, args) if word][:1]
        case ast.keyword(arg="code" | "error", value=value):
            yield from filter(None, [_word(value)])
        case ast.Tuple(elts=[first, ast.JoinedStr(), *_]):
            yield from filter(None, [_word(first)])
        case ast.Tuple(elts=[first, ast.Constant(value=str(sentence)), *_]) if sentence.endswith(
            "."
        ):
            yield from filter(None, [_word(first)])


def _word(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if _CODE.fullmatch(node.value) else ""
    return ""
