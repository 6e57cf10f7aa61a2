"""Statements by the hundred: what may never become a template, and what must."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.gateway.judging import judge
from tests.engine.gateway.judging.samples import Sample, corpus, own

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def _accepted(samples: Iterable[Sample]) -> list[Sample]:
    return [one for one in samples if judge(one.sql, one.dialect, None).accepted]


def _refused(samples: Iterable[Sample]) -> list[tuple[str, str]]:
    verdicts = ((one, judge(one.sql, one.dialect, None)) for one in samples)
    return [(one.sql, said.refusals[0].message) for one, said in verdicts if not said.accepted]


def test_what_writes_waits_or_reaches_out_is_refused() -> None:
    samples = own("forbidden")
    assert len(samples) > 450
    assert _accepted(samples) == []


def test_queries_of_everyday_are_accepted() -> None:
    samples = own("allowed")
    assert len(samples) > 280
    assert _refused(samples) == []


def test_every_forbidden_statement_of_the_corpus_is_refused(corpora: Path) -> None:
    samples = corpus(corpora, "forbidden")
    assert samples
    assert _accepted(samples) == []


def test_the_corpus_of_templates_is_accepted(corpora: Path) -> None:
    samples = corpus(corpora, "allowed")
    refused = _refused(samples)
    assert len(refused) <= len(samples) * 0.01, refused
    assert _refused(one for one in samples if one.dialect == "generic") == []


def test_each_refusal_says_why_in_a_sentence_and_where() -> None:
    for one in own("forbidden"):
        for refusal in judge(one.sql, one.dialect, None).refusals:
            assert refusal.message.endswith("."), refusal
            assert refusal.message[0].isupper() or refusal.message[0] == "`", refusal
            assert len(refusal.message) < 200
            if refusal.line is not None:
                line = one.sql.split("\n")[refusal.line - 1]
                assert refusal.column is not None
                assert 1 <= refusal.column <= len(line) + 1, (one, refusal)


def test_what_is_accepted_in_brackets_or_a_part_of_with_is_no_way_in() -> None:
    """Whatever is refused alone is refused inside of something else too."""
    for one in own("forbidden"):
        body = one.sql.rstrip("; \n")
        for around in ("SELECT * FROM ({}\n) AS q", "WITH q AS ({}\n) SELECT * FROM q"):
            assert not judge(around.format(body), one.dialect, None).accepted, one
