"""Every line of the scenario corpus: the state it expects, in time, without a traceback."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.http import HttpRequest
from engine.probes.http_json import probe_json
from tests.engine.http.scenarios import CASES, ELSEWHERE, OF_OTHERS, Case
from tests.servers.hostile import healthy, hostile
from tests.timing import within

if TYPE_CHECKING:
    import ssl

    from engine.http import HttpClient
    from engine.probes.result import ProbeResult

# Of a check that is to fail by its deadline, and of any other, which it only bounds.
SHORT_S, LONG_S = 0.6, 30.0
GRACE_S = 2.0
# Of a short deadline, what this machine may take before the check is made again.
_LOST_SHARE, _TRIES = 0.25, 5
_ROOT = Path(__file__).resolve().parents[3]
_CORPUS = (
    Path(os.environ.get("LAMPBOARD_CORPORA", _ROOT.parent / "shared" / "corpora"))
    / "http_scenarios.jsonl"
)


def _ids() -> list[str]:
    if not _CORPUS.is_file():
        return []
    return [json.loads(line)["id"] for line in _CORPUS.read_text().splitlines()]


@pytest.mark.skipif(not _CORPUS.is_file(), reason="no corpora folder: set LAMPBOARD_CORPORA to one")
@pytest.mark.parametrize("scenario", _ids())
def test_each_line_of_the_corpus_has_a_test(scenario: str) -> None:
    assert scenario in CASES or scenario in ELSEWHERE
    place = ELSEWHERE.get(scenario, "")
    if scenario in OF_OTHERS or scenario in CASES:
        return
    file, _, name = place.partition("::")
    found = [*Path(__file__).parent.glob(file), *(_ROOT / "tests/engine/probes").glob(file)]
    assert f"def {name}(" in "".join(path.read_text() for path in found)


@pytest.mark.parametrize(
    ("scenario", "number"),
    [(name, number) for name, cases in CASES.items() for number in range(len(cases))],
)
async def test_a_scenario_ends_in_its_state_in_time(
    scenario: str,
    number: int,
    client: HttpClient,
    certificates: dict[str, ssl.SSLContext],
    caplog: pytest.LogCaptureFixture,
) -> None:
    case = CASES[scenario][number]
    async with hostile(healthy()) as warm:  # the first request loads libraries, which is not timed
        await client.send(HttpRequest(url=warm.url))
    deadline_s = SHORT_S if str(case.error).endswith("timeout") else LONG_S
    caplog.set_level(logging.DEBUG)
    for _ in range(_TRIES):
        with within(deadline_s + GRACE_S):
            result = await _check(case, client, certificates, deadline_s)
        if deadline_s == LONG_S or (result.loop_lag_ms or 0) < deadline_s * 1000 * _LOST_SHARE:
            break
    assert (result.state, result.error) == (case.state, case.error), result
    assert case.says.lower() in result.message.lower()
    assert result.message.isprintable()
    assert result.retry_after_s == case.retry_after_s
    assert result.loop_lag_ms is not None
    assert result.latency_ms is not None
    assert not [record for record in caplog.records if record.exc_info]


async def _check(
    case: Case, client: HttpClient, certificates: dict[str, ssl.SSLContext], deadline_s: float
) -> ProbeResult:
    tls = certificates[case.tls] if case.tls else None
    async with hostile(case.script, tls=tls, raw=case.plain_on_https) as server:
        url = server.url.replace("https:", "http:") if case.tls_on_http else server.url
        request = HttpRequest(url=url, deadline_s=deadline_s)
        result = await probe_json(client, request, accept=lambda _: None)
        assert server.connects <= (2 if case.error == "tls_expired" else 1)
        if case.error and case.error.startswith("tls_"):
            assert server.requests == []
    return result
