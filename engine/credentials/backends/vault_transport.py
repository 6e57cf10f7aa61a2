"""hvac's requests over the one HTTP client of the product.

So they have its rules: the address that is connected to is judged, nothing is redirected or sent
through a proxy, an answer has a deadline and a size. hvac's own transport has none of these, and
its errors hold answers with secrets in them.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from engine.http import AddressPolicy, HttpClient, HttpRequest

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from engine.credentials.backends.vault_settings import VaultSettings
    from engine.http import HttpAnswer

_MAX_BODY = 1024 * 1024
# What a request gets whose time is over: enough to say so.
_LEAST_S = 0.01
_OK = 200
_REDIRECTS = 300


class Redirected(Exception):  # noqa: N818 - an outcome, not a mistake of ours
    """The vault sent the request elsewhere, which is not followed."""


class JudgedAdapter:
    """Sends hvac's requests, all of them together within the deadline that begins now.

    It is what hvac's own adapters are to its client, of which it needs no more than this.

    Attributes:
        token: What lets the requests in; the client sets it.
    """

    def __init__(self, settings: VaultSettings, context: ssl.SSLContext) -> None:
        self.token = ""
        self._settings = settings
        self._context = context
        self._ends = time.monotonic() + settings.deadline_s

    def get(self, url: str, **told: Any) -> dict[str, Any]:
        """Send a GET request; see `_request`."""
        return self._request("GET", url, told.get("params") or {}, None)

    def post(self, url: str, **told: Any) -> dict[str, Any]:
        """Send a POST request; see `_request`."""
        return self._request("POST", url, {}, told.get("json"))

    def login(self, url: str, use_token: bool = True, **told: Any) -> dict[str, Any]:  # noqa: ARG002 - hvac's signature
        """Send a login, whose token the caller takes from the answer; see `_request`."""
        return self.post(url, **told)

    def _request(
        self, method: str, url: str, query: Mapping[str, object], body: object
    ) -> dict[str, Any]:
        """Send one request and return its JSON.

        Raises:
            HttpFault: There was no usable answer.
            Redirected: It was sent elsewhere.
            VaultError: The vault refused; its text says nothing.
        """
        left_s = max(_LEAST_S, self._ends - time.monotonic())
        request = HttpRequest(
            method=method,
            url=self._settings.address + url + (f"?{urlencode(query)}" if query else ""),
            headers=self._headers(body),
            body=None if body is None else json.dumps(body).encode(),
            deadline_s=left_s,
            connect_s=left_s,
            max_body=_MAX_BODY,
        )
        return _told(asyncio.run(self._send(request)))

    def _headers(self, body: object) -> dict[str, str]:
        headers = {"X-Vault-Request": "true"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.token:
            headers["X-Vault-Token"] = self.token
        if self._settings.namespace:
            headers["X-Vault-Namespace"] = self._settings.namespace
        return headers

    async def _send(self, request: HttpRequest) -> HttpAnswer:
        # A vault lives on a private network, and its address is the operator's own word.
        policy = AddressPolicy(
            allow_addresses=frozenset(self._settings.allow_addresses),
            allow_networks=frozenset(self._settings.allow_networks),
            allow_private=True,
        )
        client = HttpClient(policy, ssl_context=self._context)
        try:
            return await client.send(request)
        finally:
            await client.aclose()


def _told(answer: HttpAnswer) -> dict[str, Any]:
    from hvac.exceptions import VaultError

    found = _json(answer.body)
    if _OK <= answer.status < _REDIRECTS:
        return found
    if answer.status < 400:  # noqa: PLR2004 - the first status of a refusal
        raise Redirected
    raise VaultError.from_status(answer.status, "refused", json=found)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
