"""Keeps a monitor running beside a dashboard: a process of its own, so that no key waits for it.

One is started when nobody else watches the database (a heartbeat tells), started again when it
dies, and ended with the dashboard: it ends itself when its standard input does, so even a
dashboard that was killed leaves none behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.children import kill
from engine.errors import WorkspaceError
from engine.monitor.heartbeats import is_watched

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from engine.settings import Settings
    from engine.workspace import Workspace

# Under everything that a person waits for.
NICENESS = 10
_LOOK_S = 2.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
# A monitor that lived this long was fine; what killed it is not what killed the one before.
_FINE_AFTER_S = 60.0
_POLITE_S = 1.5
_LAST_WORDS = 4096


class SupervisorState(StrEnum):
    """What the supervisor is at."""

    OFF = "off"
    ELSEWHERE = "elsewhere"
    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True, slots=True)
class SupervisorStatus:
    """What a header can show of the monitor's process.

    Attributes:
        state: off (not wanted), elsewhere (another process watches this database), starting,
            running, restarting (it died; the next one starts soon) or stopped.
        message: One sentence for people; empty when all is well.
        pid: The process, while there is one.
        restarts: How often it had to be started again.
    """

    state: SupervisorState = SupervisorState.OFF
    message: str = ""
    pid: int | None = None
    restarts: int = 0


@dataclass(slots=True)
class _Life:
    """One process with what it said last."""

    process: asyncio.subprocess.Process
    began: float
    said: bytearray = field(default_factory=bytearray)


class MonitorSupervisor:
    """Starts, watches and ends a monitor process.

    Args:
        settings: The settings of this run; the monitor gets the same.
        alive: Tells whether a monitor is alive on this database.
        changed: Is told of every new status.
        command: The program to run instead of this Python's `-m tui`, for tests.
        look_s: Seconds between two looks for a heartbeat.
    """

    def __init__(
        self,
        settings: Settings,
        alive: Callable[[], Awaitable[bool]],
        *,
        changed: Callable[[SupervisorStatus], None] | None = None,
        command: Sequence[str] | None = None,
        look_s: float = _LOOK_S,
    ) -> None:
        self._settings = settings
        self._alive = alive
        self._changed = changed
        self._command = tuple(command or (sys.executable, "-m", "tui"))
        self._look_s = look_s
        self._task: asyncio.Task[None] | None = None
        self._life: _Life | None = None
        self.status = SupervisorStatus()

    @classmethod
    def over(
        cls, workspace: Workspace, *, changed: Callable[[SupervisorStatus], None] | None = None
    ) -> MonitorSupervisor:
        """Return the supervisor of an opened workspace's database."""
        return cls(workspace.settings, partial(is_watched, workspace), changed=changed)

    def start(self) -> None:
        """Begin to keep a monitor running; does nothing when the settings say `off`."""
        if self._settings.monitor == "off" or self._task is not None:
            return
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End the monitor and stop keeping one; returns when the process is gone."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.wait({task})
        self._tell(SupervisorState.STOPPED)

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE_S
        restarts = 0
        while True:
            await self._wait_until_needed()
            lived = await self._one_life(restarts)
            restarts += 1
            pause = _FIRST_PAUSE_S if lived > _FINE_AFTER_S else min(_LONGEST_PAUSE_S, pause * 2)
            await asyncio.sleep(pause)

    async def _wait_until_needed(self) -> None:
        while await self._watched():
            self._tell(SupervisorState.ELSEWHERE)
            await asyncio.sleep(self._look_s)

    async def _watched(self) -> bool:
        try:
            return await self._alive()
        except WorkspaceError:
            # Whether anybody watches cannot be seen now. The monitor reports the trouble itself.
            return False

    async def _one_life(self, restarts: int) -> float:
        """Run one monitor to its end; return how many seconds it lived."""
        self._tell(SupervisorState.STARTING, restarts=restarts)
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            life = _Life(await self._spawn(), began)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._tell(
                SupervisorState.RESTARTING,
                f"The monitor could not be started: {reason}.",
                restarts=restarts,
            )
            return 0.0
        try:
            self._tell(SupervisorState.RUNNING, pid=life.process.pid, restarts=restarts)
            await _listen(life)
            code = await life.process.wait()
        finally:
            await _end(life)
        self._tell(SupervisorState.RESTARTING, _obituary(code, bytes(life.said)), restarts=restarts)
        return loop.time() - began

    async def _spawn(self) -> asyncio.subprocess.Process:
        arguments, environment = child_start(self._settings, os.environ)
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            # ctrl-C in the dashboard's terminal is the dashboard's; it ends the monitor itself.
            start_new_session=True,
        )
        make_nice(process.pid)
        return process

    def _tell(
        self,
        state: SupervisorState,
        message: str = "",
        *,
        pid: int | None = None,
        restarts: int | None = None,
    ) -> None:
        status = SupervisorStatus(
            state=state,
            message=message,
            pid=pid,
            restarts=self.status.restarts if restarts is None else restarts,
        )
        if status == self.status:
            return
        self.status = status
        if self._changed is not None:
            self._changed(status)


