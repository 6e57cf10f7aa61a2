"""The fields that every integration has, whatever its provider: declared once for form and flags.

A provider's own fields are declared beside the provider; see `engine.integrations.providers`.
"""

from __future__ import annotations

from engine.fields import INTERVAL, FieldSpec
from engine.text import MAX_NAME

# A billion dollars a month, in cents; beyond it, somebody slipped on the keyboard.
MAX_BUDGET_CENTS = 100_000_000_000
MAX_TOKENS = 1_000_000_000_000_000
MAX_RPM = 10_000_000

NAME = FieldSpec(
    name="name",
    label="Name",
    required=True,
    help="What people call it; unique in its tenant.",
    placeholder="gpt-prod",
    maximum=MAX_NAME,
)
DEFAULT_MODEL = FieldSpec(
    name="default_model",
    label="Default model",
    help="The model that is used when a caller names none.",
    placeholder="gpt-4o",
    maximum=MAX_NAME,
)
BUDGET = FieldSpec(
    name="budget_limit_cents",
    label="Budget in cents",
    kind="int",
    default="0",
    help="Cents a calendar month; 0 is unlimited.",
    minimum=0,
    maximum=MAX_BUDGET_CENTS,
)
TOKENS = FieldSpec(
    name="token_limit_month",
    label="Tokens a month",
    kind="int",
    default="0",
    help="Tokens a calendar month; 0 is unlimited.",
    minimum=0,
    maximum=MAX_TOKENS,
)
RATE = FieldSpec(
    name="rate_limit_rpm",
    label="Requests a minute",
    kind="int",
    default="0",
    help="Requests a minute; 0 is unlimited.",
    minimum=0,
    maximum=MAX_RPM,
)
LIMITS = (BUDGET, TOKENS, RATE)
COMMON = (NAME, DEFAULT_MODEL, *LIMITS, INTERVAL)
