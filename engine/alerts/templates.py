"""Templates of what is told: texts with `{name}` in them, from a list of names and no others.

There is nothing to reach through a name: no attribute, index, format or call. Doubled braces
are braces.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "event": "what happened to it: opened, worsened, reminder, acknowledged, closed",
    "happened": "the same in words: New, Again, Worse, Still open, Acknowledged, Closed",
    "number": "the incident's number",
    "title": "what it is called",
    "severity": "critical or warning",
    "cause": "lamp, provider, limit, credential, ledger, monitor",
    "tenant": "whose it is; `all tenants` for nobody's",
    "kind": "what kind of thing it is about",
    "name": "the name of that thing",
    "technology": "its technology, of an integration the provider",
    "error": "the code of what was found last",
    "message": "the sentence to it",
    "opened": "since when, in UTC",
    "closed": "until when; empty while it is open",
    "duration": "for how long it was, or has been, open",
    "because": "why it closed, or with which words it was acknowledged",
    "by": "who acknowledged it",
    "assignee": "who sees to it",
}
"""What a template may name, with what it stands for."""

USUAL_TITLE = "[{severity}] {happened}: {title}"
USUAL_BODY = (
    r"{message}\n"
    r"Incident {number} of {tenant}, open for {duration} since {opened}. {because}\n"
)
MAX_VALUE = 500
_PART = re.compile(r"\{\{|\}\}|\{([a-z_]+)\}|[{}]")
_BREAK = r"\n"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co"})


def require_template(text: str | None, field: str) -> str | None:
    """Return a template that can be used; None for the usual one.

    Raises:
        InvalidInput: It names what there is not, or has a brace of its own.
    """
    if text is None or not text.strip():
        return None
    text = text.strip().replace("\r\n", _BREAK).replace("\n", _BREAK)
    if any(unicodedata.category(letter) in _UNSEEN for letter in text):
        raise InvalidInput("A template has no control characters.", field=field)
    for part in _PART.finditer(text):
        name = part[1]
        if part[0] in {"{", "}"}:
            raise InvalidInput(
                "A brace in a template stands around a field; double it to show one.",
                hint="Fields are " + ", ".join(FIELDS) + ".",
                field=field,
            )
        if name and name not in FIELDS:
            raise InvalidInput(
                f"Templates have no field {name[:40]!r}.",
                hint="They have " + ", ".join(FIELDS) + ".",
                field=field,
            )
    return text


def fill(template: str, values: Mapping[str, str], *, lines: bool = False) -> str:
    r"""Return a template with its values in it.

    Args:
        template: One that `require_template` returned.
        values: By field; a name that is missing is empty.
        lines: Whether it may have several lines: `\n` in the template begins one. Lines that
            only had empty values are left out.
    """

    def put(part: re.Match[str]) -> str:
        return part[0][0] if part[1] is None else plain(values.get(part[1], ""))

    told = (_PART.sub(put, line) for line in template.split(_BREAK))
    if not lines:
        return " ".join(" ".join(told).split())
    return "\n".join(line for line in (" ".join(one.split()) for one in told) if line)


def plain(value: str) -> str:
    """Return a value from outside as one line that steers nothing: no control, no bidi mark."""
    kept = (
        " " if letter.isspace() else letter
        for letter in value[:MAX_VALUE]
        if letter.isspace() or unicodedata.category(letter) not in _UNSEEN
    )
    return " ".join("".join(kept).split())
