"""The drivers of prevention: ledgers, what was proved of them, policies."""

from __future__ import annotations

from storage.prevention.driver import LedgerDriver
from storage.prevention.policies import PoliciesDriver
from storage.prevention.proofs import ProofsDriver
from storage.prevention.rows import (
    BreakRow,
    Head,
    Link,
    PolicyRow,
    RecordRow,
    Sort,
    VerificationRow,
)

__all__ = [
    "BreakRow",
    "Head",
    "LedgerDriver",
    "Link",
    "PoliciesDriver",
    "PolicyRow",
    "ProofsDriver",
    "RecordRow",
    "Sort",
    "VerificationRow",
]
