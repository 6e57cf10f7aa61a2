"""From a reference and what is known of it to the lines that tell it: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tui import text
from tui.credentials.rows import expiry_words
from tui.theme import reference_look
from tui.widgets.cells import Cell, Span, cell, fit, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.credentials.results import CredentialDetail, CredentialTest
    from tui.credentials.entries import Entry
    from tui.theme import Glyphs, Tone

LABEL = 12
"""Cells of what a line is about."""

WHERE: Final[Mapping[str, str]] = {
    "encrypted": "Encrypted in this workspace's database.",
    "env": "A variable in the environment of each process that asks for it.",
    "file": "A file on each machine that asks for it.",
    "keyring": "The operating system's keyring of each machine that asks for it.",
    "vault": "HashiCorp Vault or OpenBao, asked each time.",
}
STATE_SAYS: Final[Mapping[str, str]] = {
    "expired": "It expired. Replace it: whatever uses it is refused, or soon will be.",
    "expiring": "It expires soon. Replace it before that.",
    "ok": "It was there when it was last asked for.",
    "untested": "Nobody has asked for it yet.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is known of a reference; `test` is the answer of one that was just made."""

    entry: Entry
    now: datetime
    glyphs: Glyphs
    detail: CredentialDetail | None = None
    test: CredentialTest | None = None
    testing: bool = False


def told_lines(told: Told, width: int) -> tuple[Cell, ...]:
    """Return the story for a pane of this width."""
    inner = max(10, width - 2)
    lines = [*_state(told, inner), (), *_facts(told, inner), *_users(told), *_accesses(told)]
    return tuple((Span(" "), *fit(line, inner)) for line in lines)


def _state(told: Told, width: int) -> list[Cell]:
    summary, glyphs = told.entry.credential, told.glyphs
    look = reference_look(summary.state)
    head: Cell = (Span(f"{glyphs.reference(summary.state)} {look.word}", look.tone),)
    said = summary.problem or STATE_SAYS.get(summary.state, "")
    lines = [head, *wrap(said, width, "plain" if summary.problem else "muted")]
    if told.testing:
        lines += [(), (Span(f"{glyphs.gap} asking for it", "accent"),)]
    elif told.test is not None:
        tone: Tone = "healthy" if told.test.ok else "failing"
        glyph = glyphs.lamp(tone)
        took = text.latency(told.test.latency_ms)
        lines += [(), *wrap(f"{glyph} {told.test.message} {took}", width, tone)]
    return lines


def _facts(told: Told, width: int) -> list[Cell]:
    summary, now = told.entry.credential, told.now
    expires = "nobody said" if summary.expires_at is None else expiry_words(summary.expires_at, now)
    facts = [
        ("kind", cell(summary.kind)),
        ("expires", cell(expires, "muted" if summary.expires_at is None else "plain")),
        ("created", _ago(summary.created_at, now)),
        ("replaced", _ago(summary.updated_at, now)),
        ("asked for", _asked(told)),
    ]
    if summary.key_id is not None:
        facts.append(("master key", cell(summary.key_id, "muted")))
    where = WHERE.get(summary.kind, "Another distribution's: it is asked each time.")
    return [
        *wrap(summary.reference, width, "accent"),
        (),
        *(_fact(name, value) for name, value in facts),
        (),
        *wrap(where, width, "muted"),
    ]


def _fact(name: str, value: Cell) -> Cell:
    return (Span(f"{name:<{LABEL}}", "muted"), *value)


def _ago(at: datetime | None, now: datetime) -> Cell:
    if at is None:
        return cell(None)
    return (Span(text.moment(at, now)), Span(f"  {text.age(at, now)} ago", "muted"))


def _asked(told: Told) -> Cell:
    summary = told.entry.credential
    if summary.accessed_at is None:
        return (Span("never", "muted"),)
    times = text.plural(summary.accesses, "time")
    return (Span(f"{text.age(summary.accessed_at, told.now)} ago"), Span(f", {times}", "muted"))


def _users(told: Told) -> list[Cell]:
    if told.detail is None:
        return []
    users = told.detail.users
    if not users:
        return [(), (Span("used by nothing", "muted"),)]
    head: Cell = (Span("used by ", "strong"), Span(text.number(len(users)), "muted"))
    return [(), head, *(_fact(text.clean(user.kind), cell(user.name)) for user in users)]


def _accesses(told: Told) -> list[Cell]:
    if told.detail is None or not told.detail.accesses:
        return []
    head: Cell = (Span("asked for ", "strong"), Span("by day, in UTC", "muted"))
    return [
        (),
        head,
        *(
            (
                Span(f"{text.clean(one.day):<{LABEL}}", "muted"),
                Span(f"{text.number(one.count):>6}", "plain"),
                Span(f"  {text.clean(one.origin)}", "muted"),
            )
            for one in told.detail.accesses
        ),
    ]
