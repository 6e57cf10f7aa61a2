"""A sweep of distinct endpoints: the monitor, results in the database, against bare loops.

`python -m benchmarks.sweep [--endpoints 10000] [--rounds 3] [--in-flight 200]`

Baselines, in the same run: our own HTTP client in a bare loop (nothing evaluated, nothing stored),
httpx's client over the same transport, plain httpx, and a client per request one after the other.
Each runs in a child of its own, pinned to one core; the server has the other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import server
from benchmarks.harness import ROOT, Figures, child_environment, compile_tree
from benchmarks.seeding import seed_integrations

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Get = Callable[[str], Awaitable[int]]

PORT = 18_080
BARE = ("own client", "httpx over aiohttp", "plain httpx", "a client per request")
SMALLER = {"plain httpx": 5, "a client per request": 100}
"""The slow ways get a part of the endpoints: their rate is what counts."""


def peak_mib() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def loop_over(get: Get, count: int, in_flight: int) -> dict[str, float]:
    """What `in_flight` workers that share `count` endpoints come to."""
    indices = iter(range(count))

    async def work() -> None:
        for index in indices:
            assert await get(server.endpoint(index, PORT) + "/models") == 200

    stopwatch = Stopwatch()
    await asyncio.gather(*(work() for _ in range(in_flight)))
    return stopwatch.result(count)


class Stopwatch:
    """Time that passes, and CPU that this process uses."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def result(self, count: float) -> dict[str, float]:
        """Checks a second, and checks a second of CPU."""
        wall, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        return {"rate": count / wall, "rate_of_cpu": count / cpu}


async def bare(way: str, count: int, in_flight: int) -> dict[str, float]:
    """One of the baselines."""
    import httpx

    if way == "own client":
        from engine.http import HttpClient, HttpRequest

        own = HttpClient(max_connections=in_flight)

        async def get(url: str) -> int:
            return (await own.send(HttpRequest(url=url))).status

        return await loop_over(get, count, in_flight)
    if way == "httpx over aiohttp":
        import aiohttp
        from httpx_aiohttp import AiohttpTransport

        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
        client = httpx.AsyncClient(transport=AiohttpTransport(client=session), trust_env=False)
    elif way == "plain httpx":
        limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=0)
        client = httpx.AsyncClient(
            limits=limits, verify=ssl.create_default_context(), trust_env=False
        )
    else:

        async def fresh(url: str) -> int:
            async with httpx.AsyncClient() as one:
                return (await one.get(url)).status_code

        return await loop_over(fresh, count, 1)

    async def through(url: str) -> int:
        return (await client.get(url)).status_code

    return await loop_over(through, count, in_flight)


async def sweep(url: str, in_flight: int) -> dict[str, float]:
    """The monitor checks everything that is due, unpaced.

    The bare loops import before their clock starts, so this does, too: drivers and providers,
    and what the first request of a client brings.
    """
    from engine.health.kinds import KINDS
    from engine.http import HttpClient, HttpRequest
    from engine.monitor import errands, loop, run_monitor  # noqa: F401 - only to have them loaded
    from engine.settings import Settings
    from engine.workspace import Workspace
    from storage import integrations  # noqa: F401

    assert KINDS["integration"]
    warming = HttpClient()
    await warming.send(HttpRequest(url=server.endpoint(0, PORT) + "/models"))
    await warming.aclose()
    workspace = Workspace.open(Settings(database=url, in_flight=in_flight))
    stopwatch = Stopwatch()
    counts = await run_monitor(workspace, once=True, per_minute=0, in_flight=in_flight)
    result = stopwatch.result(counts.checked)
    await workspace.aclose()
    assert counts.checked == counts.healthy + counts.degraded, counts
    return result | {"checked": counts.checked}


def child(*options: str) -> dict[str, float]:
    """Runs this file on one core and reads its one JSON line."""
    command = ["taskset", "-c", "1", sys.executable, "-m", "benchmarks.sweep", *options]
    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, env=child_environment()
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def inner(options: argparse.Namespace) -> None:
    """What a child does: one way, once."""
    if options.way == "monitor":
        result = asyncio.run(sweep(options.url, options.in_flight))
    else:
        result = asyncio.run(bare(options.way, options.endpoints, options.in_flight))
    print(json.dumps(result | {"peak_mib": peak_mib()}))


def one_round(figures: Figures, options: argparse.Namespace, folder: Path, number: int) -> None:
    """Every way once, the monitor on a fresh database."""
    common = ("--in-flight", str(options.in_flight))
    for way in BARE:
        count = options.endpoints // SMALLER.get(way, 1)
        done = child("--way", way, "--endpoints", str(count), *common)
        figures.add(way, done["rate"])
        figures.add(f"{way}, by CPU", done["rate_of_cpu"])
    for size in (options.endpoints // 10, options.endpoints):
        url = f"sqlite:///{folder / f'{number}-{size}.db'}"
        seed_integrations(url, size, base_url=lambda i: server.endpoint(i, PORT), active=True)
        done = child("--way", "monitor", "--url", url, *common)
        assert done["checked"] == size, done
        figures.add(f"monitor of {size}", done["rate"])
        figures.add(f"monitor of {size}, by CPU", done["rate_of_cpu"])
        figures.add(f"memory of {size}", done["peak_mib"])


def main() -> None:
    """Takes the rounds in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoints", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=200)
    parser.add_argument("--way")
    parser.add_argument("--url")
    options = parser.parse_args()
    if options.way:
        inner(options)
        return
    os.sched_setaffinity(0, {0})
    compile_tree()
    figures = Figures("sweep")
    with tempfile.TemporaryDirectory() as folder, server.running(PORT):
        for number in range(options.rounds):
            one_round(figures, options, Path(folder), number)
    report(figures, options.endpoints)


def report(figures: Figures, size: int) -> None:
    """The ratios that matter."""
    whole, part = f"monitor of {size}", f"monitor of {size // 10}"
    figures.ratio("sweep / bare loop over our own client", whole, "own client", at_least=0.8)
    figures.ratio(
        "the same by CPU, which other programs hardly disturb",
        f"{whole}, by CPU",
        "own client, by CPU",
    )
    figures.ratio(
        "sweep / bare loop of httpx over the same transport",
        whole,
        "httpx over aiohttp",
        at_least=0.8,
    )
    figures.ratio("sweep / plain httpx", whole, "plain httpx")
    figures.ratio(
        "sweep / a client per request, one after the other", whole, "a client per request"
    )
    figures.ratio(
        "memory at all endpoints / at a tenth",
        f"memory of {size}",
        f"memory of {size // 10}",
        at_most=1.2,
    )
    figures.ratio("rate at all endpoints / at a tenth", whole, part)
    figures.print()


if __name__ == "__main__":
    main()
