from __future__ import annotations

from engine.demo import scripts
from engine.demo.behaviour import Mood, Script, Step
from engine.demo.plan import Site, from_line, to_line

STORY = Script((Step(0), Step(10, Mood.SERVER_ERROR), Step(15)), 20)


def test_the_latest_step_counts_and_the_story_begins_anew() -> None:
    moods = [STORY.at(second).mood for second in (0, 9.9, 10, 14.9, 15, 19.9, 20, 30)]
    ok, bad = Mood.OK, Mood.SERVER_ERROR
    assert moods == [ok, ok, bad, bad, ok, ok, ok, bad]


def test_a_story_without_a_period_ends_with_its_last_step() -> None:
    script = Script((Step(0), Step(5, Mood.UNAUTHORIZED)))
    assert script.at(10_000).mood is Mood.UNAUTHORIZED
    assert script.next_change(10_000) is None


def test_the_next_change_is_known() -> None:
    assert STORY.next_change(0) == 10
    assert STORY.next_change(12) == 3
    assert STORY.next_change(18) == 2
    assert STORY.next_change(38) == 2
    assert Script().next_change(3) is None


def test_a_plan_goes_through_a_pipe_and_back() -> None:
    site = Site(name="a/b", dialect="custom", accounts={"planted": STORY})
    assert from_line(to_line([site])) == [site]
    assert "\n" not in to_line([site])
    assert "planted" not in repr(site)


def test_only_doors_that_close_need_a_guard() -> None:
    assert Site(name="a", dialect="custom", accounts={"": scripts.RESTARTING}).closes
    assert not Site(name="a", dialect="custom", accounts={"": scripts.FLAPPING}).closes
