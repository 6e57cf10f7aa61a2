"""A template's parameters as the fields of a form, and what was typed as values: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from engine.errors import LampboardError
from engine.fields import FieldSpec
from engine.gateway.model import ParameterSpec, ParameterType
from tui import text
from tui.gateway import words
from tui.gateway.values import copied
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOT_GIVEN: Final = ""
TITLES: Final = {NOT_GIVEN: "not given"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterField(FieldSpec):
    """A field that is judged as the gateway judges a value of its parameter."""

    parameter: ParameterSpec

    def problem(self, text: str) -> str | None:
        """Say what is wrong with a text, None when it may be given."""
        from engine.gateway.parameters import coerce

        try:
            coerce((self.parameter,), values((self.parameter,), {self.name: text.strip()}))
        except LampboardError as error:
            return f"{error.message} {error.hint}".strip()
        return None


def field(spec: ParameterSpec) -> ParameterField:
    """Return a parameter as a field: a choice where its values are few and known."""
    choices = _choices(spec)
    needed = spec.required and spec.default is None
    return ParameterField(
        name=spec.name,
        label=text.ellipsis(text.clean(spec.name), 18),
        kind="choice" if choices else "text",
        choices=() if not choices else choices if needed else (NOT_GIVEN, *choices),
        required=needed,
        help=words.about(spec),
        placeholder=_placeholder(spec),
        parameter=spec,
    )


def _choices(spec: ParameterSpec) -> tuple[str, ...]:
    if spec.param_type in words.LISTS:
        return ()
    told = tuple(copied(one) for one in spec.allowed_values)
    if all(one == text.clean(one).strip() != NOT_GIVEN for one in told) and told:
        return told
    return ("true", "false") if spec.param_type is ParameterType.BOOLEAN else ()


def _placeholder(spec: ParameterSpec) -> str:
    if spec.default is not None:
        return f"{words.value(spec.default)} (default)"
    kind = words.TYPES[spec.param_type]
    example = words.EXAMPLES.get(spec.param_type)
    said = f"{kind}, such as {example}" if example else kind
    return said if spec.required else f"{said}; empty for NULL"


def sections(specs: Sequence[ParameterSpec]) -> tuple[Section, ...]:
    """Return the fields of a run."""
    return (Section(title="", fields=tuple(field(spec) for spec in specs)),)


def values(specs: Sequence[ParameterSpec], typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what was typed as values by name; what was left empty is not given.

    Raises:
        SqlGatewayError: A text is not of its parameter's type; its `field` is the parameter.
    """
    from engine.gateway.parameters import parse_text

    return {
        spec.name: parse_text(spec, typed[spec.name])
        for spec in specs
        if typed.get(spec.name, NOT_GIVEN) != NOT_GIVEN
    }
