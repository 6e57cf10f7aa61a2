"""A process that appends to a ledger and says what it was told is safe.

`python -m tests.engine.prevention.appending URL SALT BATCHES SIZE`; 0 batches go on for ever.
"""

from __future__ import annotations

import asyncio
import sys

from engine.prevention import PreventionCandidate
from engine.settings import Settings
from engine.workspace import Workspace


def made(salt: str, number: int) -> PreventionCandidate:
    """A candidate that tells who wrote it."""
    return PreventionCandidate(
        policy_id="p",
        pattern_id="x",
        tenant_id="acme",
        blocked_incident_id=f"{salt}-{number}",
        original_incident_id=None,
        signature_match_confidence=0.9,
        policy_mode="active",
        pattern_signature=None,
        request_signature="y" * 300,
        incident_created=False,
    )


async def main(url: str, salt: str, batches: int, size: int) -> None:
    """Appends, and prints first, last and head of each batch once it is acknowledged."""
    workspace = Workspace.open(Settings(database=url))
    number = 0
    while not batches or number < batches:
        candidates = [made(salt, number * size + place) for place in range(size)]
        done = await workspace.prevention.record_many("acme", candidates)
        print(done.first, done.last, done.head, flush=True)  # noqa: T201 - read by the test
        number += 1
    await workspace.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
