"""The README says what is so: commands, keys, links, pictures, folders."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click
import pytest

from tests.markdown import ROOT, commands, links, marked, require_command
from tests.scenes import SCENES
from tui.keys import GLOBAL, NAMES
from tui.modes import MODES

if TYPE_CHECKING:
    from collections.abc import Iterable

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = list(commands(README))


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("mark", "wanted"),
    [
        ("demo-command", ("constraints.txt", "lampboard demo")),
        ("test-command", ("[dev]", "pytest")),
    ],
)
def test_each_start_is_one_line_enough_by_itself(mark: str, wanted: tuple[str, ...]) -> None:
    block = marked(README, mark)
    assert f"<!-- {mark} -->\n```sh\n" in README
    assert block.text.count("\n") == 1
    assert block.text.startswith("python3 -m venv .venv && .venv/bin/pip install")
    assert all(word in block.text for word in wanted)


def test_it_shows_commands_at_all() -> None:
    assert len(COMMANDS) >= 10
    assert ["demo"] in COMMANDS


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_parse(words: list[str]) -> None:
    require_command(words)


@pytest.mark.parametrize(
    "words",
    [["integrations", "remove"], ["health", "check", "--al"], ["doctor", "-o", "xml"], ["nope"]],
    ids=" ".join,
)
def test_wrong_commands_would_be_noticed(words: list[str]) -> None:
    with pytest.raises(click.ClickException):
        require_command(words)


def test_pictures_are_scenes() -> None:
    shown = {link for link in links(README) if link.endswith(".svg")}
    assert len(shown) >= 2
    assert shown <= {f"screenshots/{scene.name}.svg" for scene in SCENES}


def test_the_map_is_of_this_code() -> None:
    rows = [
        line.split("|")[1:3] for line in section("Map of the code").splitlines()[3:] if "|" in line
    ]
    for folders, holds in rows:
        parent = re.search(r"`(\w+)/", folders)
        assert parent is not None, folders
        for folder in re.findall(r"`([\w/]+)`", folders):
            assert (ROOT / folder).is_dir() or (ROOT / parent[1] / folder).is_dir(), folder
        for name in re.findall(r"`(\w+\.(?:py|tcss))`", holds):
            assert list((ROOT / parent[1]).rglob(name)), name
    named = section("Map of the code")
    for layer in ("tui", "engine", "storage"):
        for package in (ROOT / layer).iterdir():
            if (package / "__init__.py").is_file() and layer != "storage":
                assert re.search(rf"`(?:{layer}/)?{package.name}`", named), package


def test_keys_are_bound() -> None:
    bound = {NAMES.get(key, key) for key in _bound()}
    shown = [
        key
        for line in section("Keys").splitlines()
        if line.startswith("| `")
        for key in re.findall(r"`([^`]+)`", line.split("|")[1])
    ]
    assert len(shown) > 25
    assert [key for key in shown if key not in bound] == []


def _bound() -> Iterable[str]:
    from tui.widgets.lamp_wall import LampWall
    from tui.widgets.window_table import WindowTable

    screens = []
    for mode in MODES:
        module, _, name = mode.screen.partition(":")
        __import__(module)
        screens.append(getattr(sys.modules[module], name))
    lists = [GLOBAL]
    for owner in (*screens, WindowTable, LampWall):
        lists += [base.__dict__.get("BINDINGS", []) for base in owner.__mro__]
    for binding in (binding for bindings in lists for binding in bindings):
        keys = binding[0] if isinstance(binding, tuple) else binding.key
        yield from keys.split(",")


def test_it_names_no_machine_and_stays_short() -> None:
    assert README.count("\n") < 250
    assert not re.search(r"/(?:home|Users|root|work)/", README)
