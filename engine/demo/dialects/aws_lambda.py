"""AWS Lambda: its functions, for signed requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.demo.dialects.aws import Aws
from engine.demo.dialects.base import NOT_FOUND, Asked, Said

if TYPE_CHECKING:
    from engine.demo.behaviour import Mood

_PATH = "/2015-03-31/functions/"
_FUNCTIONS = {"image-resize": "python3.13", "invoice-pdf": "nodejs22.x", "thumbnail": "python3.13"}


class AwsLambda(Aws):
    """AWS Lambda: it lists its functions, and runs none."""

    def answer(self, asked: Asked, mood: Mood) -> Said:  # noqa: ARG002 - it is well or away
        """List the functions."""
        if (asked.method, asked.path) != ("GET", _PATH):
            return NOT_FOUND
        listed = [{"FunctionName": name, "Runtime": run} for name, run in _FUNCTIONS.items()]
        return Said(body={"Functions": listed})
