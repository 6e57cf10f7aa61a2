"""Every scene against its picture. A changed picture is looked at before it is taken over."""

from __future__ import annotations

import shutil
from contextlib import chdir
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.resting import make_patient
from tests.scenes import SCENES
from tests.staging import ATTACKS, Scene
from tests.staging_gateway import undermined
from tests.staging_governed import SUBVERTED
from tests.worlds import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from tests.staging import Filler


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Filler, Path, Path], World]:
    """Gives a world in a folder, filled: each is filled once a process, and copied from then on."""
    known: dict[Filler, World] = {}

    def give(fill: Filler, corpora: Path, folder: Path) -> World:
        if fill not in known:
            first = World(tmp_path_factory.mktemp("world"))
            with chdir(first.folder):
                fill(first, corpora)
            known[fill] = first
        shutil.copytree(known[fill].folder, folder, dirs_exist_ok=True)
        world = World(folder)
        world.clock, world.ids = deepcopy((known[fill].clock, known[fill].ids))
        return world

    return give


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_picture(
    *,
    scene: Scene,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    snap_compare: Callable[..., bool],
    request: pytest.FixtureRequest,
    filled: Callable[[Filler, Path, Path], World],
) -> None:
    make_patient(monkeypatch)
    for name, value in {"PICTURE_KEY": "planted", **scene.environment}.items():
        monkeypatch.setenv(name, value)
    # A relative path, so that no picture shows the folder of one machine.
    monkeypatch.chdir(tmp_path)
    hostile = scene.fill in {*ATTACKS, undermined, *SUBVERTED}
    corpora = request.getfixturevalue("corpora") if hostile else tmp_path
    world = filled(scene.fill, corpora, tmp_path)
    app = scene.app(replace(world.settings, **scene.settings), world.open, world.clock)

    failures: list[Exception] = []

    async def play(pilot: Pilot[None]) -> None:
        # What breaks here would otherwise leave the dashboard running for ever.
        try:
            await scene.play(world, pilot)
            # One that ended would leave an empty frame, which must never become a picture.
            assert app.is_running
            assert app.return_code is None
        except Exception as error:  # noqa: BLE001 - told below, after the dashboard has ended
            failures.append(error)
            app.exit()

    shown = snap_compare(app, run_before=play, terminal_size=scene.size)
    if failures:
        raise failures[0]
    assert shown


def test_names_are_unique() -> None:
    names = [scene.name for scene in SCENES]
    assert len(set(names)) == len(names)
