"""REST's probe: status, value and word that are expected, and what else may come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.answers import Answers
from tests.servers.hostile import answer

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing
    from tests.servers.certificates import Authority

HEALTH = {"status": "ok", "parts": [{"a/b": True, "n": None}]}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"json_pointer": "/status"},
        {"json_pointer": "/status", "expected": "ok"},
        {"json_pointer": "/parts/0/a~1b", "expected": "true"},
        {"json_pointer": "/parts/0/n", "expected": "null"},
        {"expected": '"ok"'},
        {"expected_status": "200"},
    ],
)
async def test_expected_answer_is_healthy(probe: Probing, options: dict[str, object]) -> None:
    async with Answers({"/v1/health": HEALTH}).serving() as there:
        url = f"http://127.0.0.1:{there.port}/v1/"
        result = await probe(technology="rest", url=url, options={"path": "/health", **options})
    assert result.state is CusHealthState.HEALTHY
    assert result.details["status"] == 200


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"json_pointer": "/parts/1"}, "The answer has nothing at /parts/1."),
        ({"json_pointer": "/status", "expected": "up"}, "At /status the answer has ok, not up."),
        ({"expected": "up and running"}, "The answer does not have up and running in it."),
    ],
)
async def test_other_answer_is_failing(
    probe: Probing, options: dict[str, object], says: str
) -> None:
    async with Answers({"/": HEALTH}).serving() as there:
        url = f"http://127.0.0.1:{there.port}"
        result = await probe(technology="rest", url=url, options={"path": "/", **options})
    assert (result.state, result.error, result.message) == (
        CusHealthState.FAILING,
        "unexpected_body",
        says,
    )


async def test_status_that_is_expected_is_healthy_whatever_it_means(probe: Probing) -> None:
    answers = {"/": (401, {}), "/away": answer(b"", status="302 Found", headers=("Location: /",))}
    async with Answers(answers).serving() as there:
        place = {"technology": "rest", "url": f"http://127.0.0.1:{there.port}"}
        wanted = await probe(**place, options={"path": "/", "expected_status": "401"})
        refused = await probe(**place, options={"path": "/"})
        away = await probe(**place, options={"path": "/away"})
        expected = await probe(**place, options={"path": "/away", "expected_status": 302})
    assert wanted.state is expected.state is CusHealthState.HEALTHY
    assert (refused.error, away.error) == ("auth_failed", "redirect")
    assert away.state is CusHealthState.FAILING


async def test_too_many_requests_is_degraded_and_asks_for_patience(probe: Probing) -> None:
    busy = answer(b"{}", status="429 Slow Down", headers=("Retry-After: 30",))
    async with Answers({"/": busy}).serving() as there:
        url = f"http://127.0.0.1:{there.port}"
        result = await probe(technology="rest", url=url, options={"path": "/"})
    assert (result.state, result.error) == (CusHealthState.DEGRADED, "rate_limited")
    assert result.retry_after_s == 30
    assert "provider" not in result.remedy


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "http://evil.example/x", "\\\\evil.example", "../../x", "@evil/x"]
)
async def test_path_leads_to_no_other_host(probe: Probing, path: str) -> None:
    answers = Answers({})
    async with answers.serving() as there:
        url = f"http://127.0.0.1:{there.port}/v1"
        result = await probe(technology="rest", url=url, options={"path": path})
    assert result.error in {"http_404", "invalid_url"}
    assert len(answers.asked) == (result.error == "http_404")


async def test_certificate_is_checked_as_the_place_says(
    probe: Probing, authority: Authority, certificates: dict[str, object], tmp_path: object
) -> None:
    ca_file = str(authority.file(tmp_path))  # type: ignore[arg-type]
    async with Answers({"/": {}}).serving(tls=certificates["valid"]) as there:  # type: ignore[arg-type]
        place = {
            "technology": "rest",
            "url": f"https://127.0.0.1:{there.port}",
            "options": {"path": "/"},
        }
        strange = await probe(**place)
        trusted = await probe(**place, tls_ca=ca_file)
        careless = await probe(**place, tls_verify=False)
        mistaken = await probe(**place, tls_ca="/nowhere/ca.pem")
    assert (strange.error, strange.stage) == ("tls_untrusted", "tls")
    assert trusted.state is careless.state is CusHealthState.HEALTHY
    assert (mistaken.state, mistaken.error) == (CusHealthState.UNKNOWN, "invalid_request")
