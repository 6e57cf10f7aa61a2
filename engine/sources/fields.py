"""The fields that every source has, whatever its technology: declared once for form and flags.

What says where it is and how it is reached is declared beside its technology; see
`engine.probes.technology`.
"""

from __future__ import annotations

from engine.fields import INTERVAL, FieldSpec
from engine.text import MAX_NAME

MAX_WORDS = 32
"""The most tags, and the most roles, of one source."""
MAX_WORD = 64

NAME = FieldSpec(
    name="name",
    label="Name",
    required=True,
    help="What people call it; unique among the tenant's sources.",
    placeholder="orders-db",
    maximum=MAX_NAME,
)
DESCRIPTION = FieldSpec(
    name="description",
    label="Description",
    help="What it holds and who needs it, in one line.",
    maximum=1000,
)
TAGS = FieldSpec(
    name="tags",
    label="Tags",
    help="Words with commas between, to find it by.",
    placeholder="prod, pii",
    maximum=MAX_WORDS * (MAX_WORD + 2),
)
ROLES = FieldSpec(
    name="access_roles",
    label="Roles",
    help="Who may see it, with commas between; empty for everybody.",
    placeholder="dba, on-call",
    maximum=MAX_WORDS * (MAX_WORD + 2),
)
OWNER = FieldSpec(
    name="owner_id",
    label="Owner",
    help="Who answers for it.",
    placeholder="team-orders",
    maximum=128,
)

COMMON = (NAME, DESCRIPTION, TAGS, ROLES, OWNER, INTERVAL)
