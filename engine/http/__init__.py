"""HTTP for checks: `HttpClient` and the records it takes and gives.

Importing this package is cheap; httpx and aiohttp are loaded when the first client is made.
"""

from __future__ import annotations

from engine.http.addresses import AddressPolicy
from engine.http.client import HttpClient
from engine.http.messages import HttpAnswer, HttpFault, HttpRequest, Stage
from engine.http.tls import make_context

__all__ = [
    "AddressPolicy",
    "HttpAnswer",
    "HttpClient",
    "HttpFault",
    "HttpRequest",
    "Stage",
    "make_context",
]
