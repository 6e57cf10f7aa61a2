"""Checks of anything that answers HTTP with JSON, evaluated to a state with its reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from engine.http.messages import HttpFault
from engine.probes import json_body, verdicts
from engine.probes.result import ProbeResult
from engine.probes.states import SLOW_MS, VERY_SLOW_MS, CusHealthState
from engine.probes.words import one_line, secrets_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.http import HttpAnswer, HttpClient, HttpRequest
    from engine.probes.verdicts import Verdict

    Accept = Callable[[object], str | Mapping[str, object] | None]
    Classify = Callable[[int, Mapping[str, str], object], str | None]

# Faults that say nothing about the provider: there was no way to ask it.
_NOT_ASKED = frozenset({"address_blocked", "invalid_url", "invalid_request", "local_limit"})
_OK = 200


async def probe_json(
    client: HttpClient,
    request: HttpRequest,
    *,
    accept: Accept,
    classify: Classify | None = None,
    now: Callable[[], datetime] | None = None,
) -> ProbeResult:
    """Send the request and evaluate what came back; never raises for what the provider did.

    Args:
        client: The shared client.
        request: What to send.
        accept: Looks at the parsed JSON; returns one sentence that says what is missing, or None
            (or details worth keeping) when it is what the provider promises.
        classify: Recognises refusals that are not told by the status; gets status, headers and
            parsed body (None when there is none) and returns `auth_failed`, `access_denied`,
            `rate_limited` or None.
        now: The time at which the answer came, for a Retry-After that is a date.
    """
    try:
        answer = await client.send(request)
    except HttpFault as fault:
        return _of_fault(fault)
    came = datetime.now(UTC) if now is None else now()
    return _Evaluation(request, answer, came).result(accept, classify)


class _Evaluation:
    """One answer on its way to a result: the body's own words count more than the status."""

    def __init__(self, request: HttpRequest, answer: HttpAnswer, came: datetime) -> None:
        self._request = request
        self._answer = answer
        self._came = came

    def result(self, accept: Accept, classify: Classify | None) -> ProbeResult:
        answer = self._answer
        if verdicts.is_redirect(answer.status):
            return self._redirect()
        body, problem = self._body()
        code = classify(answer.status, answer.headers, body) if classify else None
        if code in verdicts.BY_CODE:
            return self._refused(verdicts.BY_CODE[code], body)
        if answer.status != _OK:
            return self._refused(verdicts.verdict_of(answer.status, answer.body), body)
        if problem is not None:
            return problem
        return self._read(body, accept)

    def _body(self) -> tuple[object, ProbeResult | None]:
        """Return the parsed body, or what stands against parsing it."""
        answer = self._answer
        kind = answer.headers.get("content-type", "")
        if not answer.body.strip():
            return None, self._degraded("empty_response", "The answer is empty: JSON was expected.")
        if not json_body.is_json_type(kind):
            said = one_line(kind.partition(";")[0], self._secrets())
            return None, self._degraded(
                "unexpected_content_type", f"Unexpected content type {said}: JSON was expected."
            )
        try:
            return json_body.parse(answer.body), None
        except json_body.InvalidJson as error:
            return None, self._degraded("invalid_json", f"The answer is invalid JSON: {error}.")

    def _read(self, body: object, accept: Accept) -> ProbeResult:
        error = json_body.error_in(body)
        if error is not None:
            blamed = json_body.blames_credential(error)
            return self._refused(verdicts.AUTH_FAILED if blamed else verdicts.PROVIDER_ERROR, body)
        verdict = accept(body)
        if isinstance(verdict, str):
            return self._degraded("unexpected_body", one_line(verdict, self._secrets()))
        return self._healthy(verdict or {})

    def _healthy(self, details: Mapping[str, object]) -> ProbeResult:
        ms = self._answer.latency_ms
        if ms <= SLOW_MS:
            return self._say(CusHealthState.HEALTHY, None, "Healthy.", details=details)
        word = "Very slow response" if ms > VERY_SLOW_MS else "Slow response"
        return self._say(
            CusHealthState.DEGRADED,
            "slow",
            f"{word}: {ms:,.0f} ms.",
            remedy="Look at the provider's status page and at the network between.",
            details=details,
        )

    def _refused(self, verdict: Verdict, body: object) -> ProbeResult:
        answer = self._answer
        said = json_body.error_text(body) or self._plain_text() or verdict.otherwise
        line = one_line(said, self._secrets())
        # A 200 is no part of what went wrong; any other status is.
        headline = (
            verdict.headline if answer.status == _OK else f"{answer.status} {verdict.headline}"
        )
        return self._say(
            verdict.state,
            verdict.error,
            f"{headline}: {line}" if line else f"{headline}.",
            remedy=verdict.remedy,
            retry_after_s=verdicts.retry_after_s(answer.headers.get("retry-after", ""), self._came),
        )

    def _plain_text(self) -> str:
        """Return the words of a plain text; the mark-up of an error page is no message."""
        kind = self._answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return self._answer.body.decode("utf-8", "replace") if kind == "text/plain" else ""

    def _redirect(self) -> ProbeResult:
        status, place = self._answer.status, self._answer.headers.get("location", "")
        shown = one_line(place, self._secrets())
        if not shown:
            message = f"{status} Unexpected redirect without an address."
        elif shown != place:
            message = f"{status} Invalid redirect, not followed: to {shown}"
        elif self._is_downgrade(place):
            message = f"{status} Insecure redirect from https to http, not followed: to {shown}"
        else:
            message = f"{status} The provider redirects, which is not followed: to {shown}"
        return self._say(
            CusHealthState.DEGRADED,
            "redirect",
            message,
            remedy="Set the base URL to the place where the API really is.",
            details={"location": shown},
        )

    def _is_downgrade(self, place: str) -> bool:
        try:
            target = urlsplit(urljoin(self._request.url, place)).scheme
        except ValueError:
            return False
        return self._request.url.lower().startswith("https:") and target == "http"

    def _degraded(self, error: str, message: str) -> ProbeResult:
        remedy = "Check that the base URL leads to the provider's API."
        return self._say(CusHealthState.DEGRADED, error, message, remedy=remedy)

    def _say(  # noqa: PLR0913 - the record's own fields, most by name
        self,
        state: CusHealthState,
        error: str | None,
        message: str,
        *,
        remedy: str = "",
        retry_after_s: float | None = None,
        details: Mapping[str, object] | None = None,
    ) -> ProbeResult:
        answer = self._answer
        return ProbeResult(
            state=state,
            message=message,
            error=error,
            stage="evaluate",
            latency_ms=_whole_ms(answer.latency_ms),
            stages=answer.stages,
            status_code=answer.status,
            retry_after_s=retry_after_s,
            remedy=remedy,
            details=details or {},
            loop_lag_ms=round(answer.loop_lag_ms),
        )

    def _secrets(self) -> tuple[str, ...]:
        return secrets_in(self._request.url, self._request.headers)


def _of_fault(fault: HttpFault) -> ProbeResult:
    asked = fault.code not in _NOT_ASKED
    return ProbeResult(
        state=CusHealthState.FAILING if asked else CusHealthState.UNKNOWN,
        message=one_line(fault.message),
        error=fault.code,
        stage=fault.stage,
        latency_ms=None if fault.latency_ms is None else _whole_ms(fault.latency_ms),
        stages=fault.stages,
        remedy=fault.remedy,
        loop_lag_ms=round(fault.loop_lag_ms),
    )


def _whole_ms(ms: float) -> int:
    # A check that happened took some time: 0 would read as not measured.
    return max(1, round(ms))