def child_start(
    settings: Settings, environment: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Return arguments and environment under which a monitor has these settings.

    Arguments of processes can be read by every user of the machine, so everything goes by the
    environment but a database URL without a password.
    """
    child = {**environment, **_told(settings)}
    arguments = ["monitor", "--child"]
    if "@" not in settings.database and "password" not in settings.database:
        arguments = ["--database", settings.database, *arguments]
    return arguments, child


# What a monitor needs to know; how things look, and who looks, is the dashboard's.
_PASSED_ON = (
    *("database", "allow_addresses", "allow_networks", "ca_file"),
    *("master_key", "master_key_former", "master_key_file"),
    *("master_passphrase", "master_passphrase_file", "credential_deadline_s"),
    *("vault_addr", "vault_namespace", "vault_token_file", "vault_role_id"),
    *("vault_secret_id_file", "vault_approle_mount", "vault_ca_file"),
    *("check_interval_s", "deadline_s", "test_deadline_s", "rate_per_minute", "in_flight"),
    *("incident_failures", "incident_passes", "incident_limit_percent"),
    "credential_warning_days",
    *("log_file", "log_level", "log_format"),
)


def _told(settings: Settings) -> dict[str, str]:
    told = {"LAMPBOARD_READ_ONLY": "false"}  # the visitor may change nothing; checks are recorded
    for name in _PASSED_ON:
        value = getattr(settings, name)
        if value is not None and value != ():
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            told[f"LAMPBOARD_{name.upper()}"] = text
    if settings.config_file and os.path.isfile(settings.config_file):  # noqa: PTH113 - text it is
        told["LAMPBOARD_CONFIG"] = settings.config_file
    return told


def make_nice(pid: int) -> None:
    """Put a process under everything that a person waits for, as far as the system can.

    Linux shares the processor among sessions first where it groups by them (`sched(7)`,
    autogroup): the niceness of a process that leads its own session counts for nothing there,
    unless the group is made nice as well.
    """
    # Gone already, or a system without niceness: then it is not made nice.
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS), encoding="ascii")


async def _listen(life: _Life) -> None:
    """Read what the process says until it ends, and keep the last of it."""
    stream = life.process.stderr
    while stream is not None and (chunk := await stream.read(_LAST_WORDS)):
        life.said += chunk
        del life.said[:-_LAST_WORDS]


async def _end(life: _Life) -> None:
    """End the process: by the end of its input, then politely, then for good."""
    process = life.process
    if process.stdin is not None:
        process.stdin.close()
    try:
        for push in (None, process.terminate):
            with contextlib.suppress(ProcessLookupError):
                if push is not None:
                    push()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_POLITE_S):
                    await process.wait()
                    return
    finally:
        # A process that the system itself cannot end, in a hung network share, is not waited for.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLITE_S):
                await kill(process)


def _obituary(code: int, said: bytes) -> str:
    """Return why the monitor ended, in one sentence."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    if code < 0:
        return f"The monitor was ended by signal {-code}; it is started again."
    reason = f": {lines[-1][:200]}" if lines else "."
    return f"The monitor ended with code {code}{reason}"
