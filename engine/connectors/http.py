"""The HTTP connector: requests to paths and methods that the operator listed, and no others."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

from engine.connectors import operations
from engine.connectors.allowed import SAFE, AllowList
from engine.connectors.base import BaseConnector, Discovery, refuse
from engine.connectors.model import ConnectorCapability as Can
from engine.http import HttpRequest
from engine.probes import json_body
from engine.probes.http_service import open_service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt

_PORT = 443
# What the client sets by what it really sends, and to whom.
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding"})
_PLAIN = "/%:@!$&()*+,;=~"
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
        asked = {name: text for name, text in (headers or {}).items() if name.lower() not in _OURS}
        if json_value is not None:
            asked["Content-Type"] = "application/json"
        below = quote(path, safe=_PLAIN) + (f"?{urlencode(query)}" if query else "")
        needs = Can.READ if verb in SAFE else Can.WRITE

        async def work(attempt: Attempt) -> HttpResult:
            return _result(await self._send(attempt, verb, below, asked, content))

        return await self._run(needs, "request", work, again=verb in SAFE)

    async def discover(self) -> Discovery:
        """Ask the other side for its operations: an OpenAPI document, or GraphQL's schema."""
        found = await self._run(Can.READ, "discover", self._operations, again=True)
        methods = self.allowed.methods
        offered = {Can.READ, Can.QUERY} if methods & SAFE or not methods else set()
        offered |= {Can.WRITE} if methods - SAFE else set()
        return Discovery(found=found, capabilities=frozenset(offered))

    @property
    def allowed(self) -> AllowList:
        """What may be asked for."""
        return AllowList.parse(str(self.config.options.get("allow") or ""))

    async def _operations(self, attempt: Attempt) -> dict[str, Any]:
        if self.place.technology == "graphql":
            query = json.dumps({"query": _INTROSPECTION}).encode()
            sent = {"Content-Type": "application/json"}
            answer = await self._send(attempt, "POST", "", sent, query)
            return operations.of_graphql(answer.body)
        if self.place.technology == "openapi":
            path = self.place.option("path").lstrip("/")
            answer = await self._send(attempt, "GET", f"/{path}" if path else "", {}, None)
            return operations.of_openapi(answer.body)
        return {"operations": list(self.allowed.entries)}

    async def _send(
        self,
        attempt: Attempt,
        method: str,
        below: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> HttpAnswer:
        """Send what was judged already, as whoever the place says that one is."""
        service = await open_service(attempt, port=_PORT)
        return await attempt.send(
            HttpRequest(
                method=method,
                url=service.base_url + below,
                headers={**headers, **service.headers},
                body=body,
                deadline_s=attempt.remaining_s,
                max_body=self.config.max_bytes,
            )
        )


def _result(answer: HttpAnswer) -> HttpResult:
    return HttpResult(
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        latency_ms=answer.latency_ms,
    )
