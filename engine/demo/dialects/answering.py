"""What simulated models answer, and what they count of it: each provider says it its own way.

A token here is four characters, OpenAI's rule of thumb ("What are tokens and how to count them",
help.openai.com). Usage is counted from the text that really came and really goes, so that what an
application records is what it caused.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHARACTERS_PER_TOKEN = 4
# The least of a prompt that is cached ("Prompt caching", platform.openai.com).
_CACHED = 1024
_BEGINNING = _CACHED * CHARACTERS_PER_TOKEN
_REMEMBERED = 256
_LONGEST_ANSWER = 4_000
_SENTENCE = "The order was sent on Monday; if it is not there by Thursday, the carrier will call. "


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """What a model is asked, as one text, and the most tokens that its answer may have."""

    text: str
    max_tokens: int = _LONGEST_ANSWER


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """An answer with its count; `tokens_in` holds the cached ones, `cut` tells of the limit."""

    id: str
    text: str
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cut: bool


class Completions:
    """Answers prompts, and remembers their beginnings as providers' caches do."""

    def __init__(self) -> None:
        self._beginnings: OrderedDict[bytes, None] = OrderedDict()

    def complete(self, prompt: Prompt) -> Completion:
        """Return an answer; the same prompt gets one of the same length."""
        wanted = _wanted(prompt.text)
        tokens_out = min(wanted, max(1, prompt.max_tokens), _LONGEST_ANSWER)
        return Completion(
            id=secrets.token_hex(12),
            text=_text(tokens_out),
            tokens_in=count(prompt.text),
            tokens_out=tokens_out,
            tokens_cached=self._cached(prompt.text),
            cut=tokens_out < wanted,
        )

    def _cached(self, text: str) -> int:
        """Return how much of a prompt was remembered, and remember its beginning."""
        if len(text) < _BEGINNING:
            return 0
        beginning = hashlib.blake2b(text[:_BEGINNING].encode(), digest_size=16).digest()
        known = beginning in self._beginnings
        self._beginnings[beginning] = None
        self._beginnings.move_to_end(beginning)
        if len(self._beginnings) > _REMEMBERED:
            self._beginnings.popitem(last=False)
        return _CACHED if known else 0


def count(text: str) -> int:
    """Return how many tokens a text has; one that is not empty has at least one."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def messages_text(messages: object) -> str:
    """Return the text of messages whose content is a text or parts with texts.

    Raises:
        ValueError: These are no messages.
    """
    if not isinstance(messages, list) or not messages:
        raise ValueError("messages")
    return "\n".join(_content(one) for one in messages)


def _content(message: Any) -> str:
    try:
        content = message["content"]
        return content if isinstance(content, str) else parts_text(content)
    except (KeyError, TypeError):
        raise ValueError("content") from None


def parts_text(parts: Sequence[Mapping[str, Any]]) -> str:
    """Return the texts of the parts that have one; raises TypeError for what is no list."""
    return "".join(str(part["text"]) for part in parts if "text" in part)


def _wanted(text: str) -> int:
    """Return how many tokens an answer would have if nothing cut it: 60 to 599."""
    drawn = hashlib.blake2b(text.encode(), digest_size=2).digest()
    return 60 + int.from_bytes(drawn, "big") % 540


def _text(tokens: int) -> str:
    """Return a text of so many tokens."""
    length = tokens * CHARACTERS_PER_TOKEN
    return (_SENTENCE * (length // len(_SENTENCE) + 1))[:length]
