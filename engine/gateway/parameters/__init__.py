"""Parameters: declarations are judged, values are coerced strictly, typed text is read.

Nothing is converted that would lose something: a bool is no number, a float no whole number, a
timestamp no date. What is accepted is bound by the driver and never becomes part of a statement.
"""

from engine.gateway.parameters.coercing import coerce
from engine.gateway.parameters.specs import check_spec, check_specs
from engine.gateway.parameters.typed import parse_text

__all__ = ["check_spec", "check_specs", "coerce", "parse_text"]
