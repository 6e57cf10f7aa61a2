"""Every line of the scenario corpus: the state it expects, in time, without a traceback."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from engine.http import HttpRequest
from engine.probes.http_json import probe_json
from tests.engine.http.scenarios import CASES, ELSEWHERE, OF_OTHERS, Case
from tests.servers.hostile import hostile

if TYPE_CHECKING:
    import ssl

    from engine.http import HttpClient
    from engine.probes.result import ProbeResult

DEADLINE_S = 0.6
GRACE_S = 0.5
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
    caplog.set_level(logging.DEBUG)
    started = perf_counter()
    result = await _check(case, client, certificates)
    assert perf_counter() - started < DEADLINE_S + GRACE_S
    assert (result.state, result.error) == (case.state, case.error), result
    assert case.says.lower() in result.message.lower()
    assert result.message.isprintable()
    assert result.retry_after_s == case.retry_after_s
    assert result.loop_lag_ms is not None
    assert result.latency_ms is not None
    assert not [record for record in caplog.records if record.exc_info]


async def _check(
    case: Case, client: HttpClient, certificates: dict[str, ssl.SSLContext]
) -> ProbeResult:
    tls = certificates[case.tls] if case.tls else None
    async with hostile(case.script, tls=tls, raw=case.plain_on_https) as server:
        url = server.url.replace("https:", "http:") if case.tls_on_http else server.url
        request = HttpRequest(url=url, deadline_s=DEADLINE_S)
        result = await probe_json(client, request, accept=lambda _: None)
        assert server.connects <= (2 if case.error == "tls_expired" else 1)
        if case.error and case.error.startswith("tls_"):
            assert server.requests == []
    return result
