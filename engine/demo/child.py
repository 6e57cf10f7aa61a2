"""The processes beside the demo, seen from their parent: the simulated servers, and the agents."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

from engine.demo.agents.plan import to_line as agents_line
from engine.demo.plan import to_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from engine.demo.agents.plan import AgentsPlan
    from engine.demo.plan import Site

_END_S = 5.0


class ChildFailed(RuntimeError):  # noqa: N818 - says what happened
    """A process beside the demo ended before it was ready."""


class Child:
    """Starts a module in a process of its own, which ends with its standard input.

    Args:
        module: What to run.
        line: What it is told; it may hold secrets, so it goes through a pipe.
        errors: Where it writes what goes wrong; None for where this process does.
    """

    def __init__(self, module: str, line: str, *, errors: Path | None = None) -> None:
        self._module = module
        self._line = line
        self._errors = errors
        self._process: subprocess.Popen[str] | None = None

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; nothing happens when it has ended already."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def start(self) -> int:
        """Start the process and tell it its line; return its id."""
        errors = None if self._errors is None else self._errors.open("wb")
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a module of the demo
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                # Ctrl+C is the parent's to handle; the child ends with the pipe.
                start_new_session=True,
            )
        finally:
            if errors is not None:
                errors.close()
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        self._process.stdin.write(self._line + "\n")
        self._process.stdin.flush()
        return self._process.pid

    def answer(self) -> Any:
        """Wait for the line that says that it is ready, and return it.

        Raises:
            ChildFailed: It ended before.
        """
        process = self._process
        told = process.stdout.readline() if process is not None and process.stdout else ""
        if not told:
            raise ChildFailed(f"{self._module} ended before it was ready{self._last_words()}.")
        return json.loads(told)

    def _last_words(self) -> str:
        """Return the last line of what went wrong, where it was kept."""
        if self._errors is None:
            return ""
        lines = self._errors.read_text("utf-8", "replace").strip().splitlines()
        return f": {lines[-1][:200]}" if lines else ""


class Simulators(Child):
    """The simulated servers.

    Attributes:
        ports: Site's name to the loopback port it listens on.
    """

    def __init__(self, sites: Iterable[Site]) -> None:
        super().__init__("engine.demo.simulators", to_line(sites))
        self.ports: Mapping[str, int] = {}

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait()
        except BaseException:
            self.close()
            raise
        return self

    def wait(self) -> None:
        """Wait until they listen; raises ChildFailed."""
        self.ports = self.answer()


class Agents(Child):
    """The simulated applications."""

    def __init__(self, plan: AgentsPlan, *, errors: Path, nice: bool) -> None:
        super().__init__("engine.demo.agents", agents_line(plan), errors=errors)
        self._nice = nice
        self._ready = False

    def __enter__(self) -> Self:
        from engine.monitor.supervisor import make_nice

        pid = self.start()
        if self._nice:
            make_nice(pid)
        return self

    def wait(self) -> None:
        """Wait until what they used before is recorded; the second time it is.

        Raises:
            ChildFailed: They ended before.
        """
        if not self._ready:
            self.answer()
            self._ready = True
