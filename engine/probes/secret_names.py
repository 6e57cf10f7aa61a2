"""Which names tell that their value is a secret: of options, of a URL's query, of metadata."""

from __future__ import annotations

import re

_LETTERS = re.compile(r"[^a-z0-9]")
_TELLING = re.compile(
    r"password|passwd|passphrase|secret|token|credential|signature|apikey|accesskey|privatekey"
    r"|accountkey|sharedkey|authkey"
)
_WHOLE = frozenset(
    {"key", "pwd", "pass", "sig", "sas", "auth", "code", "pat", "jwt", "subscriptionkey"}
)
# They speak of a secret, and hold none: a path, an address, a name, a kind, a number.
_ABOUT = re.compile(r"(file|path|url|uri|endpoint|name|type|provider|expiry|lifetime|ttl|id)$")
_HINTING = re.compile(r"key|token|secret|sig|pass|auth|code", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Tell whether the value of this name is a secret; spelling and case make no difference.

    `sslpassword`, `api-key` and `AccountKey` are, `passwordfile`, `token_url` and `keyspace` not.
    """
    word = _LETTERS.sub("", name.lower())
    if word in _WHOLE:
        return True
    # An access key's id is no secret, a secret's own id mostly stands for it: when unsure, mask.
    return bool(_TELLING.search(word)) and not _ABOUT.search(word)


def may_name_secret(name: str) -> bool:
    """Tell whether the value of this name might be one: for words that are only masked.

    Wider than `is_secret_name`: a mask too many garbles a message, and changes nothing stored.
    """
    return bool(_HINTING.search(name)) or is_secret_name(name)
