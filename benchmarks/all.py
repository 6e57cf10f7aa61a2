"""All benchmarks, or those that are named, one after the other.

`python -m benchmarks.all [NAME ...]`; ends with 1 when a figure missed its target.
"""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.harness import ROOT

KINDS = {
    "tables": ("integrations", "sources", "connectors", "limits"),
    "ingest": ("sqlite", "postgres", "keys"),
    "ledger": ("sqlite", "postgres"),
}
NAMES = (
    *("start", "tables", "sweep", "pace", "steady", "keys", "connections", "ingest"),
    *("gauges", "reservations", "gateway", "tripwire", "ledger", "history"),
    *("shared_dashboards", "writers", "metrics"),
    *("shared_queue", "workers", "kills", "scale"),
)


def missed(name: str, *kinds: str) -> int:
    """Runs one benchmark, passes its JSON line on and counts the figures it missed."""
    print("", " ".join((name, *kinds)), sep="\n", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}", *kinds]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    line = done.stdout.splitlines()[-1]
    print(line, flush=True)
    return sum(not figure["met"] for figure in json.loads(line)["figures"])


def runs_of(name: str) -> list[tuple[str, ...]]:
    """One run of a benchmark, or one for each kind that it knows."""
    return [(name, kind) for kind in KINDS[name]] if name in KINDS else [(name,)]


def main() -> None:
    """Runs what was named, everything by default."""
    names = sys.argv[1:] or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        sys.exit(f"There is no benchmark {unknown[0]}. There are: {', '.join(NAMES)}.")
    runs = [run for name in names for run in runs_of(name)]
    misses = sum(missed(*run) for run in runs)
    print(f"\n{misses} figures missed their targets.", file=sys.stderr)
    sys.exit(1 if misses else 0)


if __name__ == "__main__":
    main()
