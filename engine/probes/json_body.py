"""JSON from a stranger: parsed within bounds, and read for what it says went wrong."""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

from engine.probes.words import whole

# A value costs some 70 bytes in Python however few it has in JSON ("[],"): this many stay
# within 10 MiB. The longest list of models known has a quarter of them.
_MAX_VALUES = 100_000
_STRUCTURE = (b",", b"[", b"{")
# As deep as providers wrap an error: a list of objects with an error that is a list.
_MAX_WRAPPING = 4
_PLACES = ("message", "Message", "error_description", "reason", "detail", "title", "error")
_CREDENTIAL = re.compile(
    r"(invalid|incorrect|expired|missing|revoked|bad|wrong|unknown|no).{0,40}"
    r"(key|token|credential|password)|unauthori[sz]ed|authenticat",
    re.IGNORECASE,
)


class InvalidJson(ValueError):  # noqa: N818 - what the body is, not what we did wrong
    """The body is no JSON that can be kept; the text says why, without repeating it."""


def parse(body: bytes, *, max_values: int = _MAX_VALUES) -> object:
    """Return what a body says, as UTF-8 whatever charset it claims (RFC 8259 knows no other).

    Broken bytes and halves of surrogate pairs become U+FFFD. NaN, infinite numbers, too deep and
    too many values are refused, for nothing later could store or show them.

    Args:
        body: What came.
        max_values: How many values it may have.

    Raises:
        InvalidJson: It is not JSON, or not within these bounds.
    """
    if sum(body.count(sign) for sign in _STRUCTURE) > max_values:
        raise InvalidJson("it has too many values")
    text = body.decode("utf-8-sig", "replace")
    try:
        parsed = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        # Only an escape can bring half a pair, and a walk over every value is not free.
        return _mend(parsed) if b"\\ud" in body or b"\\uD" in body else parsed
    except RecursionError as error:
        raise InvalidJson("it is nested too deeply") from error
    except InvalidJson:
        raise
    except ValueError as error:
        raise InvalidJson("it breaks the rules of JSON") from error


def error_text(body: object) -> str:
    """Return what a provider's error body says, or an empty text where it says nothing.

    Reads the shapes in use: `{"error": {"message": …}}`, `{"error": "…"}`, `{"message": …}`,
    `{"detail": …}`, `{"errors": [{"message": …}]}`, and lists of these.
    """
    for _ in range(_MAX_WRAPPING):
        if isinstance(body, list) and body:
            body = body[0]
        elif isinstance(body, dict) and isinstance(_error_of(body), dict | list):
            body = _error_of(body)
    if isinstance(body, str):
        return body
    if not isinstance(body, dict):
        return ""
    words = (body[name] for name in _PLACES if _is_text(body.get(name)))
    return next(words, "") or error_word(body)


def error_in(body: object) -> object:
    """Return the error that a body carries although its status was fine; None without one."""
    if isinstance(body, list) and len(body) == 1:
        return error_in(body[0])
    if not isinstance(body, dict):
        return None
    return _error_of(body)


def _error_of(body: dict[str, object]) -> object:
    return body.get("error") or body.get("errors") or None


def error_word(error: object) -> str:
    """Return the code or type of an error object, or an empty text."""
    if not isinstance(error, dict):
        return ""
    return next(
        (error[name] for name in ("code", "type", "status") if _is_text(error.get(name))), ""
    )


def blames_credential(error: object) -> bool:
    """Tell whether an error is about the credential, by its words."""
    words = f"{error_text({'error': error})} {error_word(error)}".replace("_", " ")
    return bool(_CREDENTIAL.search(words[:1000]))


def is_json_type(content_type: str) -> bool:
    """Tell whether a Content-Type promises JSON; one that is missing promises nothing else."""
    kind = content_type.partition(";")[0].strip().lower()
    subtype = kind.partition("/")[2]
    return not kind or subtype == "json" or subtype.endswith("+json")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _refuse(word: str) -> NoReturn:
    raise InvalidJson(f"it has the value {word}, which is no JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InvalidJson("it has a number too large to keep")
    return number


def _mend(value: object) -> object:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, list):
        return [_mend(item) for item in value]
    if isinstance(value, dict):
        return {whole(name): _mend(item) for name, item in value.items()}
    return value
