"""File stores, through fsspec: what is declared of each; one probe a module."""

from __future__ import annotations

from engine.probes.technology import Technology

TECHNOLOGIES: tuple[Technology, ...] = ()
