"""What the other side said that it can do, as names, counts and lines: pure.

Tools, tables, functions, operations and the like come as JSON in a mapping from what they are to
a list of them; each is a name, or a mapping with its name and more of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui import text
from tui.widgets.cells import Cell, Span, cell, fit, wrap

NAMES = ("name", "operation", "path", "title")
"""Keys under which a mapping says what it is called."""
TOLD = ("description", "summary")
SCHEMA = "input_schema"
COLUMNS = "columns"
MOST_LINES, DEEPEST = 40, 6
"""The most lines, and levels, of what is nested: enough for what a person reads here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One thing that the other side offers: a tool, a table, a function.

    Attributes:
        group: What it is, in the plural as it was told: `tools`.
        name: What it is called.
        more: What else was told of it.
    """

    group: str
    name: str
    more: Mapping[str, Any]


def offers(discovered: Mapping[str, Any]) -> tuple[Offer, ...]:
    """Return everything that was discovered, group by group, as it was told."""
    return tuple(
        _offer(str(group), item)
        for group, items in discovered.items()
        if isinstance(items, Sequence) and not isinstance(items, str)
        for item in items
    )


def _offer(group: str, item: object) -> Offer:
    if not isinstance(item, Mapping):
        return Offer(group=group, name=text.clean(str(item)), more={})
    named = next((key for key in NAMES if item.get(key)), "")
    more = {str(key): value for key, value in item.items() if key != named}
    schema = item.get("schema")
    name = text.clean(str(item.get(named, "")))
    if named == "name" and isinstance(schema, str) and schema:
        name = f"{text.clean(schema)}.{name}"
        more.pop("schema")
    return Offer(group=group, name=name or text.NOTHING, more=more)


def counted(found: Sequence[Offer]) -> str:
    """Return how much was discovered in words: `12 tools`, `3 queries, 1 mutation`."""
    groups = dict.fromkeys(offer.group for offer in found)
    counts = {group: sum(one.group == group for one in found) for group in groups}
    return ", ".join(text.plural(count, *_noun(group)) for group, count in counts.items())


def _noun(group: str) -> tuple[str, str]:
    word = text.clean(group).replace("_", " ")
    if word.endswith("ies"):
        return f"{word[:-3]}y", word
    return word.removesuffix("s"), word


def names_line(found: Sequence[Offer], width: int) -> str:
    """Return as many names as fit on a line, and how many more there are."""
    shown = ""
    for number, offer in enumerate(found):
        left = len(found) - number
        joined = f"{shown}, {offer.name}" if shown else offer.name
        more = f" +{left - 1:,}" if left > 1 else ""
        if text.width(joined) + text.width(more) > width:
            return f"{shown} +{left:,}" if shown else text.ellipsis(offer.name, width)
        shown = joined
    return shown


def offer_lines(offer: Offer, width: int) -> tuple[Cell, ...]:
    """Return one offer whole: what it is, what it is for, its arguments or columns, the rest."""
    lines: list[Cell] = [
        fit((Span(offer.name, "strong"), Span(f"  {_noun(offer.group)[0]}", "muted")), width)
    ]
    for key in TOLD:
        if said := offer.more.get(key):
            lines += [(), *wrap(str(said), width, most=12)]
    schema, columns = offer.more.get(SCHEMA), offer.more.get(COLUMNS)
    if isinstance(schema, Mapping):
        lines += [(), *schema_lines(schema, width)]
    if isinstance(columns, Sequence) and not isinstance(columns, str):
        lines += [(), *column_lines(columns, width)]
    rest = {
        key: value
        for key, value in offer.more.items()
        if key not in {*TOLD, SCHEMA, COLUMNS} and value not in (None, "", [], {})
    }
    return (*lines, *([()] if rest else []), *nested_lines(rest, width))


def schema_lines(schema: Mapping[str, Any], width: int) -> list[Cell]:
    """Return the arguments of a JSON schema: name, type, whether required, what for."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return [(Span("takes no arguments", "muted"),)]
    required = schema.get("required")
    needed = set(required) if isinstance(required, list) else set()
    lines: list[Cell] = [(Span("arguments", "strong"), Span("  * must be given", "muted"))]
    room = min(24, max(len(str(name)) for name in properties) + 3)
    for name, spec in properties.items():
        star = Span("*" if name in needed else " ", "accent")
        kind = _type(spec if isinstance(spec, Mapping) else {})
        lines.append(
            fit((star, Span(" "), *fit(cell(str(name)), room), *cell(kind, "muted")), width)
        )
        told = spec.get("description") if isinstance(spec, Mapping) else None
        if told:
            lines += [(Span("    "), *line) for line in wrap(str(told), width - 4, "muted", most=4)]
    return lines


def _type(spec: Mapping[str, Any]) -> str:
    """Return a schema's type in a few words: `string`, `list of string`, `a | b`."""
    if isinstance(choices := spec.get("enum"), list):
        return " | ".join(str(choice) for choice in choices[:8])
    several = spec.get("anyOf") or spec.get("oneOf")
    if isinstance(several, list):
        return " | ".join(_type(one) for one in several if isinstance(one, Mapping))
    kind, items = spec.get("type"), spec.get("items")
    if isinstance(kind, list):
        return " | ".join(str(one) for one in kind)
    if kind == "array":
        inner = _type(items) if isinstance(items, Mapping) else "anything"
        return f"list of {inner}"
    return str(kind) if kind else "anything"


def column_lines(columns: Sequence[object], width: int) -> list[Cell]:
    """Return a table's columns with their types, a line each."""
    told = [one if isinstance(one, Mapping) else {"name": one} for one in columns]
    lines: list[Cell] = [(Span(text.plural(len(told), "column"), "strong"),)]
    room = min(30, max((len(str(one.get("name", ""))) for one in told), default=0) + 2)
    for one in told:
        name = fit(cell(str(one.get("name", ""))), room)
        lines.append(fit((Span("  "), *name, *cell(one.get("type"), "muted")), width))
    return lines


def nested_lines(value: object, width: int) -> list[Cell]:
    """Return JSON as indented lines, cut where it goes on for too long."""
    lines = _nested(value, width, 0)
    if len(lines) <= MOST_LINES:
        return lines
    more = f"and {len(lines) - MOST_LINES:,} more lines"
    return [*lines[:MOST_LINES], (Span(more, "muted"),)]


def _nested(value: object, width: int, depth: int) -> list[Cell]:
    indent = Span("  " * depth)
    if depth == DEEPEST:
        return [(indent, Span("and more inside", "muted"))]
    if isinstance(value, Mapping):
        pairs = [(str(key).replace("_", " "), inner) for key, inner in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        pairs = [("", inner) for inner in value]
    else:
        return [fit((indent, *cell(value)), width)]
    lines: list[Cell] = []
    for key, inner in pairs:
        head = (indent, *(cell(key, "muted") if key else ()))
        if isinstance(inner, Mapping | list | tuple) and inner:
            lines += [fit(head, width)] if key else []
            lines += _nested(inner, width, depth + 1)
        else:
            lines.append(fit((*head, Span("  " if key else ""), *cell(inner)), width))
    return lines
