"""Where in time the board stands, and how it gets from there to another time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from datetime import datetime

SPANS = (
    ("left_curly_bracket", -1, "An hour back"),
    ("right_curly_bracket", 1, "An hour on"),
    ("left_parenthesis", -24, "A day back"),
    ("right_parenthesis", 24, "A day on"),
)
"""Keys that move by hours."""

WINDING: Final[list[BindingType]] = [
    Binding(
        "left_square_bracket",
        "earlier_change",
        "Look back",
        tooltip="Wind back to the change of state before",
    ),
    Binding(
        "right_square_bracket", "later_change", "On", tooltip="On to the change of state after"
    ),
    *(Binding(key, f"wind({hours})", said, show=False, tooltip=said) for key, hours, said in SPANS),
    Binding("escape", "now", "Now", tooltip="Return to the present"),
]
"""The keys that go to another time."""

WINDING_KEYS = frozenset(made.key for made in Binding.make_bindings(WINDING))


class Step(Protocol):
    """Finds the change before a time or after it."""

    async def __call__(self, begin: datetime, /, *, back: bool) -> datetime | None:
        """Return its time, None if there is none."""
        ...


class Winding:
    """The time that is shown, None for the present; moves are noted, and made in their order.

    A move is a span of time, or a step to the change before (-1) or after (1). Moves that come
    while one is made are made with it: the board is read once, however fast a key repeats.
    `back` is the direction of the last move where it was a step.
    """

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.back: bool | None = None
        self._moves: list[timedelta | int] = []

    def note(self, move: timedelta | int) -> bool:
        """Note a move; return whether it is the first, so that somebody has to make it."""
        self._moves.append(move)
        return len(self._moves) == 1

    def stay(self) -> None:
        """Return to the present, moves that were noted included."""
        self.at = self.back = None
        # Whoever makes moves sees by this that they are to be made no more.
        self._moves = []

    def rests_at(self, at: datetime) -> bool:
        """Return whether it stands at a time, with no move to make."""
        return self.at == at and not self._moves

    async def make(self, step: Step, now: datetime) -> bool:
        """Make the moves; return False if there was no change to step back to."""
        moves, found = self._moves, True
        try:
            while moves:
                move, begin = moves[0], self.at or now
                back = None if isinstance(move, timedelta) else move < 0
                at = (
                    begin + move
                    if isinstance(move, timedelta)
                    else await step(begin, back=move < 0)
                )
                if moves is not self._moves:
                    break  # somebody returned to the present meanwhile
                if back and at is None:
                    found, at = False, self.at
                self.at, self.back = None if at is None or at >= now else at, back
                moves.pop(0)
        finally:
            moves.clear()  # what could not be made is not made by the next key either
        return found
