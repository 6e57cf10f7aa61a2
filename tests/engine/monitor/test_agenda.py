from __future__ import annotations

from engine.monitor.agenda import Agenda
from engine.monitor.limits import MonitorLimits

LIMITS = MonitorLimits(poll_s=0.5, ahead_s=1.0, beat_s=2.0)


def test_everything_is_due_at_the_start() -> None:
    assert Agenda.begin(LIMITS, 10.0).next(wanting=True) == 10.0


def test_claims_come_when_half_of_what_was_claimed_ahead_has_run_out() -> None:
    agenda = Agenda.begin(LIMITS, 10.0)
    agenda.claimed(30.0, 10.0, full=False)
    assert agenda.claim_at == 39.5
    assert not agenda.may_claim(39.0)
    assert agenda.may_claim(39.45)


def test_a_full_claim_is_followed_by_the_next_and_an_empty_one_by_a_pause() -> None:
    agenda = Agenda.begin(LIMITS, 10.0)
    agenda.claimed(-5.0, 10.0, full=True)
    assert agenda.claim_at == 10.0
    agenda.claimed(-5.0, 10.0, full=False)
    assert agenda.claim_at == 10.5


def test_work_that_is_not_wanted_does_not_wake_the_loop() -> None:
    agenda = Agenda.begin(LIMITS, 10.0)
    agenda.beaten(10.0)
    agenda.looked(0.0, 10.0)
    assert agenda.next(wanting=True) == 10.0
    assert agenda.next(wanting=False) == 10.5


def test_a_failing_database_is_left_alone_ever_longer() -> None:
    agenda = Agenda.begin(LIMITS, 10.0)
    pauses = []
    for _ in range(8):
        agenda.failed(10.0)
        pauses.append(agenda.next(wanting=True) - 10.0)
    assert pauses[:3] == [0.25, 0.5, 1.0]
    assert pauses[-1] == 5.0


def test_a_set_clock_puts_housekeeping_off_and_looking_forward() -> None:
    agenda = Agenda.begin(LIMITS, 10.0)
    agenda.looked(50.0, 10.0)
    agenda.clock_was_set(11.0)
    assert agenda.claim_at == agenda.look_at == 11.0
    assert agenda.house_at == 3611.0


def test_a_single_run_neither_looks_nor_beats_nor_keeps_house() -> None:
    agenda = Agenda.begin(LIMITS, 10.0, once=True)
    agenda.claimed(None, 10.0, full=False)
    assert agenda.next(wanting=False) == float("inf")
    assert agenda.next(wanting=True) == 10.5
