"""`lampboard doctor`: looks for what is wrong here; shows settings with their origin, and paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate
from tui.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.settings import Settings
    from tui.cli.finding import Finding

SECRET_SETTINGS = frozenset({"master_key", "master_key_former", "master_passphrase"})
MASK = "***"
# `user:password@` in a URL, and passwords among its parameters.
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^/]*@|(?<=password=)[^&]*|(?<=passfile=)[^&]*")
TONES = {"ok": "healthy", "warn": "degraded", "fail": "failing"}


@click.command(
    cls=BoardCommand, examples=("lampboard doctor", "lampboard doctor -o json | jq .settings")
)
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Look for what is wrong here, and change nothing. Exits with 1 when something fails."""
    session: Session = ctx.obj
    settings = session.settings
    findings = examine(settings)
    told = {
        "ok": not any(item.status == "fail" for item in findings),
        "checks": [item.to_dict() for item in findings],
        "settings": shown_settings(settings),
        "paths": paths(settings),
    }
    session.output.record(told, table=lambda: _text(session, findings, told), name="ok")
    bad = [item for item in findings if item.status != "ok"]
    narrate(f"{plural(len(findings), 'thing')} looked at, {len(bad)} to look after.")
    ctx.exit(0 if told["ok"] else 1)


def examine(settings: Settings) -> list[Finding]:
    """Return everything that the doctor finds."""
    from tui.cli.doctor_data import data
    from tui.cli.doctor_machine import machine

    return [*machine(), *data(settings)]


def shown_settings(settings: Settings) -> list[dict[str, Any]]:
    """Return each setting with its value and where it came from; secrets masked."""
    from engine.jsonable import jsonable
    from engine.settings import SETTING_NAMES

    return [
        {
            "name": name,
            "value": _shown(name, jsonable(getattr(settings, name))),
            "origin": str(settings.origin(name)),
        }
        for name in SETTING_NAMES
    ]


def _shown(name: str, value: object) -> object:
    if name in SECRET_SETTINGS:
        return MASK if value else None
    return masked(value) if name == "database" and isinstance(value, str) else value


def masked(url: str) -> str:
    """Return a database URL without its password."""
    return _PASSWORD.sub(lambda match: f"{match[1]}:{MASK}@" if match[1] is not None else MASK, url)


def paths(settings: Settings) -> dict[str, str | None]:
    """Return where everything of this user is."""
    from engine.settings import default_config_file
    from tui.cli.doctor_data import file_of
    from tui.cli.log import log_file

    database = file_of(settings)
    return {
        "config": str(settings.config_file or default_config_file()),
        "database": str(database) if database else None,
        "log": str(log_file(settings) or "stderr"),
    }


def _text(session: Session, findings: Sequence[Finding], told: dict[str, Any]) -> str:
    from tui.cli.table import facts

    lines = [_finding_text(session, item) for item in findings]
    lines += ["\nSettings\n", facts([_setting_pair(item) for item in told["settings"]])]
    lines += ["\nPaths\n", facts([(name, path or "-") for name, path in told["paths"].items()])]
    return "".join(lines)


def _finding_text(session: Session, item: Finding) -> str:
    from tui.cli.streams import colours
    from tui.cli.table import can_draw, paint
    from tui.text import clean
    from tui.theme import look

    stream = session.output.stream
    tone = TONES[item.status]
    word = f"{look(tone).glyph} {item.status}" if can_draw(stream) else item.status
    line = f"{paint(f'{word:<6}', tone, colour=colours(stream))}  {item.name:<12}  "
    remedy = f"{'':22}-> {clean(item.remedy)}\n" if item.remedy else ""
    return line + clean(item.detail) + "\n" + remedy


def _setting_pair(item: dict[str, Any]) -> tuple[str, str]:
    value = item["value"]
    word = ", ".join(value) if isinstance(value, list) else str(value if value is not None else "")
    return item["name"], f"{word or '-'}  ({item['origin']})"
