"""How a value or a declaration is refused: the parameter is named, the value never told."""

from __future__ import annotations

from engine.gateway.errors import SqlGatewayError


class Unfit(Exception):  # noqa: N818 - a judgement on its way to the sentence that tells it
    """A value does not fit.

    Args:
        must: How the sentence "The parameter x …" goes on, such as `must be a whole number`.
        hint: What to do.
    """

    def __init__(self, must: str, hint: str = "") -> None:
        super().__init__(must)
        self.must = must
        self.hint = hint


def invalid(name: str, unfit: Unfit) -> SqlGatewayError:
    """Return the refusal of a parameter's value."""
    return SqlGatewayError(
        f"The parameter {name} {unfit.must}.",
        hint=unfit.hint,
        field=name,
        code="invalid_parameter",
    )


def bad_declaration(name: str, message: str, hint: str = "") -> SqlGatewayError:
    """Return the refusal of a declaration; the name is not repeated where it is no name."""
    return SqlGatewayError(message, hint=hint, field=name or None, code="invalid_declaration")
