from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Run


def test_what_fits_is_reserved_and_what_does_not_is_blocked(used: Run) -> None:
    used("limits", "set", "gpt-prod", "--tokens", "20k")
    first = used("limits", "check", "gpt-prod", "--tokens", "4k", "-o", "json")
    assert first.code == 0, first.err
    assert first.json["outcome"] == "warned"
    assert first.json["reservation_id"]
    second = used("limits", "check", "gpt-prod", "--tokens", "4k")
    assert second.code == 1
    assert "blocked" in second.out
    assert "14,000 used, 4,000 held and 4,000 asked, of 20,000" in second.out
    assert "2026-04-01 00:00:00Z" in second.out
    assert used("limits", "release", first.json["reservation_id"]).code == 0
    assert used("limits", "check", "gpt-prod", "--tokens", "4k").code == 0


def test_a_dry_run_reserves_nothing(used: Run) -> None:
    used("limits", "set", "gpt-prod", "--tokens", "20k")
    for _ in range(3):
        done = used("limits", "check", "gpt-prod", "--tokens", "4k", "--dry-run", "-o", "json")
        assert done.code == 0
        assert done.json["reservation_id"] is None
    held = used("limits", "status", "gpt-prod", "--measure", "tokens", "-o", "json").json
    assert held["items"][0]["held"] == 0


def test_scripts_take_the_reservation_by_itself(used: Run) -> None:
    used("limits", "set", "gpt-prod", "--budget", "500")
    done = used("limits", "check", "gpt-prod", "--cost", "$0.0042", "-o", "name")
    assert done.code == 0
    assert len(done.out.split()) == 1
    held = used("limits", "status", "gpt-prod", "--measure", "budget")
    assert "$140.00 + $0.0042 held" in held.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("check", "nobody"), 1, "There is no integration 'nobody'"),
        (("check", "gpt-prod", "--tokens", "-5"), 2, "is not a number of tokens"),
        (("check", "gpt-prod", "--cost", "free"), 2, "is not an amount of dollars"),
        (("release", "nope"), 1, "There is no reservation 'nope'."),
        (("check", "gpt-prod", "--read-only"), 1, "read-only"),
    ],
)
def test_what_cannot_be_asked_says_why(
    used: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    done = used("limits", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
