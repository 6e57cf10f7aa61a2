from __future__ import annotations

from dataclasses import dataclass

from engine.monitor.lanes import Lanes


@dataclass
class Piece:
    lane: str
    ready_at: float = 0.0


def lanes(**caps: int) -> Lanes[Piece]:
    return Lanes(**{"in_flight": 10, "per_lane": 5, "length": 4, **caps})


def test_the_longest_ready_starts_first_whatever_its_lane() -> None:
    board = lanes()
    for name, ready in (("a", 3.0), ("b", 1.0), ("c", 2.0)):
        board.add(Piece(name, ready))
    started = [board.start(9.0) for _ in range(3)]
    assert [piece.lane for piece in started if piece] == ["b", "c", "a"]


def test_nothing_starts_before_it_is_ready() -> None:
    board = lanes()
    board.add(Piece("a", 2.0))
    assert board.start(1.0) is None
    assert board.ready_at() == 2.0
    assert board.start(2.0) is not None


def test_a_lane_at_its_cap_does_not_stop_the_others() -> None:
    board = lanes(per_lane=2)
    for _ in range(50):
        board.add(Piece("hanging", 0.0))
    board.add(Piece("fine", 1.0))
    started = [board.start(9.0) for _ in range(4)]
    assert [piece.lane for piece in started if piece] == ["hanging", "hanging", "fine"]
    board.done("hanging")
    again = board.start(9.0)
    assert again is not None
    assert again.lane == "hanging"


def test_the_overall_cap_holds_over_all_lanes() -> None:
    board = lanes(in_flight=3)
    for name in "abcdef":
        board.add(Piece(name))
    assert sum(board.start(9.0) is not None for _ in range(6)) == 3
    assert board.ready_at() is None


def test_a_lane_with_enough_waiting_is_crowded_and_only_it() -> None:
    board = lanes(length=3)
    for _ in range(3):
        board.add(Piece("full"))
    board.add(Piece("other"))
    assert board.crowded() == ("full",)


def test_more_is_wanted_while_what_can_start_runs_out() -> None:
    board = lanes(per_lane=1, length=4)
    assert board.wanting()
    for _ in range(4):
        board.add(Piece("a"))
    assert not board.wanting()
    assert board.start(9.0) is not None
    assert board.wanting(), "what waits behind a cap cannot start soon"


def test_clear_takes_out_all_that_waits() -> None:
    board = lanes()
    board.add(Piece("a"))
    board.add(Piece("b"))
    assert len(board.clear()) == 2
    assert board.waiting == 0
    assert board.start(9.0) is None
