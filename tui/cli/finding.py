"""What the doctor finds: one line about one thing, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.jsonable import JsonRecord

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding(JsonRecord):
    """One thing that was looked at; `remedy` says what to do where it is not ok."""

    name: str
    status: Status
    detail: str
    remedy: str | None = None


def ok(name: str, detail: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(name=name, status="ok", detail=detail)


def warn(name: str, detail: str, remedy: str) -> Finding:
    """Return a finding that works, yet should be changed."""
    return Finding(name=name, status="warn", detail=detail, remedy=remedy)


def fail(name: str, detail: str, remedy: str) -> Finding:
    """Return a finding that keeps something from working."""
    return Finding(name=name, status="fail", detail=detail, remedy=remedy)
