"""What a format is: how one entry of a log becomes records."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from engine.usage.mapping import present, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.usage.records import Refusal, UsageRecord

Found: TypeAlias = "UsageRecord | Refusal | None"
"""What an entry says: a record, why it is none, or None where it is no call of a model."""

Convert: TypeAlias = "Callable[[Mapping[str, object]], tuple[Found, ...]]"

_CAUSE = re.compile(r"[\w.:/-]{1,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format of logs.

    Attributes:
        name: What `--format` calls it, and where its records came from.
        title: What people call it.
        keys: Alternatives of names that all must be there for a log to be taken for this one.
        convert: Makes records of one entry; raises ValueError with the reason why it cannot.
        envelopes: Names under which a document holds its entries.
    """

    name: str
    title: str
    keys: tuple[frozenset[str], ...]
    convert: Convert
    envelopes: tuple[str, ...] = ("data",)

    def is_told_by(self, names: frozenset[str]) -> bool:
        """Return whether a log with these names in it is of this format."""
        return any(wanted <= names for wanted in self.keys)


def cause(value: object, *, otherwise: str = "error") -> str | None:
    """Return the cause of a failure as a word; None where nothing is said.

    A sentence may quote a prompt or a key, so anything but a word is only said to be an error.
    """
    if not present(value):
        return None
    text = str(value).strip()
    return text if _CAUSE.fullmatch(text) else otherwise


def known_cost(told: int | None, *, tokens: int, failed: bool) -> int | None:
    """Return a cost that a log tells; None for a 0 that says that no price was known.

    So write programs that reckon by price lists of their own. A call that failed may well have
    cost nothing.
    """
    return None if not told and tokens and not failed else told


def mapping_in(value: object) -> Mapping[str, object]:
    """Return a mapping, also where a CSV holds it as JSON text; empty when it is neither."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.startswith("{"):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
    return {}


def required(value: str, what: str) -> str:
    """Return a word that must be there.

    Raises:
        ValueError: It is empty.
    """
    if not value:
        raise ValueError(f"it says no {what}")
    return value


def no_mapping(value: object) -> ValueError:
    """Return the error that an entry is no object with names and values."""
    return ValueError(f"this is no record: {shown(value)}")
