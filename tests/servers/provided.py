"""Which servers a run promised to have: where one of them is missing, its tests fail."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(service: str, reason: str) -> NoReturn:
    """Skip for a server that is not here, or fail where the run promised to have it.

    Args:
        service: Its word in `LAMPBOARD_SERVICES`.
        reason: What is missing, and how to get it.
    """
    required = os.environ.get("LAMPBOARD_REQUIRE_SERVICES") == "1"
    if required and service in os.environ.get("LAMPBOARD_SERVICES", "").split():
        pytest.fail(f"{service} was promised, but {reason}")
    pytest.skip(reason)
