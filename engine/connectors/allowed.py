"""Which paths and methods may be asked for: a list, and the one reading of a path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.connectors.base import refuse

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE | {"POST", "PUT", "PATCH", "DELETE"}
# Two servers read these in two ways; what is judged must be what is asked for.
_AMBIGUOUS = re.compile(r"%(?:2e|2f|5c|00|25)|\\|//|[\x00-\x20\x7f#?]", re.IGNORECASE)
_DOTS = frozenset({".", ".."})
_ENTRY = re.compile(r"(?:(?P<methods>[A-Za-z,*]+)\s+)?(?P<path>/\S*)")
_READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class AllowList:
    """Pairs of methods and the shape of a path; make one with `AllowList.parse`."""

    pairs: tuple[tuple[frozenset[str], str], ...]

    @staticmethod
    @lru_cache(maxsize=256)
    def parse(text: str) -> AllowList:
        """Read `GET /v1/users`, `POST,PUT /v1/items/*`, `/v1/**`, with blanks between."""
        return AllowList(tuple(_pair(match) for match in _ENTRY.finditer(text)))

    @staticmethod
    def is_readable(text: str) -> bool:
        """Tell whether all of a text is entries, with methods that there are."""
        methods = {
            method.upper()
            for match in _ENTRY.finditer(text)
            for method in (match["methods"] or "").split(",")
        }
        return not _ENTRY.sub("", text).strip() and methods <= METHODS | {"", "*"}

    @property
    def entries(self) -> tuple[str, ...]:
        """Each as `METHOD /path`."""
        return tuple(
            f"{method} {shape}" for methods, shape in self.pairs for method in sorted(methods)
        )

    @property
    def methods(self) -> frozenset[str]:
        """All methods that are allowed for any path."""
        return frozenset(method for methods, _ in self.pairs for method in methods)

    def require(self, method: str, path: str) -> None:
        """Refuse what is not listed, before anything is sent.

        Raises:
            ConnectorError: It is not listed, or the path can be read in two ways.
        """
        if method not in METHODS:
            raise refuse("not_allowed", "There is no such method.")
        if not path.startswith("/") or _AMBIGUOUS.search(path) or _DOTS & set(path.split("/")):
            raise refuse(
                "not_allowed",
                "The path must begin with / and be plain: no dots, no encoded slashes, no query.",
                "Give what follows the question mark as `query`.",
            )
        if not any(method in methods and _fits(shape, path) for methods, shape in self.pairs):
            raise refuse(
                "not_allowed",
                f"{method} of that path is not on this connector's allow list.",
                f"List it in the option `allow`, such as `{method} /v1/items/*`.",
            )


def _pair(match: re.Match[str]) -> tuple[frozenset[str], str]:
    named = (match["methods"] or "").upper()
    if not named:
        return _READING, match["path"]
    return METHODS if named == "*" else frozenset(named.split(",")) & METHODS, match["path"]


def _fits(shape: str, path: str) -> bool:
    return bool(_pattern(shape).fullmatch(path))


@lru_cache(maxsize=256)
def _pattern(shape: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", shape)
    wild = {"**": ".*", "*": "[^/]+"}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in parts))
