"""A process with the imports done: runs each command line of its stdin in a fork of itself.

Most of a command's time is Python's start. Every line is `{"argv": [...], "stdin": hex}`, and is
answered with `{"code": n, "out": hex, "err": hex}`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import sys
import tempfile
from contextlib import ExitStack

import tui.__main__

OURS = ("storage", "engine", "tui.cli")
NOT_BY_NAME = (".migrations.", "engine.demo.", "__main__")
THEIRS = (
    *("httpx_aiohttp", "platformdirs", "pydantic", "rich.cells", "sqlalchemy", "sqlglot", "yaml"),
    *("concurrent.futures.thread", "getpass", "sqlalchemy.dialects.sqlite.pysqlite"),
)


def warm_up() -> None:
    """Import all that a command line may import, so that no child does."""
    for name in (*THEIRS, "tui.crash", "tui.private", "tui.swift"):
        importlib.import_module(name)
    for root in OURS:
        folder = importlib.import_module(root).__path__
        for module in pkgutil.walk_packages(folder, f"{root}."):
            if not any(part in module.name for part in NOT_BY_NAME):
                importlib.import_module(module.name)


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
    warm_up()
    gc.collect()
    gc.freeze()  # what no child looks at, none has to copy
    for line in sys.stdin.buffer:
        job = json.loads(line)
        answer = run(job["argv"], bytes.fromhex(job["stdin"]))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
