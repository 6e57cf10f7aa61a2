"""The judge: what a template's SQL may be, and where it is wrong."""

from engine.gateway.judging.judge import judge
from engine.gateway.judging.placeholders import Placeholder, split_placeholders

__all__ = ("Placeholder", "judge", "split_placeholders")
