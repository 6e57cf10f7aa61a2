from __future__ import annotations

import pytest

from engine.errors import LifecycleRefused
from engine.integrations import lifecycle
from engine.integrations.model import IntegrationStatus as Status


@pytest.mark.parametrize("status", ["created", "disabled"])
def test_what_is_new_or_disabled_can_be_enabled(status: str) -> None:
    step = lifecycle.enable("gpt", status, last_state="failing")
    assert (step.status, step.changed) == (Status.ENABLED, True)


def test_what_is_enabled_can_be_disabled() -> None:
    step = lifecycle.disable("gpt", "enabled")
    assert (step.status, step.changed) == (Status.DISABLED, True)


def test_repeating_a_step_changes_nothing() -> None:
    assert not lifecycle.enable("gpt", "enabled", last_state="unknown").changed
    assert not lifecycle.disable("gpt", "disabled").changed


@pytest.mark.parametrize("state", ["failing", "unknown"])
def test_error_is_left_only_after_a_passing_check(state: str) -> None:
    with pytest.raises(LifecycleRefused, match="did not pass"):
        lifecycle.enable("gpt", "error", last_state=state)
    assert lifecycle.enable("gpt", "error", last_state="degraded").status is Status.ENABLED


def test_error_is_left_by_editing_the_credential() -> None:
    assert lifecycle.after_credential_edit("error") is Status.DISABLED
    assert lifecycle.after_credential_edit("enabled") is Status.ENABLED


@pytest.mark.parametrize("status", ["created", "error"])
def test_only_what_is_enabled_can_be_disabled(status: str) -> None:
    with pytest.raises(LifecycleRefused) as caught:
        lifecycle.disable("gpt", status)
    assert caught.value.field == "status"


def test_only_what_is_disabled_is_left_alone_by_the_monitor() -> None:
    assert [status for status in Status if not lifecycle.is_monitored(status)] == [Status.DISABLED]
