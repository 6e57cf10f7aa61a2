"""Keeps the garbage collector out of the way of starting and ending.

Importing makes 100,000 objects that all live to the end; the collector walks them again and again
while they come, and once more at the exit. For `lampboard integrations list` that was 60 of 250
ms. So it is off until the imports are done, the living are then frozen, and it goes on.
"""

from __future__ import annotations

import gc
import sys


def start() -> None:
    """Turn the collector off while the program is loaded."""
    gc.disable()


def settle() -> None:
    """Go on collecting, without what is there by now; does nothing where it was never off."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def finish() -> None:
    """Leave what is there to the end of the process, which frees it all at once.

    Not where DuckDB is loaded: what is frozen its library takes for lost, and tells at length.
    """
    if "_duckdb" in sys.modules:
        gc.unfreeze()
    else:
        gc.freeze()
