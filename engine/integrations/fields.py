"""The fields that every integration has, whatever its provider: declared once for form and flags.

A provider's own fields are declared beside the provider; see `engine.integrations.providers`.
"""

from __future__ import annotations

from engine.fields import FieldSpec

NAME = FieldSpec(
    name="name",
    label="Name",
    required=True,
    help="What people call it; unique in its tenant.",
    placeholder="gpt-prod",
    maximum=120,
)
DEFAULT_MODEL = FieldSpec(
    name="default_model",
    label="Default model",
    help="The model that is used when a caller names none.",
    placeholder="gpt-4o",
    maximum=200,
)
BUDGET = FieldSpec(
    name="budget_limit_cents",
    label="Budget",
    kind="int",
    default="0",
    help="Cents a calendar month; 0 is unlimited.",
    minimum=0,
)
TOKENS = FieldSpec(
    name="token_limit_month",
    label="Tokens",
    kind="int",
    default="0",
    help="Tokens a calendar month; 0 is unlimited.",
    minimum=0,
)
RATE = FieldSpec(
    name="rate_limit_rpm",
    label="Rate",
    kind="int",
    default="0",
    help="Requests a minute; 0 is unlimited.",
    minimum=0,
)
INTERVAL = FieldSpec(
    name="interval_s",
    label="Check every",
    kind="int",
    help="Seconds between two checks; empty for the workspace's own.",
    placeholder="60",
    minimum=5,
    maximum=86_400,
)

LIMITS = (BUDGET, TOKENS, RATE)
COMMON = (NAME, DEFAULT_MODEL, *LIMITS, INTERVAL)
