"""Silences: when nobody wants to be told, of what, and why."""

from __future__ import annotations

from engine.silences.model import Silence, SilenceDraft, Subject

__all__ = ["Silence", "SilenceDraft", "Subject"]
