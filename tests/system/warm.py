"""A process with the imports done: runs each command line of its stdin in a fork of itself.

Most of a command's time is Python's start. Every line is `{"argv": [...], "stdin": hex}`, and is
answered with `{"code": n, "out": hex, "err": hex}`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from contextlib import ExitStack

import tui.__main__

WARM = (
    *("tui.cli.main", "tui.cli.integrations", "tui.cli.shows", "tui.cli.health", "yaml"),
    *("engine.workspace", "engine.integrations.facade", "engine.integrations.engine"),
    *("tui.cli.sources", "tui.cli.connectors", "engine.sources.engine", "engine.sources.facade"),
    *("engine.connectors.engine", "engine.connectors.facade", "engine.sources.shapes"),
    *("engine.probes.running", "engine.http.faults", "engine.http.client", "httpx_aiohttp"),
    *("engine.health.service", "engine.health.reading", "engine.activity.facade"),
    *("engine.tenants.core", "storage.database", "storage.integrations", "storage.health"),
    *("sqlalchemy", "sqlalchemy.dialects.sqlite.pysqlite", "pydantic", "rich.cells"),
)


def run(argv: list[str], stdin: bytes) -> dict[str, object]:
    """Run one command line in a child process."""
    with ExitStack() as stack:
        given, out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        given.write(stdin)
        given.seek(0)
        pid = os.fork()
        if pid == 0:
            for number, file in enumerate((given, out, err)):
                os.dup2(file.fileno(), number)
            _be(argv)
        _, status = os.waitpid(pid, 0)
        read = {}
        for name, file in {"out": out, "err": err}.items():
            file.seek(0)
            read[name] = file.read().hex()
        return {"code": os.waitstatus_to_exitcode(status), **read}


def _be(argv: list[str]) -> None:
    sys.argv = ["lampboard", *argv]
    # The parent's own reader has lines of it that are no business of this one.
    told = {"encoding": sys.stdin.encoding, "errors": sys.stdin.errors}
    sys.stdin = open(0, **told, closefd=False)  # noqa: SIM115 - it lives as long as the process
    code = 70
    try:
        code = tui.__main__.main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    for name in WARM:
        importlib.import_module(name)
    for line in sys.stdin.buffer:
        job = json.loads(line)
        answer = run(job["argv"], bytes.fromhex(job["stdin"]))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
