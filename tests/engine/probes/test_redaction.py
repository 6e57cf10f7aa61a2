from __future__ import annotations

import base64
import html
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.probes.redaction import redact, redact_result
from engine.probes.result import ProbeResult
from engine.probes.states import CusHealthState

SECRET = "sk-proj-planted/0123456789+abcdefghij"


def test_an_echoed_key_is_masked_whole_and_in_part() -> None:
    assert redact(f"Incorrect API key provided: {SECRET}.", SECRET) == (
        "Incorrect API key provided: ***."
    )
    assert redact(f"You sent {SECRET[:20]}", SECRET) == "You sent ***"
    assert redact(f"…{SECRET[-12:]} is wrong; {SECRET}", SECRET) == "…*** is wrong; ***"
    assert redact("key=sk-proj-planted%2F0123456789%2Babcdefghij", SECRET) == "key=***"


@pytest.mark.parametrize(
    "written",
    [
        base64.b64encode(f"Bearer {SECRET}".encode()).decode(),
        base64.urlsafe_b64encode(f"me:{SECRET}".encode()).decode(),
        base64.b64encode(SECRET.encode()).decode(),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        json.dumps({"authorization": SECRET}),
        html.escape(f'<b key="{SECRET}">'),
    ],
)
def test_an_echo_in_another_encoding_is_masked_too(written: str) -> None:
    masked = redact(f"you sent {written}", SECRET)
    pieces = {written[start : start + 16] for start in range(12, len(written) - 28)}
    assert "***" in masked
    assert not any(piece in masked for piece in pieces)


def test_what_a_provider_masked_itself_stays_readable() -> None:
    told = "Incorrect API key provided: sk-pr***ghij."
    assert redact(told, SECRET) == told
    assert redact("no secret in sight", SECRET) == "no secret in sight"
    assert redact(told, "") == told
    assert redact("", SECRET) == ""


def test_short_secrets_are_masked_whole() -> None:
    assert redact("the key abc123 is bad", "abc123") == "the key *** is bad"


def test_a_word_that_a_password_shares_with_a_sentence_is_no_echo() -> None:
    said = "The server rejected the password for user app."
    assert redact(said, "right-password") == said
    assert redact("you sent right-password", "right-password") == "you sent ***"
    assert redact("you sent t-password", "right-password") == "you sent ***"
    assert redact("you sent correcthorse", "correcthorse") == "you sent ***"
    assert redact("you sent correcthorsebat…", "correcthorsebattery") == "you sent ***…"


def test_several_secrets_are_masked_at_once() -> None:
    said = redact("a 12345678-x b 78-x-abcdef9 c pw1", "12345678-x", "78-x-abcdef9", "pw1")
    assert said == "a *** b *** c ***"


@given(
    secret=st.text(alphabet="0123456789+-", min_size=8, max_size=60),
    before=st.text(max_size=30),
    after=st.text(max_size=30),
    cut=st.integers(min_value=8),
)
@settings(max_examples=200, deadline=None)
def test_no_piece_of_eight_survives(secret: str, before: str, after: str, cut: int) -> None:
    cleaned = redact(before + secret[:cut] + after, secret)
    assert not any(secret[i : i + 8] in cleaned for i in range(len(secret) - 7))


def test_a_result_is_masked_everywhere() -> None:
    result = ProbeResult(
        state=CusHealthState.FAILING,
        message=f"401 {SECRET}",
        remedy=f"look at {SECRET}",
        details={
            "location": f"https://h/?k={SECRET}",
            "models": 3,
            "names": [SECRET, {"deep": f"x{SECRET}"}],
        },
        error="auth_failed",
        latency_ms=12,
    )
    masked = redact_result(result, SECRET)
    assert SECRET not in repr(masked)
    assert masked.details["models"] == 3
    assert masked.latency_ms == 12
    assert redact_result(result, "") is result
