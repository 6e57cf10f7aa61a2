"""MCP over the standard streams of a child process that knows nothing of this one.

The child gets a minimal environment, a session of its own and no terminal; it is ended with the
session, and with it whatever it started. Its lines and their sum are bounded.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from engine.children import kill
from engine.probes.refusals import Refused
from engine.probes.services.wire import Wire
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client._transport import TransportStreams
    from mcp.shared.message import SessionMessage

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

# What programs need to find themselves and their tongue; nothing of the operator's.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
# A server that obeys the end of its input is gone in milliseconds; the others are killed.
_GRACE_S = 0.2
_REAP_S = 0.5
# A long list of tools is several messages.
_MESSAGES = 4


def make(attempt: Attempt, *, max_bytes: int) -> Wire:
    """Return the way to a child that runs the attempt's command."""
    wire = Wire()
    wire.transport = _streams(attempt, wire, max_bytes)
    return wire


def environment(place: Place) -> dict[str, str]:
    """Return all that the child gets of an environment, its token among it."""
    found = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    if (variable := place.option("key_variable")) and place.api_key:
        found[variable] = place.api_key
    return found


@asynccontextmanager
async def _streams(attempt: Attempt, wire: Wire, max_bytes: int) -> AsyncIterator[TransportStreams]:
    import anyio

    process = await _start(attempt, max_bytes)
    wire.reached, wire.way_s = True, attempt.stages[-1].ms / 1000
    to_session, from_child = anyio.create_memory_object_stream["SessionMessage | Exception"](0)
    to_child, from_session = anyio.create_memory_object_stream["SessionMessage"](0)
    orderly = False
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_read, process, to_session, wire, max_bytes)
            group.start_soon(_write, process, from_session)
            try:
                yield from_child, to_child
                orderly = wire.fault is None
            finally:
                group.cancel_scope.cancel()
    finally:
        for stream in (to_session, from_child, to_child, from_session):
            stream.close()
        with anyio.CancelScope(shield=True):
            await _end(process, patient=orderly)


async def _start(attempt: Attempt, max_bytes: int) -> Process:
    place = attempt.place
    command = place.option("command")
    async with attempt.stage("start"):
        _require_allowed(attempt, command)
        try:
            return await asyncio.create_subprocess_exec(
                command,
                *_arguments(place),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment(place),
                start_new_session=True,
                limit=max_bytes,
            )
        except (OSError, ValueError) as error:
            raise Refused(
                "command_failed",
                f"The command could not be started ({type(error).__name__}).",
                "Check that it is installed and may be run where the check runs.",
            ) from error


def _require_allowed(attempt: Attempt, command: str) -> None:
    allowed = attempt.tools.allow_commands
    if allowed is not None and command not in allowed:
        raise Refused(
            "command_not_allowed",
            "The operator of this machine has not allowed this command.",
            "List it in allow_commands where the check runs.",
            state=CusHealthState.UNKNOWN,
        )


def _arguments(place: Place) -> list[str]:
    try:
        return shlex.split(place.option("arguments"))
    except ValueError:
        raise Refused(
            "invalid_request", "The arguments have a quote that is not closed.", "Close it."
        ) from None


async def _read(
    process: Process,
    to_session: MemoryObjectSendStream[SessionMessage | Exception],
    wire: Wire,
    max_bytes: int,
) -> None:
    """Hand the child's messages on, one a line, until it ends or says too much."""
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    output = process.stdout
    taken = 0
    async with to_session:
        while output is not None:
            try:
                line = await output.readline()
            except ValueError:  # longer than the limit
                wire.fault = _too_large(max_bytes)
                return
            taken += len(line)
            if not line or taken > max_bytes * _MESSAGES:
                wire.fault = wire.fault or (_too_large(max_bytes) if line else _ended(process))
                return
            try:
                message = jsonrpc_message_adapter.validate_json(line, by_name=False)
            except ValueError:
                wire.fault = _no_mcp()
                return
            await to_session.send(SessionMessage(message))


async def _write(process: Process, messages: MemoryObjectReceiveStream[SessionMessage]) -> None:
    with suppress(ConnectionError):  # the child is gone: the reader tells
        async with messages:
            async for message in messages:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                if process.stdin is not None:
                    process.stdin.write(text.encode() + b"\n")
                    await process.stdin.drain()


async def _end(process: Process, *, patient: bool) -> None:
    """End the child and all that it started; the group is killed even when the child obeys."""
    if process.stdin is not None:
        process.stdin.close()
    if patient:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE_S)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        await asyncio.wait_for(kill(process), _REAP_S)


def _too_large(max_bytes: int) -> Refused:
    return Refused(
        "too_large",
        f"The command sent more than the {max_bytes // 1024:,} KiB that are read.",
        "Check that the command is an MCP server.",
    )


def _ended(process: Process) -> Refused:
    code = "" if process.returncode is None else f" (exit code {process.returncode})"
    return Refused(
        "closed",
        f"The command ended without an answer{code}.",
        "Run it by hand and look at what it says; it gets no variables but PATH, HOME and LANG.",
    )


def _no_mcp() -> Refused:
    return Refused(
        "wrong_protocol",
        "The command printed something that is not MCP.",
        "Check the command; a server must print nothing but messages, logs go to stderr.",
    )
