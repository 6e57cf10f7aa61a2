"""What a provider may answer, by the corpus's id, and what a check must say to it.

Most lines need no more than a server's script and the expected result; they are `CASES`. The
others are tests of their own in the files beside this one; `ELSEWHERE` says where.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers import hostile as serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.servers.hostile import Peer

    Script = Callable[[Peer], Awaitable[None]]

HEALTHY, DEGRADED, FAILING = "healthy", "degraded", "failing"


@dataclass(frozen=True, slots=True)
class Case:
    """A script and what the check of it must say.

    Attributes:
        script: What the server does.
        state: The state of the lamp.
        error: The code; None for healthy.
        says: Words that the message has, whatever their case.
        tls: Which certificate the server has: a name of `certificates` in conftest.
        plain_on_https: The URL says https, the server speaks no TLS.
        tls_on_http: The server speaks TLS, the URL says http.
    """

    script: Script
    state: str
    error: str | None
    says: str = ""
    tls: str = ""
    plain_on_https: bool = False
    tls_on_http: bool = False
    retry_after_s: float | None = None


def json_answer(body: bytes, kind: str = "application/json") -> Script:
    return serve.reply(serve.answer(body, kind=kind))


def status(line: str, *headers: str, body: object = None) -> Script:
    return serve.reply(serve.answer(body or {}, status=line, headers=headers))


def packed(coding: str, body: bytes) -> Script:
    return serve.reply(serve.answer(body, headers=(f"Content-Encoding: {coding}",)))


_GOOD = json.dumps(serve.MODELS).encode()
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
_SETTINGS_GOAWAY = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" + (
    b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + b"\x00" * 8
)

CASES: dict[str, list[Case]] = {
    # network and slow
    "accept_silence": [
        Case(serve.silence, FAILING, "timeout", "timed out waiting for the response")
    ],
    "slow_headers": [
        Case(serve.drip(b"HTTP/1.1 200 OK\r\nX-Slow: "), FAILING, "timeout", "deadline"),
        Case(serve.drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), FAILING, "timeout", "deadline"),
    ],
    "slow_body": [
        Case(serve.drip(_HEAD + b"Content-Length: 999\r\n\r\n"), FAILING, "timeout", "deadline"),
        Case(serve.drip(_CHUNKED, b"1\r\na\r\n"), FAILING, "timeout", "deadline"),
    ],
    # size
    "endless_chunked": [
        Case(serve.endless(_CHUNKED, _CHUNK), FAILING, "too_large"),
        Case(serve.endless(_HEAD + b"\r\n", b" " * 65536), FAILING, "too_large"),
    ],
    "endless_headers": [
        Case(serve.endless(_HEAD, b"X-More: again\r\n" * 999), FAILING, "invalid_response"),
        Case(serve.endless(_HEAD + b"X-Long: ", b"a" * 65536), FAILING, "invalid_response"),
    ],
    "many_headers": [
        Case(serve.reply(_HEAD + b"X-M: 1\r\n" * 100_000 + b"\r\n{}"), FAILING, "invalid_response")
    ],
    "gzip_double": [
        Case(packed("gzip, gzip", gzip.compress(gzip.compress(_GOOD))), FAILING, "invalid_response")
    ],
    "br_zstd_bomb": [
        Case(packed("br", b"\x1b\x00" * 50), FAILING, "unsupported_encoding"),
        Case(packed("zstd", b"\x28\xb5\x2f\xfd" * 50), FAILING, "unsupported_encoding"),
    ],
    # malformed
    "gzip_garbage": [
        Case(packed("gzip", _GOOD), FAILING, "invalid_response"),
        Case(packed("gzip", gzip.compress(_GOOD)[:-9]), FAILING, "invalid_response", "too early"),
        Case(packed("gzip", gzip.compress(_GOOD)), HEALTHY, None),
        Case(packed("deflate", zlib.compress(_GOOD)), HEALTHY, None),
    ],
    "cl_negative": [
        Case(serve.reply(_HEAD + b"Content-Length: -1\r\n\r\n{}"), FAILING, "invalid_response")
    ],
    "status_line_junk": [
        Case(
            serve.reply(b"HTTP/1.1 999 \x1b[2JOK\r\nContent-Length: 0\r\n\r\n"), FAILING, "http_999"
        )
    ],
    "obs_fold": [
        Case(serve.reply(_HEAD + b"X-Fold: a\r\n  b\r\nContent-Length: 2\r\n\r\n{}"), HEALTHY, None)
    ],
    # protocol
    "early_103": [
        Case(
            serve.reply(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50, serve.answer()),
            HEALTHY,
            None,
        )
    ],
    "no_length": [Case(serve.reply(_HEAD + b"Connection: close\r\n\r\n" + _GOOD), HEALTHY, None)],
    "http2_goaway": [Case(serve.say(_SETTINGS_GOAWAY), FAILING, "not_http")],
    # status
    "204": [
        Case(serve.reply(b"HTTP/1.1 204 No Content\r\n\r\n"), DEGRADED, "unexpected_status", "204")
    ],
    "200_html": [
        Case(
            json_answer(b"<html>Please log in</html>", "text/html; charset=utf-8"),
            DEGRADED,
            "unexpected_content_type",
            "unexpected content type text/html",
        )
    ],
    "200_error_json": [
        Case(
            json_answer(b'{"error":{"message":"invalid key"}}'),
            FAILING,
            "auth_failed",
            "invalid key",
        ),
        Case(json_answer(b'{"error":"try later"}'), DEGRADED, "provider_error", "try later"),
    ],
    "200_wrong_type": [
        Case(json_answer(_GOOD, "text/plain"), DEGRADED, "unexpected_content_type", "text/plain")
    ],
    "200_empty": [
        Case(json_answer(b""), DEGRADED, "empty_response", "empty"),
        Case(json_answer(b"", ""), DEGRADED, "empty_response", "empty"),
    ],
    "400": [
        Case(
            status("400 Bad Request", body={"error": {"message": "no such version"}}),
            DEGRADED,
            "bad_request",
            "bad request: no such version",
        )
    ],
    "403": [Case(status("403 Forbidden"), FAILING, "access_denied", "not allowed")],
    "429_seconds": [
        Case(
            status("429 Too Many Requests", "Retry-After: 30"),
            DEGRADED,
            "rate_limited",
            retry_after_s=30,
        )
    ],
    "429_none": [Case(status("429 Too Many Requests"), DEGRADED, "rate_limited")],
    "500": [Case(status("500 Internal Server Error"), FAILING, "http_500", "server error")],
    "502_503_504": [
        Case(status("502 Bad Gateway"), FAILING, "http_502"),
        Case(status("503 Unavailable", "Retry-After: 7"), FAILING, "http_503", retry_after_s=7),
        Case(status("504 Gateway Timeout"), FAILING, "http_504"),
    ],
    "529": [Case(status("529 Overloaded"), DEGRADED, "overloaded", "overloaded")],
    # redirects, none of them followed
    "redirect_same": [
        Case(status("301 Moved", "Location: /v2/models"), DEGRADED, "redirect", "redirects")
    ],
    "redirect_loop": [
        Case(status("302 Found", "Location: /v1/models"), DEGRADED, "redirect", "redirects")
    ],
    "redirect_downgrade": [
        Case(
            status("302 Found", "Location: http://127.0.0.1:9/"),
            DEGRADED,
            "redirect",
            "insecure redirect",
            tls="valid",
        )
    ],
    "redirect_crlf": [
        Case(
            status("302 Found", "Location: /a%0d%0a\x1b[2Jb"),
            DEGRADED,
            "redirect",
            "invalid redirect",
        ),
    ],
    # TLS
    "tls_expired": [Case(serve.healthy(), FAILING, "tls_expired", "on 2024-05-17", tls="expired")],
    "tls_wrong_host": [
        Case(serve.healthy(), FAILING, "tls_wrong_host", "another host name", tls="wrong_host")
    ],
    "tls_plain_on_443": [
        Case(
            serve.say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
            FAILING,
            "tls_not_tls",
            "not speak TLS",
            plain_on_https=True,
        )
    ],
    "tls_on_http": [
        Case(serve.healthy(), FAILING, "closed", tls="valid", tls_on_http=True),
        Case(
            serve.say(b"\x15\x03\x01\x00\x02\x02\x16"), FAILING, "not_http", "not an HTTP service"
        ),
        Case(
            serve.reply(
                serve.answer(
                    b"Client sent an HTTP request to an HTTPS server.\n",
                    status="400 Bad Request",
                    kind="text/plain",
                )
            ),
            FAILING,
            "not_http",
            "not an HTTP service",
        ),
    ],
    "tls_stall": [
        Case(serve.silence, FAILING, "tls_timeout", "deadline was exceeded", plain_on_https=True)
    ],
    # JSON
    "json_invalid": [Case(json_answer(b"{"), DEGRADED, "invalid_json", "invalid JSON")],
    "json_nan": [
        Case(json_answer(b'{"usage": NaN, "y": -0}'), DEGRADED, "invalid_json"),
        Case(json_answer(b'{"x": Infinity}'), DEGRADED, "invalid_json"),
        Case(json_answer(b'{"z": 1e999}'), DEGRADED, "invalid_json"),
        Case(json_answer(b'{"n": ' + b"9" * 5000 + b"}"), DEGRADED, "invalid_json"),
    ],
    "json_deep": [
        Case(json_answer(b"[" * 100_000), DEGRADED, "invalid_json"),
        Case(json_answer(b'{"a":' * 50_000 + b"1" + b"}" * 50_000), DEGRADED, "invalid_json"),
    ],
    "json_utf16": [Case(json_answer(json.dumps({}).encode("utf-16")), DEGRADED, "invalid_json")],
    "json_bad_utf8": [Case(json_answer(b'{"data": [{"id": "\xff\xc3("}]}'), HEALTHY, None)],
    "charset_lie": [
        Case(json_answer(_GOOD, f"application/json; charset={name}"), HEALTHY, None)
        for name in ("utf-7", "rot13", "no-such-charset", '"', "utf-16")
    ],
}

# Lines whose proof is a test with more than one answer: the function of that name in the file.
ELSEWHERE: dict[str, str] = {
    "keepalive_poison": "test_client.py::test_bytes_after_an_answer_reach_no_other_check",
    "401": "test_secrets.py::test_a_refused_credential_is_in_no_message_and_no_log",
    "429_date": "test_http_json.py::test_a_retry_date_counts_from_the_answer",
    "redirect_other_host": "test_secrets.py::test_a_redirect_carries_no_secret_to_another_host",
    "json_lone_surrogate": "test_http_json.py::test_half_a_character_is_replaced",
    "json_hostile_text": "test_http_json.py::test_hostile_text_reaches_no_message_alive",
    "set_cookie": "test_client.py::test_cookies_are_not_kept",
    "dns_rebind": "test_addresses.py::test_a_name_is_judged_by_the_address_connected_to",
    "ip_forms": "test_addresses.py::test_odd_spellings_and_metadata_are_not_connected_to",
    "userinfo_host": "test_addresses.py::test_a_user_before_the_host_is_not_connected_to",
    "proxy_env": "test_environment.py::test_nothing_is_taken_from_the_environment",
    "many_down": "test_client.py::test_many_silent_targets_end_together",
    "exit_in_flight": "test_environment.py::test_leaving_waits_for_no_check_that_hangs",
    "clock_forward": "",
    "cancel": "",
}
# Lines about who asks for checks, not about how one is made.
OF_OTHERS = {
    "clock_forward": "when checks are due is decided by the monitor's schedule",
    "cancel": "checks of one target are joined by the health service",
}
