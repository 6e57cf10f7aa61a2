"""Every scene against its picture. A changed picture is looked at before it is taken over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.scenes import SCENES, Scene, attacked
from tests.worlds import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_picture(
    scene: Scene,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    snap_compare: Callable[..., bool],
    request: pytest.FixtureRequest,
) -> None:
    for name, value in {"PICTURE_KEY": "planted", **scene.environment}.items():
        monkeypatch.setenv(name, value)
    # A relative path, so that no picture shows the folder of one machine.
    monkeypatch.chdir(tmp_path)
    world = World(tmp_path)
    corpora = request.getfixturevalue("corpora") if scene.fill is attacked else tmp_path
    scene.fill(world, corpora)
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
