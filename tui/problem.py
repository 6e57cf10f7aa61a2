"""From an error to what a person reads: title, one clear sentence, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from tui import text


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """An error in words; `expected` is false for a fault of the program itself."""

    title: str
    message: str
    hint: str
    expected: bool = True

    @property
    def sentence(self) -> str:
        """Message and hint on one line."""
        return f"{self.message} {self.hint}".strip()


def problem(error: BaseException, *, log_file: str = "") -> Problem:
    """Return an error in words.

    The words of errors that are not the product's own are never shown: they may repeat a value,
    and a value may be a secret. Their kind is named and the log file says where they came from.
    """
    from engine.errors import LampboardError

    if isinstance(error, LampboardError):
        return Problem(
            title=text.clean(error.title),
            message=text.clean(error.message),
            hint=text.clean(error.hint),
        )
    return Problem(
        title="Something went wrong in Lampboard itself",
        message=f"An unexpected {type(error).__name__} stopped this.",
        hint=f"Details are in {text.clean(log_file)}." if log_file else "",
        expected=False,
    )
