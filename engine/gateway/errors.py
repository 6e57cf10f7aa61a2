"""What the gateway refuses, and why: a template, a value, a run."""

# ruff: noqa: N818 - these are the domain's words; each says what happened without a suffix

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import EXIT_USAGE, LampboardError

if TYPE_CHECKING:
    from engine.gateway.results import Verdict

# The caller's own doing: it is put right by asking otherwise.
_OF_THE_CALLER = frozenset(
    {"invalid_parameter", "missing_parameter", "unknown_parameter", "invalid_declaration"}
)


class SqlGatewayError(LampboardError):
    """A template, a value or a run that the gateway refused, or a run that failed.

    Args:
        message: One sentence for people; never a value, nor a secret.
        hint: What to do.
        field: The parameter to blame, when there is one.
        code: The cause as a word, such as `missing_parameter`, `timeout` or `not_reading`.
    """

    title = "The gateway refused"
    code = "gateway_error"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        field: str | None = None,
        code: str = "gateway_error",
    ) -> None:
        super().__init__(message, hint=hint, field=field)
        self.code = code
        if code in _OF_THE_CALLER:
            self.exit_code = EXIT_USAGE


class SqlInjectionAttemptError(SqlGatewayError):
    """A value looks like an injection; `field` names the parameter, the value is never told."""

    title = "A value looks like an injection"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        field: str | None = None,
        code: str = "injection_attempt",
    ) -> None:
        super().__init__(message, hint=hint, field=field, code=code)


class TemplateRefused(SqlGatewayError):
    """Registration refused a statement.

    Args:
        verdict: What it says, with the place of each refusal; it is not accepted.
    """

    title = "The statement was refused"

    def __init__(self, verdict: Verdict) -> None:
        first = verdict.refusals[0] if verdict.refusals else None
        super().__init__(
            first.message if first else "The statement was refused.",
            hint=first.hint if first else "",
            field="sql",
            code="template_refused",
        )
        self.verdict = verdict
        self.exit_code = EXIT_USAGE
