"""An answer over HTTP, read as JSON: what it says, or why that is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from engine.probes import json_body, verdicts
from engine.probes.refusals import Refused
from engine.probes.states import CusHealthState
from engine.probes.words import one_line, secrets_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.http import HttpAnswer, HttpRequest
    from engine.probes.verdicts import Verdict, Wording

    Classify = Callable[[int, Mapping[str, str], object], str | None]

_OK = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer and what it answers; the body's own words count more than the status.

    Attributes:
        request: What was sent.
        answer: What came back.
        came: When, aware.
        wording: How the other side is spoken of.
        statuses: Those that are fine.
    """

    request: HttpRequest
    answer: HttpAnswer
    came: datetime
    wording: Wording = verdicts.PROVIDER
    statuses: tuple[int, ...] = (_OK,)

    def read(self, classify: Classify | None = None) -> object:
        """Return the parsed body of an answer that is fine.

        Args:
            classify: Recognises refusals that are not told by the status; gets status, headers
                and parsed body (None when there is none) and returns `auth_failed`,
                `access_denied`, `rate_limited` or None.

        Raises:
            Refused: It redirects, refuses, is an error, or is no JSON.
        """
        if verdicts.is_redirect(self.answer.status):
            raise self._redirect()
        body, problem = self._body()
        code = classify(self.answer.status, self.answer.headers, body) if classify else None
        if code in verdicts.BY_CODE:
            raise self.refused(verdicts.BY_CODE[code].of(self.wording), body)
        self.require_status()
        if problem is not None:
            raise problem
        self._require_no_error(body)
        return body

    def require_status(self) -> None:
        """Refuse a status that is not among those that are fine.

        Raises:
            Refused: What the status means, with what the body says where it is JSON or text.
        """
        answer = self.answer
        if verdicts.is_redirect(answer.status) and answer.status not in self.statuses:
            raise self._redirect()
        if answer.status not in self.statuses:
            verdict = verdicts.verdict_of(answer.status, answer.body, self.wording)
            raise self.refused(verdict, self._body()[0])

    def refused(self, verdict: Verdict, body: object) -> Refused:
        """Return a verdict with the other side's own words."""
        answer = self.answer
        said = json_body.error_text(body) or self._plain_text() or verdict.otherwise
        line = one_line(said, self._secrets())
        # A status that is fine is no part of what went wrong; any other is.
        fine = answer.status in self.statuses
        headline = verdict.headline if fine else f"{answer.status} {verdict.headline}"
        wait = answer.headers.get("retry-after", "")
        return Refused(
            verdict.error,
            f"{headline}: {line}" if line else f"{headline}.",
            verdict.remedy,
            state=verdict.state,
            retry_after_s=verdicts.retry_after_s(wait, self.came),
            status_code=answer.status,
        )

    def degraded(self, error: str, message: str) -> Refused:
        """Return the refusal of an answer that is not what was promised."""
        remedy = verdicts.told(verdicts.NOT_THE_API, self.wording)
        return self._not_promised(error, one_line(message, self._secrets()), remedy)

    def _body(self) -> tuple[object, Refused | None]:
        """Return the parsed body, or what stands against parsing it."""
        answer = self.answer
        kind = answer.headers.get("content-type", "")
        if not answer.body.strip():
            return None, self.degraded("empty_response", "The answer is empty: JSON was expected.")
        if not json_body.is_json_type(kind):
            return None, self.degraded(
                "unexpected_content_type",
                f"Unexpected content type {kind.partition(';')[0]}: JSON was expected.",
            )
        try:
            return json_body.parse(answer.body), None
        except json_body.InvalidJson as error:
            return None, self.degraded("invalid_json", f"The answer is invalid JSON: {error}.")

    def _require_no_error(self, body: object) -> None:
        error = json_body.error_in(body)
        if error is None:
            return
        blamed = json_body.blames_credential(error)
        verdict = verdicts.AUTH_FAILED if blamed else verdicts.error_in_answer(self.wording)
        raise self.refused(verdict.of(self.wording), body)

    def _plain_text(self) -> str:
        """Return the words of a plain text; the mark-up of an error page is no message."""
        kind = self.answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return self.answer.body.decode("utf-8", "replace") if kind == "text/plain" else ""

    def _redirect(self) -> Refused:
        status, place = self.answer.status, self.answer.headers.get("location", "")
        shown = one_line(place, self._secrets())
        if not shown:
            message = f"{status} Unexpected redirect without an address."
        elif shown != place:
            message = f"{status} Invalid redirect, not followed: to {shown}"
        elif self._is_downgrade(place):
            message = f"{status} Insecure redirect from https to http, not followed: to {shown}"
        else:
            who = verdicts.told("{who}", self.wording)
            message = f"{status} {who} redirects, which is not followed: to {shown}"
        remedy = verdicts.told("Set {where} to the place where the API really is.", self.wording)
        return self._not_promised("redirect", message, remedy, {"location": shown})

    def _is_downgrade(self, place: str) -> bool:
        try:
            target = urlsplit(urljoin(self.request.url, place)).scheme
        except ValueError:
            return False
        return self.request.url.lower().startswith("https:") and target == "http"

    def _not_promised(
        self, error: str, message: str, remedy: str, details: Mapping[str, object] | None = None
    ) -> Refused:
        return Refused(
            error,
            message,
            remedy,
            state=CusHealthState.DEGRADED,
            status_code=self.answer.status,
            details=details,
        )

    def _secrets(self) -> tuple[str, ...]:
        return secrets_in(self.request.url, self.request.headers)
