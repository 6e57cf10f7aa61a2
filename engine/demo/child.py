"""The simulators' process, seen from its parent."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Self

from engine.demo.plan import to_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.demo.plan import Site

_END_S = 5.0


class SimulatorsFailed(RuntimeError):  # noqa: N818 - says what happened
    """The simulators' process ended before it told its ports."""


class Simulators:
    """Starts the simulated providers and ends them again.

    Attributes:
        ports: Site's name to the loopback port it listens on.
    """

    def __init__(self, sites: Iterable[Site]) -> None:
        self._line = to_line(sites)
        self._process: subprocess.Popen[str] | None = None
        self.ports: Mapping[str, int] = {}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.demo.simulators"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl+C is the parent's to handle; the child ends with the pipe.
            start_new_session=True,
        )
        try:
            self.ports = self._started(self._process)
        except BaseException:
            self.close()
            raise
        return self

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

    def _started(self, process: subprocess.Popen[str]) -> Mapping[str, int]:
        if process.stdin is None or process.stdout is None:
            raise SimulatorsFailed("The simulated providers have no pipes.")
        process.stdin.write(self._line + "\n")
        process.stdin.flush()
        told = process.stdout.readline()
        if not told:
            raise SimulatorsFailed("The simulated providers ended before they were ready.")
        ports: dict[str, int] = json.loads(told)
        return ports
