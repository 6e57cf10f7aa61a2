"""The fields of connectors beside their technology's: declared once for form and flags.

What says where the other side is and how it is reached is declared beside its technology; see
`engine.probes.technology`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.connectors.config import DEFAULT_MAX_BYTES, DEFAULT_MAX_ROWS
from engine.fields import INTERVAL, FieldSpec
from engine.sources import fields as sources

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = replace(
    sources.NAME,
    help="What people call it; unique among the tenant's connectors.",
    placeholder="orders-api",
)
DESCRIPTION = replace(sources.DESCRIPTION, help="What it is for, in one line.")
TAGS = sources.TAGS
OWNER = sources.OWNER

COMMON = (NAME, DESCRIPTION, TAGS, OWNER, INTERVAL)

_LISTED = "with commas or blanks between; without them, none."
ALLOWED: Mapping[str, FieldSpec] = {
    "http": FieldSpec(
        name="allow",
        label="Allowed requests",
        maximum=8192,
        placeholder="GET /v1/items/** POST /v1/items",
        help="Methods with paths; * is one segment, ** any number. Without them, none.",
    ),
    "mcp": FieldSpec(
        name="allow_tools",
        label="Allowed tools",
        maximum=8192,
        placeholder="search, read_page",
        help=f"The tools that may be called, {_LISTED}",
    ),
    "serverless": FieldSpec(
        name="allow_functions",
        label="Allowed functions",
        maximum=8192,
        placeholder="resize, translate",
        help="The functions that may be run, with commas or blanks between.",
    ),
}
"""The option of a type that lists what may be asked for."""

OWN: Mapping[str, tuple[FieldSpec, ...]] = {
    "vector": (
        FieldSpec(
            name="vector_dimension",
            label="Dimension",
            kind="int",
            default="1536",
            minimum=1,
            maximum=65_536,
            help="How many numbers each vector has.",
        ),
        FieldSpec(
            name="distance_metric",
            label="Distance",
            kind="choice",
            choices=("cosine", "euclidean", "dot"),
            default="cosine",
            help="What is near.",
        ),
    ),
    "file": (
        FieldSpec(
            name="base_path",
            label="Base path",
            maximum=1024,
            placeholder="exports/2026",
            help="The folder that is never left; empty for the whole of it.",
        ),
    ),
}
"""Fields that only connectors of a type have."""

BEHAVIOUR = (
    FieldSpec(
        name="timeout_seconds",
        label="Timeout (s)",
        kind="int",
        default="30",
        minimum=1,
        maximum=600,
        help="Seconds for one operation, with everything that it takes.",
    ),
    FieldSpec(
        name="max_retries",
        label="Retries",
        kind="int",
        default="3",
        minimum=0,
        maximum=100,
        help="How often what changes nothing is tried again after a fault that may pass.",
    ),
    FieldSpec(
        name="max_rows",
        label="Most rows",
        kind="int",
        default=str(DEFAULT_MAX_ROWS),
        minimum=1,
        maximum=100_000,
        help="The most rows, entries or messages that one operation brings back.",
    ),
    FieldSpec(
        name="max_bytes",
        label="Most bytes",
        kind="int",
        default=str(DEFAULT_MAX_BYTES),
        minimum=1,
        maximum=64 * 1024 * 1024,
        help="The most bytes that one operation brings back, or writes.",
    ),
    FieldSpec(
        name="rate_limit_enabled",
        label="Rate limit",
        kind="choice",
        choices=("no", "yes"),
        default="no",
        help="Whether operations are counted against a limit.",
    ),
    FieldSpec(
        name="rate_limit_requests",
        label="Operations",
        kind="int",
        default="100",
        minimum=1,
        maximum=1_000_000,
        help="The most operations in one window of the rate limit.",
    ),
    FieldSpec(
        name="rate_limit_window_seconds",
        label="Window (s)",
        kind="int",
        default="60",
        minimum=1,
        maximum=86_400,
        help="Seconds of a window of the rate limit.",
    ),
)
"""How every connector behaves, by the names of `ConnectorConfig`."""


def own_specs(connector_type: str) -> tuple[FieldSpec, ...]:
    """Return what a type has beside its technology's fields: what it allows, and its own."""
    allowed = ALLOWED.get(connector_type)
    return (*((allowed,) if allowed else ()), *OWN.get(connector_type, ()))
