from __future__ import annotations

import uuid

from engine.ids import CountingIds, random_id


def test_random_ids_are_uuids_that_differ() -> None:
    assert uuid.UUID(random_id()).version == 4
    assert random_id() != random_id()


def test_counting_ids_are_the_same_in_every_run() -> None:
    ids = CountingIds()
    assert [ids(), ids()] == [
        "00000000-0000-0000-0000-000000000001",
        "00000000-0000-0000-0000-000000000002",
    ]
