"""Tokens come by a file of one's own or the environment, and are kept to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from tui.serve import tokens

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "0123456789abcdef"


def file(folder: Path, text: str, mode: int = 0o600) -> str:
    path = folder / "token"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_file_goes_before_the_environment(tmp_path: Path) -> None:
    variables = {tokens.VARIABLE: "another-token-than-that"}
    assert tokens.told(file(tmp_path, f"{TOKEN}\n"), variables) == TOKEN
    assert tokens.told(None, variables) == variables[tokens.VARIABLE]
    assert tokens.told(None, {}) is None


@pytest.mark.parametrize(
    "text", ["", "short", "two words are not one", "0123456789abcdéf", "x" * 5000]
)
def test_what_is_no_token_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        tokens.told(file(tmp_path, text), {})
    assert not text or text not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o620])
def test_a_file_that_others_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = file(tmp_path, TOKEN, mode)
    with pytest.raises(InvalidInput, match="other users"):
        tokens.told(path, {})


def test_what_systemd_hands_over_has_its_own_mode(tmp_path: Path) -> None:
    path = file(tmp_path, TOKEN, 0o440)
    assert tokens.told(path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == TOKEN
    with pytest.raises(InvalidInput):
        tokens.told(path, {"CREDENTIALS_DIRECTORY": str(tmp_path / "another")})


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        tokens.told(str(tmp_path / "none"), {})


def test_the_cookie_is_not_the_token() -> None:
    assert TOKEN not in tokens.cookie_of(TOKEN)
    assert tokens.cookie_of(TOKEN) != tokens.cookie_of(TOKEN + "0")


@pytest.mark.parametrize("given", ["", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "é" * 16, "\udc80"])
def test_only_the_same_is_the_same(given: str) -> None:
    assert not tokens.same(given, TOKEN)
    assert tokens.same(TOKEN, TOKEN)
