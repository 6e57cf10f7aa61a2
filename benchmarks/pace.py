"""The latency on the board is the provider's: 10,000 targets due at once, paced; and TLS.

`python -m benchmarks.pace [--targets 10000] [--tls-targets 1000] [--rounds 1]`

A monitor checks everything that is due against a server that answers at once: one check at a time
(the baseline), at the default pace with 200 in flight, and as a flood, for comparison. Latencies
are those that were recorded: the steps of each check, which keep a tenth of a millisecond.
The TLS part counts the sockets that a sweep leaves, and the memory that it took.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import server
from benchmarks.harness import ROOT, Figures, child_environment, compile_tree, percentile
from benchmarks.seeding import seed_integrations
from benchmarks.sweep import peak_mib

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.workspace import Workspace

PORT, TLS_PORT = 18_081, 18_443
HOSTS = 250
"""Hosts over TLS: the certificate names each of them."""

FLOOD = 2_000
ALONE = 1_000


def open_sockets() -> int:
    """How many sockets this process holds."""
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        # The folder's own descriptor is closed by now.
        with contextlib.suppress(FileNotFoundError):
            found += str(link.readlink()).startswith("socket:")
    return found


def trusting(workspace: Workspace, certificate: str, in_flight: int) -> None:
    """Gives the workspace a client that trusts the benchmark's server, and all that it would."""
    from engine.http import HttpClient
    from engine.http.tls import make_context

    context = make_context()
    context.load_verify_locations(certificate)
    workspace._client = HttpClient(max_connections=in_flight, ssl_context=context)  # noqa: SLF001 - nobody may change whom a board trusts, but this


async def inner(options: argparse.Namespace) -> dict[str, float]:
    """What a child does: one sweep."""
    from engine.monitor import run_monitor
    from engine.settings import Settings
    from engine.workspace import Workspace

    workspace = Workspace.open(Settings(database=options.url, in_flight=options.in_flight))
    if options.certificate:
        trusting(workspace, options.certificate, options.in_flight)
    before = open_sockets()
    counts = await run_monitor(workspace, once=True, per_minute=options.per_minute)
    left = open_sockets() - before
    await workspace.aclose()
    assert counts.checked == counts.healthy, counts
    return {"checked": counts.checked, "sockets": left, "seconds": counts.duration_s}


def child(url: str, per_minute: int, in_flight: int, certificate: str = "") -> dict[str, float]:
    """One sweep in a process of its own, on one core; the server has the other."""
    command = [
        *("taskset", "-c", "1", sys.executable, "-m", "benchmarks.pace", "--url", url),
        *("--per-minute", str(per_minute), "--in-flight", str(in_flight)),
        *("--certificate", certificate),
    ]
    done = subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=child_environment()
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def recorded(url: str) -> list[float]:
    """The latencies in the database, in milliseconds: the sum of each check's steps."""
    from engine.health.checks import stages_in
    from storage.database import Database

    database = Database.open(url, read_only=True)
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT stages FROM checks").all()
    database.close()
    return [sum(step["ms"] for step in stages_in(text)) for (text,) in rows]


def measure(  # noqa: PLR0913 - a sweep, all by name
    figures: Figures, folder: Path, label: str, count: int, *, per_minute: int, in_flight: int
) -> None:
    """A sweep of targets that are all due now, and what it recorded."""
    url = f"sqlite:///{folder / f'{label}-{len(figures.samples)}.db'}"
    seed_integrations(url, count, base_url=lambda i: server.endpoint(i, PORT), active=True)
    done = child(url, per_minute, in_flight)
    assert done["checked"] == count, done
    figures.add(label, *recorded(url))
    figures.add(f"seconds of {label}", done["seconds"])


def make_certificate(folder: Path) -> tuple[str, str]:
    """Writes a certificate for all hosts of the TLS sweep, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "benchmark")])
    now = datetime.now(UTC)
    hosts = [
        "127.0.0.1",
        *(server.endpoint(i, 1).split("/")[2].split(":")[0] for i in range(HOSTS)),
    ]
    names = [x509.IPAddress(ipaddress.ip_address(host)) for host in hosts]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(certificate), str(secret)


def measure_tls(figures: Figures, folder: Path, count: int) -> None:
    """A sweep over TLS as fast as it goes: the sockets that stay, the memory it took."""
    certificate, key = make_certificate(folder)
    with server.running(TLS_PORT, "--tls", certificate, key, scheme="https"):
        url = f"sqlite:///{folder / 'tls.db'}"
        where: Callable[[int], str] = lambda i: server.endpoint(i % HOSTS, TLS_PORT, "https")  # noqa: E731 - a name for its type
        seed_integrations(url, count, base_url=where, active=True)
        done = child(url, 0, 200, certificate)
        assert done["checked"] == count, done
    figures.figure("open sockets after a sweep over TLS", done["sockets"], at_most=0)
    figures.figure(
        f"peak memory of a sweep of {count} over TLS, MiB", done["peak_mib"], at_most=100
    )


def main() -> None:
    """Takes the ways in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    for option, default in (("targets", 10_000), ("tls-targets", 1_000), ("rounds", 1)):
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--per-minute", type=int, default=10_000)
    parser.add_argument("--in-flight", type=int, default=200)
    parser.add_argument("--url")
    parser.add_argument("--certificate", default="")
    options = parser.parse_args()
    if options.url:
        result = asyncio.run(inner(options))
        print(json.dumps(result | {"peak_mib": peak_mib()}))
        return
    os.sched_setaffinity(0, {0})
    compile_tree()
    figures = Figures("pace")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with server.running(PORT):
            for _ in range(options.rounds):
                measure(figures, folder, "alone", ALONE, per_minute=0, in_flight=1)
                measure(figures, folder, "paced", options.targets, per_minute=10_000, in_flight=200)
                measure(figures, folder, "flood", FLOOD, per_minute=0, in_flight=200)
        report(figures)
        measure_tls(figures, folder, options.tls_targets)
    figures.print()


def report(figures: Figures) -> None:
    """The ratios that matter."""
    for share in (0.5, 0.99):
        for label, limit in (("paced", 3.0), ("flood", None)):
            figures.ratio(
                f"recorded latency, {label} / one check at a time, p{share * 100:.0f}",
                label,
                "alone",
                at_most=limit,
                of=percentile(share),
            )


if __name__ == "__main__":
    main()
