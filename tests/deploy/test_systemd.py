"""The units are what systemd understands, confined, and run commands that exist."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.markdown import ROOT, require_command
from tests.servers.programs import system_program

FOLDER = ROOT / "deploy" / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
MOST_EXPOSED = 15
"""What `systemd-analyze security` may find at most, in tenths of 10: it calls below 20 `OK`."""


def installed(unit: Path, folder: Path) -> Path:
    """The unit as it is where the program is installed, which is here."""
    place = folder / unit.name
    here = Path(sys.executable).with_name("lampboard")
    place.write_text(unit.read_text().replace("/opt/lampboard/bin/lampboard", str(here)))
    return place


def analyze(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    program = system_program("systemd-analyze", "systemd")
    return subprocess.run([program, *argv], capture_output=True, text=True, check=False, timeout=60)


def test_there_are_two() -> None:
    assert [unit.stem for unit in UNITS] == ["lampboard-monitor", "lampboard-serve"]


@pytest.mark.services
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    done = analyze("verify", "--man=no", installed(unit, tmp_path))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.services
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_service_is_confined(unit: Path, tmp_path: Path) -> None:
    place = installed(unit, tmp_path)
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", place)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_it_runs_is_a_command(unit: Path) -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    program, *words = shlex.split(line)
    assert program == "/opt/lampboard/bin/lampboard"
    require_command(words)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_no_secret_stands_in_a_unit(unit: Path) -> None:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.read_string(unit.read_text())
    assert parser["Service"]["User"] == "lampboard"
    variables = re.findall(r"^Environment=(.*)$", unit.read_text(), re.MULTILINE)
    names = {word.partition("=")[0] for line in variables for word in line.split()}
    assert not names & {"LAMPBOARD_DATABASE", "LAMPBOARD_MASTER_KEY", "LAMPBOARD_SERVE_TOKEN"}
