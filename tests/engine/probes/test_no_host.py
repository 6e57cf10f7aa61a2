"""A place without a host is no place: nobody's machine is guessed, least of all this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.registry import technologies
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from tests.engine.probes.conftest import Probing

HOSTED = sorted(
    one.name
    for one in technologies()
    if one.probe.startswith("engine.")
    and any(spec.name == "host" and spec.required for spec in one.fields)
)


@pytest.mark.parametrize("technology", HOSTED)
async def test_no_host_is_guessed(probe: Probing, technology: str) -> None:
    result = await probe(technology=technology, username="app", password="some-password")
    assert (result.state, result.stages) == (CusHealthState.UNKNOWN, ())
    assert result.error in {"invalid_host", "invalid_url"}
