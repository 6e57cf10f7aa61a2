"""Declared fields: one declaration makes the form's input and the command line's flag.

A `FieldSpec` says what a value is called, what it may be and what it is for. The form
(`tui.widgets.form`) and the command line (`tui.cli`) both read it, so neither can offer a
field that the other lacks. This module imports nothing heavy and touches neither: it is on the
path of the first paint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from engine.numbers import whole

FieldKind = Literal["text", "secret", "int", "choice", "url"]

_DISPLAYABLE_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldSpec:
    """One value that a person may give.

    Attributes:
        name: key of the value, snake_case; the flag is `--` with dashes instead.
        label: what stands beside the input.
        kind: text, secret (masked; never a flag's value), int, choice or url.
        required: whether an empty value is refused.
        default: what an empty value means; shown to people, so never a secret.
        help: one sentence that says what the value is for.
        placeholder: an example, shown in the empty input.
        choices: the allowed values of a choice, in the order they are offered.
        minimum: least value of an int.
        maximum: greatest value of an int, or greatest length of a text.
        pattern: regular expression that the whole of a text must match; empty for any.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    default: str = ""
    help: str = ""
    placeholder: str = ""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""

    @property
    def secret(self) -> bool:
        """Whether the value is masked where it is typed and shown nowhere."""
        return self.kind == "secret"

    @property
    def flag(self) -> str:
        """The command line's spelling, such as `--base-url`."""
        return "--" + self.name.replace("_", "-")

    def problem(self, text: str) -> str | None:
        """Say what is wrong with `text` as typed, or None when it may be kept.

        The sentence never repeats the text of a secret. Emptiness of an optional field is
        fine; the default then applies.
        """
        value = text.strip()
        if not value:
            return f"{self.label} is required." if self.required and not self.default else None
        match self.kind:
            case "int":
                return self._int_problem(value)
            case "choice":
                return self._choice_problem(value)
            case "url":
                return self._length_problem(value) or url_problem(value, self.label)
            case "text" | "secret":
                return self._length_problem(value) or self._pattern_problem(value)

    def _int_problem(self, value: str) -> str | None:
        number = whole(value)
        if number is None:
            return f"{self.label} must be a whole number."
        if self.minimum is not None and number < self.minimum:
            return f"{self.label} must be at least {self.minimum:,}."
        if self.maximum is not None and number > self.maximum:
            return f"{self.label} must be at most {self.maximum:,}."
        return None

    def _choice_problem(self, value: str) -> str | None:
        if value in self.choices:
            return None
        return f"{self.label} must be one of: {', '.join(self.choices)}."

    def _length_problem(self, value: str) -> str | None:
        if self.maximum is not None and len(value) > self.maximum:
            return f"{self.label} must have at most {self.maximum:,} characters."
        return None

    def _pattern_problem(self, value: str) -> str | None:
        if not self.pattern or re.fullmatch(self.pattern, value, re.ASCII):
            return None
        example = f"; it looks like {self.placeholder}" if self.placeholder else ""
        return f"{self.label} has no valid form{example}."


INTERVAL = FieldSpec(
    name="interval_s",
    label="Check every (s)",
    kind="int",
    help="Seconds between two checks; empty for the workspace's own.",
    placeholder="60",
    minimum=5,
    maximum=86_400,
)
"""How often a thing of any kind is checked."""


def url_problem(value: str, label: str = "URL") -> str | None:
    """Say why `value` is no base URL for a request, or None when it is one.

    A URL with a user name or password in it is refused, because URLs are shown, logged and
    exported; the sentence does not repeat it. So are query and fragment: paths are appended.
    """
    try:
        parts = urlsplit(value)
        port_is_odd = parts.port == 0
    except ValueError:
        return f"{label} is not a valid URL; give something like https://api.example.com/v1."
    if "@" in parts.netloc:
        return f"{label} must not contain a user name or password; give the credential separately."
    if parts.scheme not in _DISPLAYABLE_SCHEMES:
        return f"{label} must start with https:// or http://."
    if not parts.hostname or port_is_odd or not value.isprintable() or " " in value:
        return f"{label} is not a valid URL; give something like https://api.example.com/v1."
    if parts.query or parts.fragment:
        return f"{label} must end with its path; leave out everything from ? or # on."
    return None
