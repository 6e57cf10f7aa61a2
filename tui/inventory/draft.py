"""What forms of all kinds do with texts: a copy's name, and how two versions differ. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.fields import FieldSpec
from engine.text import MAX_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from tui.widgets.form import Section


def number(value: int | None) -> str:
    """Return a number as a form's text; 0 and None are empty."""
    return str(value) if value else ""


def whole(value: str | None) -> int | None:
    """Return a form's text as a number; an empty one is None."""
    return int(value) if value else None


def clone_name(name: str) -> str:
    """Return a name for a copy, within the length that a name may have."""
    ending = "-copy"
    return name[: MAX_NAME - len(ending)] + ending


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadSpec(FieldSpec):
    """A field whose text is read as people type it: an amount, a moment, a name.

    `read` raises InvalidInput. An empty text is fine and means `empty`.
    """

    read: Callable[[str], Any]
    empty: Any = 0

    def problem(self, text: str) -> str | None:
        """Say what is wrong with a text, None when it may be kept."""
        try:
            self.value(text)
        except InvalidInput as error:
            return f"{error.message} {error.hint}".strip()
        return None

    def value(self, text: str) -> Any:
        """Return what a text means.

        Raises:
            InvalidInput: It cannot be used.
        """
        return self.read(text) if text.strip() else self.empty


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A field that two versions do not agree on, as people read it.

    `mine` is None where it was not touched, so that theirs holds whoever wins.
    """

    label: str
    mine: str | None
    theirs: str


def differences(
    sections: Sequence[Section],
    mine: Mapping[str, str],
    began: Mapping[str, str],
    theirs: Mapping[str, str],
    *,
    secrets: Collection[str] = (),
) -> tuple[Difference, ...]:
    """Return what differs between a form and what is stored now, secrets only by word.

    Args:
        sections: The form's, for the labels of its fields.
        mine: The form's texts.
        began: Those it began with, which tell what was not touched.
        theirs: The texts of what is stored now.
        secrets: Names of secrets beside those that the sections declare.
    """
    specs = {spec.name: spec for section in sections for spec in section.fields}
    hidden = {name for name, spec in specs.items() if spec.secret} | set(secrets)
    found: list[Difference] = []
    for name in dict.fromkeys((*mine, *theirs)):
        label = specs[name].label if name in specs else name.replace("_", " ")
        if name in hidden:
            if mine.get(name):
                found.append(Difference(label=label, mine="a new one", theirs="as stored"))
        elif mine.get(name, "") != theirs.get(name, ""):
            touched = mine.get(name, "") != began.get(name, "")
            found.append(
                Difference(
                    label=label,
                    mine=mine.get(name, "") if touched else None,
                    theirs=theirs.get(name, ""),
                )
            )
    return tuple(found)
