"""The HTTP connector: requests to paths and methods that the operator listed, and no others."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from engine.connectors import operations
from engine.connectors.allowed import SAFE, AllowList
from engine.connectors.base import BaseConnector, Discovery, refuse
from engine.connectors.model import ConnectorCapability as Can
from engine.http import HttpRequest
from engine.probes import json_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_INTROSPECTION = "{__schema{queryType{name fields{name}}mutationType{name fields{name}}}}"


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpResult:
    """An answer; `body` has at most the connector's `max_bytes`."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    latency_ms: float = 0.0

    def json(self) -> object:
        """Return what the body says.

        Raises:
            ConnectorError: It is no JSON.
        """
        try:
            return json_body.parse(self.body)
        except json_body.InvalidJson as error:
            raise refuse("invalid_json", f"The answer is invalid JSON: {error}.") from None


class HttpConnector(BaseConnector):
    """Sends requests to one base URL.

    The option `allow` lists what may be asked for, with blanks or line ends between the entries:
    `GET /v1/users`, `POST,PUT /v1/items/*`, `/v1/**` (reading only). `*` is one segment of a
    path, `**` any number. What is not listed is refused before anything is sent.
    """

    TYPE: ClassVar[str] = "http"

    async def request(  # noqa: PLR0913 - the parts of a request, by their names
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        json_value: object = None,
    ) -> HttpResult:
        """Send one request and return its answer, whatever its status.

        Args:
            method: The verb.
            path: Below the base URL, beginning with `/`; without a query.
            query: What follows the question mark.
            headers: Others than those that say who asks.
            body: What to send as it is.
            json_value: What to send as JSON, instead of `body`.

        Raises:
            ConnectorError: It is not allowed, or there was no usable answer.
        """
        verb = method.upper()
        self.allowed.require(verb, path)
        content = body if json_value is None else json.dumps(json_value).encode()
        if content is not None and len(content) > self.config.max_bytes:
            raise refuse("too_large", "What is to be sent is larger than the connector's limit.")
        sent = {**(headers or {}), **authorization(self.place)}
        if json_value is not None:
            sent["Content-Type"] = "application/json"
        url = self._url(path) + (f"?{urlencode(query)}" if query else "")
        needs = Can.READ if verb in SAFE else Can.WRITE

        async def work(attempt: Attempt) -> HttpResult:
            return _result(await attempt.send(self._request(attempt, verb, url, sent, content)))

        return await self._run(needs, "request", work, again=verb in SAFE)

    async def discover(self) -> Discovery:
        """Ask the other side for its operations: an OpenAPI document, or GraphQL's schema."""

        async def work(attempt: Attempt) -> dict[str, Any]:
            url = self.place.url or ""
            if self.place.technology == "graphql":
                query = json.dumps({"query": _INTROSPECTION}).encode()
                sent = {**authorization(self.place), "Content-Type": "application/json"}
                request = self._request(attempt, "POST", url, sent, query)
                return operations.of_graphql(json_body.parse((await attempt.send(request)).body))
            if self.place.technology != "openapi":
                return {"operations": list(self.allowed.entries)}
            request = self._request(attempt, "GET", url, authorization(self.place), None)
            return operations.of_openapi((await attempt.send(request)).body)

        found = await self._run(Can.READ, "discover", work, again=True)
        return Discovery(found=found, capabilities=self._offered_here())

    @property
    def allowed(self) -> AllowList:
        """What may be asked for."""
        return AllowList.parse(str(self.config.options.get("allow") or ""))

    def _offered_here(self) -> frozenset[Can]:
        methods = self.allowed.methods
        reading = {Can.READ, Can.QUERY} if methods & SAFE or not methods else set()
        return frozenset(reading | ({Can.WRITE} if methods - SAFE else set()))

    def _url(self, path: str) -> str:
        parts = urlsplit(self.place.url or "")
        below = quote(path, safe="/%:@!$&()*+,;=~")
        return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}{below}"

    def _request(
        self,
        attempt: Attempt,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> HttpRequest:
        return HttpRequest(
            method=method,
            url=url,
            headers=headers,
            body=body,
            deadline_s=attempt.remaining_s,
            max_body=self.config.max_bytes,
        )


def authorization(place: Place) -> dict[str, str]:
    """Return the headers that say who asks, by the place's way of authentication."""
    if place.auth_type == "basic" or (place.username and place.password):
        login = f"{place.username or ''}:{place.password or ''}".encode()
        return {"Authorization": f"Basic {b64encode(login).decode()}"}
    if not place.api_key:
        return {}
    header = place.option("api_key_header")
    return {header: place.api_key} if header else {"Authorization": f"Bearer {place.api_key}"}


def _result(answer: HttpAnswer) -> HttpResult:
    return HttpResult(
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        latency_ms=answer.latency_ms,
    )
