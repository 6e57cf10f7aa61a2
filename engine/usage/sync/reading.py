"""Asking a source: every page of every report of a span, or one sentence why not."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from engine.errors import UsageSourceError
from engine.http.messages import HttpFault, HttpRequest
from engine.usage.sync.reckoning import Told
from engine.usage.sync.source import Page, Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.http.messages import HttpAnswer
    from engine.usage.sync.source import Report, Span, ToldCost, ToldUsage, UsageSource

MAX_PAGES = 200
"""Of one report and span; a source that goes on beyond it gives the same page again and again."""

_MAX_BODY = 8 * 1024 * 1024
_DEADLINE_S = 30.0
_OK = 200
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY = 401, 403, 404, 429
_SERVER = 500
_LONGEST_WAIT_S = 86_400


class Sends(Protocol):
    """What sends a request: the HTTP client of the workspace."""

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send one request and read the whole answer; raises HttpFault."""
        ...


async def read_span(
    client: Sends, source: UsageSource, span: Span, *, base_url: str, secret: str
) -> Told:
    """Return all that the source tells of a span of days.

    Args:
        client: Sends the requests.
        source: What words and reads them.
        span: The days.
        base_url: Where the source is asked, without a slash at the end.
        secret: The admin key in the open; it is in the headers and nowhere else.

    Raises:
        UsageSourceError: It did not tell; `retry_after_s` is set where it asked for a pause.
    """
    told = Told()
    for report in source.reports(span):
        page: str | None = ""
        for _ in range(MAX_PAGES):
            found = await _page(client, source, report, page, base_url=base_url, secret=secret)
            told.add(_veiled(found.items, secret))
            page = found.next_page
            if page is None:
                break
        else:
            raise UsageSourceError(
                f"{source.title} tells of more than {MAX_PAGES} pages for {span.end - span.first}"
                " days.",
                hint="Narrow the feed with --only, or ask the provider.",
            )
    return told


def _veiled(items: Sequence[ToldUsage | ToldCost], secret: str) -> list[ToldUsage | ToldCost]:
    """Mask the key in names, which are stored: what answers may give back what it was sent."""
    from engine.probes.redaction import redact

    names = {name: redact(name, secret) for name in {item.model for item in items}}
    return [replace(item, model=names[item.model]) for item in items]


async def _page(  # noqa: PLR0913 - one request's facts
    client: Sends,
    source: UsageSource,
    report: Report,
    page: str | None,
    *,
    base_url: str,
    secret: str,
) -> Page:
    query = (*report.query, *((("page", page),) if page else ()))
    request = HttpRequest(
        url=f"{base_url}{report.path}?{urlencode(query)}",
        headers=source.headers(secret),
        deadline_s=_DEADLINE_S,
        max_body=_MAX_BODY,
    )
    try:
        answer = await client.send(request)
    except HttpFault as fault:
        raise UsageSourceError(
            f"{source.title} could not be asked for usage: {fault.message}", hint=fault.remedy
        ) from None
    if answer.status != _OK:
        raise _refusal(source, answer)
    try:
        # Amounts of money must not pass through binary fractions.
        return report.read(json.loads(answer.body, parse_float=Decimal))
    except (ValueError, RecursionError):
        problem = "the answer is not JSON"
    except Unreadable as error:
        problem = str(error)
    raise UsageSourceError(
        f"What {source.title} told at {report.path} cannot be read: {problem}.",
        hint="Check the feed's base URL; the interface may have changed.",
    )


def _refusal(source: UsageSource, answer: HttpAnswer) -> UsageSourceError:
    """Say why there is no usage; the provider's own words may repeat the key and are left out."""
    status, key = answer.status, source.key_label
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        what = "does not know" if status == _UNAUTHORIZED else "does not let in"
        return UsageSourceError(
            f"{source.title} {what} the {key} (status {status}).",
            hint=f"A key for calls is not enough. {source.key_help} Set the feed up again with it.",
        )
    if status == _NOT_FOUND:
        return UsageSourceError(
            f"There is no usage interface of {source.title} at this address (status {status}).",
            hint="Check the feed's base URL.",
        )
    if status == _TOO_MANY or status >= _SERVER:
        return UsageSourceError(
            f"{source.title} does not tell usage right now (status {status}).",
            hint="It is asked again later.",
            retry_after_s=_retry_after(answer),
        )
    return UsageSourceError(
        f"{source.title} refused the question for usage (status {status}).",
        hint="Check what the feed is narrowed to (--only), and its base URL.",
    )


def _retry_after(answer: HttpAnswer) -> int | None:
    """Return the seconds that the provider asked to be left alone; None where it did not."""
    text = answer.headers.get("retry-after", "").strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:9]), _LONGEST_WAIT_S)
