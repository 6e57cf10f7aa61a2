"""Python's garbage collector, while thousands of checks a minute come and go.

Hardly anything of a check is a cycle, so it is freed at once; but its hundreds of objects make the
collector walk everything that lives, again and again: a sixth of all CPU in a sweep of 6,000.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Instead of 700, 10, 10: some megabytes of cycles may wait, which is what a block of claims takes.
_YOUNG, _MIDDLE, _OLD = 50_000, 20, 50


@contextmanager
def calm() -> Iterator[None]:
    """Collect rarely, and not what is there already; as before afterwards."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
