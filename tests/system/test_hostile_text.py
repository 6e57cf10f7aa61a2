"""Text that attacks a terminal: on every screen and in every table it is text and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.hostile import answer
from tests.system.attacks import alien, alien_in_table, corpus, fill
from tests.system.program import TENANT, Program
from tests.system.provider import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.system.terminal import Terminal

pytestmark = pytest.mark.processes
COLOURED = {"CLICOLOR_FORCE": "1", "COLUMNS": "200"}


@pytest.fixture
def attacks() -> list[str]:
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("LAMPBOARD_CORPORA", root.parent / "shared" / "corpora"))
    return corpus(folder if folder.is_dir() else None)


READINGS = (
    *("sources list --all", "sources stats", "connectors list --all", "connectors stats"),
    *("integrations list --all", "tenants list", "health history --limit 1000", "activity"),
    *("activity --limit 500", "health summary", "integrations list n --sort health", "doctor"),
    *("db info", "integrations export"),
)
VERBS = ("integrations health", "integrations limits", "health history", "integrations disable")


def test_no_table_steers_a_terminal(program: Program, attacks: list[str]) -> None:
    fill(program.url, attacks)
    program.extra.update(COLOURED)
    names = [f"n{i:03d} {_storable(value)}" for i, value in enumerate(attacks) if "\0" not in value]
    runs = [tuple(line.split()) for line in READINGS]
    runs += [("integrations", "show", name) for name in names[::10]]
    runs += [(kind, "show", name) for name in names[::12] for kind in ("sources", "connectors")]
    runs += [(*verb.split(), name) for name in names[:4] for verb in VERBS]
    runs += [(*line.split(), "-o", kind) for line in READINGS[:9] for kind in ("csv", "name")]
    runs += [(*line.split(), "-o", "yaml") for line in ("tenants list", "activity --limit 20")]
    for done in program.many(*runs):
        assert "Traceback" not in done.said
        assert "inside Lampboard" not in done.err, done
        assert not alien_in_table(done.out), done.argv
        assert not alien_in_table(done.err), done.argv


ADD = (
    *("integrations", "add", "--provider=custom", "--base-url=http://127.0.0.1:9/v1"),
    "--credential-ref=env://NO",
)


def test_what_a_person_types_comes_back_as_text(program: Program, attacks: list[str]) -> None:
    typed = [value for value in attacks if value and "\0" not in value and max(value) < "\ud800"]
    fill(program.url, ["x"])
    ways: tuple[Callable[[str], tuple[str, ...]], ...] = (
        lambda value: ("integrations", "show", "--", value),
        lambda value: ("integrations", "list", f"{value}:{value}"),
        lambda value: ("integrations", "list", f"--sort={value}"),
        lambda value: ("tenants", "add", "--", value),
        lambda value: ("tenants", "add", "ok", f"--name={value}"),
        lambda value: ("--tenant", value, "health", "summary"),
        lambda value: (*ADD, f"--name={value}", f"--default-model={value}"),
        lambda value: (f"--config={value}", "doctor"),
    )
    runs = [ways[place % len(ways)](value) for place, value in enumerate(typed[::2])]
    for done in program.many(*runs):
        assert done.code in {0, 1, 2}, done
        assert "Traceback" not in done.said
        assert "inside Lampboard" not in done.err, done
        assert not alien_in_table(done.said), done.argv


def test_what_providers_say_is_text(program: Program, attacks: list[str]) -> None:
    """Over the real network: error bodies, models, redirects, types and reasons that attack."""
    shapes = {
        "error": lambda text: answer({"error": {"message": text}}, status="500 Broken"),
        "code": lambda text: answer({"error": {"code": text, "type": text}}, status="400 Bad"),
        "plain": lambda text: answer(_bytes(text), kind="text/plain", status="403 No"),
        "models": lambda text: answer({"data": [{"id": text}, {text: text}]}),
        "object": lambda text: answer({text: text, "detail": text}),
        "type": lambda text: answer(b"x", kind=_header(text)),
        "place": lambda text: answer({}, status="302 F", headers=(f"Location: {_header(text)}",)),
        "reason": lambda text: answer({}, status=f"500 {_header(text)}"),
    }

    def attack(word: str, _head: bytes) -> bytes:
        shape, _, index = word.partition("-")
        return shapes[shape](attacks[int(index)])

    with serving(attack) as provider:
        _register(
            program, [f"{s}-{i}" for i in range(0, len(attacks), 4) for s in shapes], provider.url
        )
        checked = program.run("health", "check", "--force", env=COLOURED)
        once = program.run("monitor", "--once")
    assert "Traceback" not in checked.err
    assert once.code == 0, once.err
    assert len(checked.out.splitlines()) > len(attacks)
    for done in (checked, program.run("health", "history", "--limit", "1000", env=COLOURED)):
        assert not alien_in_table(done.said)
    told = program.run("integrations", "list", "--all", "-o", "json").json["items"]
    assert {item["health_state"] for item in told} == {"healthy", "degraded", "failing"}


def _register(program: Program, words: list[str], url: str) -> None:
    from datetime import UTC, datetime

    from storage.database import Database
    from storage.integrations import IntegrationRow, IntegrationsDriver
    from storage.tenants import TenantsDriver

    database, now = Database.open(program.url, make_folder=True), datetime.now(UTC)
    rows = [
        IntegrationRow(
            id=word, tenant_id=TENANT, name=word, provider_type="custom", status="enabled",
            base_url=f"{url}/{word}/v1", created_at=now,
        )
        for word in words
    ]  # fmt: skip
    with database.write() as connection:
        TenantsDriver(connection).ensure(TENANT, TENANT, now)
        IntegrationsDriver(connection).insert_many(rows, active=True, interval_s=60, due_at=now)
    database.close()


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _header(text: str) -> str:
    # What HTTP lets through: everything of Latin-1 but line ends and zero.
    return "".join(one for one in text if one not in "\r\n\0" and ord(one) < 256)[:4000] or "x"


def test_no_screen_steers_a_terminal(program: Program, attacks: list[str]) -> None:
    fill(program.url, attacks)
    with program.dashboard(env={"LAMPBOARD_MONITOR": "off"}) as board:
        board.shows("n000")
        for keys, word in WALK:
            board.press(*keys)
            board.shows(word)
            if "/" in keys:
                continue
            done(board)
            click_everywhere(board)
            done(board)
        board.press("q")
        assert board.ends() == 0
        raw = bytes(board.raw)
    assert not alien(raw)
    text = raw.decode()
    # Shorter ones are parts of the dashboard's own sequences.
    steering = [one for one in attacks if len(one) > 8 and one.strip() and not one.isprintable()]
    assert not [one for one in steering if one in text]


# The escape key as modern terminals send it: unlike the lone byte, it can be nothing else.
RIGHT, ESCAPE = "\x1b[C", "\x1b[27u"
# Keys, and a word that is on the screen when the last of them has done its work.
WALK = (
    (("1", *[RIGHT] * 60), "Needs you"),
    (("2", *["j"] * 45), "NAME"),
    (("\r",), "where"),
    (("3", *["j"] * 45), "NAME"),
    (("\r",), "where"),
    (("4", *["j"] * 45), "NAME"),
    (("G", *["k"] * 30), "NAME"),
    (("\r",), "base URL"),
    # One that a form does not change by itself, which would have to be asked about.
    (("/", "n216", "\r"), "Integrations 1  /n216"),
    (("e",), "esc leaves"),
    (("/", "n216", "\r"), "Integrations 1  /n216"),
    (("c",), "esc leaves"),
    (("d",), "esc cancels"),
    (("5", *["j"] * 60), "Health"),
    (("\r", *["j"] * 10), "Health"),
    (("9", *["j"] * 50), "newest first"),
    (("\r",), "newest first"),
    (("G",), "newest first"),
    (("\x14",), "Tenant…"),
    (("\x10",), "Search for commands…"),
    (("2",), "NAME"),
)


OVER = ("esc leaves", "esc cancels", "Tenant…", "Search for commands…")
"""Words of what lies over the board until escape is pressed."""


def done(board: Terminal) -> None:
    """Wait until all keys before were handled: the help screen comes after them, and goes."""
    if any(word in board.text for word in OVER):
        board.press(ESCAPE)
        board.hides(*OVER)
    board.press(ESCAPE, ESCAPE, "?")
    board.shows("esc closes")
    board.press(ESCAPE)
    board.hides("esc closes")


def click_everywhere(board: Terminal) -> None:
    """Click all over the board, between its head and its foot."""
    for line in range(4, 39, 5):
        for column in (12, 90):
            board.press(f"\x1b[<0;{column};{line}M", f"\x1b[<0;{column};{line}m")


def test_the_search_finds_what_it_is_for() -> None:
    assert not alien(b"\x1b[1;38;2;1;2;3;48;2;4;5;6mtext\x1b[0m\r\n\x1b[2;1H\x1b[?25l")
    for bad in (
        b"\x1b[31m",
        b"\x1b]0;t\x07",
        b"\x07",
        "\x9b1m".encode(),
        b"\x1b[2J",
        "\u202e".encode(),
    ):
        assert alien(b"x" + bad)
    assert alien_in_table("a\tb")
    assert alien_in_table("a\x1b[2Kb")
