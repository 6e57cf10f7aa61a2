"""What a service did, as far as its child can see it: what went out, and what was answered.

And why it failed, as apprise says it, without anything of the URL.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, unquote_plus

from engine.probes.words import MASK, one_line

_BEFORE = (
    *("NewConnectionError", "NameResolution", "CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER"),
    "HANDSHAKE_FAILURE",
)
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
_TRUST = "Its certificate is of no authority that is trusted; name your own in ca_file."
_WORD = re.compile(r"\w{3,}")
_SHORTEST = 4
"""Signs of a text that is masked also within a word."""
_REFUSED_FROM = 300


class Watch(logging.Handler):
    """Sees the requests and mails that go out, and hears apprise's warnings.

    Attributes:
        lost: Whether one went out that was not answered. Of what uses neither HTTP nor SMTP, a no
            of the service is all that is known.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lost = False
        self._untrusted = False
        # What went wrong comes first, and often what that means for the whole.
        self._warned: deque[str] = deque(maxlen=2)
        self._mails = 0
        self._answers: dict[str, list[bool]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what apprise says; nothing that it says may stop a service."""
        with suppress(Exception):
            self._warned.append(record.getMessage())

    def listen(self) -> None:
        """Hear apprise's log from now on; nobody else hears it, nor that of any library."""
        logging.getLogger().handlers[:] = [logging.NullHandler()]
        heard = logging.getLogger("apprise")
        heard.handlers[:], heard.propagate = [self], False
        heard.setLevel(logging.WARNING)

    def begin(self) -> None:
        """See from now on what goes out."""
        self._watch_requests()
        self._watch_mail()

    def told_some(self) -> bool:
        """Return whether somebody was told, though not everybody the URL names.

        That is known of mails, and of services that ask for the same address for each of those.
        """
        return bool(self._mails) or any(
            len(answers) > 1 and any(answers) for answers in self._answers.values()
        )

    def because(self, url: str) -> str:
        """Return why it failed, as a sentence to follow another; empty where nobody said."""
        if self._untrusted:
            return f" {_TRUST}"
        said = without(" ".join(self._warned), url)
        return f" apprise says: {said}" if said else ""

    def _watch_requests(self) -> None:
        import requests

        send = requests.Session.send

        def watched(session: Any, request: Any, **how: Any) -> Any:
            try:
                answer = send(session, request, **how)
            except requests.ConnectTimeout:
                raise
            except (requests.ReadTimeout, requests.ConnectionError) as error:
                # What happened before anything was sent is in the words of urllib3's errors alone.
                said = repr(error)
                self._untrusted = _UNTRUSTED in said
                self.lost = self.lost or not any(word in said for word in _BEFORE)
                raise
            asked = f"{request.method} {str(request.url).partition('?')[0]}"
            self._answers.setdefault(asked, []).append(answer.status_code < _REFUSED_FROM)
            return answer

        requests.Session.send = watched  # type: ignore[method-assign,assignment]

    def _watch_mail(self) -> None:
        import smtplib

        give = smtplib.SMTP.data

        def watched(session: Any, message: Any) -> Any:
            try:
                answer = give(session, message)
            except smtplib.SMTPDataError:
                raise  # the server answered, and did not take it
            except (OSError, smtplib.SMTPException):
                self.lost = True
                raise
            self._mails += answer[0] < _REFUSED_FROM
            return answer

        smtplib.SMTP.data = watched  # type: ignore[method-assign,assignment]


def without(text: str, url: str) -> str:
    """Return what apprise said as one line, with nothing that stands in the URL.

    Eight signs of it in a row are masked in whatever encoding, shorter words where they stand
    whole. Its scheme is the name of the service, and no secret.
    """
    rest = url.partition("://")[2] or url
    plain = unquote(rest)
    forms = {rest, plain, unquote_plus(rest)}
    forms |= {changed for form in forms for changed in (form.lower(), form.upper())}
    line = one_line(text, sorted(form for form in forms if len(form) >= _SHORTEST))
    words = {word.casefold() for word in _WORD.findall(plain)}
    return _WORD.sub(lambda word: MASK if word[0].casefold() in words else word[0], line)
