"""The product as a person starts it: `python -m tui …` in a home folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.settings import Settings
from tests.system.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 300
TENANT = "acme"


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What a command line came to."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """What went wrong, where JSON was asked for."""
        found: dict[str, Any] = json.loads(self.err)["error"]
        return found

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(kw_only=True, slots=True)
class Program:
    """Lampboard in a folder: its database, log, key and settings lie there and nowhere else."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The database file."""
        return self.folder / "data" / "lampboard" / "lampboard.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    @property
    def log(self) -> Path:
        return self.folder / "state" / "lampboard" / "log" / "lampboard.log"

    def settings(self, **more: object) -> Settings:
        """Return what opens its database past the command line."""
        told = {"database": self.url, "tenant": TENANT, "log_file": str(self.log), **more}
        return Settings.load(told, environment={})

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LAMPBOARD_", "PYTEST_")) and name not in {"COLUMNS", "LINES"}
        }
        homes = {
            "HOME": "home",
            "XDG_CONFIG_HOME": "config",
            "XDG_DATA_HOME": "data",
            "XDG_STATE_HOME": "state",
            "XDG_CACHE_HOME": "cache",
        }
        return {
            **inherited,
            **{name: str(self.folder / folder) for name, folder in homes.items()},
            "LAMPBOARD_TENANT": TENANT,
            "LAMPBOARD_LOG_LEVEL": "debug",
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            **self.extra,
            **(more or {}),
        }

    def run(
        self,
        *argv: str,
        stdin: str | bytes = b"",
        env: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
        wrapped: Sequence[str] = (),
    ) -> Done:
        """Run one command line to its end; `before` is called in the child, `wrapped` runs it."""
        done = subprocess.run(
            [*wrapped, sys.executable, "-m", "tui", *argv],
            cwd=self.folder,
            env=self.environment(env),
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=PATIENCE_S,
            preexec_fn=before,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        return Done(argv=argv, code=done.returncode, out=out, err=err)

    def start(self, *argv: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a command line and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "tui", *argv],
            cwd=self.folder,
            env=self.environment(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def dashboard(
        self,
        *argv: str,
        env: Mapping[str, str] | None = None,
        wrapped: Sequence[str] = (),
        code: str | None = None,
    ) -> Terminal:
        """Open the dashboard in a terminal; `code` is a Python program to run in its place."""
        program = ["-m", "tui", *argv] if code is None else ["-c", code]
        return Terminal(
            [*wrapped, sys.executable, *program], env=self.environment(env), cwd=self.folder
        )

    def many(self, *runs: Sequence[str], stdin: Sequence[bytes] = ()) -> list[Done]:
        """Run many command lines, each in a process of its own forked from a warm one.

        `stdin` has what each of them reads; by default there is nothing to read.
        """
        given = stdin or [b""] * len(runs)
        jobs = [
            {"argv": list(argv), "stdin": data.hex()}
            for argv, data in zip(runs, given, strict=True)
        ]
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("warm.py"))],
            cwd=self.folder,
            env=self.environment(),
            input="".join(json.dumps(job) + "\n" for job in jobs).encode(),
            capture_output=True,
            timeout=PATIENCE_S,
            check=True,
        )
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return [
            Done(
                argv=tuple(argv),
                code=one["code"],
                out=bytes.fromhex(one["out"]).decode(),
                err=bytes.fromhex(one["err"]).decode(),
            )
            for argv, one in zip(runs, found, strict=True)
        ]

    def add(self, name: str, base_url: str, *more: str, secret: str | bytes = "") -> Done:
        """Register an integration at an OpenAI-compatible server, its secret by stdin."""
        return self.run(
            *("integrations", "add", "--name", name, "--provider", "custom"),
            *("--base-url", base_url, "--credential-stdin", "-o", "json", *more),
            stdin=secret,
        )
