"""How the pictures of prevention and credentials come about: ledgers proved, broken, graduated."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.prevention import PreventionCandidate, PreventionContractViolation
from tests.staging import Scene, five_states, full, settle, typed
from tests.world_accounts import ACCOUNTS
from tests.world_connectors import CONNECTORS
from tests.world_sources import SOURCES
from tests.worlds import TENANT, World

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from engine.workspace import Workspace

POLICIES = ("no-pii-in-prompts", "no-sql-in-chat", "runaway-agents")
PATTERNS = ("iban-in-text", "passport-number", "drop-table", "loop-of-tools", "api-key-in-text")
RECORDS = 64
ALTERED = 41
EXPIRES = {"Claude, batch": 4, "env://PICTURE_KEY": 11, "Gemini, search": 90, "Bedrock": 400}
"""Days until these secrets expire."""
ELSEWHERE = (
    ("env://SPARE_OPENAI_KEY", "Spare OpenAI key"),
    ("vault://secret/anthropic#key", "Anthropic, batch"),
    ("file:///run/secrets/warehouse", ""),
    ("keyring://warehouse/dana", "Dana's own"),
)


def recorded(world: World, _corpora: Path) -> None:
    """A ledger that was proved a while ago, and has grown since."""
    asyncio.run(_record(world))
    world.fill([(TENANT, ACCOUNTS)])


def tampered(world: World, corpora: Path) -> None:
    """A ledger in whose file somebody has changed a record."""
    recorded(world, corpora)
    with sqlite3.connect(world.folder / "board.db") as connection:
        kept = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in kept:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(
            "UPDATE prevention_records SET body = replace(body, 'false', 'true') WHERE seq = ?",
            (ALTERED,),
        )
        for _, sql in kept:
            connection.execute(sql)
    connection.close()
    asyncio.run(_prove(world))


async def _record(world: World) -> None:
    workspace = world.open()
    chance = random.Random("prevented")  # noqa: S311 - pictures, not secrets
    try:
        await workspace.tenants.ensure(TENANT)
        for place, policy in enumerate(POLICIES[:2]):
            at = world.clock.now() + timedelta(hours=20 * place)
            await workspace.prevention.set_policy(
                TENANT, policy, mode="active", activated_at=at, needed=(12, 40)[place]
            )
        for number in range(RECORDS):
            world.clock.advance(timedelta(minutes=62).total_seconds())
            await workspace.prevention.record(TENANT, _candidate(number, chance))
            if number == RECORDS - 3:
                await workspace.prevention.verify(TENANT)
    finally:
        await workspace.aclose()


def _candidate(number: int, chance: random.Random) -> PreventionCandidate:
    return PreventionCandidate(
        policy_id=chance.choice(POLICIES),
        pattern_id=chance.choice(PATTERNS),
        tenant_id=TENANT,
        blocked_incident_id=f"inc-{2000 + number}",
        original_incident_id=f"inc-{1700 + number % 9}",
        signature_match_confidence=round(chance.uniform(0.62, 0.99), 2),
        policy_mode="active",
        pattern_signature=f"{chance.getrandbits(64):016x}",
        request_signature=f"{chance.getrandbits(64):016x}",
        incident_created=False,
        is_simulated=number % 6 == 2,
    )


async def _prove(world: World) -> None:
    workspace = world.open()
    try:
        await workspace.prevention.verify(TENANT)
    finally:
        await workspace.aclose()


def dated(world: World, _corpora: Path) -> None:
    """Secrets of things, some of which expire soon, and references to some that are elsewhere."""
    world.fill([(TENANT, (*SOURCES, *CONNECTORS, *ACCOUNTS))])
    asyncio.run(_date(world))


async def _date(world: World) -> None:
    workspace = world.open()
    try:
        await _expire(workspace, world)
        for reference, label in ELSEWHERE:
            await workspace.credentials.register(TENANT, reference, label)
        await workspace.credentials.test(TENANT, ELSEWHERE[0][0])
    finally:
        await workspace.aclose()


def alarmed(world: World, corpora: Path) -> None:
    """A tampered ledger and secrets that expire, among lamps."""
    tampered(world, corpora)
    asyncio.run(_date(world))


async def _expire(workspace: Workspace, world: World) -> None:
    for name, days in EXPIRES.items():
        until = world.clock.now() + timedelta(days=days)
        if name.startswith("env:"):
            await workspace.credentials.register(TENANT, name, "The key of most accounts", until)
            made = name
        else:
            made = await workspace.credentials.store(TENANT, "planted-secret", name, until)
        await workspace.credentials.test(TENANT, made)
    # The clock went on while the pictures' world was made: this one has passed.
    gone = world.clock.now() - timedelta(hours=30)
    made = await workspace.credentials.store(TENANT, "planted-secret-of-a-picture", "Old Azure key")
    await workspace.credentials.set_expiry(TENANT, made, gone)


def poisoned(world: World, corpora: Path) -> None:
    """A ledger whose policies, patterns and incidents attack the terminal."""
    asyncio.run(_poison(world, _attacks(corpora)))
    world.fill([(TENANT, ())])


async def _poison(world: World, values: list[str]) -> None:
    workspace = world.open()
    try:
        await workspace.tenants.ensure(TENANT)
        for number, value in enumerate(values):
            world.clock.advance(61)
            candidate = PreventionCandidate(
                policy_id=value,
                pattern_id=value[::-1],
                tenant_id=TENANT,
                blocked_incident_id=value,
                original_incident_id=value * 3,
                signature_match_confidence=0.9,
                policy_mode="active",
                pattern_signature=value,
                request_signature={"[red]said[/]": value},
                incident_created=False,
                is_simulated=number % 5 == 1,
            )
            with suppress(InvalidInput, PreventionContractViolation):
                await workspace.prevention.record(TENANT, candidate)
        await workspace.prevention.verify(TENANT)
    finally:
        await workspace.aclose()


def mislabelled(world: World, corpora: Path) -> None:
    """References whose names, problems and users attack the terminal."""
    values = _attacks(corpora)
    world.fill([(TENANT, SOURCES)])
    asyncio.run(_list(world, len(values)))
    # No door lets such a label in: it is written into the file, as a restored copy may have it.
    with sqlite3.connect(world.folder / "board.db") as connection:
        connection.executemany(
            "UPDATE credential_references SET label = ?, sort_name = ?, problem = ?,"
            " tested_at = created_at WHERE reference = ?",
            [(one, one, one, f"env://SPARE_{place}") for place, one in enumerate(values)],
        )
    connection.close()


async def _list(world: World, many: int) -> None:
    workspace = world.open()
    try:
        for place in range(many):
            await workspace.credentials.register(TENANT, f"env://SPARE_{place}")
    finally:
        await workspace.aclose()


def _attacks(corpora: Path) -> list[str]:
    lines = (corpora / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines()
    values = [json.loads(line)["value"].encode("utf-8", "replace").decode() for line in lines]
    return sorted({value for value in values if value.strip()})


SUBVERTED = (poisoned, mislabelled)
"""What fills a world with the corpora of hostile text."""


async def _verify(_world: World, pilot: Pilot[None]) -> None:
    await pilot.press("v")
    await settle(pilot)


_PREVENTION = Scene(
    name="prevention", place="Prevention", title="Prevention", keys=("8",), fill=recorded
)
_POLICIES = ("8", "b", "down", "enter", "down")
_CREDENTIALS = Scene(
    name="credentials", place="Credentials", title="Credentials", keys=("0",), fill=dated
)

GOVERNED_SCENES: tuple[Scene, ...] = (
    *(
        replace(scene, fill=recorded) if scene.fill is full else scene
        for scene in five_states("prevention", "8")
    ),
    replace(_PREVENTION, name="prevention-story", title="One record", keys=("8", "enter")),
    replace(
        _PREVENTION,
        name="prevention-policies",
        title="Policies on their way to graduation",
        keys=_POLICIES,
    ),
    replace(
        _PREVENTION,
        name="prevention-filter",
        title="Filtered",
        keys=("8", "slash", *typed("policy:no-pii !kind:simulated"), "enter"),
    ),
    replace(
        _PREVENTION,
        name="prevention-broken",
        title="A record was altered",
        fill=tampered,
        after=_verify,
    ),
    replace(
        _PREVENTION,
        name="prevention-altered",
        title="The record that was altered",
        fill=tampered,
        keys=("8", "slash", *typed(f"number:{ALTERED}"), "enter", "enter"),
    ),
    replace(_PREVENTION, name="prevention-edit", title="A policy edited", keys=(*_POLICIES, "e")),
    replace(_PREVENTION, name="prevention-new", title="A new policy", keys=("8", "n")),
    replace(
        _PREVENTION,
        name="prevention-read-only",
        title="Read-only",
        keys=_POLICIES,
        settings={"read_only": True},
    ),
    replace(
        _PREVENTION,
        name="prevention-hostile",
        title="Records that attack the terminal",
        fill=poisoned,
        keys=("8", "down", "down", "down"),
    ),
    replace(
        _PREVENTION,
        name="prevention-hostile-policies",
        title="Policies that attack the terminal",
        fill=poisoned,
        keys=_POLICIES,
    ),
    replace(
        _PREVENTION,
        name="overview-warned",
        place="Overview",
        title="A broken ledger, and secrets that expire",
        fill=alarmed,
        keys=("1",),
    ),
    replace(_PREVENTION, name="prevention-ascii", title="ASCII glyphs", settings={"ascii": True}),
    replace(
        _PREVENTION, name="prevention-no-color", title="NO_COLOR", environment={"NO_COLOR": "1"}
    ),
    *(
        replace(scene, fill=dated) if scene.fill is full else scene
        for scene in five_states("credentials", "0")
    ),
    replace(
        _CREDENTIALS, name="credentials-story", title="One reference", keys=("0", "G", "enter")
    ),
    replace(
        _CREDENTIALS,
        name="credentials-filter",
        title="Filtered",
        keys=("0", "slash", *typed("kind:vault"), "enter"),
    ),
    replace(_CREDENTIALS, name="credentials-new", title="A new one", keys=("0", "n")),
    replace(_CREDENTIALS, name="credentials-edit", title="Edited", keys=("0", "down", "down", "e")),
    replace(_CREDENTIALS, name="credentials-delete", title="Asked first", keys=("0", "d")),
    replace(
        _CREDENTIALS, name="credentials-read-only", title="Read-only", settings={"read_only": True}
    ),
    replace(
        _CREDENTIALS,
        name="credentials-hostile",
        title="Names that attack the terminal",
        fill=mislabelled,
        keys=("0", "down", "down", "down"),
    ),
    replace(_CREDENTIALS, name="credentials-ascii", title="ASCII glyphs", settings={"ascii": True}),
    replace(
        _CREDENTIALS, name="credentials-no-color", title="NO_COLOR", environment={"NO_COLOR": "1"}
    ),
)
