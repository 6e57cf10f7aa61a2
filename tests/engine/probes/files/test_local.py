"""The probe of a folder of this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.engine.probes.conftest import Probing


async def test_folder_is_read(probe: Probing, tmp_path: Path) -> None:
    (tmp_path / "one").touch()
    result = await probe(technology="local", database=f"file://{tmp_path}")
    assert result.state is CusHealthState.HEALTHY
    assert [stage.name for stage in result.stages] == ["open", "list"]
    assert result.details["empty"] is False


async def test_missing_folder_is_not_found(probe: Probing, tmp_path: Path) -> None:
    result = await probe(technology="local", database=str(tmp_path / "gone"))
    assert (result.error, result.stage) == ("not_found", "open")


async def test_relative_path_is_told_before_anything_is_tried(probe: Probing) -> None:
    result = await probe(technology="local", database="somewhere")
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "invalid_request")


async def test_closed_folder_is_denied(
    probe: Probing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    result = await probe(technology="local", database=str(tmp_path))
    assert (result.error, result.stage) == ("access_denied", "open")
    assert "may not be read" in result.message


async def test_writing_is_judged_only_where_it_is_wanted(
    probe: Probing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    place = {"technology": "local", "database": str(tmp_path)}
    assert (await probe(**place)).ok
    result = await probe(**place, options={"access": "write"})
    assert result.error == "access_denied"
    assert "may not be written" in result.message


async def test_what_could_hold_a_reader_for_ever_is_refused(probe: Probing, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = await probe(technology="local", database=str(tmp_path / "pipe"))
    assert (result.error, result.stage) == ("wrong_protocol", "open")
