"""YAML from strangers: plain values only, and never more than the text itself could hold.

PyYAML's safe loader still lets aliases multiply (a billion laughs), takes the last of two equal
keys in silence, and recurses as deep as the text says. So values are built here, from the events
of its parser, and every one is counted.

Values are of YAML 1.1, except that dates stay the text that they are written as.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from engine.documents.limits import MAX_ALIASED, MAX_DEPTH, MAX_DIGITS, quoted, too_deep, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.errors import InvalidInput

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_TEXT, _MERGE = _CORE + "str", _CORE + "merge"
_PLAIN = frozenset({_CORE + name for name in ("null", "bool", "int", "float")})
_NUMBERS = frozenset({_CORE + "int", _CORE + "float"})
# What a text may be tagged as by hand: `!!str 12` is the one that people write.
_TAGGED = _PLAIN | {_TEXT}
_COLLECTIONS = frozenset({None, "!", _CORE + "map", _CORE + "seq"})
_MERGE_KEY = object()


class LinedList(list[object]):
    """A list that knows the line on which each of its items starts, counted from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


def load_all(
    text: str, *, max_depth: int = MAX_DEPTH, keys_as_text: bool = False
) -> Iterator[object]:
    """Yield each document of the text as plain values; lists are `LinedList`s.

    Args:
        text: The file.
        max_depth: Levels of lists and mappings.
        keys_as_text: Take keys such as `200:` for the text that they are written as.

    Raises:
        InvalidInput: It is not YAML, has tags or equal keys, is too deep, or its aliases stand
            for too much. The message names the line, and repeats no value.
    """
    loader = _Loader(text)
    try:
        yield from _Builder(loader, max_depth, keys_as_text=keys_as_text).documents()
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error) from None
    except yaml.YAMLError:
        raise unusable("The file has a character that YAML does not allow.") from None
    finally:
        loader.dispose()


class _Builder:
    """Builds values from the events of one text."""

    def __init__(self, loader: Any, max_depth: int, *, keys_as_text: bool) -> None:
        self._loader = loader
        self._max_depth = max_depth
        self._keys_as_text = keys_as_text
        self._anchors: dict[str, tuple[object, int]] = {}
        self._values = 0
        self._aliased = 0

    def documents(self) -> Iterator[object]:
        while True:
            match self._loader.get_event():
                case yaml.DocumentStartEvent():
                    self._anchors = {}
                    yield self._value(self._loader.get_event(), 0)
                case yaml.StreamEndEvent():
                    return

    def _value(self, event: Any, depth: int) -> object:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > self._max_depth:
            raise too_deep(_place(event))
        before = self._values
        self._values += 1
        value = self._build(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, self._values - before)
        return value

    def _build(self, event: Any, depth: int) -> object:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if event.tag not in _COLLECTIONS:
            raise _tagged(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(depth)
        return self._mapping(depth)

    def _alias(self, event: Any) -> object:
        # An anchor is known once its value is complete, so that nothing can contain itself.
        if event.anchor not in self._anchors:
            raise unusable(f"{_place(event)} has an alias for which there is no anchor above it.")
        value, size = self._anchors[event.anchor]
        self._values += size
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            raise unusable(f"{_place(event)}: the aliases stand for too many values.")
        return value

    def _list(self, depth: int) -> LinedList:
        found = LinedList()
        while not isinstance(event := self._loader.get_event(), yaml.SequenceEndEvent):
            found.lines.append(_line(event))
            found.append(self._value(event, depth + 1))
        return found

    def _mapping(self, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        merged: dict[str, object] = {}
        while not isinstance(event := self._loader.get_event(), yaml.MappingEndEvent):
            key = self._key(event, depth + 1)
            value = self._value(self._loader.get_event(), depth + 1)
            if key is _MERGE_KEY:
                for name, inner in _merged(value, event).items():
                    merged.setdefault(name, inner)
                continue
            if not isinstance(key, str):
                raise unusable(f"{_place(event)} has a key that is not text; put it in quotes.")
            if key in found:
                raise unusable(f"{_place(event)} has a key for the second time: {quoted(key)}.")
            found[key] = value
        return {**merged, **found}

    def _key(self, event: Any, depth: int) -> object:
        key = self._value(event, depth)
        if self._keys_as_text and isinstance(event, yaml.ScalarEvent) and key is not _MERGE_KEY:
            return str(event.value)
        return key

    def _scalar(self, event: Any) -> object:
        tag = self._tag(event)
        if tag == _MERGE:
            return _MERGE_KEY
        if tag not in _PLAIN:
            return event.value
        if tag in _NUMBERS and len(event.value) > MAX_DIGITS:
            raise unusable(f"{_place(event)} has a number that is far too long.")
        node = yaml.ScalarNode(tag, event.value)
        try:
            return self._loader.yaml_constructors[tag](self._loader, node)
        except (ValueError, KeyError):  # such as `!!int many` and `!!bool maybe`
            raise unusable(f"{_place(event)} has a value that its tag does not fit.") from None

    def _tag(self, event: Any) -> str:
        if event.tag not in {None, "!"}:
            if event.tag not in _TAGGED:
                raise _tagged(event)
            return str(event.tag)
        if not event.implicit[0] or len(event.value) > MAX_DIGITS:
            return _TEXT
        return str(self._loader.resolve(yaml.ScalarNode, event.value, event.implicit))


def _merged(value: object, event: Any) -> Mapping[str, object]:
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        # The first of several wins (https://yaml.org/type/merge.html).
        return {key: inner for one in reversed(value) for key, inner in one.items()}
    raise unusable(f"{_place(event)}: `<<` takes in a mapping, or a list of mappings.")


def _tagged(event: Any) -> InvalidInput:
    return unusable(f"{_place(event)} has a YAML tag (`!…`), and tags are not taken.")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _place(event: Any) -> str:
    return f"Line {_line(event)}"


def _not_yaml(error: yaml.MarkedYAMLError) -> InvalidInput:
    mark = error.problem_mark or error.context_mark
    where = f"Line {mark.line + 1}, column {mark.column + 1}" if mark else "The file"
    # A quote in the parser's words means that they repeat something of the file.
    why = f": {error.problem}" if error.problem and "'" not in error.problem else ""
    return unusable(f"{where} is not YAML{why}.")
